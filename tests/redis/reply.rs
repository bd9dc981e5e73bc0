//! Replies as trees over their raw bytes, and what it means that two are equal.

use std::fmt::Write;

/// Deeper nesting than any command gives.
const MAX_DEPTH: usize = 32;

/// One reply; every byte of it is in exactly one place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reply {
    /// Anything that holds no other reply, as it came.
    Leaf(Vec<u8>),
    /// The first line (`*2`, `%1`, `~3`, `>3`), and what it holds.
    Group(Vec<u8>, Vec<Reply>),
}

/// How replies of a command are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Like {
    /// Byte for byte.
    Exact,
    /// As sets: the order is that of a hash table with a random seed.
    Unordered,
    /// As sets of pairs.
    UnorderedPairs,
    /// A cursor, and a set.
    Scan,
    /// Integers may differ by what the clock moved (milliseconds, or a second of rounding).
    Clock,
    /// Only the shape: what it holds is chosen at random.
    Shape,
    /// How many there are is chance too.
    Kind,
    /// Not at all; the state that it leaves counts.
    Ignore,
}

impl Reply {
    /// Reads one reply from the front; `None` where it is not whole yet.
    pub fn read(bytes: &[u8], at: &mut usize) -> Option<Reply> {
        read(bytes, at, 0)
    }

    /// For people.
    pub fn show(&self) -> String {
        match self {
            Reply::Leaf(bytes) => bytes.escape_ascii().to_string(),
            Reply::Group(head, items) => {
                let mut text = head.escape_ascii().to_string();
                for item in items {
                    let _ = write!(text, " {}", item.show());
                }
                text
            }
        }
    }

    fn integer(&self) -> Option<i64> {
        let Reply::Leaf(bytes) = self else { return None };
        std::str::from_utf8(bytes.strip_prefix(b":")?).ok()?.trim_end().parse().ok()
    }

    fn items(&self) -> Option<&[Reply]> {
        match self {
            Reply::Group(_, items) => Some(items),
            Reply::Leaf(_) => None,
        }
    }

    /// Whether two servers said the same.
    pub fn equals(&self, other: &Reply, like: Like) -> bool {
        match like {
            Like::Exact => self == other,
            Like::Ignore => true,
            Like::Unordered => self.head() == other.head() && self.sorted(1) == other.sorted(1),
            Like::UnorderedPairs => {
                // RESP3 nests the pairs of some commands.
                let nested = self.items().and_then(<[Reply]>::first).is_some_and(|first| first.items().is_some());
                let stride = if nested { 1 } else { 2 };
                self.head() == other.head() && self.sorted(stride) == other.sorted(stride)
            }
            Like::Scan => match (self.items(), other.items()) {
                (Some([a, x]), Some([b, y])) => a == b && x.equals(y, Like::Unordered),
                _ => self == other,
            },
            Like::Clock => match (self, other) {
                (Reply::Group(a, x), Reply::Group(b, y)) => {
                    a == b && x.len() == y.len() && x.iter().zip(y).all(|(x, y)| x.equals(y, like))
                }
                _ => match (self.integer(), other.integer()) {
                    (Some(a), Some(b)) => (a < 0) == (b < 0) && a.abs_diff(b) <= if a > 100_000 { 2000 } else { 1 },
                    _ => self == other,
                },
            },
            Like::Shape => match (self, other) {
                (Reply::Group(a, x), Reply::Group(b, y)) => a == b && x.len() == y.len(),
                (Reply::Leaf(a), Reply::Leaf(b)) => {
                    a == b || (a.first() == b.first() && a.first().is_some_and(|c| b":$,".contains(c)))
                }
                _ => false,
            },
            Like::Kind => match (self, other) {
                (Reply::Group(a, _), Reply::Group(b, _)) => a.first() == b.first(),
                _ => self == other,
            },
        }
    }

    fn head(&self) -> &[u8] {
        match self {
            Reply::Leaf(bytes) | Reply::Group(bytes, _) => bytes,
        }
    }

    /// What a group holds, in groups of `stride`, in an order that only depends on the contents.
    fn sorted(&self, stride: usize) -> Vec<&[Reply]> {
        let mut parts: Vec<&[Reply]> = self.items().unwrap_or_default().chunks(stride).collect();
        parts.sort();
        parts
    }
}

fn read(bytes: &[u8], at: &mut usize, depth: usize) -> Option<Reply> {
    let rest = bytes.get(*at..)?;
    let line = rest.windows(2).position(|w| w == b"\r\n")? + 2;
    let head = &rest[..line];
    let count = || std::str::from_utf8(&head[1..line - 2]).ok().and_then(|n| n.parse::<i64>().ok()).unwrap_or(-1);
    match head[0] {
        b'$' | b'=' | b'!' => {
            let end = usize::try_from(count()).map_or(line, |n| line + n + 2);
            let whole = rest.get(..end)?.to_vec();
            *at += end;
            Some(Reply::Leaf(whole))
        }
        kind @ (b'*' | b'~' | b'>' | b'%') => {
            *at += line;
            let items = count() * if kind == b'%' { 2 } else { 1 };
            if items < 0 || depth == MAX_DEPTH {
                return Some(Reply::Leaf(head.to_vec()));
            }
            let mut group = Vec::new();
            for _ in 0..items {
                group.push(read(bytes, at, depth + 1)?);
            }
            Some(Reply::Group(head.to_vec(), group))
        }
        _ => {
            *at += line;
            Some(Reply::Leaf(head.to_vec()))
        }
    }
}

/// All replies of a stream, and how many bytes they take.
pub fn read_all(bytes: &[u8]) -> (Vec<Reply>, usize) {
    let (mut replies, mut done) = (Vec::new(), 0);
    let mut at = 0;
    while let Some(reply) = Reply::read(bytes, &mut at) {
        replies.push(reply);
        done = at;
    }
    (replies, done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Reply {
        let (mut replies, used) = read_all(text.as_bytes());
        assert_eq!((replies.len(), used), (1, text.len()));
        replies.remove(0)
    }

    #[test]
    fn equality_is_what_the_command_promises() {
        let (ab, ba) = (one("*2\r\n$1\r\na\r\n$1\r\nb\r\n"), one("*2\r\n$1\r\nb\r\n$1\r\na\r\n"));
        assert!(!ab.equals(&ba, Like::Exact) && ab.equals(&ba, Like::Unordered));
        assert!(!ab.equals(&ba, Like::UnorderedPairs) && ab.equals(&ba, Like::Shape));
        assert!(one(":100\r\n").equals(&one(":99\r\n"), Like::Clock));
        assert!(!one(":-1\r\n").equals(&one(":0\r\n"), Like::Clock));
        assert!(!one("$-1\r\n").equals(&one("*-1\r\n"), Like::Shape));
        assert!(one("*1\r\n:1\r\n").equals(&one("*0\r\n"), Like::Kind));
        assert!(!one("*0\r\n").equals(&one("$-1\r\n"), Like::Kind));
        assert_eq!(read_all(b"*1\r\n$3\r\nab").0.len(), 0);
    }
}
