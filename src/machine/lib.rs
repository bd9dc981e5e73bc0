//! The computer: clock, executor, processes, signals, files, ttys, pipes, network namespaces.
//!
//! A deterministic Linux machine in one thread. It knows no program: programs are registered by name
//! ([`Program`]) and reach the machine through [`Sys`] alone. Whoever owns the machine drives it through
//! [`Machine`]: typed bytes in, virtual time on, shown bytes out.

pub mod calendar;
mod errno;
pub mod fs;
pub mod hardware;
pub mod io;
mod kernel;
mod machine;
pub mod net;
pub mod process;
mod program;
pub mod sys;
pub mod text;
pub mod tty;

pub use errno::{Errno, SysResult};
pub use io::{Fd, PollFd};
pub use kernel::{Instant, Rng, Stopped, TaskId, UnixTime, WaitQueue};
pub use machine::{Console, Machine, MachineConfig};
pub use process::{Pid, Signal, WaitStatus};
pub use program::{ExitCode, MainFuture, Program, build_notes, program_file};
pub use sys::Sys;
