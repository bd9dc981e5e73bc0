//! XPENDING key group [[IDLE min-idle-time] start end count [consumer]]

use super::prelude::*;
use super::stream;
use crate::data::stream::{Group, StreamId};
use resp::Reply;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xpending",
    arity: -3,
    flags: flag::READONLY,
    acl: acl::READ | acl::STREAM | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns the information and entries from a stream consumer group's pending entries list.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for iterating every consumer.",
        args: "key:k@0 group:s filters:b?(min-idle-time:i=IDLE?^6.2.0 start:s end:s count:i consumer:s?)",
        history: &[("6.2.0", "Added the `IDLE` option and exclusive range intervals.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// Which pending entries are asked for.
struct Ask<'a> {
    idle: i64,
    start: StreamId,
    end: StreamId,
    count: usize,
    consumer: Option<&'a [u8]>,
}

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, name, now) = (cx.arg(1), cx.arg(2), cx.s.now_ms);
    if cx.argc() != 3 && !(6..=9).contains(&cx.argc()) {
        return Err(err::SYNTAX.into());
    }
    let ask = if cx.argc() > 3 { Some(ask(cx)?) } else { None };
    let found = cx.s.stream(cx.db, key)?;
    let Some(group) = found.and_then(|stream| stream.groups.get(name)) else {
        return Err(stream::no_group(key, name, ""));
    };
    match ask {
        Some(ask) => list(cx.out, group, &ask, now),
        None => summary(cx.out, group),
    }
    Ok(())
}

fn ask<'a>(cx: &Cx<'a>) -> Result<Ask<'a>, Fail> {
    let (mut idle, mut at) = (0, 3);
    if cx.is(3, "IDLE") {
        idle = cx.int(4)?;
        if cx.argc() < 8 {
            return Err(err::SYNTAX.into());
        }
        at += 2;
    }
    let count = usize::try_from(cx.int(at + 2)?).unwrap_or(0);
    let (start, end) = (stream::range_start(cx.arg(at))?, stream::range_end(cx.arg(at + 1))?);
    let consumer = (at + 3 < cx.argc()).then(|| cx.arg(at + 3));
    Ok(Ask { idle, start, end, count, consumer })
}

fn summary(out: &mut Reply, group: &Group) {
    out.array(4);
    out.len(group.pending_len());
    let first = group.pending_from(StreamId::MIN).next().map(|(id, _)| id);
    let (Some(first), Some(last)) = (first, group.last_pending()) else {
        out.null();
        out.null();
        out.null_array();
        return;
    };
    stream::reply_id(out, first);
    stream::reply_id(out, last);
    let owners = || group.consumers().filter(|c| !c.pending.is_empty());
    out.array(owners().count());
    for consumer in owners() {
        out.array(2);
        out.bulk(&consumer.name);
        out.bulk_int(consumer.pending.len() as i64);
    }
}

fn list(out: &mut Reply, group: &Group, ask: &Ask<'_>, now: i64) {
    let mark = out.later();
    let mut shown = 0;
    let mut show = |id: StreamId| {
        let Some(pending) = group.pending(id) else { return };
        if shown >= ask.count || (ask.idle != 0 && now.saturating_sub(pending.time) < ask.idle) {
            return;
        }
        out.array(4);
        stream::reply_id(out, id);
        out.bulk(group.consumer(pending.consumer).map_or(&[], |c| &c.name));
        out.int(now.saturating_sub(pending.time).max(0));
        out.int(pending.count as i64);
        shown += 1;
    };
    if ask.start <= ask.end && ask.count > 0 {
        match ask.consumer {
            Some(name) => {
                if let Some(consumer) = group.find_consumer(name).and_then(|n| group.consumer(n)) {
                    consumer.pending.range(ask.start..=ask.end).for_each(|id| show(*id));
                }
            }
            None => group.pending_from(ask.start).take_while(|(id, _)| *id <= ask.end).for_each(|(id, _)| show(id)),
        }
    }
    out.array_at(mark, shown);
}
