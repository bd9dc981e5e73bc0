//! HOTKEYS HELP

use super::super::prelude::*;
use crate::commands::help;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "hotkeys|help",
    arity: 2,
    flags: flag::LOADING | flag::STALE,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Return helpful text about HOTKEYS command parameters.",
        since: "8.6.1",
        group: "server",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    help::reply(
        cx,
        &[
            "START <METRICS count [CPU] [NET]> [COUNT k] [DURATION duration] [SAMPLE ratio] [SLOTS count slot...]",
            "    Starts hotkeys tracking with specified metrics.",
            "    * METRICS count [CPU] [NET]",
            "        Specify count of metrics and choose amongst:",
            "        - CPU: Track hotkeys by CPU time percentage",
            "        - NET: Track hotkeys by network bytes percentage",
            "    * COUNT k",
            "        Specifies the value of K for the top-K hotkeys tracking. Default: 10",
            "    * DURATION duration",
            "        Specifies tracking duration in seconds. 0 means tracking will continue until manually stopped. Default: 0",
            "    * SAMPLE ratio",
            "        Keys are tracked with probability 1/ratio. Default: 1 (tracks every key)",
            "    * SLOTS count slot...",
            "        Specify which slots to track keys from. Only available in cluster mode. Default: empty (track all slots)",
            "STOP",
            "    Stop hotkeys tracking. Results are still available via GET",
            "GET",
            "    Get results from hotkeys tracking.",
            "RESET",
            "    Reset memory used for hotkeys tracking. Tracking must have been stopped.",
            "    Results will no longer be available after this command.",
        ],
    )
}
