//! CLIENT CACHING <YES | NO>

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|caching",
    arity: 3,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Instructs the server whether to track the keys in the next request.",
        since: "6.0.0",
        group: "connection",
        complexity: "O(1)",
        args: "mode:o(yes:t=YES no:t=NO)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let tracking = cx.me().tracking.clone();
    if !tracking.on {
        return Err("ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled".into());
    }
    match cx.arg(2).to_ascii_lowercase().as_slice() {
        b"yes" if tracking.optin => cx.me().tracking.caching = true,
        b"yes" => return Err("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.".into()),
        b"no" if tracking.optout => cx.me().tracking.caching = true,
        b"no" => return Err("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.".into()),
        _ => return Err(err::SYNTAX.into()),
    }
    cx.out.ok();
    Ok(())
}
