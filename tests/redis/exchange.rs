//! Files and payloads go both ways: what one server writes, the other reads as the same data.

use crate::generate::Step;
use crate::ours::Ours;
use crate::pair::{Mismatch, Pair, bulk, bulks, step};
use crate::reply::Like;
use crate::{LENGTH, attempt, grammar, limits, seeds, start};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Every so many seeds leave files.
const EVERY: usize = 25;

fn describe(what: &str, seed: u64, steps: &[Step], wrong: &Mismatch) -> String {
    let mut text = format!("\n{what}, seed {seed}:\n");
    for step in steps {
        let _ = writeln!(text, "    {}", step.show());
    }
    let _ = write!(text, "  at {}\n  ours {}\n  real {}", wrong.step.show(), wrong.ours, wrong.real);
    text
}

/// The real server loads what ours saved.
fn real_loads_ours(pair: &mut Pair) -> Option<Mismatch> {
    let saved = pair.ours.send(0, b"*1\r\n$4\r\nSAVE\r\n");
    assert_eq!(saved, b"+OK\r\n", "ours saves");
    let bytes = pair.ours.world.borrow().files["dump.rdb"].clone();
    std::fs::write(pair.real.dir.join("dump.rdb"), bytes).expect("a file in the real server's folder");
    // Loading decides anew how values are kept: so ours loads its file too.
    assert_eq!(pair.ours.send(0, b"*2\r\n$5\r\nDEBUG\r\n$6\r\nRELOAD\r\n"), b"+OK\r\n", "ours loads what it saved");
    let reload = step(Like::Exact, &[b"DEBUG", b"RELOAD", b"NOSAVE"]);
    let reply = pair.real.ask(0, &[b"DEBUG", b"RELOAD", b"NOSAVE"]).show();
    if reply != "+OK\\r\\n" {
        return Some(Mismatch { at: 0, step: reload, ours: "saved".to_owned(), real: reply });
    }
    pair.compare_states()
}

/// Whether both have the same data after a sequence. Where the replies differ another test says so, and a real server
/// that crashed has no data.
fn same(pair: &mut Pair, seed: u64, steps: &[Step]) -> bool {
    let before = pair.real.restarts;
    attempt(pair, seed, steps).is_none() && pair.real.restarts == before
}

/// Ours loads what the real server saved.
fn ours_loads_real(pair: &mut Pair, seed: u64) -> Option<Mismatch> {
    assert_eq!(pair.real.ask(0, &[b"SAVE"]).show(), "+OK\\r\\n", "the real server saves");
    assert_eq!(pair.real.ask(0, &[b"DEBUG", b"RELOAD"]).show(), "+OK\\r\\n", "the real server loads what it saved");
    let bytes = std::fs::read(pair.real.dir.join("dump.rdb")).expect("the real server's file");
    let lines: Vec<String> = limits(seed).iter().map(|(name, value)| format!("{name} {value}\n")).collect();
    let files = BTreeMap::from([("dump.rdb".to_owned(), bytes)]);
    let Some(ours) = Ours::start(&lines.concat(), files) else {
        let step = step(Like::Exact, &[b"SAVE"]);
        return Some(Mismatch { at: 0, step, ours: "does not load it".to_owned(), real: "saved".to_owned() });
    };
    pair.ours = ours;
    let dialect: &[u8] = if seed % 4 == 3 { b"3" } else { b"2" };
    pair.run(&[step(Like::Ignore, &[b"HELLO", dialect])]);
    pair.compare_states()
}

#[test]
fn snapshots_are_exchanged() {
    let Some(mut pair) = start("snapshots", &[]) else { return };
    let grammar = grammar(&pair);
    for seed in seeds().step_by(EVERY) {
        let steps = grammar.sequence(seed, LENGTH);
        if !same(&mut pair, seed, &steps) {
            continue;
        }
        if let Some(wrong) = real_loads_ours(&mut pair) {
            panic!("{}", describe("the real server loads our file", seed, &steps, &wrong));
        }
        if let Some(wrong) = ours_loads_real(&mut pair, seed) {
            panic!("{}", describe("ours loads the real server's file", seed, &steps, &wrong));
        }
        pair.run(&[step(Like::Ignore, &[b"SELECT", b"0"])]);
        let keys = bulks(&pair.real.ask(0, &[b"KEYS", b"*"]));
        let digest = |key: &Vec<u8>| step(Like::Exact, &[b"DEBUG", b"DIGEST-VALUE", key]);
        let mut digests: Vec<Step> = keys.iter().map(digest).collect();
        digests.push(step(Like::Exact, &[b"DEBUG", b"DIGEST"]));
        if let (_, Some(wrong)) = pair.run(&digests) {
            panic!("{}", describe("digests of the same data", seed, &steps, &wrong));
        }
    }
}

