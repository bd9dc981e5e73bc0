//! Starting a shell: arguments, environment, start-up files.

use machine::process::Disposition;
use machine::{Errno, ExitCode, Fd, Signal, Sys};

use crate::Flavour;
use crate::report::SourceName;
use crate::shell::{Shell, Unwind};
use crate::syntax::Parser;

/// The block in which dash and ash read a script from standard input.
const READ_AHEAD: usize = 8192;

/// The program `bash`.
pub async fn bash(sys: Sys) -> ExitCode {
    start(sys, Flavour::Bash).await
}

/// The program `dash`.
pub async fn dash(sys: Sys) -> ExitCode {
    start(sys, Flavour::Dash).await
}

/// The program `ash` of busybox.
pub async fn ash(sys: Sys) -> ExitCode {
    start(sys, Flavour::Ash).await
}

/// What the arguments ask for.
#[derive(Default)]
struct Request {
    command: bool,
    stdin: bool,
    interactive: bool,
    login: bool,
    no_profile: bool,
    no_rc: bool,
    rc_file: Option<String>,
    operands: Vec<String>,
}

async fn start(sys: Sys, flavour: Flavour) -> ExitCode {
    let args = sys.args();
    let arg0 = args.first().cloned().unwrap_or_else(|| "sh".into());
    let environment = sys.env();
    let mut shell = Shell::new(sys, flavour, arg0.clone());
    shell.import_environment(&environment);
    shell.vars.put("_", arg0.clone());
    shell.vars.raw_entry("_").exported = false;
    let request = match read_arguments(&mut shell, args.get(1..).unwrap_or(&[])).await {
        Ok(request) => request,
        Err(status) => return ExitCode::from(status),
    };
    shell.login = request.login || arg0.starts_with('-');
    let status = Box::pin(shell.live(request)).await;
    ExitCode::from(status)
}

async fn read_arguments(shell: &mut Shell, args: &[String]) -> Result<Request, i32> {
    let mut request = Request::default();
    let mut rest = args;
    while let Some((first, tail)) = rest.split_first() {
        let on = match first.as_bytes().first() {
            Some(b'-') if first.len() > 1 => true,
            Some(b'+') if first.len() > 1 => false,
            _ => break,
        };
        rest = tail;
        if first == "--" {
            break;
        }
        if let Some(long) = first.strip_prefix("--").filter(|_| shell.is_bash()) {
            match long {
                "login" => request.login = true,
                "noprofile" => request.no_profile = true,
                "norc" => request.no_rc = true,
                "posix" => drop(shell.settings.set("posix", true)),
                "noediting" | "restricted" | "verbose" | "debugger" => {}
                "rcfile" | "init-file" => {
                    request.rc_file = rest.first().cloned();
                    rest = rest.get(1..).unwrap_or(&[]);
                }
                "version" => {
                    let text = "GNU bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)\nCopyright (C) 2022 Free Software Foundation, Inc.\nLicense GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>\n\nThis is free software; you are free to change and redistribute it.\nThere is NO WARRANTY, to the extent permitted by law.\n";
                    let _ = shell.print(text).await;
                    return Err(0);
                }
                "help" => {
                    let text = "GNU bash, version 5.2.15(1)-release-(x86_64-pc-linux-gnu)\nUsage:\tbash [GNU long option] [option] ...\n\tbash [GNU long option] [option] script-file ...\n";
                    let _ = shell.print(text).await;
                    return Err(0);
                }
                _ => return Err(bad_argument(shell, first).await),
            }
            continue;
        }
        for letter in first.get(1..).unwrap_or("").chars() {
            match letter {
                'c' => request.command = true,
                's' => request.stdin = true,
                'i' => request.interactive = true,
                'l' => request.login = true,
                'o' | 'O' => {
                    let name = rest.first().cloned().unwrap_or_default();
                    rest = rest.get(1..).unwrap_or(&[]);
                    let known =
                        if letter == 'o' { shell.set_option(&name, on) } else { shell.settings.set_shopt(&name, on) };
                    if !known {
                        let what = if letter == 'o' { "invalid option name" } else { "invalid shell option name" };
                        let text = format!("{}: {name}: {what}\n", shell.arg0);
                        shell.error_text(&text).await;
                        return Err(2);
                    }
                }
                letter => match crate::options::Settings::by_letter(letter) {
                    Some(option) => drop(shell.set_option(option, on)),
                    None => return Err(bad_argument(shell, first).await),
                },
            }
        }
    }
    request.operands = rest.to_vec();
    Ok(request)
}

