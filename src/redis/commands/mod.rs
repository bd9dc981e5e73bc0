//! The commands: what each is called, takes and does.
//!
//! One file per command: its [`Command`] (which feeds COMMAND, ACL, key extraction and slot routing)
//! and its `run`. [`registry::COMMANDS`] lists them. Facts of the descriptions: COMMAND and COMMAND
//! DOCS of redis-server 8.6.3.

// modules begin
mod acl_;
mod append;
mod asking;
mod auth;
mod bgrewriteaof;
mod bgsave;
mod bitcount;
mod bitfield;
mod bitfield_ro;
pub mod bitmap;
mod bitop;
mod bitpos;
mod blmove;
mod blmpop;
mod blpop;
mod brpop;
mod brpoplpush;
mod bzmpop;
mod bzpopmax;
mod bzpopmin;
mod client;
mod cluster;
mod command;
mod config;
pub mod connection;
mod copy;
mod dbsize;
mod debug;
mod decr;
mod decrby;
mod del;
mod delex;
mod digest;
mod discard;
pub mod docs;
mod dump;
mod echo;
mod eval;
mod eval_ro;
mod evalsha;
mod evalsha_ro;
mod exec;
mod exists;
mod expire;
mod expireat;
mod expiretime;
mod failover;
mod fcall;
mod fcall_ro;
mod flushall;
mod flushdb;
mod function;
pub mod generic;
pub mod geo;
pub mod geo_search;
mod geoadd;
mod geodist;
mod geohash;
mod geopos;
mod georadius;
mod georadius_ro;
mod georadiusbymember;
mod georadiusbymember_ro;
mod geosearch;
mod geosearchstore;
mod get;
mod getbit;
mod getdel;
mod getex;
mod getrange;
mod getset;
pub mod hash;
pub mod hash_expiry;
mod hdel;
mod hello;
pub mod help;
mod hexists;
mod hexpire;
mod hexpireat;
mod hexpiretime;
mod hget;
mod hgetall;
mod hgetdel;
mod hgetex;
mod hincrby;
mod hincrbyfloat;
mod hkeys;
mod hlen;
mod hmget;
mod hmset;
mod hotkeys;
mod hpersist;
mod hpexpire;
mod hpexpireat;
mod hpexpiretime;
mod hpttl;
mod hrandfield;
mod hscan;
mod hset;
mod hsetex;
mod hsetnx;
mod hstrlen;
mod httl;
mod hvals;
pub mod hyperloglog;
mod incr;
mod incrby;
mod incrbyfloat;
mod info;
pub mod key_specs;
mod keys;
mod lastsave;
mod latency;
mod lcs;
mod lindex;
mod linsert;
pub mod list;
mod llen;
mod lmove;
mod lmpop;
mod lolwut;
mod lpop;
mod lpos;
mod lpush;
mod lpushx;
mod lrange;
mod lrem;
mod lset;
mod ltrim;
mod memory;
mod mget;
mod migrate;
mod module;
mod monitor;
mod move_;
mod mset;
mod msetex;
mod msetnx;
mod multi;
mod object;
mod persist;
mod pexpire;
mod pexpireat;
mod pexpiretime;
mod pfadd;
mod pfcount;
mod pfdebug;
mod pfmerge;
mod pfselftest;
mod ping;
mod psetex;
mod psubscribe;
mod psync;
mod pttl;
mod publish;
mod pubsub;
mod punsubscribe;
mod quit;
mod randomkey;
mod readonly;
mod readwrite;
pub mod registry;
mod rename;
mod renamenx;
mod replconf;
mod replicaof;
mod reset;
mod restore;
mod restore_asking;
mod role;
mod rpop;
mod rpoplpush;
mod rpush;
mod rpushx;
mod sadd;
mod save;
mod scan;
mod scard;
mod script;
pub mod scripts;
mod sdiff;
mod sdiffstore;
mod select;
mod set;
pub mod set_ops;
mod setbit;
mod setex;
mod setnx;
mod setrange;
mod shutdown;
mod sinter;
mod sintercard;
mod sinterstore;
mod sismember;
mod slaveof;
mod slowlog;
mod smembers;
mod smismember;
mod smove;
mod sort;
mod sort_ro;
mod spop;
mod spublish;
mod srandmember;
mod srem;
mod sscan;
mod ssubscribe;
pub mod stream;
pub mod stream_read;
pub mod stream_trim;
pub mod string;
mod strlen;
mod subscribe;
mod substr;
mod sunion;
mod sunionstore;
mod sunsubscribe;
mod swapdb;
mod sync;
mod time;
mod touch;
mod trimslots;
mod ttl;
mod type_;
mod unlink;
mod unsubscribe;
mod unwatch;
mod wait;
mod waitaof;
mod watch;
mod xack;
mod xackdel;
mod xadd;
mod xautoclaim;
mod xcfgset;
mod xclaim;
mod xdel;
mod xdelex;
mod xgroup;
mod xidmprecord;
mod xinfo;
mod xlen;
mod xpending;
mod xrange;
mod xread;
mod xreadgroup;
mod xrevrange;
mod xsetid;
mod xtrim;
mod zadd;
mod zcard;
mod zcount;
mod zdiff;
mod zdiffstore;
mod zincrby;
mod zinter;
mod zintercard;
mod zinterstore;
mod zlexcount;
mod zmpop;
mod zmscore;
mod zpopmax;
mod zpopmin;
mod zrandmember;
mod zrange;
mod zrangebylex;
mod zrangebyscore;
mod zrangestore;
mod zrank;
mod zrem;
mod zremrangebylex;
mod zremrangebyrank;
mod zremrangebyscore;
mod zrevrange;
mod zrevrangebylex;
mod zrevrangebyscore;
mod zrevrank;
mod zscan;
mod zscore;
pub mod zset;
pub mod zset_add;
pub mod zset_combine;
pub mod zset_pop;
pub mod zset_range;
mod zunion;
mod zunionstore;
// modules end
#[cfg(test)]
mod coverage;

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

    /// The last part of the name.
    pub fn own_name(&self) -> &'static str {
        self.name.rsplit_once('|').map_or(self.name, |(_, own)| own)
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

