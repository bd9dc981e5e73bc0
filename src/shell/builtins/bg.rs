//! `bg`

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!("bg", "bg [job_spec ...]", "Move jobs to the background.", false, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let specs: Vec<&[String]> = if args.is_empty() { vec![args] } else { args.chunks(1).collect() };
    let mut status = 0;
    for spec in specs {
        let Some(id) = shell.job_operand(name, spec).await else {
            status = 1;
            continue;
        };
        let mark = shell.jobs.mark(id);
        let Some(job) = shell.jobs.get(id) else { continue };
        if job.is_running() && job.background {
            shell.builtin_error(name, format!("job {id} already in background")).await;
            continue;
        }
        let line = format!("[{id}]{mark} {} &\n", job.text);
        shell.continue_job(id, false);
        status |= shell.print_from(name, &line).await;
    }
    Ok(status)
}
