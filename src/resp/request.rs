//! What a client sends: multi bulk requests and inline requests, arriving in pieces.

use crate::quoting::split_args;
use std::ops::Range;

/// The longest inline request, and the longest line that announces a length.
const INLINE_MAX: usize = 64 * 1024;

/// What a request may not exceed.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// `proto-max-bulk-len`.
    pub max_bulk: i64,
    /// Whether the client has authenticated; before that only small requests are read.
    pub authenticated: bool,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { max_bulk: 512 * 1024 * 1024, authenticated: true }
    }
}

/// Why a request cannot be read. The connection ends after the reply `-ERR Protocol error: …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolError(pub String);

/// Reads requests from a growing buffer without reading any byte twice.
///
/// Call [`RequestParser::step`] with everything that is not consumed yet, always starting at the
/// first byte of the same request; when it returns a length, fetch [`RequestParser::args`] and drop
/// that many bytes before the next call.
#[derive(Debug, Default)]
pub struct RequestParser {
    /// Arguments still to come of the multi bulk request being read; `None` between requests.
    remaining: Option<usize>,
    /// Announced length of the argument being read.
    bulk: Option<usize>,
    /// Where reading goes on.
    at: usize,
    args: Vec<Range<usize>>,
    /// The unquoted arguments of an inline request; `args` point into it when `inline` is set.
    scratch: Vec<u8>,
    inline: bool,
}

impl RequestParser {
    /// A parser between two requests.
    pub fn new() -> RequestParser {
        RequestParser::default()
    }

    /// Whether a request has begun but is not whole yet.
    pub fn in_request(&self) -> bool {
        self.remaining.is_some()
    }

    /// Reads on. `Ok(Some(n))`: a whole request of `n` bytes stands at the start of `buf` (it may
    /// have no argument at all: an empty line). `Ok(None)`: more bytes are needed.
    pub fn step(&mut self, buf: &[u8], limits: Limits) -> Result<Option<usize>, ProtocolError> {
        if self.remaining.is_none() {
            self.args.clear();
            self.bulk = None;
            self.at = 0;
            match buf.first() {
                None => return Ok(None),
                Some(b'*') => {
                    if !self.announce(buf, limits)? {
                        return Ok(None);
                    }
                }
                Some(_) => return self.inline(buf),
            }
        }
        self.bulks(buf, limits)
    }

