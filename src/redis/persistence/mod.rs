//! Snapshots (RDB) and the append only file (AOF).

use crate::config::Config;
use crate::server::Server;

/// The state of persistence.
#[derive(Clone, Debug)]
pub struct Persistence {
    /// When the data was saved last, in seconds.
    pub last_save: i64,
    /// Changes up to the last save that succeeded were these.
    pub dirty_before: u64,
    /// A child saves: since when (ms).
    pub child: Option<i64>,
    /// Whether the last background save succeeded.
    pub last_ok: bool,
    /// Saves.
    pub saves: u64,
    /// Whether the append only file is in use.
    pub aof: bool,
}

impl Persistence {
    /// Nothing saved yet.
    pub fn new(now: i64) -> Persistence {
        Persistence { last_save: now, dirty_before: 0, child: None, last_ok: true, saves: 0, aof: false }
    }

    /// Whether the append only file is in use.
    pub fn aof_on(&self) -> bool {
        self.aof
    }

    /// Whether writes are refused since they can't be saved.
    pub fn refuses_writes(&self, stop_on_error: bool, config: &Config) -> bool {
        stop_on_error && !config.save.is_empty() && !self.last_ok
    }

    /// Bytes of buffers.
    pub fn buffer_memory(&self) -> usize {
        0
    }
}

impl Server {
    pub(crate) fn persistence_cron(&mut self) {}
    pub(crate) fn flush_aof(&mut self) {}
    pub(crate) fn feed_aof(&mut self, _db: usize, _words: &[Vec<u8>]) {}
    /// Saves at once.
    pub fn save_now(&mut self) -> Result<(), String> {
        Ok(())
    }
}

impl Server {
    pub(crate) fn background_save(&mut self) {}
    pub(crate) fn switch_aof(&mut self, _was: bool) -> Result<(), String> {
        Ok(())
    }
    pub(crate) fn info_persistence(&mut self, o: &mut String) -> std::fmt::Result {
        use std::fmt::Write;
        let p = &self.persist;
        writeln!(o, "# Persistence\nloading:{}\nasync_loading:0\ncurrent_cow_peak:0\ncurrent_cow_size:0\ncurrent_cow_size_age:0\ncurrent_fork_perc:0.00", u8::from(self.loading))?;
        writeln!(o, "current_save_keys_processed:0\ncurrent_save_keys_total:0\nrdb_changes_since_last_save:{}\nrdb_bgsave_in_progress:{}", self.dirty, u8::from(p.child.is_some()))?;
        writeln!(o, "rdb_last_save_time:{}\nrdb_last_bgsave_status:{}\nrdb_last_bgsave_time_sec:-1\nrdb_current_bgsave_time_sec:-1", p.last_save, if p.last_ok { "ok" } else { "err" })?;
        writeln!(o, "rdb_saves:{}\nrdb_saves_consecutive_failures:0\nrdb_last_cow_size:0\nrdb_last_load_keys_expired:0\nrdb_last_load_keys_loaded:0", p.saves)?;
        writeln!(o, "aof_enabled:{}\naof_rewrite_in_progress:0\naof_rewrite_scheduled:0\naof_last_rewrite_time_sec:-1\naof_current_rewrite_time_sec:-1", u8::from(p.aof))?;
        writeln!(o, "aof_last_bgrewrite_status:ok\naof_rewrites:0\naof_rewrites_consecutive_failures:0\naof_last_write_status:ok\naof_last_cow_size:0\nmodule_fork_in_progress:0\nmodule_fork_last_cow_size:0")
    }
}

impl Server {
    /// A child process that saves was started.
    pub fn child_started(&mut self, pid: u32) {
        self.notice(&format!("Background saving started by pid {pid}"));
    }
    /// The child that saves ended.
    pub fn child_done(&mut self, _ok: bool) {
        self.persist.child = None;
    }
    /// Loads what the last run saved. False if that is not possible.
    pub fn load_data(&mut self) -> bool {
        true
    }
}
