//! Writing replies, in the dialect the client asked for.

use crate::number::{format_double, push_i64};

/// Collects replies as bytes. Every aggregate is written as its header, then its items.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The bytes so far.
    pub buf: Vec<u8>,
    /// Whether the client speaks RESP3.
    pub resp3: bool,
    /// How many error replies were written: statistics and transactions look at it.
    pub errors: u32,
    /// While set, nothing is written (CLIENT REPLY OFF and SKIP).
    pub muted: bool,
}

/// Where a length will be filled in.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

impl Reply {
    /// An empty RESP2 or RESP3 reply.
    pub fn new(resp3: bool) -> Reply {
        Reply { resp3, ..Reply::default() }
    }

    fn line(&mut self, kind: u8, text: &[u8]) {
        if self.muted {
            return;
        }
        self.buf.push(kind);
        self.buf.extend_from_slice(text);
        self.buf.extend_from_slice(b"\r\n");
    }

    fn header(&mut self, kind: u8, n: i64) {
        if self.muted {
            return;
        }
        self.buf.push(kind);
        push_i64(&mut self.buf, n);
        self.buf.extend_from_slice(b"\r\n");
    }

    /// `+OK`
    pub fn ok(&mut self) {
        self.raw(b"+OK\r\n");
    }

    /// `+text`
    pub fn simple(&mut self, text: &str) {
        self.line(b'+', text.as_bytes());
    }

    /// `-text`, where `text` begins with the error's code; line ends become spaces.
    pub fn error(&mut self, text: &str) {
        self.errors += 1;
        if text.contains(['\r', '\n']) {
            self.line(b'-', text.trim_matches(['\r', '\n']).replace(['\r', '\n'], " ").as_bytes());
        } else {
            self.line(b'-', text.as_bytes());
        }
    }

    /// Like [`Reply::error`] for bytes that need not be UTF-8.
    pub fn error_bytes(&mut self, text: &[u8]) {
        self.errors += 1;
        let is_end = |c: &u8| matches!(c, b'\r' | b'\n');
        let from = text.iter().position(|c| !is_end(c)).unwrap_or(text.len());
        let to = text.iter().rposition(|c| !is_end(c)).map_or(from, |at| at + 1);
        let clean: Vec<u8> =
            text[from..to].iter().map(|c| if matches!(c, b'\r' | b'\n') { b' ' } else { *c }).collect();
        self.line(b'-', &clean);
    }

    /// `:n`
    pub fn int(&mut self, n: i64) {
        self.header(b':', n);
    }

    /// `:n` of a length.
    pub fn len(&mut self, n: usize) {
        self.int(n as i64);
    }

    /// `$…`
    pub fn bulk(&mut self, data: &[u8]) {
        if self.muted {
            return;
        }
        // Room for all of it is made once, and most lengths have one or two digits.
        self.buf.reserve(data.len() + 16);
        match data.len() {
            len @ 0..=9 => self.buf.extend_from_slice(&[b'$', b'0' + len as u8, b'\r', b'\n']),
            len @ 10..=99 => {
                self.buf.extend_from_slice(&[b'$', b'0' + (len / 10) as u8, b'0' + (len % 10) as u8, b'\r', b'\n']);
            }
            len => self.header(b'$', len as i64),
        }
        self.buf.extend_from_slice(data);
        self.buf.extend_from_slice(b"\r\n");
    }

    /// A bulk string of text.
    pub fn text(&mut self, data: &str) {
        self.bulk(data.as_bytes());
    }

    /// A bulk string holding a decimal integer.
    pub fn bulk_int(&mut self, n: i64) {
        let mut digits = Vec::with_capacity(20);
        push_i64(&mut digits, n);
        self.bulk(&digits);
    }

    /// The null reply for a missing value.
    pub fn null(&mut self) {
        self.raw(if self.resp3 { b"_\r\n" } else { b"$-1\r\n" });
    }

    /// The null reply for a missing array.
    pub fn null_array(&mut self) {
        self.raw(if self.resp3 { b"_\r\n" } else { b"*-1\r\n" });
    }

    /// Bytes that are a reply already.
    pub fn raw(&mut self, bytes: &[u8]) {
        if !self.muted {
            self.buf.extend_from_slice(bytes);
        }
    }

    /// An array of `n` items follows.
    pub fn array(&mut self, n: usize) {
        self.header(b'*', n as i64);
    }

    /// A map of `n` pairs follows.
    pub fn map(&mut self, n: usize) {
        if self.resp3 { self.header(b'%', n as i64) } else { self.header(b'*', 2 * n as i64) }
    }

    /// A set of `n` items follows.
    pub fn set(&mut self, n: usize) {
        self.header(if self.resp3 { b'~' } else { b'*' }, n as i64);
    }

