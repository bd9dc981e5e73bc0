//! Signals.

use super::Sys;
use crate::errno::{Errno, SysResult};
use crate::process::{Disposition, Pid, Signal};

impl Sys {
    /// `kill(2)`: a process, 0 for the caller's group, -1 for all, below that a group. `None` only checks.
    pub fn kill(&self, pid: Pid, signal: Option<Signal>) -> SysResult<()> {
        let mut targets = self.kill_targets(pid)?;
        if matches!(signal, Some(Signal::KILL | Signal::STOP)) && targets.len() == 1 {
            // From inside its PID namespace not even these reach process 1 (`pid_namespaces(7)`).
            targets.retain(|target| self.inside(*target) != Pid(1));
            if targets.is_empty() {
                return Ok(());
            }
        }
        let me = self.credentials();
        let mut allowed = false;
        for target in targets {
            let owner = self.kernel.processes.with(target, |p| p.credentials.uid);
            if me.has(crate::process::capability::KILL) || owner == Some(me.uid) || owner == Some(me.euid) {
                allowed = true;
                if let Some(signal) = signal {
                    self.kernel.send_signal(target, signal);
                }
            }
        }
        if allowed { Ok(()) } else { Err(Errno::EPERM) }
    }

    fn kill_targets(&self, pid: Pid) -> SysResult<Vec<Pid>> {
        let namespace = self.with_process(|p| p.namespaces.pid);
        let members = self.kernel.processes.pid_namespaces.members(namespace);
        let in_group = |group: Pid| {
            let processes = self.kernel.processes.processes.borrow();
            members.iter().map(|(_, o)| *o).filter(|o| processes.get(o).is_some_and(|p| p.group == group)).collect()
        };
        let targets: Vec<Pid> = match pid.0 {
            0 => in_group(self.with_process(|p| p.group)),
            -1 => members.iter().filter(|(i, o)| i.0 != 1 && *o != self.pid).map(|(_, o)| *o).collect(),
            n if n < 0 => in_group(self.outside(Pid(-n)).ok_or(Errno::ESRCH)?),
            _ => vec![self.outside(pid).ok_or(Errno::ESRCH)?],
        };
        if targets.is_empty() { Err(Errno::ESRCH) } else { Ok(targets) }
    }

    /// `sigaction(2)`; `EINVAL` for `SIGKILL` and `SIGSTOP`. Gives the old one.
    pub fn sigaction(&self, signal: Signal, action: Disposition) -> SysResult<Disposition> {
        if matches!(signal, Signal::KILL | Signal::STOP) {
            return Err(Errno::EINVAL);
        }
        Ok(self.with_process(|p| {
            let old = match () {
                () if p.signals.caught.remove(&signal) => Disposition::Catch,
                () if p.signals.ignored.remove(&signal) => Disposition::Ignore,
                () => Disposition::Default,
            };
            match action {
                Disposition::Default => {}
                Disposition::Ignore => drop(p.signals.ignored.insert(signal)),
                Disposition::Catch => drop(p.signals.caught.insert(signal)),
            }
            if action != Disposition::Catch {
                p.signals.pending.retain(|s| *s != signal);
            }
            old
        }))
    }

    /// What is done with a signal now.
    pub fn disposition(&self, signal: Signal) -> Disposition {
        self.with_process(|p| match () {
            () if p.signals.caught.contains(&signal) => Disposition::Catch,
            () if p.signals.ignored.contains(&signal) => Disposition::Ignore,
            () => Disposition::Default,
        })
    }

    /// The next caught signal that came, if any.
    pub fn take_signal(&self) -> Option<Signal> {
        self.with_process(|p| p.signals.pending.pop_front())
    }

    /// Waits for a caught signal and takes it. Its arrival wakes all threads of the process.
    pub async fn next_signal(&self) -> Signal {
        std::future::poll_fn(|_| match self.take_signal() {
            Some(signal) => std::task::Poll::Ready(signal),
            None => std::task::Poll::Pending,
        })
        .await
    }

    /// `sigprocmask(2)` for one signal: blocked ones wait. Gives whether it was blocked.
    pub fn block_signal(&self, signal: Signal, block: bool) -> bool {
        let (was, held) = self.with_process(|p| {
            if block {
                return (!p.signals.blocked.insert(signal), false);
            }
            let was = p.signals.blocked.remove(&signal);
            let before = p.signals.held.len();
            p.signals.held.retain(|s| *s != signal);
            (was, p.signals.held.len() != before)
        });
        if held {
            self.kernel.send_signal(self.pid, signal);
        }
        was
    }
}
