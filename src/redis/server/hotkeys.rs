//! HOTKEYS: which keys cost most processor time and network traffic.
//!
//! Redis counts them in a sketch of bounded size. Here that is the Space-Saving algorithm (Metwally, Agrawal, El
//! Abbadi 2005): as long as there are no more keys than places, the figures are exact; after that a new key takes
//! the place and the count of the least one.

use super::Server;
use crate::commands::{Command, key_specs};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Places for each key that is to be reported.
const PLACES: usize = 100;

/// The keys that sum up to most.
#[derive(Debug, Default)]
pub struct Top {
    /// The sum of each key, and the number by which it came.
    counts: BTreeMap<Vec<u8>, (u64, u64)>,
    /// The least first; of equal ones the latest.
    order: BTreeSet<(u64, Reverse<u64>, Vec<u8>)>,
    most: usize,
    total: u64,
    came: u64,
}

impl Top {
    fn new(most: usize) -> Top {
        Top { most, ..Top::default() }
    }

    fn add(&mut self, key: &[u8], amount: u64) {
        self.total += amount;
        if amount == 0 {
            return;
        }
        let (before, came) = match self.counts.remove_entry(key) {
            Some((key, (count, came))) => {
                self.order.remove(&(count, Reverse(came), key));
                (count, came)
            }
            None => {
                self.came += 1;
                let least = if self.counts.len() < self.most { None } else { self.order.pop_first() };
                let count = least.map_or(0, |(count, _, key)| {
                    self.counts.remove(&key);
                    count
                });
                (count, self.came)
            }
        };
        self.counts.insert(key.to_vec(), (before + amount, came));
        self.order.insert((before + amount, Reverse(came), key.to_vec()));
    }

    /// The first few keys, the largest first.
    pub fn list(&self, most: usize) -> Vec<(&[u8], u64)> {
        self.order.iter().rev().take(most).map(|(count, _, key)| (key.as_slice(), *count)).collect()
    }

    /// The sum of all that was added.
    pub fn total(&self) -> u64 {
        self.total
    }
}

/// What HOTKEYS START asked for.
#[derive(Debug)]
pub struct Plan {
    /// By processor time.
    pub cpu: bool,
    /// By bytes of requests and replies.
    pub net: bool,
    /// How many keys are reported.
    pub count: usize,
    /// For how many milliseconds; 0 until it is stopped.
    pub duration: i64,
    /// One command of so many is looked at.
    pub ratio: u64,
    /// The slots that count, all where none are named.
    pub slots: Option<BTreeSet<usize>>,
}

/// Sums over commands.
#[derive(Debug, Default)]
pub struct Sum {
    /// Processor time.
    pub micros: u64,
    /// Bytes of requests and replies.
    pub bytes: u64,
}

impl Sum {
    fn add(&mut self, micros: u64, bytes: u64) {
        self.micros += micros;
        self.bytes += bytes;
    }
}

/// Sums over all commands with keys, over those in the chosen slots, and over those of them that were looked at.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Sums {
    pub all: Sum,
    pub selected: Sum,
    pub sampled: Sum,
}

/// A collection, going on or ended.
#[derive(Debug)]
pub struct Hotkeys {
    /// What was asked for.
    pub plan: Plan,
    /// Whether it goes on.
    pub active: bool,
    /// When it began, in Unix milliseconds.
    pub start: i64,
    /// How long it took, once it ended.
    took: i64,
    /// Processor time of all commands before it, in microseconds.
    pub busy_before: i64,
    /// Keys by processor time.
    pub cpu: Top,
    /// Keys by bytes.
    pub net: Top,
    /// Sums over commands.
    pub sums: Sums,
}

impl Hotkeys {
    /// Begins.
    pub fn new(plan: Plan, now: i64, busy_before: i64) -> Hotkeys {
        let places = plan.count * PLACES;
        let (cpu, net) = (Top::new(places), Top::new(places));
        Hotkeys { plan, active: true, start: now, took: 0, busy_before, cpu, net, sums: Sums::default() }
    }

    /// Ends; what was collected stays.
    pub fn stop(&mut self, now: i64) {
        self.active = false;
        self.took = now - self.start;
    }