/// Each key of database 0 is dumped by both and restored by the other.
fn exchange_payloads(pair: &mut Pair) -> Option<Mismatch> {
    pair.run(&[step(Like::Ignore, &[b"SELECT", b"0"])]);
    for key in bulks(&pair.real.ask(0, &[b"KEYS", b"*"])) {
        let mut request = Vec::new();
        resp::encode_request(&mut request, &[b"DUMP", key.as_slice()]);
        let ours = crate::reply::read_all(&pair.ours.send(0, &request)).0.pop().and_then(|r| bulk(&r));
        let real = bulk(&pair.real.ask(0, &[b"DUMP", &key]));
        let (Some(ours), Some(real)) = (ours, real) else { continue };
        let name = [b"copy:".as_slice(), &key].concat();
        let theirs = step(Like::Exact, &[b"RESTORE", &name, b"0", &real]);
        let mine = step(Like::Exact, &[b"RESTORE", &key, b"0", &ours, b"REPLACE"]);
        if let (_, Some(wrong)) = pair.run(&[theirs, mine]) {
            return Some(wrong);
        }
    }
    pair.compare_states()
}

#[test]
fn payloads_are_exchanged() {
    let Some(mut pair) = start("payloads", &[]) else { return };
    let grammar = grammar(&pair);
    for seed in seeds().step_by(EVERY) {
        let steps = grammar.sequence(seed, LENGTH);
        if !same(&mut pair, seed, &steps) {
            continue;
        }
        if let Some(wrong) = exchange_payloads(&mut pair) {
            panic!("{}", describe("payloads", seed, &steps, &wrong));
        }
    }
}

const BASE: &str = "appendonlydir/appendonly.aof.1.base.rdb";
const GROWING: &str = "appendonlydir/appendonly.aof.1.incr.aof";
const MANIFEST: &str = "appendonlydir/appendonly.aof.manifest";

/// The real server loads what ours appended, then ours what the real one appended.
fn exchange_appended(pair: &mut Pair, seed: u64) -> Option<Mismatch> {
    let theirs: BTreeMap<String, Vec<u8>> = [BASE, GROWING, MANIFEST]
        .into_iter()
        .map(|name| (name.to_owned(), std::fs::read(pair.real.dir.join(name)).unwrap_or_default()))
        .collect();
    let load = step(Like::Exact, &[b"DEBUG", b"LOADAOF"]);
    for name in [BASE, GROWING] {
        let bytes = pair.ours.world.borrow().files[name].clone();
        std::fs::write(pair.real.dir.join(name), bytes).expect("a file in the real server's folder");
    }
    if let (_, Some(wrong)) = pair.run(&[load]) {
        return Some(wrong);
    }
    if let Some(wrong) = pair.compare_states() {
        return Some(wrong);
    }
    let lines: Vec<String> = limits(seed).iter().map(|(name, value)| format!("{name} {value}\n")).collect();
    let step = step(Like::Ignore, &[b"HELLO", if seed % 4 == 3 { b"3" } else { b"2" }]);
    let Some(ours) = Ours::start(&format!("appendonly yes\n{}", lines.concat()), theirs) else {
        return Some(Mismatch { at: 0, step, ours: "does not load it".to_owned(), real: "appended".to_owned() });
    };
    pair.ours = ours;
    pair.run(&[step]);
    pair.compare_states()
}

#[test]
fn append_only_files_are_exchanged() {
    let options = ["--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0"];
    for seed in seeds().step_by(EVERY * 5) {
        let Some(mut pair) = start("append-only", &options) else { return };
        let steps = grammar(&pair).sequence(seed, LENGTH);
        if !same(&mut pair, seed, &steps) {
            continue;
        }
        if let Some(wrong) = exchange_appended(&mut pair, seed) {
            panic!("{}", describe("append only files", seed, &steps, &wrong));
        }
    }
}
