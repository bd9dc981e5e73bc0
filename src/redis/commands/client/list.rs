//! CLIENT LIST [TYPE NORMAL | MASTER | REPLICA | PUBSUB] [ID client-id [...]]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|list",
    arity: -2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Lists open connections.",
        since: "2.4.0",
        group: "connection",
        complexity: "O(N) where N is the number of client connections",
        args: "client-type:o=TYPE?^5.0.0(normal:t=NORMAL master:t=MASTER replica:t=REPLICA pubsub:t=PUBSUB) client-id:i=ID?*^6.2.0",
        history: &[
            ("2.8.12", "Added unique client `id` field."),
            ("5.0.0", "Added optional `TYPE` filter."),
            ("6.0.0", "Added `user` field."),
            ("6.2.0", "Added `argv-mem`, `tot-mem`, `laddr` and `redir` fields and the optional `ID` filter."),
            ("7.0.0", "Added `resp`, `multi-mem`, `rbs` and `rbp` fields."),
            ("7.0.3", "Added `ssub` field."),
            ("7.2.0", "Added `lib-name` and `lib-ver` fields."),
            ("7.4.0", "Added `watch` field."),
            ("8.0.0", "Added `io-thread` field."),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let ids: Vec<u64> = if cx.argc() == 4 && cx.is(2, "TYPE") {
        let kind = super::filter::kind(cx.arg(3))?;
        cx.s.clients.values().filter(|c| c.kind() == kind).map(|c| c.id).collect()
    } else if cx.argc() > 3 && cx.is(2, "ID") {
        let ids: Result<Vec<i64>, Fail> = (3..cx.argc()).map(|n| cx.int_or(n, "ERR Invalid client ID")).collect();
        ids?.into_iter().map(|id| id as u64).filter(|id| cx.s.clients.contains_key(id)).collect()
    } else if cx.argc() == 2 {
        cx.s.clients.values().map(|c| c.id).collect()
    } else {
        return Err(err::SYNTAX.into());
    };
    note_words(cx);
    let mut text = String::new();
    for id in ids {
        text.push_str(&cx.s.describe_client(id));
        text.push('\n');
    }
    cx.me().words = (0, 0);
    cx.out.verbatim("txt", text.as_bytes());
    Ok(())
}

/// Remembers the words of the running command, which are part of the client's memory.
pub(super) fn note_words(cx: &mut Cx<'_>) {
    cx.me().words = (cx.argv.iter().map(|word| word.len()).sum(), cx.argc());
}