    /// How long it took or takes, in milliseconds.
    pub fn duration(&self, now: i64) -> i64 {
        if self.active { now - self.start } else { self.took }
    }
}

impl Server {
    /// Counts a command's keys. `bytes` are those of its request and its reply.
    pub(super) fn count_hotkeys(&mut self, command: &Command, argv: &[&[u8]], micros: i64, bytes: usize) {
        let Some(ratio) = self.hotkeys.as_ref().filter(|h| h.active).map(|h| h.plan.ratio) else { return };
        let places = key_specs::of(command, argv).unwrap_or_default();
        let keys: Vec<&[u8]> = places.iter().filter_map(|place| argv.get(place.at).copied()).collect();
        let Some(first) = keys.first() else { return };
        let slot = crate::keyspace::slots::slot_of(first);
        let sampled = ratio <= 1 || self.random().is_multiple_of(ratio);
        let Some(hotkeys) = &mut self.hotkeys else { return };
        let (micros, bytes, n) = (micros.max(0).unsigned_abs(), bytes as u64, keys.len() as u64);
        hotkeys.sums.all.add(micros, bytes);
        if hotkeys.plan.slots.as_ref().is_some_and(|slots| !slots.contains(&slot)) {
            return;
        }
        hotkeys.sums.selected.add(micros, bytes);
        if !sampled {
            return;
        }
        hotkeys.sums.sampled.add(micros, bytes);
        for key in keys {
            if hotkeys.plan.cpu {
                hotkeys.cpu.add(key, micros / n);
            }
            if hotkeys.plan.net {
                hotkeys.net.add(key, bytes / n);
            }
        }
    }

    /// Ends a collection whose time is over.
    pub(super) fn hotkeys_cron(&mut self) {
        let now = self.now_ms;
        if let Some(hotkeys) = &mut self.hotkeys
            && hotkeys.active
            && hotkeys.plan.duration > 0
            && now - hotkeys.start >= hotkeys.plan.duration
        {
            hotkeys.stop(now);
        }
    }
}

/// The bytes of a request as clients send it.
pub(super) fn request_size(argv: &[&[u8]]) -> usize {
    let digits = |n: usize| n.checked_ilog10().unwrap_or(0) as usize + 1;
    // `*n\r\n`, and for each word `$n\r\n` and what stands behind it.
    3 + digits(argv.len()) + argv.iter().map(|word| word.len() + digits(word.len()) + 5).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;

    #[test]
    fn sizes_are_those_of_the_protocol() {
        assert_eq!(
            request_size(&[b"SET", b"k", b"0123456789"]),
            b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10\r\n0123456789\r\n".len()
        );
    }

    #[test]
    fn the_least_key_makes_room() {
        let mut top = Top::new(2);
        for (key, amount) in [(b"a", 5), (b"b", 1), (b"a", 1), (b"c", 2)] {
            top.add(key, amount);
        }
        assert_eq!(top.list(9), [(b"a".as_slice(), 6), (b"c".as_slice(), 3)]);
        assert_eq!(top.total(), 9);
    }

    #[test]
    fn keys_are_counted_in_transactions_and_by_scripts() {
        let mut bench = Bench::start("");
        assert_eq!(bench.run("HOTKEYS GET"), "(nil)");
        bench.run("HOTKEYS START METRICS 1 NET DURATION 1");
        bench.run("SET a 1");
        bench.run("GET a");
        bench.run("MULTI");
        bench.run("SET b 1");
        bench.run("EXEC");
        let reply = bench.run("HOTKEYS GET");
        // 27 + 5 and 20 + 7 bytes for the one, 27 + 5 for the other.
        assert!(reply.contains("by-net-bytes (a 59 b 32)"), "{reply}");
        assert!(reply.starts_with("((tracking-active 1 sample-ratio 1 selected-slots ((0 16383))"), "{reply}");
        bench.pass(1200);
        assert!(bench.run("HOTKEYS GET").contains("tracking-active 0"));
        assert_eq!((bench.run("HOTKEYS RESET"), bench.run("HOTKEYS GET")), ("OK".into(), "(nil)".into()));
    }
}
