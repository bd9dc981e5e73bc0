//! Recorded sessions replay equal. What does not yet is listed in `known_failures.txt`; a listed step that has come
//! right fails the test too, until it is struck off.
//!
//! `DRYDOCK_UPDATE=1` writes the list anew; `DRYDOCK_SHOW=name` plays that one transcript alone and prints
//! where it differs.

use std::collections::BTreeSet;
use std::fs;

use tests::{Transcript, folder, replay};

#[test]
fn recorded_sessions_replay_equal() {
    judge("docker", "known_failures.txt");
}

#[test]
fn recorded_sessions_with_redis_replay_equal() {
    judge("redis", "redis/known_failures.txt");
}

/// Replays the transcripts of a folder.
fn judge(area: &str, list: &str) {
    let list = folder().join(list);
    let known: BTreeSet<String> = fs::read_to_string(&list)
        .unwrap_or_default()
        .lines()
        .filter(|l| !l.starts_with('#'))
        .map(String::from)
        .collect();
    let show = std::env::var("DRYDOCK_SHOW").ok();
    let (mut failed, mut report, mut all) = (BTreeSet::new(), Vec::new(), (0, 0));
    for name in names(area).into_iter().filter(|name| show.as_ref().is_none_or(|one| one == name)) {
        let text = fs::read_to_string(folder().join(format!("{area}/{name}.json"))).expect("a readable transcript");
        let transcript: Transcript = serde_json::from_str(&text).expect("a transcript");
        let compared = replay(&transcript);
        let equal = compared.iter().filter(|c| c.equal).count();
        report.push(format!("{name:28} {equal:4} of {:4} steps equal", compared.len()));
        all = (all.0 + equal, all.1 + compared.len());
        for step in compared.iter().filter(|c| !c.equal) {
            if show.is_some() {
                println!("--- {} exit {:?}\nreal: {:#?}\nours: {:#?}", step.typed, step.status, step.want, step.got);
            }
            failed.insert(format!("{name} {}: {}", step.index, step.typed.escape_default()));
        }
    }
    println!("{}\nall: {} of {} steps equal", report.join("\n"), all.0, all.1);
    if show.is_some() {
        return;
    }
    if std::env::var_os("DRYDOCK_UPDATE").is_some() {
        let head = "# Steps of recorded sessions that do not replay equal yet. Written by the test itself.\n";
        let lines: String = failed.iter().map(|l| format!("{l}\n")).collect();
        fs::write(&list, format!("{head}{lines}")).expect("the list can be written");
        return;
    }
    let new: Vec<_> = failed.difference(&known).collect();
    let right: Vec<_> = known.difference(&failed).collect();
    assert!(new.is_empty(), "no longer equal: {new:#?}");
    assert!(right.is_empty(), "listed as known failures, but equal now: strike them off: {right:#?}");
}

fn names(area: &str) -> Vec<String> {
    let files = fs::read_dir(folder().join(area)).expect("the transcripts");
    let names = files.filter_map(|f| f.ok()?.file_name().into_string().ok()?.strip_suffix(".json").map(String::from));
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert!(!names.is_empty());
    names
}
