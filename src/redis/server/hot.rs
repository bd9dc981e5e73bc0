//! What of the configuration is read all the time, in the form in which it is needed.

use super::{notify, slot_stats};
use crate::config::{self, Config};
use crate::data::hash::HashLimits;
use crate::data::list::Fill;
use crate::data::set::SetLimits;
use crate::data::stream::StreamLimits;
use crate::data::zset::ZLimits;

/// Configuration values that are read all the time.
#[derive(Clone, Copy, Debug)]
pub struct Hot {
    /// `hash-max-listpack-*`
    pub hash: HashLimits,
    /// `set-max-*`
    pub set: SetLimits,
    /// `zset-max-listpack-*`
    pub zset: ZLimits,
    /// `list-max-listpack-size`
    pub fill: Fill,
    /// `stream-*`
    pub stream: StreamLimits,
    /// `notify-keyspace-events`
    pub notify: u32,
    /// `maxmemory`
    pub maxmemory: usize,
    /// Whether the policy counts uses instead of times.
    pub lfu: bool,
    /// Whether the policy looks at when a key was changed last, not when it was used.
    pub lrm: bool,
    /// `proto-max-bulk-len`
    pub max_bulk: i64,
    /// `slowlog-log-slower-than`
    pub slow: i64,
    /// `latency-monitor-threshold`
    pub latency: i64,
    /// `maxmemory-clients` is set.
    pub limit_clients: bool,
    /// `cluster-compatibility-sample-ratio`, in percent; nothing in a cluster
    pub compatibility: u8,
    /// `cluster-enabled`
    pub cluster: bool,
    /// `cluster-slot-stats-enabled`
    pub slots: slot_stats::Wanted,
}

fn wanted_of_slots(config: &Config) -> slot_stats::Wanted {
    let is = |word: &str| {
        let id = config::CLUSTER_SLOT_STATS_ENABLED;
        config.bool(config::CLUSTER_ENABLED) && (config.is(id, "yes") || config.is(id, word))
    };
    slot_stats::Wanted { cpu: is("cpu"), net: is("net"), mem: is("mem") }
}

/// What a configuration says of that. `packed`: what DEBUG QUICKLIST-PACKED-THRESHOLD set.
pub(crate) fn hot(config: &Config, packed: usize) -> Hot {
    Hot {
        hash: HashLimits {
            entries: config.size(config::HASH_MAX_LISTPACK_ENTRIES),
            value: config.size(config::HASH_MAX_LISTPACK_VALUE),
        },
        set: SetLimits {
            intset: config.size(config::SET_MAX_INTSET_ENTRIES),
            pack: config.size(config::SET_MAX_LISTPACK_ENTRIES),
            value: config.size(config::SET_MAX_LISTPACK_VALUE),
        },
        zset: ZLimits {
            entries: config.size(config::ZSET_MAX_LISTPACK_ENTRIES),
            value: config.size(config::ZSET_MAX_LISTPACK_VALUE),
        },
        fill: Fill { limit: config.int(config::LIST_MAX_LISTPACK_SIZE), packed },
        stream: StreamLimits {
            bytes: config.size(config::STREAM_NODE_MAX_BYTES),
            entries: config.size(config::STREAM_NODE_MAX_ENTRIES),
            duration: config.size(config::STREAM_IDMP_DURATION) as u64,
            most: config.size(config::STREAM_IDMP_MAXSIZE) as u64,
        },
        notify: notify::parse(config.text(config::NOTIFY_KEYSPACE_EVENTS).as_bytes())
            .filter(|f| f & (notify::KEYSPACE | notify::KEYEVENT) != 0)
            .unwrap_or(0),
        maxmemory: config.size(config::MAXMEMORY),
        lfu: config.word(config::MAXMEMORY_POLICY).ends_with("lfu"),
        lrm: config.word(config::MAXMEMORY_POLICY).ends_with("lrm"),
        max_bulk: config.int(config::PROTO_MAX_BULK_LEN),
        slow: config.int(config::SLOWLOG_LOG_SLOWER_THAN),
        latency: config.int(config::LATENCY_MONITOR_THRESHOLD),
        limit_clients: config.int(config::MAXMEMORY_CLIENTS) != 0,
        compatibility: match config.bool(config::CLUSTER_ENABLED) {
            true => 0,
            false => config.int(config::CLUSTER_COMPATIBILITY_SAMPLE_RATIO) as u8,
        },
        cluster: config.bool(config::CLUSTER_ENABLED),
        slots: wanted_of_slots(config),
    }
}