    /// The arguments of the request that `step` just completed.
    pub fn args<'a>(&'a self, buf: &'a [u8], out: &mut Vec<&'a [u8]>) {
        let source: &[u8] = if self.inline { &self.scratch } else { buf };
        out.extend(self.args.iter().map(|r| source.get(r.clone()).unwrap_or_default()));
    }

    /// How many arguments the request that `step` just completed has.
    pub fn arg_count(&self) -> usize {
        self.args.len()
    }

    /// One argument of the request that `step` just completed.
    pub fn arg<'a>(&'a self, n: usize, buf: &'a [u8]) -> &'a [u8] {
        let source: &[u8] = if self.inline { &self.scratch } else { buf };
        self.args.get(n).and_then(|r| source.get(r.clone())).unwrap_or_default()
    }

    /// How many bytes the argument being read still lacks: a hint for buffer sizes.
    pub fn wanted(&self, buffered: usize) -> usize {
        self.bulk.map_or(0, |len| (self.at + len + 2).saturating_sub(buffered))
    }

    /// How many bytes of the buffer stand before the argument being read, if that is a large one:
    /// Redis drops them then, to read it without copying.
    pub fn before_large_argument(&self) -> usize {
        const LARGE: usize = 32 * 1024;
        if self.remaining.is_some() && self.bulk.is_some_and(|len| len >= LARGE) { self.at } else { 0 }
    }

    /// Reads `*N\r\n`. False: not whole yet.
    fn announce(&mut self, buf: &[u8], limits: Limits) -> Result<bool, ProtocolError> {
        if let Some((count, end)) = few(buf, 0).filter(|(count, _)| *count <= 10 || limits.authenticated) {
            self.inline = false;
            self.at = end;
            self.remaining = Some(count);
            return Ok(true);
        }
        let Some(end) = find_cr(buf, 0) else {
            if buf.len() > INLINE_MAX {
                return fail("too big mbulk count string");
            }
            return Ok(false);
        };
        if end + 1 >= buf.len() {
            return Ok(false);
        }
        let count = crate::parse_i64(&buf[1..end]).filter(|n| *n <= i64::from(i32::MAX));
        let Some(count) = count else { return fail("invalid multibulk length") };
        if count > 10 && !limits.authenticated {
            return fail("unauthenticated multibulk length");
        }
        self.inline = false;
        self.at = end + 2;
        self.remaining = Some(usize::try_from(count).unwrap_or(0));
        Ok(true)
    }

    fn bulks(&mut self, buf: &[u8], limits: Limits) -> Result<Option<usize>, ProtocolError> {
        let mut remaining = self.remaining.unwrap_or(0);
        while remaining > 0 {
            let len = match self.bulk {
                Some(len) => len,
                None => {
                    let Some(len) = self.bulk_length(buf, limits)? else { return Ok(None) };
                    self.bulk = Some(len);
                    len
                }
            };
            if buf.len() < self.at + len + 2 {
                return Ok(None);
            }
            self.args.push(self.at..self.at + len);
            self.at += len + 2;
            self.bulk = None;
            remaining -= 1;
            self.remaining = Some(remaining);
        }
        self.remaining = None;
        Ok(Some(self.at))
    }

    /// Reads `$N\r\n`.
    fn bulk_length(&mut self, buf: &[u8], limits: Limits) -> Result<Option<usize>, ProtocolError> {
        if buf.get(self.at) == Some(&b'$')
            && let Some((len, end)) = few(buf, self.at).filter(|(len, _)| *len as i64 <= limits.max_bulk)
        {
            self.at = end;
            return Ok(Some(len));
        }
        let Some(end) = find_cr(buf, self.at) else {
            if buf.len() - self.at.min(buf.len()) > INLINE_MAX {
                return fail("too big bulk count string");
            }
            return Ok(None);
        };
        if end + 1 >= buf.len() {
            return Ok(None);
        }
        let first = buf[self.at];
        if first != b'$' {
            return Err(ProtocolError(format!("expected '$', got '{}'", char::from(first))));
        }
        let len = crate::parse_i64(&buf[self.at + 1..end]).filter(|n| (0..=limits.max_bulk).contains(n));
        let Some(len) = len else { return fail("invalid bulk length") };
        if len > 16_384 && !limits.authenticated {
            return fail("unauthenticated bulk length");
        }
        self.at = end + 2;
        Ok(Some(len as usize))
    }

    fn inline(&mut self, buf: &[u8]) -> Result<Option<usize>, ProtocolError> {
        let Some(newline) = buf.iter().position(|c| *c == b'\n') else {
            if buf.len() > INLINE_MAX {
                return fail("too big inline request");
            }
            return Ok(None);
        };
        let line = &buf[..newline];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let Some(args) = split_args(line) else { return fail("unbalanced quotes in request") };
        self.inline = true;
        self.scratch.clear();
        for arg in args {
            let start = self.scratch.len();
            self.scratch.extend_from_slice(&arg);
            self.args.push(start..self.scratch.len());
        }
        Ok(Some(newline + 1))
    }
}

/// A number of one or two digits behind the byte at `at`, as most are, and where its line ends.
#[inline]
fn few(buf: &[u8], at: usize) -> Option<(usize, usize)> {
    match *buf.get(at + 1..)? {
        [ones @ b'1'..=b'9', b'\r', _, ..] => Some((usize::from(ones - b'0'), at + 4)),
        [tens @ b'1'..=b'9', ones @ b'0'..=b'9', b'\r', _, ..] => {
            Some((usize::from(tens - b'0') * 10 + usize::from(ones - b'0'), at + 5))
        }
        _ => None,
    }
}

/// Looks ahead: the first argument behind the name of each of the whole multi bulk requests at the start of
/// `buf`, as many as `out` holds. How many there are, and where the next request begins.
///
/// Nothing is checked that need not be: who reads the requests will say what is wrong with them.
pub fn first_arguments<'a>(buf: &'a [u8], out: &mut [&'a [u8]]) -> (usize, usize) {
    let (mut found, mut at) = (0, 0);
    while let Some(slot) = out.get_mut(found)
        && let Some((argument, end)) = first_argument(buf, at)
    {
        (*slot, at) = (argument, end);
        found += 1;
    }
    (found, at)
}

/// The first argument of the request at `at`, empty if it has none, and where the request ends.
fn first_argument(buf: &[u8], at: usize) -> Option<(&[u8], usize)> {
    let (words, mut at) = small_number(buf, at, b'*')?;
    let mut argument: &[u8] = &[];
    for n in 0..words {
        let (len, from) = small_number(buf, at, b'$')?;
        if n == 1 {
            argument = buf.get(from..from + len)?;
        }
        at = from + len + 2;
    }
    (at <= buf.len()).then_some((argument, at))
}

