//! How processes begin, are signalled, stop, go on and end.

use std::rc::Rc;

use super::{DefaultAction, Pid, Process, Signal, State, WaitStatus};
use crate::kernel::{BoxFuture, Kernel};
use crate::process::PidNamespaceId;

/// So many calls end with `EINTR` after a caught signal came and was not taken.
const INTERRUPTS: u8 = 8;

impl Kernel {
    /// Adds a thread to a process.
    pub(crate) fn add_thread(self: &Rc<Self>, pid: Pid, future: BoxFuture) -> crate::kernel::TaskId {
        let task = self.executor.spawn(future);
        self.processes.tasks.borrow_mut().insert(task, pid);
        self.processes.with(pid, |p| p.tasks.push(task));
        task
    }

    /// Ends threads without running them again.
    pub(crate) fn end_threads(&self, tasks: &[crate::kernel::TaskId]) {
        for task in tasks {
            self.processes.tasks.borrow_mut().remove(task);
            if let Some(future) = self.executor.remove(*task) {
                self.processes.graveyard.borrow_mut().push(future);
            }
        }
    }

    /// Ends a process: threads, descriptors, children, session, namespace.
    pub(crate) fn exit_process(self: &Rc<Self>, pid: Pid, status: WaitStatus) {
        let Some((tasks, fds, parent, leads, tty, namespace)) = self
            .processes
            .with(pid, |p| {
                if matches!(p.state, State::Zombie(_)) {
                    return None;
                }
                p.state = State::Zombie(status);
                p.memory = 0;
                p.deferred.clear();
                let leads = (p.session == p.pid).then_some(p.session);
                let tasks = std::mem::take(&mut p.tasks);
                Some((tasks, std::mem::take(&mut p.fds), p.parent, leads, p.tty.take(), p.namespaces.pid))
            })
            .flatten()
        else {
            return;
        };
        self.end_threads(&tasks);
        drop(fds);
        if let (Some(session), Some(tty)) = (leads, tty) {
            self.hang_up(session, &tty);
        }
        self.adopt_children(pid, namespace);
        if self.processes.pid_namespaces.to_inside(namespace, pid) == Some(Pid(1)) && namespace != PidNamespaceId(0) {
            self.kill_namespace(namespace, pid);
        }
        let cgroup = self.processes.with(pid, |p| (p.cgroup, p.times.own.user + p.times.own.system));
        if let Some((cgroup, cpu)) = cgroup {
            self.cgroups.with(cgroup, |g| g.cpu += cpu);
        }
        self.tell_parent(pid, parent);
    }

    /// Reports a child's end: `SIGCHLD` and a wake; a parent that ignores it never sees a zombie.
    fn tell_parent(self: &Rc<Self>, pid: Pid, parent: Pid) {
        let parent_ignores =
            self.processes.with(parent, |p| p.signals.ignored.contains(&Signal::CHLD)).unwrap_or(parent == Pid(0));
        if parent_ignores {
            // Not now: the process itself may be in the middle of its last slice.
            self.processes.unmourned.borrow_mut().push(pid);
        }
        self.send_signal(parent, Signal::CHLD);
        let queue = self.processes.with(parent, |p| p.child_changed.clone());
        if let Some(queue) = queue {
            queue.wake();
        }
    }

    /// Removes a zombie from the table.
    pub(crate) fn bury(&self, pid: Pid) -> Option<Process> {
        let process = self.processes.processes.borrow_mut().remove(&pid);
        self.processes.pid_namespaces.free(pid);
        process
    }

    /// Children of a process that ended go to process 1 of its PID namespace.
    fn adopt_children(self: &Rc<Self>, pid: Pid, namespace: PidNamespaceId) {
        let init = self.processes.pid_namespaces.to_outside(namespace, Pid(1)).filter(|init| *init != pid);
        let mut zombies = Vec::new();
        for (child, process) in self.processes.processes.borrow_mut().iter_mut() {
            if process.parent == pid {
                process.parent = init.unwrap_or(Pid(0));
                if matches!(process.state, State::Zombie(_)) {
                    zombies.push(*child);
                }
            }
        }
        for child in zombies {
            self.tell_parent(child, init.unwrap_or(Pid(0)));
        }
    }

    /// The first process of a PID namespace takes all others with it.
    fn kill_namespace(self: &Rc<Self>, namespace: PidNamespaceId, init: Pid) {
        for (_, member) in self.processes.pid_namespaces.members(namespace) {
            if member != init {
                self.exit_process(member, WaitStatus::Signaled(Signal::KILL));
            }
        }
    }

