//! All file systems together: calls that take paths.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::memory::{MemFs, MemFsConfig, Space};
use super::mount::{Location, Mount, MountNamespace, path_of};
use super::open::Fifo;
use super::walk::{EXECUTE, Last, READ, WRITE, Walked, permit, walk};
use super::{
    Access, Attr, DirEntry, FileContent, FileKind, FileSystem, Ino, Jump, MountFlags, NewKind, NewNode, SetAttr, StatFs,
};
use crate::errno::{Errno, SysResult};
use crate::kernel::Clock;
use crate::process::{Credentials, FsState, Pid, capability};

/// Bytes that all files in memory may hold together.
const STORED_BYTES: u64 = 256 << 20;
/// What the disk claims to hold.
const DISK_SIZE: u64 = 62_671_097_856;
/// The disk's device number: 8:1.
const DISK_DEV: u64 = 0x801;
/// The largest file that [`Vfs::read_file`] reads whole.
const READ_WHOLE: u64 = 64 << 20;

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
    /// The process that calls now, for `/proc/self`.
    pub(crate) current: Cell<Pid>,
    /// Settings below `/proc/sys` that were changed.
    pub(crate) sysctls: super::proc::Sysctls,
    pub(super) clock: Clock,
    pub(super) space: Rc<Space>,
    pub(super) fifos: RefCell<BTreeMap<(u64, Ino), Rc<Fifo>>>,
    next_anonymous: Cell<u64>,
    next_device: Cell<u64>,
    next_mount: Cell<u64>,
}

impl Vfs {
    /// File systems with an empty disk as the root, and the place in them of process 1.
    pub(crate) fn new(clock: &Clock) -> (Vfs, FsState) {
        let vfs = Vfs {
            relays: Default::default(),
            current: Cell::new(Pid(1)),
            sysctls: Default::default(),
            clock: clock.clone(),
            space: Space::new(STORED_BYTES),
            fifos: RefCell::default(),
            next_anonymous: Cell::new(20_000),
            next_device: Cell::new(20),
            next_mount: Cell::new(21),
        };
        let config =
            MemFsConfig { fstype: "ext4", dev: DISK_DEV, capacity: DISK_SIZE, options: String::new(), mode: 0o755 };
        let disk = MemFs::new(config, clock, &vfs.space);
        let root = disk.root();
        let mount = Mount::new(disk, root, MountFlags::default(), "/dev/sda1", vfs.mount_number());
        let top = mount.top();
        let mounts = Rc::new(MountNamespace { root: RefCell::new(mount), id: vfs.anonymous_ino() });
        (vfs, FsState { mounts, root: top.clone(), cwd: top, umask: 0o022 })
    }

    /// An inode number for a pipe or socket.
    pub(crate) fn anonymous_ino(&self) -> u64 {
        let ino = self.next_anonymous.get();
        self.next_anonymous.set(ino + 1);
        ino
    }

    /// Bytes that files in memory hold.
    pub(crate) fn stored_bytes(&self) -> u64 {
        self.space.used()
    }

    /// A device number for a file system without a device: 0:N.
    pub(crate) fn anonymous_device(&self) -> u64 {
        let dev = self.next_device.get();
        self.next_device.set(dev + 1);
        // Minor numbers of more than 8 bits lie above the major's (`makedev(3)`).
        (dev & 0xff) | ((dev & !0xff) << 12)
    }

    pub(super) fn mount_number(&self) -> u64 {
        let id = self.next_mount.get();
        self.next_mount.set(id + 1);
        id
    }

    /// `stat(2)`, `lstat(2)`.
    pub(crate) fn stat(&self, ctx: &PathContext, path: &str, follow: bool) -> SysResult<Attr> {
        match walk(ctx, path, follow)?.found {
            Some(Jump::Location(at)) => at.fs().attr(at.ino),
            Some(Jump::Open(description)) => description.file.attr(),
            None => Err(Errno::ENOENT),
        }
    }

