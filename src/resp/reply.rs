//! Replies as a client reads them (RESP2 and RESP3), parsed incrementally from a byte stream.
//!
//! Source of facts: the Redis serialization protocol specification. The parser keeps its place between two
//! feeds, so a large reply that arrives in small pieces is looked at once. Types that hiredis does not know
//! (attributes, bulk errors) are protocol errors, as they are for redis-cli.

use std::fmt;

/// How deep aggregates may nest; more is a protocol error, so that nobody recurses without a bound.
const MAX_DEPTH: usize = 128;
/// Most elements reserved ahead for an aggregate whose announced length nobody has backed with bytes yet.
const MAX_RESERVE: usize = 1024;

/// One reply of a server.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// `+OK`
    Status(Vec<u8>),
    /// `-ERR …`
    Error(Vec<u8>),
    /// `:1`
    Integer(i64),
    /// `,1.5`; the text as sent
    Double(Vec<u8>),
    /// `(123…`; the digits as sent
    BigNumber(Vec<u8>),
    /// `$3 foo`
    Bulk(Vec<u8>),
    /// `=15 txt:…`, without the format and its colon
    Verbatim(Vec<u8>),
    /// `$-1`, `*-1` or `_`
    Nil,
    /// `#t`
    Bool(bool),
    /// `*2`
    Array(Vec<Reply>),
    /// `%1`
    Map(Vec<(Reply, Reply)>),
    /// `~2`
    Set(Vec<Reply>),
    /// `>2`, out of band
    Push(Vec<Reply>),
}

impl Reply {
    /// The bytes of a status, error, bulk or verbatim string or of a number that came as text.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Status(b)
            | Self::Error(b)
            | Self::Bulk(b)
            | Self::Verbatim(b)
            | Self::Double(b)
            | Self::BigNumber(b) => Some(b),
            _ => None,
        }
    }

    /// Like [`Reply::bytes`], as text.
    pub fn text(&self) -> Option<String> {
        self.bytes().map(|b| String::from_utf8_lossy(b).into_owned())
    }

    /// An integer, or a string that holds one.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(n) => Some(*n),
            other => std::str::from_utf8(other.bytes()?).ok()?.trim().parse().ok(),
        }
    }

    /// The elements of an array, set or push.
    pub fn elements(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) | Self::Set(items) | Self::Push(items) => Some(items),
            _ => None,
        }
    }

    /// The pairs of a map, or of an array that stands for one (RESP2).
    pub fn pairs(&self) -> Vec<(&Self, &Self)> {
        match self {
            Self::Map(pairs) => pairs.iter().map(|(k, v)| (k, v)).collect(),
            other => other
                .elements()
                .unwrap_or_default()
                .chunks_exact(2)
                .filter_map(|p| Some((p.first()?, p.get(1)?)))
                .collect(),
        }
    }

    /// Whether this is an error.
    pub fn is_error(&self) -> bool {
        matches!(self, Self::Error(_))
    }
}

/// What a client cannot make sense of; the text is hiredis's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolError(pub String);

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Array,
    Map,
    Set,
    Push,
}

#[derive(Debug)]
struct Frame {
    shape: Shape,
    missing: usize,
    items: Vec<Reply>,
}

/// Takes bytes in pieces of any size, gives whole replies.
#[derive(Debug, Default)]
pub struct ReplyReader {
    buffer: Vec<u8>,
    at: usize,
    stack: Vec<Frame>,
}

impl ReplyReader {
    /// A reader at the start of a connection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends what arrived.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.at > 0 && self.at * 2 >= self.buffer.len() {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The bytes that no reply has taken yet, taken out: for what follows a reply raw (SYNC).
    pub fn take_rest(&mut self) -> Vec<u8> {
        let rest = self.buffer.split_off(self.at.min(self.buffer.len()));
        self.buffer.clear();
        self.at = 0;
        rest
    }

    /// The next whole reply, or `None` until more bytes come.
    pub fn next_reply(&mut self) -> Result<Option<Reply>, ProtocolError> {
        loop {
            let Some(item) = self.item()? else { return Ok(None) };
            if let Some(reply) = self.place(item)? {
                return Ok(Some(reply));
            }
        }
    }

    /// Puts a finished item into the aggregate being built; gives it back when it is a whole reply.
    fn place(&mut self, item: Item) -> Result<Option<Reply>, ProtocolError> {
        let mut done = match item {
            Item::Whole(reply) => reply,
            Item::Opens(shape, count) => {
                if self.stack.len() >= MAX_DEPTH {
                    return Err(ProtocolError("No support for nested multi bulk replies with depth > 128".into()));
                }
                self.stack.push(Frame { shape, missing: count, items: Vec::with_capacity(count.min(MAX_RESERVE)) });
                if count > 0 {
                    return Ok(None);
                }
                let Some(reply) = self.close() else { return Ok(None) };
                reply
            }
        };
        loop {
            let Some(frame) = self.stack.last_mut() else { return Ok(Some(done)) };
            frame.items.push(done);
            frame.missing -= 1;
            if frame.missing > 0 {
                return Ok(None);
            }
            let Some(reply) = self.close() else { return Ok(None) };
            done = reply;
        }
    }

