//! CLIENT UNBLOCK client-id [TIMEOUT | ERROR]

use super::super::prelude::*;
use crate::server::client::BlockedOn;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|unblock",
    arity: -3,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Unblocks a client blocked by a blocking command from a different connection.",
        since: "5.0.0",
        group: "connection",
        complexity: "O(log N) where N is the number of client connections",
        args: "client-id:i unblock-type:o?(timeout:t=TIMEOUT error:t=ERROR)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 4 {
        return Err(Fail::Bytes(crate::server::errors::subcommand_syntax(cx.argv)));
    }
    let error = match cx.arg(3).to_ascii_uppercase().as_slice() {
        b"" | b"TIMEOUT" => false,
        b"ERROR" => true,
        _ => return Err("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR".into()),
    };
    let id = cx.int_or(2, "ERR value is not an integer or out of range")? as u64;
    let waits =
        cx.s.client(id)
            .blocked
            .as_ref()
            .is_some_and(|b| matches!(b.on, BlockedOn::Keys { .. } | BlockedOn::Replicas { .. }));
    if waits && error {
        cx.s.end_waiting(id, "UNBLOCKED client unblocked via CLIENT UNBLOCK");
    } else if waits {
        cx.s.give_up(id);
    }
    cx.out.int(i64::from(waits));
    Ok(())
}
