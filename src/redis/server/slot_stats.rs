//! What each slot costs: processor time and bytes, counted where `cluster-slot-stats-enabled` asks for it.
//!
//! Facts: what CLUSTER SLOT-STATS of redis-server 8.6.3 counts for which command.

use super::Server;
use crate::commands::{Command, flag, key_specs};
use crate::keyspace::slots::slot_of;
use std::collections::BTreeMap;

/// Which of the figures are kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Processor time.
    pub cpu: bool,
    /// Bytes that came and went.
    pub net: bool,
    /// Memory, which is counted from the data when it is asked for.
    pub mem: bool,
}

/// The figures of a slot.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Microseconds that commands took.
    pub cpu: u64,
    /// Bytes of requests.
    pub bytes_in: u64,
    /// Bytes of replies, of messages and of the stream to replicas.
    pub bytes_out: u64,
}

/// The figures of all slots, and what is being counted.
#[derive(Clone, Debug, Default)]
pub struct SlotStats {
    counts: BTreeMap<usize, Counts>,
    /// Where the reply of the outermost command began.
    from: usize,
}

impl SlotStats {
    /// The figures of a slot.
    pub fn of(&self, slot: usize) -> Counts {
        self.counts.get(&slot).copied().unwrap_or_default()
    }

    /// Begins anew for a slot.
    pub fn reset(&mut self, slot: usize) {
        self.counts.remove(&slot);
    }

    /// Begins anew.
    pub fn reset_all(&mut self) {
        self.counts.clear();
    }
}

/// What `MULTI` takes of a request: EXEC counts it.
const MULTI_BYTES: u64 = 15;

impl Server {
    fn counts_slots(&self) -> bool {
        self.hot.slots.cpu || self.hot.slots.net
    }

    /// Notes the slot that a client's request is about.
    pub(super) fn note_slot(&mut self, id: u64, command: Option<&'static Command>, argv: &[&[u8]]) {
        if !self.counts_slots() {
            return;
        }
        let slot = match command {
            Some(command) if command.name == "exec" => self.client(id).multi.as_ref().and_then(|multi| {
                multi.queue.iter().find_map(|words| {
                    let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
                    self.one_slot(self.find_command(&words).ok()?, &words)
                })
            }),
            Some(command) => self.one_slot(command, argv),
            None => None,
        };
        self.client_mut(id).slot = slot;
    }

    fn one_slot(&self, command: &'static Command, argv: &[&[u8]]) -> Option<usize> {
        let shard = matches!(command.name, "ssubscribe" | "sunsubscribe" | "spublish");
        let places = if shard { key_specs::channels(command, argv) } else { key_specs::of(command, argv) }?;
        let mut slots = places.iter().filter_map(|place| argv.get(place.at)).map(|key| slot_of(key));
        let first = slots.next()?;
        slots.all(|slot| slot == first).then_some(first)
    }

    /// A script of the running command may use keys of any slot: nothing is counted.
    pub(crate) fn forget_slot(&mut self) {
        let id = self.current;
        self.client_mut(id).slot = None;
    }

    fn counts_of(&mut self, id: u64) -> Option<&mut Counts> {
        let slot = self.client(id).slot?;
        Some(self.slot_stats.counts.entry(slot).or_default())
    }

    /// A request was dealt with.
    pub(super) fn count_request(&mut self, id: u64, command: Option<&'static Command>) {
        if !self.hot.slots.net || self.client(id).blocked.is_some() {
            return;
        }
        let exec = command.is_some_and(|c| c.name == "exec");
        let bytes = self.client(id).request as u64 + if exec { MULTI_BYTES } else { 0 };
        if let Some(counts) = self.counts_of(id) {
            counts.bytes_in += bytes;
        }
    }

    /// A command begins to write its reply there.
    pub(super) fn reply_begins(&mut self, at: usize) {
        if self.depth == 0 {
            self.slot_stats.from = at;
        }
    }

    /// A command wrote its reply up to there.
    pub(super) fn count_reply(&mut self, id: u64, at: usize) {
        let bytes = at.saturating_sub(self.slot_stats.from) as u64;
        if self.hot.slots.net
            && (self.depth == 0 || self.in_exec)
            && let Some(counts) = self.counts_of(id)
        {
            counts.bytes_out += bytes;
        }
    }

    /// A command took so long.
    pub(super) fn count_time(&mut self, id: u64, command: &Command, micros: i64) {
        if self.hot.slots.cpu
            && (self.depth == 0 || command.has(flag::BLOCKING))
            && let Some(counts) = self.counts_of(id)
        {
            counts.cpu += micros.max(0).unsigned_abs();
        }
    }

    /// A message went to somebody who listens to a channel of a shard.
    pub(super) fn count_message(&mut self, channel: &[u8], bytes: usize) {
        if self.hot.slots.net && self.hot.cluster {
            self.slot_stats.counts.entry(slot_of(channel)).or_default().bytes_out += bytes as u64;
        }
    }

    /// A change of the running command went to all replicas.
    pub(crate) fn count_stream(&mut self, bytes: usize) {
        if !self.hot.slots.net {
            return;
        }
        let replicas = self.repl.replicas.len() as u64;
        let id = self.current;
        if let Some(counts) = self.counts_of(id) {
            counts.bytes_out += bytes as u64 * replicas;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    fn bench() -> Bench {
        let mut bench = Bench::start("cluster-enabled yes\ncluster-slot-stats-enabled yes");
        bench.run("CLUSTER ADDSLOTSRANGE 0 16383");
        bench.pass(3000);
        bench
    }

    /// Bytes in and out of the slot of `key`.
    fn bytes(bench: &mut Bench) -> String {
        let all = bench.run("CLUSTER SLOT-STATS SLOTSRANGE 12539 12539");
        all.split_once("network-bytes-in ").map_or(String::new(), |(_, rest)| rest.replace("network-bytes-out ", ""))
    }

    #[test]
    fn bytes_count_for_the_slot_of_the_key() {
        let mut bench = bench();
        bench.run("SET key value");
        assert_eq!(bytes(&mut bench), "33 5)))");
        bench.run("CONFIG RESETSTAT");
        for words in ["MULTI", "SET key value"] {
            bench.run(words);
        }
        assert_eq!(bench.run("EXEC"), "(OK)");
        assert!(bytes(&mut bench).starts_with("62 "), "{}", bytes(&mut bench));
        bench.run("CONFIG RESETSTAT");
        assert_eq!(bytes(&mut bench), "0 0)))");
    }

    #[test]
    fn who_waits_is_counted_when_he_is_served() {
        let mut bench = bench();
        bench.run("BLPOP key 0");
        assert_eq!(bytes_by_other(&mut bench), "0 0)))");
        bench.other("LPUSH key value");
        assert_eq!(bytes_by_other(&mut bench), "66 28)))");
    }

    fn bytes_by_other(bench: &mut Bench) -> String {
        let all = bench.other("CLUSTER SLOT-STATS SLOTSRANGE 12539 12539");
        all.split_once("network-bytes-in ").map_or(String::new(), |(_, rest)| rest.replace("network-bytes-out ", ""))
    }
}
