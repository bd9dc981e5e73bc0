//! The Redis engine against a real redis-server: the same commands, the same bytes.
//!
//! Sequences of commands come from seeds. `DRYDOCK_SEED=123` runs one, `DRYDOCK_SEEDS=20000` so many.
//! The engine runs in this process, the real one beside it; without one the tests say so and pass.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "a real server has the real clock")]

mod effects;
mod exchange;
mod fuzz;
mod generate;
mod ours;
mod pair;
mod real;
mod reply;
mod slices;

use generate::{Grammar, Step};
use ours::Ours;
use pair::{Mismatch, Pair, step};
use real::Real;
use reply::Like;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

/// Seeds that are tried unless the environment says otherwise.
const SEEDS: u64 = 5000;
const LENGTH: usize = 50;
/// Differences that one run reports.
const MOST: usize = 12;
/// Limits of the compact encodings: as configured by default, and so small that everything outgrows them.
const LIMITS: [[(&str, &str); 8]; 2] = [
    [
        ("hash-max-listpack-entries", "512"),
        ("hash-max-listpack-value", "64"),
        ("set-max-listpack-entries", "128"),
        ("set-max-intset-entries", "512"),
        ("zset-max-listpack-entries", "128"),
        ("zset-max-listpack-value", "64"),
        ("list-max-listpack-size", "-2"),
        ("stream-node-max-entries", "100"),
    ],
    [
        ("hash-max-listpack-entries", "4"),
        ("hash-max-listpack-value", "16"),
        ("set-max-listpack-entries", "4"),
        ("set-max-intset-entries", "3"),
        ("zset-max-listpack-entries", "3"),
        ("zset-max-listpack-value", "16"),
        ("list-max-listpack-size", "3"),
        ("stream-node-max-entries", "3"),
    ],
];

fn number_from(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn seeds() -> std::ops::Range<u64> {
    match number_from("DRYDOCK_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number_from("DRYDOCK_SEEDS").unwrap_or(SEEDS),
    }
}

/// Starts both, with options of the command line.
fn start(name: &str, options: &[&str]) -> Option<Pair> {
    let program = real::program()?;
    let lines: Vec<String> =
        options.chunks(2).map(|o| format!("{} {}\n", o[0].trim_start_matches("--"), o[1])).collect();
    let ours = Ours::start(&lines.concat(), BTreeMap::new())?;
    Some(Pair { ours, real: Real::start(&program, name, options) })
}

/// The forms that both know.
fn grammar(pair: &Pair) -> Grammar {
    Grammar::new(pair.real.version, |name| redis::commands::find(name.as_bytes()).is_some())
}

/// The configuration lines of a seed's limits.
fn limits(seed: u64) -> &'static [(&'static str, &'static str)] {
    &LIMITS[(seed / 4 % 2) as usize]
}

/// What a seed begins with: nothing in the databases, its dialect, its limits.
fn prelude(seed: u64) -> Vec<Step> {
    let dialect: &[u8] = if seed % 4 == 3 { b"3" } else { b"2" };
    let mut steps = vec![
        step(Like::Exact, &[b"FLUSHALL"]),
        step(Like::Exact, &[b"SELECT", b"0"]),
        step(Like::Exact, &[b"CLIENT", b"SETNAME", b""]),
        step(Like::Ignore, &[b"SCRIPT", b"FLUSH"]),
        step(Like::Ignore, &[b"HELLO", dialect]),
    ];
    let mut words: Vec<&[u8]> = vec![b"CONFIG", b"SET"];
    for (name, value) in limits(seed) {
        words.extend([name.as_bytes(), value.as_bytes()]);
    }
    steps.push(step(Like::Ignore, &words));
    steps
}

/// Runs a sequence from nothing; then the states must be equal too.
fn attempt(pair: &mut Pair, seed: u64, steps: &[Step]) -> Option<Mismatch> {
    let mut all = prelude(seed);
    let before = all.len();
    all.extend_from_slice(steps);
    let (_, wrong) = pair.run(&all);
    if pair.real.crashed {
        // Past the test harness: a bug of the real server proves nothing about ours.
        let _ = writeln!(std::io::stderr(), "seed {seed}: the real server crashed: {}", pair.real.last_words());
        pair.real.restart();
        return None;
    }
    if let Some(wrong) = wrong {
        return Some(Mismatch { at: wrong.at.saturating_sub(before), ..wrong });
    }
    pair.compare_states().map(|wrong| Mismatch { at: steps.len(), ..wrong })
}

/// Leaves out what the difference does not need. A difference that goes away without a step needs that step; this
/// removes them one by one from the end, which is enough for sequences of fifty.
fn shrink(pair: &mut Pair, seed: u64, steps: &[Step], first: &Mismatch) -> Vec<Step> {
    let mut least: Vec<Step> = steps[..steps.len().min(first.at + 1)].to_vec();
    for at in (0..least.len().saturating_sub(1)).rev() {
        let mut fewer = least.clone();
        fewer.remove(at);
        if attempt(pair, seed, &fewer).is_some_and(|wrong| wrong.step.argv[0] == first.step.argv[0]) {
            least = fewer;
        }
    }
    least
}

fn report(pair: &mut Pair, seed: u64, steps: &[Step], first: &Mismatch) -> String {
    let least = shrink(pair, seed, steps, first);
    let again = attempt(pair, seed, &least);
    let wrong = again.as_ref().unwrap_or(first);
    let mut text = format!("\nseed {seed} (DRYDOCK_SEED={seed} cargo test -p tests --test redis):\n");
    for step in &least {
        let _ = writeln!(text, "    {}", step.show());
    }
    let _ = writeln!(text, "  at {}\n  ours {}\n  real {}", wrong.step.show(), wrong.ours, wrong.real);
    text
}

#[test]
fn replies_are_equal() {
    let Some(mut pair) = start("replies", &[]) else { return };
    let grammar = grammar(&pair);
    let mut reports: BTreeMap<Vec<u8>, String> = BTreeMap::new();
    for seed in seeds() {
        let steps = grammar.sequence(seed, LENGTH);
        // What a busy machine's clock makes differ once does not differ again: a difference is one that repeats.
        let Some(wrong) = attempt(&mut pair, seed, &steps).and_then(|_| attempt(&mut pair, seed, &steps)) else {
            continue;
        };
        let name = wrong.step.argv[0].to_ascii_uppercase();
        reports.entry(name).or_insert_with(|| report(&mut pair, seed, &steps, &wrong));
        if reports.len() == MOST {
            break;
        }
    }
    assert!(reports.is_empty(), "{}", reports.into_values().collect::<String>());
}
