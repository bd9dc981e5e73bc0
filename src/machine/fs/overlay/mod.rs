//! `overlayfs`: directories laid over each other, changes in the uppermost.
//!
//! On-disk format as in Linux (`Documentation/filesystems/overlayfs.rst`): a removed name is a character
//! device 0/0 in the upper directory, a directory that hides all below is marked opaque. So the upper
//! directory can be read as it is: `docker diff` and `docker commit` do.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::types::{
    Attr, DeviceNumber, DirEntry, FileContent, FileKind, FileSystem, Ino, NewKind, NewNode, SetAttr, StatFs,
};
use crate::errno::{Errno, SysResult};

/// One directory of another file system.
pub(super) struct Layer {
    pub fs: Rc<dyn FileSystem>,
    pub root: Ino,
}

/// A file in one of the layers: layer (0 is the upper one) and number there.
type Real = (usize, Ino);

#[derive(Clone)]
struct Node {
    /// Where it was found last.
    parent: Ino,
    name: String,
    /// What it consists of, the uppermost first. Only directories consist of more than one.
    reals: Vec<Real>,
    /// Its last known name was removed.
    gone: bool,
    open: u32,
    /// What is retained while it is open.
    held: Vec<Real>,
}

/// The file system. See the module's text.
pub(super) struct OverlayFs {
    /// Layer 0 is the upper one; `None` where the overlay is read-only.
    layers: Vec<Option<Layer>>,
    dev: u64,
    options: String,
    nodes: RefCell<BTreeMap<Ino, Node>>,
    numbers: RefCell<BTreeMap<Real, Ino>>,
    next: Cell<Ino>,
}

const ROOT: Ino = 1;
const UPPER: usize = 0;
const WHITEOUT: DeviceNumber = DeviceNumber { major: 0, minor: 0 };

fn is_whiteout(attr: &Attr) -> bool {
    attr.kind == FileKind::CharDevice && attr.rdev == WHITEOUT
}

impl OverlayFs {
    /// Lays `lower` (the uppermost first) under `upper`.
    pub fn new(lower: Vec<Layer>, upper: Option<Layer>, dev: u64, options: String) -> Rc<OverlayFs> {
        let layers: Vec<Option<Layer>> = [upper].into_iter().chain(lower.into_iter().map(Some)).collect();
        let reals: Vec<Real> = layers.iter().enumerate().filter_map(|(i, l)| Some((i, l.as_ref()?.root))).collect();
        let root = Node { parent: ROOT, name: String::new(), reals, gone: false, open: 0, held: Vec::new() };
        Rc::new(OverlayFs {
            layers,
            dev,
            options,
            nodes: RefCell::new(BTreeMap::from([(ROOT, root)])),
            numbers: RefCell::default(),
            next: Cell::new(ROOT + 1),
        })
    }

    fn fs(&self, layer: usize) -> SysResult<&Rc<dyn FileSystem>> {
        self.layers.get(layer).and_then(Option::as_ref).map(|layer| &layer.fs).ok_or(Errno::EROFS)
    }

    fn node(&self, ino: Ino) -> SysResult<Node> {
        self.nodes.borrow().get(&ino).cloned().ok_or(Errno::ENOENT)
    }

    fn with_node<T>(&self, ino: Ino, f: impl FnOnce(&mut Node) -> T) -> SysResult<T> {
        self.nodes.borrow_mut().get_mut(&ino).map(f).ok_or(Errno::ENOENT)
    }

    /// The real file that shows: its file system and number.
    fn top(&self, ino: Ino) -> SysResult<(&Rc<dyn FileSystem>, Ino)> {
        let (layer, real) = self.node(ino)?.reals.first().copied().ok_or(Errno::ENOENT)?;
        Ok((self.fs(layer)?, real))
    }

    /// The number that stands for a real file.
    fn number(&self, real: Real) -> Ino {
        *self.numbers.borrow_mut().entry(real).or_insert_with(|| {
            let ino = self.next.get();
            self.next.set(ino + 1);
            ino
        })
    }

