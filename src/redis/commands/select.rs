//! SELECT index

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "select",
    arity: 2,
    flags: flag::LOADING | flag::STALE | flag::FAST,
    acl: acl::FAST | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Changes the selected database.",
        since: "1.0.0",
        group: "connection",
        complexity: "O(1)",
        args: "index:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let n = super::generic::int_32(cx, 1)?;
    if cx.s.hot.cluster && n != 0 {
        return Err("ERR SELECT is not allowed in cluster mode".into());
    }
    if n != 0 {
        cx.s.count_incompatible();
    }
    let Some(db) = usize::try_from(n).ok().filter(|n| *n < cx.s.dbs.len()) else {
        return Err("ERR DB index is out of range".into());
    };
    cx.me().db = db;
    cx.out.ok();
    Ok(())
}
