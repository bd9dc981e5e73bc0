//! The machine as its owner sees it: switched on, driven through virtual time, watched.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::errno::SysResult;
use crate::fs::Vfs;
use crate::io::Fd;
use crate::io::relay::StreamId;
use crate::kernel::{Clock, Executor, Instant, Kernel, Rng, Stopped, UnixTime};
use crate::net::Network;
use crate::process::cgroup::{CgroupId, Cgroups};
use crate::process::table::ProcessTable;
use crate::process::{
    CloneFlags, Credentials, Disposition, Image, Limits, Namespaces, Pid, PidNamespaceId, Process, Signal, Signals,
    State, Times, Uts, WaitFor, WaitOptions,
};
use crate::program::{ExitCode, Program};
use crate::sys::{Sys, run_main};
use crate::tty::{Output, Tty, Ttys, WindowSize};

/// What a host that has finished booting gives its next process: its kernel threads and services took the numbers
/// before.
const FIRST_PID: i32 = 1021;

/// How to build a machine.
#[derive(Clone, Debug)]
pub struct MachineConfig {
    /// From it follows all that is random.
    pub seed: u64,
    /// What the wall clock shows at the start.
    pub boot: UnixTime,
    /// The host's name.
    pub hostname: String,
}

/// A machine: a kernel with process 1, which only adopts and buries.
pub struct Machine {
    kernel: Rc<Kernel>,
}

/// A terminal held from outside: its keys and its screen. Dropping it hangs up.
pub struct Console {
    kernel: Rc<Kernel>,
    tty: Rc<Tty>,
}

impl Machine {
    /// Switches a machine on: empty file systems, no programs, the host's network down but for `lo`.
    pub fn boot(config: &MachineConfig) -> Machine {
        let clock = Clock::new(config.boot);
        let (vfs, fs) = Vfs::new(&clock);
        let network = Network::new(clock.clone());
        let kernel = Rc::new(Kernel {
            clock,
            rng: Rng::new(config.seed),
            executor: Executor::default(),
            processes: ProcessTable::new(),
            cgroups: Cgroups::default(),
            vfs,
            network,
            ttys: Ttys::default(),
            programs: RefCell::default(),
            slice_cost: Default::default(),
            running: Default::default(),
            memory_taken: Default::default(),
        });
        let pid = kernel.processes.pid_namespaces.allocate(PidNamespaceId(0));
        kernel.processes.pid_namespaces.skip_to(FIRST_PID);
        let args = Rc::new(vec!["/sbin/init".to_string()]);
        let uts = Rc::new(Uts { hostname: config.hostname.clone().into() });
        let init = Process {
            pid,
            parent: Pid(0),
            group: pid,
            session: pid,
            state: State::Running,
            change: None,
            image: Image { comm: "init".into(), exe: "/sbin/init".into(), args, env: Rc::default() },
            credentials: Rc::new(Credentials::new(0, 0)),
            fs,
            fds: Default::default(),
            signals: Signals::default(),
            namespaces: Namespaces {
                pid: PidNamespaceId(0),
                pid_for_children: PidNamespaceId(0),
                net: Default::default(),
                uts,
            },
            cgroup: CgroupId(0),
            limits: Limits::default(),
            tty: None,
            tasks: Vec::new(),
            deferred: BTreeSet::new(),
            child_changed: Rc::default(),
            times: Times::default(),
            started: Instant(0),
            memory: 9_437_184,
            last_status: None,
            execed: true,
        };
        kernel.processes.processes.borrow_mut().insert(pid, init);
        let machine = Machine { kernel };
        let sys = machine.init();
        machine.kernel.add_thread(pid, run_main(sys.clone(), adopt_and_bury(sys)));
        crate::fs::mount_standard(&machine.kernel);
        machine
    }

    /// The clock's time since boot.
    pub fn now(&self) -> Instant {
        self.kernel.clock.now()
    }

    /// Registers programs, replacing those of the same name.
    pub fn install(&self, programs: impl IntoIterator<Item = Program>) {
        self.kernel.programs.borrow_mut().extend(programs.into_iter().map(|p| (p.name, p)));
    }

    /// Runs until an instant, at most so many slices. See [`Stopped`].
    pub fn run(&self, until: Instant, slices: u64) -> Stopped {
        self.kernel.run(until, slices, &|| false)
    }

    /// As [`Machine::run`], and stops also when nothing is ready and `condition` holds.
    pub fn run_until(&self, until: Instant, slices: u64, condition: &dyn Fn() -> bool) -> Stopped {
        self.kernel.run(until, slices, condition)
    }