    /// What `name` in a directory made of `dirs` consists of; `ENOENT` where there is nothing.
    fn find(&self, dirs: &[Real], name: &str) -> SysResult<Vec<Real>> {
        let mut found = Vec::new();
        for &(layer, dir) in dirs {
            let fs = self.fs(layer)?;
            let ino = match fs.lookup(dir, name) {
                Ok(ino) => ino,
                Err(Errno::ENOENT) => continue,
                Err(error) => return Err(error),
            };
            let attr = fs.attr(ino)?;
            if is_whiteout(&attr) || (!attr.is_dir() && !found.is_empty()) {
                break;
            }
            found.push((layer, ino));
            if !attr.is_dir() || fs.is_opaque(ino) {
                break;
            }
        }
        if found.is_empty() { Err(Errno::ENOENT) } else { Ok(found) }
    }

    /// Whether a layer below the upper one shows `name` in a directory.
    fn below_has(&self, dir: &Node, name: &str) -> SysResult<bool> {
        let below: Vec<Real> = dir.reals.iter().copied().filter(|(layer, _)| *layer != UPPER).collect();
        match self.find(&below, name) {
            Ok(_) => Ok(true),
            Err(Errno::ENOENT) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn adopt(&self, dir: Ino, name: &str, reals: Vec<Real>) -> SysResult<Ino> {
        let ino = self.number(*reals.first().ok_or(Errno::ENOENT)?);
        let mut nodes = self.nodes.borrow_mut();
        let node = nodes.entry(ino).or_insert_with(|| Node {
            parent: dir,
            name: String::new(),
            reals: Vec::new(),
            gone: false,
            open: 0,
            held: Vec::new(),
        });
        (node.parent, node.reals, node.gone) = (dir, reals, false);
        if node.name != name {
            node.name = name.to_string();
        }
        Ok(ino)
    }

    /// The file's number in the upper layer, copying it and the directories above it there.
    fn copy_up(&self, ino: Ino) -> SysResult<Ino> {
        self.fs(UPPER)?;
        let mut chain = Vec::new();
        let mut at = ino;
        loop {
            let node = self.node(at)?;
            if let Some(&(UPPER, _)) = node.reals.first() {
                break;
            }
            if node.gone || chain.len() > super::walk::MAX_DEPTH {
                return Err(Errno::ENOENT);
            }
            let parent = node.parent;
            chain.push((at, node));
            at = parent;
        }
        for (ino, node) in chain.into_iter().rev() {
            self.copy_one_up(ino, &node)?;
        }
        match self.node(ino)?.reals.first() {
            Some(&(UPPER, real)) => Ok(real),
            _ => Err(Errno::EIO),
        }
    }

    /// Copies one file up, whose directory is there already.
    fn copy_one_up(&self, ino: Ino, node: &Node) -> SysResult<()> {
        let &(layer, real) = node.reals.first().ok_or(Errno::ENOENT)?;
        let (from, to) = (self.fs(layer)?, self.fs(UPPER)?);
        let Some(&(UPPER, dir)) = self.node(node.parent)?.reals.first() else { return Err(Errno::EIO) };
        let attr = from.attr(real)?;
        let kind = match attr.kind {
            FileKind::Regular => NewKind::Regular,
            FileKind::Directory => NewKind::Directory,
            FileKind::Symlink => NewKind::Symlink(from.read_link(real)?),
            FileKind::Fifo => NewKind::Fifo,
            FileKind::Socket => NewKind::Socket,
            FileKind::CharDevice => NewKind::CharDevice(attr.rdev),
            FileKind::BlockDevice => NewKind::BlockDevice(attr.rdev),
        };
        let dir_times = to.attr(dir)?;
        let copy = to.create(dir, &node.name, &NewNode { kind, mode: attr.mode, uid: attr.uid, gid: attr.gid })?;
        if attr.is_file() {
            let content = from.content(real)?.ok_or(Errno::EIO)?;
            if let Err(error) = to.set_content(copy, content) {
                to.unlink(dir, &node.name)?;
                return Err(error);
            }
        }
        let times = |attr: &Attr| SetAttr { atime: Some(attr.atime), mtime: Some(attr.mtime), ..SetAttr::default() };
        to.set_attr(copy, &times(&attr))?;
        to.set_attr(dir, &times(&dir_times))?;
        let mut numbers = self.numbers.borrow_mut();
        numbers.insert((UPPER, copy), ino);
        if !attr.is_dir() {
            // Other names of a hard-linked file keep showing what lies below.
            numbers.remove(&(layer, real));
        }
        drop(numbers);
        self.with_node(ino, |node| {
            if !attr.is_dir() {
                node.reals.clear();
            }
            node.reals.insert(0, (UPPER, copy));
            if node.open > 0 {
                to.retain(copy);
                node.held.push((UPPER, copy));
            }
        })
    }

    /// Removes a whiteout from the upper directory; whether there was one.
    fn clear_whiteout(&self, dir: Ino, name: &str) -> SysResult<bool> {
        let upper = self.fs(UPPER)?;
        match upper.lookup(dir, name) {
            Ok(ino) if is_whiteout(&upper.attr(ino)?) => {
                upper.unlink(dir, name)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn make_whiteout(&self, dir: Ino, name: &str) -> SysResult<()> {
        let node = NewNode { kind: NewKind::CharDevice(WHITEOUT), mode: 0, uid: 0, gid: 0 };
        self.fs(UPPER)?.create(dir, name, &node).map(|_| ())
    }

    /// Takes a name out of the upper directory and covers what shows from below.
    fn remove(&self, dir: Ino, name: &str, is_dir: bool) -> SysResult<()> {
        let upper_dir = self.copy_up(dir)?;
        let node = self.node(dir)?;
        let reals = self.find(&node.reals, name)?;
        if let Some(&(UPPER, real)) = reals.first() {
            let upper = self.fs(UPPER)?;
            if is_dir {
                self.clear_whiteouts(real)?;
                upper.rmdir(upper_dir, name)?;
            } else {
                upper.unlink(upper_dir, name)?;
            }
        }
        if self.below_has(&node, name)? {
            self.make_whiteout(upper_dir, name)?;
        }
        let ino = reals.first().and_then(|real| self.numbers.borrow().get(real).copied());
        if let Some(ino) = ino {
            let forget = self.with_node(ino, |node| {
                node.gone |= node.parent == dir && node.name == name;
                node.gone && node.open == 0
            });
            // Numbers of other names of the same file stay what they are.
            if forget == Ok(true) {
                self.nodes.borrow_mut().remove(&ino);
            }
        }
        Ok(())
    }

    /// Removes the whiteouts from an upper directory that shows nothing.
    fn clear_whiteouts(&self, dir: Ino) -> SysResult<()> {
        let upper = self.fs(UPPER)?;
        for entry in upper.read_dir(dir)? {
            self.clear_whiteout(dir, &entry.name)?;
        }
        Ok(())
    }

    /// What may be replaced by a rename, as [`FileSystem::rename`] checks it.
    fn may_replace(&self, old: Ino, new_is_dir: bool) -> SysResult<bool> {
        let old_is_dir = self.attr(old)?.is_dir();
        match (new_is_dir, old_is_dir) {
            (true, true) if !self.read_dir(old)?.is_empty() => Err(Errno::ENOTEMPTY),
            (true, false) => Err(Errno::ENOTDIR),
            (false, true) => Err(Errno::EISDIR),
            _ => Ok(old_is_dir),
        }
    }
}

impl FileSystem for OverlayFs {
    fn fstype(&self) -> &'static str {
        "overlay"
    }

    fn dev(&self) -> u64 {
        self.dev
    }

    fn root(&self) -> Ino {
        ROOT
    }

    fn lookup(&self, dir: Ino, name: &str) -> SysResult<Ino> {
        let dirs = self.node(dir)?.reals;
        let reals = self.find(&dirs, name)?;
        self.adopt(dir, name, reals)
    }

    fn attr(&self, ino: Ino) -> SysResult<Attr> {
        let node = self.node(ino)?;
        let &(layer, real) = node.reals.first().ok_or(Errno::ENOENT)?;
        let attr = self.fs(layer)?.attr(real)?;
        let nlink = if node.reals.len() > 1 { 1 } else { attr.nlink };
        Ok(Attr { dev: self.dev, ino, nlink, ..attr })
    }

    fn set_attr(&self, ino: Ino, set: &SetAttr) -> SysResult<()> {
        let real = self.copy_up(ino)?;
        self.fs(UPPER)?.set_attr(real, set)
    }

    fn read(&self, ino: Ino, offset: u64, buf: &mut [u8]) -> SysResult<usize> {
        let (fs, real) = self.top(ino)?;
        fs.read(real, offset, buf)
    }

    fn write(&self, ino: Ino, offset: u64, buf: &[u8]) -> SysResult<usize> {
        let real = self.copy_up(ino)?;
        self.fs(UPPER)?.write(real, offset, buf)
    }

    fn read_link(&self, ino: Ino) -> SysResult<String> {
        let (fs, real) = self.top(ino)?;
        fs.read_link(real)
    }

    fn read_dir(&self, dir: Ino) -> SysResult<Vec<DirEntry>> {
        let (mut shown, mut hidden) = (BTreeMap::new(), BTreeSet::new());
        for (layer, real) in self.node(dir)?.reals {
            let fs = self.fs(layer)?;
            for mut entry in fs.read_dir(real)? {
                if shown.contains_key(&entry.name) || hidden.contains(&entry.name) {
                    continue;
                }
                if entry.kind == FileKind::CharDevice && is_whiteout(&fs.attr(entry.ino)?) {
                    hidden.insert(entry.name);
                    continue;
                }
                entry.ino = self.number((layer, entry.ino));
                shown.insert(entry.name.clone(), entry);
            }
        }
        Ok(shown.into_values().collect())
    }

    fn create(&self, dir: Ino, name: &str, node: &NewNode) -> SysResult<Ino> {
        match self.find(&self.node(dir)?.reals, name) {
            Ok(_) => return Err(Errno::EEXIST),
            Err(Errno::ENOENT) => {}
            Err(error) => return Err(error),
        }
        let upper_dir = self.copy_up(dir)?;
        let upper = self.fs(UPPER)?;
        let covered = self.clear_whiteout(upper_dir, name)?;
        let real = upper.create(upper_dir, name, node)?;
        if covered && matches!(node.kind, NewKind::Directory) {
            upper.set_opaque(real, true)?;
        }
        self.adopt(dir, name, vec![(UPPER, real)])
    }

    fn link(&self, ino: Ino, dir: Ino, name: &str) -> SysResult<()> {
        if self.attr(ino)?.is_dir() {
            return Err(Errno::EPERM);
        }
        if self.find(&self.node(dir)?.reals, name).is_ok() {
            return Err(Errno::EEXIST);
        }
        let real = self.copy_up(ino)?;
        let upper_dir = self.copy_up(dir)?;
        self.clear_whiteout(upper_dir, name)?;
        self.fs(UPPER)?.link(real, upper_dir, name)
    }

    fn unlink(&self, dir: Ino, name: &str) -> SysResult<()> {
        if self.attr(self.lookup(dir, name)?)?.is_dir() {
            return Err(Errno::EISDIR);
        }
        self.remove(dir, name, false)
    }

    fn rmdir(&self, dir: Ino, name: &str) -> SysResult<()> {
        let ino = self.lookup(dir, name)?;
        if !self.attr(ino)?.is_dir() {
            return Err(Errno::ENOTDIR);
        }
        if !self.read_dir(ino)?.is_empty() {
            return Err(Errno::ENOTEMPTY);
        }
        self.remove(dir, name, true)
    }

    fn rename(&self, from: Ino, name: &str, to: Ino, new_name: &str) -> SysResult<()> {
        let ino = self.lookup(from, name)?;
        let is_dir = self.attr(ino)?.is_dir();
        if is_dir && self.node(ino)?.reals.iter().any(|(layer, _)| *layer != UPPER) {
            // Without the feature `redirect_dir` a directory from below can't move: callers copy it.
            return Err(Errno::EXDEV);
        }
        let old = match self.lookup(to, new_name) {
            Ok(old) if old == ino => return Ok(()),
            Ok(old) => Some((old, self.may_replace(old, is_dir)?)),
            Err(Errno::ENOENT) => None,
            Err(error) => return Err(error),
        };
        let real = self.copy_up(ino)?;
        let (upper_from, upper_to) = (self.copy_up(from)?, self.copy_up(to)?);
        let upper = self.fs(UPPER)?;
        if old.is_some_and(|(_, dir)| dir)
            && let Ok(old) = upper.lookup(upper_to, new_name)
            && upper.attr(old)?.is_dir()
        {
            self.clear_whiteouts(old)?;
        }
        self.clear_whiteout(upper_to, new_name)?;
        upper.rename(upper_from, name, upper_to, new_name)?;
        if self.below_has(&self.node(from)?, name)? {
            self.make_whiteout(upper_from, name)?;
        }
        if is_dir && self.below_has(&self.node(to)?, new_name)? {
            upper.set_opaque(real, true)?;
        }
        if let Some((old, _)) = old {
            self.with_node(old, |node| node.gone = true)?;
        }
        self.with_node(ino, |node| (node.parent, node.name) = (to, new_name.to_string()))
    }

    fn retain(&self, ino: Ino) {
        let mut nodes = self.nodes.borrow_mut();
        let Some(node) = nodes.get_mut(&ino) else { return };
        node.open += 1;
        if node.open == 1 {
            node.held = node.reals.clone();
            for &(layer, real) in &node.held {
                if let Ok(fs) = self.fs(layer) {
                    fs.retain(real);
                }
            }
        }
    }

    fn release(&self, ino: Ino) {
        let (held, forget) = {
            let mut nodes = self.nodes.borrow_mut();
            let Some(node) = nodes.get_mut(&ino) else { return };
            node.open = node.open.saturating_sub(1);
            if node.open > 0 {
                return;
            }
            (std::mem::take(&mut node.held), node.gone)
        };
        for (layer, real) in held {
            if let Ok(fs) = self.fs(layer) {
                fs.release(real);
            }
        }
        if forget {
            self.nodes.borrow_mut().remove(&ino);
        }
    }

    fn content(&self, ino: Ino) -> SysResult<Option<FileContent>> {
        let (fs, real) = self.top(ino)?;
        fs.content(real)
    }

    fn set_content(&self, ino: Ino, content: FileContent) -> SysResult<()> {
        let real = self.copy_up(ino)?;
        self.fs(UPPER)?.set_content(real, content)
    }

    fn parent(&self, dir: Ino) -> SysResult<(Ino, String)> {
        let node = self.node(dir)?;
        if node.gone { Err(Errno::ENOENT) } else { Ok((node.parent, node.name)) }
    }

    fn prepare_write(&self, ino: Ino) -> SysResult<()> {
        self.copy_up(ino).map(|_| ())
    }

    fn is_opaque(&self, dir: Ino) -> bool {
        self.top(dir).is_ok_and(|(fs, real)| fs.is_opaque(real))
    }

    fn set_opaque(&self, dir: Ino, opaque: bool) -> SysResult<()> {
        let real = self.copy_up(dir)?;
        self.fs(UPPER)?.set_opaque(real, opaque)
    }

    fn stat_fs(&self) -> StatFs {
        let shown = self.layers.iter().flatten().next();
        shown.map_or_else(StatFs::default, |layer| layer.fs.stat_fs())
    }

    fn options(&self) -> String {
        self.options.clone()
    }
}

#[cfg(test)]
mod tests;
