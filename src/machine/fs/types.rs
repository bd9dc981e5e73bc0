//! What file systems and their callers talk in: attributes, kinds, flags, and the trait of a file system.

use std::rc::Rc;

use crate::errno::{Errno, SysResult};
use crate::kernel::UnixTime;

/// The number of a file within its file system.
pub type Ino = u64;

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum FileKind {
    /// A regular file.
    #[default]
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A FIFO or pipe.
    Fifo,
    /// A Unix socket.
    Socket,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
}

/// A device number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct DeviceNumber {
    /// The driver.
    pub major: u32,
    /// The device within it.
    pub minor: u32,
}

/// What `stat` gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Attr {
    /// The file system.
    pub dev: u64,
    /// The file in it.
    pub ino: Ino,
    /// What it is.
    pub kind: FileKind,
    /// Permission bits with setuid, setgid and sticky: `0o7777`.
    pub mode: u32,
    /// Names that refer to it.
    pub nlink: u64,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Bytes.
    pub size: u64,
    /// 512-byte blocks in use.
    pub blocks: u64,
    /// The device it stands for.
    pub rdev: DeviceNumber,
    /// Last read.
    pub atime: UnixTime,
    /// Last change of content.
    pub mtime: UnixTime,
    /// Last change of attributes.
    pub ctime: UnixTime,
}

impl Attr {
    /// Whether it is a directory.
    pub fn is_dir(&self) -> bool {
        self.kind == FileKind::Directory
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.kind == FileKind::Regular
    }
}

/// Changes of attributes; what is `None` stays.
#[derive(Clone, Copy, Default, Debug)]
pub struct SetAttr {
    /// Permission bits.
    pub mode: Option<u32>,
    /// Owner.
    pub uid: Option<u32>,
    /// Group.
    pub gid: Option<u32>,
    /// Cut or extend to so many bytes.
    pub size: Option<u64>,
    /// Last read.
    pub atime: Option<UnixTime>,
    /// Last change of content.
    pub mtime: Option<UnixTime>,
}

/// One name in a directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirEntry {
    /// The name.
    pub name: String,
    /// The file.
    pub ino: Ino,
    /// What it is.
    pub kind: FileKind,
}

/// The content of a regular file: bytes, shared until written to, and a hole of zeros behind them up to
/// `size`. A program of 16 MB thus costs its header only.
#[derive(Clone, Debug, Default)]
pub struct FileContent {
    /// The bytes that are stored.
    pub data: Bytes,
    /// The file's length; at least that of `data`.
    pub size: u64,
}

/// Stored bytes.
#[derive(Clone, Debug)]
pub enum Bytes {
    /// Part of the program.
    Static(&'static [u8]),
    /// Shared between files until one is written to.
    Shared(Rc<Vec<u8>>),
}

impl Default for Bytes {
    fn default() -> Bytes {
        Bytes::Static(&[])
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Static(bytes) => bytes,
            Bytes::Shared(bytes) => bytes,
        }
    }
}

impl From<Vec<u8>> for FileContent {
    fn from(bytes: Vec<u8>) -> FileContent {
        FileContent { size: bytes.len() as u64, data: Bytes::Shared(Rc::new(bytes)) }
    }
}

impl From<&'static [u8]> for FileContent {
    fn from(bytes: &'static [u8]) -> FileContent {
        FileContent { size: bytes.len() as u64, data: Bytes::Static(bytes) }
    }
}

impl FileContent {
    /// The same bytes, with a hole behind them up to `size`.
    pub fn padded_to(mut self, size: u64) -> FileContent {
        self.size = self.size.max(size);
        self
    }
}

/// What to create.
#[derive(Clone, Debug)]
pub enum NewKind {
    /// An empty regular file.
    Regular,
    /// A directory.
    Directory,
    /// A link to this path.
    Symlink(String),
    /// A FIFO.
    Fifo,
    /// The name of a Unix socket.
    Socket,
    /// A character device.
    CharDevice(DeviceNumber),
    /// A block device.
    BlockDevice(DeviceNumber),
}

/// What to create, with what attributes (the umask is applied already).
#[derive(Clone, Debug)]
pub struct NewNode {
    /// The kind.
    pub kind: NewKind,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

/// What `statfs` gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StatFs {
    /// Bytes in a block.
    pub block_size: u64,
    /// Blocks in all.
    pub blocks: u64,
    /// Blocks that are free.
    pub free: u64,
    /// Files in all.
    pub files: u64,
    /// Files that can still be made.
    pub files_free: u64,
}

