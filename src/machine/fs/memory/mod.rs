//! A file system in memory: the machine's disk (`ext4` by name) and tmpfs.
//!
//! Semantics as POSIX and ext4 have them: hard links, files that outlive their last name while they are
//! open, `rename` over existing names. Directories list in byte order, so that nothing depends on the order
//! in which names were made.

mod node;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

pub use node::Space;
use node::{BLOCK, Body, Directory, Node};

use super::types::{
    Attr, Bytes, DeviceNumber, DirEntry, FileContent, FileKind, FileSystem, Ino, NewKind, NewNode, SetAttr, StatFs,
};
use crate::errno::{Errno, SysResult};
use crate::kernel::Clock;

/// Longest file (ext4 with blocks of 4 KiB).
const LARGEST: u64 = 16 << 40;

/// How to make a [`MemFs`].
#[derive(Clone)]
pub struct MemFsConfig {
    /// Its type in `/proc/mounts`.
    pub fstype: &'static str,
    /// `st_dev`.
    pub dev: u64,
    /// The limit on all files' sizes together, holes counted.
    pub capacity: u64,
    /// What `/proc/mounts` shows after `rw`.
    pub options: String,
    /// Mode of the root directory.
    pub mode: u32,
}

/// The file system. See the module's text.
pub struct MemFs {
    config: MemFsConfig,
    clock: Clock,
    space: Rc<Space>,
    nodes: RefCell<BTreeMap<Ino, Node>>,
    next: Cell<Ino>,
    /// Sum of all sizes, whole blocks.
    size: Cell<u64>,
}

const ROOT: Ino = 2;

fn in_blocks(size: u64) -> u64 {
    size.div_ceil(BLOCK) * BLOCK
}

impl MemFs {
    /// An empty file system with a root directory of root's.
    pub fn new(config: MemFsConfig, clock: &Clock, space: &Rc<Space>) -> Rc<MemFs> {
        let mode = config.mode;
        let fs = MemFs {
            config,
            clock: clock.clone(),
            space: space.clone(),
            nodes: RefCell::default(),
            next: Cell::new(ROOT + 1),
            size: Cell::new(0),
        };
        let root = Directory { entries: BTreeMap::new(), parent: ROOT, name: String::new(), opaque: false };
        let mut root = fs.node(Body::Directory(root), mode, 0, 0);
        root.nlink = 2;
        fs.nodes.borrow_mut().insert(ROOT, root);
        Rc::new(fs)
    }

    fn node(&self, body: Body, mode: u32, uid: u32, gid: u32) -> Node {
        let now = self.clock.wall();
        Node { body, mode, uid, gid, nlink: 1, atime: now, mtime: now, ctime: now, open: 0, charged: 0 }
    }

    fn with<T>(&self, ino: Ino, f: impl FnOnce(&Node) -> SysResult<T>) -> SysResult<T> {
        f(self.nodes.borrow().get(&ino).ok_or(Errno::ENOENT)?)
    }

    fn with_mut<T>(&self, ino: Ino, f: impl FnOnce(&mut Node) -> SysResult<T>) -> SysResult<T> {
        f(self.nodes.borrow_mut().get_mut(&ino).ok_or(Errno::ENOENT)?)
    }

    /// Changes a directory's entries, with its times.
    fn edit<T>(&self, dir: Ino, f: impl FnOnce(&mut Directory, &mut u64) -> SysResult<T>) -> SysResult<T> {
        let now = self.clock.wall();
        self.with_mut(dir, |node| {
            let mut nlink = node.nlink;
            let value = f(node.dir_mut()?, &mut nlink)?;
            (node.nlink, node.mtime, node.ctime) = (nlink, now, now);
            Ok(value)
        })
    }

    /// Books a file's growth or shrinking.
    fn resize(&self, from: u64, to: u64) -> SysResult<()> {
        if to > LARGEST {
            return Err(Errno::EFBIG);
        }
        let (from, to) = (in_blocks(from), in_blocks(to));
        let total = self.size.get().saturating_sub(from).saturating_add(to);
        if to > from && total > self.config.capacity {
            return Err(Errno::ENOSPC);
        }
        self.size.set(total);
        Ok(())
    }

    /// Books how many bytes a file keeps of its own.
    fn recharge(&self, node: &mut Node, bytes: u64) -> SysResult<()> {
        if bytes > node.charged {
            self.space.take(bytes - node.charged)?;
        } else {
            self.space.give_back(node.charged - bytes);
        }
        node.charged = bytes;
        Ok(())
    }

