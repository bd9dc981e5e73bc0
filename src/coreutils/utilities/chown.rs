//! `chown` and `chgrp`: owners.

use machine::fs::{FileKind, SetAttr};
use machine::{Errno, ExitCode};

use crate::context::Context;
use crate::options::{HELP, Parsed, Spec, VERSION, Value};
use crate::text::{id_of, quote};

const SPEC: Spec = Spec {
    short: "cfvhRHLP",
    long: &[
        ("changes", 'c', Value::None),
        ("no-dereference", 'h', Value::None),
        ("silent", 'f', Value::None),
        ("quiet", 'f', Value::None),
        ("verbose", 'v', Value::None),
        ("recursive", 'R', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: chown [OPTION]... [OWNER][:[GROUP]] FILE...
Change the owner and/or group of each FILE to OWNER and/or GROUP.

  -f, --silent, --quiet  suppress most error messages
  -h, --no-dereference   affect symbolic links instead of any referenced file
  -R, --recursive        operate on files and directories recursively
  -v, --verbose          output a diagnostic for every file processed
      --help        display this help and exit
      --version     output version information and exit
";

/// Longest nesting that is followed.
const DEEPEST: usize = 256;

/// `chown`.
pub async fn run(cx: &mut Context) -> ExitCode {
    main(cx, false).await
}

/// `chgrp`.
pub async fn run_group(cx: &mut Context) -> ExitCode {
    main(cx, true).await
}

async fn main(cx: &mut Context, group_only: bool) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let Some((owner, paths)) = parsed.operands.split_first() else {
        return cx.usage_error("missing operand").await;
    };
    if paths.is_empty() {
        return cx.usage_error(&format!("missing operand after {}", cx.quote(owner))).await;
    }
    let spec = if group_only { format!(":{owner}") } else { owner.clone() };
    let set = match ids(cx, &spec, group_only) {
        Ok(set) => set,
        Err(text) => {
            cx.error(text).await;
            return cx.status();
        }
    };
    for path in paths {
        change(cx, path, &set, &parsed, 0).await;
    }
    cx.status()
}

/// `user`, `user:group`, `user:` (the user's own group), `:group`, numbers too.
fn ids(cx: &Context, spec: &str, group_only: bool) -> Result<SetAttr, String> {
    let read = |path: &str| String::from_utf8_lossy(&cx.sys.read_file(path).unwrap_or_default()).into_owned();
    let (passwd, groups) = (read("/etc/passwd"), read("/etc/group"));
    let (user, group) = match spec.split_once(':') {
        Some((user, group)) => (user, Some(group)),
        None => (spec, None),
    };
    let mut set = SetAttr::default();
    if !user.is_empty() {
        let found = id_of(&passwd, user).or_else(|| user.parse().ok());
        let bad =
            if cx.is_busybox() { format!("unknown user {user}") } else { format!("invalid user: {}", cx.quote(spec)) };
        set.uid = Some(found.ok_or(bad)?);
    }
    match group {
        Some("") => {
            let line = passwd.lines().find(|l| l.split(':').next() == Some(user));
            set.gid = line.and_then(|l| l.split(':').nth(3)?.parse().ok());
        }
        Some(group) => {
            let found = id_of(&groups, group).or_else(|| group.parse().ok());
            let bad = if cx.is_busybox() {
                format!("unknown group {group}")
            } else {
                format!("invalid group: {}", cx.quote(if group_only { group } else { spec }))
            };
            set.gid = Some(found.ok_or(bad)?);
        }
        None => {}
    }
    Ok(set)
}

/// What `-v` says of a file whose owner was `before`.
fn report(cx: &Context, path: &str, before: &machine::fs::Attr, set: &SetAttr) -> String {
    let read = |path: &str| String::from_utf8_lossy(&cx.sys.read_file(path).unwrap_or_default()).into_owned();
    let (passwd, groups) = (read("/etc/passwd"), read("/etc/group"));
    let user = |id: u32| crate::text::name_of(&passwd, id).map_or(id.to_string(), str::to_string);
    let group = |id: u32| crate::text::name_of(&groups, id).map_or(id.to_string(), str::to_string);
    let (uid, gid) = (set.uid.unwrap_or(before.uid), set.gid.unwrap_or(before.gid));
    let shown = |uid: u32, gid: u32| match (set.uid, set.gid) {
        (Some(_), Some(_)) => format!("{}:{}", user(uid), group(gid)),
        (None, Some(_)) => group(gid),
        _ => user(uid),
    };
    let what = if set.uid.is_none() && set.gid.is_some() { "group" } else { "ownership" };
    if (uid, gid) == (before.uid, before.gid) {
        return format!("{what} of {} retained as {}", quote(path), shown(uid, gid));
    }
    format!("changed {what} of {} from {} to {}", quote(path), shown(before.uid, before.gid), shown(uid, gid))
}

async fn change(cx: &mut Context, path: &str, set: &SetAttr, parsed: &Parsed, depth: usize) {
    let link = cx.sys.lstat(path).is_ok_and(|a| a.kind == FileKind::Symlink);
    let before = cx.sys.stat(path);
    let result = if parsed.has('h') || (parsed.has('R') && depth > 0 && link) {
        cx.sys.set_link_attr(path, set)
    } else {
        cx.sys.set_attr(path, set)
    };
    if let Err(error) = result {
        if !parsed.has('f') {
            let verb = if error == Errno::ENOENT { "cannot access" } else { "changing ownership of" };
            let what = if cx.is_busybox() { path.to_string() } else { format!("{verb} {}", quote(path)) };
            cx.error(format_args!("{what}: {error}")).await;
        }
        return;
    }
    if let (true, Ok(before)) = (parsed.has('v'), before) {
        let line = report(cx, path, &before, set);
        cx.line(&line).await;
    }
    if parsed.has('R') && !link && depth < DEEPEST && cx.sys.stat(path).is_ok_and(|a| a.is_dir()) {
        for entry in cx.sys.read_dir(path).unwrap_or_default() {
            let below = format!("{}/{}", path.trim_end_matches('/'), entry.name);
            Box::pin(change(cx, &below, set, parsed, depth + 1)).await;
        }
    }
}
