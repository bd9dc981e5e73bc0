//! COMMAND

mod count;
mod docs;
mod getkeys;
mod getkeysandflags;
mod help;
mod info;
mod list;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "command",
    arity: -1,
    flags: flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output_order"],
    docs: Docs {
        summary: "Returns detailed information about all commands.",
        since: "2.8.13",
        group: "server",
        complexity: "O(N) where N is the total number of Redis commands",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[
        &count::COMMAND,
        &docs::COMMAND,
        &getkeys::COMMAND,
        &getkeysandflags::COMMAND,
        &help::COMMAND,
        &info::COMMAND,
        &list::COMMAND,
    ],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() == 1 {
        let sentinel = cx.s.sentinel_mode;
        let all = super::all_in(sentinel);
        cx.out.array(all.len());
        for command in all {
            super::docs::reply_info(command, sentinel, cx.out);
        }
    }
    Ok(())
}

/// The command or subcommand (`container|name`) of that name.
fn by_full_name(name: &[u8], sentinel: bool) -> Option<&'static Command> {
    let found = match name.iter().position(|c| *c == b'|') {
        Some(at) => super::find(&name[..at])?.sub(&name[at + 1..]),
        None => super::find(name),
    };
    found.filter(|command| command.exists(sentinel))
}

/// The keys of the command that follows GETKEYS.
fn keys_of(cx: &Cx<'_>) -> Result<Vec<super::key_specs::KeyAt>, Fail> {
    let argv = &cx.argv[2..];
    let Ok(command) = cx.s.find_command(argv) else { return Err("ERR Invalid command specified".into()) };
    if !super::key_specs::any(command) {
        return Err("ERR The command has no key arguments".into());
    }
    if !command.takes(argv.len()) {
        return Err("ERR Invalid number of arguments specified for command".into());
    }
    match super::key_specs::of(command, argv) {
        Some(keys) if !keys.is_empty() || command.has(flag::NO_MANDATORY_KEYS) => Ok(keys),
        _ => Err("ERR Invalid arguments specified for command".into()),
    }
}
