//! INFO.

use super::Server;
use crate::config;
use crate::config::memory::human;
use std::fmt::Write;

const DEFAULT: [&str; 13] = [
    "server",
    "clients",
    "memory",
    "persistence",
    "threads",
    "stats",
    "replication",
    "cpu",
    "modules",
    "errorstats",
    "cluster",
    "keyspace",
    "keysizes",
];
const ALL: [&str; 16] = [
    "server",
    "clients",
    "memory",
    "persistence",
    "threads",
    "stats",
    "replication",
    "cpu",
    "hotkeys",
    "modules",
    "commandstats",
    "errorstats",
    "latencystats",
    "cluster",
    "keyspace",
    "keysizes",
];

impl Server {
    /// The text of the sections asked for.
    pub fn info(&mut self, asked: &[&[u8]]) -> String {
        let asked: Vec<String> = asked.iter().map(|s| String::from_utf8_lossy(s).to_ascii_lowercase()).collect();
        let wanted = |section: &str| {
            asked.is_empty() && DEFAULT.contains(&section)
                || asked.iter().any(|a| match a.as_str() {
                    "default" => DEFAULT.contains(&section),
                    "all" => section != "modules",
                    "everything" => true,
                    other => other == section,
                })
        };
        let mut text = String::new();
        for section in ALL {
            if !wanted(section) {
                continue;
            }
            if !text.is_empty() {
                text.push_str("\r\n");
            }
            let mut out = String::new();
            let _ = self.section(section, &mut out);
            text.push_str(&out.replace('\n', "\r\n"));
        }
        text
    }

    fn section(&mut self, section: &str, o: &mut String) -> std::fmt::Result {
        match section {
            "server" => self.info_server(o),
            "clients" => self.info_clients(o),
            "memory" => self.info_memory(o),
            "persistence" => self.info_persistence(o),
            "threads" => writeln!(
                o,
                "# Threads\nio_thread_0:clients={},reads={},writes={}",
                self.clients.len(),
                self.count.reads,
                self.count.writes
            ),
            "stats" => self.info_stats(o),
            "replication" => self.info_replication(o),
            "cpu" => writeln!(
                o,
                "# CPU\nused_cpu_sys:0.000000\nused_cpu_user:{:.6}\nused_cpu_sys_children:0.000000\nused_cpu_user_children:0.000000\nused_cpu_sys_main_thread:0.000000\nused_cpu_user_main_thread:{:.6}",
                self.busy_seconds(),
                self.busy_seconds()
            ),
            "hotkeys" => writeln!(o, "# Hotkeys"),
            "modules" => writeln!(o, "# Modules"),
            "commandstats" => self.info_commands(o),
            "errorstats" => {
                writeln!(o, "# Errorstats")?;
                self.stats.errors.iter().try_for_each(|(code, n)| writeln!(o, "errorstat_{code}:count={n}"))
            }
            "latencystats" => self.info_latency(o),
            "cluster" => writeln!(o, "# Cluster\ncluster_enabled:{}", u8::from(self.hot.cluster)),
            "keyspace" => self.info_keyspace(o),
            _ => writeln!(o, "# Keysizes"),
        }
    }

    fn busy_seconds(&self) -> f64 {
        self.stats.commands.usec() as f64 / 1e6
    }

    fn info_server(&mut self, o: &mut String) -> std::fmt::Result {
        let system = self.host.system();
        let uptime = (self.host.mono_us() - self.started) / 1_000_000;
        let mode = if self.hot.cluster { "cluster" } else { "standalone" };
        let hz = self.config.int(config::HZ);
        let port = self.config.int(config::PORT);
        let version = &self.config.version;
        writeln!(
            o,
            "# Server\nredis_version:{version}\nredis_git_sha1:00000000\nredis_git_dirty:0\nredis_build_id:d0c4ed0000000001"
        )?;
        writeln!(
            o,
            "redis_mode:{mode}\nos:{}\narch_bits:64\nmonotonic_clock:POSIX clock_gettime\nmultiplexing_api:epoll",
            system.os
        )?;
        writeln!(
            o,
            "atomicvar_api:c11-builtin\ngcc_version:14.2.0\nprocess_id:{}\nprocess_supervised:no",
            self.host.pid()
        )?;
        writeln!(
            o,
            "run_id:{}\ntcp_port:{port}\nserver_time_usec:{}\nuptime_in_seconds:{uptime}",
            self.run_id, self.now_us
        )?;
        writeln!(
            o,
            "uptime_in_days:{}\nhz:{hz}\nconfigured_hz:{hz}\nlru_clock:{}",
            uptime / 86400,
            (self.now_ms / 1000) & 0xff_ffff
        )?;
        writeln!(
            o,
            "executable:{}\nconfig_file:{}\nio_threads_active:0",
            system.executable,
            self.config_file.as_deref().unwrap_or("")
        )?;
        let binds: String = self.config.text(config::BIND).split_whitespace().map(|b| format!("bind={b},")).collect();
        writeln!(o, "listener0:name=tcp,{binds}port={port}")
    }

