//! CLIENT

mod caching;
pub(crate) mod filter;
mod getname;
mod getredir;
mod help;
mod id;
mod info;
mod kill;
mod list;
mod no_evict;
mod no_touch;
mod pause;
mod reply;
mod setinfo;
mod setname;
mod tracking;
mod trackinginfo;
mod unblock;
mod unpause;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client",
    arity: -2,
    flags: flag::SENTINEL,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for client connection commands.",
        since: "2.4.0",
        group: "connection",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[
        &caching::COMMAND,
        &getname::COMMAND,
        &getredir::COMMAND,
        &help::COMMAND,
        &id::COMMAND,
        &info::COMMAND,
        &kill::COMMAND,
        &list::COMMAND,
        &no_evict::COMMAND,
        &no_touch::COMMAND,
        &pause::COMMAND,
        &reply::COMMAND,
        &setinfo::COMMAND,
        &setname::COMMAND,
        &tracking::COMMAND,
        &trackinginfo::COMMAND,
        &unblock::COMMAND,
        &unpause::COMMAND,
    ],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}

/// ON or OFF.
fn on_or_off(cx: &Cx<'_>, at: usize) -> Result<bool, Fail> {
    match cx.arg(at).to_ascii_lowercase().as_slice() {
        b"on" => Ok(true),
        b"off" => Ok(false),
        _ => Err(err::SYNTAX.into()),
    }
}