    /// The session's leader is gone: its terminal is free, the foreground group gets `SIGHUP`.
    fn hang_up(self: &Rc<Self>, session: Pid, tty: &Rc<crate::tty::Tty>) {
        let foreground = crate::tty::release_session(tty, session);
        let members: Vec<Pid> = {
            let mut processes = self.processes.processes.borrow_mut();
            processes.values_mut().filter(|p| p.session == session).for_each(|p| p.tty = None);
            let in_front = |p: &&Process| Some(p.group) == foreground && p.session == session;
            processes.values().filter(in_front).map(|p| p.pid).collect()
        };
        for member in members {
            self.send_signal(member, Signal::HUP);
            self.send_signal(member, Signal::CONT);
        }
    }

    /// Delivers a signal.
    pub(crate) fn send_signal(self: &Rc<Self>, pid: Pid, signal: Signal) {
        enum Then {
            Nothing,
            Wake,
            Exit,
            Stop,
        }
        let is_init = self.is_namespace_init(pid);
        let then = self.processes.with(pid, |p| {
            if matches!(p.state, State::Zombie(_)) {
                return (Then::Nothing, false);
            }
            let resumed = matches!(signal, Signal::CONT | Signal::KILL) && matches!(p.state, State::Stopped(_));
            if resumed {
                p.state = State::Running;
                p.change = Some(WaitStatus::Continued);
            }
            let sure = matches!(signal, Signal::KILL | Signal::STOP);
            if !sure && p.signals.blocked.contains(&signal) {
                if !p.signals.held.contains(&signal) {
                    p.signals.held.push_back(signal);
                }
                return (Then::Nothing, resumed);
            }
            if !sure && p.signals.ignored.contains(&signal) {
                return (Then::Nothing, resumed);
            }
            if !sure && p.signals.caught.contains(&signal) {
                if !p.signals.pending.contains(&signal) {
                    p.signals.pending.push_back(signal);
                }
                p.signals.interrupts = INTERRUPTS;
                return (Then::Wake, resumed);
            }
            let then = match signal.default_action() {
                DefaultAction::Terminate | DefaultAction::Core => Then::Exit,
                DefaultAction::Ignore | DefaultAction::Continue => Then::Nothing,
                DefaultAction::Stop if matches!(p.state, State::Stopped(_)) => Then::Nothing,
                DefaultAction::Stop => {
                    p.state = State::Stopped(signal);
                    p.change = Some(WaitStatus::Stopped(signal));
                    Then::Stop
                }
            };
            (then, resumed)
        });
        let Some((then, resumed)) = then else { return };
        if resumed {
            self.processes.release_deferred(self, pid);
            self.parent_looks(pid);
        }
        match then {
            Then::Nothing => {}
            Then::Wake => self.wake_process(pid),
            // Signals without a handler do not reach process 1 from within; from outside only KILL and STOP do.
            Then::Exit if is_init && signal != Signal::KILL => {}
            Then::Exit => self.exit_process(pid, WaitStatus::Signaled(signal)),
            Then::Stop => self.parent_looks(pid),
        }
    }

    fn is_namespace_init(&self, pid: Pid) -> bool {
        let space = self.processes.with(pid, |p| p.namespaces.pid);
        space.and_then(|s| self.processes.pid_namespaces.to_inside(s, pid)) == Some(Pid(1))
    }

    fn parent_looks(self: &Rc<Self>, pid: Pid) {
        let Some(parent) = self.processes.with(pid, |p| p.parent) else { return };
        let Some(queue) = self.processes.with(parent, |p| p.child_changed.clone()) else { return };
        queue.wake();
        self.send_signal(parent, Signal::CHLD);
    }

    /// Lets all threads of a process look again at what they wait for.
    pub(crate) fn wake_process(&self, pid: Pid) {
        let tasks = self.processes.with(pid, |p| p.tasks.clone()).unwrap_or_default();
        for task in tasks {
            self.executor.wake(task);
        }
    }

    /// Sends a signal to all processes of a group; whether there was one.
    pub(crate) fn signal_group(self: &Rc<Self>, group: Pid, signal: Signal) -> bool {
        let members: Vec<Pid> =
            self.processes.processes.borrow().values().filter(|p| p.group == group).map(|p| p.pid).collect();
        for member in &members {
            self.send_signal(*member, signal);
        }
        !members.is_empty()
    }
}
