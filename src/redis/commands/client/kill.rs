//! CLIENT KILL <ip:port | <[ID client-id] | [TYPE NORMAL | MASTER | SLAVE | REPLICA | PUBSUB] | [USER username] | [ADDR ip:port] | [LADDR ip:port] | [SKIPME YES | NO] | [MAXAGE maxage]> [...]>

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|kill",
    arity: -3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Terminates open connections.",
        since: "2.4.0",
        group: "connection",
        complexity: "O(N) where N is the number of client connections",
        args: "filter:o(old-format:s~2.8.12!ip:port new-format:o*(client-id:i=ID?^2.8.12 client-type:o=TYPE?^2.8.12(normal:t=NORMAL master:t=MASTER^3.2.0 slave:t=SLAVE replica:t=REPLICA^5.0.0 pubsub:t=PUBSUB) username:s=USER? addr:s=ADDR?!ip:port laddr:s=LADDR?^6.2.0!ip:port skipme:o=SKIPME?(yes:t=YES no:t=NO) maxage:i=MAXAGE?^7.4.0))",
        history: &[
            ("2.8.12", "Added new filter format."),
            ("2.8.12", "`ID` option."),
            ("3.2.0", "Added `master` type in for `TYPE` option."),
            ("5.0.0", "Replaced `slave` `TYPE` with `replica`. `slave` still supported for backward compatibility."),
            ("6.2.0", "`LADDR` option."),
            ("7.4.0", "`MAXAGE` option."),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let me = cx.client;
    let old_form = cx.argc() == 3;
    let filter = super::filter::read(cx)?;
    let victims: Vec<u64> =
        cx.s.clients
            .values()
            .filter(|c| filter.matches(c))
            .filter(|c| old_form || !filter.skip_me || c.id != me)
            .map(|c| c.id)
            .collect();
    for id in &victims {
        if *id == me {
            cx.me().close_after_reply = true;
        } else {
            cx.s.close_soon(*id);
        }
    }
    match (old_form, victims.is_empty()) {
        (true, true) => return Err("ERR No such client".into()),
        (true, false) => cx.out.ok(),
        (false, _) => cx.out.len(victims.len()),
    }
    Ok(())
}
