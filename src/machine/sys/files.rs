//! Files and directories.

use super::Sys;
use crate::errno::{Errno, SysResult};
use crate::fs::{
    Access, Attr, DeviceNumber, DirEntry, Fifo, FileContent, MountFlags, MountKind, NewKind, OpenFlags, Opened,
    PathContext, SetAttr, StatFs, Vfs, open_device,
};
use crate::io::{Fd, FileRef};

/// Copying a byte costs this much, in nanoseconds per 16 bytes.
const COPY_COST: u64 = 1;

impl Sys {
    /// All file systems, and from where and as whom this process resolves paths.
    pub(crate) fn files(&self) -> SysResult<(&Vfs, PathContext)> {
        self.charge(super::CALL_COST);
        Ok((&self.kernel.vfs, self.kernel.path_context(self.pid)?))
    }

    fn masked(&self, mode: u32) -> u32 {
        mode & !self.with_process(|p| p.fs.umask)
    }

    /// `open(2)`: waits only for the other end of a FIFO. `mode` is for a file that is made; the umask applies.
    pub async fn open(&self, path: &str, flags: OpenFlags, mode: u32) -> SysResult<Fd> {
        let mode = self.masked(mode);
        let (vfs, ctx) = self.files()?;
        let description = match vfs.open(&ctx, path, flags, mode)? {
            Opened::Ready(description) => description,
            Opened::Fifo(fifo) => self.open_fifo(&fifo, flags).await?,
            Opened::Device(kind, number, place) => {
                open_device(&self.kernel, self.pid, (kind, number), place, (flags.read, flags.write))?
            }
        };
        if flags.nonblock {
            description.nonblocking.set(true);
        }
        let terminal = matches!(description.file.kind(), FileRef::Tty(_));
        let fd = self.add_description(description, flags.cloexec)?;
        if terminal && !flags.no_ctty && self.with_process(|p| p.session == p.pid && p.tty.is_none()) {
            // The terminal of another session stays that session's.
            let _ = self.set_controlling_tty(fd);
        }
        Ok(fd)
    }

    async fn open_fifo(&self, fifo: &Fifo, flags: OpenFlags) -> SysResult<std::rc::Rc<crate::io::Description>> {
        let (reads, writes) = (fifo.reads.get(), fifo.writes.get());
        if flags.write && !flags.read && flags.nonblock && fifo.pipe.readers() == 0 {
            return Err(Errno::ENXIO);
        }
        fifo.reads.set(reads + u64::from(flags.read));
        fifo.writes.set(writes + u64::from(flags.write));
        let end = fifo.pipe.end(flags.read, flags.write);
        if flags.read && flags.write || flags.nonblock {
            return Ok(end);
        }
        loop {
            let other_came = if flags.read {
                fifo.pipe.writers() > 0 || fifo.writes.get() != writes
            } else {
                fifo.pipe.readers() > 0 || fifo.reads.get() != reads
            };
            if other_came {
                return Ok(end);
            }
            self.wait_on(fifo.pipe.queue()).await?;
        }
    }

    /// `stat(2)`: follows links.
    pub fn stat(&self, path: &str) -> SysResult<Attr> {
        let (vfs, ctx) = self.files()?;
        vfs.stat(&ctx, path, true)
    }

    /// `lstat(2)`: does not follow a link at the end.
    pub fn lstat(&self, path: &str) -> SysResult<Attr> {
        let (vfs, ctx) = self.files()?;
        vfs.stat(&ctx, path, false)
    }

    /// `fstat(2)`.
    pub fn fstat(&self, fd: Fd) -> SysResult<Attr> {
        self.description(fd)?.file.attr()
    }

    /// `access(2)`.
    pub fn access(&self, path: &str, access: Access) -> SysResult<()> {
        let (vfs, ctx) = self.files()?;
        vfs.access(&ctx, path, access)
    }

    /// All names in a directory, without `.` and `..`, in the file system's order (not sorted).
    pub fn read_dir(&self, path: &str) -> SysResult<Vec<DirEntry>> {
        let (vfs, ctx) = self.files()?;
        vfs.read_dir(&ctx, path)
    }

    /// `mkdir(2)`.
    pub fn mkdir(&self, path: &str, mode: u32) -> SysResult<()> {
        self.make(path, NewKind::Directory, mode)
    }

