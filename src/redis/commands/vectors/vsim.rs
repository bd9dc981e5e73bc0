//! VSIM key <ELE element | FP32 blob | VALUES n x [x ...]> [WITHSCORES] [WITHATTRIBS] [COUNT n] [EPSILON d] [EF n] [FILTER expression] [FILTER-EF n] [TRUTH] [NOTHREAD]

use super::super::prelude::*;
use crate::data::vectors::filter::Expression;
use crate::data::vectors::{Filter, Near, Node, VectorSet};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vsim",
    arity: -4,
    flags: flag::READONLY | flag::MODULE,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Return elements by vector similarity",
        since: "8.0.0",
        group: "module",
        complexity: "",
        args: "key:k@0 format:o(ele:t=ELE fp32:t=FP32 values:t=VALUES) vector_or_element:s withscores:t=WITHSCORES? withattribs:t=WITHATTRIBS? count:i=COUNT? max_distance:d=EPSILON? search-exploration-factor:i=EF? expression:s=FILTER? max-filtering-effort:i=FILTER-EF? truth:t=TRUTH? nothread:t=NOTHREAD?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// Elements that a search explores at least.
const EF: usize = 100;
const COUNT: i64 = 10;

struct Options {
    scores: bool,
    attributes: bool,
    truth: bool,
    count: usize,
    ef: usize,
    epsilon: f64,
    filter: Option<Expression>,
    /// FILTER-EF: the most elements that are looked at for the filter.
    effort: usize,
}

fn options(cx: &Cx<'_>, from: usize) -> Result<Options, Fail> {
    let (mut count, mut ef, mut effort) = (COUNT, 0, 0);
    let mut options = Options {
        scores: false,
        attributes: false,
        truth: false,
        count: 0,
        ef: EF,
        epsilon: 2.0,
        filter: None,
        effort: 0,
    };
    let number = |n: usize, most: i64, error: &'static str| {
        resp::parse_i64(cx.arg(n)).filter(|number| (1..=most).contains(number)).ok_or(Fail::from(error))
    };
    let mut at = from;
    while at < cx.argc() {
        let more = at + 1 < cx.argc();
        let value = at + 1;
        at += 2;
        match () {
            () if more && cx.is(value - 1, "COUNT") => count = number(value, i64::MAX, "ERR invalid COUNT")?,
            () if more && cx.is(value - 1, "EF") => ef = number(value, 1_000_000, "ERR invalid EF")?,
            () if more && cx.is(value - 1, "FILTER-EF") => effort = number(value, i64::MAX, "ERR invalid FILTER-EF")?,
            () if more && cx.is(value - 1, "EPSILON") => {
                let given = cx.float_or(value, "ERR invalid EPSILON")?;
                options.epsilon = if given > 0.0 { given } else { return Err("ERR invalid EPSILON".into()) };
            }
            () if more && cx.is(value - 1, "FILTER") => options.filter = Some(expression(cx.arg(value))?),
            () => {
                at -= 1;
                match () {
                    () if cx.is(value - 1, "WITHSCORES") => options.scores = true,
                    () if cx.is(value - 1, "WITHATTRIBS") => options.attributes = true,
                    () if cx.is(value - 1, "TRUTH") => options.truth = true,
                    // Searches never run in a thread here.
                    () if cx.is(value - 1, "NOTHREAD") => {}
                    () => return Err("ERR syntax error in VSIM command".into()),
                }
            }
        }
    }
    let size = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    options.count = size(count);
    options.ef = if ef == 0 { EF } else { size(ef) }.max(options.count);
    options.effort = if effort == 0 { size(count.saturating_mul(100)) } else { size(effort) };
    Ok(options)
}

fn expression(text: &[u8]) -> Result<Expression, Fail> {
    Expression::compile(text).map_err(|at| {
        let rest = text.get(at..).filter(|rest| !rest.is_empty()).unwrap_or(text);
        Fail::Bytes([b"ERR syntax error in FILTER expression near: ", rest].concat())
    })
}

fn run(cx: &mut Cx<'_>) -> Res {
    let key = cx.arg(1);
    if cx.s.vectors(cx.db, key)?.is_none() {
        cx.out.array(0);
        return Ok(());
    }
    let element = cx.is(2, "ELE");
    let given = if element { None } else { Some(super::parse(cx, false)?) };
    let behind = given.as_ref().map_or(4, |given| given.end);
    let name = cx.arg(3);
    let Some(set) = cx.s.vectors(cx.db, key)? else { return Ok(()) };
    let values = match given {
        Some(given) if set.projection.is_some() && given.values.len() != set.dim() => {
            super::project(given.values, set)?
        }
        Some(given) => given.values,
        None => match set.get(name) {
            Some(node) => node.vector.values(set.dim()),
            None => return Err("ERR element not found in set".into()),
        },
    };
    if values.len() != set.dim() {
        return Err(super::wrong_dim(values.len(), set));
    }
    let options = options(cx, behind)?;
    if let Some(Value::Vectors(set)) = cx.s.peek(cx.db, key) {
        let wanted = |node: &Node| match (&options.filter, &node.attribute) {
            (Some(filter), Some(attributes)) => filter.fits(attributes),
            (filter, _) => filter.is_none(),
        };
        let filter = Filter { wanted: &wanted, effort: options.effort };
        let filter = options.filter.is_some().then_some(&filter);
        let found = set.search(values, options.ef, filter, options.truth);
        reply(cx.out, set, &found, &options);
    }
    Ok(())
}

fn reply(out: &mut resp::Reply, set: &VectorSet, found: &[Near], options: &Options) {
    let near = found.iter().take(options.count).take_while(|near| f64::from(near.distance) / 2.0 <= options.epsilon);
    let near: Vec<_> = near.filter_map(|near| Some((near.distance, set.graph().node(near.place)?))).collect();
    let each = 1 + usize::from(options.scores) + usize::from(options.attributes);
    match out.resp3 && each > 1 {
        true => out.map(near.len()),
        false => out.array(near.len() * each),
    }
    for (distance, node) in near {
        out.bulk(&node.name);
        if out.resp3 && each == 3 {
            out.array(2);
        }
        if options.scores {
            out.double(super::score(distance));
        }
        if options.attributes {
            match &node.attribute {
                Some(text) => out.bulk(text),
                None => out.null(),
            }
        }
    }
}