/// What a link of `/proc` leads to.
#[derive(Clone)]
pub enum Jump {
    /// A file or directory.
    Location(super::Location),
    /// An open description of something that has no place in a file system.
    Open(Rc<crate::io::Description>),
}

/// A file system: a tree of numbered files. It checks no permissions and follows no links: that is the
/// path walk's work. Unsupported calls give `EROFS` or `EPERM`, as their kind does in Linux.
pub trait FileSystem {
    /// Its type in `/proc/mounts`: `ext4`, `overlay`, `proc`.
    fn fstype(&self) -> &'static str;
    /// Its device number, `st_dev`.
    fn dev(&self) -> u64;
    /// The directory at its top.
    fn root(&self) -> Ino;
    /// Finds a name in a directory (`.` and `..` never come here).
    fn lookup(&self, dir: Ino, name: &str) -> SysResult<Ino>;
    /// Attributes.
    fn attr(&self, ino: Ino) -> SysResult<Attr>;
    /// Changes attributes. `ino` of an overlay may have been copied up by it; numbers stay valid.
    fn set_attr(&self, ino: Ino, set: &SetAttr) -> SysResult<()>;
    /// Reads from a regular file.
    fn read(&self, ino: Ino, offset: u64, buf: &mut [u8]) -> SysResult<usize>;
    /// Writes to a regular file.
    fn write(&self, ino: Ino, offset: u64, buf: &[u8]) -> SysResult<usize>;
    /// The target of a symbolic link.
    fn read_link(&self, ino: Ino) -> SysResult<String>;
    /// All names, without `.` and `..`, in a fixed order.
    fn read_dir(&self, dir: Ino) -> SysResult<Vec<DirEntry>>;
    /// Makes a file; `EEXIST` where the name is taken.
    fn create(&self, dir: Ino, name: &str, node: &NewNode) -> SysResult<Ino>;
    /// Gives a file one more name.
    fn link(&self, ino: Ino, dir: Ino, name: &str) -> SysResult<()>;
    /// Takes a name away from something that is no directory.
    fn unlink(&self, dir: Ino, name: &str) -> SysResult<()>;
    /// Removes an empty directory.
    fn rmdir(&self, dir: Ino, name: &str) -> SysResult<()>;
    /// Moves a name, over an existing one too.
    fn rename(&self, from: Ino, name: &str, to: Ino, new_name: &str) -> SysResult<()>;
    /// A description of the file is open: it outlives its last name until as many [`FileSystem::release`].
    fn retain(&self, ino: Ino) {
        let _ = ino;
    }
    /// See [`FileSystem::retain`].
    fn release(&self, ino: Ino) {
        let _ = ino;
    }
    /// The content of a regular file by reference: cheap copies and `execve`. `None` where it is made on
    /// the fly (`/proc`).
    fn content(&self, ino: Ino) -> SysResult<Option<FileContent>> {
        let _ = ino;
        Ok(None)
    }
    /// Replaces the content of a regular file.
    fn set_content(&self, ino: Ino, content: FileContent) -> SysResult<()> {
        let _ = (ino, content);
        Err(Errno::EPERM)
    }
    /// The directory above a directory, and the name in it; the root's is itself, without a name. `ENOENT`
    /// where the directory was removed.
    fn parent(&self, dir: Ino) -> SysResult<(Ino, String)>;
    /// Called before a regular file is opened for writing: an overlay copies it up.
    fn prepare_write(&self, ino: Ino) -> SysResult<()> {
        let _ = ino;
        Ok(())
    }
    /// The bytes of a file that is made on the fly: read once at offset 0, then served to the end from there.
    fn generate(&self, ino: Ino) -> SysResult<Option<Vec<u8>>> {
        let _ = ino;
        Ok(None)
    }
    /// Where a link of `/proc` leads that is more than its text (`/proc/PID/fd/N`, `cwd`, `root`).
    fn jump(&self, ino: Ino) -> SysResult<Option<Jump>> {
        let _ = ino;
        Ok(None)
    }
    /// Whether an overlay shows nothing from below this directory (the xattr `trusted.overlay.opaque`).
    fn is_opaque(&self, dir: Ino) -> bool {
        let _ = dir;
        false
    }
    /// Sets what [`FileSystem::is_opaque`] tells.
    fn set_opaque(&self, dir: Ino, opaque: bool) -> SysResult<()> {
        let _ = (dir, opaque);
        Err(Errno::EOPNOTSUPP)
    }
    /// Space.
    fn stat_fs(&self) -> StatFs {
        StatFs::default()
    }
    /// The options that `/proc/mounts` shows after `rw` or `ro`, such as `,lowerdir=…`.
    fn options(&self) -> String {
        String::new()
    }
}

