//! Keys in, lines and bytes out; the bytes are those of readline 8.2 in bash 5.2 with TERM=xterm.

use super::*;

fn edit(history: &[&str], bytes: &str) -> (String, String, usize, Action) {
    let history: Vec<String> = history.iter().map(|line| line.to_string()).collect();
    let mut editor = Editor::new("root@vm:~# ", 80, &history, String::new());
    editor.out.clear();
    let mut decoder = Decoder::default();
    let mut action = Action::None;
    for byte in bytes.bytes() {
        if let Some(key) = decoder.feed(byte) {
            action = editor.key(key);
            if action == Action::None {
                editor.redraw();
            }
        }
    }
    (editor.out.clone(), editor.text(), editor.cursor, action)
}

fn line(bytes: &str) -> String {
    edit(&["echo one", "ls -l /tmp"], bytes).1
}

#[test]
fn keys_edit_the_line() {
    for (keys, expected) in [
        ("hello\x01X", "Xhello"),
        ("hello\x02\x02Y", "helYlo"),
        ("hello\x7f\x7f", "hel"),
        ("hello\x01\x04", "ello"),
        ("a b c\x17", "a b "),
        ("a b c\x15x\x19", "xa b c"),
        ("one two\x1bb\x0b\x01\x19", "twoone "),
        ("ab\x14", "ba"),
        ("one two\x1bbX", "one Xtwo"),
        ("one two\x01\x1bd", " two"),
        ("one two\x01\x1bfX", "oneX two"),
        ("one two\x01\x1bu\x1bc", "ONE Two"),
        ("abc\x1f", ""),
        ("한글\x7f", "한"),
        ("한글\x02나", "한나글"),
        ("\x1b[A", "ls -l /tmp"),
        ("\x1b[A\x1b[A", "echo one"),
        ("typed\x10\x10\x0e\x0e", "typed"),
        ("\x1b[200~a\nb\x1b[201~", "a\nb"),
        ("x \x1b.", "x /tmp"),
        ("x \x1b.\x1b.", "x one"),
        ("\x12one", "echo one"),
        ("\x12l\x12\x12", "ls -l /tmp"),
        ("keep\x12one\x07", "keep"),
        ("a\x16\x03b", "a\x03b"),
        ("abc\x1b[H\x1b[C\x1b[3~", "ac"),
        ("a-b\x1b\x7f", "a-"),
    ] {
        assert_eq!(line(keys), expected, "{keys:?}");
    }
}

#[test]
fn keys_decide() {
    assert_eq!(edit(&[], "ls\r").3, Action::Accept);
    assert_eq!(edit(&[], "\x04").3, Action::End);
    assert_eq!(edit(&[], "ab\x03").3, Action::Interrupt);
    assert_eq!(edit(&[], "l\t").3, Action::Complete(false));
    assert_eq!(edit(&[], "l\t\t").3, Action::Complete(true));
}

#[test]
fn bytes_are_readlines() {
    for (keys, expected) in [
        ("ab\x7f\x7f\x7f", "ab\x08\x1b[K\x08\x1b[K\x07"),
        ("hello\x01X", "hello\x08\x08\x08\x08\x08\x1b[1@X"),
        ("\x1b[A\x1b[A", "ls -l /tmp\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08echo one\x1b[K"),
        ("ab\x0c", "ab\x1b[H\x1b[2Jroot@vm:~# ab"),
        ("\x12", "\r(reverse-i-search)`': "),
    ] {
        assert_eq!(edit(&["echo one", "ls -l /tmp"], keys).0, expected, "{keys:?}");
    }
}

#[test]
fn a_failed_search_says_so() {
    let (out, text, ..) = edit(&["echo one"], "\x12zz");
    assert!(out.contains("failed"), "{out:?}");
    assert_eq!(text, "");
}
