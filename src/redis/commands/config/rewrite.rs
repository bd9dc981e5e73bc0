//! CONFIG REWRITE

use super::super::prelude::*;
use crate::sentinel::Line;
use crate::server::Server;
use machine::text::{from_bytes, to_bytes};

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
    if let Err(error) = cx.s.rewrite_config(&path, false, &[]) {
        cx.s.warn(&format!("CONFIG REWRITE failed: {error}"));
        return Err(format!("ERR Rewriting config file: {error}").into());
    }
    cx.s.notice("CONFIG REWRITE executed with success.");
    cx.out.ok();
    Ok(())
}

impl Server {
    /// Brings a configuration file up to date, with default values too where `all` is set, and with
    /// what a Sentinel keeps.
    ///
    /// # Errors
    /// Why it can't be written.
    pub fn rewrite_config(&mut self, path: &str, all: bool, sentinel: &[Line]) -> Result<(), String> {
        let old = self.host.read_file(path).ok().flatten().unwrap_or_default();
        let own_file = !self.config.text(crate::config::ACLFILE).is_empty();
        let users = if own_file { Vec::new() } else { self.user_lines() };
        let users: Vec<String> = users.iter().map(|line| from_bytes(line)).collect();
        let text = crate::config::rewrite::rewrite(&self.config, &from_bytes(&old), &users, sentinel, all);
        self.host.replace_file(path, &to_bytes(&text)).map_err(|(what, reason)| {
            self.warn(&format!("Could not {what} tmp config file ({reason})"));
            reason
        })
    }
}
