//! XINFO STREAM key [FULL [COUNT count]]

use super::super::prelude::*;
use crate::commands::stream::{reply_entry, reply_id};
use crate::data::stream::{Group, Stream, StreamId};
use resp::Reply;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xinfo|stream",
    arity: -3,
    flags: flag::READONLY,
    acl: acl::READ | acl::STREAM | acl::SLOW,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns information about a stream.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(1)",
        args: "key:k@0 full-block:b?(full:t=FULL count:i=COUNT?)",
        history: &[
            ("6.0.0", "Added the `FULL` modifier."),
            (
                "7.0.0",
                "Added the `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag` fields",
            ),
            ("7.2.0", "Added the `active-time` field, and changed the meaning of `seen-time`."),
            (
                "8.6.0",
                "Added the `idmp-duration`, `idmp-maxsize`, `pids-tracked`, `iids-tracked`, `iids-added` and `iids-duplicates` fields for IDMP tracking.",
            ),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(2);
    if cx.s.stream(cx.db, key)?.is_none() {
        return Err(err::NO_KEY.into());
    }
    let full = cx.argc() > 3;
    let mut count = 10;
    if full {
        let fits = matches!(cx.argc(), 4 | 6) && cx.is(3, "FULL") && (cx.argc() == 4 || cx.is(4, "COUNT"));
        if !fits {
            return Err(Fail::Bytes(crate::server::errors::subcommand_syntax(cx.argv)));
        }
        if cx.argc() == 6 {
            count = usize::try_from(cx.int(5)?).unwrap_or(10);
        }
    }
    let count = if count == 0 { usize::MAX } else { count };
    let Some(Value::Stream(stream)) = cx.s.peek(cx.db, key) else { return Ok(()) };
    cx.out.map(if full { 15 } else { 16 });
    summary(cx.out, stream);
    if full {
        entries(cx.out, stream, count);
        cx.out.text("groups");
        cx.out.array(stream.groups.len());
        for (name, group) in &stream.groups {
            group_in_full(cx.out, stream, name, group, count);
        }
    } else {
        ends(cx.out, stream);
    }
    Ok(())
}

fn summary(out: &mut Reply, stream: &Stream) {
    let producers = &stream.producers;
    super::number(out, "length", Some(stream.len() as i64));
    super::number(out, "radix-tree-keys", Some(stream.nodes().len() as i64));
    super::number(out, "radix-tree-nodes", Some(stream.shape().nodes as i64));
    super::id(out, "last-generated-id", stream.last_id);
    super::id(out, "max-deleted-entry-id", stream.max_deleted);
    super::number(out, "entries-added", Some(stream.added as i64));
    super::id(out, "recorded-first-entry-id", stream.first_id);
    super::number(out, "idmp-duration", Some(producers.duration as i64));
    super::number(out, "idmp-maxsize", Some(producers.most as i64));
    super::number(out, "pids-tracked", Some(producers.by_name.len() as i64));
    super::number(out, "iids-tracked", Some(producers.names() as i64));
    super::number(out, "iids-added", Some(producers.added as i64));
    super::number(out, "iids-duplicates", Some(producers.duplicates as i64));
}

fn ends(out: &mut Reply, stream: &Stream) {
    super::number(out, "groups", Some(stream.groups.len() as i64));
    let first = stream.range(StreamId::MIN, StreamId::MAX).next();
    let last = stream.range_back(StreamId::MIN, StreamId::MAX).next();
    for (name, item) in [("first-entry", first), ("last-entry", last)] {
        out.text(name);
        match item {
            Some(item) => reply_entry(out, &item),
            None => out.null(),
        }
    }
}

fn entries(out: &mut Reply, stream: &Stream, count: usize) {
    out.text("entries");
    let mark = out.later();
    let mut shown = 0;
    for item in stream.range(StreamId::MIN, StreamId::MAX).take(count) {
        reply_entry(out, &item);
        shown += 1;
    }
    out.array_at(mark, shown);
}

fn group_in_full(out: &mut Reply, stream: &Stream, name: &[u8], group: &Group, count: usize) {
    out.map(7);
    out.text("name");
    out.bulk(name);
    super::id(out, "last-delivered-id", group.last_id);
    super::number(out, "entries-read", group.entries_read);
    super::number(out, "lag", stream.lag(group));
    super::number(out, "pel-count", Some(group.pending_len() as i64));
    out.text("pending");
    out.array(group.pending_len().min(count));
    for (id, pending) in group.pending_from(StreamId::MIN).take(count) {
        out.array(4);
        reply_id(out, id);
        out.bulk(group.consumer(pending.consumer).map_or(&[], |c| &c.name));
        out.int(pending.time);
        out.int(pending.count as i64);
    }
    out.text("consumers");
    out.array(group.consumers_len());
    for consumer in group.consumers() {
        out.map(5);
        out.text("name");
        out.bulk(&consumer.name);
        super::number(out, "seen-time", Some(consumer.seen));
        super::number(out, "active-time", Some(consumer.active));
        super::number(out, "pel-count", Some(consumer.pending.len() as i64));
        out.text("pending");
        out.array(consumer.pending.len().min(count));
        for id in consumer.pending.iter().take(count) {
            out.array(3);
            reply_id(out, *id);
            out.int(group.pending(*id).map_or(0, |p| p.time));
            out.int(group.pending(*id).map_or(0, |p| p.count as i64));
        }
    }
}
