//! SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]

use super::prelude::*;
use crate::server::client::BlockedOn;
use crate::server::shutdown::How;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "shutdown",
    arity: -1,
    flags: flag::ADMIN
        | flag::NOSCRIPT
        | flag::LOADING
        | flag::STALE
        | flag::NO_MULTI
        | flag::ALLOW_BUSY
        | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Synchronously saves the database(s) to disk and shuts down the Redis server.",
        since: "1.0.0",
        group: "server",
        complexity: "O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)",
        args: "save-selector:o?(nosave:t=NOSAVE save:t=SAVE) now:t=NOW?^7.0.0 force:t=FORCE?^7.0.0 abort:t=ABORT?^7.0.0",
        history: &[("7.0.0", "Added the `NOW`, `FORCE` and `ABORT` modifiers.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (mut how, mut abort) = (How::default(), false);
    for at in 1..cx.argc() {
        match cx.arg(at).to_ascii_uppercase().as_slice() {
            b"NOSAVE" if !how.save => how.nosave = true,
            b"SAVE" if !how.nosave => how.save = true,
            b"NOW" => how.now = true,
            b"FORCE" => how.force = true,
            b"ABORT" => abort = true,
            _ => return Err(err::SYNTAX.into()),
        }
    }
    if abort && cx.argc() > 2 {
        return Err(err::SYNTAX.into());
    }
    if abort {
        if !cx.s.abort_shutdown() {
            return Err("ERR No shutdown in progress.".into());
        }
        cx.out.ok();
        return Ok(());
    }
    if !how.nosave
        && let Some(text) = cx.s.script_busy()
    {
        return Err(text.into());
    }
    if cx.no_block && !how.now {
        return Err("ERR SHUTDOWN without NOW or ABORT isn't allowed for DENY BLOCKING client".into());
    }
    if cx.s.prepare_shutdown(how) {
        return Ok(());
    }
    if cx.s.shutdown.is_none() {
        return Err("ERR Errors trying to SHUTDOWN. Check logs.".into());
    }
    cx.s.block(cx.client, BlockedOn::Shutdown, 0, cx.argv);
    Ok(())
}
