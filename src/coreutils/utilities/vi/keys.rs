//! Keys, as terminals send them.

use std::collections::VecDeque;

/// A key that was pressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    Char(char),
    Control(char),
    Escape,
    Enter,
    Backspace,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    Delete,
    Insert,
}

/// The key that begins with this byte; what belongs to it is taken from what was typed behind.
pub fn decode(first: u8, typed: &mut VecDeque<u8>) -> Option<Key> {
    match first {
        b'\r' | b'\n' => Some(Key::Enter),
        8 | 127 => Some(Key::Backspace),
        b'\t' => Some(Key::Char('\t')),
        0x1b if matches!(typed.front(), Some(b'[' | b'O')) => {
            typed.pop_front();
            let mut digits = String::new();
            while let Some(byte) = typed.pop_front() {
                if byte.is_ascii_digit() || byte == b';' {
                    digits.push(char::from(byte));
                    continue;
                }
                return match (byte, &*digits) {
                    (b'A', _) => Some(Key::Up),
                    (b'B', _) => Some(Key::Down),
                    (b'C', _) => Some(Key::Right),
                    (b'D', _) => Some(Key::Left),
                    (b'H', _) | (b'~', "1" | "7") => Some(Key::Home),
                    (b'F', _) | (b'~', "4" | "8") => Some(Key::End),
                    (b'~', "2") => Some(Key::Insert),
                    (b'~', "3") => Some(Key::Delete),
                    (b'~', "5") => Some(Key::PageUp),
                    (b'~', "6") => Some(Key::PageDown),
                    _ => None,
                };
            }
            None
        }
        0x1b => Some(Key::Escape),
        1..=31 => Some(Key::Control(char::from(first + 64))),
        _ => {
            let length = match first {
                0xf0.. => 4,
                0xe0.. => 3,
                0xc0.. => 2,
                _ => 1,
            };
            let mut bytes = vec![first];
            while bytes.len() < length {
                bytes.push(typed.pop_front()?);
            }
            String::from_utf8(bytes).ok()?.chars().next().map(Key::Char)
        }
    }
}
