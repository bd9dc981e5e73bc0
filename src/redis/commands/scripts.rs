//! What EVAL, EVALSHA, FCALL and their kinds that only read have in common.

use super::prelude::*;
use crate::scripting::{Request, debug, sha1_hex};

const NO_SCRIPT: &str = "NOSCRIPT No matching script. Please use EVAL.";

/// EVAL script numkeys [key …] [arg …]
pub fn eval(cx: &mut Cx<'_>, read_only: bool) -> Res {
    cx.show_script();
    if debug::fork::begin(cx)? {
        return Ok(());
    }
    let result = eval_script(cx, read_only);
    if !cx.s.is_parking() && cx.s.debugs(cx.client) {
        cx.s.end_debugging();
    }
    result
}

fn eval_script(cx: &mut Cx<'_>, read_only: bool) -> Res {
    let keys = cx.script_keys(err::NOT_INT)?;
    let text = cx.arg(1);
    let name = if cx.s.scripting.count() == 0 { None } else { Some(sha1_hex(text)) };
    let name = match name.filter(|sha| cx.s.scripting.knows(sha.as_bytes())) {
        Some(name) => name,
        None => cx.s.add_script(text, false).map_err(Fail::Bytes)?,
    };
    run(cx, name, keys, read_only)
}

/// EVALSHA sha1 numkeys [key …] [arg …]
pub fn evalsha(cx: &mut Cx<'_>, read_only: bool) -> Res {
    cx.show_script();
    if cx.arg(1).len() != 40 {
        return Err(NO_SCRIPT.into());
    }
    if cx.me().debug.is_some() {
        return Err("ERR Please use EVAL instead of EVALSHA for debugging".into());
    }
    let keys = cx.script_keys(err::NOT_INT)?;
    let name = String::from_utf8_lossy(cx.arg(1)).to_ascii_lowercase();
    run(cx, name, keys, read_only)
}

fn run(cx: &mut Cx<'_>, name: String, keys: usize, read_only: bool) -> Res {
    let Some((flags, pin)) = cx.s.scripting.use_script(&name) else { return Err(NO_SCRIPT.into()) };
    cx.run_script(keys, Request { name, flags, pin, eval: true, read_only })
}

/// FCALL function numkeys [key …] [arg …]
pub fn fcall(cx: &mut Cx<'_>, read_only: bool) -> Res {
    cx.show_script();
    let Some((name, function)) = cx.s.scripting.functions.named(cx.arg(1)) else {
        return Err("ERR Function not found".into());
    };
    let (name, flags, pin) = (String::from_utf8_lossy(name).into_owned(), function.flags, function.pin);
    let keys = cx.script_keys("ERR Bad number of keys provided")?;
    cx.run_script(keys, Request { name, flags, pin, eval: false, read_only })
}
