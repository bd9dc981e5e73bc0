//! `which`: where programs are found (debianutils, BusyBox).

use machine::ExitCode;
use machine::fs::Access;

use crate::context::Context;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut all = false;
    let args = cx.args.clone();
    let mut names = args.as_slice();
    while let Some((first, rest)) = names.split_first()
        && first.starts_with('-')
    {
        match &**first {
            "-a" => all = true,
            "-s" | "--" => {}
            other => {
                let letter = other.chars().nth(1).unwrap_or('-');
                cx.complain(&format!("Illegal option -{letter}\n")).await;
                cx.line("Usage: /usr/bin/which [-a] args").await;
                return ExitCode(2);
            }
        }
        names = rest;
    }
    let path = cx.sys.env_var("PATH").unwrap_or_default();
    let mut status = if names.is_empty() { 1 } else { 0 };
    for name in names {
        let candidates: Vec<String> = if name.contains('/') {
            vec![name.clone()]
        } else {
            path.split(':').map(|folder| format!("{}/{name}", if folder.is_empty() { "." } else { folder })).collect()
        };
        let execute = Access { execute: true, ..Access::default() };
        let runs =
            |file: &&String| cx.sys.stat(file).is_ok_and(|a| a.is_file()) && cx.sys.access(file, execute).is_ok();
        let found: Vec<String> =
            candidates.iter().filter(runs).take(if all { usize::MAX } else { 1 }).cloned().collect();
        status |= u8::from(found.is_empty());
        for file in found {
            cx.line(&file).await;
        }
    }
    ExitCode(status)
}
