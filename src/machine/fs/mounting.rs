//! Changing what is mounted where: `mount`, `umount`, `pivot_root`, copies of mount namespaces.

use std::cell::RefCell;
use std::rc::Rc;

use super::cgroupfs::CgroupFs;
use super::dev::{DevPts, LINKS, NODES};
use super::memory::{MemFs, MemFsConfig};
use super::mount::{Location, Mount, MountNamespace, path_of};
use super::overlay::{Layer, OverlayFs};
use super::proc::ProcFs;
use super::vfs::{PathContext, Vfs};
use super::walk::{Last, walk};
use super::{CustomFs, DeviceNumber, FileSystem, MountFlags, MountKind, NewKind};
use crate::errno::{Errno, SysResult};
use crate::kernel::Kernel;
use crate::process::{FsState, Pid};

/// The size of a tmpfs without a limit of its own: half of the machine's memory, as in Linux.
const TMPFS_SIZE: u64 = 1 << 30;

/// Mounts within mounts, at most: Linux has a limit on their number (`fs.mount-max`), with the same error.
const MOST_NESTED: usize = 200;

impl Vfs {
    /// Gives a process a copy of its mount namespace.
    pub(crate) fn copy_namespace(&self, fs: &mut FsState) -> SysResult<()> {
        let mut seen = Vec::new();
        let root = fs.mounts.root.borrow().copy_tree(&mut || self.mount_number(), &mut seen);
        let moved = |at: &Location| -> Location {
            let mount = seen.iter().find(|(old, _)| Rc::ptr_eq(old, &at.mount)).map(|(_, new)| new.clone());
            Location { mount: mount.unwrap_or_else(|| at.mount.clone()), ino: at.ino }
        };
        (fs.root, fs.cwd) = (moved(&fs.root), moved(&fs.cwd));
        fs.mounts = Rc::new(MountNamespace { root: RefCell::new(root), id: self.anonymous_ino() });
        Ok(())
    }

    /// `mount(2)`.
    pub(crate) fn mount(
        &self,
        kernel: &Rc<Kernel>,
        ctx: &PathContext,
        target: &str,
        kind: &MountKind,
        flags: MountFlags,
    ) -> SysResult<()> {
        let walked = walk(ctx, target, true)?;
        let (mut dir, last) = (walked.dir.clone(), walked.last.clone());
        let at = walked.existing()?;
        let name = match last {
            Last::Name(name) => name,
            _ => String::new(),
        };
        let onto_dir = at.fs().attr(at.ino)?.is_dir();
        if name.is_empty() || !Rc::ptr_eq(&dir.mount, &at.mount) {
            dir = at.clone();
        }
        if at.mount.depth() > MOST_NESTED {
            return Err(Errno::ENOSPC);
        }
        let (mount, below) = self.new_mount(kernel, ctx, kind, flags)?;
        if mount.fs.attr(mount.root)?.is_dir() != onto_dir {
            return Err(Errno::ENOTDIR);
        }
        mount.attach(&at, dir.ino, &name);
        drop(below);
        if matches!(kind, MountKind::Sysfs) {
            self.mount_cgroups(kernel, &mount)?;
        }
        Ok(())
    }

    /// With `/sys` comes the control groups' file system in it.
    fn mount_cgroups(&self, kernel: &Rc<Kernel>, sys: &Rc<Mount>) -> SysResult<()> {
        let dir = sys.fs.lookup(sys.fs.root(), "fs")?;
        let at = Location { mount: sys.clone(), ino: sys.fs.lookup(dir, "cgroup")? };
        let fs = CgroupFs::new(kernel);
        let root = fs.root();
        Mount::new(fs, root, sys.flags, "cgroup", self.mount_number()).attach(&at, dir, "cgroup");
        Ok(())
    }

    /// The mount to hang; with it, to be kept until then, the copies of mounts below it.
    fn new_mount(
        &self,
        kernel: &Rc<Kernel>,
        ctx: &PathContext,
        kind: &MountKind,
        flags: MountFlags,
    ) -> SysResult<(Rc<Mount>, Vec<Rc<Mount>>)> {
        let (fs, source): (Rc<dyn FileSystem>, &str) = match kind {
            MountKind::Bind { source, recursive } => return self.bind(ctx, source, *recursive, flags),
            MountKind::Overlay { lower, upper } => (self.overlay(ctx, lower, upper.as_deref())?, "overlay"),
            MountKind::Tmpfs { size } => (self.tmpfs(*size, 0o1777, ""), "tmpfs"),
            MountKind::NamedTmpfs { source, fstype, size, mode } => {
                let options = if *mode == 0o1777 { String::new() } else { format!(",mode={mode:o}") };
                (self.memory(fstype, *size, *mode, &options), source)
            }
            MountKind::Proc => (ProcFs::new(kernel, self.current.get()), "proc"),
            MountKind::Sysfs => (super::sysfs::new(self), "sysfs"),
            MountKind::Devpts => (DevPts::new(kernel), "devpts"),
            MountKind::Custom(CustomFs(fs)) => (fs.clone(), fs.fstype()),
        };
        let root = fs.root();
        Ok((Mount::new(fs, root, flags, source, self.mount_number()), Vec::new()))
    }

