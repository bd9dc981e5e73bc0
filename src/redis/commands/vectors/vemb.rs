//! VEMB key element [RAW]

use super::super::prelude::*;
use crate::data::vectors::quant::Quant;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vemb",
    arity: -3,
    flags: flag::READONLY | flag::MODULE | flag::FAST,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Return the vector associated with an element",
        since: "8.0.0",
        group: "module",
        complexity: "",
        args: "key:k@0 element:s raw:t=RAW?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if (3..cx.argc()).any(|n| !cx.is(n, "RAW")) {
        return Err("ERR invalid option".into());
    }
    let (name, raw) = (cx.arg(2), cx.argc() > 3);
    let Some((set, node)) = cx.s.vectors(cx.db, cx.arg(1))?.and_then(|set| Some((set, set.get(name)?))) else {
        cx.out.null();
        return Ok(());
    };
    let vector = &node.vector;
    if !raw {
        cx.out.array(set.dim());
        vector.values(set.dim()).into_iter().for_each(|x| cx.out.double(f64::from(x)));
        return Ok(());
    }
    let ranged = set.quant == Quant::Q8;
    cx.out.array(3 + usize::from(ranged));
    cx.out.simple(set.quant.name());
    cx.out.bulk(&vector.to_bytes());
    cx.out.double(f64::from(vector.l2));
    if ranged {
        cx.out.double(f64::from(vector.range));
    }
    Ok(())
}
