//! `/sys/fs/cgroup` (`Documentation/admin-guide/cgroup-v2.rst`): the control group of the process that looks, as a
//! container with a cgroup namespace of its own sees it. Limits are set by system calls, not through these files.

use std::rc::{Rc, Weak};

use super::types::{Attr, DirEntry, FileKind, FileSystem, Ino, NewNode, SetAttr};
use crate::errno::{Errno, SysResult};
use crate::kernel::{Kernel, UnixTime};
use crate::process::cgroup::{CgroupId, CgroupLimits, CgroupUsage};
use crate::process::{Pid, State};

/// What the makers of texts work with.
struct View {
    kernel: Rc<Kernel>,
    viewer: Pid,
    group: CgroupId,
}

/// A file: its name, whether the root group has it too, its text.
type Row = (&'static str, bool, fn(&View) -> String);

const FILES: &[Row] = &[
    ("cgroup.controllers", true, |_| "cpu memory pids\n".into()),
    ("cgroup.procs", true, View::processes),
    ("cgroup.subtree_control", true, |_| "cpu memory pids\n".into()),
    ("cgroup.type", false, |_| "domain\n".into()),
    ("cpu.max", false, |v| match v.limits().cpu_millis {
        u64::MAX => "max 100000\n".into(),
        millis => format!("{} 100000\n", millis * 100),
    }),
    ("cpu.stat", true, |v| {
        let micros = v.usage().cpu / 1000;
        format!("usage_usec {micros}\nuser_usec {}\nsystem_usec {}\n", micros - micros / 4, micros / 4)
    }),
    ("cpuset.cpus.effective", true, |v| {
        let set = v.limits().cpuset;
        let members: Vec<String> = (0..64).filter(|n| set >> n & 1 == 1).map(|n| n.to_string()).collect();
        members.join(",") + "\n"
    }),
    ("memory.current", false, |v| format!("{}\n", v.usage().memory)),
    ("memory.events", false, |v| format!("low 0\nhigh 0\nmax 0\noom {0}\noom_kill {0}\n", v.usage().oom_kills)),
    ("memory.max", false, |v| limit(v.limits().memory)),
    ("pids.current", false, |v| format!("{}\n", v.usage().processes)),
    ("pids.max", false, |v| limit(v.limits().processes)),
];

fn limit(value: u64) -> String {
    if value == u64::MAX { "max\n".into() } else { format!("{value}\n") }
}

impl View {
    fn limits(&self) -> CgroupLimits {
        self.kernel.cgroups.with(self.group, |g| g.limits).unwrap_or_default()
    }

    fn usage(&self) -> CgroupUsage {
        crate::Sys { kernel: self.kernel.clone(), pid: self.viewer, main_thread: false }.cgroup_usage(self.group)
    }

    fn processes(&self) -> String {
        let namespace = self.kernel.processes.with(self.viewer, |p| p.namespaces.pid).unwrap_or_default();
        let processes = self.kernel.processes.processes.borrow();
        let members = processes.values().filter(|p| p.cgroup == self.group && !matches!(p.state, State::Zombie(_)));
        let seen = members.filter_map(|p| self.kernel.processes.pid_namespaces.to_inside(namespace, p.pid));
        seen.map(|pid| format!("{pid}\n")).collect()
    }
}

/// The file system. See the module's text.
pub(super) struct CgroupFs {
    kernel: Weak<Kernel>,
    dev: u64,
    made: UnixTime,
}

const ROOT: Ino = 1;
const FIRST: Ino = 2;

impl CgroupFs {
    pub fn new(kernel: &Rc<Kernel>) -> Rc<CgroupFs> {
        let dev = kernel.vfs.anonymous_device();
        Rc::new(CgroupFs { kernel: Rc::downgrade(kernel), dev, made: kernel.clock.wall() })
    }

    fn view(&self) -> SysResult<View> {
        let kernel = self.kernel.upgrade().ok_or(Errno::EIO)?;
        let viewer = kernel.vfs.current.get();
        let group = kernel.processes.with(viewer, |p| p.cgroup).ok_or(Errno::ESRCH)?;
        Ok(View { kernel, viewer, group })
    }

    /// The files that the viewer's group has, with their numbers.
    fn rows(&self) -> SysResult<impl Iterator<Item = (Ino, &'static Row)>> {
        let root = self.view()?.group == CgroupId(0);
        Ok(FILES.iter().enumerate().filter(move |(_, row)| row.1 || !root).map(|(at, row)| (FIRST + at as Ino, row)))
    }
}

impl FileSystem for CgroupFs {
    fn fstype(&self) -> &'static str {
        "cgroup2"
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
        self.rows()?.find(|(_, row)| row.0 == name).map(|(ino, _)| ino).ok_or(Errno::ENOENT)
    }

    fn attr(&self, ino: Ino) -> SysResult<Attr> {
        let t = self.made;
        let common = Attr { dev: self.dev, ino, nlink: 1, atime: t, mtime: t, ctime: t, ..Attr::default() };
        if ino == ROOT {
            return Ok(Attr { kind: FileKind::Directory, mode: 0o755, nlink: 2, ..common });
        }
        self.rows()?.find(|(number, _)| *number == ino).map(|_| Attr { mode: 0o644, ..common }).ok_or(Errno::ENOENT)
    }

    fn set_attr(&self, _: Ino, _: &SetAttr) -> SysResult<()> {
        Ok(())
    }

    fn read(&self, _: Ino, _: u64, _: &mut [u8]) -> SysResult<usize> {
        Err(Errno::EINVAL)
    }

    fn write(&self, _: Ino, _: u64, _: &[u8]) -> SysResult<usize> {
        Err(Errno::EPERM)
    }

    fn read_link(&self, _: Ino) -> SysResult<String> {
        Err(Errno::EINVAL)
    }

    fn read_dir(&self, dir: Ino) -> SysResult<Vec<DirEntry>> {
        if dir != ROOT {
            return Err(Errno::ENOTDIR);
        }
        Ok(self.rows()?.map(|(ino, row)| DirEntry { name: row.0.into(), ino, kind: FileKind::Regular }).collect())
    }

    fn create(&self, _: Ino, _: &str, _: &NewNode) -> SysResult<Ino> {
        Err(Errno::EPERM)
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
        let row = self.rows()?.find(|(number, _)| *number == ino);
        Ok(row.map(|(_, row)| row.2(&view).into_bytes()))
    }

    fn parent(&self, dir: Ino) -> SysResult<(Ino, String)> {
        if dir == ROOT { Ok((ROOT, String::new())) } else { Err(Errno::ENOTDIR) }
    }

    fn options(&self) -> String {
        ",nsdelegate".into()
    }
}