    fn info_clients(&mut self, o: &mut String) -> std::fmt::Result {
        let blocked = self.clients.values().filter(|c| c.blocked.is_some()).count();
        let pubsub = self.clients.values().filter(|c| c.in_pubsub()).count();
        let watching = self.clients.values().filter(|c| !c.watched.is_empty()).count();
        let timed = self.clients.values().filter(|c| c.blocked.as_ref().is_some_and(|b| b.until > 0)).count();
        writeln!(
            o,
            "# Clients\nconnected_clients:{}\ncluster_connections:{}",
            self.clients.len() - self.repl.replicas.len(),
            self.bus_links()
        )?;
        writeln!(
            o,
            "maxclients:{}\nclient_recent_max_input_buffer:20480\nclient_recent_max_output_buffer:0",
            self.config.int(config::MAXCLIENTS)
        )?;
        writeln!(
            o,
            "blocked_clients:{blocked}\ntracking_clients:{}\npubsub_clients:{pubsub}",
            self.tracking.clients.len()
        )?;
        writeln!(
            o,
            "watching_clients:{watching}\nclients_in_timeout_table:{timed}\ntotal_watched_keys:{}",
            self.watchers.len()
        )?;
        let blocking = self.waiting.len();
        writeln!(o, "total_blocking_keys:{blocking}\ntotal_blocking_keys_on_nokey:{}", self.keys_waited_on_when_gone())
    }

