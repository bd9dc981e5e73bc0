//! The persistence section of INFO.

use crate::server::Server;
use std::fmt::Write;

impl Server {
    pub(crate) fn info_persistence(&mut self, o: &mut String) -> std::fmt::Result {
        let p = &self.persist;
        let on = |b: bool| u8::from(b);
        let word = |ok: bool| if ok { "ok" } else { "err" };
        let running = p.child.map_or(-1, |s| (self.now_ms - s) / 1000);
        writeln!(
            o,
            "# Persistence\nloading:{}\nasync_loading:0\ncurrent_cow_peak:0\ncurrent_cow_size:0\ncurrent_cow_size_age:0\ncurrent_fork_perc:0.00",
            on(self.loading)
        )?;
        writeln!(
            o,
            "current_save_keys_processed:0\ncurrent_save_keys_total:0\nrdb_changes_since_last_save:{}\nrdb_bgsave_in_progress:{}",
            self.dirty,
            on(p.child.is_some())
        )?;
        writeln!(
            o,
            "rdb_last_save_time:{}\nrdb_last_bgsave_status:{}\nrdb_last_bgsave_time_sec:{}\nrdb_current_bgsave_time_sec:{running}",
            p.last_save,
            word(p.last_ok),
            p.last_child_time
        )?;
        writeln!(
            o,
            "rdb_saves:{}\nrdb_saves_consecutive_failures:0\nrdb_last_cow_size:0\nrdb_last_load_keys_expired:{}\nrdb_last_load_keys_loaded:{}",
            p.saves, p.loaded.1, p.loaded.0
        )?;
        writeln!(
            o,
            "aof_enabled:{}\naof_rewrite_in_progress:0\naof_rewrite_scheduled:0\naof_last_rewrite_time_sec:{}\naof_current_rewrite_time_sec:-1",
            on(p.aof.on),
            p.aof.last_rewrite
        )?;
        writeln!(
            o,
            "aof_last_bgrewrite_status:ok\naof_rewrites:{}\naof_rewrites_consecutive_failures:0\naof_last_write_status:{}\naof_last_cow_size:0\nmodule_fork_in_progress:0\nmodule_fork_last_cow_size:0",
            p.aof.rewrites,
            word(p.aof.last_ok)
        )?;
        if p.aof.on {
            let size = p.aof.base_size + p.aof.incr_size;
            writeln!(
                o,
                "aof_current_size:{size}\naof_base_size:{}\naof_pending_rewrite:0\naof_buffer_length:{}\naof_pending_bio_fsync:0\naof_delayed_fsync:0",
                p.aof.base_size,
                p.aof.buffer.len()
            )?;
        }
        Ok(())
    }
}
