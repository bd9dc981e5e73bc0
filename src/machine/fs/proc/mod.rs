//! `/proc` (`proc(5)`), made on the fly for the PID namespace that it was mounted in.
//!
//! A node is either one of a fixed tree ([`tree::FIXED`]) or belongs to a process; its number says which:
//! the process in the upper half, the entry ([`tree::PROCESS`]) or descriptor in the lower one.

mod net;
mod process;
mod sysctl;
mod system;
mod tree;

use std::rc::{Rc, Weak};

use super::{Attr, DirEntry, FileKind, FileSystem, Ino, Jump, NewNode, SetAttr};
use crate::errno::{Errno, SysResult};
use crate::io::Fd;
use crate::kernel::Kernel;
use crate::process::{Pid, PidNamespaceId};
pub(crate) use sysctl::Sysctls;
use tree::{Entry, FIXED, Kind, PROCESS};

const ROOT: Ino = 1;
/// Numbers of the fixed tree begin here.
const FIRST_FIXED: Ino = 2;
/// The lower half's entries of `/proc/PID` begin here; 0 is the directory itself.
const FIRST_ENTRY: u32 = 1;
/// Descriptors begin here.
const FIRST_FD: u32 = 0x1_0000;

/// The file system. See the module's text.
pub(crate) struct ProcFs {
    kernel: Weak<Kernel>,
    dev: u64,
    namespace: PidNamespaceId,
}

