//! Every configuration parameter: its name, kind, default and flags. Sorted by name.
//! Facts: CONFIG GET * and the answers to CONFIG SET of redis-server 8.6.3.

/// What values a parameter takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `yes` or `no`.
    Bool,
    /// A number.
    Int {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number of bytes, with units.
    Memory {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A number of bytes, or a percentage of `maxmemory` kept as a negative number.
    MemoryPercent,
    /// An octal number.
    Octal {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// One of these words.
    Enum(&'static [&'static str]),
    /// Any text.
    Text,
    /// Several words with a meaning of their own.
    Special,
}

/// Can't be changed at run time.
pub const IMMUTABLE: u8 = 1;
/// Only to be changed with `enable-protected-configs`.
pub const PROTECTED: u8 = 2;
/// Not shown to those who ask for everything.
pub const HIDDEN: u8 = 4;
/// A secret: never logged.
pub const SENSITIVE: u8 = 8;
/// Several words of the enumeration may stand together.
pub const FLAGS: u8 = 16;
/// Can't be changed while data is being loaded.
pub const DENY_LOADING: u8 = 32;

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// Its older name.
    pub alias: Option<&'static str>,
    /// What values it takes.
    pub kind: Kind,
    /// Its value when nobody set it.
    pub default: &'static str,
    /// `IMMUTABLE` and others.
    pub flags: u8,
}

/// The place of a parameter in [`PARAMS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(pub usize);

const fn param(name: &'static str, kind: Kind, default: &'static str, flags: u8) -> Param {
    Param { name, alias: None, kind, default, flags }
}

const fn aliased(name: &'static str, alias: &'static str, kind: Kind, default: &'static str, flags: u8) -> Param {
    Param { name, alias: Some(alias), kind, default, flags }
}

