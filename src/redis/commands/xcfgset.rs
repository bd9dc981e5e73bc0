//! XCFGSET key [IDMP-DURATION duration] [IDMP-MAXSIZE maxsize]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xcfgset",
    arity: -2,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::STREAM | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Sets the IDMP configuration parameters for a stream.",
        since: "8.6.0",
        group: "stream",
        complexity: "O(1)",
        args: "key:k@0 idmp-duration-block:b?(idmp-duration-token:t=IDMP-DURATION duration:i) idmp-maxsize-block:b?(idmp-maxsize-token:t=IDMP-MAXSIZE maxsize:i)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// The bounds of both settings.
const DURATION: std::ops::RangeInclusive<i64> = 1..=86_400;
const NAMES: std::ops::RangeInclusive<i64> = 1..=10_000;

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    if cx.s.stream_mut(cx.db, key)?.is_none() {
        return Err(err::NO_KEY.into());
    }
    let (mut duration, mut most, mut at) = (None, None, 2);
    while at < cx.argc() {
        let (option, range, unit, setting) = if cx.is(at, "IDMP-DURATION") {
            ("IDMP-DURATION", DURATION, "seconds", &mut duration)
        } else if cx.is(at, "IDMP-MAXSIZE") {
            ("IDMP-MAXSIZE", NAMES, "entries", &mut most)
        } else {
            return Err(err::SYNTAX.into());
        };
        if at + 1 >= cx.argc() {
            return Err(err::SYNTAX.into());
        }
        if setting.is_some() {
            return Err(format!("ERR {option} specified multiple times").into());
        }
        let n = cx.int(at + 1)?;
        if !range.contains(&n) {
            let (from, to) = (range.start(), range.end());
            return Err(format!("ERR {option} must be between {from} and {to} {unit}").into());
        }
        *setting = Some(n as u64);
        at += 2;
    }
    if duration.is_none() && most.is_none() {
        return Err("ERR At least one parameter must be specified".into());
    }
    let Some(stream) = super::stream::peek(cx.s, cx.db, key) else { return Ok(()) };
    let producers = &mut stream.producers;
    let new = (duration.unwrap_or(producers.duration), most.unwrap_or(producers.most));
    if new != (producers.duration, producers.most) {
        (producers.duration, producers.most) = new;
        producers.by_name.clear();
        cx.s.dirty += 1;
    }
    cx.out.ok();
    Ok(())
}