/// What a node's number stands for.
#[derive(Clone, Copy)]
enum Which {
    Root,
    Fixed(&'static Entry),
    Process(Pid),
    OfProcess(Pid, &'static Entry),
    Descriptor(Pid, Fd),
}

/// What the makers of texts work with.
struct View {
    kernel: Rc<Kernel>,
    namespace: PidNamespaceId,
    /// The process that asks.
    viewer: Pid,
}

impl View {
    fn sys(&self, pid: Pid) -> crate::Sys {
        crate::Sys { kernel: self.kernel.clone(), pid, main_thread: false }
    }

    fn inside(&self, pid: Pid) -> Option<Pid> {
        self.kernel.processes.pid_namespaces.to_inside(self.namespace, pid)
    }

    /// Reads a process's data.
    fn process<T>(&self, pid: Pid, f: impl FnOnce(&mut crate::process::Process) -> T) -> SysResult<T> {
        self.kernel.processes.with(pid, f).ok_or(Errno::ESRCH)
    }
}

fn process_ino(pid: Pid, code: u32) -> Ino {
    (Ino::from(pid.0.unsigned_abs()) << 32) | Ino::from(code)
}

impl ProcFs {
    /// `/proc` as process `pid` mounts it.
    pub fn new(kernel: &Rc<Kernel>, pid: Pid) -> Rc<ProcFs> {
        let namespace = kernel.processes.with(pid, |p| p.namespaces.pid).unwrap_or_default();
        Rc::new(ProcFs { kernel: Rc::downgrade(kernel), dev: kernel.vfs.anonymous_device(), namespace })
    }

    fn view(&self) -> SysResult<View> {
        let kernel = self.kernel.upgrade().ok_or(Errno::EIO)?;
        let viewer = kernel.vfs.current.get();
        Ok(View { kernel, namespace: self.namespace, viewer })
    }

    fn which(&self, ino: Ino) -> SysResult<Which> {
        if ino == ROOT {
            return Ok(Which::Root);
        }
        let (pid, code) = ((ino >> 32) as i32, ino as u32);
        if pid == 0 {
            let index = usize::try_from(ino - FIRST_FIXED).map_err(|_| Errno::ENOENT)?;
            return FIXED.get(index).map(Which::Fixed).ok_or(Errno::ENOENT);
        }
        let view = self.view()?;
        let pid = Pid(pid);
        if view.inside(pid).is_none() || view.process(pid, |_| ()).is_err() {
            return Err(Errno::ENOENT);
        }
        if code < FIRST_ENTRY {
            return Ok(Which::Process(pid));
        }
        if code >= FIRST_FD {
            let fd = Fd((code - FIRST_FD) as i32);
            let open = view.process(pid, |p| p.fds.get(fd).is_ok())?;
            return if open { Ok(Which::Descriptor(pid, fd)) } else { Err(Errno::ENOENT) };
        }
        PROCESS.get((code - FIRST_ENTRY) as usize).map(|entry| Which::OfProcess(pid, entry)).ok_or(Errno::ENOENT)
    }

    fn find(entries: &'static [Entry], dir: &str, name: &str) -> Option<usize> {
        entries.iter().position(|e| e.dir == dir && e.name == name)
    }

    /// The entries in a directory of a tree.
    fn list(entries: &'static [Entry], dir: &str, ino: impl Fn(usize) -> Ino) -> Vec<DirEntry> {
        let own = entries.iter().enumerate().filter(|(_, e)| e.dir == dir);
        own.map(|(i, e)| DirEntry { name: e.name.into(), ino: ino(i), kind: e.kind.file_kind() }).collect()
    }

    fn owner(&self, pid: Pid) -> (u32, u32) {
        let owner = self.view().and_then(|v| v.process(pid, |p| (p.credentials.euid, p.credentials.egid)));
        owner.unwrap_or_default()
    }
}

impl FileSystem for ProcFs {
    fn fstype(&self) -> &'static str {
        "proc"
    }

    fn dev(&self) -> u64 {
        self.dev
    }

    fn root(&self) -> Ino {
        ROOT
    }

    fn lookup(&self, dir: Ino, name: &str) -> SysResult<Ino> {
        let fixed = |path: &str| Self::find(FIXED, path, name).map(|i| FIRST_FIXED + i as Ino).ok_or(Errno::ENOENT);
        let of_process = |pid, path: &str| {
            let index = Self::find(PROCESS, path, name).ok_or(Errno::ENOENT)?;
            Ok(process_ino(pid, FIRST_ENTRY + index as u32))
        };
        match self.which(dir)? {
            Which::Root => match name.parse::<i32>() {
                Ok(number) if !name.starts_with(['+', '0', '-']) => {
                    let view = self.view()?;
                    let pid = view.kernel.processes.pid_namespaces.to_outside(self.namespace, Pid(number));
                    pid.map(|pid| process_ino(pid, 0)).ok_or(Errno::ENOENT)
                }
                _ => fixed(""),
            },
            Which::Fixed(entry) if entry.kind.is_dir() => fixed(&entry.path()),
            Which::Process(pid) => of_process(pid, ""),
            Which::OfProcess(pid, entry) if matches!(entry.kind, Kind::Descriptors) => {
                let number = name.parse().map_err(|_| Errno::ENOENT)?;
                let open = self.view()?.process(pid, |p| p.fds.get(Fd(number)).is_ok())?;
                if open { Ok(process_ino(pid, FIRST_FD + number as u32)) } else { Err(Errno::ENOENT) }
            }
            Which::OfProcess(pid, entry) if entry.kind.is_dir() => of_process(pid, entry.name),
            _ => Err(Errno::ENOTDIR),
        }
    }

    fn attr(&self, ino: Ino) -> SysResult<Attr> {
        let t = self.view()?.kernel.clock.wall();
        let mut attr = Attr { dev: self.dev, ino, nlink: 1, atime: t, mtime: t, ctime: t, ..Attr::default() };
        let (kind, mode) = match self.which(ino)? {
            Which::Root | Which::Process(_) => (FileKind::Directory, 0o555),
            Which::Fixed(entry) | Which::OfProcess(_, entry) => (entry.kind.file_kind(), entry.kind.mode()),
            Which::Descriptor(..) => (FileKind::Symlink, 0o700),
        };
        (attr.kind, attr.mode) = (kind, mode);
        if let Which::Process(pid) | Which::OfProcess(pid, _) | Which::Descriptor(pid, _) = self.which(ino)? {
            (attr.uid, attr.gid) = self.owner(pid);
        }
        if kind == FileKind::Directory {
            attr.nlink = 2;
        }
        if matches!(self.which(ino)?, Which::Descriptor(..)) {
            attr.size = 64;
        }
        Ok(attr)
    }

    fn set_attr(&self, ino: Ino, set: &SetAttr) -> SysResult<()> {
        // `>` cuts the file before it writes: that is nothing to refuse.
        self.attr(ino)?;
        if set.mode.is_some() || set.uid.is_some() || set.gid.is_some() { Err(Errno::EPERM) } else { Ok(()) }
    }

    fn read(&self, _: Ino, _: u64, _: &mut [u8]) -> SysResult<usize> {
        Err(Errno::EINVAL)
    }

    fn write(&self, ino: Ino, _: u64, buf: &[u8]) -> SysResult<usize> {
        match self.which(ino)? {
            Which::Fixed(entry) => match entry.kind {
                Kind::Setting => {
                    sysctl::write(&self.view()?, &entry.path(), buf)?;
                    Ok(buf.len())
                }
                _ => Err(Errno::EIO),
            },
            _ => Err(Errno::EINVAL),
        }
    }

    fn read_link(&self, ino: Ino) -> SysResult<String> {
        let view = self.view()?;
        match self.which(ino)? {
            Which::Fixed(Entry { kind: Kind::Link(target), .. }) => Ok((*target).into()),
            Which::Fixed(Entry { kind: Kind::SelfLink(rest), .. }) => {
                let pid = view.inside(view.viewer).ok_or(Errno::ENOENT)?;
                Ok(format!("{pid}{rest}"))
            }
            Which::OfProcess(pid, Entry { kind: Kind::ProcessLink(read), .. }) => read(&view, pid),
            Which::Descriptor(pid, fd) => process::descriptor(&view, pid, fd),
            _ => Err(Errno::EINVAL),
        }
    }

    fn read_dir(&self, dir: Ino) -> SysResult<Vec<DirEntry>> {
        let fixed = |path: &str| Self::list(FIXED, path, |i| FIRST_FIXED + i as Ino);
        let of_process = |pid, path: &str| Self::list(PROCESS, path, |i| process_ino(pid, FIRST_ENTRY + i as u32));
        let view = self.view()?;
        match self.which(dir)? {
            Which::Root => {
                let members = view.kernel.processes.pid_namespaces.members(self.namespace);
                let entry = |(inside, outside): (Pid, Pid)| DirEntry {
                    name: inside.to_string(),
                    ino: process_ino(outside, 0),
                    kind: FileKind::Directory,
                };
                Ok(members.into_iter().map(entry).chain(fixed("")).collect())
            }
            Which::Fixed(entry) if entry.kind.is_dir() => Ok(fixed(&entry.path())),
            Which::Process(pid) => Ok(of_process(pid, "")),
            Which::OfProcess(pid, Entry { kind: Kind::Descriptors, .. }) => {
                let fds: Vec<Fd> = view.process(pid, |p| p.fds.iter().map(|(fd, _)| fd).collect())?;
                let ino = |fd: Fd| process_ino(pid, FIRST_FD + fd.0 as u32);
                Ok(fds
                    .into_iter()
                    .map(|fd| DirEntry { name: fd.0.to_string(), ino: ino(fd), kind: FileKind::Symlink })
                    .collect())
            }
            Which::OfProcess(pid, entry) if entry.kind.is_dir() => Ok(of_process(pid, entry.name)),
            _ => Err(Errno::ENOTDIR),
        }
    }

    fn create(&self, _: Ino, _: &str, _: &NewNode) -> SysResult<Ino> {
        Err(Errno::ENOENT)
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

    fn generate(&self, ino: Ino) -> SysResult<Option<Vec<u8>>> {
        let view = self.view()?;
        let text = match self.which(ino)? {
            Which::Fixed(entry) => match entry.kind {
                Kind::File(make) => make(&view)?,
                Kind::Setting => sysctl::read(&view, &entry.path()),
                _ => return Ok(None),
            },
            Which::OfProcess(pid, Entry { kind: Kind::ProcessFile(_, make), .. }) => make(&view, pid)?,
            _ => return Ok(None),
        };
        Ok(Some(crate::text::to_bytes(&text)))
    }

    fn jump(&self, ino: Ino) -> SysResult<Option<Jump>> {
        let view = self.view()?;
        match self.which(ino)? {
            Which::OfProcess(pid, Entry { name: "cwd", .. }) => {
                Ok(Some(Jump::Location(view.process(pid, |p| p.fs.cwd.clone())?)))
            }
            Which::OfProcess(pid, Entry { name: "root", .. }) => {
                Ok(Some(Jump::Location(view.process(pid, |p| p.fs.root.clone())?)))
            }
            Which::Descriptor(pid, fd) => {
                let description = view.process(pid, |p| p.fds.get(fd))??;
                Ok(Some(match description.file.location() {
                    Some(at) => Jump::Location(at.clone()),
                    None => Jump::Open(description),
                }))
            }
            _ => Ok(None),
        }
    }

    fn parent(&self, dir: Ino) -> SysResult<(Ino, String)> {
        match self.which(dir)? {
            Which::Root => Ok((ROOT, String::new())),
            Which::Fixed(entry) => {
                let up = match entry.dir.rsplit_once('/') {
                    None if entry.dir.is_empty() => ROOT,
                    None => Self::find(FIXED, "", entry.dir).map_or(ROOT, |i| FIRST_FIXED + i as Ino),
                    Some((dir, name)) => Self::find(FIXED, dir, name).map_or(ROOT, |i| FIRST_FIXED + i as Ino),
                };
                Ok((up, entry.name.into()))
            }
            Which::Process(pid) => Ok((ROOT, self.view()?.inside(pid).ok_or(Errno::ENOENT)?.to_string())),
            Which::OfProcess(pid, entry) => {
                let up = Self::find(PROCESS, "", entry.dir).map_or(0, |i| FIRST_ENTRY + i as u32);
                Ok((process_ino(pid, up), entry.name.into()))
            }
            Which::Descriptor(..) => Err(Errno::ENOTDIR),
        }
    }
}