    /// A new file system in memory.
    pub(super) fn tmpfs(&self, size: Option<u64>, mode: u32, options: &str) -> Rc<MemFs> {
        self.memory("tmpfs", size, mode, options)
    }

    fn memory(&self, fstype: &'static str, size: Option<u64>, mode: u32, options: &str) -> Rc<MemFs> {
        let size_option = size.map_or_else(String::new, |size| format!(",size={}k", size / 1024));
        let config = MemFsConfig {
            fstype,
            dev: self.anonymous_device(),
            capacity: size.unwrap_or(TMPFS_SIZE),
            options: size_option + options,
            mode,
        };
        MemFs::new(config, &self.clock, &self.space)
    }

    fn bind(
        &self,
        ctx: &PathContext,
        source: &str,
        recursive: bool,
        flags: MountFlags,
    ) -> SysResult<(Rc<Mount>, Vec<Rc<Mount>>)> {
        let from = walk(ctx, source, true)?.existing()?;
        // What the source's mount forbids stays forbidden.
        let old = from.mount.flags;
        let flags = MountFlags { read_only: flags.read_only || old.read_only, ..flags };
        let mount = Mount::new(from.fs().clone(), from.ino, flags, &from.mount.source, self.mount_number());
        let mut below = Vec::new();
        if recursive {
            for child in from.mount.children_in_order() {
                let Some(point) = child.point.borrow().clone() else { continue };
                if from.mount.covers(from.ino, point.ino, point.dir) {
                    let copy = child.copy_tree(&mut || self.mount_number(), &mut Vec::new());
                    let at = Location { mount: mount.clone(), ino: point.ino };
                    copy.attach(&at, point.dir, &point.name);
                    below.push(copy);
                }
            }
        }
        Ok((mount, below))
    }

    fn overlay(&self, ctx: &PathContext, lower: &[String], upper: Option<&str>) -> SysResult<Rc<OverlayFs>> {
        let layer = |path: &str| -> SysResult<Layer> {
            let at = self.directory(ctx, path)?;
            Ok(Layer { fs: at.fs().clone(), root: at.ino })
        };
        let lower_layers = lower.iter().map(|path| layer(path)).collect::<SysResult<Vec<_>>>()?;
        if lower_layers.is_empty() {
            return Err(Errno::EINVAL);
        }
        let mut options = format!(",lowerdir={}", lower.join(":"));
        let upper_layer = upper.map(layer).transpose()?;
        if let Some(upper) = upper {
            let work = upper.rsplit_once('/').map_or("work".into(), |(dir, _)| format!("{dir}/work"));
            options += &format!(",upperdir={upper},workdir={work}");
        }
        Ok(OverlayFs::new(lower_layers, upper_layer, self.anonymous_device(), options))
    }

    /// `umount(2)`; with `detach` (`MNT_DETACH`) what is still in use goes on until it is closed.
    pub(crate) fn umount(&self, kernel: &Kernel, ctx: &PathContext, target: &str, detach: bool) -> SysResult<()> {
        let at = walk(ctx, target, true)?.existing()?;
        if at.ino != at.mount.root {
            return Err(Errno::EINVAL);
        }
        if at.mount.point.borrow().is_none() {
            return Err(Errno::EBUSY);
        }
        let has_children = !at.mount.children.borrow().is_empty();
        if !detach && (has_children || self.in_use(kernel, &at.mount)) {
            return Err(Errno::EBUSY);
        }
        at.mount.detach();
        Ok(())
    }

    /// Whether a process has its root, working directory or an open file in a mount.
    fn in_use(&self, kernel: &Kernel, mount: &Rc<Mount>) -> bool {
        let here = |at: &Location| Rc::ptr_eq(&at.mount, mount);
        let processes = kernel.processes.processes.borrow();
        processes.values().any(|p| {
            here(&p.fs.root) || here(&p.fs.cwd) || p.fds.iter().any(|(_, d)| d.file.location().is_some_and(here))
        })
    }

