//! ACL DRYRUN username command [arg [...]]

use super::super::prelude::*;
use crate::acl::Denial;
use crate::server::errors::until_nul;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "acl|dryrun",
    arity: -4,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Simulates the execution of a command by a user, without executing the command.",
        since: "7.0.0",
        group: "server",
        complexity: "O(1).",
        args: "username:s command:s arg:s?*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let name = machine::text::from_bytes(cx.arg(2));
    let Some(user) = cx.s.acl.user(&name) else {
        return Err(Fail::Bytes([b"ERR User '", until_nul(cx.arg(2)), b"' not found"].concat()));
    };
    let argv = &cx.argv[3..];
    let Ok(command) = cx.s.find_command(argv) else {
        return Err(Fail::Bytes([b"ERR Command '", until_nul(cx.arg(3)), b"' not found"].concat()));
    };
    if !command.takes(argv.len()) {
        return Err(crate::server::errors::arity(command.name).into());
    }
    match user.check(command, argv) {
        Ok(()) => cx.out.ok(),
        Err(denial) => {
            let named = match denial {
                Denial::Command => 0,
                Denial::Key(at) | Denial::Channel(at) => at,
            };
            cx.out.bulk(&denial.text(&name, command, Some(argv.get(named).copied().unwrap_or_default())));
        }
    }
    Ok(())
}