/// All parameters.
pub static PARAMS: &[Param] = &[
    param("acl-pubsub-default", Kind::Enum(&["allchannels", "resetchannels"]), "resetchannels", 0),
    param("aclfile", Kind::Text, "", IMMUTABLE),
    param("acllog-max-len", Kind::Int { min: 0, max: i64::MAX }, "128", 0),
    param("active-defrag-cycle-max", Kind::Int { min: 1, max: 99 }, "25", 0),
    param("active-defrag-cycle-min", Kind::Int { min: 1, max: 99 }, "1", 0),
    param("active-defrag-ignore-bytes", Kind::Memory { min: 1, max: i64::MAX }, "104857600", 0),
    param("active-defrag-max-scan-fields", Kind::Int { min: 1, max: i64::MAX }, "1000", 0),
    param("active-defrag-threshold-lower", Kind::Int { min: 0, max: 1000 }, "10", 0),
    param("active-defrag-threshold-upper", Kind::Int { min: 0, max: 1000 }, "100", 0),
    param("active-expire-effort", Kind::Int { min: 1, max: 10 }, "1", 0),
    param("activedefrag", Kind::Bool, "no", 0),
    param("activerehashing", Kind::Bool, "yes", 0),
    param("always-show-logo", Kind::Bool, "no", IMMUTABLE),
    param("aof-disable-auto-gc", Kind::Bool, "no", HIDDEN),
    param("aof-load-corrupt-tail-max-size", Kind::Int { min: 0, max: i64::MAX }, "0", 0),
    param("aof-load-truncated", Kind::Bool, "yes", 0),
    aliased("aof-rewrite-cpulist", "aof_rewrite_cpulist", Kind::Text, "", IMMUTABLE),
    param("aof-rewrite-incremental-fsync", Kind::Bool, "yes", 0),
    param("aof-timestamp-enabled", Kind::Bool, "no", 0),
    param("aof-use-rdb-preamble", Kind::Bool, "yes", 0),
    param("appenddirname", Kind::Text, "appendonlydir", IMMUTABLE),
    param("appendfilename", Kind::Text, "appendonly.aof", IMMUTABLE),
    param("appendfsync", Kind::Enum(&["everysec", "always", "no"]), "everysec", 0),
    param("appendonly", Kind::Bool, "no", 0),
    param("auto-aof-rewrite-min-size", Kind::Memory { min: 0, max: i64::MAX }, "67108864", 0),
    param("auto-aof-rewrite-percentage", Kind::Int { min: 0, max: i32::MAX as i64 }, "100", 0),
    aliased("bgsave-cpulist", "bgsave_cpulist", Kind::Text, "", IMMUTABLE),
    param("bind", Kind::Special, "* -::*", 0),
    param("bind-source-addr", Kind::Text, "", 0),
    aliased("bio-cpulist", "bio_cpulist", Kind::Text, "", IMMUTABLE),
    aliased("busy-reply-threshold", "lua-time-limit", Kind::Int { min: 0, max: i64::MAX }, "5000", 0),
    param(
        "client-output-buffer-limit",
        Kind::Special,
        "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
        0,
    ),
    param("client-query-buffer-limit", Kind::Memory { min: 1048576, max: i64::MAX }, "1073741824", 0),
    param("cluster-allow-pubsubshard-when-down", Kind::Bool, "yes", 0),
    param("cluster-allow-reads-when-down", Kind::Bool, "no", 0),
    param("cluster-allow-replica-migration", Kind::Bool, "yes", 0),
    param("cluster-announce-bus-port", Kind::Int { min: 0, max: 65535 }, "0", 0),
    param("cluster-announce-hostname", Kind::Text, "", 0),
    param("cluster-announce-human-nodename", Kind::Text, "", 0),
    param("cluster-announce-ip", Kind::Text, "", 0),
    param("cluster-announce-port", Kind::Int { min: 0, max: 65535 }, "0", 0),
    param("cluster-announce-tls-port", Kind::Int { min: 0, max: 65535 }, "0", 0),
    param("cluster-compatibility-sample-ratio", Kind::Int { min: 0, max: 100 }, "0", 0),
    param("cluster-config-file", Kind::Text, "nodes.conf", IMMUTABLE),
    param("cluster-enabled", Kind::Bool, "no", IMMUTABLE),
    param("cluster-link-sendbuf-limit", Kind::Memory { min: 0, max: i64::MAX }, "0", 0),
    param("cluster-migration-barrier", Kind::Int { min: 0, max: i32::MAX as i64 }, "1", 0),
    param("cluster-node-timeout", Kind::Int { min: 0, max: i64::MAX }, "15000", 0),
    param("cluster-ping-interval", Kind::Int { min: 0, max: i64::MAX }, "0", HIDDEN),
    param("cluster-port", Kind::Int { min: 0, max: 65535 }, "0", IMMUTABLE),
    param("cluster-preferred-endpoint-type", Kind::Enum(&["ip", "hostname", "unknown-endpoint"]), "ip", 0),
    aliased("cluster-replica-no-failover", "cluster-slave-no-failover", Kind::Bool, "no", 0),
    aliased(
        "cluster-replica-validity-factor",
        "cluster-slave-validity-factor",
        Kind::Int { min: 0, max: i32::MAX as i64 },
        "10",
        0,
    ),
    param("cluster-require-full-coverage", Kind::Bool, "yes", 0),
    param("cluster-slot-migration-handoff-max-lag-bytes", Kind::Memory { min: 0, max: i64::MAX }, "1048576", 0),
    param("cluster-slot-migration-max-archived-tasks", Kind::Int { min: 1, max: i32::MAX as i64 }, "32", HIDDEN),
    param("cluster-slot-migration-sync-buffer-drain-timeout", Kind::Int { min: 0, max: i64::MAX }, "60000", HIDDEN),
    param("cluster-slot-migration-write-pause-timeout", Kind::Int { min: 0, max: i64::MAX }, "10000", 0),
    param("cluster-slot-stats-enabled", Kind::Enum(&["no", "yes", "cpu", "net", "mem"]), "no", FLAGS),
    param("crash-log-enabled", Kind::Bool, "yes", 0),
    param("crash-memcheck-enabled", Kind::Bool, "yes", 0),
    param("daemonize", Kind::Bool, "no", IMMUTABLE),
    param("databases", Kind::Int { min: 1, max: i32::MAX as i64 }, "16", IMMUTABLE),
    param("dbfilename", Kind::Text, "dump.rdb", PROTECTED),
    param("dir", Kind::Special, "", PROTECTED | DENY_LOADING),
    param("disable-thp", Kind::Bool, "yes", IMMUTABLE),
    param("dynamic-hz", Kind::Bool, "yes", 0),
    param("enable-debug-command", Kind::Enum(&["no", "yes", "local"]), "no", IMMUTABLE),
    param("enable-module-command", Kind::Enum(&["no", "yes", "local"]), "no", IMMUTABLE),
    param("enable-protected-configs", Kind::Enum(&["no", "yes", "local"]), "no", IMMUTABLE),
    aliased("hash-max-listpack-entries", "hash-max-ziplist-entries", Kind::Int { min: 0, max: i64::MAX }, "512", 0),
    aliased("hash-max-listpack-value", "hash-max-ziplist-value", Kind::Memory { min: 0, max: i64::MAX }, "64", 0),
    param("hide-user-data-from-log", Kind::Bool, "no", 0),
    param("hll-sparse-max-bytes", Kind::Memory { min: 0, max: i64::MAX }, "3000", 0),
    param("hz", Kind::Int { min: 0, max: i32::MAX as i64 }, "10", 0),
    param("ignore-warnings", Kind::Text, "", 0),
    param("io-threads", Kind::Int { min: 1, max: 128 }, "1", IMMUTABLE),
    param("jemalloc-bg-thread", Kind::Bool, "yes", 0),
    param("key-load-delay", Kind::Int { min: i32::MIN as i64, max: i32::MAX as i64 }, "0", HIDDEN),
    param("key-memory-histograms", Kind::Bool, "no", 0),
    param("latency-monitor-threshold", Kind::Int { min: 0, max: i64::MAX }, "0", 0),
    param("latency-tracking", Kind::Bool, "yes", 0),
    param("latency-tracking-info-percentiles", Kind::Special, "50 99 99.9", 0),
    param("lazyexpire-nested-arbitrary-keys", Kind::Bool, "yes", HIDDEN),
    param("lazyfree-lazy-eviction", Kind::Bool, "no", 0),
    param("lazyfree-lazy-expire", Kind::Bool, "no", 0),
    param("lazyfree-lazy-server-del", Kind::Bool, "no", 0),
    param("lazyfree-lazy-user-del", Kind::Bool, "no", 0),
    param("lazyfree-lazy-user-flush", Kind::Bool, "no", 0),
    param("lfu-decay-time", Kind::Int { min: 0, max: i32::MAX as i64 }, "1", 0),
    param("lfu-log-factor", Kind::Int { min: 0, max: i32::MAX as i64 }, "10", 0),
    param("list-compress-depth", Kind::Int { min: 0, max: i32::MAX as i64 }, "0", 0),
    aliased(
        "list-max-listpack-size",
        "list-max-ziplist-size",
        Kind::Int { min: i32::MIN as i64, max: i32::MAX as i64 },
        "-2",
        0,
    ),
    param("loading-process-events-interval-bytes", Kind::Int { min: 1024, max: i32::MAX as i64 }, "524288", HIDDEN),
    param("locale-collate", Kind::Text, "", 0),
    param("logfile", Kind::Text, "", IMMUTABLE),
    param("loglevel", Kind::Enum(&["debug", "verbose", "notice", "warning", "nothing"]), "notice", 0),
    param("lookahead", Kind::Int { min: 1, max: i32::MAX as i64 }, "16", 0),
    param("lua-enable-deprecated-api", Kind::Bool, "no", IMMUTABLE | HIDDEN),
    param("masterauth", Kind::Text, "", SENSITIVE),
    param("masteruser", Kind::Text, "", SENSITIVE),
    param("max-new-connections-per-cycle", Kind::Int { min: 1, max: 1000 }, "10", 0),
    param("max-new-tls-connections-per-cycle", Kind::Int { min: 1, max: 1000 }, "1", 0),
    param("maxclients", Kind::Int { min: 1, max: u32::MAX as i64 }, "10000", 0),
    param("maxmemory", Kind::Memory { min: 0, max: i64::MAX }, "0", 0),
    param("maxmemory-clients", Kind::MemoryPercent, "0", 0),
    param("maxmemory-eviction-tenacity", Kind::Int { min: 0, max: 100 }, "10", 0),
    param(
        "maxmemory-policy",
        Kind::Enum(&[
            "volatile-lru",
            "volatile-lfu",
            "volatile-random",
            "volatile-ttl",
            "volatile-lrm",
            "allkeys-lru",
            "allkeys-lfu",
            "allkeys-random",
            "allkeys-lrm",
            "noeviction",
        ]),
        "noeviction",
        0,
    ),
    param("maxmemory-samples", Kind::Int { min: 1, max: 64 }, "5", 0),
    aliased("min-replicas-max-lag", "min-slaves-max-lag", Kind::Int { min: 0, max: i32::MAX as i64 }, "10", 0),
    aliased("min-replicas-to-write", "min-slaves-to-write", Kind::Int { min: 0, max: i32::MAX as i64 }, "0", 0),
    param("no-appendfsync-on-rewrite", Kind::Bool, "no", 0),
    param("notify-keyspace-events", Kind::Special, "", 0),
    param("oom-score-adj", Kind::Enum(&["no", "yes", "relative", "absolute"]), "no", 0),
    param("oom-score-adj-values", Kind::Special, "0 200 800", 0),
    param("pidfile", Kind::Text, "", IMMUTABLE),
    param("port", Kind::Int { min: 0, max: 65535 }, "6379", 0),
    param("prefetch-batch-max-size", Kind::Int { min: 0, max: 128 }, "16", HIDDEN),
    param("proc-title-template", Kind::Text, "{title} {listen-addr} {server-mode}", 0),
    param("propagation-error-behavior", Kind::Enum(&["ignore", "panic", "panic-on-replicas"]), "ignore", 0),
    param("protected-mode", Kind::Bool, "yes", 0),
    param("proto-max-bulk-len", Kind::Memory { min: 1048576, max: i64::MAX }, "536870912", 0),
    param("rdb-del-sync-files", Kind::Bool, "no", 0),
    param("rdb-key-save-delay", Kind::Int { min: i32::MIN as i64, max: i32::MAX as i64 }, "0", HIDDEN),
    param("rdb-save-incremental-fsync", Kind::Bool, "yes", 0),
    param("rdbchecksum", Kind::Bool, "yes", IMMUTABLE),
    param("rdbcompression", Kind::Bool, "yes", 0),
    param("repl-backlog-size", Kind::Memory { min: 1, max: i64::MAX }, "1048576", 0),
    param("repl-backlog-ttl", Kind::Int { min: 0, max: i64::MAX }, "3600", 0),
    param("repl-disable-tcp-nodelay", Kind::Bool, "no", 0),
    param(
        "repl-diskless-load",
        Kind::Enum(&["disabled", "on-empty-db", "swapdb", "flushdb"]),
        "disabled",
        DENY_LOADING,
    ),
    param("repl-diskless-sync", Kind::Bool, "yes", 0),
    param("repl-diskless-sync-delay", Kind::Int { min: 0, max: i32::MAX as i64 }, "5", 0),
    param("repl-diskless-sync-max-replicas", Kind::Int { min: 0, max: i32::MAX as i64 }, "0", 0),
    aliased("repl-ping-replica-period", "repl-ping-slave-period", Kind::Int { min: 1, max: i32::MAX as i64 }, "10", 0),
    param("repl-rdb-channel", Kind::Bool, "yes", HIDDEN),
    param("repl-timeout", Kind::Int { min: 1, max: i32::MAX as i64 }, "60", 0),
    aliased("replica-announce-ip", "slave-announce-ip", Kind::Text, "", 0),
    aliased("replica-announce-port", "slave-announce-port", Kind::Int { min: 0, max: 65535 }, "0", 0),
    param("replica-announced", Kind::Bool, "yes", 0),
    param("replica-full-sync-buffer-limit", Kind::Memory { min: 0, max: i64::MAX }, "0", 0),
    param("replica-ignore-disk-write-errors", Kind::Bool, "no", 0),
    aliased("replica-ignore-maxmemory", "slave-ignore-maxmemory", Kind::Bool, "yes", 0),
    aliased("replica-lazy-flush", "slave-lazy-flush", Kind::Bool, "no", 0),
    aliased("replica-priority", "slave-priority", Kind::Int { min: 0, max: i32::MAX as i64 }, "100", 0),
    aliased("replica-read-only", "slave-read-only", Kind::Bool, "yes", 0),
    aliased("replica-serve-stale-data", "slave-serve-stale-data", Kind::Bool, "yes", 0),
    aliased("replicaof", "slaveof", Kind::Special, "", IMMUTABLE),
    param("requirepass", Kind::Text, "", SENSITIVE),
    param("sanitize-dump-payload", Kind::Enum(&["no", "yes", "clients"]), "no", 0),
    param("save", Kind::Special, "3600 1 300 100 60 10000", 0),
    aliased("server-cpulist", "server_cpulist", Kind::Text, "", IMMUTABLE),
    param("set-max-intset-entries", Kind::Int { min: 0, max: i64::MAX }, "512", 0),
    param("set-max-listpack-entries", Kind::Int { min: 0, max: i64::MAX }, "128", 0),
    param("set-max-listpack-value", Kind::Int { min: 0, max: i64::MAX }, "64", 0),
    param("set-proc-title", Kind::Bool, "yes", IMMUTABLE),
    param("shutdown-on-sigint", Kind::Enum(&["default", "save", "nosave", "now", "force"]), "default", FLAGS),
    param("shutdown-on-sigterm", Kind::Enum(&["default", "save", "nosave", "now", "force"]), "default", FLAGS),
    param("shutdown-timeout", Kind::Int { min: 0, max: i32::MAX as i64 }, "10", 0),
    param("slowlog-log-slower-than", Kind::Int { min: -1, max: i64::MAX }, "10000", 0),
    param("slowlog-max-len", Kind::Int { min: 0, max: i64::MAX }, "128", 0),
    param("socket-mark-id", Kind::Int { min: 0, max: u32::MAX as i64 }, "0", IMMUTABLE),
    param("stop-writes-on-bgsave-error", Kind::Bool, "yes", 0),
    param("stream-idmp-duration", Kind::Int { min: 1, max: 86400 }, "100", 0),
    param("stream-idmp-maxsize", Kind::Int { min: 1, max: 10000 }, "100", 0),
    param("stream-node-max-bytes", Kind::Memory { min: 0, max: i64::MAX }, "4096", 0),
    param("stream-node-max-entries", Kind::Int { min: 0, max: i64::MAX }, "100", 0),
    param("supervised", Kind::Enum(&["upstart", "systemd", "auto", "no"]), "no", IMMUTABLE),
    param("syslog-enabled", Kind::Bool, "no", IMMUTABLE),
    param(
        "syslog-facility",
        Kind::Enum(&["user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"]),
        "local0",
        IMMUTABLE,
    ),
    param("syslog-ident", Kind::Text, "redis", IMMUTABLE),
    param("tcp-backlog", Kind::Int { min: 0, max: i32::MAX as i64 }, "511", IMMUTABLE),
    param("tcp-keepalive", Kind::Int { min: 0, max: i32::MAX as i64 }, "300", 0),
    param("timeout", Kind::Int { min: 0, max: i32::MAX as i64 }, "0", 0),
    param("tls-auth-clients", Kind::Enum(&["no", "yes", "optional"]), "yes", 0),
    param("tls-auth-clients-user", Kind::Enum(&["off", "CN"]), "off", 0),
    param("tls-ca-cert-dir", Kind::Text, "", 0),
    param("tls-ca-cert-file", Kind::Text, "", 0),
    param("tls-cert-file", Kind::Text, "", 0),
    param("tls-ciphers", Kind::Text, "", 0),
    param("tls-ciphersuites", Kind::Text, "", 0),
    param("tls-client-cert-file", Kind::Text, "", 0),
    param("tls-client-key-file", Kind::Text, "", 0),
    param("tls-client-key-file-pass", Kind::Text, "", SENSITIVE),
    param("tls-cluster", Kind::Bool, "no", 0),
    param("tls-dh-params-file", Kind::Text, "", 0),
    param("tls-key-file", Kind::Text, "", 0),
    param("tls-key-file-pass", Kind::Text, "", SENSITIVE),
    param("tls-port", Kind::Int { min: 0, max: 65535 }, "0", 0),
    param("tls-prefer-server-ciphers", Kind::Bool, "no", 0),
    param("tls-protocols", Kind::Text, "", 0),
    param("tls-replication", Kind::Bool, "no", 0),
    param("tls-session-cache-size", Kind::Int { min: 0, max: i32::MAX as i64 }, "20480", 0),
    param("tls-session-cache-timeout", Kind::Int { min: 0, max: i32::MAX as i64 }, "300", 0),
    param("tls-session-caching", Kind::Bool, "yes", 0),
    param("tracking-table-max-keys", Kind::Int { min: 0, max: i64::MAX }, "1000000", 0),
    param("unixsocket", Kind::Text, "", IMMUTABLE),
    param("unixsocketperm", Kind::Octal { min: 0, max: 0o777 }, "0", IMMUTABLE),
    param("use-exit-on-panic", Kind::Bool, "no", HIDDEN),
    param("vset-force-single-threaded-execution", Kind::Bool, "no", 0),
    param("watchdog-period", Kind::Int { min: 0, max: i32::MAX as i64 }, "0", HIDDEN),
    aliased("zset-max-listpack-entries", "zset-max-ziplist-entries", Kind::Int { min: 0, max: i64::MAX }, "128", 0),
    aliased("zset-max-listpack-value", "zset-max-ziplist-value", Kind::Memory { min: 0, max: i64::MAX }, "64", 0),
];
