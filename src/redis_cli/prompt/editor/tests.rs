//! `keys.in` holds what the real redis-cli 8.6.3 wrote to a terminal after each key.

use super::*;

type Case = (usize, &'static [u8], &'static [(&'static [u8], &'static [u8])]);
const CASES: &[Case] = &include!("keys.in");
const PROMPT: &[u8] = b"127.0.0.1:16380> ";

fn press(editor: &mut Editor<'_>, keys: &[u8]) -> (Vec<u8>, Outcome) {
    editor.out.clear();
    editor.beeps = 0;
    let mut outcome = Outcome::Editing;
    for &key in keys {
        outcome = editor.key(key, true);
    }
    ([b"\x07".repeat(editor.beeps), std::mem::take(&mut editor.out)].concat(), outcome)
}

#[test]
fn every_key_writes_the_bytes_of_the_real_one() {
    let help = Help::new(None);
    for (columns, lines, keys) in CASES {
        let mut history = History::default();
        history.load(lines);
        let mut editor = Editor::new(PROMPT, *columns, &mut history, Some(&help));
        for (i, (key, expected)) in keys.iter().enumerate() {
            let (out, outcome) = press(&mut editor, key);
            let expected = match outcome {
                Outcome::Line(_) => expected.strip_suffix(b"\r\n127.0.0.1:16380> ").unwrap(),
                _ => expected,
            };
            assert_eq!(
                out.escape_ascii().to_string(),
                expected.escape_ascii().to_string(),
                "key {i} {}",
                key.escape_ascii()
            );
        }
    }
}

#[test]
fn hangul_is_edited_by_syllables() {
    let mut history = History::default();
    let mut editor = Editor::new(b"> ", 80, &mut history, None);
    assert_eq!(press(&mut editor, "한글".as_bytes()).0, "\r\x1b[0K> 한\r\x1b[4C\r\x1b[0K> 한글\r\x1b[6C".as_bytes());
    assert_eq!(press(&mut editor, b"\x1b[D").0, "\r\x1b[0K> 한글\r\x1b[4C".as_bytes());
    assert_eq!(press(&mut editor, b"\x7f").0, "\r\x1b[0K> 글\r\x1b[2C".as_bytes());
    assert_eq!(press(&mut editor, b"\r").1, Outcome::Line("글".into()));
}

#[test]
fn no_keys_break_the_editor() {
    let help = Help::new(None);
    let mut seed = 1u64;
    let mut history = History::default();
    for _ in 0..200 {
        let mut editor = Editor::new(PROMPT, 20, &mut history, Some(&help));
        for _ in 0..100 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let byte = (seed >> 33) as u8;
            let byte = if byte < 100 { byte & 31 } else { byte };
            if editor.key(byte, true) != Outcome::Editing {
                break;
            }
            assert!(editor.at <= editor.line.len());
        }
    }
}