async fn bad_argument(shell: &mut Shell, argument: &str) -> i32 {
    let text = match shell.flavour {
        Flavour::Bash => format!(
            "{0}: {argument}: invalid option\nUsage:\t{0} [GNU long option] [option] ...\n\t{0} [GNU long option] [option] script-file ...\n",
            shell.arg0
        ),
        Flavour::Dash => format!("{}: 0: Illegal option {argument}\n", shell.arg0),
        Flavour::Ash => format!("{}: unrecognized option '{argument}'\n", shell.arg0),
    };
    shell.error_text(&text).await;
    2
}

impl Shell {
    /// Variables from the environment, and those that every shell sets.
    pub fn import_environment(&mut self, environment: &[String]) {
        for entry in environment {
            if let Some((name, value)) = entry.split_once('=')
                && crate::syntax::is_name(name)
            {
                self.vars.put(name, value);
                self.vars.raw_entry(name).exported = true;
            }
        }
        self.enter_working_directory();
        if self.is_bash() {
            self.bash_variables();
        } else {
            let root = self.sys.credentials().euid == 0;
            self.default_variable(
                "PS1",
                match self.flavour {
                    Flavour::Ash => "\\w \\$ ",
                    _ if root => "# ",
                    _ => "$ ",
                },
            );
            if self.flavour == Flavour::Ash {
                self.count_level();
            }
            self.vars.put("PS2", "> ");
            self.vars.put("PS4", "+ ");
            self.vars.put("OPTIND", "1");
        }
        self.vars.put("IFS", " \t\n");
        self.vars.raw_entry("IFS").exported = false;
        self.vars.put("PPID", self.sys.getppid().to_string());
        self.note_ignored_signals();
    }

    fn default_variable(&mut self, name: &str, value: &str) {
        if self.vars.raw(name).is_none() {
            self.vars.put(name, value);
        }
    }

    /// `PWD` is believed where it names the directory we are in.
    fn enter_working_directory(&mut self) {
        let real = self.sys.getcwd().unwrap_or_else(|_| "/".into());
        let inherited = self.vars.text("PWD").filter(|pwd| pwd.starts_with('/')).map(str::to_string);
        let same = |pwd: &String| match (self.sys.stat(pwd), self.sys.stat(".")) {
            (Ok(a), Ok(b)) => (a.dev, a.ino) == (b.dev, b.ino),
            _ => false,
        };
        self.cwd = inherited.filter(same).unwrap_or(real);
        let cwd = self.cwd.clone();
        self.vars.put("PWD", cwd);
        self.vars.raw_entry("PWD").exported = true;
        if self.is_bash() {
            self.vars.raw_entry("OLDPWD").exported = true;
        }
    }

    /// How many shells deep this one is; dash does not count.
    fn count_level(&mut self) {
        let level = self.vars.text("SHLVL").and_then(|text| text.parse::<i64>().ok()).unwrap_or(0) + 1;
        self.vars.put("SHLVL", level.max(0).to_string());
        self.vars.raw_entry("SHLVL").exported = true;
    }

    fn bash_variables(&mut self) {
        self.count_level();
        self.default_variable("PATH", crate::eval::path::DEFAULT_PATH);
        self.default_variable("TERM", "dumb");
        self.vars.put("BASH", "/bin/bash");
        self.vars.put("BASH_VERSION", "5.2.15(1)-release");
        self.vars.put("HOSTNAME", self.sys.hostname());
        self.vars.put("HOSTTYPE", "x86_64");
        self.vars.put("MACHTYPE", "x86_64-pc-linux-gnu");
        self.vars.put("OSTYPE", "linux-gnu");
        self.vars.put("PS4", "+ ");
        self.vars.put("OPTIND", "1");
        self.vars.put("OPTERR", "1");
        let credentials = self.sys.credentials();
        for (name, value) in [("UID", credentials.uid), ("EUID", credentials.euid)] {
            let var = self.vars.raw_entry(name);
            var.value = crate::vars::Value::Scalar(value.to_string());
            (var.integer, var.readonly, var.exported) = (true, true, false);
        }
    }

    /// Signals that are ignored when a shell starts cannot be trapped.
    fn note_ignored_signals(&mut self) {
        self.traps.hard_ignored = (1..=31)
            .filter_map(Signal::from_number)
            .filter(|signal| !matches!(*signal, Signal::KILL | Signal::STOP))
            .filter(|signal| self.sys.disposition(*signal) == Disposition::Ignore)
            .collect();
    }