    /// `access(2)`, with the real user's rights.
    pub(crate) fn access(&self, ctx: &PathContext, path: &str, access: Access) -> SysResult<()> {
        let at = match walk(ctx, path, true)?.found {
            Some(Jump::Location(at)) => at,
            Some(Jump::Open(_)) => return Ok(()),
            None => return Err(Errno::ENOENT),
        };
        let attr = at.fs().attr(at.ino)?;
        let want =
            u32::from(access.read) * READ + u32::from(access.write) * WRITE + u32::from(access.execute) * EXECUTE;
        let real = Credentials { euid: ctx.credentials.uid, egid: ctx.credentials.gid, ..(*ctx.credentials).clone() };
        permit(&real, &attr, want)?;
        if access.write && at.mount.flags.read_only && !is_special(attr.kind) {
            return Err(Errno::EROFS);
        }
        if access.execute && at.mount.flags.no_exec && attr.is_file() {
            return Err(Errno::EACCES);
        }
        Ok(())
    }

    /// The names in a directory.
    pub(crate) fn read_dir(&self, ctx: &PathContext, path: &str) -> SysResult<Vec<DirEntry>> {
        let at = walk(ctx, path, true)?.existing()?;
        let attr = at.fs().attr(at.ino)?;
        if !attr.is_dir() {
            return Err(Errno::ENOTDIR);
        }
        permit(&ctx.credentials, &attr, READ)?;
        at.fs().read_dir(at.ino)
    }

    /// Makes something new: `mkdir(2)`, `mknod(2)`, `symlink(2)`, `bind(2)`.
    pub(crate) fn make(&self, ctx: &PathContext, path: &str, kind: NewKind, mode: u32) -> SysResult<Location> {
        let is_dir = matches!(kind, NewKind::Directory);
        let walked = walk(ctx, path, false)?;
        let Last::Name(name) = &walked.last else { return Err(Errno::EEXIST) };
        if walked.found.is_some() {
            return Err(Errno::EEXIST);
        }
        if matches!(&kind, NewKind::Symlink(target) if target.len() >= super::walk::MAX_PATH) {
            return Err(Errno::ENAMETOOLONG);
        }
        if walked.slash && !is_dir {
            return Err(Errno::ENOENT);
        }
        self.create(ctx, &walked.dir, name, kind, mode)
    }

    /// Makes a file in a directory, for the walk's owner.
    pub(super) fn create(
        &self,
        ctx: &PathContext,
        dir: &Location,
        name: &str,
        kind: NewKind,
        mode: u32,
    ) -> SysResult<Location> {
        may_write(dir)?;
        let parent = dir.fs().attr(dir.ino)?;
        permit(&ctx.credentials, &parent, WRITE | EXECUTE)?;
        let mut node = NewNode { kind, mode, uid: ctx.credentials.euid, gid: ctx.credentials.egid };
        if parent.mode & 0o2000 != 0 {
            node.gid = parent.gid;
            node.mode |= if matches!(node.kind, NewKind::Directory) { 0o2000 } else { 0 };
        }
        if matches!(node.kind, NewKind::CharDevice(_) | NewKind::BlockDevice(_))
            && !ctx.credentials.has(capability::MKNOD)
        {
            return Err(Errno::EPERM);
        }
        let ino = dir.fs().create(dir.ino, name, &node)?;
        Ok(Location { mount: dir.mount.clone(), ino })
    }

    /// `unlink(2)`.
    pub(crate) fn unlink(&self, ctx: &PathContext, path: &str) -> SysResult<()> {
        let walked = walk(ctx, path, false)?;
        let Last::Name(name) = walked.last.clone() else { return Err(Errno::EISDIR) };
        may_write(&walked.dir)?;
        let (dir, slash) = (walked.dir.clone(), walked.slash);
        let at = walked.existing()?;
        let attr = at.fs().attr(at.ino)?;
        may_remove(ctx, &dir, &attr)?;
        if attr.is_dir() {
            return Err(Errno::EISDIR);
        }
        if slash {
            return Err(Errno::ENOTDIR);
        }
        not_mounted(&dir, &at)?;
        dir.fs().unlink(dir.ino, &name)
    }

    /// `rmdir(2)`.
    pub(crate) fn rmdir(&self, ctx: &PathContext, path: &str) -> SysResult<()> {
        let walked = walk(ctx, path, false)?;
        let name = match walked.last.clone() {
            Last::Name(name) => name,
            Last::Dot => return Err(Errno::EINVAL),
            Last::DotDot => return Err(Errno::ENOTEMPTY),
            Last::Root => return Err(Errno::EBUSY),
        };
        may_write(&walked.dir)?;
        let dir = walked.dir.clone();
        let at = walked.existing()?;
        let attr = at.fs().attr(at.ino)?;
        may_remove(ctx, &dir, &attr)?;
        if !attr.is_dir() {
            return Err(Errno::ENOTDIR);
        }
        not_mounted(&dir, &at)?;
        dir.fs().rmdir(dir.ino, &name)
    }

