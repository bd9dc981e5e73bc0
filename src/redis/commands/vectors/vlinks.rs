//! VLINKS key element [WITHSCORES]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vlinks",
    arity: -3,
    flags: flag::READONLY | flag::MODULE | flag::FAST,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Return the neighbors of an element at each layer in the HNSW graph",
        since: "8.0.0",
        group: "module",
        complexity: "",
        args: "key:k@0 element:s withscores:t=WITHSCORES?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let scores = cx.argc() == 4 && cx.is(3, "WITHSCORES");
    if cx.argc() > 3 && !scores {
        return Err(crate::server::errors::arity(&cx.cmd.shown_name()).into());
    }
    let name = cx.arg(2);
    let found = cx.s.vectors(cx.db, cx.arg(1))?.and_then(|set| Some((set.graph(), set.place(name)?)));
    let Some((graph, place)) = found else {
        cx.out.null();
        return Ok(());
    };
    let layers = graph.node(place).map_or(&[][..], |node| &node.layers);
    cx.out.array(layers.len());
    for links in layers.iter().rev() {
        if scores {
            cx.out.map(links.len())
        } else {
            cx.out.array(links.len())
        }
        for link in links {
            cx.out.bulk(graph.node(*link).map_or(&[], |node| &node.name));
            if scores {
                cx.out.double(f64::from(super::score(graph.distance(place, *link)) as f32));
            }
        }
    }
    Ok(())
}
