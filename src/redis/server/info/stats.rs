//! The section of counters and rates.

use crate::server::Server;
use std::fmt::Write;

impl Server {
    pub(super) fn info_stats(&mut self, o: &mut String) -> std::fmt::Result {
        writeln!(o, "# Stats")?;
        self.info_traffic(o)?;
        self.info_keys(o)?;
        self.info_tracking(o)?;
        self.info_event_loop(o)
    }

    fn info_traffic(&self, o: &mut String) -> std::fmt::Result {
        let (c, m) = (&self.count, &self.metrics);
        let kilobytes = |rate: &crate::server::metrics::Rate| rate.average() as f64 / 1024.0;
        writeln!(
            o,
            "total_connections_received:{}\ntotal_commands_processed:{}\ninstantaneous_ops_per_sec:{}",
            c.connections,
            c.commands,
            m.commands.average()
        )?;
        writeln!(
            o,
            "total_net_input_bytes:{}\ntotal_net_output_bytes:{}\ntotal_net_repl_input_bytes:{}\ntotal_net_repl_output_bytes:{}",
            c.net_in + c.net_repl_in,
            c.net_out + c.net_repl_out,
            c.net_repl_in,
            c.net_repl_out
        )?;
        writeln!(
            o,
            "instantaneous_input_kbps:{:.2}\ninstantaneous_output_kbps:{:.2}\ninstantaneous_input_repl_kbps:{:.2}\ninstantaneous_output_repl_kbps:{:.2}",
            kilobytes(&m.net_in),
            kilobytes(&m.net_out),
            kilobytes(&m.repl_in),
            kilobytes(&m.repl_out)
        )?;
        writeln!(
            o,
            "rejected_connections:{}\nsync_full:{}\nsync_partial_ok:{}\nsync_partial_err:{}",
            c.rejected, c.sync_full, c.sync_ok, c.sync_err
        )
    }

    fn info_keys(&self, o: &mut String) -> std::fmt::Result {
        let c = &self.count;
        writeln!(
            o,
            "expired_subkeys:{}\nexpired_subkeys_active:{}\nexpired_keys:{}\nexpired_keys_active:{}\nexpired_stale_perc:0.00\nexpired_time_cap_reached_count:0\nexpire_cycle_cpu_milliseconds:{}",
            c.expired_fields,
            c.expired_fields_active,
            c.expired_keys,
            c.expired_keys_active,
            c.expire_cycle_us / 1000
        )?;
        writeln!(
            o,
            "evicted_keys:{}\nevicted_clients:{}\nevicted_scripts:{}\ntotal_eviction_exceeded_time:0\ncurrent_eviction_exceeded_time:0",
            c.evicted, c.evicted_clients, self.scripting.evicted
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
        )
    }

    fn info_tracking(&self, o: &mut String) -> std::fmt::Result {
        let c = &self.count;
        let items: usize = self.tracking.keys.values().map(std::collections::BTreeSet::len).sum();
        writeln!(
            o,
            "tracking_total_keys:{}\ntracking_total_items:{items}\ntracking_total_prefixes:{}",
            self.tracking.keys.len(),
            self.tracking.prefixes.len()
        )?;
        writeln!(
            o,
            "unexpected_error_replies:{}\ntotal_error_replies:{}\ndump_payload_sanitizations:0\ntotal_reads_processed:{}\ntotal_writes_processed:{}",
            c.unexpected_errors, c.errors, c.reads, c.writes
        )?;
        writeln!(
            o,
            "io_threaded_reads_processed:0\nio_threaded_writes_processed:0\nio_threaded_total_prefetch_batches:0\nio_threaded_total_prefetch_entries:0"
        )?;
        writeln!(
            o,
            "client_query_buffer_limit_disconnections:{}\nclient_output_buffer_limit_disconnections:{}\nreply_buffer_shrinks:{}\nreply_buffer_expands:{}",
            c.query_limit, c.output_limit, c.reply_shrinks, c.reply_expands
        )
    }

    fn info_event_loop(&self, o: &mut String) -> std::fmt::Result {
        let (c, m) = (&self.count, &self.metrics);
        writeln!(
            o,
            "eventloop_cycles:{}\neventloop_duration_sum:{}\neventloop_duration_cmd_sum:{}\ninstantaneous_eventloop_cycles_per_sec:{}\ninstantaneous_eventloop_duration_usec:{}",
            m.cycles,
            m.cycles_us,
            c.command_us,
            m.cycles_per_second.average(),
            m.cycle_time.average()
        )?;
        writeln!(
            o,
            "acl_access_denied_auth:{}\nacl_access_denied_cmd:{}\nacl_access_denied_key:{}\nacl_access_denied_channel:{}\nacl_access_denied_tls_cert:0",
            c.acl_auth, c.acl_cmd, c.acl_key, c.acl_channel
        )?;
        self.info_compatibility(o);
        Ok(())
    }

    /// What only those see who ask for it by name.
    pub(super) fn info_debug(&self, o: &mut String) -> std::fmt::Result {
        let m = &self.metrics;
        writeln!(
            o,
            "# Debug\neventloop_duration_aof_sum:{}\neventloop_duration_cron_sum:{}\neventloop_duration_max:{}\neventloop_cmd_per_cycle_max:{}",
            m.aof_us, m.cron_us, m.longest_us, m.most_commands
        )?;
        writeln!(
            o,
            "allocator_allocated_lua:0\nallocator_active_lua:0\nallocator_resident_lua:0\nallocator_frag_bytes_lua:0"
        )
    }
}
