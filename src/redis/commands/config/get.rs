//! CONFIG GET parameter [...]

use super::super::prelude::*;
use crate::config::{self, Id, PARAMS, params};
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
    // A name is shown as it was asked for; those that a pattern matches as they are.
    let mut found: BTreeMap<Vec<u8>, Id> = BTreeMap::new();
    for pattern in &cx.argv[2..] {
        if !pattern.iter().any(|c| b"*?[".contains(c)) {
            if let Some(id) = config::find(pattern) {
                let known = found.keys().any(|name| name.eq_ignore_ascii_case(pattern));
                if !known {
                    found.insert(pattern.to_vec(), id);
                }
            }
            continue;
        }
        for (at, param) in PARAMS.iter().enumerate().filter(|(_, p)| p.flags & params::HIDDEN == 0) {
            for name in std::iter::once(param.name).chain(param.alias) {
                if glob::matches(pattern, name.as_bytes(), true) {
                    found.insert(name.as_bytes().to_vec(), Id(at));
                }
            }
        }
    }
    cx.out.map(found.len());
    for (name, id) in found {
        cx.out.bulk(&name);
        let value = machine::text::to_bytes(&cx.s.config.show(id));
        cx.out.bulk(&value);
    }
    Ok(())
}