    /// `rename(2)`.
    pub(crate) fn rename(&self, ctx: &PathContext, from: &str, to: &str) -> SysResult<()> {
        let (from, to) = (walk(ctx, from, false)?, walk(ctx, to, false)?);
        if !Rc::ptr_eq(&from.dir.mount, &to.dir.mount) {
            return Err(Errno::EXDEV);
        }
        let (Last::Name(name), Last::Name(new_name)) = (from.last.clone(), to.last.clone()) else {
            return Err(Errno::EBUSY);
        };
        may_write(&from.dir)?;
        let (from_dir, to_dir) = (from.dir.clone(), to.dir.clone());
        let (from_slash, to_slash) = (from.slash, to.slash);
        let at = from.existing()?;
        let attr = at.fs().attr(at.ino)?;
        if !attr.is_dir() && (from_slash || to_slash) {
            return Err(Errno::ENOTDIR);
        }
        may_remove(ctx, &from_dir, &attr)?;
        match to.found {
            Some(Jump::Location(old)) => {
                may_remove(ctx, &to_dir, &old.fs().attr(old.ino)?)?;
                not_mounted(&to_dir, &old)?;
            }
            Some(Jump::Open(_)) => return Err(Errno::EPERM),
            None => permit(&ctx.credentials, &to_dir.fs().attr(to_dir.ino)?, WRITE | EXECUTE)?,
        }
        not_mounted(&from_dir, &at)?;
        from_dir.fs().rename(from_dir.ino, &name, to_dir.ino, &new_name)
    }

    /// `link(2)`: a link at the end of `from` is not followed.
    pub(crate) fn link(&self, ctx: &PathContext, from: &str, to: &str) -> SysResult<()> {
        let at = walk(ctx, from, false)?.existing()?;
        let to = walk(ctx, to, false)?;
        let Last::Name(name) = &to.last else { return Err(Errno::EEXIST) };
        if to.found.is_some() {
            return Err(Errno::EEXIST);
        }
        if to.slash {
            return Err(Errno::ENOENT);
        }
        if !Rc::ptr_eq(&at.mount, &to.dir.mount) {
            return Err(Errno::EXDEV);
        }
        may_write(&to.dir)?;
        permit(&ctx.credentials, &to.dir.fs().attr(to.dir.ino)?, WRITE | EXECUTE)?;
        to.dir.fs().link(at.ino, to.dir.ino, name)
    }

    /// `readlink(2)`.
    pub(crate) fn read_link(&self, ctx: &PathContext, path: &str) -> SysResult<String> {
        let at = walk(ctx, path, false)?.existing()?;
        if at.fs().attr(at.ino)?.kind != FileKind::Symlink {
            return Err(Errno::EINVAL);
        }
        at.fs().read_link(at.ino)
    }

    /// `chmod`, `chown`, `utimensat`, `truncate`.
    pub(crate) fn set_attr(&self, ctx: &PathContext, path: &str, set: &SetAttr, follow: bool) -> SysResult<()> {
        match walk(ctx, path, follow)?.found {
            Some(Jump::Location(at)) => self.set_attr_at(&ctx.credentials, &at, set, false),
            Some(Jump::Open(_)) => Ok(()),
            None => Err(Errno::ENOENT),
        }
    }

