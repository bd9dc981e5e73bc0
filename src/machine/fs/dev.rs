//! Devices: the memory devices of `/dev`, terminals by number, and the file system `/dev/pts`.

use std::rc::{Rc, Weak};

use super::open::Place;
use super::{Attr, DeviceNumber, DirEntry, FileKind, FileSystem, Ino, Location, NewNode, SetAttr};
use crate::errno::{Errno, SysResult};
use crate::io::{Description, File, Seek};
use crate::kernel::{Kernel, UnixTime};
use crate::process::Pid;
use crate::tty::WindowSize;

/// Device nodes that every `/dev` has: name, major, minor, mode.
pub(super) const NODES: &[(&str, u32, u32, u32)] = &[
    ("console", 5, 1, 0o600),
    ("full", 1, 7, 0o666),
    ("null", 1, 3, 0o666),
    ("ptmx", 5, 2, 0o666),
    ("random", 1, 8, 0o666),
    ("tty", 5, 0, 0o666),
    ("urandom", 1, 9, 0o666),
    ("zero", 1, 5, 0o666),
];

/// Links that every `/dev` has.
pub(super) const LINKS: &[(&str, &str)] = &[
    ("fd", "/proc/self/fd"),
    ("stderr", "/proc/self/fd/2"),
    ("stdin", "/proc/self/fd/0"),
    ("stdout", "/proc/self/fd/1"),
];

/// Major numbers of Unix98 terminals' slaves (`Documentation/admin-guide/devices.txt`).
const PTS_MAJOR: u32 = 136;

/// Opens a device for process `pid`.
pub(crate) fn open_device(
    kernel: &Rc<Kernel>,
    pid: Pid,
    (kind, number): (FileKind, DeviceNumber),
    place: Place,
    (readable, writable): (bool, bool),
) -> SysResult<Rc<Description>> {
    if kind == FileKind::BlockDevice {
        return Err(Errno::ENXIO);
    }
    let memory = match (number.major, number.minor) {
        (1, 3) => Memory::Null,
        (1, 5) => Memory::Zero,
        (1, 7) => Memory::Full,
        (1, 8 | 9) => Memory::Random,
        (5, 0) => {
            let tty = kernel.processes.with(pid, |p| p.tty.clone()).flatten().ok_or(Errno::ENXIO)?;
            return crate::tty::open(&tty);
        }
        (5, 2) => {
            let pts = place.at.fs().dev();
            return Ok(kernel.ttys.open_master(kernel, pts, WindowSize { columns: 0, rows: 0 })?.0);
        }
        (PTS_MAJOR, minor) => return kernel.ttys.open_slave(place.at.fs().dev(), minor),
        _ => return Err(Errno::ENXIO),
    };
    Ok(Description::with_access(MemoryDevice { memory, place, kernel: Rc::downgrade(kernel) }, readable, writable))
}

#[derive(Clone, Copy)]
enum Memory {
    Null,
    Zero,
    Full,
    Random,
}

struct MemoryDevice {
    memory: Memory,
    place: Place,
    kernel: Weak<Kernel>,
}

impl File for MemoryDevice {
    fn read(&self, buf: &mut [u8]) -> SysResult<usize> {
        match self.memory {
            Memory::Null => return Ok(0),
            Memory::Zero | Memory::Full => buf.fill(0),
            Memory::Random => self.kernel.upgrade().ok_or(Errno::EIO)?.rng.fill(buf),
        }
        Ok(buf.len())
    }

    fn write(&self, buf: &[u8]) -> SysResult<usize> {
        if matches!(self.memory, Memory::Full) { Err(Errno::ENOSPC) } else { Ok(buf.len()) }
    }

    fn seek(&self, _: Seek) -> SysResult<u64> {
        Ok(0)
    }

    fn attr(&self) -> SysResult<Attr> {
        self.place.at.fs().attr(self.place.at.ino)
    }

    fn location(&self) -> Option<&Location> {
        Some(&self.place.at)
    }

    fn opened_as(&self) -> Option<(&Location, &str)> {
        Some((&self.place.dir, &self.place.name))
    }
}

/// `/dev/pts`: one node for each terminal, and `ptmx`.
pub(super) struct DevPts {
    kernel: Weak<Kernel>,
    dev: u64,
    made: UnixTime,
}

