//! CLIENT REPLY <ON | OFF | SKIP>

use super::super::prelude::*;
use crate::server::client::ReplyMode;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|reply",
    arity: 3,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Instructs the server whether to reply to commands.",
        since: "3.2.0",
        group: "connection",
        complexity: "O(1)",
        args: "action:o(on:t=ON off:t=OFF skip:t=SKIP)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let mode = match cx.arg(2).to_ascii_uppercase().as_slice() {
        b"ON" => ReplyMode::On,
        b"OFF" => ReplyMode::Off,
        b"SKIP" => ReplyMode::SkipNext,
        _ => return Err(err::SYNTAX.into()),
    };
    let was = cx.me().reply_mode;
    if mode == ReplyMode::SkipNext && was == ReplyMode::Off {
        return Ok(());
    }
    cx.me().reply_mode = mode;
    // Turning replies on again is answered by the dispatcher, since replies are still off here.
    if mode == ReplyMode::On && was == ReplyMode::On {
        cx.out.ok();
    }
    Ok(())
}
