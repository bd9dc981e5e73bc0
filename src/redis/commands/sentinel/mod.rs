//! SENTINEL

mod ckquorum;
mod config;
mod debug;
mod failover;
mod flushconfig;
mod get_master_addr_by_name;
mod help;
mod info_cache;
mod is_master_down_by_addr;
mod master;
mod masters;
mod monitor;
mod myid;
mod pending_scripts;
mod remove;
mod replicas;
mod reset;
mod sentinels;
mod set;
mod simulate_failure;
mod slaves;

use super::prelude::*;
use crate::sentinel::{Id, Watch};
use machine::text::from_bytes;
use resp::Reply;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel",
    arity: -2,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for Redis Sentinel commands.",
        since: "2.8.4",
        group: "sentinel",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[
        &ckquorum::COMMAND,
        &config::COMMAND,
        &debug::COMMAND,
        &failover::COMMAND,
        &flushconfig::COMMAND,
        &get_master_addr_by_name::COMMAND,
        &help::COMMAND,
        &info_cache::COMMAND,
        &is_master_down_by_addr::COMMAND,
        &master::COMMAND,
        &masters::COMMAND,
        &monitor::COMMAND,
        &myid::COMMAND,
        &pending_scripts::COMMAND,
        &remove::COMMAND,
        &replicas::COMMAND,
        &reset::COMMAND,
        &sentinels::COMMAND,
        &set::COMMAND,
        &simulate_failure::COMMAND,
        &slaves::COMMAND,
    ],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}

type MasterWork = fn(&mut Watch<'_>, Id, &[&str], &mut Reply) -> Res;

/// Lets the Sentinel answer; it gets all words of the command.
fn work(cx: &mut Cx<'_>, work: impl FnOnce(&mut Watch<'_>, &[&str], &mut Reply) -> Res) -> Res {
    let words: Vec<String> = cx.argv.iter().map(|word| from_bytes(word)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut result = Ok(());
    let out = &mut *cx.out;
    cx.s.as_sentinel(|watch| result = work(watch, &words, out));
    result
}

/// The same for a command about a master, whose name is its third word.
fn on_master(cx: &mut Cx<'_>, then: MasterWork) -> Res {
    work(cx, |watch, words, out| {
        let name = words.get(2).copied().unwrap_or_default();
        match watch.me.masters.get(name).copied() {
            Some(master) => then(watch, master, words, out),
            None => Err("ERR No such master with that name".into()),
        }
    })
}
