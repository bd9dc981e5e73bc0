//! Files: the file systems, how they are mounted, and how paths are resolved.
//!
//! A file system ([`FileSystem`]) is a tree of numbered files and checks nothing; [`Vfs`] walks paths through
//! the mounts of a process, asks for permission, and does what the system calls of `sys::files` want.

mod cgroupfs;
mod dev;
mod memory;
mod mount;
mod mounting;
mod open;
mod overlay;
mod proc;
mod sysfs;
mod types;
mod vfs;
mod walk;

pub(crate) use dev::open_device;
pub use mount::{Location, Mount, MountNamespace};
pub(crate) use mounting::mount_standard;
pub(crate) use open::{Fifo, Opened};
pub use types::*;
pub use vfs::{PathContext, Vfs};

#[cfg(test)]
mod tests;