    /// When something happens next without input: now if a program is ready, else when the next timer is due or
    /// the next packet arrives.
    pub fn next_event(&self) -> Option<Instant> {
        if self.kernel.executor.has_ready() { Some(self.now()) } else { self.kernel.next_event() }
    }

    /// How many threads there are.
    pub fn threads(&self) -> usize {
        self.kernel.executor.len()
    }

    /// A handle as if process 1 called: for setting up files and for looking at them.
    pub fn init(&self) -> Sys {
        Sys { kernel: self.kernel.clone(), pid: Pid(1), main_thread: false }
    }

    /// Starts a process from process 1 in a session of its own; gives the kernel's number.
    pub fn start<F>(&self, body: impl FnOnce(Sys) -> F) -> SysResult<Pid>
    where
        F: Future<Output = ExitCode> + 'static,
    {
        self.init().clone_process(CloneFlags::default(), |sys| {
            let run = body(sys.clone());
            async move {
                let _ = sys.setsid();
                run.await
            }
        })
    }

    /// Opens a terminal and starts `body` on it: session leader, standard descriptors on the terminal.
    pub fn open_console<F>(&self, size: WindowSize, body: impl FnOnce(Sys) -> F) -> SysResult<Console>
    where
        F: Future<Output = ExitCode> + 'static,
    {
        let pts = self.init().stat("/dev/pts")?.dev;
        let tty = self.kernel.ttys.create(&self.kernel, pts, size, Output::to_console())?;
        let slave = crate::tty::open(&tty)?;
        self.start(|sys| {
            let run = body(sys.clone());
            async move {
                for fd in [Fd::STDIN, Fd::STDOUT, Fd::STDERR] {
                    let slave = slave.clone();
                    drop(sys.with_process(|p| p.fds.set(fd, slave, false)));
                }
                drop(slave);
                let _ = sys.set_controlling_tty(Fd::STDIN);
                run.await
            }
        })?;
        Ok(Console { kernel: self.kernel.clone(), tty })
    }
}

/// Process 1: waits for whatever child there is, for ever.
async fn adopt_and_bury(sys: Sys) -> ExitCode {
    let _ = sys.sigaction(Signal::CHLD, Disposition::Catch);
    loop {
        while let Ok(Some(_)) = sys.waitpid(WaitFor::Any, WaitOptions { no_hang: true, ..Default::default() }).await {}
        let queue = sys.with_process(|p| {
            p.signals.pending.clear();
            p.child_changed.clone()
        });
        queue.wait().await;
    }
}

impl Console {
    /// Types bytes.
    pub fn type_bytes(&self, bytes: &[u8]) {
        self.tty.type_bytes(bytes);
    }

    /// Takes what was shown since the last call.
    pub fn take_output(&self) -> Vec<u8> {
        self.tty.take_console_output()
    }

    /// Sets the window's size.
    pub fn resize(&self, size: WindowSize) {
        self.tty.set_size(size);
    }

    /// Its name below `/dev`: `pts/0`.
    pub fn name(&self) -> String {
        self.tty.name()
    }

    /// Whether the program in the foreground waits for input from this terminal: itself, or through a relay such
    /// as the connection of `docker exec -it` to the container's terminal. Not while output is still on its way.
    pub fn waits_for_input(&self) -> bool {
        if self.tty.is_congested() {
            return false;
        }
        let stream = StreamId(Rc::as_ptr(&self.tty).addr());
        self.kernel.vfs.relays.waiting(stream).into_iter().any(|(stream, pid)| match self.terminal(stream) {
            Some(tty) => {
                let group = self.kernel.processes.with(pid, |p| p.group);
                tty.foreground().is_none() || tty.foreground() == group
            }
            None => true,
        })
    }

    fn terminal(&self, stream: StreamId) -> Option<Rc<Tty>> {
        self.kernel.ttys.all().into_iter().find(|tty| Rc::as_ptr(tty).addr() == stream.0)
    }

    /// The status of the shell that leads the session, where it has the terminal itself.
    pub fn shell_status(&self) -> Option<u8> {
        let (session, foreground) = (self.tty.session()?, self.tty.foreground()?);
        self.kernel.processes.with(session, |p| (p.group == foreground).then_some(p.last_status)).flatten()?
    }

    /// Whether its session's leader is gone; not so before there was one.
    pub fn is_over(&self) -> bool {
        self.tty.session_ended()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.tty.hang_up();
        self.kernel.processes.reap_tasks(&self.kernel);
    }
}
