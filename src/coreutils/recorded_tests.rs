//! Runs the case files of `recorded/` against the utilities: see `recorded/record.py`.

use std::cell::RefCell;
use std::rc::Rc;

use machine::fs::{FileContent, SetAttr};
use machine::process::{WaitFor, WaitOptions, WaitStatus};
use machine::sys::Spawn;
use machine::{ExitCode, Fd, Instant, Machine, MachineConfig, Sys, UnixTime};

const STAMP: UnixTime = UnixTime(1_704_164_645_000_000_000);

#[derive(Default)]
struct Case {
    line: usize,
    command: String,
    stdin: Vec<u8>,
    known_failure: bool,
    expected: String,
}

/// Python's `unicode_escape`, as far as the files use it.
fn unescape(text: &str) -> Vec<u8> {
    let (mut out, mut chars) = (Vec::new(), text.chars());
    while let Some(c) = chars.next() {
        let mut escaped = match c {
            '\\' => chars.next().unwrap_or('\\'),
            c => {
                out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
        };
        match escaped {
            'n' => escaped = '\n',
            't' => escaped = '\t',
            'x' => {
                let hex: String = chars.by_ref().take(2).collect();
                out.push(u8::from_str_radix(&hex, 16).unwrap());
                continue;
            }
            _ => {}
        }
        out.extend_from_slice(escaped.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out
}

/// Splits a command line with quotes, as Python's `shlex` does.
fn split(command: &str) -> Vec<String> {
    let (mut words, mut word, mut started) = (Vec::new(), String::new(), false);
    let mut chars = command.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' => {
                if std::mem::take(&mut started) {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            '\'' => word.extend(chars.by_ref().take_while(|c| *c != '\'')),
            '"' => {
                while let Some(c) = chars.next().filter(|c| *c != '"') {
                    match c {
                        '\\' => word.extend(chars.next()),
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.extend(chars.next()),
            c => word.push(c),
        }
        started = true;
    }
    if started {
        words.push(word);
    }
    words
}

fn read_cases(text: &str) -> (Vec<String>, Vec<Case>) {
    let (mut fixture, mut cases, mut stdin) = (Vec::new(), Vec::<Case>::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        match line.chars().next() {
            Some('@') => fixture.push(line.to_string()),
            Some('<') => stdin = unescape(line.get(2..).unwrap_or("")),
            Some('$') => cases.push(Case {
                line: number + 1,
                command: line.split_once(' ').unwrap().1.to_string(),
                stdin: std::mem::take(&mut stdin),
                known_failure: line.starts_with("$x"),
                expected: String::new(),
            }),
            Some('|' | '!' | '?') => {
                let case = cases.last_mut().unwrap();
                case.expected.push_str(line);
                case.expected.push('\n');
            }
            _ => {}
        }
    }
    (fixture, cases)
}

fn set_up(sys: &Sys, fixture: &[String]) {
    sys.umask(0);
    sys.mkdir("/bin", 0o755).unwrap();
    for name in crate::names().chain(["busybox"]) {
        sys.put_file(&format!("/bin/{name}"), FileContent::from(machine::program_file(name)), 0o755).unwrap();
    }
    sys.mkdir("/etc", 0o755).unwrap();
    sys.put_file("/etc/passwd", b"root:x:0:0:root:/root:/bin/bash\n"[..].into(), 0o644).unwrap();
    sys.put_file("/etc/group", b"root:x:0:\n"[..].into(), 0o644).unwrap();
    sys.mkdir("/tmp/t", 0o755).unwrap();
    let mut paths = vec!["/tmp/t".to_string()];
    for line in fixture {
        let mut words = line.splitn(4, ' ');
        let (kind, path, third) = (words.next().unwrap(), words.next().unwrap(), words.next().unwrap());
        let path = format!("/tmp/t/{path}");
        let mode = || u32::from_str_radix(third, 8).unwrap();
        match kind {
            "@dir" => sys.mkdir(&path, mode()).unwrap(),
            "@file" => sys.put_file(&path, unescape(words.next().unwrap_or("")).into(), mode()).unwrap(),
            _ => sys.symlink(third, &path).unwrap(),
        }
        paths.push(path);
    }
    for path in paths {
        let times = SetAttr { atime: Some(STAMP), mtime: Some(STAMP), ..SetAttr::default() };
        sys.set_link_attr(&path, &times).unwrap();
    }
    sys.umask(0o022);
}

/// Output in the files' form.
fn encode(mark: char, data: &[u8]) -> String {
    let mut text = String::new();
    for chunk in data.utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|b| text.push_str(&format!("\\x{b:02x}")));
    }
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let (minus, line) = line.strip_suffix('\n').map_or(("-", line), |line| ("", line));
        let escape = |c: char| if c.is_control() && c != '\t' { format!("\\x{:02x}", c as u32) } else { c.to_string() };
        let shown: String = line.chars().map(escape).collect();
        out.push_str(
            format!("{mark}{minus} {shown}")
                .strip_suffix(' ')
                .filter(|_| shown.is_empty())
                .unwrap_or(&format!("{mark}{minus} {shown}")),
        );
        out.push('\n');
    }
    out
}

async fn capture(sys: Sys, case: Rc<Case>, result: Rc<RefCell<Option<String>>>) -> ExitCode {
    let args = split(&case.command);
    let env = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/root", "TERM=xterm"];
    let (input, input_end) = sys.pipe(true).unwrap();
    let (out, out_end) = sys.pipe(true).unwrap();
    let (error, error_end) = sys.pipe(true).unwrap();
    let spawn = Spawn {
        path: format!("/bin/{}", args[0]),
        args,
        env: Some(env.iter().map(|e| e.to_string()).collect()),
        cwd: Some("/tmp/t".into()),
        fds: vec![(Fd(0), input), (Fd(1), out_end), (Fd(2), error_end)],
        ..Spawn::default()
    };
    let pid = match sys.spawn(spawn) {
        Ok(pid) => pid,
        Err(error) => {
            *result.borrow_mut() = Some(format!("no such utility: {error}\n"));
            return ExitCode::FAILURE;
        }
    };
    for fd in [input, out_end, error_end] {
        sys.close(fd).unwrap();
    }
    let writer = sys.for_thread();
    let data = case.stdin.clone();
    sys.thread(async move {
        let _ = writer.sigaction(machine::Signal::PIPE, machine::process::Disposition::Ignore);
        let _ = writer.write_all(input_end, &data).await;
        let _ = writer.close(input_end);
    });
    let stdout = sys.read_to_end(out, 1 << 20).await.unwrap_or_default();
    let stderr = sys.read_to_end(error, 1 << 20).await.unwrap_or_default();
    let status = sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await.unwrap();
    let code = status.map_or(0, |(_, status): (_, WaitStatus)| status.code());
    *result.borrow_mut() = Some(encode('|', &stdout) + &encode('!', &stderr) + &format!("? {code}\n"));
    ExitCode::SUCCESS
}

fn run(case: Rc<Case>, fixture: &[String]) -> String {
    let config = MachineConfig { seed: 1, boot: UnixTime(1_750_000_000_000_000_000), hostname: "host".into() };
    let machine = Machine::boot(&config);
    machine.install(crate::programs());
    set_up(&machine.init(), fixture);
    let result = Rc::new(RefCell::new(None));
    let (case, cell) = (case, result.clone());
    machine.start(|sys| capture(sys, case, cell)).unwrap();
    machine.run(Instant(100_000_000_000), 1_000_000);
    let text = result.borrow().clone();
    text.unwrap_or_else(|| "it did not come to its end\n".into())
}

fn replay(name: &str, text: &str) {
    let (fixture, cases) = read_cases(text);
    let (mut wrong, all) = (0, cases.len());
    for case in cases.into_iter().map(Rc::new) {
        let got = run(case.clone(), &fixture);
        if (got == case.expected) == case.known_failure {
            wrong += 1;
            let what = if case.known_failure { "holds now; take the mark away" } else { "differs" };
            println!("{name}:{}: $ {}\n{what}; expected:\n{}got:\n{got}", case.line, case.command, case.expected);
        }
    }
    assert_eq!(wrong, 0, "of {all} cases");
}

#[test]
fn files() {
    replay("files.txt", include_str!("recorded/files.txt"));
}

#[test]
fn text() {
    replay("text.txt", include_str!("recorded/text.txt"));
}

#[test]
fn more() {
    replay("more.txt", include_str!("recorded/more.txt"));
}

#[test]
fn learners() {
    replay("learners.txt", include_str!("recorded/learners.txt"));
}

#[test]
fn misc() {
    replay("misc.txt", include_str!("recorded/misc.txt"));
}

#[test]
fn archives() {
    replay("archives.txt", include_str!("recorded/archives.txt"));
}

#[test]
fn awk() {
    replay("awk.txt", include_str!("recorded/awk.txt"));
}

#[test]
fn busybox() {
    replay("busybox.txt", include_str!("recorded/busybox.txt"));
}

/// No argument makes a utility panic; whether it ends is not asked (`yes` does not).
#[test]
fn odd_arguments() {
    let words = [
        "",
        "--help",
        "--version",
        "-",
        "--",
        "-n",
        "-9999999999999999999",
        "99999999999999999999",
        "\u{10ff80}",
        "a.txt",
        "한글",
        "-k9.9,1.1",
        "%",
        "[",
        "{}",
        "d/../d",
    ];
    let fixture = ["@dir d 755".to_string(), "@file a.txt 644 one\\ntwo\\n".to_string()];
    for name in crate::names().chain(["busybox"]) {
        let config = MachineConfig { seed: 1, boot: UnixTime(0), hostname: "host".into() };
        let machine = Machine::boot(&config);
        machine.install(crate::programs());
        set_up(&machine.init(), &fixture);
        for (at, word) in words.iter().enumerate() {
            let next = words[(at * 7 + 3) % words.len()];
            let command = format!("{name} '{word}' '{next}'");
            let case = Rc::new(Case { command, stdin: b"x \xff\n".to_vec(), ..Case::default() });
            let result = Rc::new(RefCell::new(None));
            machine.start(|sys| capture(sys, case, result)).unwrap();
            machine.run(Instant(machine.now().0 + 2_000_000_000), 3_000);
        }
    }
}
