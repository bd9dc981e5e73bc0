//! `--cluster backup`: a snapshot of every master, and what the cluster looks like.

use machine::Errno;

use super::check;
use super::manager::{Level, Manager};
use crate::console::Run;
use crate::modes::rdb;

/// Runs the subcommand.
pub async fn run(m: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    if !m.load_named(arguments.get(..1).unwrap_or_default()).await {
        return Ok(false);
    }
    let well = check::cluster(m, false).await?;
    let directory = arguments.get(1).cloned().unwrap_or_default();
    let saved = save(m, &directory, if well { 0 } else { m.errors }).await?;
    if !saved {
        m.log(Level::Ok, "[ERR] Failed to back cluster!\n");
        return Ok(false);
    }
    if !well {
        m.log(
            Level::Warn,
            "*** Cluster seems to have some problems, please be aware of it if you're going to restore this backup.\n",
        );
    }
    m.log(Level::Ok, format!("[OK] Backup created into: {directory}\n"));
    Ok(true)
}

async fn save(m: &mut Manager<'_>, directory: &str, errors: usize) -> Run<bool> {
    let problem = match m.sys().stat(directory) {
        Ok(found) if found.is_dir() => None,
        Ok(_) => Some(format!("[ERR] The specified backup path '{directory}' exists but is not a directory.\n")),
        Err(Errno::ENOENT) => Some(format!("[ERR] The specified backup directory '{directory}' does not exist.\n")),
        Err(error) => Some(format!("[ERR] Cannot stat backup directory {directory}: {error}\n")),
    };
    if let Some(problem) = problem {
        m.log(Level::Error, problem);
        return Ok(false);
    }
    let base = format!("{}/", directory.trim_end_matches('/'));
    let mut entries = Vec::new();
    for place in 0..m.nodes.len() {
        let Some(node) = m.nodes.get(place) else { continue };
        entries.push(node.json(errors));
        if node.replicate.is_some() {
            continue;
        }
        let file = format!("{base}redis-node-{}-{}-{}.rdb", node.ip, node.port, node.name);
        let text = format!(">>> Node {} -> Saving RDB...\n", m.address(place));
        m.log(Level::Info, text);
        m.out().flush().await;
        let Some(mut link) = m.node(place).and_then(|n| n.link.take()) else { continue };
        let sys = m.sys();
        rdb::fetch(&sys, m.out(), &mut link, &file).await?;
    }
    let file = format!("{base}nodes.json");
    m.log(Level::Info, format!("Saving cluster configuration to: {file}\n"));
    let json = format!("[\n{}\n]", entries.join(",\n"));
    if m.sys().put_file(&file, json.into_bytes().into(), 0o644).is_err() {
        m.log(Level::Error, format!("Could not save nodes to: {file}\n"));
        return Ok(false);
    }
    Ok(true)
}