/// The command of that name, in any case.
pub fn find(name: &[u8]) -> Option<&'static Command> {
    let (places, mask) = (places(), PLACES - 1);
    let mut at = place(name);
    while let Some(command) = places.get(at).copied().flatten() {
        if command.name.as_bytes().eq_ignore_ascii_case(name) {
            return Some(command);
        }
        at = (at + 1) & mask;
    }
    None
}

/// Room in the table of names: a power of two, several times the number of commands.
const PLACES: usize = 2048;

/// Where a name is looked for first.
fn place(name: &[u8]) -> usize {
    let fold = |hash: usize, c: &u8| (hash ^ usize::from(c | 0x20)).wrapping_mul(0x0100_0193);
    let hash = name.iter().take(32).fold(0x811c_9dc5 ^ name.len(), fold);
    (hash ^ hash >> 15) & (PLACES - 1)
}

/// The commands, each at its place or the next free one: every request looks its command up here.
fn places() -> &'static [Option<&'static Command>] {
    static TABLE: std::sync::OnceLock<Vec<Option<&'static Command>>> = std::sync::OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = vec![None; PLACES];
        for command in registry::COMMANDS {
            let mut at = place(command.name.as_bytes());
            while table[at].is_some() {
                at = (at + 1) & (PLACES - 1);
            }
            table[at] = Some(*command);
        }
        table
    })
}

/// What command files need.
pub mod prelude {
    pub use super::{Begin, Command, Docs, Find, KeySpec, acl, flag, key};
    pub use crate::keyspace::{Kind, Value};
    pub use crate::server::{Cx, Fail, Res, err, notify};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_sorted() {
        assert!(registry::COMMANDS.windows(2).all(|w| w[0].name < w[1].name));
        for command in registry::COMMANDS {
            assert!(command.subs.windows(2).all(|w| w[0].own_name() < w[1].own_name()), "{}", command.name);
            for sub in command.subs {
                assert_eq!(sub.name.split_once('|').map(|n| n.0), Some(command.name));
            }
        }
    }

    #[test]
    fn names_are_found_in_any_case() {
        assert_eq!(find(b"gEt").map(|c| c.name), Some("get"));
        assert!(registry::COMMANDS.iter().all(|c| find(c.name.as_bytes()).is_some_and(|f| std::ptr::eq(f, *c))));
        assert!(find(b"nosuchcommand").is_none());
        assert!(registry::COMMANDS.len() * 4 < PLACES);
        assert!(find(&[b'x'; 100]).is_none());
    }
}
