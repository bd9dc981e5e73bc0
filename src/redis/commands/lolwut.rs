//! LOLWUT [VERSION version]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "lolwut",
    arity: -1,
    flags: flag::READONLY | flag::FAST,
    acl: acl::READ | acl::FAST,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Displays computer art and the Redis version",
        since: "5.0.0",
        group: "server",
        complexity: "",
        args: "version:i=VERSION?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let text = format!("Redis ver. {}\n", cx.s.config.version);
    cx.out.verbatim("txt", text.as_bytes());
    Ok(())
}
