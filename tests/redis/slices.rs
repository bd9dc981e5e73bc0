//! Work that is cut into slices goes on by itself until it is done: nobody waits for it, and it needs no command.

use crate::ours::Ours;
use std::collections::BTreeMap;
use std::fmt::Write;

const MANY: usize = 20_000;

/// Calls the engine when it wants to be called, for so many milliseconds of its clock; how often that was.
fn run(ours: &mut Ours, ms: i64) -> usize {
    let end = ours.world.borrow().now + ms * 1000;
    let mut calls = 0;
    loop {
        let next = ours.server.next_wakeup().max(ours.world.borrow().now + 1);
        if next > end {
            return calls;
        }
        ours.world.borrow_mut().now = next;
        ours.server.tick();
        calls += 1;
    }
}

fn number(ours: &mut Ours, line: &str, field: &str) -> usize {
    let reply = String::from_utf8_lossy(&ours.send(0, line.as_bytes())).into_owned();
    let text = reply.split(field).nth(1).unwrap_or_default();
    text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(usize::MAX)
}

#[test]
fn many_keys_expire_soon_but_not_at_once() {
    let mut ours = Ours::start("", BTreeMap::new()).expect("it starts");
    let mut lines = String::new();
    for n in 0..MANY {
        let _ = write!(lines, "SET key:{n} x PX 1\r\n");
    }
    ours.send(0, lines.as_bytes());
    ours.world.borrow_mut().now += 150_000;
    ours.server.tick();
    let left = number(&mut ours, "DBSIZE\r\n", ":");
    assert!(left > MANY / 2, "{left} left after a tick");
    run(&mut ours, 60);
    assert_eq!(number(&mut ours, "DBSIZE\r\n", ":"), 0);
    // What is left to be done is the ordinary tick, ten times a second.
    assert!(run(&mut ours, 1000) <= 11);
}

#[test]
fn what_was_deleted_is_given_back_in_slices() {
    let mut ours = Ours::start("", BTreeMap::new()).expect("it starts");
    let mut lines = String::new();
    for n in 0..MANY {
        let _ = write!(lines, "HSET hash field:{n} x\r\nSET key:{n} x\r\n");
    }
    ours.send(0, lines.as_bytes());
    ours.send(0, b"DEL hash\r\nFLUSHALL\r\n");
    let pending = |ours: &mut Ours| number(ours, "INFO memory\r\n", "lazyfree_pending_objects:");
    assert!(pending(&mut ours) > 0);
    run(&mut ours, 10);
    assert_eq!(pending(&mut ours), 0);
    assert!(run(&mut ours, 1000) <= 11);
}