    /// The whole life of the shell after its arguments; its status.
    async fn live(&mut self, request: Request) -> i32 {
        let mut operands = request.operands.clone();
        let terminal = self.sys.isatty(Fd::STDIN) && self.sys.isatty(Fd::STDERR);
        self.command_string = request.command;
        self.from_stdin = !request.command && (request.stdin || operands.is_empty());
        self.interactive = request.interactive || (self.from_stdin && terminal);
        if !self.interactive {
            self.heed_interrupts();
        }
        if request.command {
            return self.live_command(request, operands).await;
        }
        if !self.from_stdin {
            let path = operands.remove(0);
            self.params = operands.into();
            return self.live_script(&path).await;
        }
        self.params = operands.into();
        if self.interactive {
            self.begin_interactive().await;
        }
        if let Some(status) = self.start_files(&request).await {
            return status;
        }
        if self.interactive {
            if self.is_bash() {
                self.load_history();
            }
            return Box::pin(self.run_interactive()).await;
        }
        self.run_stdin().await
    }

    async fn live_command(&mut self, request: Request, mut operands: Vec<String>) -> i32 {
        if operands.is_empty() {
            let text = match self.flavour {
                Flavour::Bash => format!("{}: -c: option requires an argument\n", self.arg0),
                Flavour::Dash => format!("{}: 0: -c requires an argument\n", self.arg0),
                Flavour::Ash => format!("{}: -c requires an argument\n", self.arg0),
            };
            self.error_text(&text).await;
            return 2;
        }
        let text = operands.remove(0);
        if !operands.is_empty() {
            self.arg0 = operands.remove(0);
        }
        self.params = operands.into();
        if self.interactive {
            self.begin_interactive().await;
        }
        if let Some(status) = self.start_files(&request).await {
            return status;
        }
        self.run_to_end(&text, &SourceName::CommandString).await
    }

