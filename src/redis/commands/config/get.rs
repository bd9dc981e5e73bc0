//! CONFIG GET parameter [...]

use super::super::prelude::*;
use crate::config::{Id, PARAMS, params};
use crate::server::glob;
use std::collections::BTreeMap;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "config|get",
    arity: -3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the effective values of configuration parameters.",
        since: "2.0.0",
        group: "server",
        complexity: "O(N) when N is the number of configuration parameters provided",
        args: "parameter:s*",
        history: &[("7.0.0", "Added the ability to pass multiple pattern parameters in one call")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let mut found: BTreeMap<&'static str, Id> = BTreeMap::new();
    for pattern in &cx.argv[2..] {
        let wild = pattern.iter().any(|c| b"*?[".contains(c));
        for (at, param) in PARAMS.iter().enumerate() {
            for name in std::iter::once(param.name).chain(param.alias) {
                let hidden = wild && param.flags & params::HIDDEN != 0;
                if !hidden && glob::matches(pattern, name.as_bytes(), true) {
                    found.insert(name, Id(at));
                }
            }
        }
    }
    cx.out.map(found.len());
    for (name, id) in found {
        cx.out.text(name);
        let value = machine::text::to_bytes(&cx.s.config.show(id));
        cx.out.bulk(&value);
    }
    Ok(())
}
