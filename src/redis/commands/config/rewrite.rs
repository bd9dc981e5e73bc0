//! CONFIG REWRITE

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "config|rewrite",
    arity: 2,
    flags: flag::ADMIN | flag::NOSCRIPT | flag::LOADING | flag::STALE,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["request_policy:all_nodes", "response_policy:all_succeeded"],
    docs: Docs {
        summary: "Persists the effective configuration to file.",
        since: "2.8.0",
        group: "server",
        complexity: "O(1)",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let Some(path) = cx.s.config_file.clone() else {
        return Err("ERR The server is running without a config file".into());
    };
    let old = cx.s.host.read_file(&path).ok().flatten().unwrap_or_default();
    let text = crate::config::rewrite::rewrite(&cx.s.config, &String::from_utf8_lossy(&old), false);
    if let Err(error) = cx.s.host.write_file(&path, text.as_bytes()) {
        cx.s.warn(&format!("CONFIG REWRITE failed: {error}"));
        return Err(format!("ERR Rewriting config file: {error}").into());
    }
    cx.s.notice("CONFIG REWRITE executed with success.");
    cx.out.ok();
    Ok(())
}
