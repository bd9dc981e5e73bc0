//! Coprocesses: a command in the background with a pipe to it and one from it.

use std::collections::BTreeMap;
use std::rc::Rc;

use machine::Fd;

use super::{Placement, Work};
use crate::shell::{Eval, Shell};
use crate::syntax::ast::{Command, Compound};
use crate::syntax::print;
use crate::vars::Value;

/// Where the shell's ends of the pipes lie: out of the way of what scripts number themselves.
const ENDS_FROM: Fd = Fd(60);

impl Shell {
    /// Starts one: `NAME[0]` reads from it, `NAME[1]` writes to it, `NAME_PID` is its process.
    pub(super) async fn run_coproc(&mut self, name: &str, command: &Rc<Command>) -> Eval {
        let (Ok((from_it, its_out)), Ok((its_in, to_it))) = (self.sys.pipe(false), self.sys.pipe(false)) else {
            self.error("cannot make pipe for coprocess: Too many open files").await;
            return Ok(1);
        };
        let mut ends = [from_it, to_it];
        for end in &mut ends {
            if let Ok(high) = self.sys.dup(*end, ENDS_FROM, true) {
                let _ = self.sys.close(std::mem::replace(end, high));
            }
        }
        let [from_it, to_it] = ends;
        let monitor = self.job_control();
        let placement = Placement {
            group: monitor.then_some(machine::Pid(0)),
            background: true,
            moves: vec![(its_in, Fd::STDIN), (its_out, Fd::STDOUT)],
            closes: vec![from_it, to_it],
            ..Placement::default()
        };
        let child = self.fork_placed(placement, Work::Command(command.clone())).await;
        for theirs in [its_in, its_out] {
            let _ = self.sys.close(theirs);
        }
        let Some(pid) = child else {
            for mine in [from_it, to_it] {
                let _ = self.sys.close(mine);
            }
            return Err(self.no_child());
        };
        let whole = Command::Compound(Compound::Coproc(name.to_string(), command.clone()), Vec::new(), 0);
        let text = print::command(&whole);
        let id = self.jobs.add(monitor.then_some(pid), &[pid], text, true, self.cwd.clone());
        if let Some(job) = self.jobs.get_mut(id) {
            job.told = true;
        }
        self.last_background = Some(pid);
        if self.interactive && self.subshell == 0 {
            self.error_text(&format!("[{id}] {pid}\n")).await;
        }
        let numbers = [from_it, to_it].map(|fd| fd.0.to_string());
        self.vars.entry(name).value = Value::Indexed(BTreeMap::from_iter((0..).zip(numbers)));
        self.vars.put(&format!("{name}_PID"), pid.to_string());
        Ok(0)
    }
}
