//! Files and directories.

use super::Sys;
use crate::errno::SysResult;
use crate::fs::{Access, Attr, DirEntry, FileContent, MountFlags, MountKind, OpenFlags, SetAttr, StatFs};
use crate::io::Fd;

impl Sys {
    /// `open(2)`: waits only for the other end of a FIFO. `mode` is for a file that is made; the umask applies.
    pub async fn open(&self, path: &str, flags: OpenFlags, mode: u32) -> SysResult<Fd> {
        let _ = (path, flags, mode);
        todo!("fs")
    }

    /// `stat(2)`: follows links.
    pub fn stat(&self, path: &str) -> SysResult<Attr> {
        let _ = path;
        todo!("fs")
    }

    /// `lstat(2)`: does not follow a link at the end.
    pub fn lstat(&self, path: &str) -> SysResult<Attr> {
        let _ = path;
        todo!("fs")
    }

    /// `fstat(2)`.
    pub fn fstat(&self, fd: Fd) -> SysResult<Attr> {
        self.description(fd)?.file.attr()
    }

    /// `access(2)`.
    pub fn access(&self, path: &str, access: Access) -> SysResult<()> {
        let _ = (path, access);
        todo!("fs")
    }

    /// All names in a directory, without `.` and `..`, in the file system's order (not sorted).
    pub fn read_dir(&self, path: &str) -> SysResult<Vec<DirEntry>> {
        let _ = path;
        todo!("fs")
    }

    /// `mkdir(2)`.
    pub fn mkdir(&self, path: &str, mode: u32) -> SysResult<()> {
        let _ = (path, mode);
        todo!("fs")
    }

    /// `rmdir(2)`.
    pub fn rmdir(&self, path: &str) -> SysResult<()> {
        let _ = path;
        todo!("fs")
    }

    /// `unlink(2)`.
    pub fn unlink(&self, path: &str) -> SysResult<()> {
        let _ = path;
        todo!("fs")
    }

    /// `rename(2)`.
    pub fn rename(&self, from: &str, to: &str) -> SysResult<()> {
        let _ = (from, to);
        todo!("fs")
    }

    /// `link(2)`.
    pub fn link(&self, from: &str, to: &str) -> SysResult<()> {
        let _ = (from, to);
        todo!("fs")
    }

    /// `symlink(2)`.
    pub fn symlink(&self, target: &str, path: &str) -> SysResult<()> {
        let _ = (target, path);
        todo!("fs")
    }

    /// `readlink(2)`.
    pub fn read_link(&self, path: &str) -> SysResult<String> {
        let _ = path;
        todo!("fs")
    }

    /// `mkfifo(3)`.
    pub fn mkfifo(&self, path: &str, mode: u32) -> SysResult<()> {
        let _ = (path, mode);
        todo!("fs")
    }

    /// `mknod(2)` of a character device.
    pub fn mknod(&self, path: &str, mode: u32, major: u32, minor: u32) -> SysResult<()> {
        let _ = (path, mode, major, minor);
        todo!("fs")
    }

    /// `chmod`, `chown`, `utimensat`, `truncate`: follows links.
    pub fn set_attr(&self, path: &str, set: &SetAttr) -> SysResult<()> {
        let _ = (path, set);
        todo!("fs")
    }

    /// The same on a symbolic link itself (`lchown`, `utimensat` with `AT_SYMLINK_NOFOLLOW`).
    pub fn set_link_attr(&self, path: &str, set: &SetAttr) -> SysResult<()> {
        let _ = (path, set);
        todo!("fs")
    }

    /// `fchmod`, `fchown`, `futimens`, `ftruncate`.
    pub fn fset_attr(&self, fd: Fd, set: &SetAttr) -> SysResult<()> {
        let _ = (fd, set);
        todo!("fs")
    }

    /// `umask(2)`: sets, gives the old one.
    pub fn umask(&self, mask: u32) -> u32 {
        self.with_process(|p| std::mem::replace(&mut p.fs.umask, mask & 0o777))
    }

    /// `getcwd(2)`; `ENOENT` when the directory is gone.
    pub fn getcwd(&self) -> SysResult<String> {
        todo!("fs")
    }

    /// `chdir(2)`.
    pub fn chdir(&self, path: &str) -> SysResult<()> {
        let _ = path;
        todo!("fs")
    }

    /// `chroot(2)`; the working directory moves to the new root too.
    pub fn chroot(&self, path: &str) -> SysResult<()> {
        let _ = path;
        todo!("fs")
    }

    /// `realpath(3)`: absolute, without links, `.` and `..`.
    pub fn real_path(&self, path: &str) -> SysResult<String> {
        let _ = path;
        todo!("fs")
    }

    /// `statfs(2)`.
    pub fn stat_fs(&self, path: &str) -> SysResult<StatFs> {
        let _ = path;
        todo!("fs")
    }

    /// `mount(2)`, for administrators.
    pub fn mount(&self, target: &str, kind: MountKind, flags: MountFlags) -> SysResult<()> {
        let _ = (target, kind, flags);
        todo!("fs")
    }

    /// `umount(2)`.
    pub fn umount(&self, target: &str) -> SysResult<()> {
        let _ = target;
        todo!("fs")
    }

    /// `pivot_root(2)` as container runtimes use it: `path`'s mount becomes `/` of this mount namespace, and
    /// everything that was mounted outside it goes.
    pub fn pivot_root(&self, path: &str) -> SysResult<()> {
        let _ = path;
        todo!("fs")
    }

    /// A regular file's whole content by reference: cheap, whatever its size.
    pub fn file_content(&self, path: &str) -> SysResult<FileContent> {
        let _ = path;
        todo!("fs")
    }

    /// Makes or replaces a regular file with this content (`O_CREAT | O_TRUNC` and one write).
    pub fn put_file(&self, path: &str, content: FileContent, mode: u32) -> SysResult<()> {
        let _ = (path, content, mode);
        todo!("fs")
    }

    /// A regular file (or one of `/proc`) whole; at most 64 MiB, else `EFBIG`. For configuration files and the like.
    pub fn read_file(&self, path: &str) -> SysResult<Vec<u8>> {
        let _ = path;
        todo!("fs")
    }
}
