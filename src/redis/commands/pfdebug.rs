//! PFDEBUG subcommand key

use super::hyperloglog::{CORRUPT, value_mut};
use super::prelude::*;
use crate::data::hll;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "pfdebug",
    arity: 3,
    flags: flag::WRITE | flag::DENYOOM | flag::ADMIN,
    acl: acl::WRITE | acl::HYPERLOGLOG | acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (2, 2, 1),
    keys: &[KeySpec { begin: Begin::Index(2), find: Find::Range(0, 1, 0), flags: key::RW | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Internal commands for debugging HyperLogLog values.",
        since: "2.8.9",
        group: "hyperloglog",
        complexity: "N/A",
        args: "subcommand:s key:k@0",
        history: &[],
        deprecated: None,
        flags: &["syscmd"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let name = cx.arg(1).to_ascii_lowercase();
    let words = cx.argc();
    if name == b"simd" && words == 3 {
        if !cx.is(2, "on") && !cx.is(2, "off") {
            return Err("ERR Argument must be ON or OFF".into());
        }
        cx.out.simple("disabled");
        return Ok(());
    }
    let key = cx.arg(2);
    if name != b"simd" && cx.s.write(cx.db, key).is_none() {
        return Err("ERR The specified key does not exist".into());
    }
    let shown = String::from_utf8_lossy(cx.arg(1)).into_owned();
    if words != 3 && matches!(name.as_slice(), b"simd" | b"getreg" | b"decode" | b"encoding" | b"todense") {
        return Err(format!("ERR Wrong number of arguments for the '{shown}' subcommand").into());
    }
    let (bytes, _) = value_mut(cx, key)?;
    match name.as_slice() {
        b"getreg" => {
            let registers: Vec<u8> = to_dense(cx, key)?.1;
            cx.out.array(registers.len());
            registers.iter().for_each(|r| cx.out.int(i64::from(*r)));
        }
        b"decode" if hll::is_dense(bytes) => return Err("ERR HLL encoding is not sparse".into()),
        b"decode" => {
            let text = hll::describe(bytes);
            cx.out.text(&text);
        }
        b"encoding" => {
            let name = if hll::is_dense(bytes) { "dense" } else { "sparse" };
            cx.out.simple(name);
        }
        b"todense" => {
            let converted = to_dense(cx, key)?.0;
            cx.out.int(i64::from(converted));
        }
        _ => return Err(format!("ERR Unknown PFDEBUG subcommand '{shown}'").into()),
    }
    Ok(())
}

/// Makes a value dense; whether it was not before, and its registers.
fn to_dense(cx: &mut Cx<'_>, key: &[u8]) -> Result<(bool, Vec<u8>), Fail> {
    let (bytes, _) = value_mut(cx, key)?;
    let sparse = !hll::is_dense(bytes);
    hll::make_dense(bytes).map_err(|_| Fail::from(CORRUPT))?;
    let registers = hll::dense_registers(bytes).collect();
    cx.s.dirty += u64::from(sparse);
    Ok((sparse, registers))
}
