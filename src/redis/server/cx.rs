//! What a command sees while it runs.

use super::Server;
use crate::commands::Command;
use resp::Reply;
use std::borrow::Cow;

/// A command ends early.
#[derive(Debug)]
pub enum Fail {
    /// With this error reply.
    Error(Cow<'static, str>),
    /// With an error reply that need not be UTF-8.
    Bytes(Vec<u8>),
}

impl From<&'static str> for Fail {
    fn from(text: &'static str) -> Fail {
        Fail::Error(Cow::Borrowed(text))
    }
}

impl From<String> for Fail {
    fn from(text: String) -> Fail {
        Fail::Error(Cow::Owned(text))
    }
}

/// How a command ends.
pub type Res = Result<(), Fail>;

/// Error texts that many commands share.
pub mod err {
    /// A key of another type.
    pub const WRONG_TYPE: &str = "WRONGTYPE Operation against a key holding the wrong kind of value";
    /// Options that make no sense.
    pub const SYNTAX: &str = "ERR syntax error";
    /// Not a 64 bit integer.
    pub const NOT_INT: &str = "ERR value is not an integer or out of range";
    /// Not a floating point number.
    pub const NOT_FLOAT: &str = "ERR value is not a valid float";
    /// No such key.
    pub const NO_KEY: &str = "ERR no such key";
    /// An index beyond the end.
    pub const INDEX: &str = "ERR index out of range";
    /// A counter would overflow.
    pub const OVERFLOW: &str = "ERR increment or decrement would overflow";
    /// A number that must not be negative.
    pub const NOT_POSITIVE: &str = "ERR value is out of range, must be positive";
}

/// The context of a running command.
pub struct Cx<'a> {
    /// The server.
    pub s: &'a mut Server,
    /// The reply being written.
    pub out: &'a mut Reply,
    /// The command and its arguments.
    pub argv: &'a [&'a [u8]],
    /// Who sent it.
    pub client: u64,
    /// The selected database.
    pub db: usize,
    /// The command's description.
    pub cmd: &'static Command,
    /// Blocking is not possible: inside EXEC or a script.
    pub no_block: bool,
}

impl<'a> Cx<'a> {
    /// How many words the command has, its name included.
    pub fn argc(&self) -> usize {
        self.argv.len()
    }

    /// A word; empty if there is none.
    pub fn arg(&self, n: usize) -> &'a [u8] {
        self.argv.get(n).copied().unwrap_or_default()
    }

    /// Whether a word equals an option's name, in any case.
    pub fn is(&self, n: usize, word: &str) -> bool {
        self.arg(n).eq_ignore_ascii_case(word.as_bytes())
    }

    /// A word as a 64 bit integer.
    pub fn int(&self, n: usize) -> Result<i64, Fail> {
        resp::parse_i64(self.arg(n)).ok_or(Fail::from(err::NOT_INT))
    }

    /// A word as an integer, with a special error.
    pub fn int_or(&self, n: usize, error: &'static str) -> Result<i64, Fail> {
        resp::parse_i64(self.arg(n)).ok_or(Fail::from(error))
    }

    /// A word as a floating point number.
    pub fn float(&self, n: usize) -> Result<f64, Fail> {
        self.float_or(n, err::NOT_FLOAT)
    }

    /// A word as a floating point number, with a special error.
    pub fn float_or(&self, n: usize, error: &'static str) -> Result<f64, Fail> {
        super::number::parse_double(self.arg(n)).ok_or(Fail::from(error))
    }

    /// Tells everybody concerned that a key was changed: watchers, trackers, replicas, listeners.
    pub fn changed(&mut self, class: u32, event: &str, key: &[u8], dirty: u64) {
        self.s.key_modified(self.db, key, self.client);
        self.s.notify(class, event, key, self.db);
        self.s.dirty += dirty;
    }

    /// Sends other words than the client's to replicas and the append only file.
    pub fn propagate_as(&mut self, words: &[&[u8]]) {
        self.s.rewritten = Some(words.iter().map(|w| w.to_vec()).collect());
    }

    /// Keeps words of the command out of the slow log and away from those who monitor.
    pub fn redact(&mut self, places: std::ops::Range<usize>) {
        self.s.redacted.extend(places);
    }

    /// Whether the reply is beyond what the client may let wait, or beyond what any reply can be. Then the rest need
    /// not be written: the connection ends.
    pub fn reply_is_too_long(&mut self) -> bool {
        const MOST: usize = 1 << 30;
        // What a script asks for is not the client's output.
        let own = if self.s.scripting.in_call { None } else { self.s.hard_output_limit(self.client) };
        let limit = own.unwrap_or(MOST);
        if self.out.buf.len() < limit {
            return false;
        }
        self.s.close_over_limit(self.client);
        true
    }

    /// The client itself.
    pub fn me(&mut self) -> &mut super::client::Client {
        self.s.client_mut(self.client)
    }
}
