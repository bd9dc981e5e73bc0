//! XGROUP

mod create;
mod createconsumer;
mod delconsumer;
mod destroy;
mod help;
mod setid;

use super::prelude::*;
use crate::commands::stream::no_such_group;
use crate::data::stream::{Group, Stream};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xgroup",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for consumer groups commands.",
        since: "5.0.0",
        group: "stream",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[
        &create::COMMAND,
        &createconsumer::COMMAND,
        &delconsumer::COMMAND,
        &destroy::COMMAND,
        &help::COMMAND,
        &setid::COMMAND,
    ],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}

/// The error for words that fit no form of the subcommand.
fn bad_syntax(cx: &Cx<'_>) -> Fail {
    Fail::Bytes(crate::server::errors::subcommand_syntax(cx.argv))
}

/// The options of CREATE and SETID: whether MKSTREAM stands there, and ENTRIESREAD.
fn options(cx: &Cx<'_>, create: bool) -> Result<(bool, Option<i64>), Fail> {
    let (mut make, mut read, mut at) = (false, None, 5);
    while at < cx.argc() {
        if create && cx.is(at, "MKSTREAM") {
            make = true;
        } else if cx.is(at, "ENTRIESREAD") && at + 1 < cx.argc() {
            at += 1;
            read = match cx.int(at)? {
                -1 => None,
                n if n < 0 => return Err("ERR value for ENTRIESREAD must be positive or -1".into()),
                n => Some(n),
            };
        } else {
            return Err(bad_syntax(cx));
        }
        at += 1;
    }
    Ok((make, read))
}

/// The stream, which must be there.
fn existing<'a>(cx: &'a mut Cx<'_>) -> Result<&'a mut Stream, Fail> {
    const MISSING: &str = "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.";
    cx.s.stream_mut(cx.db, cx.arg(2))?.ok_or(MISSING.into())
}

/// The group, which must be there.
fn existing_group<'a>(cx: &'a mut Cx<'_>) -> Result<&'a mut Group, Fail> {
    let (key, name) = (cx.arg(2), cx.arg(3));
    existing(cx)?.groups.get_mut(name).ok_or_else(|| no_such_group(key, name))
}

/// Tells of a change to a group, which is none to the stream's entries: transactions that watch the
/// key go through.
fn tell(cx: &mut Cx<'_>, event: &str) {
    cx.s.dirty += 1;
    cx.s.notify(notify::STREAM, event, cx.arg(2), cx.db);
}
