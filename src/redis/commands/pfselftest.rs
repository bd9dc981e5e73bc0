//! PFSELFTEST

use super::prelude::*;
use crate::data::hll;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "pfselftest",
    arity: 1,
    flags: flag::ADMIN,
    acl: acl::HYPERLOGLOG | acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "An internal command for testing HyperLogLog values.",
        since: "2.8.9",
        group: "hyperloglog",
        complexity: "N/A",
        args: "",
        history: &[],
        deprecated: None,
        flags: &["syscmd"],
    },
    subs: &[],
    run,
};

/// Up to where counts are compared with what was counted. The original goes ten times as far.
const LAST: u64 = 1_000_000;

fn run(cx: &mut Cx<'_>) -> Res {
    let max = cx.s.config.size(crate::config::HLL_SPARSE_MAX_BYTES);
    let seed = cx.s.random();
    let (mut dense, mut grown) = (hll::empty(), hll::empty());
    let corrupt = |_| Fail::from(super::hyperloglog::CORRUPT);
    hll::make_dense(&mut dense).map_err(corrupt)?;
    let mut checkpoint = 1;
    for n in 1..=LAST {
        let element = (n ^ seed).to_le_bytes();
        hll::add(&mut dense, &element, max).map_err(corrupt)?;
        hll::add(&mut grown, &element, max).map_err(corrupt)?;
        if n != checkpoint {
            continue;
        }
        if (n as usize) < max / 2 && hll::is_dense(&grown) {
            return Err("ERR TESTFAILED sparse encoding not used".into());
        }
        let count = hll::count(&dense).map_err(corrupt)?;
        if hll::count(&grown).map_err(corrupt)? != count {
            return Err("ERR TESTFAILED dense/sparse disagree".into());
        }
        // Six times the standard error.
        let allowed = if n == 10 { 1 } else { (1.04 / (hll::REGISTERS as f64).sqrt() * 6.0 * n as f64).ceil() as u64 };
        if n.abs_diff(count) > allowed {
            return Err(format!("ERR TESTFAILED Too big error. card:{n} abserr:{}", n.abs_diff(count)).into());
        }
        checkpoint *= 10;
    }
    cx.out.ok();
    Ok(())
}
