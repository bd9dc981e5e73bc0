//! Dropping the keys of slots that are not this node's any more, or never became its own.
//!
//! Usually the tables of the slots are taken out at once and their memory is given back later. Where clients keep
//! copies of keys, each of which they are to be told of, the keys go one by one, some at every tick; nobody sees them
//! meanwhile.

use super::{SlotRanges, TrimMethod};
use crate::config;
use crate::data::text::Text;
use crate::server::Server;
use std::collections::VecDeque;

/// Keys that one slice drops.
const SLICE: i64 = 4096;
/// The clock is looked at whenever so many keys were dropped.
const CHECK: i64 = 32;

/// What is to be dropped.
#[derive(Debug, Default)]
pub(super) struct Trims {
    /// What waits for the end of the event, or of a pause.
    pending: VecDeque<SlotRanges>,
    /// What is dropped key by key; the first now.
    active: VecDeque<SlotRanges>,
    /// A pause was complained of, for either.
    said_deferred: bool,
    said_blocked: bool,
    pub(super) job_keys: u64,
    pub(super) job_trimmed: u64,
    pub(super) started: u64,
    pub(super) completed: u64,
    pub(super) cancelled: u64,
}

impl Trims {
    /// Whether there is anything to be dropped.
    pub(super) fn any(&self) -> bool {
        !self.pending.is_empty() || !self.active.is_empty()
    }

    /// How many jobs go key by key.
    pub(super) fn running(&self) -> usize {
        self.active.len()
    }

    fn has(&self, slot: usize) -> bool {
        self.pending.iter().chain(&self.active).any(|slots| slots.has(slot))
    }
}

impl Server {
    /// Whether any slot's keys are being dropped: the question that each lookup of a key asks first.
    pub fn trims_slots(&self) -> bool {
        self.slot_migration.trims.any()
    }

    /// Whether the keys of a slot are being dropped.
    pub fn trims_slot(&self, slot: usize) -> bool {
        self.trims_slots() && self.slot_migration.trims.has(slot)
    }

    /// The slots whose keys are being dropped.
    pub(crate) fn slots_being_dropped(&self) -> Vec<SlotRanges> {
        let trims = &self.slot_migration.trims;
        trims.pending.iter().chain(&trims.active).cloned().collect()
    }

    pub(super) fn trims_any_of(&self, slots: &SlotRanges) -> bool {
        let trims = &self.slot_migration.trims;
        trims.pending.iter().chain(&trims.active).any(|job| job.meets(slots))
    }

    /// Slots are to be dropped as soon as writes are not paused.
    pub(super) fn schedule_trim(&mut self, slots: SlotRanges) {
        self.slot_migration.trims.pending.push_back(slots);
    }

    /// Drops keys that are in slots of others, of those given.
    pub(crate) fn trim_what_is_not_owned(&mut self, slots: &SlotRanges) {
        if !self.is_cluster_master() {
            return;
        }
        let Some(cluster) = &self.cluster else { return };
        let left = |slot: &usize| {
            cluster.owners.get(*slot) != Some(&cluster.myself)
                && self.dbs.first().is_some_and(|db| db.slot_len(*slot) > 0)
                && !self.trims_slot(*slot)
        };
        let found = SlotRanges::of_slots(slots.slots().filter(left));
        if found.is_empty() {
            return;
        }
        let keys = self.keys_in(&found);
        self.notice(&format!(
            "Detected keys in slots that do not belong to this node. Scheduling trim for {keys} keys in slots: {found}"
        ));
        self.schedule_trim(found);
    }

    /// Begins what waited.
    pub(super) fn start_pending_trims(&mut self) {
        let trims = &mut self.slot_migration.trims;
        if trims.pending.is_empty() || self.slot_migration.fault.trim == TrimMethod::Nothing {
            return;
        }
        if !self.is_cluster_master() {
            self.cancel_pending_trims();
            self.trims_ended();
            return;
        }
        if self.writes_paused() {
            if !std::mem::replace(&mut self.slot_migration.trims.said_deferred, true) {
                self.notice("Trim job is deferred since pause action is in effect.");
            }
            return;
        }
        self.slot_migration.trims.said_deferred = false;
        while let Some(slots) = self.slot_migration.trims.pending.pop_front() {
            self.trim(&slots);
            let mut words = vec![b"TRIMSLOTS".to_vec(), b"RANGES".to_vec()];
            words.push(slots.ranges().len().to_string().into_bytes());
            for (from, to) in slots.ranges() {
                words.extend([from.to_string().into_bytes(), to.to_string().into_bytes()]);
            }
            self.propagate_alone(&words);
        }
    }