    /// Changes attributes of a file. `open` says that it is open for writing, which is enough to cut it.
    pub(crate) fn set_attr_at(&self, who: &Credentials, at: &Location, set: &SetAttr, open: bool) -> SysResult<()> {
        may_write(at)?;
        let attr = at.fs().attr(at.ino)?;
        let owner = who.has(capability::FOWNER) || who.euid == attr.uid;
        let mut set = *set;
        if set.mode.is_some() && !owner {
            return Err(Errno::EPERM);
        }
        let new_owner = set.uid.is_some_and(|uid| uid != attr.uid);
        let foreign_group = set.gid.is_some_and(|gid| gid != attr.gid && !who.in_group(gid));
        if !who.has(capability::CHOWN)
            && (new_owner || foreign_group || ((set.uid.is_some() || set.gid.is_some()) && !owner))
        {
            return Err(Errno::EPERM);
        }
        if (set.uid.is_some() || set.gid.is_some()) && !attr.is_dir() && set.mode.is_none() && attr.mode & 0o6000 != 0 {
            let group_runs = attr.mode & 0o010 != 0;
            set.mode = Some(attr.mode & !(if group_runs { 0o6000 } else { 0o4000 }));
        }
        if (set.atime.is_some() || set.mtime.is_some()) && !owner && permit(who, &attr, WRITE).is_err() {
            return Err(Errno::EACCES);
        }
        if set.size.is_some() {
            match attr.kind {
                FileKind::Regular => {}
                FileKind::Directory => return Err(Errno::EISDIR),
                _ => return Err(Errno::EINVAL),
            }
            if !open {
                permit(who, &attr, WRITE)?;
            }
        }
        at.fs().set_attr(at.ino, &set)
    }

    /// `chdir(2)`, `chroot(2)`: the directory at a path, if it may be entered.
    pub(crate) fn directory(&self, ctx: &PathContext, path: &str) -> SysResult<Location> {
        let at = walk(ctx, path, true)?.existing()?;
        let attr = at.fs().attr(at.ino)?;
        if !attr.is_dir() {
            return Err(Errno::ENOTDIR);
        }
        permit(&ctx.credentials, &attr, EXECUTE)?;
        Ok(at)
    }

    /// `getcwd(2)`.
    pub(crate) fn getcwd(&self, ctx: &PathContext) -> SysResult<String> {
        path_of(&ctx.cwd, &ctx.root)?.ok_or(Errno::ENOENT)
    }

    /// `realpath(3)`.
    pub(crate) fn real_path(&self, ctx: &PathContext, path: &str) -> SysResult<String> {
        let walked = walk(ctx, path, true)?;
        let (dir, last) = (walked.dir.clone(), walked.last.clone());
        let at = walked.existing()?;
        if at.fs().attr(at.ino)?.is_dir() {
            return path_of(&at, &ctx.root)?.ok_or(Errno::ENOENT);
        }
        let Last::Name(name) = last else { return Err(Errno::ENOENT) };
        Ok(join(&path_of(&dir, &ctx.root)?.ok_or(Errno::ENOENT)?, &name))
    }

    /// `statfs(2)`.
    pub(crate) fn stat_fs(&self, ctx: &PathContext, path: &str) -> SysResult<StatFs> {
        Ok(walk(ctx, path, true)?.existing()?.fs().stat_fs())
    }

    /// A regular file's content by reference.
    pub(crate) fn file_content(&self, ctx: &PathContext, path: &str) -> SysResult<FileContent> {
        let at = self.readable_file(ctx, path)?;
        match at.fs().content(at.ino)? {
            Some(content) => Ok(content),
            None => Ok(self.read_file_at(&at)?.into()),
        }
    }

    /// A regular file, or one of `/proc`, whole.
    pub(crate) fn read_file(&self, ctx: &PathContext, path: &str) -> SysResult<Vec<u8>> {
        let at = self.readable_file(ctx, path)?;
        self.read_file_at(&at)
    }

    fn readable_file(&self, ctx: &PathContext, path: &str) -> SysResult<Location> {
        let at = walk(ctx, path, true)?.existing()?;
        let attr = at.fs().attr(at.ino)?;
        match attr.kind {
            FileKind::Regular => {}
            FileKind::Directory => return Err(Errno::EISDIR),
            _ => return Err(Errno::EINVAL),
        }
        // Programs are read by the kernel to run them: the right to execute is asked for separately.
        if permit(&ctx.credentials, &attr, READ).is_err() {
            permit(&ctx.credentials, &attr, EXECUTE)?;
        }
        Ok(at)
    }

    fn read_file_at(&self, at: &Location) -> SysResult<Vec<u8>> {
        if let Some(bytes) = at.fs().generate(at.ino)? {
            return Ok(bytes);
        }
        let size = at.fs().attr(at.ino)?.size;
        if size > READ_WHOLE {
            return Err(Errno::EFBIG);
        }
        let mut bytes = vec![0; size as usize];
        let n = at.fs().read(at.ino, 0, &mut bytes)?;
        bytes.truncate(n);
        Ok(bytes)
    }