    /// Takes a name away from a file; the file goes with its last name unless it is open.
    fn drop_link(&self, ino: Ino) {
        let now = self.clock.wall();
        let gone = self.with_mut(ino, |node| {
            node.nlink = if node.kind() == FileKind::Directory { 0 } else { node.nlink.saturating_sub(1) };
            node.ctime = now;
            Ok(node.nlink == 0 && node.open == 0)
        });
        if gone == Ok(true) {
            self.forget(ino);
        }
    }

    fn forget(&self, ino: Ino) {
        let node = self.nodes.borrow_mut().remove(&ino);
        if let Some(node) = node {
            self.space.give_back(node.charged);
            if let Body::File(content) = &node.body {
                self.size.set(self.size.get().saturating_sub(in_blocks(content.size)));
            }
        }
    }

    fn write_at(&self, node: &mut Node, offset: u64, buf: &[u8]) -> SysResult<()> {
        let end = offset.checked_add(buf.len() as u64).ok_or(Errno::EFBIG)?;
        let (old_size, stored) = (node.file()?.size, node.file()?.data.len() as u64);
        self.resize(old_size, old_size.max(end))?;
        if let Err(error) = self.recharge(node, stored.max(end)) {
            self.resize(old_size.max(end), old_size)?;
            return Err(error);
        }
        let content = node.file_mut()?;
        if let Bytes::Static(bytes) = content.data {
            content.data = Bytes::Shared(Rc::new(bytes.to_vec()));
        }
        if let Bytes::Shared(data) = &mut content.data {
            let data = Rc::make_mut(data);
            let (start, stop) = (offset as usize, end as usize);
            if data.len() < start {
                data.resize(start, 0);
            }
            let inside = data.len().min(stop) - start;
            data[start..start + inside].copy_from_slice(&buf[..inside]);
            data.extend_from_slice(&buf[inside..]);
        }
        content.size = old_size.max(end);
        Ok(())
    }

    fn truncate(&self, node: &mut Node, size: u64) -> SysResult<()> {
        let old = node.file()?.size;
        self.resize(old, size)?;
        let content = node.file_mut()?;
        content.size = size;
        if (content.data.len() as u64) > size {
            let keep = size as usize;
            content.data = match std::mem::take(&mut content.data) {
                Bytes::Static(bytes) => Bytes::Static(&bytes[..keep]),
                Bytes::Shared(mut data) => {
                    match Rc::get_mut(&mut data) {
                        Some(data) => data.truncate(keep),
                        None => data = Rc::new(data[..keep].to_vec()),
                    }
                    Bytes::Shared(data)
                }
            };
            let stored = node.file()?.data.len() as u64;
            let stored = stored.min(node.charged);
            self.recharge(node, stored)?;
        }
        Ok(())
    }

    fn is_inside(&self, mut dir: Ino, ancestor: Ino) -> bool {
        while dir != ROOT {
            if dir == ancestor {
                return true;
            }
            match self.parent(dir) {
                Ok((parent, _)) => dir = parent,
                Err(_) => return false,
            }
        }
        ancestor == ROOT
    }

    /// Whether `ino` may take the place of `old`.
    fn may_replace(&self, ino: Ino, old: Ino) -> SysResult<()> {
        let is_dir = self.with(ino, |node| Ok(node.dir().is_ok()))?;
        self.with(old, |old| match (is_dir, &old.body) {
            (true, Body::Directory(dir)) if dir.entries.is_empty() => Ok(()),
            (true, Body::Directory(_)) => Err(Errno::ENOTEMPTY),
            (true, _) => Err(Errno::ENOTDIR),
            (false, Body::Directory(_)) => Err(Errno::EISDIR),
            (false, _) => Ok(()),
        })
    }
}