    fn make(&self, path: &str, kind: NewKind, mode: u32) -> SysResult<()> {
        let mode = self.masked(mode);
        let (vfs, ctx) = self.files()?;
        vfs.make(&ctx, path, kind, mode).map(|_| ())
    }

    /// `rmdir(2)`.
    pub fn rmdir(&self, path: &str) -> SysResult<()> {
        let (vfs, ctx) = self.files()?;
        vfs.rmdir(&ctx, path)
    }

    /// `unlink(2)`.
    pub fn unlink(&self, path: &str) -> SysResult<()> {
        let (vfs, ctx) = self.files()?;
        vfs.unlink(&ctx, path)
    }

    /// `rename(2)`.
    pub fn rename(&self, from: &str, to: &str) -> SysResult<()> {
        let (vfs, ctx) = self.files()?;
        vfs.rename(&ctx, from, to)
    }

    /// `link(2)`.
    pub fn link(&self, from: &str, to: &str) -> SysResult<()> {
        let (vfs, ctx) = self.files()?;
        vfs.link(&ctx, from, to)
    }

    /// `symlink(2)`.
    pub fn symlink(&self, target: &str, path: &str) -> SysResult<()> {
        if target.is_empty() {
            return Err(Errno::ENOENT);
        }
        let (vfs, ctx) = self.files()?;
        vfs.make(&ctx, path, NewKind::Symlink(target.into()), 0o777).map(|_| ())
    }

    /// `readlink(2)`.
    pub fn read_link(&self, path: &str) -> SysResult<String> {
        let (vfs, ctx) = self.files()?;
        vfs.read_link(&ctx, path)
    }

    /// `mkfifo(3)`.
    pub fn mkfifo(&self, path: &str, mode: u32) -> SysResult<()> {
        self.make(path, NewKind::Fifo, mode)
    }

    /// `mknod(2)` of a character device.
    pub fn mknod(&self, path: &str, mode: u32, major: u32, minor: u32) -> SysResult<()> {
        self.make(path, NewKind::CharDevice(DeviceNumber { major, minor }), mode)
    }

    /// `mknod(2)` of a block device.
    pub fn mknod_block(&self, path: &str, mode: u32, major: u32, minor: u32) -> SysResult<()> {
        self.make(path, NewKind::BlockDevice(DeviceNumber { major, minor }), mode)
    }

    /// `chmod`, `chown`, `utimensat`, `truncate`: follows links.
    pub fn set_attr(&self, path: &str, set: &SetAttr) -> SysResult<()> {
        let (vfs, ctx) = self.files()?;
        vfs.set_attr(&ctx, path, set, true)
    }

    /// The same on a symbolic link itself (`lchown`, `utimensat` with `AT_SYMLINK_NOFOLLOW`).
    pub fn set_link_attr(&self, path: &str, set: &SetAttr) -> SysResult<()> {
        let (vfs, ctx) = self.files()?;
        vfs.set_attr(&ctx, path, set, false)
    }

    /// `fchmod`, `fchown`, `futimens`, `ftruncate`.
    pub fn fset_attr(&self, fd: Fd, set: &SetAttr) -> SysResult<()> {
        let description = self.description(fd)?;
        if set.size.is_some() && !description.writable {
            return Err(Errno::EINVAL);
        }
        let at = description.file.location().ok_or(Errno::EINVAL)?;
        let (vfs, ctx) = self.files()?;
        vfs.set_attr_at(&ctx.credentials, at, set, description.writable)
    }

    /// `umask(2)`: sets, gives the old one.
    pub fn umask(&self, mask: u32) -> u32 {
        self.with_process(|p| std::mem::replace(&mut p.fs.umask, mask & 0o777))
    }

    /// `getcwd(2)`; `ENOENT` when the directory is gone.
    pub fn getcwd(&self) -> SysResult<String> {
        let (vfs, ctx) = self.files()?;
        vfs.getcwd(&ctx)
    }

    /// `chdir(2)`.
    pub fn chdir(&self, path: &str) -> SysResult<()> {
        let (vfs, ctx) = self.files()?;
        let at = vfs.directory(&ctx, path)?;
        self.with_process(|p| p.fs.cwd = at);
        Ok(())
    }