const ROOT: Ino = 1;
const PTMX: Ino = 2;
/// Terminal N has the inode number N + 3, as in Linux.
const FIRST: Ino = 3;

impl DevPts {
    pub fn new(kernel: &Rc<Kernel>) -> Rc<DevPts> {
        let dev = kernel.vfs.anonymous_device();
        Rc::new(DevPts { kernel: Rc::downgrade(kernel), dev, made: kernel.clock.wall() })
    }

    fn numbers(&self) -> Vec<u32> {
        self.kernel.upgrade().map_or_else(Vec::new, |kernel| kernel.ttys.numbers(self.dev))
    }
}

impl FileSystem for DevPts {
    fn fstype(&self) -> &'static str {
        "devpts"
    }

    fn dev(&self) -> u64 {
        self.dev
    }

    fn root(&self) -> Ino {
        ROOT
    }

    fn lookup(&self, dir: Ino, name: &str) -> SysResult<Ino> {
        if dir != ROOT {
            return Err(Errno::ENOTDIR);
        }
        if name == "ptmx" {
            return Ok(PTMX);
        }
        let known = self.numbers().into_iter().find(|n| n.to_string() == name);
        known.map(|n| FIRST + Ino::from(n)).ok_or(Errno::ENOENT)
    }

    fn attr(&self, ino: Ino) -> SysResult<Attr> {
        let t = self.made;
        let common = Attr { dev: self.dev, ino, nlink: 1, atime: t, mtime: t, ctime: t, ..Attr::default() };
        let device = |mode, gid, major, minor| Attr {
            kind: FileKind::CharDevice,
            mode,
            gid,
            rdev: DeviceNumber { major, minor },
            ..common
        };
        match ino {
            ROOT => Ok(Attr { kind: FileKind::Directory, mode: 0o755, nlink: 2, ..common }),
            PTMX => Ok(device(0o666, 0, 5, 2)),
            _ => {
                let number = u32::try_from(ino - FIRST).map_err(|_| Errno::ENOENT)?;
                let kernel = self.kernel.upgrade().ok_or(Errno::ENOENT)?;
                kernel.ttys.get(self.dev, number).ok_or(Errno::ENOENT)?;
                Ok(device(0o620, 5, PTS_MAJOR, number))
            }
        }
    }

    fn set_attr(&self, ino: Ino, _: &SetAttr) -> SysResult<()> {
        // Owners and modes of terminals are taken as set: nothing here depends on them.
        self.attr(ino).map(|_| ())
    }

    fn read(&self, _: Ino, _: u64, _: &mut [u8]) -> SysResult<usize> {
        Err(Errno::EINVAL)
    }

    fn write(&self, _: Ino, _: u64, _: &[u8]) -> SysResult<usize> {
        Err(Errno::EINVAL)
    }

    fn read_link(&self, _: Ino) -> SysResult<String> {
        Err(Errno::EINVAL)
    }

    fn read_dir(&self, dir: Ino) -> SysResult<Vec<DirEntry>> {
        if dir != ROOT {
            return Err(Errno::ENOTDIR);
        }
        let entry = |name: String, ino| DirEntry { name, ino, kind: FileKind::CharDevice };
        let numbers = self.numbers().into_iter().map(|n| entry(n.to_string(), FIRST + Ino::from(n)));
        Ok(numbers.chain([entry("ptmx".into(), PTMX)]).collect())
    }

    fn create(&self, _: Ino, _: &str, _: &NewNode) -> SysResult<Ino> {
        Err(Errno::EACCES)
    }

    fn link(&self, _: Ino, _: Ino, _: &str) -> SysResult<()> {
        Err(Errno::EPERM)
    }

    fn unlink(&self, _: Ino, _: &str) -> SysResult<()> {
        Err(Errno::EPERM)
    }

    fn rmdir(&self, _: Ino, _: &str) -> SysResult<()> {
        Err(Errno::EPERM)
    }

    fn rename(&self, _: Ino, _: &str, _: Ino, _: &str) -> SysResult<()> {
        Err(Errno::EPERM)
    }

    fn parent(&self, dir: Ino) -> SysResult<(Ino, String)> {
        if dir == ROOT { Ok((ROOT, String::new())) } else { Err(Errno::ENOTDIR) }
    }

    fn options(&self) -> String {
        ",gid=5,mode=620,ptmxmode=666".into()
    }
}
