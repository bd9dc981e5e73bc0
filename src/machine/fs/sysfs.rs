//! `/sys`, as far as programs read it: its directories, and what Redis and the C library look up.

use std::rc::Rc;

use super::memory::{MemFs, MemFsConfig};
use super::types::{FileSystem, Ino, NewKind, NewNode};
use super::vfs::Vfs;

const DIRECTORIES: &[&str] = &[
    "block",
    "bus",
    "class",
    "class/net",
    "dev",
    "devices",
    "devices/system",
    "devices/system/cpu",
    "firmware",
    "fs",
    "fs/cgroup",
    "kernel",
    "kernel/mm",
    "kernel/mm/transparent_hugepage",
    "module",
    "power",
];

const FILES: &[(&str, &str)] = &[
    ("devices/system/cpu/online", "0-1\n"),
    ("devices/system/cpu/possible", "0-1\n"),
    ("kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n"),
];

/// A new `/sys`.
pub(super) fn new(vfs: &Vfs) -> Rc<dyn FileSystem> {
    let config = MemFsConfig {
        fstype: "sysfs",
        dev: vfs.anonymous_device(),
        capacity: 1 << 20,
        options: String::new(),
        mode: 0o555,
    };
    let fs = MemFs::new(config, &vfs.clock, &vfs.space);
    let add = |path: &str, kind: NewKind, mode: u32| -> Option<Ino> {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = dir.split('/').filter(|c| !c.is_empty()).try_fold(fs.root(), |at, c| fs.lookup(at, c).ok())?;
        fs.create(parent, name, &NewNode { kind, mode, uid: 0, gid: 0 }).ok()
    };
    for path in DIRECTORIES {
        add(path, NewKind::Directory, 0o755);
    }
    for (path, text) in FILES {
        if let Some(ino) = add(path, NewKind::Regular, 0o644) {
            // Nothing can fail: there is room, and it is a regular file.
            let _ = fs.set_content(ino, text.as_bytes().into());
        }
    }
    fs
}
