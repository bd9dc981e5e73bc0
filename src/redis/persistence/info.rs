//! The persistence section of INFO.

use crate::server::Server;
use std::fmt::Write;

impl Server {
    pub(crate) fn info_persistence(&mut self, o: &mut String) -> std::fmt::Result {
        let p = &self.persist;
        let on = |b: bool| u8::from(b);
        let word = |ok: bool| if ok { "ok" } else { "err" };
        let seconds = |saves: bool| {
            p.child.as_ref().filter(|c| c.saves() == saves).map_or(-1, |c| (self.now_ms - c.since) / 1000)
        };
        let (done, keys) = p.child.as_ref().map_or((0, 0), |c| (c.total.keys, c.keys));
        let copied = p.child.as_ref().map_or(0, |c| c.total.copied);
        let percent = if keys > 0 { done as f64 / keys as f64 * 100.0 } else { 0.0 };
        writeln!(
            o,
            "# Persistence\nloading:{}\nasync_loading:0\ncurrent_cow_peak:{copied}\ncurrent_cow_size:{copied}\ncurrent_cow_size_age:0\ncurrent_fork_perc:{percent:.2}",
            on(self.loading)
        )?;
        writeln!(
            o,
            "current_save_keys_processed:{done}\ncurrent_save_keys_total:{keys}\nrdb_changes_since_last_save:{}\nrdb_bgsave_in_progress:{}",
            self.dirty,
            on(self.child_saves())
        )?;
        writeln!(
            o,
            "rdb_last_save_time:{}\nrdb_last_bgsave_status:{}\nrdb_last_bgsave_time_sec:{}\nrdb_current_bgsave_time_sec:{}",
            p.last_save,
            word(p.last_ok),
            p.last_child_time,
            seconds(true)
        )?;
        writeln!(
            o,
            "rdb_saves:{}\nrdb_saves_consecutive_failures:{}\nrdb_last_cow_size:{}\nrdb_last_load_keys_expired:{}\nrdb_last_load_keys_loaded:{}",
            p.saves, p.failures, p.last_copied, p.loaded.1, p.loaded.0
        )?;
        writeln!(
            o,
            "aof_enabled:{}\naof_rewrite_in_progress:{}\naof_rewrite_scheduled:{}\naof_last_rewrite_time_sec:{}\naof_current_rewrite_time_sec:{}",
            on(p.aof_on()),
            on(self.child_rewrites()),
            on(p.aof.scheduled),
            p.aof.last_rewrite,
            seconds(false)
        )?;
        writeln!(
            o,
            "aof_last_bgrewrite_status:{}\naof_rewrites:{}\naof_rewrites_consecutive_failures:{}\naof_last_write_status:{}\naof_last_cow_size:{}\nmodule_fork_in_progress:0\nmodule_fork_last_cow_size:0",
            word(p.aof.last_rewrite_ok),
            p.aof.rewrites,
            p.aof.failures,
            word(p.aof.last_ok),
            p.aof.last_copied
        )?;
        if p.aof_on() {
            writeln!(
                o,
                "aof_current_size:{}\naof_base_size:{}\naof_pending_rewrite:{}\naof_buffer_length:{}\naof_pending_bio_fsync:0\naof_delayed_fsync:0",
                p.aof.size,
                p.aof.rewritten_size,
                on(p.aof.scheduled),
                p.aof.buffer.len()
            )?;
        }
        self.info_loading(o)
    }
}
