//! XAUTOCLAIM key group consumer min-idle-time start [COUNT count] [JUSTID]

use super::prelude::*;
use super::stream;
use crate::data::stream::StreamId;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xautoclaim",
    arity: -6,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::STREAM | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to as consumer group member.",
        since: "6.2.0",
        group: "stream",
        complexity: "O(1) if COUNT is small.",
        args: "key:k@0 group:s consumer:s min-idle-time:s start:s count:i=COUNT? justid:t=JUSTID?",
        history: &[(
            "7.0.0",
            "Added an element to the reply array, containing deleted entries the command cleared from the PEL",
        )],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// How many pending entries are looked at for each that may be returned.
const ATTEMPTS: usize = 10;

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, name, now) = (cx.arg(1), cx.arg(2), cx.s.now_ms);
    // Looked for before anything else, and so missed even where the words are wrong.
    cx.s.read(cx.db, key);
    let idle = cx.int_or(4, "ERR Invalid min-idle-time argument for XAUTOCLAIM")?.max(0);
    let start = stream::range_start(cx.arg(5))?;
    let (mut left, just_id) = options(cx)?;
    let group = match cx.s.peek(cx.db, key) {
        Some(Value::Stream(stream)) => stream.groups.contains_key(name),
        Some(_) => return Err(err::WRONG_TYPE.into()),
        None => false,
    };
    if !group {
        return Err(stream::no_group(key, name, ""));
    }
    let Some(found) = stream::peek(cx.s, cx.db, key) else { return Ok(()) };
    // The group is taken out while it is changed, so that the stream can be read beside it.
    let Some(mut group) = found.groups.get_mut(name).map(std::mem::take) else { return Ok(()) };
    let (consumer, made) = stream::consumer_of(&mut group, cx.argv[3], now);
    cx.out.array(3);
    let mark = cx.out.later();
    let mut attempts = left.saturating_mul(ATTEMPTS);
    let (mut next, mut claimed) = (Some(start), 0);
    let (mut deleted, mut commands) = (Vec::new(), Vec::new());
    while left > 0 && attempts > 0 {
        attempts -= 1;
        let Some((id, pending)) = next.and_then(|from| group.pending_from(from).next()) else {
            next = None;
            break;
        };
        let pending = *pending;
        next = id.next();
        let Some(item) = found.get(id) else {
            commands.push(stream::claim_words(key, name, &group, group.last_id, id));
            group.release(id);
            deleted.push(id);
            left -= 1;
            continue;
        };
        if idle > 0 && now.saturating_sub(pending.time) < idle {
            continue;
        }
        group.assign(id, consumer, now, pending.count.saturating_add(u64::from(!just_id)));
        if let Some(consumer) = group.consumer_mut(consumer) {
            consumer.active = now;
        }
        if just_id {
            stream::reply_id(cx.out, id);
        } else {
            stream::reply_entry(cx.out, &item);
        }
        claimed += 1;
        left -= 1;
        commands.push(stream::claim_words(key, name, &group, group.last_id, id));
    }
    let cursor = next.and_then(|from| group.pending_from(from).next()).map_or(StreamId::MIN, |(id, _)| id);
    cx.out.array_at(mark, claimed);
    cx.out.bulk_at(mark, &cursor.text());
    cx.out.array(deleted.len());
    deleted.iter().for_each(|id| stream::reply_id(cx.out, *id));
    if let Some(place) = found.groups.get_mut(name) {
        *place = group;
    }
    if made {
        stream::consumer_made(cx, key);
    }
    cx.s.dirty += commands.len() as u64;
    cx.s.note_changed(cx.db, key);
    stream::propagate_all(cx, &commands);
    Ok(())
}

/// COUNT and JUSTID.
fn options(cx: &Cx<'_>) -> Result<(usize, bool), Fail> {
    let (mut count, mut just_id, mut at) = (100, false, 6);
    while at < cx.argc() {
        if cx.is(at, "COUNT") && at + 1 < cx.argc() {
            at += 1;
            let n = cx.int_or(at, "ERR COUNT must be > 0")?;
            if !(1..=i64::MAX / 16).contains(&n) {
                return Err("ERR COUNT must be > 0".into());
            }
            count = n as usize;
        } else if cx.is(at, "JUSTID") {
            just_id = true;
        } else {
            return Err(err::SYNTAX.into());
        }
        at += 1;
    }
    Ok((count, just_id))
}
