//! What the commands of vector sets share: their vectors among the words, and the set at a key.

pub mod vadd;
pub mod vcard;
pub mod vdim;
pub mod vemb;
pub mod vgetattr;
pub mod vinfo;
pub mod vismember;
pub mod vlinks;
pub mod vrandmember;
pub mod vrange;
pub mod vrem;
pub mod vsetattr;
pub mod vsim;

use super::prelude::*;
use crate::data::vectors::quant::floats;
use crate::data::vectors::{MAX_DIM, VectorSet};

/// The error about a vector that is not one.
const BAD_VECTOR: &str = "ERR invalid vector specification";
/// What the commands' keys are, as the module registers them all.
pub const KEYS: &[KeySpec] = &[KeySpec {
    begin: Begin::Index(1),
    find: Find::Range(0, 1, 0),
    flags: key::RW | key::ACCESS | key::UPDATE,
    notes: "",
}];

/// A vector among a command's words.
pub struct Given {
    /// The components.
    pub values: Vec<f32>,
    /// REDUCE: components that are wanted.
    pub reduce: Option<usize>,
    /// The word behind it.
    pub end: usize,
}

/// `[REDUCE dim] FP32 blob | VALUES n x…` from word 2 on.
pub fn parse(cx: &Cx<'_>, may_reduce: bool) -> Result<Given, Fail> {
    read(cx, may_reduce).ok_or_else(|| BAD_VECTOR.into())
}

fn read(cx: &Cx<'_>, may_reduce: bool) -> Option<Given> {
    let (mut at, mut reduce) = (2, None);
    if may_reduce && cx.argc() > 4 && cx.is(2, "REDUCE") {
        reduce = Some(usize::try_from(resp::parse_i64(cx.arg(3))?).ok().filter(|dim| *dim > 0)?);
        at = 4;
    }
    (cx.argc() >= at + 2).then_some(())?;
    let (values, end) = if cx.is(at, "FP32") {
        let blob = cx.arg(at + 1);
        (blob.len() >= 4 && blob.len().is_multiple_of(4)).then_some(())?;
        (floats(blob), at + 2)
    } else if cx.is(at, "VALUES") {
        let dim = usize::try_from(resp::parse_i64(cx.arg(at + 1))?).ok().filter(|dim| (1..=MAX_DIM).contains(dim))?;
        let words = cx.argv.get(at + 2..at + 2 + dim)?;
        let number = |word: &&[u8]| crate::server::number::parse_double(word).map(|x| x as f32);
        (words.iter().map(number).collect::<Option<_>>()?, at + 2 + dim)
    } else {
        return None;
    };
    (values.len() <= MAX_DIM && reduce.is_none_or(|dim| dim <= values.len())).then_some(Given { values, reduce, end })
}

/// The error about a vector with the wrong number of components.
pub fn wrong_dim(got: usize, set: &VectorSet) -> Fail {
    format!("ERR Vector dimension mismatch - got {got} but set has {}", set.dim()).into()
}

/// The vector with as many components as the set's, projected where the set does that.
pub fn project(values: Vec<f32>, set: &VectorSet) -> Result<Vec<f32>, Fail> {
    match &set.projection {
        Some(projection) if values.len() != projection.input => Err(format!(
            "ERR Input dimension mismatch for projection - got {} but projection expects {}",
            values.len(),
            projection.input
        )
        .into()),
        Some(projection) => Ok(projection.apply(&values)),
        None => Ok(values),
    }
}

/// How like each other two are of which this is the distance, from 0 to 1.
pub fn score(distance: f32) -> f64 {
    1.0 - f64::from(distance) / 2.0
}

/// Tells of a set that was changed: watchers and replicas, but no listeners, as with all that modules do.
pub fn changed(cx: &mut Cx<'_>, key: &[u8]) {
    cx.s.key_modified(cx.db, key, cx.client);
    cx.s.dirty += 1;
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[track_caller]
    fn check(bench: &mut Bench, words: &str, reply: &str) {
        assert_eq!(bench.run(words), reply, "{words}");
    }

    /// Replies are those of redis-server 8.6.3.
    #[test]
    fn a_vector_set_from_its_first_element_to_its_last() {
        let mut bench = Bench::start("");
        check(&mut bench, "VADD k VALUES 3 1 2 3 a", "1");
        check(&mut bench, "VADD k VALUES 3 3 -1 0.5 b SETATTR {\"x\":1}", "1");
        check(&mut bench, "VADD k VALUES 3 3 -1 0.5 b", "0");
        check(&mut bench, "VADD k VALUES 2 1 2 a", "ERR Vector dimension mismatch - got 2 but set has 3");
        check(&mut bench, "VADD k VALUES 3 1 2 a", "ERR invalid vector specification");
        check(&mut bench, "VADD k VALUES 3 1 2 3 a BIN", "ERR asked quantization mismatch with existing vector set");
        check(&mut bench, "TYPE k", "vectorset");
        check(&mut bench, "VSIM k ELE a WITHSCORES", "(a 1 b 0.6031418144702911)");
        check(&mut bench, "VSIM k ELE a FILTER .x==1", "(b)");
        check(&mut bench, "VSIM k ELE a FILTER .x@", "ERR syntax error in FILTER expression near: @");
        check(&mut bench, "VEMB k a", "(0.992125928401947 2.007874011993408 3)");
        check(&mut bench, "VLINKS k a WITHSCORES", "((b 0.6032002568244934))");
        check(&mut bench, "VRANGE k (a +", "(b)");
        check(&mut bench, "VGETATTR k b", "{\"x\":1}");
        check(&mut bench, "VREM k a", "1");
        check(&mut bench, "VREM k b", "1");
        check(&mut bench, "EXISTS k", "0");
    }

    #[test]
    fn a_vector_set_is_the_same_after_it_was_read_back() {
        let mut bench = Bench::start("");
        for (name, words) in [("q8", ""), ("f32", " NOQUANT"), ("bin", " BIN M 8")] {
            for n in 0..50 {
                let attribute = if n % 3 == 0 { " SETATTR {\"n\":1}" } else { "" };
                bench.run(&format!("VADD {name} REDUCE 2 VALUES 3 {} {} 1 e{n}{words}{attribute}", n % 7, 25 - n));
            }
            let before = [
                format!("DEBUG DIGEST-VALUE {name}"),
                format!("VLINKS {name} e7"),
                format!("VSIM {name} VALUES 3 1 2 3"),
            ];
            let replies = before.clone().map(|words| bench.run(&words));
            bench.run("DEBUG RELOAD");
            assert_eq!(before.map(|words| bench.run(&words)), replies, "{name}");
            assert!(bench.run(&format!("VINFO {name}")).contains("projection-input-dim 3"));
        }
    }
}
