//! `id`: users and groups.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::{id_of, name_of};

const SPEC: Spec = Spec {
    short: "gGnru",
    long: &[
        ("group", 'g', Value::None),
        ("groups", 'G', Value::None),
        ("name", 'n', Value::None),
        ("real", 'r', Value::None),
        ("user", 'u', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: id [OPTION]... [USER]...
Print user and group information for each specified USER,
or (when USER omitted) for the current process.

  -g, --group    print only the effective group ID
  -G, --groups   print all group IDs
  -n, --name     print a name instead of a number, for -ugG
  -r, --real     print the real ID instead of the effective ID, with -ugG
  -u, --user     print only the effective user ID
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let read = |path: &str| String::from_utf8_lossy(&cx.sys.read_file(path).unwrap_or_default()).into_owned();
    let (passwd, group) = (read("/etc/passwd"), read("/etc/group"));
    let (uid, gid, groups) = match parsed.operands.first() {
        None => {
            let me = cx.sys.credentials();
            (me.euid, me.egid, me.groups.clone())
        }
        Some(name) => match user(&passwd, &group, name) {
            Some(found) => found,
            None if cx.is_busybox() => {
                cx.error(format_args!("unknown user {name}")).await;
                return cx.status();
            }
            None => {
                cx.error(format_args!("{}: no such user", cx.quote(name))).await;
                return cx.status();
            }
        },
    };
    let groups: Vec<u32> = std::iter::once(gid).chain(groups.into_iter().filter(|g| *g != gid)).collect();
    let shown = |database: &str, id: u32| match name_of(database, id).filter(|_| parsed.has('n')) {
        Some(name) => name.to_string(),
        None => id.to_string(),
    };
    let labelled = |database: &str, id: u32| match name_of(database, id) {
        Some(name) => format!("{id}({name})"),
        None => id.to_string(),
    };
    let line = match parsed.last_of("ugG") {
        Some('u') => shown(&passwd, uid),
        Some('g') => shown(&group, gid),
        Some(_) => groups.iter().map(|g| shown(&group, *g)).collect::<Vec<_>>().join(" "),
        None => {
            let all: Vec<String> = groups.iter().map(|g| labelled(&group, *g)).collect();
            format!("uid={} gid={} groups={}", labelled(&passwd, uid), labelled(&group, gid), all.join(","))
        }
    };
    cx.line(&line).await;
    cx.status()
}

fn user(passwd: &str, group: &str, name: &str) -> Option<(u32, u32, Vec<u32>)> {
    let line = passwd.lines().find(|l| l.split(':').next() == Some(name))?;
    let gid = line.split(':').nth(3)?.parse().ok()?;
    let member = |line: &&str| line.rsplit(':').next().is_some_and(|m| m.split(',').any(|m| m == name));
    let groups = group.lines().filter(member).filter_map(|l| l.split(':').nth(2)?.parse().ok()).collect();
    Some((id_of(passwd, name)?, gid, groups))
}
