//! Bytes from a terminal to keys.

/// What was pressed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Key {
    /// A character.
    Char(char),
    /// Ctrl and a letter (in lower case) or one of `_ ? [ ] \ ^`.
    Ctrl(char),
    /// Alt (or Escape before) and a character.
    Meta(char),
    /// Alt and Backspace.
    MetaBackspace,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Ctrl (or Alt) and arrow left.
    WordLeft,
    /// Ctrl (or Alt) and arrow right.
    WordRight,
    /// Home.
    Home,
    /// End.
    End,
    /// Delete.
    Delete,
    /// Text pasted in brackets.
    Paste(String),
    /// A sequence that means nothing here.
    Unknown,
}

/// The most that one paste may hold.
const MAX_PASTE: usize = 1 << 20;

/// Collects bytes until they are a key.
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    pending: Vec<u8>,
    paste: Option<Vec<u8>>,
}

const PASTE_END: &[u8] = b"\x1b[201~";

impl Decoder {
    /// Takes a byte; gives a key where one is complete.
    pub fn feed(&mut self, byte: u8) -> Option<Key> {
        if let Some(text) = &mut self.paste {
            if text.len() < MAX_PASTE || byte == b'~' || text.ends_with(b"\x1b") {
                text.push(byte);
            }
            if text.ends_with(PASTE_END) {
                text.truncate(text.len() - PASTE_END.len());
                let text = machine::text::from_bytes(text).replace("\r\n", "\n").replace('\r', "\n");
                self.paste = None;
                return Some(Key::Paste(text));
            }
            return None;
        }
        self.pending.push(byte);
        let key = self.decode()?;
        self.pending.clear();
        if key == Key::Paste(String::new()) {
            self.paste = Some(Vec::new());
            return None;
        }
        Some(key)
    }

    /// Whether a key has begun and is not complete.
    pub fn is_partial(&self) -> bool {
        !self.pending.is_empty() || self.paste.is_some()
    }

    fn decode(&self) -> Option<Key> {
        match self.pending.as_slice() {
            [0x1b] => None,
            [0x1b, b'[' | b'O'] => None,
            [0x1b, b'[', rest @ ..] => csi(rest),
            [0x1b, b'O', letter] => Some(letter_key(*letter).unwrap_or(Key::Unknown)),
            [0x1b, 0x7f | 0x08] => Some(Key::MetaBackspace),
            [0x1b, 0x1b] => Some(Key::Unknown),
            [0x1b, rest @ ..] => character(rest).map(|c| if c.is_control() { Key::Unknown } else { Key::Meta(c) }),
            [0x7f] => Some(Key::Ctrl('?')),
            [byte @ 0..=0x1f] => Some(Key::Ctrl(char::from(byte | 0x40).to_ascii_lowercase())),
            bytes => character(bytes).map(Key::Char),
        }
    }
}

/// A character, if its bytes are complete; bytes that are no UTF-8 count one by one.
fn character(bytes: &[u8]) -> Option<char> {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.chars().next(),
        Err(error) if error.error_len().is_none() && bytes.len() < 4 => None,
        Err(_) => machine::text::from_bytes(bytes).chars().next(),
    }
}

fn csi(rest: &[u8]) -> Option<Key> {
    let (&last, parameters) = rest.split_last()?;
    if !(0x40..=0x7e).contains(&last) {
        // A sequence that never ends is dropped.
        return (rest.len() > 16).then_some(Key::Unknown);
    }
    let text = std::str::from_utf8(parameters).unwrap_or("");
    let modified = matches!(text, "1;5" | "1;3" | "5");
    Some(match (last, text) {
        (b'C', _) if modified => Key::WordRight,
        (b'D', _) if modified => Key::WordLeft,
        (b'~', "1" | "7") => Key::Home,
        (b'~', "4" | "8") => Key::End,
        (b'~', "3") => Key::Delete,
        (b'~', "200") => Key::Paste(String::new()),
        (letter, "" | "1;2") => letter_key(letter).unwrap_or(Key::Unknown),
        _ => Key::Unknown,
    })
}

fn letter_key(letter: u8) -> Option<Key> {
    Some(match letter {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        bytes.iter().filter_map(|byte| decoder.feed(*byte)).collect()
    }

    #[test]
    fn sequences_are_keys() {
        assert_eq!(keys("a한\x1b[A\x1bOD".as_bytes()), [Key::Char('a'), Key::Char('한'), Key::Up, Key::Left]);
        assert_eq!(
            keys(b"\x01\x7f\x1bb\x1b[1;5C\x1b[3~"),
            [Key::Ctrl('a'), Key::Ctrl('?'), Key::Meta('b'), Key::WordRight, Key::Delete]
        );
        assert_eq!(keys(b"\x1b[200~a\rb\x1b[201~x"), [Key::Paste("a\nb".into()), Key::Char('x')]);
        assert_eq!(keys(b"\xffa").len(), 2);
    }
}
