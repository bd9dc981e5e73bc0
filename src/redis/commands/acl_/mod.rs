//! ACL

mod cat;
mod deluser;
mod dryrun;
mod genpass;
mod getuser;
mod help;
mod list;
mod load;
mod log;
mod save;
mod setuser;
mod users;
mod whoami;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl",
    arity: -2,
    flags: flag::SENTINEL,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for Access List Control commands.",
        since: "6.0.0",
        group: "server",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[
        &cat::COMMAND,
        &deluser::COMMAND,
        &dryrun::COMMAND,
        &genpass::COMMAND,
        &getuser::COMMAND,
        &help::COMMAND,
        &list::COMMAND,
        &load::COMMAND,
        &log::COMMAND,
        &save::COMMAND,
        &setuser::COMMAND,
        &users::COMMAND,
        &whoami::COMMAND,
    ],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}

/// LOAD and SAVE need `aclfile`.
fn need_file(cx: &Cx<'_>) -> Res {
    if cx.s.config.text(crate::config::ACLFILE).is_empty() {
        return Err("ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.".into());
    }
    Ok(())
}