    /// `chroot(2)`; the working directory moves to the new root too.
    pub fn chroot(&self, path: &str) -> SysResult<()> {
        let (vfs, ctx) = self.files()?;
        let at = vfs.directory(&ctx, path)?;
        if !ctx.credentials.has(crate::process::capability::SYS_CHROOT) {
            return Err(Errno::EPERM);
        }
        self.with_process(|p| (p.fs.root, p.fs.cwd) = (at.clone(), at));
        Ok(())
    }

    /// `realpath(3)`: absolute, without links, `.` and `..`.
    pub fn real_path(&self, path: &str) -> SysResult<String> {
        let (vfs, ctx) = self.files()?;
        vfs.real_path(&ctx, path)
    }

    /// `statfs(2)`.
    pub fn stat_fs(&self, path: &str) -> SysResult<StatFs> {
        let (vfs, ctx) = self.files()?;
        vfs.stat_fs(&ctx, path)
    }

    /// `mount(2)`, for administrators.
    pub fn mount(&self, target: &str, kind: MountKind, flags: MountFlags) -> SysResult<()> {
        let (vfs, ctx) = self.mounting()?;
        vfs.mount(&self.kernel, &ctx, target, &kind, flags)
    }

    /// `umount(2)`.
    pub fn umount(&self, target: &str) -> SysResult<()> {
        let (vfs, ctx) = self.mounting()?;
        vfs.umount(&self.kernel, &ctx, target, false)
    }

    /// `umount2(MNT_DETACH)`: at once, whoever still uses it goes on until they are done.
    pub fn umount_detach(&self, target: &str) -> SysResult<()> {
        let (vfs, ctx) = self.mounting()?;
        vfs.umount(&self.kernel, &ctx, target, true)
    }

    /// `pivot_root(2)` as container runtimes use it: `path`'s mount becomes `/` of this mount namespace, and
    /// everything that was mounted outside it goes.
    pub fn pivot_root(&self, path: &str) -> SysResult<()> {
        let (vfs, ctx) = self.mounting()?;
        let (old, new) = vfs.pivot_root(&ctx, path)?;
        for process in self.kernel.processes.processes.borrow_mut().values_mut() {
            if !std::rc::Rc::ptr_eq(&process.fs.mounts, &ctx.mounts) {
                continue;
            }
            if process.fs.root.same(&old) || process.pid == self.pid {
                process.fs.root = new.clone();
                process.fs.cwd = new.clone();
            }
        }
        Ok(())
    }

    /// Whether something is mounted at `path`.
    pub fn is_mount_point(&self, path: &str) -> SysResult<bool> {
        let (vfs, ctx) = self.files()?;
        vfs.is_mount_point(&ctx, path)
    }

    fn mounting(&self) -> SysResult<(&Vfs, PathContext)> {
        let (vfs, ctx) = self.files()?;
        if ctx.credentials.is_admin() { Ok((vfs, ctx)) } else { Err(Errno::EPERM) }
    }

    /// A regular file's whole content by reference: cheap, whatever its size.
    pub fn file_content(&self, path: &str) -> SysResult<FileContent> {
        let (vfs, ctx) = self.files()?;
        vfs.file_content(&ctx, path)
    }

    /// Makes or replaces a regular file with this content (`O_CREAT | O_TRUNC` and one write).
    pub fn put_file(&self, path: &str, content: FileContent, mode: u32) -> SysResult<()> {
        let mode = self.masked(mode);
        let (vfs, ctx) = self.files()?;
        vfs.put_file(&ctx, path, content, mode)
    }

    /// A regular file (or one of `/proc`) whole; at most 64 MiB, else `EFBIG`. For configuration files and the like.
    pub fn read_file(&self, path: &str) -> SysResult<Vec<u8>> {
        let (vfs, ctx) = self.files()?;
        let bytes = vfs.read_file(&ctx, path)?;
        self.charge(bytes.len() as u64 / 16 * COPY_COST);
        Ok(bytes)
    }

    /// Marks a directory as opaque (`setxattr("trusted.overlay.opaque", "y")`): an overlay with it as a layer
    /// shows nothing of the layers below it there. For administrators.
    pub fn set_opaque(&self, path: &str, opaque: bool) -> SysResult<()> {
        let (vfs, ctx) = self.mounting()?;
        vfs.set_opaque(&ctx, path, opaque)
    }

    /// Whether a directory is marked so.
    pub fn is_opaque(&self, path: &str) -> SysResult<bool> {
        let (vfs, ctx) = self.files()?;
        vfs.is_opaque(&ctx, path)
    }
}