    fn info_memory(&mut self, o: &mut String) -> std::fmt::Result {
        let used = self.used_memory();
        if used > self.count.peak_memory {
            self.count.peak_memory = used;
            self.count.peak_time = self.now_ms / 1000;
        }
        let peak = self.count.peak_memory;
        let rss = used + used / 8 + 8_000_000;
        let startup = 705_376.min(used);
        let tables: usize = self.dbs.iter().map(|d| d.overhead()).sum();
        let overhead = startup + tables.min(used - startup);
        let dataset = used - overhead;
        let total = self.host.system().memory;
        let limit = self.hot.maxmemory;
        let percent = |a: usize, b: usize| if b == 0 { 0.0 } else { 100.0 * a as f64 / b as f64 };
        writeln!(
            o,
            "# Memory\nused_memory:{used}\nused_memory_human:{}\nused_memory_rss:{rss}\nused_memory_rss_human:{}",
            human(used as u64),
            human(rss as u64)
        )?;
        writeln!(
            o,
            "used_memory_peak:{peak}\nused_memory_peak_human:{}\nused_memory_peak_time:{}\nused_memory_peak_perc:{:.2}%",
            human(peak as u64),
            self.count.peak_time,
            percent(used, peak)
        )?;
        writeln!(
            o,
            "used_memory_overhead:{overhead}\nused_memory_startup:{startup}\nused_memory_dataset:{dataset}\nused_memory_dataset_perc:{:.2}%",
            percent(dataset, used - startup)
        )?;
        writeln!(
            o,
            "allocator_allocated:{used}\nallocator_active:{}\nallocator_resident:{rss}\nallocator_muzzy:0",
            used + used / 16
        )?;
        writeln!(
            o,
            "total_system_memory:{total}\ntotal_system_memory_human:{}\nused_memory_lua:32768\nused_memory_vm_eval:32768\nused_memory_lua_human:32.00K\nused_memory_scripts_eval:0",
            human(total)
        )?;
        writeln!(
            o,
            "number_of_cached_scripts:0\nnumber_of_functions:0\nnumber_of_libraries:0\nused_memory_vm_functions:34816\nused_memory_vm_total:67584\nused_memory_vm_total_human:66.00K"
        )?;
        writeln!(
            o,
            "used_memory_functions:192\nused_memory_scripts:192\nused_memory_scripts_human:192B\nmaxmemory:{limit}\nmaxmemory_human:{}\nmaxmemory_policy:{}",
            human(limit as u64),
            self.config.word(config::MAXMEMORY_POLICY)
        )?;
        writeln!(
            o,
            "allocator_frag_ratio:1.06\nallocator_frag_bytes:{}\nallocator_rss_ratio:1.10\nallocator_rss_bytes:{}\nrss_overhead_ratio:1.00\nrss_overhead_bytes:0",
            used / 16,
            rss - used
        )?;
        writeln!(
            o,
            "mem_fragmentation_ratio:{:.2}\nmem_fragmentation_bytes:{}\nmem_not_counted_for_evict:0",
            rss as f64 / used as f64,
            rss - used
        )?;
        writeln!(
            o,
            "mem_replication_backlog:{0}\nmem_total_replication_buffers:{0}\nmem_replica_full_sync_buffer:0\nmem_clients_slaves:0",
            self.repl.backlog_memory()
        )?;
        writeln!(
            o,
            "mem_clients_normal:{}\nmem_cluster_slot_migration_output_buffer:0\nmem_cluster_slot_migration_input_buffer:0\nmem_cluster_slot_migration_input_buffer_peak:0",
            self.clients.len() * 1928
        )?;
        writeln!(
            o,
            "mem_cluster_links:{}\nmem_aof_buffer:{}\nmem_allocator:jemalloc-5.3.0\nmem_overhead_db_hashtable_rehashing:0",
            self.bus_links() * 1072,
            self.persist.buffer_memory()
        )?;
        writeln!(o, "active_defrag_running:0\nlazyfree_pending_objects:0\nlazyfreed_objects:{}", self.count.lazy_freed)
    }

