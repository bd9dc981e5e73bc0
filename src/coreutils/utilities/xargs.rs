//! `xargs`: words from standard input as arguments.

use machine::fs::OpenFlags;
use machine::process::WaitStatus;
use machine::{Errno, ExitCode, Fd};

use crate::children;
use crate::context::Context;
use crate::options::{HELP, HELP_OPTION, Parsed, Spec, VERSION, VERSION_OPTION, Value, parse};

const SPEC: Spec = Spec {
    short: "0a:d:E:I:L:n:oP:prs:tx",
    long: &[
        ("arg-file", 'a', Value::Required),
        ("delimiter", 'd', Value::Required),
        ("interactive", 'p', Value::None),
        ("max-args", 'n', Value::Required),
        ("max-lines", 'L', Value::Required),
        ("max-procs", 'P', Value::Required),
        ("no-run-if-empty", 'r', Value::None),
        ("null", '0', Value::None),
        ("open-tty", 'o', Value::None),
        ("replace", 'I', Value::Required),
        ("verbose", 't', Value::None),
        HELP,
        VERSION,
    ],
    posix: true,
};

const USAGE: &str = "\
Usage: xargs [OPTION]... COMMAND [INITIAL-ARGS]...
Run COMMAND with arguments INITIAL-ARGS and more arguments read from input.

Mandatory and optional arguments to long options are also
mandatory or optional for the corresponding short option.
  -0, --null                   items are separated by a null, not whitespace;
                                 disables quote and backslash processing and
                                 logical EOF processing
  -a, --arg-file=FILE          read arguments from FILE, not standard input
  -d, --delimiter=CHARACTER    items in input stream are separated by CHARACTER,
                                 not by whitespace; disables quote and backslash
                                 processing and logical EOF processing
  -I R                         same as --replace=R
  -L, --max-lines=MAX-LINES    use at most MAX-LINES non-blank input lines per
                                 command line
  -n, --max-args=MAX-ARGS      use at most MAX-ARGS arguments per command line
  -o, --open-tty               Reopen stdin as /dev/tty in the child process
                                 before executing the command; useful to run an
                                 interactive application.
  -P, --max-procs=MAX-PROCS    run at most MAX-PROCS processes at a time
  -p, --interactive            prompt before running commands
  -r, --no-run-if-empty        if there are no arguments, then do not run COMMAND;
                                 if this option is not given, COMMAND will be
                                 run at least once
  -t, --verbose                print commands before executing them
      --help                   display this help and exit
      --version                output version information and exit

Report bugs to: bug-findutils@gnu.org
GNU findutils home page: <https://www.gnu.org/software/findutils/>
";

/// Longest command line, bytes.
const LONGEST: usize = 131_072;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match parse(&SPEC, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.complain(&format!("xargs: {text}\nTry 'xargs --help' for more information.\n")).await;
            return ExitCode::FAILURE;
        }
    };
    if parsed.has(HELP_OPTION) {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if parsed.has(VERSION_OPTION) {
        cx.line("xargs (GNU findutils) 4.9.0").await;
        return ExitCode::SUCCESS;
    }
    for (option, name) in [('n', "-n"), ('L', "-L"), ('P', "-P")] {
        let bad = parsed.value(option).filter(|v| v.parse::<usize>().is_err());
        if let Some(value) = bad {
            let text = format!(
                "xargs: invalid number \"{value}\" for {name} option\nTry 'xargs --help' for more information.\n"
            );
            cx.complain(&text).await;
            return ExitCode::FAILURE;
        }
    }
    let data = match parsed.value('a') {
        Some(file) => cx.read_all(file).await,
        None => cx.sys.read_to_end(Fd::STDIN, 64 << 20).await,
    };
    let data = match data {
        Ok(data) => data,
        Err(error) => {
            let name = parsed.value('a').unwrap_or("standard input").to_string();
            cx.error(format_args!("Cannot open input file {}: {error}", cx.quote(&name))).await;
            return ExitCode::FAILURE;
        }
    };
    let batches = match batches(&parsed, &machine::text::from_bytes(&data)) {
        Ok(batches) => batches,
        Err(text) => {
            cx.error(text).await;
            return ExitCode::FAILURE;
        }
    };
    run_all(cx, &parsed, batches).await
}

