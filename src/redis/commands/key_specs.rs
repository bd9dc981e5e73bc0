//! Which words of a command are keys.

use super::{Begin, Command, Find, KeySpec, flag, key};
use crate::server::number::atoi;

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
    if let Some(keys) = by_options(command, argv) {
        return Some(keys);
    }
    let mut keys = Vec::new();
    for spec in command.keys {
        if spec.flags & key::NOT_KEY == 0 {
            collect(spec, argv, &mut keys)?;
        }
    }
    Some(keys)
}

/// The keys of commands whose options say which words are keys, or what is done with them.
fn by_options(command: &Command, argv: &[&[u8]]) -> Option<Vec<KeyAt>> {
    let compares =
        |word: &&[u8]| [b"ifeq".as_slice(), b"ifne", b"ifdeq", b"ifdne"].iter().any(|o| word.eq_ignore_ascii_case(o));
    let options = |from: usize| argv.get(from..).unwrap_or_default();
    let flags = match command.name {
        "set" => {
            let get = options(3).iter().any(|w| w.eq_ignore_ascii_case(b"get"));
            let actual = if get || options(3).iter().any(compares) { key::RW } else { key::OW };
            actual | key::UPDATE | if get { key::ACCESS } else { 0 }
        }
        "delex" => key::DELETE | if options(2).iter().any(compares) { key::RW } else { key::RM },
        "bitfield" if only_gets(options(2)) => key::RO | key::ACCESS,
        "bitfield" => key::RW | key::ACCESS | key::UPDATE,
        "sort_ro" => key::RO | key::ACCESS,
        "sort" => return Some(sort_keys(argv)),
        "migrate" => return Some(migrate_keys(argv)),
        _ => return None,
    };
    Some(vec![KeyAt { at: 1, flags }])
}

/// Whether the operations of a BITFIELD change nothing.
fn only_gets(words: &[&[u8]]) -> bool {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let rest = words.len() - at - 1;
        match word.to_ascii_lowercase().as_slice() {
            b"get" if rest >= 2 => at += 3,
            b"overflow" if rest >= 1 => at += 2,
            _ => return false,
        }
    }
    true
}

/// The key that SORT reads, and that of its last STORE.
fn sort_keys(argv: &[&[u8]]) -> Vec<KeyAt> {
    let mut keys = vec![KeyAt { at: 1, flags: key::RO | key::ACCESS }];
    let mut at = 2;
    while let Some(word) = argv.get(at) {
        match word.to_ascii_lowercase().as_slice() {
            b"limit" => at += 2,
            b"get" | b"by" => at += 1,
            b"store" if at + 1 < argv.len() => {
                keys.truncate(1);
                keys.push(KeyAt { at: at + 1, flags: key::OW | key::UPDATE });
            }
            _ => {}
        }
        at += 1;
    }
    keys
}

/// The key of MIGRATE, or those after KEYS.
fn migrate_keys(argv: &[&[u8]]) -> Vec<KeyAt> {
    let mut places = 3..4;
    let mut at = 6;
    while let Some(word) = argv.get(at) {
        match word.to_ascii_lowercase().as_slice() {
            b"keys" => {
                // A key in both places is an error that the command itself reports.
                places = if argv.get(3).is_some_and(|k| k.is_empty()) { at + 1..argv.len() } else { 0..0 };
                break;
            }
            b"auth" => at += 1,
            b"auth2" => at += 2,
            _ => {}
        }
        at += 1;
    }
    places.map(|at| KeyAt { at, flags: key::RW | key::ACCESS | key::DELETE }).collect()
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
    command.keys.iter().any(|spec| spec.flags & key::NOT_KEY == 0) || command.has(flag::MOVABLEKEYS)
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
            let count = match resp::parse_i64(number).filter(|n| (0..=i64::from(argc)).contains(n)) {
                Some(count) => count,
                // Where that is no number, Redis asks the command, which takes as much of it as is one.
                None => {
                    Some(atoi(number)).filter(|n| (1..=i64::from((argc - first - offset) / step.max(1))).contains(n))?
                }
            };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(words: &str) -> Vec<(usize, u32)> {
        let argv: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
        let command = super::super::find(argv[0]).unwrap();
        of(command, &argv).unwrap().iter().map(|k| (k.at, k.flags)).collect()
    }

    #[test]
    fn options_say_which_words_are_keys_and_what_is_done_with_them() {
        assert_eq!(keys("set k v"), [(1, key::OW | key::UPDATE)]);
        assert_eq!(keys("set k v get"), [(1, key::RW | key::UPDATE | key::ACCESS)]);
        assert_eq!(keys("bitfield k get u8 0"), [(1, key::RO | key::ACCESS)]);
        assert_eq!(keys("bitfield k set u8 0 1"), [(1, key::RW | key::ACCESS | key::UPDATE)]);
        let places = |words: &str| keys(words).iter().map(|k| k.0).collect::<Vec<_>>();
        assert_eq!(places("sort k by store store a store b"), [1, 7]);
        assert_eq!(places("migrate h 1 k 0 1"), [3]);
        assert_eq!(places("zunionstore d 2 a b"), [1, 3, 4]);
        assert_eq!(places("evalsha sha 2.5 a b c"), [3, 4]);
        assert!(of(super::super::find(b"zunion").unwrap(), &[b"zunion", b"3x", b"a", b"b"]).is_none());
        assert!(!any(super::super::find(b"spublish").unwrap()));
    }
}
