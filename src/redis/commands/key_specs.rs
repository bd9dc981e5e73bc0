//! Which words of a command are keys.

use super::{Begin, Command, Find, KeySpec, flag, key};

/// A key among the words of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyAt {
    /// Its place.
    pub at: usize,
    /// What is done with it.
    pub flags: u32,
}

/// The keys of a command, or `None` where its words make no sense.
pub fn of(command: &Command, argv: &[&[u8]]) -> Option<Vec<KeyAt>> {
    let mut keys = Vec::new();
    for spec in command.keys {
        if spec.flags & key::NOT_KEY == 0 {
            collect(spec, argv, &mut keys)?;
        }
    }
    Some(keys)
}

/// The channels of a command that names shard channels.
pub fn channels(command: &Command, argv: &[&[u8]]) -> Option<Vec<KeyAt>> {
    let mut keys = Vec::new();
    for spec in command.keys {
        if spec.flags & key::NOT_KEY != 0 {
            collect(spec, argv, &mut keys)?;
        }
    }
    Some(keys)
}

/// Whether a command may name keys at all.
pub fn any(command: &Command) -> bool {
    !command.keys.is_empty() || command.has(flag::MOVABLEKEYS)
}

fn collect(spec: &KeySpec, argv: &[&[u8]], keys: &mut Vec<KeyAt>) -> Option<()> {
    let argc = argv.len() as i32;
    let first = match spec.begin {
        Begin::Index(n) => n,
        Begin::Keyword(word, from) => match keyword(word, from, argv) {
            Some(at) => at,
            // Without the word there are no such keys.
            None => return Some(()),
        },
        Begin::Unknown => return Some(()),
    };
    let mut push = |at: i32| {
        let at = usize::try_from(at).ok().filter(|n| *n < argv.len())?;
        keys.push(KeyAt { at, flags: spec.flags });
        Some(())
    };
    match spec.find {
        Find::Range(last, step, limit) => {
            let last = if last >= 0 {
                first + last
            } else if limit <= 1 {
                argc + last
            } else {
                first + (argc - first) / limit + last
            };
            let mut at = first;
            while at <= last {
                push(at)?;
                at += step.max(1);
            }
        }
        Find::KeyNum(place, offset, step) => {
            let number = argv.get(usize::try_from(first + place).ok()?)?;
            let count = resp::parse_i64(number).filter(|n| (0..=i64::from(argc)).contains(n))?;
            for n in 0..count as i32 {
                push(first + offset + n * step)?;
            }
        }
        Find::Unknown => {}
    }
    Some(())
}

fn keyword(word: &str, from: i32, argv: &[&[u8]]) -> Option<i32> {
    let argc = argv.len() as i32;
    let matches = |n: &i32| argv[*n as usize].eq_ignore_ascii_case(word.as_bytes());
    if from >= 0 {
        (from.min(argc)..argc).find(matches).map(|n| n + 1)
    } else {
        (1..(argc + from + 1).max(1)).rev().find(matches).map(|n| n + 1)
    }
}
