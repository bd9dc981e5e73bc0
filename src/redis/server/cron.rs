//! What happens by itself: expiry, resizing, saving, timeouts, the cluster.

use super::client::Role;
use super::{Action, Server};
use crate::config;
use crate::data::text::Text;
use crate::keyspace::Value;
use crate::keyspace::slots::slot_of;

/// Keys that one slice may expire, so that none is long.
const EXPIRE_BUDGET: usize = 2000;
/// Microseconds until the next slice where that was not enough: others get their turn.
const EXPIRE_PAUSE: i64 = 1000;
/// Pieces of what was deleted that one slice gives back, and microseconds until the next.
const TRASH_BUDGET: usize = 8192;
const TRASH_PAUSE: i64 = 200;

/// Buckets of a resize that one tick moves in each database: about a millisecond's work, as in Redis.
const REHASH_BUDGET: usize = 8192;

impl Server {
    /// When the engine wants to be called next, in microseconds of the monotonic clock.
    pub fn next_wakeup(&self) -> i64 {
        if let Some(until) = self.wakes_at() {
            return until;
        }
        if let Some(due) = self.load_due() {
            return due;
        }
        if self.script_runs() || self.forks_run() {
            return self.host.mono_us();
        }
        let mut next = self.next_cron;
        let mono = self.host.mono_us();
        if !self.trash.is_empty() {
            next = next.min(mono + TRASH_PAUSE);
        }
        next = next.min(self.slot_migration_due().unwrap_or(next));
        next = next.min(self.more_to_expire.unwrap_or(next));
        if let Some(ms) = self.next_timeout() {
            let left = ms.saturating_mul(1000).saturating_sub(self.host.wall_us()).max(0);
            next = next.min(mono.saturating_add(left));
        }
        next.max(mono)
    }

    /// Time went on.
    pub fn tick(&mut self) {
        if !self.wake_if_due() {
            return;
        }
        if self.loads() {
            // Nothing that is done from time to time is, until all is there.
            self.load_tick();
            return;
        }
        self.tick_forks();
        if self.script_parked() {
            // The next look is a tick later, where a debugger has stopped the script.
            self.next_cron = self.next_cron.max(self.host.mono_us() + 100_000);
            self.script_tick();
            return;
        }
        self.refresh_time();
        self.check_claims();
        self.check_timeouts();
        let mono = self.host.mono_us();
        if mono >= self.next_cron {
            let hz = self.config.int(config::HZ).clamp(1, 500);
            self.next_cron = mono + 1_000_000 / hz;
            self.cron(hz);
            if let Some(hz) = self.sentinel_cron() {
                self.next_cron = mono + 1_000_000 / hz;
            }
            let end = self.host.mono_us();
            self.metrics.cron_us += (end - mono).max(0);
            self.advance_time(end.max(self.mono_us));
        }
        if self.more_to_expire.take_if(|due| *due <= mono).is_some() && !self.debug.pause_cron {
            self.expire_slice();
        }
        self.after_event();
    }

    /// Deletes what has expired, as far as a slice reaches.
    fn expire_slice(&mut self) {
        self.more_to_expire = None;
        if !self.active_expire || self.repl.is_replica() || self.pause.is_some() {
            return;
        }
        let start = self.host.mono_us();
        let done = self.expire_due();
        let end = self.host.mono_us();
        self.more_to_expire = (!done).then_some(end + EXPIRE_PAUSE);
        self.count.expire_cycle_us += end - start;
        self.took("expire-cycle", end - start);
    }

    fn cron(&mut self, hz: i64) {
        if self.debug.pause_cron {
            return;
        }
        self.cron_loops += 1;
        self.sample_rates();
        let every = |ms: i64, loops: u64| ms * hz <= 1000 || loops.is_multiple_of((ms * hz / 1000).max(1) as u64);
        let now = self.mono_us / 1000;
        for client in self.clients.each_mut() {
            client.input_counted = client.input_memory();
            client.rest(now);
        }
        self.other_memory = self.count_other_memory();
        let used = self.data_memory() + self.other_memory + self.listening_memory;
        if used > self.count.peak_memory {
            self.count.peak_memory = used;
            self.count.peak_time = self.now_ms / 1000;
        }
        self.expire_slice();
        if !self.repl.own_keys.is_empty() {
            self.expire_own_keys();
        }
        if self.config.bool(config::ACTIVEREHASHING) {
            for db in &mut self.dbs {
                db.rehash(REHASH_BUDGET);
            }
        }
        self.forget_producers();
        self.hotkeys_cron();
        self.close_idle_clients();
        self.migrate_cron();
        self.resize_reply_buffers();
        if !self.tracking.is_empty() {
            self.limit_tracked_keys();
        }
        let waiting: Vec<u64> = self.clients.values().filter(|c| c.soft_limit_since.is_some()).map(|c| c.id).collect();
        for id in waiting {
            self.check_output_limit(id);
        }
        self.persistence_cron();
        self.failover_cron();
        let often = if self.repl.failover.is_some() { 100 } else { 1000 };
        if every(often, self.cron_loops) {
            self.replication_cron();
        }
        self.scheduled_save();
        if every(100, self.cron_loops) && self.cluster.is_some() {
            self.cluster_cron();
            self.slot_migration_cron();
        }
        self.active_trim_cycle();
        self.shutdown_cron();
    }