    async fn live_script(&mut self, path: &str) -> i32 {
        let bytes = if self.is_directory(path) { Err(Errno::EISDIR) } else { self.sys.read_file(path) };
        // A script that is not there is looked for on PATH.
        let found = if path.contains('/') { None } else { self.find_all(path).into_iter().next() };
        let bytes = match (bytes, found) {
            (Err(Errno::ENOENT), Some(found)) => self.sys.read_file(&found),
            (bytes, _) => bytes,
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                let text = match self.flavour {
                    Flavour::Bash if error == Errno::EISDIR => format!("{path}: {path}: Is a directory\n"),
                    Flavour::Bash => format!("{}: {path}: {}\n", self.arg0, error.message()),
                    Flavour::Dash => format!("{}: 0: cannot open {path}: No such file\n", self.arg0),
                    Flavour::Ash => format!("{}: can't open '{path}': {}\n", self.arg0, error.message()),
                };
                self.error_text(&text).await;
                return match self.flavour {
                    Flavour::Bash if error == Errno::ENOENT => 127,
                    Flavour::Bash => 126,
                    _ => 2,
                };
            }
        };
        self.arg0 = path.to_string();
        let text = machine::text::from_bytes(&bytes);
        if text.lines().next().is_some_and(|line| line.contains('\0')) {
            self.error_text(&format!("{path}: {path}: cannot execute binary file\n")).await;
            return 126;
        }
        self.run_to_end(&text, &SourceName::File(path.to_string())).await
    }

    /// Terminal, signals, options of an interactive shell.
    async fn begin_interactive(&mut self) {
        self.settings.set_shopt("expand_aliases", true);
        if self.is_bash() {
            for option in ["emacs", "histexpand", "history"] {
                self.settings.set(option, true);
            }
            self.default_variable("PS1", "\\s-\\v\\$ ");
            self.default_variable("PS2", "> ");
            let home = self.vars.text("HOME").unwrap_or("/root").to_string();
            self.default_variable("HISTFILE", &format!("{home}/.bash_history"));
            self.default_variable("HISTSIZE", "500");
            self.default_variable("HISTFILESIZE", "500");
        }
        self.shield_signals();
        let tty = self.sys.dup(Fd::STDERR, Fd(255), true).ok().filter(|fd| self.sys.isatty(*fd));
        self.interact.tty = tty;
        if !self.claim_terminal() {
            if self.is_bash() {
                let group = self.sys.getpgid(machine::Pid(0)).map_or(-1, |group| group.0);
                let text = format!(
                    "{0}: cannot set terminal process group ({group}): Inappropriate ioctl for device\n{0}: no job control in this shell\n",
                    self.arg0
                );
                self.error_text(&text).await;
            } else {
                let text = format!("{}: 0: can't access tty; job control turned off\n", self.arg0);
                self.error_text(&text).await;
            }
            return;
        }
        self.settings.set("monitor", true);
    }

    /// Leads a process group of its own and puts it into the foreground.
    fn claim_terminal(&mut self) -> bool {
        let Some(tty) = self.interact.tty else { return false };
        if self.sys.tcgetpgrp(tty).is_err() {
            return false;
        }
        let me = self.sys.getpid();
        // A session's leader leads its group already.
        let _ = self.sys.setpgid(machine::Pid(0), machine::Pid(0));
        self.sys.tcsetpgrp(tty, me).is_ok()
    }

    /// `/etc/profile`, `~/.bashrc` and so on; a status where one of them ended the shell.
    async fn start_files(&mut self, request: &Request) -> Option<i32> {
        let home = self.vars.text("HOME").unwrap_or("").to_string();
        let mut files = Vec::new();
        if self.login && !request.no_profile {
            files.push("/etc/profile".to_string());
            let own: &[&str] =
                if self.is_bash() { &[".bash_profile", ".bash_login", ".profile"] } else { &[".profile"] };
            let first = own.iter().map(|name| format!("{home}/{name}")).find(|path| self.sys.stat(path).is_ok());
            files.extend(first);
        } else if self.interactive && self.is_bash() && !request.no_rc {
            if let Some(file) = &request.rc_file {
                files.push(file.clone());
            } else {
                files.push("/etc/bash.bashrc".to_string());
                files.push(format!("{home}/.bashrc"));
            }
        } else if self.interactive && !self.is_bash() {
            files.extend(self.vars.text("ENV").map(str::to_string));
        } else if !self.interactive && self.is_bash() {
            files.extend(self.vars.text("BASH_ENV").map(str::to_string));
        }
        for file in files {
            let Ok(bytes) = self.sys.read_file(&file) else { continue };
            let text = machine::text::from_bytes(&bytes);
            match Box::pin(self.run_file(&file, &text, None)).await {
                Err(Unwind::Exit(status)) => return Some(status),
                Err(other) => self.status = other.into(),
                Ok(_) => {}
            }
        }
        None
    }

    /// Commands from standard input that is no terminal: read line by line, so that commands can read what
    /// stands behind them.
    async fn run_stdin(&mut self) -> i32 {
        let mut text = String::new();
        let mut line_number = 1;
        let mut ahead = Vec::new();
        let status = loop {
            let line = match self.stdin_line(&mut ahead).await {
                Ok(line) => line,
                Err(unwind) => break unwind.into(),
            };
            let end = line.is_none();
            text.push_str(&line.unwrap_or_default());
            if text.is_empty() && end {
                break self.status;
            }
            let aliases = self.aliases.clone();
            let mut parser = Parser::at(&text, 0, line_number, self.parse_options(Some(&aliases)));
            let parsed = parser.next_line();
            let unfinished = parser.heredoc_unfinished();
            let next_line = parser.line();
            let list = match parsed {
                Ok(_) if unfinished && !end => continue,
                Ok(list) => list,
                Err(error) if error.is_incomplete() && !end => continue,
                Err(error) => {
                    self.line = error.line();
                    let name = self.arg0.clone();
                    let shown = "\n".repeat(line_number.saturating_sub(1) as usize) + &text;
                    self.syntax_error(&error, &SourceName::File(name), &shown).await;
                    self.status = 2;
                    break 2;
                }
            };
            line_number = next_line;
            text.clear();
            let Some(list) = list else {
                if end {
                    break self.status;
                }
                continue;
            };
            match Box::pin(self.run_list(&list)).await {
                Ok(_) | Err(Unwind::Break(_) | Unwind::Continue(_)) => {}
                Err(Unwind::Discard(status)) => self.status = status,
                Err(other) => break other.into(),
            }
            if end {
                break self.status;
            }
        };
        self.run_exit_trap(status).await
    }

    /// One line of standard input with its newline; none at the end. bash takes no byte more than the line;
    /// dash and ash read ahead in blocks, so that commands do not see what stands behind them.
    async fn stdin_line(&mut self, ahead: &mut Vec<u8>) -> Result<Option<String>, Unwind> {
        let block = if self.is_bash() { 1 } else { READ_AHEAD };
        while !ahead.contains(&b'\n') {
            match self.sys.read_vec(Fd::STDIN, block).await {
                Ok(bytes) if bytes.is_empty() => break,
                Ok(bytes) => ahead.extend_from_slice(&bytes),
                Err(Errno::EINTR) => self.check_signals().await?,
                Err(_) => break,
            }
        }
        if ahead.is_empty() {
            return Ok(None);
        }
        let end = ahead.iter().position(|&byte| byte == b'\n').map_or(ahead.len(), |newline| newline + 1);
        let line: Vec<u8> = ahead.drain(..end).collect();
        Ok(Some(machine::text::from_bytes(&line)))
    }
}
