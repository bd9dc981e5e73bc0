//! FUNCTION LOAD [REPLACE] function-code

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "function|load",
    arity: -3,
    flags: flag::WRITE | flag::DENYOOM | flag::NOSCRIPT,
    acl: acl::WRITE | acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_shards", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Creates a library.",
        since: "7.0.0",
        group: "scripting",
        complexity: "O(1) (considering compilation time is redundant)",
        args: "replace:t=REPLACE? function-code:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (last, mut replace) = (cx.argc() - 1, false);
    for at in 2..last {
        if !cx.is(at, "replace") {
            return Err(Fail::Bytes([b"ERR Unknown option given: ".as_slice(), cx.arg(at)].concat()));
        }
        replace = true;
    }
    let limited = !cx.s.obeys(cx.client);
    let name = cx.s.load_library(cx.arg(last), replace, limited).map_err(Fail::Bytes)?;
    cx.s.dirty += 1;
    cx.out.bulk(&name);
    Ok(())
}
