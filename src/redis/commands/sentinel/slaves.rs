//! SENTINEL SLAVES name

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|slaves",
    arity: 3,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns a list of the monitored replicas.",
        since: "2.8.0",
        group: "sentinel",
        complexity: "O(N) where N is the number of replicas.",
        args: "master-name:s",
        history: &[],
        deprecated: Some(("5.0.0", "`SENTINEL REPLICAS`")),
        flags: &["deprecated"],
    },
    subs: &[],
    run: super::replicas::run,
};
