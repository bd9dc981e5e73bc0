//! ACL CAT [category]

use super::super::prelude::*;
use crate::commands::{acl as category, all_in};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|cat",
    arity: -2,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Lists the ACL categories, or the commands inside a category.",
        since: "6.0.0",
        group: "server",
        complexity: "O(1) since the categories and commands are a fixed set.",
        args: "category:s?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() == 2 {
        cx.out.texts(&category::NAMES);
        return Ok(());
    }
    if cx.argc() > 3 {
        return Err(Fail::Bytes(crate::server::errors::subcommand_syntax(cx.argv)));
    }
    let Some(at) = category::NAMES.iter().position(|name| cx.is(2, name)) else {
        let shown = cx.arg(2).get(..128).unwrap_or(cx.arg(2));
        return Err(Fail::Bytes([b"ERR Unknown category '", crate::server::errors::until_nul(shown), b"'"].concat()));
    };
    let of = |c: &&'static Command| c.acl & (1 << at) != 0;
    let sentinel = cx.s.sentinel_mode;
    let all = all_in(sentinel).into_iter().flat_map(|c| std::iter::once(c).chain(c.subs_in(sentinel)));
    let names: Vec<&str> = all.filter(of).map(|c| c.name).collect();
    cx.out.texts(&names);
    Ok(())
}