    /// Deletes what has expired: keys first, then fields of hashes. False if there is more.
    fn expire_due(&mut self) -> bool {
        let mut budget = EXPIRE_BUDGET;
        for db in 0..self.dbs.len() {
            while budget > 0 {
                let now = self.now_ms;
                let Some(key) =
                    self.first_shown_to_expire(db).filter(|(when, _)| *when < now).map(|(_, k)| Text::new(k))
                else {
                    break;
                };
                self.delete_expired(db, &key);
                self.count.expired_keys_active += 1;
                budget -= 1;
            }
            while budget > 0 {
                let now = self.now_ms;
                let Some(key) =
                    self.first_shown_field_to_expire(db).filter(|(when, _)| *when <= now).map(|(_, k)| Text::new(k))
                else {
                    break;
                };
                self.expire_fields(db, &key, &mut budget);
            }
        }
        budget > 0
    }

    /// The key that expires first, of those whose slots are this node's.
    pub fn first_shown_to_expire(&self, db: usize) -> Option<(i64, &[u8])> {
        let db = self.dbs.get(db)?;
        if !self.hot.cluster {
            return db.first_to_expire();
        }
        db.volatile_from(0).take(EXPIRE_BUDGET).find(|(_, key)| self.shows_slot(slot_of(key)))
    }

    /// The hash one of whose fields expires first, of those whose slots are this node's.
    fn first_shown_field_to_expire(&self, db: usize) -> Option<&(i64, Text)> {
        let db = self.dbs.get(db)?;
        if !self.hot.cluster {
            return db.first_field_to_expire();
        }
        db.fields_to_expire().take(EXPIRE_BUDGET).find(|(_, key)| self.shows_slot(slot_of(key)))
    }

    /// Removes the expired fields of a hash, at most so many.
    pub fn expire_fields(&mut self, db: usize, key: &[u8], budget: &mut usize) {
        let now = self.now_ms;
        let Some(Value::Hash(hash)) = self.peek_mut(db, key) else { return };
        let before = hash.next_expiry();
        let mut gone = Vec::new();
        while *budget > 0 {
            *budget -= 1;
            match hash.pop_expired(now) {
                Some(name) => gone.push(name),
                None => break,
            }
        }
        if gone.is_empty() {
            return;
        }
        if let Some(d) = self.dbs.get_mut(db) {
            d.update_field_expiry(key, before);
        }
        self.count.expired_fields += gone.len() as u64;
        self.count.expired_fields_active += gone.len() as u64;
        for name in &gone {
            self.propagate_now(db, &[b"HDEL", key, name]);
        }
        self.key_modified(db, key, 0);
        self.notify(super::notify::HASH, "hexpired", key, db);
        self.delete_if_empty(db, key);
    }

    /// Lets streams forget what their producers sent long ago.
    fn forget_producers(&mut self) {
        let now = self.now_ms;
        for db in &mut self.dbs {
            db.forget_producers(now);
        }
    }

    fn close_idle_clients(&mut self) {
        let timeout = self.config.int(config::TIMEOUT);
        if timeout == 0 {
            return;
        }
        let now = self.host.mono_us() / 1000;
        let idle: Vec<u64> = self
            .clients
            .values()
            .filter(|c| {
                c.role == Role::Normal
                    && !c.migrates
                    && c.blocked.is_none()
                    && !c.in_pubsub()
                    && now - c.last_seen > timeout * 1000
            })
            .map(|c| c.id)
            .collect();
        for id in idle {
            self.log(super::Level::Verbose, "Closing idle client");
            self.drop_client(id);
        }
    }

    /// The last thing before waiting for events.
    pub(super) fn before_sleep(&mut self) {
        if self.persist.aof_on() {
            let start = self.host.mono_us();
            self.flush_aof();
            self.metrics.aof_us += self.host.mono_us() - start;
        }
        self.trash.free(TRASH_BUDGET);
        if self.cluster.is_some() {
            self.slot_migration_before_sleep();
            self.cluster_before_sleep();
        }
        self.serve_waits();
        self.end_turn();
    }

    /// Asks the program around to end the process.
    pub fn exit(&mut self, status: u8) {
        self.actions.push(Action::Exit(status));
    }
}
