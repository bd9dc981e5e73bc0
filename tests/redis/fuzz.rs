//! Bytes that nobody meant: the protocol parser, RESTORE, and the loaders of both kinds of files must refuse or take
//! them, and never panic, hang or ask for absurd memory.
//!
//! `DRYDOCK_FUZZ_MINUTES=10` lets each of them go on for so long, `DRYDOCK_FIRST_SEED` begins elsewhere; `DRYDOCK_SEED`
//! runs one round alone.

use crate::generate::{Grammar, Random};
use crate::ours::Ours;
use crate::pair::bulk;
use crate::reply::read_all;
use redis::persistence::crc64;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Rounds of each where no time is asked for.
const ROUNDS: u64 = 400;
/// One round that takes more of the processor's time than this hangs. What others get of the processor does not count.
const MOST: Duration = Duration::from_secs(20);
/// Bytes of an input that are shown of a round that fails.
const SHOWN: usize = 4096;

/// What a round gives to the engine, for whoever wants to see what made it fail.
type Input<'a> = &'a RefCell<Vec<u8>>;

/// The time that the processor has given to this thread.
fn processor_time() -> Duration {
    let nanoseconds = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|text| text.split(' ').next()?.parse().ok())
        .unwrap_or(0);
    Duration::from_nanos(nanoseconds)
}

/// Runs rounds until the time is over; a round that panics is named, and what it was given is shown.
fn rounds(name: &str, mut round: impl FnMut(u64, Input<'_>)) {
    let minutes = std::env::var("DRYDOCK_FUZZ_MINUTES").ok().and_then(|m| m.parse::<u64>().ok());
    let (begun, mut done, mut slowest) = (Instant::now(), 0, (Duration::ZERO, 0));
    let only = crate::number_from("DRYDOCK_SEED");
    let first = only.or_else(|| crate::number_from("DRYDOCK_FIRST_SEED")).unwrap_or(0);
    for seed in first.. {
        let over = minutes.map_or(done >= ROUNDS, |m| begun.elapsed() >= Duration::from_secs(60 * m));
        if over || only.is_some_and(|only| seed != only) {
            break;
        }
        let input = RefCell::default();
        let start = processor_time();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| round(seed, &input)));
        let took = processor_time().saturating_sub(start);
        slowest = slowest.max((took, seed));
        done += 1;
        if caught.is_err() || took >= MOST {
            let bytes = input.borrow();
            let shown = &bytes[..bytes.len().min(SHOWN)];
            let what = if caught.is_err() { "panics".to_owned() } else { format!("took {took:?}") };
            panic!(
                "{name}: seed {seed} {what} (DRYDOCK_SEED={seed} runs it alone); {} bytes: \"{}\"",
                bytes.len(),
                shown.escape_ascii()
            );
        }
    }
    println!("{name}: {done} rounds from seed {first} on, the slowest was {} with {:?}", slowest.1, slowest.0);
}

/// The grammar of everything that ours knows.
fn grammar() -> Grammar {
    Grammar::new((99, 0, 0), |name| redis::commands::find(name.as_bytes()).is_some())
}

/// Ours with the data of a seed.
fn filled(grammar: &Grammar, seed: u64, settings: &str) -> Ours {
    let mut ours = Ours::start(settings, BTreeMap::new()).expect("an empty server starts");
    for step in grammar.sequence(seed, 60) {
        let mut bytes = Vec::new();
        resp::encode_request(&mut bytes, &step.argv);
        ours.send(0, &bytes);
    }
    ours
}

/// Changes a few places: bits, lengths that lie, parts that are gone, twice there, or from elsewhere.
fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    const TELLING: [u8; 14] = [0, 1, 0x3f, 0x40, 0x7f, 0x80, 0x81, 0xc0, 0xc3, 0xf5, 0xfa, 0xfe, 0xff, b'\n'];
    for _ in 0..1 + random.below(5) {
        if bytes.is_empty() {
            return;
        }
        let at = random.below(bytes.len());
        let end = (at + 1 + random.below(12)).min(bytes.len());
        match random.below(8) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 | 2 => bytes[at] = TELLING[random.below(TELLING.len())],
            3 => bytes[at] = random.next() as u8,
            4 => drop(bytes.drain(at..end)),
            5 => {
                let part = bytes[at..end].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, part);
            }
            6 => bytes[at..end].fill(0xff),
            _ if random.once_in(4) => bytes.truncate(at),
            _ => {}
        }
    }
}

