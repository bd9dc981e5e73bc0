//! XRANGE key start end [COUNT count]

use super::prelude::*;
use super::stream;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xrange",
    arity: -4,
    flags: flag::READONLY,
    acl: acl::READ | acl::STREAM | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the messages from a stream within a range of IDs.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(N) with N being the number of elements being returned. If N is constant (e.g. always asking for the first 10 elements with COUNT), you can consider it O(1).",
        args: "key:k@0 start:s end:s count:i=COUNT?",
        history: &[("6.2.0", "Added exclusive ranges.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    reply(cx, false)
}

/// XRANGE and XREVRANGE.
pub(super) fn reply(cx: &mut Cx<'_>, backwards: bool) -> Res {
    let (first, last) = if backwards { (3, 2) } else { (2, 3) };
    let (start, end) = (stream::range_start(cx.arg(first))?, stream::range_end(cx.arg(last))?);
    let (mut count, mut at) = (usize::MAX, 4);
    while at < cx.argc() {
        if !cx.is(at, "COUNT") || at + 1 >= cx.argc() {
            return Err(err::SYNTAX.into());
        }
        count = usize::try_from(cx.int(at + 1)?).unwrap_or(0);
        at += 2;
    }
    let Some(stream) = cx.s.stream(cx.db, cx.arg(1))? else {
        cx.out.array(0);
        return Ok(());
    };
    if count == 0 {
        cx.out.null_array();
        return Ok(());
    }
    let items = if backwards { stream.range_back(start, end) } else { stream.range(start, end) };
    let mark = cx.out.later();
    let mut shown = 0;
    for item in items.take(count) {
        stream::reply_entry(cx.out, &item);
        shown += 1;
    }
    cx.out.array_at(mark, shown);
    Ok(())
}
