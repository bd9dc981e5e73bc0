//! INFO.

mod keysizes;
pub mod memory;
mod stats;

use super::Server;
use super::client::BlockedOn;
use crate::config;
use std::fmt::Write;

const DEFAULT: [&str; 14] = [
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
    "sentinel",
];
const ALL: [&str; 17] = [
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
    "debug",
];

/// What INFO of a Sentinel has.
const SENTINEL: [&str; 5] = ["server", "clients", "cpu", "stats", "sentinel"];

impl Server {
    /// The text of the sections asked for.
    pub fn info(&mut self, asked: &[&[u8]]) -> String {
        let asked: Vec<String> = asked.iter().map(|s| String::from_utf8_lossy(s).to_ascii_lowercase()).collect();
        let wanted = |section: &str| {
            asked.is_empty() && DEFAULT.contains(&section)
                || asked.iter().any(|a| match a.as_str() {
                    "default" => DEFAULT.contains(&section),
                    "all" => !matches!(section, "modules" | "debug"),
                    "everything" => section != "debug",
                    other => other == section,
                })
        };
        let sections = if self.sentinel_mode { SENTINEL.as_slice() } else { ALL.as_slice() };
        let mut text = String::new();
        for section in sections.iter().copied() {
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
            "hotkeys" => {
                writeln!(o, "# Hotkeys")?;
                let Some(hotkeys) = &self.hotkeys else { return Ok(()) };
                writeln!(o, "hotkeys-tracking-active:{}\nhotkeys-cmd-cpu-time:0", u8::from(hotkeys.active))
            }
            "modules" => writeln!(
                o,
                "# Modules\nmodule:name=vectorset,ver=1,api=1,filters=0,usedby=[],using=[],options=[handle-io-errors|handle-repl-async-load]"
            ),
            "commandstats" => self.info_commands(o),
            "errorstats" => {
                writeln!(o, "# Errorstats")?;
                self.stats.errors.iter().try_for_each(|(code, n)| writeln!(o, "errorstat_{code}:count={n}"))
            }
            "latencystats" => self.info_latency(o),
            "cluster" => writeln!(o, "# Cluster\ncluster_enabled:{}", u8::from(self.hot.cluster)),
            "keyspace" => self.info_keyspace(o),
            "debug" => self.info_debug(o),
            "sentinel" => {
                self.as_sentinel(|watch| watch.info_section(o));
                Ok(())
            }
            _ => {
                writeln!(o, "# Keysizes")?;
                self.dbs.iter().enumerate().try_for_each(|(n, db)| keysizes::write(o, n, db))
            }
        }
    }

    fn busy_seconds(&self) -> f64 {
        self.stats.commands.usec() as f64 / 1e6
    }

    fn info_server(&mut self, o: &mut String) -> std::fmt::Result {
        let system = self.host.system();
        let uptime = (self.host.mono_us() - self.started) / 1_000_000;
        let mode = self.mode();
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
        if let Some(pending) = &self.shutdown {
            writeln!(o, "shutdown_in_milliseconds:{}", pending.until - self.now_ms)?;
        }
        let binds: String = self.config.text(config::BIND).split_whitespace().map(|b| format!("bind={b},")).collect();
        writeln!(o, "listener0:name=tcp,{binds}port={port}")
    }

    fn info_clients(&mut self, o: &mut String) -> std::fmt::Result {
        let count = |of: &dyn Fn(&super::Client) -> bool| self.clients.values().filter(|c| of(c)).count();
        let blocked = count(&|c| c.blocked.is_some());
        let pubsub = count(&|c| c.in_pubsub());
        let watching = count(&|c| !c.watched.is_empty());
        let timed = count(&|c| c.blocked.as_ref().is_some_and(|b| b.until > 0));
        let (largest_in, largest_out) = self.metrics.largest_buffers();
        writeln!(
            o,
            "# Clients\nconnected_clients:{}\ncluster_connections:{}",
            self.clients.len() - self.repl.replicas.len(),
            self.bus_links()
        )?;
        writeln!(
            o,
            "maxclients:{}\nclient_recent_max_input_buffer:{largest_in}\nclient_recent_max_output_buffer:{largest_out}",
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
        writeln!(
            o,
            "total_blocking_keys:{}\ntotal_blocking_keys_on_nokey:{}",
            self.waiting.len(),
            self.keys_awaited_gone()
        )
    }

    /// Keys whose removal somebody waits for too.
    fn keys_awaited_gone(&self) -> usize {
        let wants = |id: &u64| {
            self.client(*id).blocked.as_ref().is_some_and(|b| matches!(b.on, BlockedOn::Keys { gone: true, .. }))
        };
        self.waiting.values().filter(|ids| ids.iter().any(wants)).count()
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
        if !self.config.bool(config::LATENCY_TRACKING) {
            return Ok(());
        }
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