    /// `pivot_root(2)`: the mount at `path` becomes the root of the namespace; all else goes. Gives the old
    /// root, for processes to be moved.
    pub(crate) fn pivot_root(&self, ctx: &PathContext, path: &str) -> SysResult<(Location, Location)> {
        let at = walk(ctx, path, true)?.existing()?;
        if at.ino != at.mount.root || !at.fs().attr(at.ino)?.is_dir() {
            return Err(Errno::EINVAL);
        }
        let old = ctx.mounts.root.borrow().clone();
        if Rc::ptr_eq(&old, &at.mount) {
            return Err(Errno::EBUSY);
        }
        at.mount.detach();
        *ctx.mounts.root.borrow_mut() = at.mount.clone();
        Ok((old.top(), at))
    }

    /// Whether a path is where something is mounted, for `mountpoint` and the like.
    pub(crate) fn is_mount_point(&self, ctx: &PathContext, path: &str) -> SysResult<bool> {
        let at = walk(ctx, path, true)?.existing()?;
        Ok(at.ino == at.mount.root && path_of(&at, &ctx.root)?.is_some())
    }
}

/// Mounts what every host has: `/proc`, `/sys`, `/dev`, `/dev/pts`, `/dev/shm`, `/run`, and makes `/tmp`.
/// Called once the kernel and process 1 exist.
pub(crate) fn mount_standard(kernel: &Rc<Kernel>) {
    let mounted = mount_all(kernel);
    // On an empty disk with process 1 as root there is nothing that could fail.
    debug_assert!(mounted.is_ok(), "standard mounts: {mounted:?}");
}

fn mount_all(kernel: &Rc<Kernel>) -> SysResult<()> {
    let vfs = &kernel.vfs;
    let ctx = kernel.path_context(Pid(1))?;
    vfs.current.set(Pid(1));
    let mkdir = |path: &str, mode: u32| match vfs.make(&ctx, path, NewKind::Directory, mode) {
        Ok(_) | Err(Errno::EEXIST) => Ok(()),
        Err(error) => Err(error),
    };
    for (path, mode) in [("/proc", 0o555), ("/sys", 0o555), ("/dev", 0o755), ("/run", 0o755), ("/tmp", 0o1777)] {
        mkdir(path, mode)?;
    }
    let confined = MountFlags { no_exec: true, no_suid: true, no_dev: true, ..MountFlags::default() };
    let no_suid = MountFlags { no_suid: true, ..MountFlags::default() };
    let tmpfs = |size: u64| MountKind::Custom(CustomFs(vfs.tmpfs(Some(size), 0o755, ",mode=755")));
    vfs.mount(kernel, &ctx, "/sys", &MountKind::Sysfs, confined)?;
    vfs.mount(kernel, &ctx, "/proc", &MountKind::Proc, confined)?;
    vfs.mount(kernel, &ctx, "/dev", &tmpfs(4 << 20), no_suid)?;
    for (name, major, minor, mode) in NODES {
        let number = DeviceNumber { major: *major, minor: *minor };
        vfs.make(&ctx, &format!("/dev/{name}"), NewKind::CharDevice(number), *mode)?;
    }
    for (name, target) in LINKS {
        vfs.make(&ctx, &format!("/dev/{name}"), NewKind::Symlink((*target).into()), 0o777)?;
    }
    mkdir("/dev/pts", 0o755)?;
    mkdir("/dev/shm", 0o1777)?;
    vfs.mount(kernel, &ctx, "/dev/pts", &MountKind::Devpts, MountFlags { no_dev: false, ..confined })?;
    vfs.mount(kernel, &ctx, "/dev/shm", &MountKind::Tmpfs { size: None }, MountFlags { no_exec: false, ..confined })?;
    vfs.mount(kernel, &ctx, "/run", &tmpfs(400 << 20), MountFlags { no_exec: false, ..confined })
}

impl Kernel {
    /// From where and as whom process `pid` resolves paths; `/proc/self` is its from now on.
    pub(crate) fn path_context(&self, pid: Pid) -> SysResult<PathContext> {
        self.vfs.current.set(pid);
        let context = self.processes.with(pid, |p| PathContext {
            mounts: p.fs.mounts.clone(),
            root: p.fs.root.clone(),
            cwd: p.fs.cwd.clone(),
            credentials: p.credentials.clone(),
        });
        context.ok_or(Errno::ESRCH)
    }
}
