//! What a command's description is made of.

use crate::server::{Cx, Res};

/// Properties of commands.
#[allow(missing_docs)]
pub mod flag {
    pub const NAMES: [&str; 23] = [
        "write",
        "readonly",
        "denyoom",
        "module",
        "admin",
        "pubsub",
        "noscript",
        "blocking",
        "loading",
        "stale",
        "skip_monitor",
        "skip_slowlog",
        "asking",
        "fast",
        "no_auth",
        "may_replicate",
        "no_mandatory_keys",
        "protected",
        "no_async_loading",
        "no_multi",
        "movablekeys",
        "allow_busy",
        "touches_arbitrary_keys",
    ];
    pub const WRITE: u32 = 1 << 0;
    pub const READONLY: u32 = 1 << 1;
    pub const DENYOOM: u32 = 1 << 2;
    pub const MODULE: u32 = 1 << 3;
    pub const ADMIN: u32 = 1 << 4;
    pub const PUBSUB: u32 = 1 << 5;
    pub const NOSCRIPT: u32 = 1 << 6;
    pub const BLOCKING: u32 = 1 << 7;
    pub const LOADING: u32 = 1 << 8;
    pub const STALE: u32 = 1 << 9;
    pub const SKIP_MONITOR: u32 = 1 << 10;
    pub const SKIP_SLOWLOG: u32 = 1 << 11;
    pub const ASKING: u32 = 1 << 12;
    pub const FAST: u32 = 1 << 13;
    pub const NO_AUTH: u32 = 1 << 14;
    pub const MAY_REPLICATE: u32 = 1 << 15;
    pub const NO_MANDATORY_KEYS: u32 = 1 << 16;
    pub const PROTECTED: u32 = 1 << 17;
    pub const NO_ASYNC_LOADING: u32 = 1 << 18;
    pub const NO_MULTI: u32 = 1 << 19;
    pub const MOVABLEKEYS: u32 = 1 << 20;
    pub const ALLOW_BUSY: u32 = 1 << 21;
    pub const TOUCHES_ARBITRARY_KEYS: u32 = 1 << 22;
    /// Also in Sentinel mode. COMMAND does not tell.
    pub const SENTINEL: u32 = 1 << 23;
    /// Only in Sentinel mode. COMMAND does not tell.
    pub const ONLY_SENTINEL: u32 = 1 << 24;
}

/// Categories of ACL rules.
#[allow(missing_docs)]
pub mod acl {
    pub const NAMES: [&str; 21] = [
        "keyspace",
        "read",
        "write",
        "set",
        "sortedset",
        "list",
        "hash",
        "string",
        "bitmap",
        "hyperloglog",
        "geo",
        "stream",
        "pubsub",
        "admin",
        "fast",
        "slow",
        "blocking",
        "dangerous",
        "connection",
        "transaction",
        "scripting",
    ];
    pub const KEYSPACE: u32 = 1 << 0;
    pub const READ: u32 = 1 << 1;
    pub const WRITE: u32 = 1 << 2;
    pub const SET: u32 = 1 << 3;
    pub const SORTEDSET: u32 = 1 << 4;
    pub const LIST: u32 = 1 << 5;
    pub const HASH: u32 = 1 << 6;
    pub const STRING: u32 = 1 << 7;
    pub const BITMAP: u32 = 1 << 8;
    pub const HYPERLOGLOG: u32 = 1 << 9;
    pub const GEO: u32 = 1 << 10;
    pub const STREAM: u32 = 1 << 11;
    pub const PUBSUB: u32 = 1 << 12;
    pub const ADMIN: u32 = 1 << 13;
    pub const FAST: u32 = 1 << 14;
    pub const SLOW: u32 = 1 << 15;
    pub const BLOCKING: u32 = 1 << 16;
    pub const DANGEROUS: u32 = 1 << 17;
    pub const CONNECTION: u32 = 1 << 18;
    pub const TRANSACTION: u32 = 1 << 19;
    pub const SCRIPTING: u32 = 1 << 20;
}

/// Properties of a command's keys.
#[allow(missing_docs)]
pub mod key {
    pub const NAMES: [&str; 11] =
        ["RW", "RO", "OW", "RM", "access", "update", "insert", "delete", "not_key", "incomplete", "variable_flags"];
    pub const RW: u32 = 1 << 0;
    pub const RO: u32 = 1 << 1;
    pub const OW: u32 = 1 << 2;
    pub const RM: u32 = 1 << 3;
    pub const ACCESS: u32 = 1 << 4;
    pub const UPDATE: u32 = 1 << 5;
    pub const INSERT: u32 = 1 << 6;
    pub const DELETE: u32 = 1 << 7;
    pub const NOT_KEY: u32 = 1 << 8;
    pub const INCOMPLETE: u32 = 1 << 9;
    pub const VARIABLE_FLAGS: u32 = 1 << 10;
}

