//! FUNCTION LIST [LIBRARYNAME library-name-pattern] [WITHCODE]

use super::super::prelude::*;
use crate::scripting::script_flag;
use crate::server::glob;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "function|list",
    arity: -2,
    flags: flag::NOSCRIPT,
    acl: acl::SLOW | acl::SCRIPTING,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns information about all libraries.",
        since: "7.0.0",
        group: "scripting",
        complexity: "O(N) where N is the number of functions",
        args: "library-name-pattern:s=LIBRARYNAME? withcode:t=WITHCODE?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (mut with_code, mut pattern, mut at) = (false, None, 2);
    while at < cx.argc() {
        if !with_code && cx.is(at, "withcode") {
            with_code = true;
        } else if pattern.is_none() && cx.is(at, "libraryname") {
            if at + 1 >= cx.argc() {
                return Err("ERR library name argument was not given".into());
            }
            at += 1;
            pattern = Some(cx.arg(at));
        } else {
            return Err(Fail::Bytes([b"ERR Unknown argument ".as_slice(), cx.arg(at)].concat()));
        }
        at += 1;
    }
    let wanted = |name: &[u8]| pattern.is_none_or(|p| glob::matches(p, name, true));
    let libraries = &cx.s.scripting.functions.libraries;
    cx.out.array(libraries.keys().filter(|n| wanted(n)).count());
    for (name, library) in libraries.iter().filter(|(n, _)| wanted(n)) {
        cx.out.map(if with_code { 4 } else { 3 });
        cx.out.text("library_name");
        cx.out.bulk(name);
        cx.out.text("engine");
        cx.out.text("LUA");
        cx.out.text("functions");
        cx.out.array(library.functions.len());
        for (name, function) in &library.functions {
            cx.out.map(3);
            cx.out.text("name");
            cx.out.bulk(name);
            cx.out.text("description");
            match &function.description {
                Some(text) => cx.out.bulk(text),
                None => cx.out.null(),
            }
            cx.out.text("flags");
            let flags: Vec<&str> =
                script_flag::NAMES.iter().filter(|(f, _)| function.flags & f != 0).map(|(_, n)| *n).collect();
            cx.out.set(flags.len());
            flags.iter().for_each(|flag| cx.out.simple(flag));
        }
        if with_code {
            cx.out.text("library_code");
            cx.out.bulk(&library.code);
        }
    }
    Ok(())
}
