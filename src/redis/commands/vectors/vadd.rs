//! VADD key [REDUCE dim] <FP32 blob | VALUES n x [x ...]> element [CAS] [NOQUANT | Q8 | BIN] [EF n] [SETATTR json] [M n]

use super::super::prelude::*;
use crate::data::vectors::quant::Quant;
use crate::data::vectors::{DEFAULT_M, MAX_FACTORS, Projection, VectorSet, level_of};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "vadd",
    arity: -5,
    flags: flag::WRITE | flag::DENYOOM | flag::MODULE,
    acl: 0,
    first: (1, 1, 1),
    keys: super::KEYS,
    tips: &[],
    docs: Docs {
        summary: "Add one or more elements to a vector set, or update its vector if it already exists",
        since: "8.0.0",
        group: "module",
        complexity: "",
        args: "key:k@0 reduce:b=REDUCE?(dim:i) format:o(fp32:t=FP32 values:t=VALUES) vector:s element:s cas:t=CAS? quant_type:o?(noquant:t=NOQUANT bin:t=BIN q8:t=Q8) build-exploration-factor:i=EF? attributes:s=SETATTR? numlinks:i=M?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// Candidates for neighbours that are looked at where nobody says how many.
const EF: i64 = 200;
const MOST_EF: i64 = 1_000_000;
const MOST_M: i64 = 4096;

struct Options<'a> {
    ef: usize,
    m: usize,
    attribute: Option<&'a [u8]>,
    quant: Quant,
}

/// The words behind the element. CAS means that candidates may be looked for in a thread: there is none here.
fn options<'a>(cx: &Cx<'a>, from: usize) -> Result<Options<'a>, Fail> {
    let mut options = Options { ef: EF as usize, m: DEFAULT_M, attribute: None, quant: Quant::Q8 };
    let number = |n: usize, least: i64, most: i64, error: &'static str| {
        let number = resp::parse_i64(cx.arg(n)).filter(|number| (least..=most).contains(number));
        number.map(|number| number as usize).ok_or(Fail::from(error))
    };
    let mut at = from;
    while at < cx.argc() {
        let more = at + 1 < cx.argc();
        match () {
            () if cx.is(at, "CAS") => {}
            () if cx.is(at, "NOQUANT") => options.quant = Quant::None,
            () if cx.is(at, "BIN") => options.quant = Quant::Bin,
            () if cx.is(at, "Q8") => options.quant = Quant::Q8,
            () if more && cx.is(at, "EF") => options.ef = number(at + 1, 1, MOST_EF, "ERR invalid EF")?,
            () if more && cx.is(at, "M") => options.m = number(at + 1, 4, MOST_M, "ERR invalid M")?,
            () if more && cx.is(at, "SETATTR") => options.attribute = Some(cx.arg(at + 1)),
            () => return Err("ERR invalid option after element".into()),
        }
        at += if ["EF", "M", "SETATTR"].iter().any(|word| cx.is(at, word)) { 2 } else { 1 };
    }
    Ok(options)
}

fn run(cx: &mut Cx<'_>) -> Res {
    let given = super::parse(cx, true)?;
    if cx.argc() <= given.end {
        return Err(crate::server::errors::arity(&cx.cmd.shown_name()).into());
    }
    let options = options(cx, given.end + 1)?;
    let (key, name) = (cx.arg(1), cx.arg(given.end));
    let level = level_of(cx.s.random());
    let values = match cx.s.vectors_mut(cx.db, key)? {
        Some(set) => fit(given, &options, set)?,
        None => {
            if given.reduce.is_some_and(|dim| dim.saturating_mul(given.values.len()) > MAX_FACTORS) {
                return Err("ERR drydock: projections of more than 16777216 factors are not emulated here".into());
            }
            let projection = given.reduce.map(|dim| Projection::new(given.values.len(), dim));
            let values = projection.as_ref().map_or_else(|| given.values.clone(), |p| p.apply(&given.values));
            let uid = cx.s.next_vectors();
            let mut set = VectorSet::new(values.len(), options.quant, options.m, uid);
            set.projection = projection;
            cx.s.add_key(cx.db, key, Value::Vectors(Box::new(set)));
            values
        }
    };
    let Some(set) = cx.s.vectors_mut(cx.db, key)? else { return Ok(()) };
    let added = set.insert(name, values, options.attribute, level, options.ef);
    cx.out.boolean(added);
    if added {
        super::changed(cx, key);
    } else {
        // The real server tells neither replicas nor the append only file of an element that only changed.
        cx.s.key_modified(cx.db, key, cx.client);
    }
    Ok(())
}

/// The vector as the set has them, if it can be one of its vectors.
fn fit(given: super::Given, options: &Options<'_>, set: &VectorSet) -> Result<Vec<f32>, Fail> {
    if set.quant != options.quant {
        return Err("ERR asked quantization mismatch with existing vector set".into());
    }
    if set.graph().m != options.m {
        return Err("ERR asked M value mismatch with existing vector set".into());
    }
    let dim = given.values.len();
    match (&set.projection, given.reduce) {
        (None, _) if dim != set.dim() => Err(super::wrong_dim(dim, set)),
        (Some(_), reduce) if reduce != Some(set.dim()) => Err(super::wrong_dim(dim, set)),
        (None, Some(_)) => Err("ERR cannot add projection to existing set without projection".into()),
        _ => super::project(given.values, set),
    }
}
