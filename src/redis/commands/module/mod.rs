//! MODULE

mod help;
mod list;
mod load;
mod loadex;
mod unload;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "module",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for module commands.",
        since: "4.0.0",
        group: "server",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[&help::COMMAND, &list::COMMAND, &load::COMMAND, &loadex::COMMAND, &unload::COMMAND],
    run,
};

/// The modules that are loaded, for MODULE LIST and HELLO: the one that is part of the server.
pub fn loaded(out: &mut resp::Reply) {
    out.array(1);
    out.map(4);
    out.text("name");
    out.text("vectorset");
    out.text("ver");
    out.int(1);
    out.text("path");
    out.text("");
    out.text("args");
    out.array(0);
}

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}