    /// Drops the keys of slots, at once or from now on.
    pub(crate) fn trim(&mut self, slots: &SlotRanges) {
        // Who waits for one of the keys hears where it went, not that it is gone.
        self.redirect_waiters();
        match self.slot_migration.fault.trim {
            TrimMethod::Nothing => {}
            TrimMethod::Active => self.trim_actively(slots),
            _ if !self.tracking.is_empty() => self.trim_actively(slots),
            _ => self.trim_in_background(slots),
        }
    }

    fn trim_in_background(&mut self, slots: &SlotRanges) {
        let keys = self.keys_in(slots);
        let watched: Vec<_> = self
            .watchers
            .keys()
            .filter(|(db, key)| *db == 0 && slots.has(crate::keyspace::slots::slot_of(key)))
            .map(|(_, key)| key.clone())
            .collect();
        for key in watched.iter().filter(|key| self.peek(0, key).is_some()).cloned().collect::<Vec<_>>() {
            self.key_modified(0, &key, 0);
        }
        if let Some(db) = self.dbs.first_mut() {
            for slot in slots.slots() {
                db.clear_slot(slot, &mut self.trash);
            }
        }
        self.count.lazy_freed += keys as u64;
        self.notice(&format!("Background trim started for slots: {slots} to trim {keys} keys."));
        self.trims_ended();
    }

    fn trim_actively(&mut self, slots: &SlotRanges) {
        self.notice(&format!("Active trim scheduled for slots: {slots}"));
        self.slot_migration.trims.active.push_back(slots.clone());
        if self.slot_migration.trims.active.len() == 1 {
            self.start_active_trim();
        }
    }

    fn start_active_trim(&mut self) {
        let Some(slots) = self.slot_migration.trims.active.front() else { return };
        let keys = self.keys_in(slots);
        let line = format!("Active trim initiated for slots: {slots}, to trim {keys} keys.");
        let trims = &mut self.slot_migration.trims;
        trims.started += 1;
        trims.job_keys = keys as u64;
        trims.job_trimmed = 0;
        self.notice(&line);
    }

    fn end_active_trim(&mut self) {
        let trims = &mut self.slot_migration.trims;
        let Some(slots) = trims.active.pop_front() else { return };
        trims.completed += 1;
        let trimmed = trims.job_trimmed;
        self.trims_ended();
        self.notice(&format!("Active trim completed for slots: {slots}, {trimmed} keys trimmed."));
    }

    /// How many keys a tick may drop: what goes within a quarter of it.
    fn trim_budget(&self) -> i64 {
        let delay = self.slot_migration.fault.delay;
        if delay <= 0 {
            return SLICE;
        }
        let limit = 250_000 / self.config.int(config::HZ).clamp(1, 500);
        ((limit / delay / CHECK + 1) * CHECK).min(SLICE)
    }

    /// Drops some keys, at every tick.
    pub(crate) fn active_trim_cycle(&mut self) {
        if self.slot_migration.fault.delay < 0 || self.slot_migration.trims.active.is_empty() {
            return;
        }
        if self.writes_paused() {
            if !std::mem::replace(&mut self.slot_migration.trims.said_blocked, true) {
                self.notice("Active trim cycle is blocked since pause action is in effect.");
            }
            return;
        }
        if std::mem::take(&mut self.slot_migration.trims.said_blocked) {
            self.notice("Active trim cycle is unblocked.");
        }
        let Some(slots) = self.slot_migration.trims.active.front() else { return };
        let Some(db) = self.dbs.first() else { return };
        let budget = self.trim_budget() as usize;
        let keys: Vec<_> = slots.slots().flat_map(|slot| db.slot_keys(slot)).take(budget).map(Text::new).collect();
        for key in &keys {
            self.delete(0, key);
            self.key_modified(0, key, 0);
        }
        self.slot_migration.trims.job_trimmed += keys.len() as u64;
        if keys.len() < budget {
            self.end_active_trim();
            self.start_active_trim();
        }
    }

    fn cancel_pending_trims(&mut self) {
        while let Some(slots) = self.slot_migration.trims.pending.pop_front() {
            self.notice(&format!("Cancelling the pending trim job for slots: {slots}"));
        }
    }

    /// Nothing is dropped any more: there is nothing left, or the data is another.
    pub(crate) fn cancel_trims(&mut self) {
        if !self.trims_slots() {
            return;
        }
        self.cancel_pending_trims();
        let running = self.slot_migration.trims.active.len();
        if running > 0 {
            self.notice("Cancelling all active trim jobs");
            self.slot_migration.trims.cancelled += running as u64;
            self.end_active_trim();
            self.slot_migration.trims.active.clear();
        }
        self.trims_ended();
    }

    /// A replica whose master waits for the end of a trim goes on with its stream.
    fn trims_ended(&mut self) {
        if !self.trims_slots() {
            self.resume_masters_stream();
        }
    }
}
