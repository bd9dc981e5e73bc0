//! `gosu`: a program under another user, as images of the hub use it in their entry points.

use machine::{Errno, ExitCode};

use super::env::exec_on_path;
use crate::context::Context;
use crate::text::id_of;

/// The field of a line of `/etc/passwd` or `/etc/group` by the name or number in front.
fn line_of<'a>(database: &'a str, who: &str) -> Option<Vec<&'a str>> {
    let lines = database.lines().map(|l| l.split(':').collect::<Vec<_>>());
    lines.into_iter().find(|f| f.first() == Some(&who) || f.get(2) == Some(&who))
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let words: Vec<String> = cx.args.clone();
    let (Some(who), Some(program)) = (words.first().cloned(), words.get(1).cloned()) else {
        let text = "Usage: gosu user-spec command [args]\n   eg: gosu tianon bash\n       gosu nobody:root bash -c 'whoami && id'\n       gosu 1000:1 id\n\n";
        cx.complain(text).await;
        return ExitCode(1);
    };
    let read = |path: &str| String::from_utf8_lossy(&cx.sys.read_file(path).unwrap_or_default()).into_owned();
    let (passwd, groups) = (read("/etc/passwd"), read("/etc/group"));
    let (user, group) = who.split_once(':').map_or((who.as_str(), None), |(u, g)| (u, Some(g)));
    let line = line_of(&passwd, user);
    let Some(uid) = id_of(&passwd, user).or_else(|| user.parse().ok()) else {
        return refuse(
            cx,
            &format!("failed switching to {who:?}: unable to find user {user}: no matching entries in passwd file"),
        )
        .await;
    };
    let own_gid = line.as_ref().and_then(|f| f.get(3)?.parse().ok()).unwrap_or(0);
    let gid = match group {
        None => Some(own_gid),
        Some(group) => id_of(&groups, group).or_else(|| group.parse().ok()),
    };
    let Some(gid) = gid else {
        let group = group.unwrap_or_default();
        return refuse(
            cx,
            &format!("failed switching to {who:?}: unable to find group {group}: no matching entries in group file"),
        )
        .await;
    };
    let mut new = (*cx.sys.credentials()).clone();
    (new.uid, new.euid, new.gid, new.egid) = (uid, uid, gid, gid);
    new.groups = vec![gid];
    if let Err(error) = cx.sys.set_credentials(new) {
        return refuse(cx, &format!("failed switching to {who:?}: {}", error.message().to_lowercase())).await;
    }
    let home = line.and_then(|f| Some(f.get(5)?.to_string())).unwrap_or_else(|| "/".into());
    let mut env: Vec<String> = cx.sys.env().iter().filter(|e| !e.starts_with("HOME=")).cloned().collect();
    env.push(format!("HOME={home}"));
    let error = exec_on_path(cx, &program, words[1..].to_vec(), env).await;
    let why = match error {
        Errno::ENOENT => format!("exec: {program:?}: executable file not found in $PATH"),
        error => format!("exec: {program:?}: {}", error.message().to_lowercase()),
    };
    refuse(cx, &why).await
}

async fn refuse(cx: &mut Context, why: &str) -> ExitCode {
    cx.complain(&format!("error: {why}\n")).await;
    ExitCode(1)
}
