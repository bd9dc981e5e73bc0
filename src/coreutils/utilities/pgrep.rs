//! `pgrep`, `pkill`, `pidof`: processes by name (procps-ng, sysvinit, BusyBox).

use machine::sys::{ProcessInfo, ProcessState};
use machine::{ExitCode, Pid, Signal};

use crate::context::Context;
use crate::options::{HELP, HELP_OPTION, Parsed, Spec, VERSION, VERSION_OPTION, Value, parse};
use crate::regex::{Regex, Syntax};

const SPEC: Spec = Spec {
    short: "acd:efg:hilnoP:s:t:u:U:vVx",
    long: &[
        ("count", 'c', Value::None),
        ("delimiter", 'd', Value::Required),
        ("exact", 'x', Value::None),
        ("euid", 'u', Value::Required),
        ("full", 'f', Value::None),
        ("ignore-case", 'i', Value::None),
        ("inverse", 'v', Value::None),
        ("list-full", 'a', Value::None),
        ("list-name", 'l', Value::None),
        ("newest", 'n', Value::None),
        ("oldest", 'o', Value::None),
        ("parent", 'P', Value::Required),
        ("signal", '\u{10}', Value::Required),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "
Usage:
 pgrep [options] <pattern>

Options:
 -d, --delimiter <string>  specify output delimiter
 -l, --list-name           list PID and process name
 -a, --list-full           list PID and full command line
 -v, --inverse             negates the matching
 -c, --count               count of matching processes
 -f, --full                use full process name to match
 -i, --ignore-case         match case insensitively
 -n, --newest              select most recently started
 -o, --oldest              select least recently started
 -P, --parent <PPID,...>   match only child processes of the given parent
 -u, --euid <ID,...>       match by effective IDs
 -x, --exact               match exactly with the command name
 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see pgrep(1).
";

/// Nothing matched, wrong use.
const NONE: ExitCode = ExitCode(1);
const WRONG: ExitCode = ExitCode(2);

/// `pgrep`.
pub async fn run(cx: &mut Context) -> ExitCode {
    main(cx, false).await
}

/// `pkill`.
pub async fn run_pkill(cx: &mut Context) -> ExitCode {
    main(cx, true).await
}

async fn main(cx: &mut Context, kill: bool) -> ExitCode {
    let name = cx.name.clone();
    let mut signal = Signal::TERM;
    let mut args = cx.args.clone();
    if kill
        && let Some(at) =
            args.iter().position(|a| a.len() > 1 && a.starts_with('-') && Signal::parse(&a[1..]).is_some())
    {
        signal = Signal::parse(&args.remove(at)[1..]).unwrap_or(Signal::TERM);
    }
    let parsed = match parse(&SPEC, &args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.complain(&format!("{name}: {text}\n{USAGE}")).await;
            return WRONG;
        }
    };
    if parsed.has(HELP_OPTION) || parsed.has('h') {
        cx.put(USAGE.replace("pgrep", &name).as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if parsed.has(VERSION_OPTION) || parsed.has('V') {
        cx.line(&format!("{name} from procps-ng 4.0.2")).await;
        return ExitCode::SUCCESS;
    }
    if let Some(named) = parsed.value('\u{10}') {
        signal = Signal::parse(named).unwrap_or(signal);
    }
    let criteria = "Pugst".chars().any(|o| parsed.has(o));
    if parsed.operands.len() > 1 {
        cx.complain(&format!("{name}: only one pattern can be provided\nTry `{name} --help' for more information.\n"))
            .await;
        return WRONG;
    }
    if parsed.operands.is_empty() && !criteria {
        cx.complain(&format!("{name}: no matching criteria specified\nTry `{name} --help' for more information.\n"))
            .await;
        return WRONG;
    }
    let syntax = Syntax { extended: true, ignore_case: parsed.has('i'), ..Syntax::default() };
    let text = parsed.operands.first().map_or("", |p| p);
    let pattern = if parsed.has('x') { format!("^({text})$") } else { text.to_string() };
    let regex = match Regex::new(&pattern, syntax) {
        Ok(regex) => regex,
        Err(error) => {
            cx.error(format_args!("regex error: {error}")).await;
            return WRONG;
        }
    };
    let found = matching(cx, &parsed, &regex);
    if kill {
        return send(cx, &found, signal).await;
    }
    if parsed.has('c') {
        cx.line(&found.len().to_string()).await;
    } else {
        let lines: Vec<String> = found.iter().map(|p| shown(&parsed, p)).collect();
        if !lines.is_empty() {
            let text = lines.join(parsed.value('d').unwrap_or("\n"));
            cx.line(&text).await;
        }
    }
    if found.is_empty() { NONE } else { ExitCode::SUCCESS }
}

/// A process as the options want it listed.
fn shown(parsed: &Parsed, p: &ProcessInfo) -> String {
    if parsed.has('a') {
        format!("{} {}", p.pid, if p.args.is_empty() { p.comm.clone() } else { p.args.join(" ") })
    } else if parsed.has('l') {
        format!("{} {}", p.pid, p.comm)
    } else {
        p.pid.to_string()
    }
}

/// The processes that fit all criteria.
fn matching(cx: &Context, parsed: &Parsed, regex: &Regex) -> Vec<ProcessInfo> {
    let listed = |option: char, number: i32| {
        parsed.value(option).is_none_or(|list| list.split(',').any(|item| item.parse() == Ok(number)))
    };
    let users = String::from_utf8_lossy(&cx.sys.read_file("/etc/passwd").unwrap_or_default()).into_owned();
    let user = |uid: u32| {
        let name = crate::text::name_of(&users, uid).unwrap_or("");
        parsed
            .value('u')
            .or(parsed.value('U'))
            .is_none_or(|list| list.split(',').any(|item| item == name || item.parse() == Ok(uid)))
    };
    let own = cx.sys.getpid();
    let fits = |p: &ProcessInfo| {
        let subject = if parsed.has('f') && !p.args.is_empty() { p.args.join(" ") } else { p.comm.clone() };
        let fits = regex.is_match(&subject)
            && listed('P', p.parent.0)
            && listed('g', p.group.0)
            && listed('s', p.session.0)
            && user(p.uid);
        p.pid != own && fits != parsed.has('v')
    };
    let mut found: Vec<ProcessInfo> = cx.sys.processes().into_iter().filter(fits).collect();
    if parsed.has('n') || parsed.has('o') {
        found.sort_by_key(|p| (p.started, p.pid));
        let keep = if parsed.has('n') { found.pop() } else { found.into_iter().next() };
        found = keep.into_iter().collect();
    }
    found
}

async fn send(cx: &mut Context, found: &[ProcessInfo], signal: Signal) -> ExitCode {
    let mut status = NONE;
    for process in found {
        match cx.sys.kill(process.pid, Some(signal)) {
            Ok(()) => status = ExitCode::SUCCESS,
            Err(error) => cx.error(format_args!("killing pid {} failed: {error}", process.pid)).await,
        }
    }
    status
}

/// `pidof`: by the program's name, the newest first.
pub async fn run_pidof(cx: &mut Context) -> ExitCode {
    let (mut single, mut omit, mut names) = (false, Vec::new(), Vec::new());
    let args = cx.args.clone();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match &**arg {
            "-s" => single = true,
            "-o" => omit.extend(args.next().and_then(|p| p.parse().ok()).map(Pid)),
            "-x" | "-c" | "-q" | "-w" => {}
            name => names.push(name.to_string()),
        }
    }
    let base = |path: &str| path.rsplit('/').next().unwrap_or("").to_string();
    let is = |p: &ProcessInfo, name: &str| {
        let called = p.args.first().map_or(String::new(), |a| a.trim_start_matches('-').to_string());
        p.comm == name
            || p.exe == name
            || called == name
            || (!name.contains('/') && (base(&p.exe) == name || base(&called) == name))
    };
    let own = cx.sys.getpid();
    let mut found: Vec<Pid> = Vec::new();
    let processes = cx.sys.processes();
    for name in &names {
        let alive = processes.iter().rev().filter(|p| p.state != ProcessState::Zombie && p.pid != own);
        found.extend(alive.filter(|p| is(p, name) && !omit.contains(&p.pid)).map(|p| p.pid));
    }
    if single {
        found.truncate(1);
    }
    if found.is_empty() {
        return ExitCode::FAILURE;
    }
    let text: Vec<String> = found.iter().map(Pid::to_string).collect();
    cx.line(&text.join(" ")).await;
    cx.status()
}
