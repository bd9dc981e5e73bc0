//! RESET

use super::prelude::*;
use crate::server::client::ReplyMode;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "reset",
    arity: 1,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::FAST | flag::NO_AUTH | flag::ALLOW_BUSY,
    acl: acl::FAST | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Resets the connection.",
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
    let id = cx.client;
    cx.s.discard(id);
    cx.s.unsubscribe_everything(id);
    cx.s.tracking.forget(id);
    cx.s.monitors.remove(&id);
    let open = cx.s.acl.default_needs_no_password();
    let me = cx.me();
    me.tracking = Default::default();
    me.role = Default::default();
    me.name.clear();
    me.db = 0;
    me.resp3 = false;
    me.reply_mode = ReplyMode::On;
    me.readonly = false;
    me.asking = false;
    me.no_evict = false;
    me.no_touch = false;
    me.user = "default".into();
    me.authenticated = open;
    cx.out.resp3 = false;
    cx.out.muted = false;
    cx.out.simple("RESET");
    Ok(())
}
