//! VGETATTR key element

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vgetattr",
    arity: 3,
    flags: flag::READONLY | flag::MODULE | flag::FAST,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Retrieve the JSON attributes of elements",
        since: "8.0.0",
        group: "module",
        complexity: "",
        args: "key:k@0 element:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let name = cx.arg(2);
    let node = cx.s.vectors(cx.db, cx.arg(1))?.and_then(|set| set.get(name));
    match node.and_then(|node| node.attribute.as_deref()) {
        Some(text) => cx.out.bulk(text),
        None => cx.out.null(),
    }
    Ok(())
}