    fn info_stats(&mut self, o: &mut String) -> std::fmt::Result {
        let c = self.count.clone();
        writeln!(
            o,
            "# Stats\ntotal_connections_received:{}\ntotal_commands_processed:{}\ninstantaneous_ops_per_sec:{}",
            c.connections,
            c.commands,
            self.ops_per_second()
        )?;
        writeln!(
            o,
            "total_net_input_bytes:{}\ntotal_net_output_bytes:{}\ntotal_net_repl_input_bytes:{}\ntotal_net_repl_output_bytes:{}",
            c.net_in, c.net_out, c.net_repl_in, c.net_repl_out
        )?;
        writeln!(
            o,
            "instantaneous_input_kbps:0.00\ninstantaneous_output_kbps:0.00\ninstantaneous_input_repl_kbps:0.00\ninstantaneous_output_repl_kbps:0.00"
        )?;
        writeln!(
            o,
            "rejected_connections:{}\nsync_full:{}\nsync_partial_ok:{}\nsync_partial_err:{}",
            c.rejected, c.sync_full, c.sync_ok, c.sync_err
        )?;
        writeln!(
            o,
            "expired_subkeys:{}\nexpired_subkeys_active:{}\nexpired_keys:{}\nexpired_keys_active:{}\nexpired_stale_perc:0.00\nexpired_time_cap_reached_count:0\nexpire_cycle_cpu_milliseconds:0",
            c.expired_fields, c.expired_fields_active, c.expired_keys, c.expired_keys_active
        )?;
        writeln!(
            o,
            "evicted_keys:{}\nevicted_clients:{}\nevicted_scripts:0\ntotal_eviction_exceeded_time:0\ncurrent_eviction_exceeded_time:0",
            c.evicted, c.evicted_clients
        )?;
        writeln!(
            o,
            "keyspace_hits:{}\nkeyspace_misses:{}\npubsub_channels:{}\npubsub_patterns:{}\npubsubshard_channels:{}",
            c.hits,
            c.misses,
            self.channels.len(),
            self.patterns.len(),
            self.shard_channels.len()
        )?;
        writeln!(
            o,
            "latest_fork_usec:0\ntotal_forks:{}\nmigrate_cached_sockets:{}\nslave_expires_tracked_keys:0",
            c.forks,
            self.migrations.sockets()
        )?;
        writeln!(
            o,
            "active_defrag_hits:0\nactive_defrag_misses:0\nactive_defrag_key_hits:0\nactive_defrag_key_misses:0\ntotal_active_defrag_time:0\ncurrent_active_defrag_time:0"
        )?;
        let items: usize = self.tracking.keys.values().map(std::collections::BTreeSet::len).sum();
        writeln!(
            o,
            "tracking_total_keys:{}\ntracking_total_items:{items}\ntracking_total_prefixes:{}",
            self.tracking.keys.len(),
            self.tracking.prefixes.len()
        )?;
        writeln!(
            o,
            "unexpected_error_replies:0\ntotal_error_replies:{}\ndump_payload_sanitizations:0\ntotal_reads_processed:{}\ntotal_writes_processed:{}",
            c.errors, c.reads, c.writes
        )?;
        writeln!(
            o,
            "io_threaded_reads_processed:0\nio_threaded_writes_processed:0\nio_threaded_total_prefetch_batches:0\nio_threaded_total_prefetch_entries:0"
        )?;
        writeln!(
            o,
            "client_query_buffer_limit_disconnections:{}\nclient_output_buffer_limit_disconnections:{}\nreply_buffer_shrinks:{}\nreply_buffer_expands:{}",
            c.query_limit, c.output_limit, c.reply_shrinks, c.reply_expands
        )?;
        writeln!(
            o,
            "eventloop_cycles:{}\neventloop_duration_sum:0\neventloop_duration_cmd_sum:{}\ninstantaneous_eventloop_cycles_per_sec:0\ninstantaneous_eventloop_duration_usec:0",
            c.loops,
            (self.busy_seconds() * 1e6) as u64
        )?;
        writeln!(
            o,
            "acl_access_denied_auth:{}\nacl_access_denied_cmd:{}\nacl_access_denied_key:{}\nacl_access_denied_channel:{}\nacl_access_denied_tls_cert:0",
            c.acl_auth, c.acl_cmd, c.acl_key, c.acl_channel
        )
    }

    fn ops_per_second(&self) -> u64 {
        let seconds = ((self.host.mono_us() - self.started) / 1_000_000).max(1) as u64;
        self.count.commands / seconds
    }

    fn info_commands(&mut self, o: &mut String) -> std::fmt::Result {
        writeln!(o, "# Commandstats")?;
        for (name, s) in &self.stats.commands.by_name() {
            let mean = if s.calls == 0 { 0.0 } else { s.usec as f64 / s.calls as f64 };
            writeln!(
                o,
                "cmdstat_{name}:calls={},usec={},usec_per_call={mean:.2},rejected_calls={},failed_calls={}",
                s.calls, s.usec, s.rejected, s.failed
            )?;
        }
        Ok(())
    }

    fn info_latency(&mut self, o: &mut String) -> std::fmt::Result {
        writeln!(o, "# Latencystats")?;
        let wanted: Vec<f64> = self
            .config
            .text(config::LATENCY_TRACKING_INFO_PERCENTILES)
            .split(' ')
            .filter_map(|p| p.parse().ok())
            .collect();
        for (name, stat) in self.stats.commands.by_name().iter().filter(|(_, s)| s.calls > 0) {
            let shown: Vec<String> = wanted
                .iter()
                .map(|p| format!("p{}={:.3}", resp::format_double(*p), super::stats::percentile(stat, *p)))
                .collect();
            writeln!(o, "latency_percentiles_usec_{name}:{}", shown.join(","))?;
        }
        Ok(())
    }

    fn info_keyspace(&mut self, o: &mut String) -> std::fmt::Result {
        writeln!(o, "# Keyspace")?;
        for (n, db) in self.dbs.iter().enumerate().filter(|(_, db)| !db.is_empty()) {
            writeln!(
                o,
                "db{n}:keys={},expires={},avg_ttl={},subexpiry={}",
                db.len(),
                db.volatile(),
                db.average_ttl(self.now_ms),
                db.volatile_hashes()
            )?;
        }
        Ok(())
    }
}