    /// Makes or replaces a regular file with this content.
    pub(crate) fn put_file(&self, ctx: &PathContext, path: &str, content: FileContent, mode: u32) -> SysResult<()> {
        let walked = walk(ctx, path, true)?;
        let at = match walked {
            Walked { found: None, slash: true, .. } => return Err(Errno::EISDIR),
            Walked { found: None, dir, last: Last::Name(name), .. } => {
                self.create(ctx, &dir, &name, NewKind::Regular, mode)?
            }
            walked => {
                let at = walked.existing()?;
                let attr = at.fs().attr(at.ino)?;
                if attr.is_dir() {
                    return Err(Errno::EISDIR);
                }
                permit(&ctx.credentials, &attr, WRITE)?;
                may_write(&at)?;
                at
            }
        };
        at.fs().prepare_write(at.ino)?;
        at.fs().set_content(at.ino, content)
    }

    /// Makes the file that is a Unix socket's name; gives device and inode number, the socket's identity.
    pub(crate) fn make_socket(&self, ctx: &PathContext, path: &str, mode: u32) -> SysResult<(u64, Ino)> {
        let at = match self.make(ctx, path, NewKind::Socket, mode) {
            Err(Errno::EEXIST) => return Err(Errno::EADDRINUSE),
            other => other?,
        };
        Ok((at.fs().dev(), at.ino))
    }

    /// The identity of the Unix socket at a path, to connect to: it must be writable. `ECONNREFUSED` where
    /// the file is no socket.
    pub(crate) fn find_socket(&self, ctx: &PathContext, path: &str) -> SysResult<(u64, Ino)> {
        let at = walk(ctx, path, true)?.existing()?;
        let attr = at.fs().attr(at.ino)?;
        permit(&ctx.credentials, &attr, WRITE)?;
        if attr.kind != FileKind::Socket {
            return Err(Errno::ECONNREFUSED);
        }
        Ok((at.fs().dev(), at.ino))
    }

    /// Marks a directory so that an overlay above shows nothing from below it.
    pub(crate) fn set_opaque(&self, ctx: &PathContext, path: &str, opaque: bool) -> SysResult<()> {
        let at = walk(ctx, path, true)?.existing()?;
        at.fs().set_opaque(at.ino, opaque)
    }

    /// Whether a directory is marked so.
    pub(crate) fn is_opaque(&self, ctx: &PathContext, path: &str) -> SysResult<bool> {
        let at = walk(ctx, path, true)?.existing()?;
        Ok(at.fs().is_opaque(at.ino))
    }

    /// The path of an open file, below `root`, as `/proc/PID/fd` shows it.
    pub(crate) fn open_path(dir: &Location, name: &str, root: &Location) -> String {
        match path_of(dir, root) {
            Ok(Some(path)) => join(&path, name),
            // Outside the root or gone.
            _ => format!("/{name}"),
        }
    }
}

/// A path and a name below it.
pub(super) fn join(path: &str, name: &str) -> String {
    if path == "/" { format!("/{name}") } else { format!("{path}/{name}") }
}

/// Kinds of files that can be written to on a read-only file system.
pub(super) fn is_special(kind: FileKind) -> bool {
    !matches!(kind, FileKind::Regular | FileKind::Directory | FileKind::Symlink)
}

/// `EROFS` where the mount is read-only.
pub(super) fn may_write(at: &Location) -> SysResult<()> {
    if at.mount.flags.read_only { Err(Errno::EROFS) } else { Ok(()) }
}

/// Whether a name of a file with these attributes may be taken from a directory: the sticky bit leaves that
/// to the owners.
fn may_remove(ctx: &PathContext, dir: &Location, attr: &Attr) -> SysResult<()> {
    let parent = dir.fs().attr(dir.ino)?;
    let who = &ctx.credentials;
    permit(who, &parent, WRITE | EXECUTE)?;
    if parent.mode & 0o1000 != 0 && !who.has(capability::FOWNER) && who.euid != attr.uid && who.euid != parent.uid {
        return Err(Errno::EPERM);
    }
    Ok(())
}

/// `EBUSY` where something is mounted on the file, or it is the root directory.
fn not_mounted(dir: &Location, at: &Location) -> SysResult<()> {
    if Rc::ptr_eq(&dir.mount, &at.mount) && at.ino != at.mount.root { Ok(()) } else { Err(Errno::EBUSY) }
}
