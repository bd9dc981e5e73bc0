//! Slots that go from node to node.

use super::simulation::Net;
use std::collections::BTreeMap;

/// Keys of the slots 0, 1 and 101.
const KEYS: [&str; 3] = ["{06S}", "{Qi}", "{1j2}"];

/// Imports slots and waits for the end of it.
fn import(net: &mut Net, to: usize, slots: &str) -> String {
    let id = net.run(to, &format!("CLUSTER MIGRATION IMPORT {slots}"));
    assert_eq!(id.len(), 40, "{id}");
    for _ in 0..10_000 {
        net.step();
        if matches!(net.status(to, "state").as_str(), "completed" | "canceled") {
            break;
        }
    }
    id
}

#[test]
fn all_kinds_of_values_go_with_their_slots_and_nothing_stays() {
    let mut net = Net::start(2, 1, "");
    for (n, words) in
        ["SET {06S}a 1 PX 100000", "RPUSH {06S}l 1 2 3", "HSET {Qi}h f v", "ZADD {Qi}z 1.5 m"].iter().enumerate()
    {
        assert_eq!(net.run(0, words), ["OK", "3", "1", "1"][n]);
    }
    net.run(0, "XADD {06S}x 1-1 f v");
    net.run(0, "SET {1j2}stays 1");
    for n in 0..600 {
        assert_eq!(net.run(0, &format!("VADD {{Qi}}v VALUES 2 {n} 1 e{n}")), "1");
    }
    let long: Vec<String> = (0..600).map(|n| n.to_string()).collect();
    net.run(0, &format!("SADD {{06S}}long {}", long.join(" ")));
    let digests =
        |net: &mut Net, n: usize| net.run(n, "DEBUG DIGEST-VALUE {06S}a {06S}l {Qi}h {Qi}z {06S}x {06S}long {Qi}v");
    let before = digests(&mut net, 0);
    import(&mut net, 1, "0 100");
    net.pass(200);
    assert_eq!(digests(&mut net, 1), before);
    assert_eq!((net.run(0, "DBSIZE"), net.run(1, "DBSIZE")), ("1".into(), "7".into()));
    assert_eq!(net.run(1, "VCARD {Qi}v"), "600");
    assert!(net.run(0, "GET {06S}a").starts_with("MOVED 0 127.0.0.1:7001"));
    assert!(net.run(1, "PTTL {06S}a").parse::<i64>().expect("a time") > 90_000);
    for n in 0..2 {
        assert_eq!((net.status(n, "state"), net.status(n, "last_error")), ("completed".into(), String::new()));
        assert_eq!(net.status(n, "slots"), "0-100");
    }
    assert_eq!((net.status(0, "operation"), net.status(1, "operation")), ("migrate".into(), "import".into()));
    import(&mut net, 0, "0 100");
    let epoch = |net: &mut Net, n: usize| net.node(n).cluster.as_ref().map(|c| c.me().config_epoch);
    assert!(epoch(&mut net, 0) > epoch(&mut net, 1), "who takes slots has the newest epoch");
    assert!(net.log(0).iter().any(|line| line == "Background trim started for slots: 0-100 to trim 7 keys."));
}

#[test]
fn keys_that_come_are_not_seen_before_their_slot_is_there() {
    let mut net = Net::start(2, 2, "");
    net.saving = 1000;
    net.run(0, "SET {06S}a 1");
    net.run(1, "CLUSTER MIGRATION IMPORT 0 0");
    net.pass(300);
    assert_eq!(net.status(1, "state"), "accumulate-buffer");
    assert_eq!(net.status(0, "state"), "send-bulk-and-stream");
    assert_eq!(net.holders("{06S}a").len(), 2);
    for words in ["DBSIZE", "CLUSTER COUNTKEYSINSLOT 0"] {
        assert_eq!(net.run(1, words), "0");
    }
    assert_eq!(
        (net.run(1, "KEYS *"), net.run(1, "SCAN 0"), net.run(1, "RANDOMKEY")),
        ("".into(), "0|".into(), "(nil)".into())
    );
    assert!(net.run(1, "GET {06S}a").starts_with("MOVED"));
    assert_eq!(net.run(0, "APPEND {06S}a 2"), "2");
    assert!(net.run(0, "CLUSTER SETSLOT 0 STABLE").starts_with("ERR Slot 0 is currently in an active atomic slot"));
    net.pass(2000);
    assert_eq!((net.run(1, "GET {06S}a"), net.run(1, "KEYS *")), ("12".into(), "{06S}a".into()));
}

