//! RESTORE-ASKING key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "restore-asking",
    arity: -4,
    flags: flag::WRITE | flag::DENYOOM | flag::ASKING,
    acl: acl::KEYSPACE | acl::WRITE | acl::SLOW | acl::DANGEROUS,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::OW | key::UPDATE, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "An internal command for migrating keys in a cluster.",
        since: "3.0.0",
        group: "server",
        complexity: "O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of Redis objects composing the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because inserting values into sorted sets is O(log(N)).",
        args: "key:k@0 ttl:i serialized-value:s replace:t=REPLACE?^3.0.0 absttl:t=ABSTTL?^5.0.0 seconds:i=IDLETIME?^5.0.0 frequency:i=FREQ?^5.0.0",
        history: &[
            ("3.0.0", "Added the `REPLACE` modifier."),
            ("5.0.0", "Added the `ABSTTL` modifier."),
            ("5.0.0", "Added the `IDLETIME` and `FREQ` options."),
        ],
        deprecated: None,
        flags: &["syscmd"],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::restore::run(cx)
}
