//! DEBUG: what tests of a server need to see and to switch.
//!
//! Its subcommands are no commands of their own: COMMAND and ACL know only DEBUG.

mod cluster;
mod config;
mod crash;
mod digest;
mod help;
mod object;
mod populate;
mod protocol;
mod reload;
mod replicate;
mod switches;
mod tables;

use super::prelude::*;
use std::ops::RangeInclusive;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "debug",
    arity: -2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::PROTECTED,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for debugging commands.",
        since: "1.0.0",
        group: "server",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &["syscmd"],
    },
    subs: &[],
    run,
};

/// One of DEBUG's subcommands, which COMMAND does not know.
struct Sub {
    name: &'static str,
    /// How many words it may have, `DEBUG` and its own name included.
    words: RangeInclusive<usize>,
    run: fn(&mut Cx<'_>) -> Res,
}

const fn sub(name: &'static str, words: RangeInclusive<usize>, run: fn(&mut Cx<'_>) -> Res) -> Sub {
    Sub { name, words, run }
}

/// Any number of words.
const ANY: usize = usize::MAX;

/// The subcommands, sorted.
static SUBCOMMANDS: &[Sub] = &[
    sub("allocsize-slots-assert", 3..=3, switches::assertion),
    sub("asm-failpoint", 4..=4, cluster::failpoint),
    sub("asm-trim-method", 3..=ANY, cluster::trim_method),
    sub("assert", 2..=2, crash::assert),
    sub("change-repl-id", 2..=2, replicate::change_id),
    sub("client-eviction", 2..=2, switches::client_eviction),
    sub("clusterlink", 5..=5, cluster::link),
    sub("config-rewrite-force-all", 2..=2, config::rewrite_all),
    sub("dict-resizing", 3..=3, switches::dict_resizing),
    sub("digest", 2..=2, digest::all),
    sub("digest-value", 2..=ANY, digest::values),
    sub("drop-cluster-packet-filter", 3..=3, cluster::drop_packets),
    sub("error", 3..=3, protocol::error),
    sub("help", 2..=2, help::run),
    sub("htstats", 3..=ANY, tables::database),
    sub("htstats-key", 3..=ANY, tables::key),
    sub("internal_secret", 2..=2, cluster::secret),
    sub("keysizes-hist-assert", 3..=3, switches::assertion),
    sub("listpack", 3..=3, object::listpack),
    sub("loadaof", 2..=ANY, reload::aof),
    sub("log", 3..=3, protocol::log),
    sub("mark-internal-client", 2..=3, switches::internal),
    sub("object", 3..=3, object::object),
    sub("oom", 2..=2, crash::out_of_memory),
    sub("panic", 2..=2, crash::panic),
    sub("pause-cron", 3..=3, switches::pause_cron),
    sub("populate", 3..=5, populate::run),
    sub("protocol", 3..=3, protocol::run),
    sub("quicklist", 3..=4, object::quicklist),
    sub("quicklist-packed-threshold", 3..=3, switches::packed_threshold),
    sub("reload", 2..=ANY, reload::snapshot),
    sub("replicate", 3..=ANY, replicate::words),
    sub("reply-copy-avoidance", 3..=3, switches::assertion),
    sub("replybuffer", 4..=4, switches::reply_buffer),
    sub("sdslen", 3..=3, object::lengths),
    sub("segfault", 2..=2, crash::segfault),
    sub("set-active-expire", 3..=3, switches::active_expire),
    sub("set-allow-access-expired", 3..=3, switches::allow_expired),
    sub("set-disable-deny-scripts", 3..=3, switches::deny_scripts),
    sub("set-skip-checksum-validation", 3..=3, switches::skip_checksum),
    sub("sleep", 3..=3, switches::sleep),
    sub("stringmatch-test", 2..=2, protocol::match_test),
];

/// What only means something for the original's own process: its allocator, its structures, its restart.
const NOT_HERE: &[&str] =
    &["aof-flush-sleep", "crash-and-recover", "leak", "mallctl", "mallctl-str", "repl-pause", "restart", "structsize"];

fn run(cx: &mut Cx<'_>) -> Res {
    let name = cx.arg(1).to_ascii_lowercase();
    let found = SUBCOMMANDS.iter().find(|s| s.name.as_bytes() == name && s.words.contains(&cx.argc()));
    match found {
        Some(sub) => (sub.run)(cx),
        None if NOT_HERE.iter().any(|n| n.as_bytes() == name) => {
            Err(format!("ERR drydock: DEBUG {} is not emulated here", String::from_utf8_lossy(&name)).into())
        }
        None => Err(unknown(cx)),
    }
}

/// The error for words that DEBUG does not take.
fn unknown(cx: &Cx<'_>) -> Fail {
    let name = cx.arg(1);
    let shown = String::from_utf8_lossy(name.get(..128).unwrap_or(name));
    format!("ERR unknown subcommand or wrong number of arguments for '{shown}'. Try DEBUG HELP.").into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn subcommands_are_sorted() {
        assert!(super::SUBCOMMANDS.windows(2).all(|w| w[0].name < w[1].name));
    }
}
