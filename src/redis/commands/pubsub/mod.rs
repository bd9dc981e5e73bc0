//! PUBSUB

mod channels;
mod help;
mod numpat;
mod numsub;
mod shardchannels;
mod shardnumsub;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "pubsub",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for Pub/Sub commands.",
        since: "2.8.0",
        group: "pubsub",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[
        &channels::COMMAND,
        &help::COMMAND,
        &numpat::COMMAND,
        &numsub::COMMAND,
        &shardchannels::COMMAND,
        &shardnumsub::COMMAND,
    ],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}

/// CHANNELS and SHARDCHANNELS.
fn list(cx: &mut Cx<'_>, shard: bool) -> Res {
    if cx.argc() > 3 {
        return Err(Fail::Bytes(crate::server::errors::subcommand_syntax(cx.argv)));
    }
    let register = if shard { &cx.s.shard_channels } else { &cx.s.channels };
    let pattern = (cx.argc() == 3).then(|| cx.arg(2));
    let names: Vec<&Vec<u8>> =
        register.keys().filter(|name| pattern.is_none_or(|p| crate::server::glob::matches(p, name, false))).collect();
    cx.out.array(names.len());
    for name in names {
        cx.out.bulk(name);
    }
    Ok(())
}

/// NUMSUB and SHARDNUMSUB.
fn count(cx: &mut Cx<'_>, shard: bool) -> Res {
    cx.out.array((cx.argc() - 2) * 2);
    let register = if shard { &cx.s.shard_channels } else { &cx.s.channels };
    for name in &cx.argv[2..] {
        cx.out.bulk(name);
        cx.out.len(register.get(*name).map_or(0, std::collections::BTreeSet::len));
    }
    Ok(())
}
