//! VREM key element

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vrem",
    arity: 3,
    flags: flag::WRITE | flag::MODULE,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Remove an element from a vector set",
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
    let (key, name) = (cx.arg(1), cx.arg(2));
    let (gone, empty) = match cx.s.vectors_mut(cx.db, key)? {
        Some(set) => (set.remove(name), set.is_empty()),
        None => (false, false),
    };
    cx.out.boolean(gone);
    if gone && empty {
        cx.s.delete(cx.db, key);
    }
    if gone {
        super::changed(cx, key);
    }
    Ok(())
}
