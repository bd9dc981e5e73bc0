//! SENTINEL DEBUG [parameter value ...]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|debug",
    arity: -2,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Lists or updates the current configurable parameters of Redis Sentinel.",
        since: "7.0.0",
        group: "sentinel",
        complexity: "O(N) where N is the number of configurable parameters",
        args: "data:b?*(parameter:s value:s)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::work(cx, |watch, words, out| match words.get(2..) {
        None | Some([]) => {
            watch.reply_periods(out);
            Ok(())
        }
        Some(rest) => {
            watch.set_periods(rest)?;
            out.ok();
            Ok(())
        }
    })
}
