//! `jobs`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!(
    "jobs",
    "jobs [-lnprs] [jobspec ...] or jobs -x command [args]",
    "Display status of jobs.",
    false,
    All,
    run
);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(options) = shell.options(name, args, "lnprs").await else { return Ok(2) };
    shell.reap().await;
    let mut ids: Vec<u32> = Vec::new();
    let mut status = 0;
    if options.operands.is_empty() {
        ids.extend(shell.jobs.list.iter().map(|job| job.id));
    }
    for spec in options.operands {
        match shell.jobs.find(spec) {
            Ok(id) => ids.push(id),
            Err(message) => {
                shell.builtin_error(name, message).await;
                status = 1;
            }
        }
    }
    let mut text = String::new();
    for id in ids {
        let Some(job) = shell.jobs.get(id) else { continue };
        let skip = (options.has('r') && !job.is_running())
            || (options.has('s') && !job.is_stopped())
            || (options.has('n') && job.told);
        if skip {
            continue;
        }
        let done = job.is_done();
        if options.has('p') {
            text.extend(job.members.first().map(|member| format!("{}\n", member.pid)));
        } else {
            text.push_str(&shell.jobs.line(job, options.has('l'), &shell.cwd, shell.flavour));
            text.push('\n');
        }
        if let Some(job) = shell.jobs.get_mut(id) {
            job.told = true;
        }
        if done && !options.has('p') {
            shell.jobs.remove(id);
        }
    }
    Ok(status | shell.print_from(name, &text).await)
}
