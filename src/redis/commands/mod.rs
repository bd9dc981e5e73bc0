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
mod sentinel;
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
pub mod vectors;
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

mod spec;

pub use spec::{Begin, Command, Docs, Find, KeySpec, acl, flag, key};

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

/// The commands that exist in that mode.
pub fn all_in(sentinel: bool) -> Vec<&'static Command> {
    registry::COMMANDS.iter().copied().filter(|command| command.exists(sentinel)).collect()
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
