//! Scripts of the administrator: one is called with every warning, one when the master changes.
//!
//! A script that ends with status 1 or by a signal is tried again later, ten times at most.

use super::{Address, Id, Watch};
use crate::server::{Action, Level, Server};
use resp::Reply;

/// Scripts that may wait; the oldest gives way.
const MOST_WAITING: usize = 256;
/// Scripts that may run at once.
const MOST_RUNNING: usize = 16;
/// How often one is tried.
const MOST_TRIES: i64 = 10;

/// A script to be called.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its path and arguments.
    argv: Vec<String>,
    running: bool,
    tries: i64,
    /// When it was started, or when it may be: 0 where that does not matter.
    start: i64,
    pid: i64,
}

impl Watch<'_> {
    /// Has a script called soon.
    pub(super) fn schedule(&mut self, argv: Vec<String>) {
        self.me.scripts.push_back(Job { argv, running: false, tries: 0, start: 0, pid: 0 });
        if self.me.scripts.len() > MOST_WAITING
            && let Some(oldest) = self.me.scripts.iter().position(|job| !job.running)
        {
            self.me.scripts.remove(oldest);
        }
    }

    /// The script that tells clients where the master is now.
    pub(super) fn call_reconf_script(&mut self, master: Id, role: &str, from: &Address, to: &Address) {
        let m = self.me.at(master);
        let Some(script) = m.client_reconfig_script.clone() else { return };
        let shown = |addr: &Address| [self.me.shown(addr).to_owned(), addr.port.to_string()];
        let mut argv = vec![script, m.name.clone(), role.to_owned(), "start".to_owned()];
        argv.extend(shown(from));
        argv.extend(shown(to));
        self.schedule(argv);
    }

    fn running(&self) -> usize {
        self.me.scripts.iter().filter(|job| job.running).count()
    }

    /// Starts those that are due, and ends those that run for too long.
    pub(super) fn run_scripts(&mut self) {
        let (now, most) = (self.now(), self.me.periods.script_runtime);
        let mut free = MOST_RUNNING.saturating_sub(self.running());
        for job in self.me.scripts.iter_mut().filter(|job| !job.running && job.start <= now) {
            if free == 0 {
                break;
            }
            free -= 1;
            job.running = true;
            job.start = now;
            job.tries += 1;
            self.server.actions.push(Action::Run { argv: job.argv.clone() });
        }
        let late = |job: &&Job| job.running && job.pid != 0 && now - job.start > most;
        let late: Vec<(String, i64)> = self
            .me
            .scripts
            .iter()
            .filter(late)
            .map(|job| (job.argv.first().cloned().unwrap_or_default(), job.pid))
            .collect();
        for (path, pid) in late {
            self.tell(Level::Warning, "-script-timeout", None, &format!("{path} {pid}"));
            self.server.actions.push(Action::KillScript(pid.unsigned_abs() as u32));
        }
    }

    fn script_started(&mut self, started: Option<u32>) {
        let Some(job) = self.me.scripts.iter_mut().find(|job| job.running && job.pid == 0) else { return };
        match started {
            Some(pid) => {
                job.pid = i64::from(pid);
                self.tell(Level::Debug, "+script-child", None, &pid.to_string());
            }
            None => {
                job.running = false;
                let text = format!("{} 99 0", job.argv.first().cloned().unwrap_or_default());
                self.tell(Level::Warning, "-script-error", None, &text);
            }
        }
    }

    fn script_ended(&mut self, pid: u32, status: u8, signal: u8) {
        self.tell(Level::Debug, "-script-child", None, &format!("{pid} {status} {signal}"));
        let Some(at) = self.me.scripts.iter().position(|job| job.running && job.pid == i64::from(pid)) else { return };
        let (now, retry) = (self.now(), self.me.periods.script_retry);
        let Some(job) = self.me.scripts.get_mut(at) else { return };
        if (signal != 0 || status == 1) && job.tries != MOST_TRIES {
            job.running = false;
            job.pid = 0;
            job.start = now.saturating_add(retry.saturating_mul(1 << (job.tries - 1).clamp(0, MOST_TRIES)));
            return;
        }
        let path = job.argv.first().cloned().unwrap_or_default();
        self.me.scripts.remove(at);
        if signal != 0 || status != 0 {
            self.tell(Level::Warning, "-script-error", None, &format!("{path} {signal} {status}"));
        }
    }

    /// How many run, and how many wait or run.
    pub(super) fn script_counts(&self) -> (usize, usize) {
        (self.running(), self.me.scripts.len())
    }

    /// SENTINEL PENDING-SCRIPTS.
    pub fn reply_scripts(&self, out: &mut Reply) {
        let now = self.now();
        out.array(self.me.scripts.len());
        for job in &self.me.scripts {
            out.map(5);
            out.text("argv");
            out.texts(&job.argv.iter().map(String::as_str).collect::<Vec<_>>());
            out.text("flags");
            out.text(if job.running { "running" } else { "scheduled" });
            out.text("pid");
            out.bulk_int(job.pid);
            out.text(if job.running { "run-time" } else { "run-delay" });
            let waits = if job.start == 0 { 0 } else { (job.start - now).max(0) };
            out.bulk_int(if job.running { now - job.start } else { waits });
            out.text("retry-num");
            out.bulk_int(job.tries);
        }
    }
}

impl Server {
    /// The program around started the script it was asked to run before all others, or could not.
    pub fn script_started(&mut self, started: Option<u32>) {
        self.as_sentinel(|watch| watch.script_started(started));
    }

    /// A script ended, with that status or by that signal.
    pub fn script_ended(&mut self, pid: u32, status: u8, signal: u8) {
        self.refresh_time();
        self.as_sentinel(|watch| watch.script_ended(pid, status, signal));
    }
}