#[test]
fn the_protocol_parser_takes_anything() {
    let grammar = grammar();
    rounds("protocol", |seed, input| {
        let mut random = Random::new(seed);
        let mut bytes = Vec::new();
        for step in grammar.sequence(seed, 10) {
            if random.once_in(3) {
                let words: Vec<String> = step.argv.iter().map(|w| w.escape_ascii().to_string()).collect();
                bytes.extend_from_slice(words.join(" ").as_bytes());
                bytes.extend_from_slice(b"\r\n");
            } else {
                resp::encode_request(&mut bytes, &step.argv);
            }
        }
        mutate(&mut random, &mut bytes);
        input.borrow_mut().clone_from(&bytes);
        let mut ours = Ours::start("", BTreeMap::new()).expect("an empty server starts");
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            let (part, more) = rest.split_at(1 + random.below(rest.len()));
            ours.send(0, part);
            rest = more;
        }
        // Whatever became of that connection, the next one is served.
        assert_eq!(ours.send(1, b"PING\r\n"), b"+PONG\r\n");
    });
}

#[test]
fn the_loader_of_snapshots_takes_anything() {
    let grammar = grammar();
    rounds("snapshot", |seed, input| {
        let mut random = Random::new(seed);
        let mut ours = filled(&grammar, seed, "");
        ours.send(0, b"SAVE\r\n");
        let mut bytes = ours.world.borrow().files["dump.rdb"].clone();
        mutate(&mut random, &mut bytes);
        // No checksum, so that the damage is looked at.
        let len = bytes.len();
        bytes[len.saturating_sub(8)..].fill(0);
        input.borrow_mut().clone_from(&bytes);
        if let Some(mut ours) = Ours::start("", BTreeMap::from([("dump.rdb".to_owned(), bytes)])) {
            assert!(ours.send(0, b"DEBUG DIGEST\r\n").starts_with(b"+"));
            use_all(&mut ours);
        }
    });
}

/// What was taken must be fit for use.
fn use_all(ours: &mut Ours) {
    let (keys, _) = read_all(&ours.send(0, b"KEYS *\r\n"));
    for key in keys.first().map(crate::pair::bulks).unwrap_or_default() {
        let commands: [&[&[u8]]; 11] = [
            &[b"DUMP", &key],
            &[b"LPOP", &key],
            &[b"RPUSH", &key, b"x"],
            &[b"SADD", &key, b"x"],
            &[b"ZADD", &key, b"1", b"x"],
            &[b"HSET", &key, b"x", b"y"],
            &[b"XADD", &key, b"*", b"x", b"y"],
            &[b"XINFO", b"STREAM", &key, b"FULL"],
            &[b"VSIM", &key, b"ELE", b"a", b"WITHSCORES"],
            &[b"VREM", &key, b"a"],
            &[b"PFADD", &key, b"x"],
        ];
        for words in commands {
            let mut bytes = Vec::new();
            resp::encode_request(&mut bytes, words);
            ours.send(0, &bytes);
        }
    }
}

#[test]
fn restore_takes_anything() {
    let grammar = grammar();
    rounds("RESTORE", |seed, input| {
        let mut random = Random::new(seed);
        let mut ours = filled(&grammar, seed, "");
        let (keys, _) = read_all(&ours.send(0, b"KEYS *\r\n"));
        for key in keys.first().map(crate::pair::bulks).unwrap_or_default() {
            let mut request = Vec::new();
            resp::encode_request(&mut request, &[b"DUMP", key.as_slice()]);
            let dumped = read_all(&ours.send(0, &request)).0.pop().and_then(|r| bulk(&r)).unwrap_or_default();
            for _ in 0..6 {
                let mut payload = dumped[..dumped.len().saturating_sub(8)].to_vec();
                mutate(&mut random, &mut payload);
                let crc = crc64::update(0, &payload);
                payload.extend_from_slice(&crc.to_le_bytes());
                let mut request = Vec::new();
                resp::encode_request(&mut request, &[b"RESTORE", key.as_slice(), b"0", &payload, b"REPLACE"]);
                input.borrow_mut().clone_from(&request);
                ours.send(0, &request);
            }
        }
        use_all(&mut ours);
    });
}

#[test]
fn the_loader_of_appended_commands_takes_anything() {
    let grammar = grammar();
    let settings = "appendonly yes\n";
    rounds("appended commands", |seed, input| {
        let mut random = Random::new(seed);
        let ours = filled(&grammar, seed, settings);
        let mut files = ours.world.borrow().files.clone();
        let n = random.below(files.len().max(1));
        if let Some(bytes) = files.values_mut().nth(n) {
            mutate(&mut random, bytes);
            input.borrow_mut().clone_from(bytes);
        }
        if let Some(mut ours) = Ours::start(settings, files) {
            use_all(&mut ours);
        }
    });
}
