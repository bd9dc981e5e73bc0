//! What a server answers, as a client program reads it.

/// How deep replies may nest before they count as broken.
pub const MAX_DEPTH: usize = 128;

/// One reply. Maps and attributes hold key, value, key, value, ….
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `+OK`
    Simple(String),
    /// `-ERR …`, also RESP3's `!`.
    Error(String),
    /// `:1`
    Integer(i64),
    /// `$3`
    Bulk(Vec<u8>),
    /// `$-1`, `*-1` and RESP3's `_`.
    Null,
    /// `*-1`: kept apart since printers of RESP2 replies tell them apart.
    NullArray,
    /// `*2`
    Array(Vec<Value>),
    /// `%1`
    Map(Vec<Value>),
    /// `~1`
    Set(Vec<Value>),
    /// `>2`
    Push(Vec<Value>),
    /// `|1`, then the reply it belongs to.
    Attribute(Vec<Value>, Box<Value>),
    /// `,3.14`: the text as sent, since printers show it unchanged.
    Double(String),
    /// `#t`
    Boolean(bool),
    /// `(123…`
    BigNumber(String),
    /// `=15`, format and text.
    Verbatim(String, Vec<u8>),
}

/// Why bytes are not a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(pub String);

/// Reads one reply from the start of `buf`: the reply and its length, or `None` when more bytes are
/// needed.
pub fn decode(buf: &[u8]) -> Result<Option<(Value, usize)>, DecodeError> {
    let mut reader = Reader { buf, at: 0 };
    Ok(reader.value(0)?.map(|value| (value, reader.at)))
}

struct Reader<'a> {
    buf: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn line(&mut self) -> Option<&'a [u8]> {
        let rest = self.buf.get(self.at..)?;
        let end = rest.windows(2).position(|w| w == b"\r\n")?;
        self.at += end + 2;
        Some(&rest[..end])
    }

    fn value(&mut self, depth: usize) -> Result<Option<Value>, DecodeError> {
        if depth > MAX_DEPTH {
            return Err(DecodeError("No support for nested multi bulk replies with depth > 128".into()));
        }
        let Some(line) = self.line() else { return Ok(None) };
        let Some((&kind, text)) = line.split_first() else { return Err(unknown(b'\r')) };
        Ok(Some(match kind {
            b'+' => Value::Simple(lossy(text)),
            b'-' => Value::Error(lossy(text)),
            b':' => Value::Integer(integer(text)?),
            b'_' => Value::Null,
            b',' => Value::Double(lossy(text)),
            b'(' => Value::BigNumber(lossy(text)),
            b'#' => Value::Boolean(text == b"t"),
            b'$' | b'=' | b'!' => return self.bulk(kind, integer(text)?),
            b'*' | b'~' | b'>' | b'%' | b'|' => return self.aggregate(kind, integer(text)?, depth),
            other => return Err(unknown(other)),
        }))
    }

    fn bulk(&mut self, kind: u8, len: i64) -> Result<Option<Value>, DecodeError> {
        let Ok(len) = usize::try_from(len) else { return Ok(Some(Value::Null)) };
        let Some(data) = self.buf.get(self.at..self.at.saturating_add(len)) else { return Ok(None) };
        if self.buf.len() < self.at + len + 2 {
            return Ok(None);
        }
        self.at += len + 2;
        Ok(Some(match kind {
            b'!' => Value::Error(lossy(data)),
            b'=' if data.len() >= 4 => Value::Verbatim(lossy(&data[..3]), data[4..].to_vec()),
            _ => Value::Bulk(data.to_vec()),
        }))
    }

    fn aggregate(&mut self, kind: u8, len: i64, depth: usize) -> Result<Option<Value>, DecodeError> {
        let Ok(len) = usize::try_from(len) else { return Ok(Some(Value::NullArray)) };
        let count = if matches!(kind, b'%' | b'|') { len.saturating_mul(2) } else { len };
        let mut items = Vec::with_capacity(count.min(1024));
        for _ in 0..count {
            match self.value(depth + 1)? {
                Some(item) => items.push(item),
                None => return Ok(None),
            }
        }
        Ok(Some(match kind {
            b'~' => Value::Set(items),
            b'>' => Value::Push(items),
            b'%' => Value::Map(items),
            b'|' => {
                let Some(value) = self.value(depth + 1)? else { return Ok(None) };
                Value::Attribute(items, Box::new(value))
            }
            _ => Value::Array(items),
        }))
    }
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

fn integer(text: &[u8]) -> Result<i64, DecodeError> {
    let text = text.strip_prefix(b"+").unwrap_or(text);
    crate::parse_i64(text).ok_or_else(|| DecodeError("Bad integer value".into()))
}

fn unknown(kind: u8) -> DecodeError {
    DecodeError(format!("Protocol error, got {} as reply type byte", crate::repr(&[kind])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_kind() {
        let input = b"*8\r\n+OK\r\n-ERR x\r\n:-5\r\n$2\r\nhi\r\n_\r\n,1.5\r\n#t\r\n%1\r\n+a\r\n=7\r\ntxt:abc\r\n";
        let (value, used) = decode(input).unwrap().unwrap();
        assert_eq!(used, input.len());
        let Value::Array(items) = value else { panic!("not an array") };
        assert_eq!(items[2], Value::Integer(-5));
        assert_eq!(
            items[7],
            Value::Map(vec![Value::Simple("a".into()), Value::Verbatim("txt".into(), b"abc".to_vec())])
        );
        for end in 0..input.len() {
            assert_eq!(decode(&input[..end]), Ok(None));
        }
    }

    #[test]
    fn bounds_depth_and_kinds() {
        assert!(decode(&b"*1\r\n".repeat(1000)).is_err());
        assert_eq!(decode(b"?x\r\n").unwrap_err().0, "Protocol error, got \"?\" as reply type byte");
    }
}
