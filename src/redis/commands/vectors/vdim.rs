//! VDIM key

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vdim",
    arity: 2,
    flags: flag::READONLY | flag::MODULE | flag::FAST,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Return the dimension of vectors in the vector set",
        since: "8.0.0",
        group: "module",
        complexity: "",
        args: "key:k@0",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let dim = cx.s.vectors(cx.db, cx.arg(1))?.map(|set| set.dim()).ok_or(Fail::from("ERR key does not exist"))?;
    cx.out.len(dim);
    Ok(())
}
