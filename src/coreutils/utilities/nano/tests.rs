//! Keys typed, and the file that comes of them.

use crate::utilities::vi::tests::edit_with;

const SAVE: &str = "\x0f\r\x18";

fn check(text: &str, keys: &str, expected: &str) {
    assert_eq!(edit_with("nano", text, &format!("{keys}{SAVE}")).0, expected, "{keys:?}");
}

#[test]
fn keys_edit_the_text() {
    let text = "one\ntwo\nthree\n";
    check("", "FROM alpine\rRUN ls", "FROM alpine\nRUN ls\n");
    check(text, "x", "xone\ntwo\nthree\n");
    check(text, "\x05!\x1b[B?", "one!\ntwo?\nthree\n");
    check(text, "\x1b[B\x7f", "onetwo\nthree\n");
    check(text, "\x1b[F\x1b[3~", "onetwo\nthree\n");
    check(text, "\x0b\x1b[B\x15", "two\none\nthree\n");
    check(text, "\x0b\x0b\x15\x15", "one\ntwo\none\ntwo\nthree\n");
    check(text, "\x17THR\rX", "one\ntwo\nXthree\n");
    check(text, "\x1f2\rX", "one\nXtwo\nthree\n");
    check("한글\n", "\x1b[C은", "한은글\n");
}

#[test]
fn it_asks_before_it_ends() {
    let (file, shown) = edit_with("nano", "one\n", "x\x18n");
    assert_eq!(file, "one\n");
    assert!(shown.contains("Save modified buffer? "), "{shown:?}");
    assert!(shown.contains("[ Read 1 line ]") && shown.contains("GNU nano 7.2"), "{shown:?}");
    assert_eq!(edit_with("nano", "one\n", "x\x18y\r").0, "xone\n");
    // Not saved under another name: the file stays.
    assert_eq!(edit_with("nano", "one\n", "x\x18y\x15z\r").0, "one\n");
}