impl FileSystem for MemFs {
    fn fstype(&self) -> &'static str {
        self.config.fstype
    }

    fn dev(&self) -> u64 {
        self.config.dev
    }

    fn root(&self) -> Ino {
        ROOT
    }

    fn lookup(&self, dir: Ino, name: &str) -> SysResult<Ino> {
        self.with(dir, |node| node.dir()?.entries.get(name).copied().ok_or(Errno::ENOENT))
    }

    fn attr(&self, ino: Ino) -> SysResult<Attr> {
        self.with(ino, |node| {
            let size = match (&node.body, self.config.fstype) {
                (Body::Directory(dir), "tmpfs") => 40 + 20 * dir.entries.len() as u64,
                _ => node.size(),
            };
            let blocks = match &node.body {
                Body::File(content) => in_blocks(content.size) / 512,
                Body::Directory(_) if self.config.fstype == "ext4" => BLOCK / 512,
                _ => 0,
            };
            let rdev = match node.body {
                Body::Char(rdev) | Body::Block(rdev) => rdev,
                _ => DeviceNumber::default(),
            };
            Ok(Attr {
                dev: self.config.dev,
                ino,
                kind: node.kind(),
                mode: node.mode,
                nlink: node.nlink,
                uid: node.uid,
                gid: node.gid,
                size,
                blocks,
                rdev,
                atime: node.atime,
                mtime: node.mtime,
                ctime: node.ctime,
            })
        })
    }

    fn set_attr(&self, ino: Ino, set: &SetAttr) -> SysResult<()> {
        let now = self.clock.wall();
        self.with_mut(ino, |node| {
            if let Some(size) = set.size {
                self.truncate(node, size)?;
                node.mtime = now;
            }
            node.mode = set.mode.map_or(node.mode, |mode| mode & 0o7777);
            node.uid = set.uid.unwrap_or(node.uid);
            node.gid = set.gid.unwrap_or(node.gid);
            node.atime = set.atime.unwrap_or(node.atime);
            node.mtime = set.mtime.unwrap_or(node.mtime);
            node.ctime = now;
            Ok(())
        })
    }

    fn read(&self, ino: Ino, offset: u64, buf: &mut [u8]) -> SysResult<usize> {
        self.with(ino, |node| {
            let content = node.file()?;
            let n = content.size.saturating_sub(offset).min(buf.len() as u64) as usize;
            let start = offset.min(content.data.len() as u64) as usize;
            let stored = &content.data[start..];
            let stored = &stored[..stored.len().min(n)];
            buf[..stored.len()].copy_from_slice(stored);
            buf[stored.len()..n].fill(0);
            Ok(n)
        })
    }

    fn write(&self, ino: Ino, offset: u64, buf: &[u8]) -> SysResult<usize> {
        let now = self.clock.wall();
        self.with_mut(ino, |node| {
            self.write_at(node, offset, buf)?;
            (node.mtime, node.ctime) = (now, now);
            Ok(buf.len())
        })
    }

    fn read_link(&self, ino: Ino) -> SysResult<String> {
        self.with(ino, |node| match &node.body {
            Body::Symlink(target) => Ok(target.clone()),
            _ => Err(Errno::EINVAL),
        })
    }

    fn read_dir(&self, dir: Ino) -> SysResult<Vec<DirEntry>> {
        let nodes = self.nodes.borrow();
        let entries = &nodes.get(&dir).ok_or(Errno::ENOENT)?.dir()?.entries;
        let kind = |ino| nodes.get(ino).map_or(FileKind::Regular, Node::kind);
        Ok(entries.iter().map(|(name, ino)| DirEntry { name: name.clone(), ino: *ino, kind: kind(ino) }).collect())
    }

    fn create(&self, dir: Ino, name: &str, new: &NewNode) -> SysResult<Ino> {
        let ino = self.next.get();
        let body = match &new.kind {
            NewKind::Regular => Body::File(FileContent::default()),
            NewKind::Directory => Body::Directory(Directory {
                entries: BTreeMap::new(),
                parent: dir,
                name: name.to_string(),
                opaque: false,
            }),
            NewKind::Symlink(target) => Body::Symlink(target.clone()),
            NewKind::Fifo => Body::Fifo,
            NewKind::Socket => Body::Socket,
            NewKind::CharDevice(number) => Body::Char(*number),
            NewKind::BlockDevice(number) => Body::Block(*number),
        };
        let is_dir = matches!(body, Body::Directory(_));
        self.edit(dir, |parent, nlink| {
            if parent.entries.contains_key(name) {
                return Err(Errno::EEXIST);
            }
            parent.entries.insert(name.to_string(), ino);
            *nlink += u64::from(is_dir);
            Ok(())
        })?;
        self.next.set(ino + 1);
        let mut node = self.node(body, new.mode & 0o7777, new.uid, new.gid);
        node.nlink = if is_dir { 2 } else { 1 };
        self.nodes.borrow_mut().insert(ino, node);
        Ok(ino)
    }

    fn link(&self, ino: Ino, dir: Ino, name: &str) -> SysResult<()> {
        self.with(ino, |node| match node.body {
            Body::Directory(_) => Err(Errno::EPERM),
            _ if node.nlink == 0 => Err(Errno::ENOENT),
            _ => Ok(()),
        })?;
        self.edit(dir, |parent, _| match parent.entries.entry(name.to_string()) {
            std::collections::btree_map::Entry::Occupied(_) => Err(Errno::EEXIST),
            std::collections::btree_map::Entry::Vacant(entry) => {
                entry.insert(ino);
                Ok(())
            }
        })?;
        let now = self.clock.wall();
        self.with_mut(ino, |node| {
            node.nlink += 1;
            node.ctime = now;
            Ok(())
        })
    }

    fn unlink(&self, dir: Ino, name: &str) -> SysResult<()> {
        let ino = self.lookup(dir, name)?;
        self.with(ino, |node| if node.dir().is_ok() { Err(Errno::EISDIR) } else { Ok(()) })?;
        self.edit(dir, |parent, _| {
            parent.entries.remove(name);
            Ok(())
        })?;
        self.drop_link(ino);
        Ok(())
    }

    fn rmdir(&self, dir: Ino, name: &str) -> SysResult<()> {
        let ino = self.lookup(dir, name)?;
        self.with(ino, |node| if node.dir()?.entries.is_empty() { Ok(()) } else { Err(Errno::ENOTEMPTY) })?;
        self.edit(dir, |parent, nlink| {
            parent.entries.remove(name);
            *nlink = nlink.saturating_sub(1);
            Ok(())
        })?;
        self.drop_link(ino);
        Ok(())
    }

    fn rename(&self, from: Ino, name: &str, to: Ino, new_name: &str) -> SysResult<()> {
        let ino = self.lookup(from, name)?;
        let is_dir = self.with(ino, |node| Ok(node.dir().is_ok()))?;
        self.with(to, |node| node.dir().map(|_| ()))?;
        if is_dir && self.is_inside(to, ino) {
            return Err(Errno::EINVAL);
        }
        let old = match self.lookup(to, new_name) {
            Ok(old) if old == ino => return Ok(()),
            Ok(old) => Some(old),
            Err(_) => None,
        };
        if let Some(old) = old {
            self.may_replace(ino, old)?;
        }
        self.edit(from, |dir, nlink| {
            dir.entries.remove(name);
            *nlink -= u64::from(is_dir);
            Ok(())
        })?;
        self.edit(to, |dir, nlink| {
            dir.entries.insert(new_name.to_string(), ino);
            *nlink += u64::from(is_dir && old.is_none());
            Ok(())
        })?;
        if let Some(old) = old {
            self.drop_link(old);
        }
        let now = self.clock.wall();
        self.with_mut(ino, |node| {
            node.ctime = now;
            if let Body::Directory(dir) = &mut node.body {
                (dir.parent, dir.name) = (to, new_name.to_string());
            }
            Ok(())
        })
    }

    fn retain(&self, ino: Ino) {
        if let Some(node) = self.nodes.borrow_mut().get_mut(&ino) {
            node.open += 1;
        }
    }

    fn release(&self, ino: Ino) {
        let gone = self.with_mut(ino, |node| {
            node.open = node.open.saturating_sub(1);
            Ok(node.open == 0 && node.nlink == 0)
        });
        if gone == Ok(true) {
            self.forget(ino);
        }
    }

    fn content(&self, ino: Ino) -> SysResult<Option<FileContent>> {
        self.with(ino, |node| node.file().cloned().map(Some))
    }

    fn set_content(&self, ino: Ino, content: FileContent) -> SysResult<()> {
        let now = self.clock.wall();
        self.with_mut(ino, |node| {
            let old = node.file()?.size;
            self.resize(old, content.size)?;
            // Bytes that somebody else holds too are paid for there.
            let own = match &content.data {
                Bytes::Shared(data) if Rc::strong_count(data) == 1 => data.len() as u64,
                _ => 0,
            };
            if let Err(error) = self.recharge(node, own) {
                self.resize(content.size, old)?;
                return Err(error);
            }
            *node.file_mut()? = content;
            (node.mtime, node.ctime) = (now, now);
            Ok(())
        })
    }

    fn parent(&self, dir: Ino) -> SysResult<(Ino, String)> {
        self.with(dir, |node| {
            let found = node.dir()?;
            if node.nlink == 0 { Err(Errno::ENOENT) } else { Ok((found.parent, found.name.clone())) }
        })
    }

    fn is_opaque(&self, dir: Ino) -> bool {
        self.with(dir, |node| Ok(node.dir()?.opaque)).unwrap_or(false)
    }

    fn set_opaque(&self, dir: Ino, opaque: bool) -> SysResult<()> {
        self.with_mut(dir, |node| {
            node.dir_mut()?.opaque = opaque;
            Ok(())
        })
    }

    fn stat_fs(&self) -> StatFs {
        if self.config.fstype == "sysfs" {
            return StatFs { block_size: BLOCK, ..StatFs::default() };
        }
        let (used, blocks) = (self.size.get() / BLOCK, self.config.capacity / BLOCK);
        let (files, made) = (self.config.capacity / 16384, self.nodes.borrow().len() as u64);
        let free = blocks.saturating_sub(used);
        StatFs { block_size: BLOCK, blocks, free, files, files_free: files.saturating_sub(made) }
    }

    fn options(&self) -> String {
        self.config.options.clone()
    }
}

#[cfg(test)]
mod tests;
