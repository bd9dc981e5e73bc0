//! VSETATTR key element json

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vsetattr",
    arity: 4,
    flags: flag::WRITE | flag::MODULE | flag::FAST,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Associate or remove the JSON attributes of elements",
        since: "8.0.0",
        group: "module",
        complexity: "",
        args: "key:k@0 element:s json:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, name, text) = (cx.arg(1), cx.arg(2), cx.arg(3));
    let there = cx.s.vectors_mut(cx.db, key)?.is_some_and(|set| set.set_attribute(name, text));
    cx.out.boolean(there);
    if there {
        super::changed(cx, key);
    }
    Ok(())
}
