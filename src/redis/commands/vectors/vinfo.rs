//! VINFO key

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vinfo",
    arity: 2,
    flags: flag::READONLY | flag::MODULE | flag::FAST,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Return information about a vector set",
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
    let Some(set) = cx.s.vectors(cx.db, cx.arg(1))? else {
        cx.out.null_array();
        return Ok(());
    };
    let graph = set.graph();
    let numbers = [
        ("hnsw-m", graph.m),
        ("vector-dim", set.dim()),
        ("projection-input-dim", set.projection.as_ref().map_or(0, |p| p.input)),
        ("size", set.len()),
        ("max-level", graph.max_level()),
        ("attributes-count", set.attributes()),
        ("vset-uid", set.uid as usize),
        ("hnsw-max-node-uid", graph.last_id as usize),
    ];
    cx.out.map(1 + numbers.len());
    cx.out.simple("quant-type");
    cx.out.simple(set.quant.name());
    for (name, number) in numbers {
        cx.out.simple(name);
        cx.out.len(number);
    }
    Ok(())
}
