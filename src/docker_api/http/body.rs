//! Message bodies: by length, chunked, or until the stream ends.

use super::error::HttpError;

/// How a body is framed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// So many bytes follow.
    Length(u64),
    /// Chunks follow.
    Chunked,
    /// All bytes up to the end of the stream.
    UntilClose,
}

/// The chunk that ends a chunked body.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

const MAX_SIZE_LINE: usize = 256;

/// Frames `data` as one chunk. Empty data gives no bytes, for an empty chunk would end the body.
pub fn encode_chunk(data: &[u8]) -> Vec<u8> {
    if data.is_empty() {
        return Vec::new();
    }
    let mut out = format!("{:x}\r\n", data.len()).into_bytes();
    out.extend_from_slice(data);
    out.extend_from_slice(b"\r\n");
    out
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Counted(u64),
    ToEnd,
    SizeLine,
    Chunk(u64),
    ChunkEnd,
    Trailer,
    Done,
}

/// Takes a body apart as its bytes arrive.
#[derive(Clone, Debug)]
pub struct BodyDecoder {
    state: State,
}

impl BodyDecoder {
    /// A decoder at the body's first byte.
    pub fn new(kind: BodyKind) -> Self {
        let state = match kind {
            BodyKind::Length(0) => State::Done,
            BodyKind::Length(n) => State::Counted(n),
            BodyKind::Chunked => State::SizeLine,
            BodyKind::UntilClose => State::ToEnd,
        };
        BodyDecoder { state }
    }

    /// Whether the body is complete.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// Whether the end of the stream here means the body was cut off.
    pub fn is_cut_by_eof(&self) -> bool {
        !matches!(self.state, State::Done | State::ToEnd)
    }

    /// Moves body bytes from the front of `input` to `out`; framing is removed from `input` too.
    /// What belongs to the next message stays in `input`.
    pub fn decode(&mut self, input: &mut Vec<u8>, out: &mut Vec<u8>) -> Result<(), HttpError> {
        let mut at = 0;
        let result = self.run(input, &mut at, out);
        input.drain(..at.min(input.len()));
        result
    }

    fn run(&mut self, input: &[u8], at: &mut usize, out: &mut Vec<u8>) -> Result<(), HttpError> {
        loop {
            let rest = input.get(*at..).unwrap_or(&[]);
            match self.state {
                State::Done => return Ok(()),
                State::ToEnd => {
                    out.extend_from_slice(rest);
                    *at = input.len();
                    return Ok(());
                }
                State::Counted(left) | State::Chunk(left) => {
                    if rest.is_empty() {
                        return Ok(());
                    }
                    let take = left.min(rest.len() as u64);
                    out.extend_from_slice(&rest[..take as usize]);
                    *at += take as usize;
                    let left = left - take;
                    self.state = match (self.state, left) {
                        (State::Counted(_), 0) => State::Done,
                        (State::Counted(_), n) => State::Counted(n),
                        (_, 0) => State::ChunkEnd,
                        (_, n) => State::Chunk(n),
                    };
                }
                State::SizeLine | State::Trailer | State::ChunkEnd => {
                    let Some(end) = rest.windows(2).position(|w| w == b"\r\n") else {
                        return if rest.len() > MAX_SIZE_LINE { Err(HttpError::BadChunk) } else { Ok(()) };
                    };
                    let line = &rest[..end];
                    *at += end + 2;
                    self.state = self.after_line(line)?;
                }
            }
        }
    }

    fn after_line(&self, line: &[u8]) -> Result<State, HttpError> {
        match self.state {
            State::ChunkEnd if line.is_empty() => Ok(State::SizeLine),
            State::ChunkEnd => Err(HttpError::BadChunk),
            State::Trailer if line.is_empty() => Ok(State::Done),
            State::Trailer => Ok(State::Trailer),
            _ => {
                let text = std::str::from_utf8(line).map_err(|_| HttpError::BadChunk)?;
                let digits = text.split(';').next().unwrap_or("").trim();
                if digits.is_empty() || digits.starts_with('+') {
                    return Err(HttpError::BadChunk);
                }
                match u64::from_str_radix(digits, 16) {
                    Ok(0) => Ok(State::Trailer),
                    Ok(n) => Ok(State::Chunk(n)),
                    Err(_) => Err(HttpError::BadChunk),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(kind: BodyKind, wire: &[u8], step: usize) -> (Vec<u8>, Vec<u8>, bool) {
        let (mut decoder, mut buf, mut out) = (BodyDecoder::new(kind), Vec::new(), Vec::new());
        for part in wire.chunks(step) {
            buf.extend_from_slice(part);
            decoder.decode(&mut buf, &mut out).unwrap();
        }
        (out, buf, decoder.is_done())
    }

    #[test]
    fn chunks_come_apart_at_any_cut() {
        let mut wire = encode_chunk(b"hello ");
        wire.extend(encode_chunk(b""));
        wire.extend(encode_chunk(b"world, this is more than sixteen"));
        wire.extend_from_slice(LAST_CHUNK);
        wire.extend_from_slice(b"GET");
        for step in 1..wire.len() {
            let (out, rest, done) = feed(BodyKind::Chunked, &wire, step);
            assert_eq!(out, b"hello world, this is more than sixteen");
            assert_eq!(rest, b"GET");
            assert!(done);
        }
    }

    #[test]
    fn a_counted_body_leaves_the_next_message() {
        let (out, rest, done) = feed(BodyKind::Length(3), b"abcdef", 2);
        assert_eq!((out.as_slice(), rest.as_slice(), done), (&b"abc"[..], &b"def"[..], true));
    }

    #[test]
    fn bad_chunks_are_refused() {
        for wire in [&b"zz\r\n"[..], b"1\r\nab\r\n", b"-1\r\n", b"+1\r\n", b"ffffffffffffffffff\r\n"] {
            let mut decoder = BodyDecoder::new(BodyKind::Chunked);
            let result = decoder.decode(&mut wire.to_vec(), &mut Vec::new());
            assert_eq!(result, Err(HttpError::BadChunk), "{wire:?}");
        }
    }
}