#[test]
fn what_ends_a_task_is_said_and_leaves_nothing_behind() {
    let reasons = [
        ("CLUSTER MIGRATION CANCEL ALL", 1, "user request"),
        ("FLUSHALL", 1, "FLUSHALL"),
        ("CLIENT PAUSE 1 WRITE", 1, "client pause requested"),
        ("CLUSTER DELSLOTS 0", 0, "slots configuration updated"),
    ];
    for (words, at, reason) in reasons {
        let mut net = Net::start(2, 3, "");
        net.saving = 1000;
        net.run(0, "SET {06S}a 1");
        net.run(0, "SET {Qi}b 1");
        net.run(1, "CLUSTER MIGRATION IMPORT 0 1");
        net.pass(300);
        net.run(at, words);
        assert_eq!(net.status(at, "state"), "canceled", "{words}");
        assert!(net.status(at, "last_error").starts_with(&format!("Cancelled due to {reason} (state: ")), "{words}");
        net.pass(50);
        assert_eq!(net.holders("{06S}a").iter().map(|h| h.0).collect::<Vec<_>>(), [0], "{words}");
        let other = net.status(1 - at, "last_error");
        assert!(other.contains("channel") || other.contains("Main and RDB channel clients"), "{words}: {other}");
    }
}

#[test]
fn an_import_that_fails_is_tried_again() {
    let mut net = Net::start(2, 4, "");
    net.run(0, "SET {06S}a 1");
    assert_eq!(net.run(1, "DEBUG ASM-FAILPOINT import-rdb-channel rdbchannel-transfer"), "OK");
    net.run(1, "CLUSTER MIGRATION IMPORT 0 0");
    net.pass(1500);
    assert!(net.status(1, "last_error").contains("rdb_channel_state: rdbchannel-transfer"));
    assert_eq!((net.status(1, "state"), net.status(0, "state")), ("failed".into(), "failed".into()));
    net.say(1, &[b"DEBUG", b"ASM-FAILPOINT", b"", b""]);
    assert_eq!(net.heard(1), Some("OK".into()));
    net.pass(2500);
    assert_eq!((net.status(1, "state"), net.run(1, "GET {06S}a")), ("completed".into(), "1".into()));
    assert!(net.status(1, "retries").parse::<u32>().expect("a number") > 0);
}

#[test]
fn what_can_not_be_asked_for_is_refused() {
    let mut net = Net::start(2, 5, "");
    for (words, answer) in [
        ("IMPORT 0 1", "ERR this node is already the owner of the slot range"),
        ("IMPORT 100 16000", "ERR slots belong to different source nodes"),
        ("IMPORT 0", "ERR wrong number of arguments for 'cluster|migration' command"),
        ("STATUS ID", "ERR wrong number of arguments for 'cluster|migration' command"),
        ("CANCEL X", "ERR unknown argument"),
        ("OTHER 1", "ERR unknown argument"),
        ("CANCEL ID x", "0"),
        ("STATUS ID x", ""),
    ] {
        assert_eq!(net.run(0, &format!("CLUSTER MIGRATION {words}")), answer, "{words}");
    }
    let refused = "ERR CLUSTER SYNCSLOTS subcommands are only allowed for internal clients";
    assert_eq!(net.run(0, "CLUSTER SYNCSLOTS SNAPSHOT-EOF"), refused);
}

/// What is known of a key: the last value that was acknowledged, and one that may or may not have been set.
#[derive(Default)]
struct Known {
    acked: Option<String>,
    asked: Option<String>,
}

/// Somebody who sets keys, one at a time, and goes where he is sent.
#[derive(Default)]
struct Writer {
    known: BTreeMap<String, Known>,
    waits: Option<(usize, String)>,
    count: u64,
}

impl Writer {
    fn step(&mut self, net: &mut Net) {
        let Some((at, key)) = self.waits.clone() else {
            let key = format!("{}k{}", KEYS[net.below(3)], net.below(40));
            let at = net.below(3);
            if self.known.contains_key(&format!("{key}'")) {
                return;
            }
            self.count += 1;
            self.known.entry(key.clone()).or_default().asked = Some(self.count.to_string());
            return self.ask(net, at, key);
        };
        if !net.runs(at) {
            // Whether the last one was executed nobody knows: the key is left alone from now on.
            self.waits = None;
            let fresh = format!("{key}'");
            let known = self.known.remove(&key).unwrap_or_default();
            self.known.insert(fresh, known);
            return;
        }
        let Some(answer) = net.heard(at) else { return };
        self.waits = None;
        match answer.as_str() {
            "OK" => {
                let known = self.known.entry(key).or_default();
                known.acked = known.asked.take();
            }
            moved if moved.starts_with("MOVED") => {
                let port: usize = moved.rsplit(':').next().and_then(|p| p.parse().ok()).expect("a port");
                self.ask(net, port - 7000, key);
            }
            down if down.starts_with("CLUSTERDOWN") => {
                let at = net.below(3);
                self.ask(net, at, key);
            }
            other => panic!("{other}"),
        }
    }

