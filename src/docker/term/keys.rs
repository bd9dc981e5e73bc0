//! `--detach-keys`: the sequence that leaves a container running.

/// The sequence when none is given: ctrl-p ctrl-q.
const DEFAULT: [u8; 2] = [16, 17];

/// Reads `ctrl-a,b,…`; the error is docker/cli's.
pub fn parse_keys(text: &str) -> Result<Vec<u8>, String> {
    if text.is_empty() {
        return Ok(DEFAULT.to_vec());
    }
    text.split(',').map(key).collect()
}

fn key(text: &str) -> Result<u8, String> {
    let unknown = || format!("Unknown character: '{text}'");
    if let [byte] = text.as_bytes() {
        return Ok(*byte);
    }
    let Some(control) = text.strip_prefix("ctrl-") else { return Err(unknown()) };
    match control.as_bytes() {
        [c @ b'a'..=b'z'] => Ok(c - b'a' + 1),
        b"@" => Ok(0),
        b"[" => Ok(27),
        b"\\" => Ok(28),
        b"]" => Ok(29),
        b"^" => Ok(30),
        b"_" => Ok(31),
        _ => Err(unknown()),
    }
}

/// Finds the sequence in what is typed. A beginning of it is held back until it is clear that it is
/// none.
#[derive(Clone, Debug)]
pub struct DetachKeys {
    keys: Vec<u8>,
    seen: usize,
}

impl DetachKeys {
    /// Looks for `keys`; none at all if empty.
    pub fn new(keys: Vec<u8>) -> DetachKeys {
        DetachKeys { keys, seen: 0 }
    }

    /// What of `typed` is to be passed on; `None` as soon as the sequence is complete.
    pub fn filter(&mut self, typed: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(typed.len());
        for byte in typed {
            if self.keys.get(self.seen) == Some(byte) {
                self.seen += 1;
                if self.seen == self.keys.len() {
                    return None;
                }
                continue;
            }
            out.extend_from_slice(self.keys.get(..self.seen).unwrap_or(&[]));
            self.seen = 0;
            out.push(*byte);
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_read() {
        assert_eq!(parse_keys(""), Ok(vec![16, 17]));
        assert_eq!(parse_keys("ctrl-a"), Ok(vec![1]));
        assert_eq!(parse_keys("ctrl-@,x,ctrl-["), Ok(vec![0, b'x', 27]));
        assert_eq!(parse_keys("foo"), Err("Unknown character: 'foo'".into()));
        assert!(parse_keys("ctrl-").is_err() && parse_keys("ctrl-A").is_err());
    }

    #[test]
    fn a_beginning_is_held_back() {
        let mut keys = DetachKeys::new(vec![16, 17]);
        assert_eq!(keys.filter(b"ab\x10"), Some(b"ab".to_vec()));
        assert_eq!(keys.filter(b"c"), Some(b"\x10c".to_vec()));
        assert_eq!(keys.filter(b"\x10"), Some(vec![]));
        assert_eq!(keys.filter(b"\x11"), None);
        assert_eq!(DetachKeys::new(Vec::new()).filter(b"\x10\x11"), Some(vec![16, 17]));
    }
}
