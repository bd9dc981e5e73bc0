//! SENTINEL CONFIG GET parameter [parameter ...] | SET parameter value [parameter value ...]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|config",
    arity: -4,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Configures Redis Sentinel.",
        since: "6.2.0",
        group: "sentinel",
        complexity: "O(N) when N is the number of configuration parameters provided",
        args: "action:o(set:b=SET*(parameter:s value:s) parameter:s=GET*)",
        history: &[("7.2.0", "Added the ability to set and get multiple parameters in one call.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

const ONLY: &str = "ERR Only SENTINEL CONFIG GET <param> [<param> <param> ...] / SET <param> <value> [<param> <value> ...] are supported.";

fn run(cx: &mut Cx<'_>) -> Res {
    let (get, set) = (cx.is(2, "GET"), cx.is(2, "SET") && cx.argc() >= 5);
    super::work(cx, |watch, words, out| {
        let rest = words.get(3..).unwrap_or_default();
        match (get, set) {
            (true, _) => {
                watch.config_get(rest, out);
                Ok(())
            }
            (_, true) => watch.config_set(rest, out),
            _ => Err(ONLY.into()),
        }
    })
}
