//! `fg`

use machine::process::Signal;
use machine::{Pid, WaitStatus};

use super::{Builtin, builtin};
use crate::shell::{Eval, Shell};

pub const BUILTIN: Builtin = builtin!("fg", "fg [job_spec]", "Move job to the foreground.", false, All, run);

async fn run(shell: &mut Shell, name: &str, args: &[String]) -> Eval {
    let Some(id) = shell.job_operand(name, args).await else { return Ok(1) };
    let Some(job) = shell.jobs.get(id) else { return Ok(1) };
    let text = format!("{}\n", job.text);
    shell.print_from(name, &text).await;
    shell.continue_job(id, true);
    shell.wait_job(id).await
}

impl Shell {
    /// The job that `fg` and `bg` are about.
    pub(super) async fn job_operand(&mut self, name: &str, args: &[String]) -> Option<u32> {
        if !self.job_control() {
            let message = if self.is_bash() { "no job control" } else { "No current job" };
            self.builtin_error(name, message).await;
            return None;
        }
        self.reap().await;
        let spec = args.iter().find(|arg| *arg != "--").map_or("", String::as_str);
        match self.jobs.find(spec) {
            Ok(id) if self.jobs.get(id).is_some_and(|job| job.is_done()) => {
                self.builtin_error(name, "job has terminated").await;
                None
            }
            Ok(id) => Some(id),
            Err(message) => {
                self.builtin_error(name, message).await;
                None
            }
        }
    }

    /// Lets a job go on, in the foreground or behind.
    pub(super) fn continue_job(&mut self, id: u32, foreground: bool) {
        let Some(job) = self.jobs.get_mut(id) else { return };
        job.background = !foreground;
        job.told = true;
        for member in &mut job.members {
            if matches!(member.status, Some(WaitStatus::Stopped(_))) {
                member.status = None;
            }
        }
        let target = match job.group {
            Some(group) => Pid(-group.0),
            None => job.members.first().map_or(Pid(0), |member| member.pid),
        };
        if let Some(group) = job.group
            && foreground
        {
            self.give_terminal(group);
        }
        // A group that is gone has nobody to wake.
        let _ = self.sys.kill(target, Some(Signal::CONT));
    }
}
