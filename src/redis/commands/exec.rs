//! EXEC

use super::prelude::*;
use crate::acl::{Context, Denial};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "exec",
    arity: 1,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SKIP_SLOWLOG,
    acl: acl::SLOW | acl::TRANSACTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Executes all commands in a transaction.",
        since: "1.2.0",
        group: "transactions",
        complexity: "Depends on commands in the transaction",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let id = cx.client;
    let Some(multi) = cx.me().multi.clone() else { return Err("ERR EXEC without MULTI".into()) };
    if multi.broken {
        cx.s.discard(id);
        return Err("EXECABORT Transaction discarded because of previous errors.".into());
    }
    if cx.me().dirty_cas || cx.s.watched_expired(id) {
        cx.s.discard(id);
        cx.out.null_array();
        return Ok(());
    }
    cx.s.discard(id);
    cx.out.array(multi.queue.len());
    for words in &multi.queue {
        let argv: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        let command = match cx.s.find_command(&argv) {
            Ok(command) => command,
            Err(text) => {
                cx.out.error_bytes(&text);
                continue;
            }
        };
        if let Err(denial) = cx.s.acl_check_in(id, command, &argv, Context::Multi) {
            let text = match denial {
                Denial::Command => "no permission to execute the command or subcommand",
                Denial::Key(_) => "no permission to touch the specified keys",
                Denial::Channel(_) => "no permission to access one of the channels used as arguments to the command",
            };
            let text = format!(
                "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: {text}"
            );
            cx.s.count_error(text.as_bytes());
            cx.out.error(&text);
            continue;
        }
        cx.s.call(id, command, &argv, cx.out, true);
    }
    Ok(())
}
