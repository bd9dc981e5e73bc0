//! The form of HELP replies.

use super::prelude::*;

/// Replies with a container's help: a heading, its lines, and HELP itself.
pub fn reply(cx: &mut Cx<'_>, lines: &[&str]) -> Res {
    let container = cx.cmd.name.split('|').next().unwrap_or("").to_ascii_uppercase();
    let mut all = vec![format!("{container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")];
    all.extend(lines.iter().map(|l| (*l).to_owned()));
    all.push("HELP".into());
    all.push("    Print this help.".into());
    cx.out.array(all.len());
    for line in &all {
        cx.out.simple(line);
    }
    Ok(())
}