/// How to open a file: `open(2)`'s flags.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct OpenFlags {
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Every write goes to the end.
    pub append: bool,
    /// Make it if it does not exist.
    pub create: bool,
    /// With `create`: fail if it exists.
    pub exclusive: bool,
    /// Cut to nothing.
    pub truncate: bool,
    /// Fail if it is no directory.
    pub directory: bool,
    /// Fail if it is a symbolic link.
    pub no_follow: bool,
    /// `O_NONBLOCK`.
    pub nonblock: bool,
    /// Close at `execve`.
    pub cloexec: bool,
    /// Don't make a terminal the controlling one.
    pub no_ctty: bool,
}

impl OpenFlags {
    /// `O_RDONLY`.
    pub const READ: OpenFlags = OpenFlags {
        read: true,
        write: false,
        append: false,
        create: false,
        exclusive: false,
        truncate: false,
        directory: false,
        no_follow: false,
        nonblock: false,
        cloexec: false,
        no_ctty: false,
    };
    /// `O_RDWR`.
    pub const READ_WRITE: OpenFlags = OpenFlags { write: true, ..OpenFlags::READ };
    /// `O_WRONLY`.
    pub const WRITE: OpenFlags = OpenFlags { read: false, write: true, ..OpenFlags::READ };
    /// `O_WRONLY | O_CREAT | O_TRUNC`, as `>` opens.
    pub const CREATE: OpenFlags = OpenFlags { create: true, truncate: true, ..OpenFlags::WRITE };
    /// `O_WRONLY | O_CREAT | O_APPEND`, as `>>` opens.
    pub const APPEND: OpenFlags = OpenFlags { create: true, append: true, ..OpenFlags::WRITE };

    /// The same with `O_CLOEXEC`.
    pub const fn cloexec(mut self) -> OpenFlags {
        self.cloexec = true;
        self
    }
}

/// What kind of access to ask for (`access(2)`): any of the three.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Access {
    /// `R_OK`.
    pub read: bool,
    /// `W_OK`.
    pub write: bool,
    /// `X_OK`.
    pub execute: bool,
}

/// Something to mount (`mount(2)`).
#[derive(Clone, Debug)]
pub enum MountKind {
    /// The file or directory at `source` also appears here; with `recursive` the mounts below it too.
    Bind {
        /// Path of what to show.
        source: String,
        /// `MS_REC`.
        recursive: bool,
    },
    /// Directories laid over each other.
    Overlay {
        /// Read-only layers, the uppermost first.
        lower: Vec<String>,
        /// Where changes go; none makes it read-only.
        upper: Option<String>,
    },
    /// A file system in memory, with a limit in bytes.
    Tmpfs {
        /// The limit.
        size: Option<u64>,
    },
    /// A file system in memory as a container's runtime mounts it.
    NamedTmpfs {
        /// What `/proc/mounts` shows in front.
        source: &'static str,
        /// And as the type.
        fstype: &'static str,
        /// The limit in bytes.
        size: Option<u64>,
        /// The mode of the root; shown among the options unless it is 1777.
        mode: u32,
    },
    /// `/proc`, showing the caller's PID namespace.
    Proc,
    /// `/sys`, as far as programs read it.
    Sysfs,
    /// `/dev/pts`.
    Devpts,
    /// Another file system made by the caller.
    Custom(CustomFs),
}

/// A file system made outside the kernel.
#[derive(Clone)]
pub struct CustomFs(pub Rc<dyn FileSystem>);

impl std::fmt::Debug for CustomFs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.fstype())
    }
}

/// Restrictions of a mount.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MountFlags {
    /// `MS_RDONLY`.
    pub read_only: bool,
    /// `MS_NOEXEC`.
    pub no_exec: bool,
    /// `MS_NOSUID`.
    pub no_suid: bool,
    /// `MS_NODEV`.
    pub no_dev: bool,
    /// `MS_STRICTATIME`.
    pub strict_atime: bool,
}
