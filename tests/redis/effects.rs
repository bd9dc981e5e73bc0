//! What commands cause beside their replies: the append only file (which is what replicas hear too), and the events
//! that subscribers of the keyspace see.

use crate::generate::Step;
use crate::pair::{Pair, step};
use crate::reply::{Like, Reply, read_all};
use crate::{LENGTH, attempt, grammar, prelude, seeds, start};
use std::fmt::Write;

/// Every so many seeds are tried.
const EVERY: usize = 5;
const GROWING: &str = "appendonlydir/appendonly.aof.1.incr.aof";

/// Commands as people write them, apart from times, which the clock moves.
fn commands(bytes: &[u8]) -> Vec<Vec<String>> {
    let (replies, _) = read_all(bytes);
    let words = |reply: &Reply| crate::pair::bulks(reply).iter().map(|w| w.escape_ascii().to_string()).collect();
    replies.iter().map(words).collect()
}

fn same_word(a: &str, b: &str) -> bool {
    let time = |text: &str| text.parse::<i64>().ok().filter(|n| *n > 1_000_000_000_000);
    a == b || time(a).zip(time(b)).is_some_and(|(a, b)| a.abs_diff(b) < 2000)
}

fn same(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_word(a, b))
}

/// The first pair that differs.
fn difference(ours: &[Vec<String>], real: &[Vec<String>]) -> Option<(String, String)> {
    let at = (0..ours.len().max(real.len()))
        .find(|n| ours.get(*n).zip(real.get(*n)).is_none_or(|(ours, real)| !same(ours, real)))?;
    let show = |list: &[Vec<String>]| list.get(at).map_or("nothing".to_owned(), |words| words.join(" "));
    Some((show(ours), show(real)))
}

fn describe(what: &str, seed: u64, steps: &[Step], (ours, real): &(String, String)) -> String {
    let mut text = format!("\n{what}, seed {seed}:\n");
    for step in steps {
        let _ = writeln!(text, "    {}", step.show());
    }
    let _ = write!(text, "  ours {ours}\n  real {real}");
    text
}

/// The bytes that both appended since they were asked last.
fn appended(pair: &mut Pair, read: &mut (usize, usize)) -> (Vec<u8>, Vec<u8>) {
    let ours = pair.ours.world.borrow().files.get(GROWING).cloned().unwrap_or_default();
    let real = std::fs::read(pair.real.dir.join(GROWING)).unwrap_or_default();
    let new = (ours[read.0.min(ours.len())..].to_vec(), real[read.1.min(real.len())..].to_vec());
    *read = (ours.len(), real.len());
    new
}

/// Runs a seed and compares what it appends. What is random goes unheard: its order, and what it chose.
fn append(pair: &mut Pair, seed: u64, steps: &[Step], read: &mut (usize, usize)) -> Option<(String, String)> {
    pair.run(&prelude(seed));
    appended(pair, read);
    let (_, wrong) = pair.run(steps);
    let (ours, real) = appended(pair, read);
    if wrong.is_some() || pair.real.crashed {
        return None;
    }
    difference(&commands(&ours), &commands(&real))
}

#[test]
fn appended_commands_are_equal() {
    let options = ["--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0"];
    let Some(mut pair) = start("appended", &options) else { return };
    let grammar = grammar(&pair);
    let mut read = (0, 0);
    let mut reports = String::new();
    for seed in seeds().step_by(EVERY) {
        let steps = grammar.sequence(seed, LENGTH);
        if append(&mut pair, seed, &steps, &mut read).is_some() {
            let mut least = steps;
            for at in (0..least.len()).rev() {
                let mut fewer = least.clone();
                fewer.remove(at);
                if append(&mut pair, seed, &fewer, &mut read).is_some() {
                    least = fewer;
                }
            }
            if let Some(found) = append(&mut pair, seed, &least, &mut read) {
                reports += &describe("appended", seed, &least, &found);
            }
            if reports.len() > 5000 {
                break;
            }
        }
        if pair.real.crashed {
            pair.real.restart();
        }
    }
    assert!(reports.is_empty(), "{reports}");
}

/// What a subscriber of all events saw.
fn events(pair: &mut Pair) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
    let mark = b"$5\r\nmark!\r\n";
    let ping = b"*2\r\n$4\r\nPING\r\n$5\r\nmark!\r\n";
    pair.real.send(1, ping);
    let real = pair.real.until(1, mark);
    let ours = pair.ours.send(1, ping);
    (commands(&ours), commands(&real))
}

fn subscribe(pair: &mut Pair) {
    let all = step(Like::Exact, &[b"CONFIG", b"SET", b"notify-keyspace-events", b"KEAmn"]);
    pair.run(&[all]);
    let request = b"*2\r\n$10\r\nPSUBSCRIBE\r\n$11\r\n__keyevent*\r\n";
    pair.real.send(1, request);
    pair.ours.send(1, request);
    events(pair);
}

/// Whether a sequence gives equal events; where already its replies differ another test says so.
fn same_events(pair: &mut Pair, seed: u64, steps: &[Step]) -> bool {
    let before = pair.real.restarts;
    let differs = attempt(pair, seed, steps).is_some();
    if pair.real.restarts != before {
        // It crashed, and who listened to it is gone too.
        subscribe(pair);
        return true;
    }
    let (ours, real) = events(pair);
    differs || difference(&ours, &real).is_none()
}

#[test]
fn events_are_equal() {
    let Some(mut pair) = start("events", &[]) else { return };
    let grammar = grammar(&pair);
    subscribe(&mut pair);
    let mut reports = String::new();
    for seed in seeds().step_by(EVERY) {
        let steps = grammar.sequence(seed, LENGTH);
        // A difference is one that repeats; then all steps are left out that it does not need.
        if same_events(&mut pair, seed, &steps) || same_events(&mut pair, seed, &steps) {
            continue;
        }
        let mut least = steps;
        for at in (0..least.len()).rev() {
            let mut fewer = least.clone();
            fewer.remove(at);
            if !same_events(&mut pair, seed, &fewer) {
                least = fewer;
            }
        }
        attempt(&mut pair, seed, &least);
        let (ours, real) = events(&mut pair);
        if let Some(found) = difference(&ours, &real) {
            reports += &describe("events", seed, &least, &found);
        }
        if reports.len() > 5000 {
            break;
        }
    }
    assert!(reports.is_empty(), "{reports}");
}
