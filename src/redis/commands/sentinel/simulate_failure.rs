//! SENTINEL SIMULATE-FAILURE mode [mode ...]

use super::super::prelude::*;
use crate::sentinel::simulate;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|simulate-failure",
    arity: -3,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Simulates failover scenarios.",
        since: "3.2.0",
        group: "sentinel",
        complexity: "",
        args: "mode:o?*(crash-after-election:t crash-after-promotion:t help:t)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::work(cx, |watch, words, out| {
        watch.me.simulate = 0;
        for word in words.iter().skip(2) {
            match word.to_ascii_lowercase().as_str() {
                "crash-after-election" => {
                    watch.me.simulate |= simulate::AFTER_ELECTION;
                    watch.server.warn("Failure simulation: this Sentinel will crash after being successfully elected as failover leader");
                }
                "crash-after-promotion" => {
                    watch.me.simulate |= simulate::AFTER_PROMOTION;
                    watch.server.warn(
                        "Failure simulation: this Sentinel will crash after promoting the selected replica to master",
                    );
                }
                "help" => {
                    out.texts(&["crash-after-election", "crash-after-promotion"]);
                    return Ok(());
                }
                _ => return Err("ERR Unknown failure simulation specified".into()),
            }
        }
        out.ok();
        Ok(())
    })
}
