//! Mounts and the path walk.

use std::rc::Rc;

use super::{FileSystem, Ino};
use crate::process::Credentials;

/// A file as a path walk finds it: in which mount, and which file there.
#[derive(Clone)]
pub struct Location {
    /// The mount it was reached through.
    pub mount: Rc<Mount>,
    /// The file in the mount's file system.
    pub ino: Ino,
}

/// A file system mounted somewhere.
pub struct Mount {
    /// The file system.
    pub fs: Rc<dyn FileSystem>,
}

/// The mounts that a process sees.
pub struct MountNamespace {}

/// From where and as whom a path is resolved.
#[derive(Clone)]
pub struct PathContext {
    /// The mounts.
    pub mounts: Rc<MountNamespace>,
    /// `/`.
    pub root: Location,
    /// `.`.
    pub cwd: Location,
    /// Who asks.
    pub credentials: Rc<Credentials>,
}

/// All file systems of the machine.
pub struct Vfs {
    /// Who waits to read from what.
    pub(crate) relays: crate::io::relay::Relays,
}

impl Vfs {
    /// An empty root file system, and what process 1 sees of it.
    pub(crate) fn new(clock: &crate::kernel::Clock) -> (Vfs, crate::process::FsState) {
        let _ = clock;
        todo!("fs")
    }

    /// An inode number for a pipe or socket.
    pub(crate) fn anonymous_ino(&self) -> u64 {
        todo!("fs")
    }

    /// Gives a process a copy of its mount namespace.
    pub(crate) fn copy_namespace(&self, fs: &mut crate::process::FsState) -> crate::SysResult<()> {
        let _ = fs;
        todo!("fs")
    }
}

/// Mounts /proc, /dev, /sys, /dev/pts and /tmp.
pub(crate) fn mount_standard(kernel: &Rc<crate::kernel::Kernel>) {
    let _ = kernel;
    todo!("fs")
}
