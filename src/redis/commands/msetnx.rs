//! MSETNX key value [...]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "msetnx",
    arity: -3,
    flags: flag::WRITE | flag::DENYOOM,
    acl: acl::WRITE | acl::STRING | acl::SLOW,
    first: (1, -1, 2),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(-1, 2, 0), flags: key::OW | key::INSERT, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Atomically modifies the string values of one or more keys only when all keys don't exist.",
        since: "1.0.1",
        group: "string",
        complexity: "O(N) where N is the number of keys to set.",
        args: "data:b*(key:k@0 value:s)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc().is_multiple_of(2) {
        return Err(crate::server::errors::arity("msetnx").into());
    }
    let taken = cx.argv[1..].chunks(2).any(|pair| cx.s.exists(cx.db, pair[0]));
    if !taken {
        super::string::set_pairs(cx)?;
    }
    cx.out.int(i64::from(!taken));
    Ok(())
}