/// A line of one kind with a number below a million: the number, and where the line ends.
fn small_number(buf: &[u8], at: usize, kind: u8) -> Option<(usize, usize)> {
    let rest = buf.get(at..)?;
    if *rest.first()? != kind {
        return None;
    }
    let mut number = 0;
    for (n, c) in rest.iter().enumerate().skip(1).take(7) {
        match c {
            b'0'..=b'9' => number = number * 10 + usize::from(c - b'0'),
            b'\r' => return Some((number, at + n + 2)),
            _ => return None,
        }
    }
    None
}

fn find_cr(buf: &[u8], from: usize) -> Option<usize> {
    buf.get(from..)?.iter().position(|c| *c == b'\r').map(|n| n + from)
}

fn fail<T>(text: &str) -> Result<T, ProtocolError> {
    Err(ProtocolError(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(input: &[u8]) -> (Vec<Vec<u8>>, usize) {
        let mut parser = RequestParser::new();
        let used = parser.step(input, Limits::default()).unwrap().unwrap();
        let mut args = Vec::new();
        parser.args(input, &mut args);
        (args.into_iter().map(<[u8]>::to_vec).collect(), used)
    }

    fn error(input: &[u8]) -> String {
        RequestParser::new().step(input, Limits::default()).unwrap_err().0
    }

    #[test]
    fn reads_multi_bulk_and_inline() {
        assert_eq!(whole(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\nrest"), (vec![b"GET".to_vec(), b"a".to_vec()], 20));
        assert_eq!(whole(b"get 'a b'\r\n"), (vec![b"get".to_vec(), b"a b".to_vec()], 11));
        assert_eq!(whole(b"\r\n"), (vec![], 2));
        assert_eq!(whole(b"*0\r\n"), (vec![], 4));
        assert_eq!(whole(b"*-1\r\n"), (vec![], 5));
    }

    #[test]
    fn byte_by_byte_equals_at_once() {
        let input = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$4\r\n\r\n\r\n\r\n";
        let mut parser = RequestParser::new();
        for end in 0..input.len() {
            assert_eq!(parser.step(&input[..end], Limits::default()), Ok(None));
        }
        assert_eq!(parser.step(input, Limits::default()), Ok(Some(input.len())));
        let mut args = Vec::new();
        parser.args(input, &mut args);
        assert_eq!(args, [b"SET".as_slice(), b"a", b"\r\n\r\n"]);
    }

    #[test]
    fn words_its_errors_as_redis() {
        assert_eq!(error(b"*1a\r\n"), "invalid multibulk length");
        assert_eq!(error(b"*1\r\nfoo\r\n"), "expected '$', got 'f'");
        assert_eq!(error(b"*1\r\n$-1\r\n"), "invalid bulk length");
        assert_eq!(error(b"set \"a\r\n"), "unbalanced quotes in request");
        assert_eq!(error(&vec![b'a'; 70_000]), "too big inline request");
    }

    #[test]
    fn strangers_get_small_requests_only() {
        let limits = Limits { authenticated: false, ..Limits::default() };
        let error = |input: &[u8]| RequestParser::new().step(input, limits).unwrap_err().0;
        assert_eq!(error(b"*11\r\n"), "unauthenticated multibulk length");
        assert_eq!(error(b"*1\r\n$20000\r\n"), "unauthenticated bulk length");
    }

    #[test]
    fn looks_ahead_as_far_as_requests_are_whole() {
        let input = b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$2\r\nbc\r\n*2\r\n$3\r\nG";
        let mut out: [&[u8]; 8] = [b"-"; 8];
        assert_eq!(first_arguments(input, &mut out), (3, 20 + 14 + 21));
        assert_eq!(out[..4], [b"a".as_slice(), b"", b"bc", b"-"]);
        assert_eq!(first_arguments(input, &mut out[..1]), (1, 20));
        assert_eq!(first_arguments(b"GET a\r\n", &mut out), (0, 0));
        assert_eq!(first_arguments(b"*1\r\n$99999999999999999999\r\n", &mut out), (0, 0));
    }

    #[test]
    fn noise_never_panics() {
        let mut state = 1u64;
        let alphabet = b"*$:\r\n0123456789-ab\"' \\x\0\xff";
        for _ in 0..20_000 {
            let mut input = Vec::new();
            for _ in 0..24 {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                input.push(alphabet[(state >> 33) as usize % alphabet.len()]);
            }
            let mut parser = RequestParser::new();
            let mut from = 0;
            let mut ahead: [&[u8]; 4] = [&[]; 4];
            assert!(first_arguments(&input, &mut ahead).1 <= input.len());
            for end in 1..=input.len() {
                match parser.step(&input[from..end], Limits::default()) {
                    Ok(Some(used)) => {
                        let mut args = Vec::new();
                        parser.args(&input[from..end], &mut args);
                        from += used;
                        assert!(from <= end);
                    }
                    Ok(None) => {}
                    Err(_) => break,
                }
            }
        }
    }
}
