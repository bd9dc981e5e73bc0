//! Assembles a world: a machine with a Linux host on it, its terminals, and the log of what came in.
//!
//! A world is a pure function of (this build, [`BootOptions`], log). See [`World`]. [`play`] drives one from a list of
//! steps, the same in a browser's worker and natively.

mod event;
mod host;
mod play;
mod world;

pub use event::{Event, LogEntry};
pub use host::{BootOptions, HostKind};
pub use play::{Answer, Play, Step};
pub use world::{Advance, DirEntry, World};
