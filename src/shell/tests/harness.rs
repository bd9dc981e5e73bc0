//! A machine with the shells and a few programs for scripts to call.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use machine::fs::OpenFlags;
use machine::process::WaitFor;
use machine::tty::WindowSize;
use machine::{Console, ExitCode, Fd, Instant, Machine, MachineConfig, Program, Sys, UnixTime, program, program_file};

const ENVIRONMENT: &[&str] =
    &["HOME=/root", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"];

/// Virtual seconds that one script may take.
const PATIENCE: u64 = 60;

async fn cat(sys: Sys) -> ExitCode {
    let args = sys.args();
    let mut status = ExitCode::SUCCESS;
    let names: Vec<String> = if args.len() < 2 { vec!["-".into()] } else { args.iter().skip(1).cloned().collect() };
    for name in names {
        let fd = if name == "-" { Ok(Fd::STDIN) } else { sys.open(&name, OpenFlags::READ, 0).await };
        let Ok(fd) = fd else {
            let text = format!("cat: {name}: No such file or directory\n");
            let _ = sys.write_all(Fd::STDERR, text.as_bytes()).await;
            status = ExitCode::FAILURE;
            continue;
        };
        while let Ok(bytes) = sys.read_vec(fd, 4096).await {
            if bytes.is_empty() || sys.write_all(Fd::STDOUT, &bytes).await.is_err() {
                break;
            }
        }
    }
    status
}

async fn sleep(sys: Sys) -> ExitCode {
    let seconds = sys.args().get(1).and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    let _ = sys.sleep(Duration::from_secs_f64(seconds)).await;
    ExitCode::SUCCESS
}

async fn env(sys: Sys) -> ExitCode {
    let text: String = sys.env().iter().map(|entry| format!("{entry}\n")).collect();
    let _ = sys.write_all(Fd::STDOUT, text.as_bytes()).await;
    ExitCode::SUCCESS
}

async fn echo(sys: Sys) -> ExitCode {
    let text = sys.args().get(1..).unwrap_or(&[]).join(" ") + "\n";
    let _ = sys.write_all(Fd::STDOUT, text.as_bytes()).await;
    ExitCode::SUCCESS
}

async fn touch(sys: Sys) -> ExitCode {
    for name in sys.args().iter().skip(1) {
        if let Ok(fd) = sys.open(name, OpenFlags::APPEND, 0o666).await {
            let _ = sys.close(fd);
        }
    }
    ExitCode::SUCCESS
}

async fn mkdir(sys: Sys) -> ExitCode {
    for name in sys.args().iter().skip(1).filter(|name| *name != "-p") {
        let mut path = String::new();
        for piece in name.split('/') {
            path.push_str(piece);
            let _ = sys.mkdir(&path, 0o777);
            path.push('/');
        }
    }
    ExitCode::SUCCESS
}

async fn chmod(sys: Sys) -> ExitCode {
    let args = sys.args();
    let (Some(mode), Some(path)) = (args.get(1), args.get(2)) else { return ExitCode::FAILURE };
    let mode = if mode == "+x" { 0o755 } else { 0o644 };
    let set = machine::fs::SetAttr { mode: Some(mode), ..Default::default() };
    if sys.set_attr(path, &set).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A machine with `/bin/bash`, `/bin/sh` (dash), `/bin/ash` and the programs above.
pub fn boot() -> Machine {
    let config = MachineConfig { seed: 7, boot: UnixTime(1_790_000_000_000_000_000), hostname: "drydock".to_string() };
    let machine = Machine::boot(&config);
    let tools: [Program; 7] = [
        program!("cat", cat),
        program!("chmod", chmod),
        program!("echo", echo),
        program!("env", env),
        program!("mkdir", mkdir),
        program!("sleep", sleep),
        program!("touch", touch),
    ];
    machine.install(crate::programs());
    machine.install(tools.clone());
    let sys = machine.init();
    for dir in ["/bin", "/usr", "/usr/bin", "/etc", "/root", "/tmp"] {
        let _ = sys.mkdir(dir, 0o755);
    }
    let shells = [("/bin/bash", "bash"), ("/bin/sh", "dash"), ("/bin/dash", "dash"), ("/bin/ash", "ash")];
    for (path, name) in shells {
        sys.put_file(path, program_file(name).into(), 0o755).expect("a fresh file system takes files");
    }
    for tool in &tools {
        let path = format!("/usr/bin/{}", tool.name);
        sys.put_file(&path, program_file(tool.name).into(), 0o755).expect("a fresh file system takes files");
    }
    let users = b"root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";
    sys.put_file("/etc/passwd", users.to_vec().into(), 0o644).expect("a fresh file system takes files");
    machine
}

fn environment() -> Vec<String> {
    ENVIRONMENT.iter().map(|entry| entry.to_string()).collect()
}

/// Runs a shell with arguments in `/tmp`; what it printed to both outputs, and its status.
pub fn run(shell: &str, args: &[&str]) -> (String, u8) {
    let machine = boot();
    let done = Rc::new(RefCell::new(None));
    let result = done.clone();
    let path = format!("/bin/{shell}");
    let arguments: Vec<String> = std::iter::once(shell).chain(args.iter().copied()).map(str::to_string).collect();
    machine
        .start(move |sys| async move {
            let _ = sys.chdir("/tmp");
            let Ok((read, write)) = sys.pipe(false) else { return ExitCode::FAILURE };
            // Out of the way of the descriptors that the shell is to have.
            let (Ok(read), Ok(write)) = (sys.dup(read, Fd(10), false), sys.dup(write, Fd(10), false)) else {
                return ExitCode::FAILURE;
            };
            let _ = sys.close(Fd(0));
            let _ = sys.close(Fd(1));
            let child = sys.fork(move |sys| async move {
                if let Ok(null) = sys.open("/dev/null", OpenFlags::READ, 0).await {
                    let _ = sys.dup2(null, Fd::STDIN);
                }
                let _ = sys.dup2(write, Fd::STDOUT);
                let _ = sys.dup2(write, Fd::STDERR);
                for fd in sys.open_fds().into_iter().filter(|fd| fd.0 > 2) {
                    let _ = sys.close(fd);
                }
                let _ = sys.execve(&path, arguments, environment()).await;
                ExitCode(99)
            });
            let _ = sys.close(write);
            let output = sys.read_to_end(read, 1 << 20).await.unwrap_or_default();
            let status = match child {
                Ok(child) => sys.waitpid(WaitFor::Process(child), Default::default()).await.ok().flatten(),
                Err(_) => None,
            };
            *result.borrow_mut() = Some((output, status.map_or(255, |(_, status)| status.code())));
            ExitCode::SUCCESS
        })
        .expect("a process starts");
    let until = Instant(machine.now().0 + PATIENCE * 1_000_000_000);
    let finished = done.clone();
    machine.run_until(until, 2_000_000, &move || finished.borrow().is_some());
    let result = done.borrow_mut().take();
    match result {
        Some((output, status)) => (String::from_utf8_lossy(&output).into_owned(), status),
        None => ("(did not end)".to_string(), 255),
    }
}

/// A terminal with a shell on it.
pub struct Terminal {
    machine: Machine,
    console: Console,
}

impl Terminal {
    /// Opens one with `/root/.bashrc` setting a prompt of `# `.
    pub fn open(shell: &str, columns: u16) -> Terminal {
        let machine = boot();
        let sys = machine.init();
        sys.put_file("/root/.bashrc", b"PS1='# '\n".to_vec().into(), 0o644).expect("a fresh file system takes files");
        let (path, name) = (format!("/bin/{shell}"), shell.to_string());
        let console = machine
            .open_console(WindowSize { columns, rows: 24 }, move |sys| async move {
                let _ = sys.chdir("/root");
                let _ = sys.execve(&path, vec![name], environment()).await;
                ExitCode::FAILURE
            })
            .expect("a terminal opens");
        Terminal { machine, console }
    }

    /// Runs until the foreground waits for input, at most so many milliseconds; what was shown.
    pub fn wait(&self, milliseconds: u64) -> String {
        let until = Instant(self.machine.now().0 + milliseconds * 1_000_000);
        self.machine.run_until(until, 2_000_000, &|| self.console.waits_for_input());
        String::from_utf8_lossy(&self.console.take_output()).into_owned()
    }

    /// Types and waits.
    pub fn type_keys(&self, keys: &str) -> String {
        self.console.type_bytes(keys.as_bytes());
        self.wait(3_000)
    }

    /// The shell's `$?`, where it has the terminal.
    pub fn status(&self) -> Option<u8> {
        self.console.shell_status()
    }

    /// Changes the window's size.
    pub fn resize(&self, columns: u16) -> String {
        self.console.resize(WindowSize { columns, rows: 24 });
        self.wait(100)
    }
}