    fn close(&mut self) -> Option<Reply> {
        let frame = self.stack.pop()?;
        Some(match frame.shape {
            Shape::Array => Reply::Array(frame.items),
            Shape::Set => Reply::Set(frame.items),
            Shape::Push => Reply::Push(frame.items),
            Shape::Map => {
                let mut pairs = Vec::with_capacity(frame.items.len() / 2);
                let mut items = frame.items.into_iter();
                while let (Some(key), Some(value)) = (items.next(), items.next()) {
                    pairs.push((key, value));
                }
                Reply::Map(pairs)
            }
        })
    }

    /// One line or one length-prefixed string, if it is there whole.
    fn item(&mut self) -> Result<Option<Item>, ProtocolError> {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
        let Some(&kind) = rest.first() else { return Ok(None) };
        if !b"+-:,#_($=*%~>".contains(&kind) {
            return Err(ProtocolError(format!("Protocol error, got {} as reply type byte", quote_byte(kind))));
        }
        let Some(end) = rest.windows(2).position(|w| w == b"\r\n") else { return Ok(None) };
        let line = rest.get(1..end).unwrap_or_default();
        let after = end + 2;
        let item = match kind {
            b'+' => Item::Whole(Reply::Status(line.to_vec())),
            b'-' => Item::Whole(Reply::Error(line.to_vec())),
            b':' => Item::Whole(Reply::Integer(number(line).ok_or_else(|| ProtocolError("Bad integer value".into()))?)),
            b',' => Item::Whole(Reply::Double(line.to_vec())),
            b'(' => Item::Whole(Reply::BigNumber(line.to_vec())),
            b'#' => Item::Whole(Reply::Bool(line == b"t")),
            b'_' => Item::Whole(Reply::Nil),
            b'$' | b'=' => {
                let length = number(line).ok_or_else(|| ProtocolError("Bad bulk string length".into()))?;
                let Ok(length) = usize::try_from(length) else {
                    self.at += after;
                    return Ok(Some(Item::Whole(Reply::Nil)));
                };
                let Some(body) = rest.get(after..).and_then(|r| r.get(..length)) else { return Ok(None) };
                if rest.len() < after + length + 2 {
                    return Ok(None);
                }
                let reply = match kind {
                    b'=' => Reply::Verbatim(body.get(4..).unwrap_or_default().to_vec()),
                    _ => Reply::Bulk(body.to_vec()),
                };
                self.at += after + length + 2;
                return Ok(Some(Item::Whole(reply)));
            }
            _ => aggregate(kind, line)?,
        };
        self.at += after;
        Ok(Some(item))
    }
}

enum Item {
    Whole(Reply),
    Opens(Shape, usize),
}

fn aggregate(kind: u8, line: &[u8]) -> Result<Item, ProtocolError> {
    let bad = || ProtocolError("Bad multi-bulk length".into());
    let count = number(line).ok_or_else(bad)?;
    let Ok(count) = usize::try_from(count) else { return Ok(Item::Whole(Reply::Nil)) };
    let double = || count.checked_mul(2).ok_or_else(bad);
    Ok(match kind {
        b'%' => Item::Opens(Shape::Map, double()?),
        b'~' => Item::Opens(Shape::Set, count),
        b'>' => Item::Opens(Shape::Push, count),
        _ => Item::Opens(Shape::Array, count),
    })
}

fn number(line: &[u8]) -> Option<i64> {
    std::str::from_utf8(line).ok()?.parse().ok()
}

fn quote_byte(byte: u8) -> String {
    match byte {
        b'"' | b'\\' => format!("\"\\{}\"", char::from(byte)),
        b'\n' => "\"\\n\"".into(),
        b'\r' => "\"\\r\"".into(),
        0x20..=0x7e => format!("\"{}\"", char::from(byte)),
        _ => format!("\"\\x{byte:02x}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Reply {
        Reply::Bulk(text.as_bytes().to_vec())
    }

    #[test]
    fn every_split_gives_the_same_replies() {
        let wire = b"*3\r\n:1\r\n$1\r\na\r\n*2\r\n$-1\r\n+x\r\n%1\r\n$1\r\nk\r\n~2\r\n#t\r\n,1.5\r\n*0\r\n=7\r\ntxt:abc\r\n>1\r\n_\r\n-ERR no\r\n";
        let expected = vec![
            Reply::Array(vec![
                Reply::Integer(1),
                bulk("a"),
                Reply::Array(vec![Reply::Nil, Reply::Status(b"x".to_vec())]),
            ]),
            Reply::Map(vec![(bulk("k"), Reply::Set(vec![Reply::Bool(true), Reply::Double(b"1.5".to_vec())]))]),
            Reply::Array(vec![]),
            Reply::Verbatim(b"abc".to_vec()),
            Reply::Push(vec![Reply::Nil]),
            Reply::Error(b"ERR no".to_vec()),
        ];
        for piece in 1..wire.len() {
            let mut reader = ReplyReader::new();
            let mut got = Vec::new();
            for part in wire.chunks(piece) {
                reader.feed(part);
                while let Some(reply) = reader.next_reply().unwrap() {
                    got.push(reply);
                }
            }
            assert_eq!(got, expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn nonsense_is_an_error_and_depth_is_bounded() {
        let mut reader = ReplyReader::new();
        reader.feed(b"HTTP/1.1 400\r\n");
        assert_eq!(reader.next_reply(), Err(ProtocolError("Protocol error, got \"H\" as reply type byte".into())));
        let mut reader = ReplyReader::new();
        reader.feed(&b"*1\r\n".repeat(1000));
        assert!(reader.next_reply().is_err());
    }
}