    /// A push message of `n` items follows.
    pub fn push(&mut self, n: usize) {
        self.header(if self.resp3 { b'>' } else { b'*' }, n as i64);
    }

    /// A floating point number: its own type in RESP3, else text.
    pub fn double(&mut self, value: f64) {
        let text = format_double(value);
        if self.resp3 { self.line(b',', text.as_bytes()) } else { self.bulk(text.as_bytes()) }
    }

    /// A truth value: `#t` in RESP3, else 1 or 0.
    pub fn boolean(&mut self, value: bool) {
        if self.resp3 { self.line(b'#', if value { b"t" } else { b"f" }) } else { self.int(i64::from(value)) }
    }

    /// A number of any length.
    pub fn big_number(&mut self, digits: &[u8]) {
        if self.resp3 { self.line(b'(', digits) } else { self.bulk(digits) }
    }

    /// Text meant for people: verbatim in RESP3.
    pub fn verbatim(&mut self, format: &str, data: &[u8]) {
        if self.resp3 {
            if self.muted {
                return;
            }
            self.header(b'=', data.len() as i64 + 4);
            self.buf.extend_from_slice(format.as_bytes());
            self.buf.push(b':');
            self.buf.extend_from_slice(data);
            self.buf.extend_from_slice(b"\r\n");
        } else {
            self.bulk(data);
        }
    }

    /// An array of texts.
    pub fn texts(&mut self, items: &[&str]) {
        self.array(items.len());
        for item in items {
            self.text(item);
        }
    }

    /// An array of simple strings: the form of HELP replies and flag lists.
    pub fn statuses(&mut self, items: &[&str]) {
        self.array(items.len());
        for item in items {
            self.simple(item);
        }
    }

    /// Remembers this place for a header whose length is not known yet.
    pub fn later(&self) -> Mark {
        Mark(self.buf.len())
    }

    fn fill(&mut self, mark: Mark, kind: u8, n: i64) {
        if self.muted {
            return;
        }
        let mut header = vec![kind];
        push_i64(&mut header, n);
        header.extend_from_slice(b"\r\n");
        let at = mark.0.min(self.buf.len());
        self.buf.splice(at..at, header);
    }

    /// Writes a bulk string at `mark`.
    pub fn bulk_at(&mut self, mark: Mark, data: &[u8]) {
        if self.muted {
            return;
        }
        let mut bulk = vec![b'$'];
        push_i64(&mut bulk, data.len() as i64);
        bulk.extend_from_slice(b"\r\n");
        bulk.extend_from_slice(data);
        bulk.extend_from_slice(b"\r\n");
        let at = mark.0.min(self.buf.len());
        self.buf.splice(at..at, bulk);
    }

    /// Writes the array header at `mark`.
    pub fn array_at(&mut self, mark: Mark, n: usize) {
        self.fill(mark, b'*', n as i64);
    }

    /// Writes the set header at `mark`.
    pub fn set_at(&mut self, mark: Mark, n: usize) {
        self.fill(mark, if self.resp3 { b'~' } else { b'*' }, n as i64);
    }

    /// Writes the map header at `mark`.
    pub fn map_at(&mut self, mark: Mark, n: usize) {
        if self.resp3 { self.fill(mark, b'%', n as i64) } else { self.fill(mark, b'*', 2 * n as i64) }
    }

    /// Forgets everything written after `mark`.
    pub fn rewind(&mut self, mark: Mark) {
        self.buf.truncate(mark.0);
    }
}

/// A request as a client sends it: an array of bulk strings.
pub fn encode_request<A: AsRef<[u8]>>(out: &mut Vec<u8>, args: &[A]) {
    out.push(b'*');
    push_i64(out, args.len() as i64);
    out.extend_from_slice(b"\r\n");
    for arg in args {
        let arg = arg.as_ref();
        out.push(b'$');
        push_i64(out, arg.len() as i64);
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(arg);
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speaks_both_dialects() {
        let write = |resp3| {
            let mut r = Reply::new(resp3);
            r.map(1);
            r.text("a");
            r.double(1.5);
            r.null();
            r.boolean(true);
            r.verbatim("txt", b"x");
            String::from_utf8(r.buf).unwrap()
        };
        assert_eq!(write(false), "*2\r\n$1\r\na\r\n$3\r\n1.5\r\n$-1\r\n:1\r\n$1\r\nx\r\n");
        assert_eq!(write(true), "%1\r\n$1\r\na\r\n,1.5\r\n_\r\n#t\r\n=5\r\ntxt:x\r\n");
    }

    #[test]
    fn lengths_can_come_later() {
        let mut r = Reply::new(false);
        r.ok();
        let mark = r.later();
        r.int(1);
        r.int(2);
        r.array_at(mark, 2);
        assert_eq!(r.buf, b"+OK\r\n*2\r\n:1\r\n:2\r\n");
    }
}
