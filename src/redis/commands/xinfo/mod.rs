//! XINFO

mod consumers;
mod groups;
mod help;
mod stream;

use super::prelude::*;
use crate::commands::stream::reply_id;
use crate::data::stream::StreamId;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xinfo",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for stream introspection commands.",
        since: "5.0.0",
        group: "stream",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[&consumers::COMMAND, &groups::COMMAND, &help::COMMAND, &stream::COMMAND],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}

/// Writes a name and a number, or nothing where the number can't be known.
fn number(out: &mut resp::Reply, name: &str, n: Option<i64>) {
    out.text(name);
    match n {
        Some(n) => out.int(n),
        None => out.null(),
    }
}

/// Writes a name and an id.
fn id(out: &mut resp::Reply, name: &str, id: StreamId) {
    out.text(name);
    reply_id(out, id);
}