async fn run_all(cx: &mut Context, parsed: &Parsed, batches: Vec<Vec<String>>) -> ExitCode {
    let echo = vec!["echo".to_string()];
    let command = if parsed.operands.is_empty() { &echo } else { &parsed.operands };
    let input = if parsed.has('o') { "/dev/tty" } else { "/dev/null" };
    let stdin = cx.sys.open(input, OpenFlags::READ.cloexec(), 0).await.ok();
    let mut status = 0;
    for batch in batches {
        let args: Vec<String> = match parsed.value('I') {
            Some(mark) => {
                let item = batch.first().map_or("", |s| s);
                command.iter().map(|word| word.replace(mark, item)).collect()
            }
            None => command.iter().cloned().chain(batch).collect(),
        };
        if parsed.has('t') {
            cx.complain(&format!("{}\n", args.join(" "))).await;
        }
        match children::run(cx, &args, stdin).await {
            Ok(WaitStatus::Exited(255)) => {
                cx.error(format_args!("{}: exited with status 255; aborting", args[0])).await;
                return ExitCode(124);
            }
            Ok(WaitStatus::Exited(0)) => {}
            Ok(WaitStatus::Signaled(signal)) => {
                cx.error(format_args!("{}: terminated by signal {}", args[0], signal.number())).await;
                return ExitCode(125);
            }
            Ok(_) => status = 123,
            Err(error) => {
                cx.error(format_args!("{}: {error}", args[0])).await;
                return ExitCode(if error == Errno::ENOENT { 127 } else { 126 });
            }
        }
    }
    ExitCode(status)
}

/// The arguments of each run.
fn batches(parsed: &Parsed, text: &str) -> Result<Vec<Vec<String>>, String> {
    let lines = parsed.value('L').and_then(|l| l.parse().ok());
    let items = match (parsed.has('0'), parsed.value('d')) {
        (true, _) => split_at(text, '\0'),
        (_, Some(delimiter)) => {
            let bytes = crate::escapes::unescape(delimiter, false).bytes;
            split_at(text, bytes.first().map_or('\n', |b| char::from(*b)))
        }
        _ if parsed.has('I') => {
            text.lines().map(|l| l.trim_start().to_string()).filter(|l| !l.is_empty()).map(|l| (l, true)).collect()
        }
        _ => words(text)?,
    };
    let most: usize = match parsed.value('n') {
        _ if parsed.has('I') => 1,
        Some(number) => number.parse().unwrap_or(1).max(1),
        None => usize::MAX,
    };
    let (mut batches, mut batch, mut length, mut full_lines) = (Vec::new(), Vec::new(), 0, 0);
    for (item, ends_line) in items {
        if batch.len() >= most || length + item.len() > LONGEST {
            batches.push(std::mem::take(&mut batch));
            length = 0;
        }
        length += item.len() + 1;
        batch.push(item);
        full_lines += usize::from(ends_line);
        if lines.is_some_and(|lines| full_lines >= lines) {
            batches.push(std::mem::take(&mut batch));
            (length, full_lines) = (0, 0);
        }
    }
    if !batch.is_empty() || (batches.is_empty() && !parsed.has('r') && !parsed.has('I')) {
        batches.push(batch);
    }
    Ok(batches)
}

fn split_at(text: &str, delimiter: char) -> Vec<(String, bool)> {
    let text = text.strip_suffix(delimiter).unwrap_or(text);
    if text.is_empty() { Vec::new() } else { text.split(delimiter).map(|item| (item.to_string(), true)).collect() }
}

/// Words with quotes and backslashes; with each whether it ends its line.
fn words(text: &str) -> Result<Vec<(String, bool)>, String> {
    let (mut words, mut word, mut started) = (Vec::<(String, bool)>::new(), String::new(), false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => {
                if std::mem::take(&mut started) {
                    words.push((std::mem::take(&mut word), c == '\n'));
                } else if c == '\n'
                    && let Some(last) = words.last_mut()
                {
                    last.1 = true;
                }
            }
            quote @ ('\'' | '"') => {
                started = true;
                loop {
                    match chars.next() {
                        Some(c) if c == quote => break,
                        Some('\n') | None => {
                            let kind = if quote == '"' { "double" } else { "single" };
                            return Err(format!(
                                "unmatched {kind} quote; by default quotes are special to xargs unless you use the -0 option"
                            ));
                        }
                        Some(c) => word.push(c),
                    }
                }
            }
            '\\' => {
                started = true;
                word.extend(chars.next());
            }
            c => {
                started = true;
                word.push(c);
            }
        }
    }
    if started {
        words.push((word, true));
    }
    Ok(words)
}