/// Where keys begin.
#[derive(Clone, Copy, Debug)]
pub enum Begin {
    /// At this argument.
    Index(i32),
    /// After this word, looked for from an argument on (from the end where negative).
    Keyword(&'static str, i32),
    /// Nobody can say.
    Unknown,
}

/// Which arguments are keys.
#[derive(Clone, Copy, Debug)]
pub enum Find {
    /// Last key (relative to the first; negative from the end), step, divisor of what remains.
    Range(i32, i32, i32),
    /// Place of the number of keys, of the first key, step.
    KeyNum(i32, i32, i32),
    /// Nobody can say.
    Unknown,
}

/// Some of a command's keys.
#[derive(Clone, Copy, Debug)]
pub struct KeySpec {
    /// Where they begin.
    pub begin: Begin,
    /// Which arguments they are.
    pub find: Find,
    /// What is done with them.
    pub flags: u32,
    /// A remark.
    pub notes: &'static str,
}

/// What COMMAND DOCS tells.
#[derive(Clone, Copy, Debug)]
pub struct Docs {
    /// One sentence.
    pub summary: &'static str,
    /// First version.
    pub since: &'static str,
    /// Group.
    pub group: &'static str,
    /// Cost.
    pub complexity: &'static str,
    /// Arguments, in the notation that [`docs`] reads.
    pub args: &'static str,
    /// Versions and what they changed.
    pub history: &'static [(&'static str, &'static str)],
    /// Since when, and what to use instead.
    pub deprecated: Option<(&'static str, &'static str)>,
    /// `deprecated`, `syscmd`.
    pub flags: &'static [&'static str],
}

/// A command.
pub struct Command {
    /// Its name; `container|name` for a subcommand.
    pub name: &'static str,
    /// How many words, its own name (and its container's) included; negative: at least so many.
    pub arity: i32,
    /// Properties.
    pub flags: u32,
    /// ACL categories.
    pub acl: u32,
    /// First key, last key, step, as COMMAND tells old clients.
    pub first: (i32, i32, i32),
    /// Where its keys are.
    pub keys: &'static [KeySpec],
    /// Hints for proxies.
    pub tips: &'static [&'static str],
    /// Documentation.
    pub docs: Docs,
    /// Subcommands, sorted.
    pub subs: &'static [&'static Command],
    /// What it does.
    pub run: fn(&mut Cx<'_>) -> Res,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Command {
    /// Whether a property holds.
    pub fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// Whether it exists in that mode.
    pub fn exists(&self, sentinel: bool) -> bool {
        if sentinel { self.has(flag::SENTINEL) } else { !self.has(flag::ONLY_SENTINEL) }
    }

    /// The subcommands that exist in that mode.
    pub fn subs_in(&self, sentinel: bool) -> Vec<&'static Command> {
        self.subs.iter().copied().filter(|sub| sub.exists(sentinel)).collect()
    }

    /// The last part of the name.
    pub fn own_name(&self) -> &'static str {
        self.name.rsplit_once('|').map_or(self.name, |(_, own)| own)
    }

    /// The name as errors and COMMAND give it: the module registered its commands in capitals.
    pub fn shown_name(&self) -> std::borrow::Cow<'static, str> {
        if self.flags & flag::MODULE == 0 { self.name.into() } else { self.name.to_ascii_uppercase().into() }
    }

    /// Whether so many words are right.
    pub fn takes(&self, words: usize) -> bool {
        let words = words as i32;
        if self.arity < 0 { words >= -self.arity } else { words == self.arity }
    }

    /// The subcommand of that name.
    pub fn sub(&self, name: &[u8]) -> Option<&'static Command> {
        search(self.subs, name, |c| c.own_name())
    }
}

fn search(list: &[&'static Command], name: &[u8], of: fn(&Command) -> &'static str) -> Option<&'static Command> {
    let mut lower = [0u8; 32];
    let lower = lower.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    let at = list.binary_search_by(|c| of(c).as_bytes().cmp(lower)).ok()?;
    Some(list[at])
}
