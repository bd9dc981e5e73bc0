//! The files of a file system in memory, and the room they share.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::types::{DeviceNumber, FileContent, FileKind, Ino};
use crate::errno::{Errno, SysResult};
use crate::kernel::UnixTime;

/// Bytes in a block.
pub(super) const BLOCK: u64 = 4096;

/// How many bytes all file systems in memory may hold together.
pub struct Space {
    used: Cell<u64>,
    limit: u64,
}

impl Space {
    /// Room for `limit` bytes.
    pub fn new(limit: u64) -> Rc<Space> {
        Rc::new(Space { used: Cell::new(0), limit })
    }

    /// Bytes that are held.
    pub fn used(&self) -> u64 {
        self.used.get()
    }

    pub fn take(&self, bytes: u64) -> SysResult<()> {
        let used = self.used.get().saturating_add(bytes);
        if used > self.limit {
            return Err(Errno::ENOSPC);
        }
        self.used.set(used);
        Ok(())
    }

    pub fn give_back(&self, bytes: u64) {
        self.used.set(self.used.get().saturating_sub(bytes));
    }
}

pub(super) struct Directory {
    pub entries: BTreeMap<String, Ino>,
    pub parent: Ino,
    pub name: String,
    pub opaque: bool,
}

pub(super) enum Body {
    File(FileContent),
    Directory(Directory),
    Symlink(String),
    Fifo,
    Socket,
    Char(DeviceNumber),
    Block(DeviceNumber),
}

pub(super) struct Node {
    pub body: Body,
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub nlink: u64,
    pub atime: UnixTime,
    pub mtime: UnixTime,
    pub ctime: UnixTime,
    /// Open descriptions.
    pub open: u32,
    /// Bytes taken from [`Space`].
    pub charged: u64,
}

impl Node {
    pub fn kind(&self) -> FileKind {
        match self.body {
            Body::File(_) => FileKind::Regular,
            Body::Directory(_) => FileKind::Directory,
            Body::Symlink(_) => FileKind::Symlink,
            Body::Fifo => FileKind::Fifo,
            Body::Socket => FileKind::Socket,
            Body::Char(_) => FileKind::CharDevice,
            Body::Block(_) => FileKind::BlockDevice,
        }
    }

    pub fn dir(&self) -> SysResult<&Directory> {
        match &self.body {
            Body::Directory(dir) => Ok(dir),
            _ => Err(Errno::ENOTDIR),
        }
    }

    pub fn dir_mut(&mut self) -> SysResult<&mut Directory> {
        match &mut self.body {
            Body::Directory(dir) => Ok(dir),
            _ => Err(Errno::ENOTDIR),
        }
    }

    pub fn file(&self) -> SysResult<&FileContent> {
        match &self.body {
            Body::File(content) => Ok(content),
            Body::Directory(_) => Err(Errno::EISDIR),
            _ => Err(Errno::EINVAL),
        }
    }

    pub fn file_mut(&mut self) -> SysResult<&mut FileContent> {
        match &mut self.body {
            Body::File(content) => Ok(content),
            Body::Directory(_) => Err(Errno::EISDIR),
            _ => Err(Errno::EINVAL),
        }
    }

    pub fn size(&self) -> u64 {
        match &self.body {
            Body::File(content) => content.size,
            Body::Directory(_) => BLOCK,
            Body::Symlink(target) => crate::text::to_bytes(target).len() as u64,
            _ => 0,
        }
    }
}
