//! `setpriv`: a program under another user, group and other privileges (util-linux).

use machine::{Errno, ExitCode};

use super::env::exec_on_path;
use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::id_of;

const SPEC: Spec = Spec {
    short: "",
    long: &[
        ("reuid", 'u', Value::Required),
        ("ruid", 'U', Value::Required),
        ("euid", 'e', Value::Required),
        ("regid", 'g', Value::Required),
        ("rgid", 'G', Value::Required),
        ("egid", 'E', Value::Required),
        ("clear-groups", 'c', Value::None),
        ("keep-groups", 'k', Value::None),
        ("init-groups", 'i', Value::None),
        ("groups", 's', Value::Required),
        ("no-new-privs", 'n', Value::None),
        ("inh-caps", 'p', Value::Required),
        ("bounding-set", 'b', Value::Required),
        ("reset-env", 'r', Value::None),
        HELP,
        VERSION,
    ],
    posix: true,
};

const USAGE: &str = "
Usage:
 setpriv [options] <program> [<argument>...]

Run a program with different privilege settings.

Options:
 --no-new-privs              disallow granting new privileges
 --inh-caps <caps>           set inheritable capabilities
 --bounding-set <caps>       set capability bounding set
 --ruid <uid|user>           set real uid
 --euid <uid|user>           set effective uid
 --rgid <gid|group>          set real gid
 --egid <gid|group>          set effective gid
 --reuid <uid|user>          set real and effective uid
 --regid <gid|group>         set real and effective gid
 --clear-groups              clear supplementary groups
 --keep-groups               keep supplementary groups
 --init-groups               initialize supplementary groups
 --groups <group>[,...]      set supplementary group(s) by GID or name
 --reset-env                 clear all environment and initialize
                               HOME, SHELL, USER, LOGNAME and PATH
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let Some(program) = parsed.operands.first() else {
        return cx.usage_error("No program specified").await;
    };
    let read = |path: &str| String::from_utf8_lossy(&cx.sys.read_file(path).unwrap_or_default()).into_owned();
    let (passwd, groups) = (read("/etc/passwd"), read("/etc/group"));
    let mut new = (*cx.sys.credentials()).clone();
    for (option, value) in &parsed.options {
        let Some(value) = value else { continue };
        let (database, what) = if "uUe".contains(*option) { (&passwd, "user") } else { (&groups, "group") };
        let Some(id) = id_of(database, value).or_else(|| value.parse().ok()).filter(|_| "uUegGE".contains(*option))
        else {
            if "uUegGE".contains(*option) {
                cx.error(format_args!("failed to parse re{}id: {value}", if what == "user" { "u" } else { "g" })).await;
                return cx.status();
            }
            continue;
        };
        match option {
            'u' => (new.uid, new.euid) = (id, id),
            'U' => new.uid = id,
            'e' => new.euid = id,
            'g' => (new.gid, new.egid) = (id, id),
            'G' => new.gid = id,
            _ => new.egid = id,
        }
    }
    if parsed.has('c') {
        new.groups.clear();
    }
    if let Err(error) = cx.sys.set_credentials(new) {
        cx.error(format_args!("setresuid failed: {error}")).await;
        return ExitCode(127);
    }
    let env = cx.sys.env().to_vec();
    let error = exec_on_path(cx, program, parsed.operands.clone(), env).await;
    cx.error(format_args!("failed to execute {program}: {error}")).await;
    ExitCode(if error == Errno::ENOENT { 127 } else { 126 })
}
