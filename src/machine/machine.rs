//! The machine as its owner sees it: switched on, driven through virtual time, watched.

use std::rc::Rc;

use crate::kernel::{Instant, Kernel, Stopped, UnixTime};
use crate::process::Pid;
use crate::program::Program;
use crate::sys::Sys;

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

/// A machine.
pub struct Machine {
    kernel: Rc<Kernel>,
}

/// A terminal held from outside: its keys and its screen.
pub struct Console {
    _private: (),
}

impl Machine {
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

    /// A handle as if process 1 called: for setting up files and for looking at them.
    pub fn init(&self) -> Sys {
        Sys { kernel: self.kernel.clone(), pid: Pid(1), main_thread: false }
    }
}
