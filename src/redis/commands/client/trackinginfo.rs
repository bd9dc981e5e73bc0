//! CLIENT TRACKINGINFO

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|trackinginfo",
    arity: 2,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns information about server-assisted client-side caching for the connection.",
        since: "6.2.0",
        group: "connection",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let t = cx.me().tracking.clone();
    let flags: Vec<&str> = [
        (!t.on, "off"),
        (t.on, "on"),
        (t.bcast, "bcast"),
        (t.optin, "optin"),
        (t.optin && t.caching, "caching-yes"),
        (t.optout, "optout"),
        (t.optout && t.caching, "caching-no"),
        (t.noloop, "noloop"),
        (t.broken, "broken_redirect"),
    ]
    .iter()
    .filter(|(on, _)| *on)
    .map(|(_, name)| *name)
    .collect();
    cx.out.map(3);
    cx.out.text("flags");
    cx.out.set(flags.len());
    for flag in flags {
        cx.out.text(flag);
    }
    cx.out.text("redirect");
    cx.out.int(if t.on { t.redirect as i64 } else { -1 });
    cx.out.text("prefixes");
    cx.out.array(t.prefixes.len());
    for prefix in &t.prefixes {
        cx.out.bulk(prefix);
    }
    Ok(())
}
