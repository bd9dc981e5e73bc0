//! Keys typed at a terminal, and the file that comes of it.

use std::cell::RefCell;
use std::rc::Rc;

use machine::process::{WaitFor, WaitOptions};
use machine::sys::Spawn;
use machine::{ExitCode, Fd, Instant, Machine, MachineConfig, Sys, UnixTime};

/// What a session left: the file, and what the terminal got.
async fn session(
    sys: Sys,
    name: &'static str,
    text: String,
    keys: String,
    result: Rc<RefCell<Option<(String, String)>>>,
) -> ExitCode {
    sys.mkdir("/t", 0o755).unwrap();
    sys.put_file("/t/f", text.into_bytes().into(), 0o644).unwrap();
    sys.put_file("/t/editor", machine::program_file(name).into(), 0o755).unwrap();
    let size = machine::tty::WindowSize { rows: 24, columns: 80 };
    let machine::tty::Pty { master, slave, .. } = sys.openpty(size).unwrap();
    let spawn = Spawn {
        path: "/t/editor".into(),
        args: vec![name.into(), "f".into()],
        cwd: Some("/t".into()),
        fds: vec![(Fd(0), slave), (Fd(1), slave), (Fd(2), slave)],
        ..Spawn::default()
    };
    let pid = sys.spawn(spawn).unwrap();
    sys.close(slave).unwrap();
    // The editor has to have the terminal before keys mean what they mean to it.
    let mut shown = sys.read_vec(master, 65_536).await.unwrap();
    sys.write_all(master, keys.as_bytes()).await.unwrap();
    while let Ok(bytes) = sys.read_vec(master, 65_536).await {
        if bytes.is_empty() {
            break;
        }
        shown.extend(bytes);
    }
    let _ = sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await;
    let file = String::from_utf8(sys.read_file("/t/f").unwrap()).unwrap();
    *result.borrow_mut() = Some((file, String::from_utf8_lossy(&shown).into_owned()));
    ExitCode::SUCCESS
}

fn edit(text: &str, keys: &str) -> (String, String) {
    edit_with("vi", text, keys)
}

/// What an editor leaves after some keys: the file, and what the terminal got.
pub fn edit_with(editor: &'static str, text: &str, keys: &str) -> (String, String) {
    let config = MachineConfig { seed: 1, boot: UnixTime(0), hostname: "host".into() };
    let machine = Machine::boot(&config);
    machine.install(crate::programs());
    let result = Rc::new(RefCell::new(None));
    let (cell, text, keys) = (result.clone(), text.to_string(), keys.to_string());
    machine.start(|sys| session(sys, editor, text, keys, cell)).unwrap();
    machine.run(Instant(100_000_000_000), 1_000_000);
    let done = result.borrow().clone();
    done.expect("the editor did not end")
}

fn check(text: &str, keys: &str, expected: &str) {
    assert_eq!(edit(text, &format!("{keys}\x1b:wq\r")).0, expected, "{keys:?}");
}

const TEXT: &str = "one two three\nfour\n\n  five six\n";

#[test]
fn typing() {
    check(TEXT, "ihello ", "hello one two three\nfour\n\n  five six\n");
    check(TEXT, "A!", "one two three!\nfour\n\n  five six\n");
    check(TEXT, "jonew\rline", "one two three\nfour\nnew\nline\n\n  five six\n");
    check(TEXT, "Otop", "top\none two three\nfour\n\n  five six\n");
    check("", "i한글\x1b", "한글\n");
    check("abc\n", "RXY", "XYc\n");
    check("abc\n", "A\x7f\x7fz", "az\n");
    check("x\n", "3iab", "abababx\n");
}

#[test]
fn operators() {
    check(TEXT, "dd", "four\n\n  five six\n");
    check(TEXT, "dw", "two three\nfour\n\n  five six\n");
    check(TEXT, "wd$", "one \nfour\n\n  five six\n");
    check(TEXT, "2dw", "three\nfour\n\n  five six\n");
    check(TEXT, "cwONE", "ONE two three\nfour\n\n  five six\n");
    check(TEXT, "jddp", "one two three\n\nfour\n  five six\n");
    check(TEXT, "yyGp", "one two three\nfour\n\n  five six\none two three\n");
    check(TEXT, "dG", "\n");
    check(TEXT, "3x", " two three\nfour\n\n  five six\n");
    check(TEXT, "xp", "noe two three\nfour\n\n  five six\n");
    check(TEXT, "jJ", "one two three\nfour\n  five six\n");
    check(TEXT, "dtw", "wo three\nfour\n\n  five six\n");
    check("a(b,c)d\n", "f(d%", "ad\n");
    check(TEXT, ">>", "        one two three\nfour\n\n  five six\n");
    check(TEXT, "rX~", "xne two three\nfour\n\n  five six\n");
}

#[test]
fn undo_repeat_search() {
    check(TEXT, "ddu", TEXT);
    check(TEXT, "dddduu\x12", "four\n\n  five six\n");
    check(TEXT, "dw.", "three\nfour\n\n  five six\n");
    check(TEXT, "ihi \x1bj0.", "hi one two three\nhi four\n\n  five six\n");
    check(TEXT, "/six\rcwseven", "one two three\nfour\n\n  five seven\n");
    check(TEXT, ":%s/e/E/g\r", "onE two thrEE\nfour\n\n  fivE six\n");
    check(TEXT, ":2,3d\r", "one two three\n  five six\n");
    check(TEXT, ":4\rD", "one two three\nfour\n\n\n");
}

#[test]
fn leaving() {
    assert_eq!(edit(TEXT, "dd:q!\r").0, TEXT);
    let (file, shown) = edit(TEXT, "dd:q\r:w\r:q\r");
    assert_eq!(file, "four\n\n  five six\n");
    assert!(shown.contains("E37: No write since last change"), "{shown}");
    assert_eq!(edit(TEXT, "xZZ").0, "ne two three\nfour\n\n  five six\n");
    assert!(edit(TEXT, ":nonsense\r:q\r").1.contains("E492: Not an editor command: nonsense"));
}

/// No keys make it panic.
#[test]
fn odd_keys() {
    let keys = "dwcyx~J.pPuGgH MLft;,%{}nN/?:\x12\x06\x02\x04\x15\r\x1b\x7f0$^_-+09iaoORsSCDYZ<>\u{ac00}";
    let keys: Vec<char> = keys.chars().collect();
    let mut state = 7u64;
    for round in 0..40 {
        let typed: String = (0..60)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                keys[(state >> 33) as usize % keys.len()]
            })
            .collect();
        edit(if round % 2 == 0 { TEXT } else { "" }, &format!("{typed}\x1b\x1b\x1b:q!\r\x1b:q!\r"));
    }
}
