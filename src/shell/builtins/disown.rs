//! `disown`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "disown",
    "disown [-h] [-ar] [jobspec ... | pid ...]",
    "Remove jobs from current shell.",
    false,
    Bash,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "har").await else { return Ok(2) };
    let mut ids = Vec::new();
    let mut status = 0;
    if options.has('a') || (options.has('r') && options.operands.is_empty()) {
        let running_only = options.has('r');
        ids.extend(shell.jobs.list.iter().filter(|job| !running_only || job.is_running()).map(|job| job.id));
    } else if options.operands.is_empty() {
        match shell.jobs.find("") {
            Ok(id) => ids.push(id),
            Err(message) => {
                shell.builtin_error(name, message).await;
                return Ok(1);
            }
        }
    }
    for spec in options.operands {
        let by_pid = spec.parse::<i32>().ok().and_then(|pid| {
            shell.jobs.list.iter().find(|job| job.members.iter().any(|member| member.pid.0 == pid)).map(|job| job.id)
        });
        match by_pid.map_or_else(|| shell.jobs.find(spec), Ok) {
            Ok(id) => ids.push(id),
            Err(message) => {
                shell.builtin_error(name, message).await;
                status = 1;
            }
        }
    }
    for id in ids {
        if options.has('h') {
            if let Some(job) = shell.jobs.get_mut(id) {
                job.no_hangup = true;
            }
        } else {
            shell.jobs.remove(id);
        }
    }
    Ok(status)
}
