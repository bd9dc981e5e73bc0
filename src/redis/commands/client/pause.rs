//! CLIENT PAUSE timeout [WRITE | ALL]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|pause",
    arity: -3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Suspends commands processing.",
        since: "3.0.0",
        group: "connection",
        complexity: "O(1)",
        args: "timeout:i mode:o?^6.2.0(write:t=WRITE all:t=ALL)",
        history: &[("6.2.0", "`CLIENT PAUSE WRITE` mode added along with the `mode` option.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let writes_only = match cx.arg(3).to_ascii_uppercase().as_slice() {
        b"" | b"ALL" => false,
        b"WRITE" => true,
        _ => return Err("ERR CLIENT PAUSE mode must be WRITE or ALL".into()),
    };
    let until = cx.timeout_ms(2)?;
    cx.s.cancel_migrations("client pause requested", |_| true);
    let until = cx.s.pause.map_or(until, |(old, _)| old.max(until));
    let writes_only = cx.s.pause.map_or(writes_only, |(_, old)| old && writes_only);
    cx.s.pause = Some((until, writes_only));
    cx.out.ok();
    Ok(())
}