    fn ask(&mut self, net: &mut Net, at: usize, key: String) {
        if net.runs(at) {
            let value = self.known.get(&key).and_then(|k| k.asked.clone()).unwrap_or_default();
            net.say(at, &[b"SET", key.as_bytes(), value.as_bytes()]);
            self.waits = Some((at, key));
        } else if let Some(known) = self.known.get_mut(&key) {
            known.asked = None;
        }
    }

    /// Every key is there once, where all nodes say, with the last value that was acknowledged.
    fn check(&self, net: &mut Net, seed: u64) {
        for (key, known) in &self.known {
            let unsure = key.ends_with('\'');
            let key = key.trim_end_matches('\'');
            let holders = net.holders(key);
            let owners: Vec<Option<usize>> = (0..3).map(|n| net.owner(n, key)).collect();
            assert!(owners.windows(2).all(|w| w[0] == w[1]), "seed {seed}: {key}: {owners:?}");
            let allowed: Vec<&String> = known.acked.iter().chain(known.asked.iter().filter(|_| unsure)).collect();
            match holders.as_slice() {
                [] => assert!(known.acked.is_none(), "seed {seed}: {key} is lost"),
                [(at, value)] => {
                    assert_eq!(Some(*at), owners[0], "seed {seed}: {key}");
                    assert!(allowed.contains(&value), "seed {seed}: {key} is {value}, not {allowed:?}");
                }
                more => panic!("seed {seed}: {key} is at {more:?}"),
            }
        }
    }
}

/// Slots move to and fro while somebody writes, nodes are killed and tasks cancelled.
fn storm(seed: u64) -> usize {
    let mut net = Net::start(3, seed, "");
    let mut writer = Writer::default();
    let mut dead: Option<(usize, usize)> = None;
    let mut moved = 0;
    for ms in 0..9000 {
        net.step();
        for _ in 0..2 {
            writer.step(&mut net);
        }
        net.saving = net.below(120) as i64;
        if let Some((n, until)) = dead
            && ms >= until
        {
            net.boot(n);
            dead = None;
        }
        let n = net.below(3);
        match net.below(400) {
            0..=3 if writer.waits.as_ref().is_none_or(|w| w.0 != n) && net.runs(n) => {
                let slots = ["0 50", "1 1", "0 0 101 101", "0 200", "60 101"][net.below(5)];
                net.run(n, &format!("CLUSTER MIGRATION IMPORT {slots}"));
            }
            4 if writer.waits.as_ref().is_none_or(|w| w.0 != n)
                && net.runs(n)
                && net.node(n).slot_migration.imports() =>
            {
                net.run(n, "CLUSTER MIGRATION CANCEL ALL");
            }
            5 if dead.is_none() && net.below(4) == 0 => {
                net.kill(n);
                dead = Some((n, ms + 100 + net.below(2500)));
            }
            _ => {}
        }
    }
    if let Some((n, _)) = dead {
        net.boot(n);
    }
    // What is under way comes to its end.
    let mut quiet = 0;
    for _ in 0..30_000 {
        net.step();
        if writer.waits.is_some() {
            writer.step(&mut net);
        }
        let busy = writer.waits.is_some() || (0..3).any(|n| net.node(n).slot_migration.active() > 0);
        quiet = if busy { 0 } else { quiet + 1 };
        if quiet > 4000 {
            break;
        }
    }
    for n in 0..3 {
        moved += net.run(n, "CLUSTER MIGRATION STATUS ALL").matches("|completed|").count();
        assert!(
            net.run(n, "CLUSTER INFO").contains("active_tasks:0"),
            "seed {seed}: {}",
            net.run(n, "CLUSTER MIGRATION STATUS ALL")
        );
    }
    writer.check(&mut net, seed);
    moved
}

#[test]
fn whatever_happens_every_key_is_there_once_with_its_last_value() {
    let moved: usize = (1..=4).map(storm).sum();
    assert!(moved > 15, "{moved}");
}
