//! Mounts: which file system appears where, for the processes of one mount namespace.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use super::{FileSystem, Ino, MountFlags};
use crate::errno::{Errno, SysResult};

/// A file as a path walk finds it: in which mount, and which file there.
#[derive(Clone)]
pub struct Location {
    /// The mount it was reached through.
    pub mount: Rc<Mount>,
    /// The file in the mount's file system.
    pub ino: Ino,
}

impl Location {
    /// The file system it lies in.
    pub fn fs(&self) -> &Rc<dyn FileSystem> {
        &self.mount.fs
    }

    /// Whether both are the same file in the same mount.
    pub fn same(&self, other: &Location) -> bool {
        self.ino == other.ino && Rc::ptr_eq(&self.mount, &other.mount)
    }
}

/// Where a mount hangs in the mount above it.
#[derive(Clone)]
pub(super) struct MountPoint {
    pub mount: Weak<Mount>,
    /// The file or directory that it covers.
    pub ino: Ino,
    /// Directory and name of that, as they were when it was mounted.
    pub dir: Ino,
    pub name: String,
}

/// A file system mounted somewhere.
pub struct Mount {
    /// The file system.
    pub fs: Rc<dyn FileSystem>,
    /// What of it is shown: its root, or for a bind mount any file or directory.
    pub root: Ino,
    /// Restrictions.
    pub flags: MountFlags,
    /// The device or word that `/proc/mounts` shows first.
    pub source: String,
    pub(super) id: u64,
    pub(super) point: RefCell<Option<MountPoint>>,
    /// Mounts on files of this one.
    pub(super) children: RefCell<BTreeMap<Ino, Rc<Mount>>>,
}

/// The mounts that a process sees.
pub struct MountNamespace {
    pub(super) root: RefCell<Rc<Mount>>,
    pub(super) id: u64,
}

impl Mount {
    pub(super) fn new(fs: Rc<dyn FileSystem>, root: Ino, flags: MountFlags, source: &str, id: u64) -> Rc<Mount> {
        let (point, children) = (RefCell::new(None), RefCell::default());
        Rc::new(Mount { fs, root, flags, source: source.to_string(), id, point, children })
    }

    /// How many mounts it hangs below.
    pub(super) fn depth(&self) -> usize {
        let (mut depth, mut at) = (0, self.point.borrow().as_ref().and_then(|p| p.mount.upgrade()));
        while let Some(mount) = at {
            depth += 1;
            at = mount.point.borrow().as_ref().and_then(|p| p.mount.upgrade());
        }
        depth
    }

    /// Its top.
    pub(super) fn top(self: &Rc<Mount>) -> Location {
        Location { mount: self.clone(), ino: self.root }
    }

    /// Hangs it over `at`, whose directory and name are `dir` and `name`.
    pub(super) fn attach(self: &Rc<Mount>, at: &Location, dir: Ino, name: &str) {
        let mount = Rc::downgrade(&at.mount);
        *self.point.borrow_mut() = Some(MountPoint { mount, ino: at.ino, dir, name: name.to_string() });
        at.mount.children.borrow_mut().insert(at.ino, self.clone());
    }

    /// Takes it out of the mount above it.
    pub(super) fn detach(&self) {
        if let Some(point) = self.point.borrow_mut().take()
            && let Some(above) = point.mount.upgrade()
        {
            let gone = above.children.borrow_mut().remove(&point.ino);
            drop(gone);
        }
    }

    /// Copies it with all mounts below, numbering with `next`; `seen` tells which became which.
    pub(super) fn copy_tree(
        self: &Rc<Mount>,
        next: &mut dyn FnMut() -> u64,
        seen: &mut Vec<(Rc<Mount>, Rc<Mount>)>,
    ) -> Rc<Mount> {
        let copy = Mount::new(self.fs.clone(), self.root, self.flags, &self.source, next());
        seen.push((self.clone(), copy.clone()));
        let mut at = vec![(self.clone(), copy.clone())];
        while let Some((from, to)) = at.pop() {
            for child in from.children_in_order() {
                let Some(point) = child.point.borrow().clone() else { continue };
                let new = Mount::new(child.fs.clone(), child.root, child.flags, &child.source, next());
                new.attach(&Location { mount: to.clone(), ino: point.ino }, point.dir, &point.name);
                seen.push((child.clone(), new.clone()));
                at.push((child, new));
            }
        }
        copy
    }

    /// The mounts directly on this one, the oldest first.
    pub(super) fn children_in_order(&self) -> Vec<Rc<Mount>> {
        let mut children: Vec<_> = self.children.borrow().values().cloned().collect();
        children.sort_by_key(|child| child.id);
        children
    }

    /// Whether a file of its file system is at `top` or below, going by directories.
    pub(super) fn covers(&self, top: Ino, ino: Ino, dir: Ino) -> bool {
        let mut at = if ino == top { return true } else { dir };
        for _ in 0..super::walk::MAX_DEPTH {
            if at == top {
                return true;
            }
            match self.fs.parent(at) {
                Ok((up, _)) if up != at => at = up,
                _ => return false,
            }
        }
        false
    }

    /// Its options as `/proc/mounts` lists them.
    pub(super) fn option_text(&self) -> String {
        let mut text = String::from(if self.flags.read_only { "ro" } else { "rw" });
        for (set, word) in
            [(self.flags.no_suid, ",nosuid"), (self.flags.no_dev, ",nodev"), (self.flags.no_exec, ",noexec")]
        {
            if set {
                text.push_str(word);
            }
        }
        if !self.flags.strict_atime {
            text.push_str(",relatime");
        }
        text
    }
}

/// The topmost mount over a file.
pub(super) fn descend(mut at: Location) -> Location {
    loop {
        let child = at.mount.children.borrow().get(&at.ino).cloned();
        match child {
            Some(child) => at = child.top(),
            None => return at,
        }
    }
}

/// The directory above a directory, through mounts, but not above `root`.
pub(super) fn above(at: &Location, root: &Location) -> SysResult<Location> {
    let mut at = at.clone();
    loop {
        if at.same(root) {
            return Ok(at);
        }
        if at.ino != at.mount.root {
            let (ino, _) = at.fs().parent(at.ino)?;
            return Ok(descend(Location { mount: at.mount.clone(), ino }));
        }
        let point = at.mount.point.borrow().clone();
        let Some((mount, point)) = point.and_then(|p| Some((p.mount.upgrade()?, p))) else { return Ok(at) };
        at = Location { mount, ino: point.ino };
    }
}

/// The absolute path of a directory (or of a mount's top) below `root`. `None`: it cannot be reached from there.
pub(super) fn path_of(at: &Location, root: &Location) -> SysResult<Option<String>> {
    let (mut names, mut at, mut length) = (Vec::new(), at.clone(), 0);
    loop {
        if at.same(root) {
            break;
        }
        if at.ino == at.mount.root {
            let point = at.mount.point.borrow().clone();
            let Some((mount, point)) = point.and_then(|p| Some((p.mount.upgrade()?, p))) else { return Ok(None) };
            let covered = Location { mount, ino: point.ino };
            if covered.same(root) {
                break;
            }
            if covered.ino == covered.mount.root {
                at = covered;
                continue;
            }
            let (dir, name) = covered.fs().parent(covered.ino).unwrap_or((point.dir, point.name));
            length += name.len() + 1;
            names.push(name);
            at = Location { mount: covered.mount, ino: dir };
        } else {
            let (ino, name) = at.fs().parent(at.ino)?;
            length += name.len() + 1;
            names.push(name);
            at = Location { mount: at.mount, ino };
        }
        if names.len() > super::walk::MAX_DEPTH {
            return Err(Errno::ENAMETOOLONG);
        }
    }
    if names.is_empty() {
        return Ok(Some("/".into()));
    }
    let mut path = String::with_capacity(length);
    for name in names.iter().rev() {
        path.push('/');
        path.push_str(name);
    }
    Ok(Some(path))
}

/// A mount as `/proc/PID/mountinfo` tells of it.
pub(crate) struct MountInfo {
    pub id: u64,
    pub parent: u64,
    pub dev: u64,
    /// Path of what it shows within its file system.
    pub root: String,
    /// Where it hangs.
    pub target: String,
    pub options: String,
    pub fstype: &'static str,
    pub source: String,
    /// Options of the file system.
    pub super_options: String,
}

impl MountNamespace {
    /// Its number.
    pub(super) fn number(&self) -> u64 {
        self.id
    }

    /// The mounts that can be reached from `root`, in the order in which they were made.
    pub(crate) fn list(&self, root: &Location) -> Vec<MountInfo> {
        let top = self.root.borrow().clone();
        let (mut all, mut found) = (vec![top], Vec::new());
        while let Some(mount) = all.pop() {
            all.extend(mount.children_in_order());
            let Ok(Some(target)) = path_of(&mount.top(), root) else { continue };
            let above = mount.point.borrow().as_ref().and_then(|p| p.mount.upgrade()).map_or(1, |m| m.id);
            let read_only = if mount.flags.read_only { "ro" } else { "rw" };
            found.push(MountInfo {
                id: mount.id,
                parent: above,
                dev: mount.fs.dev(),
                root: path_in_fs(&*mount.fs, mount.root),
                target,
                options: mount.option_text(),
                fstype: mount.fs.fstype(),
                source: mount.source.clone(),
                super_options: format!("{read_only}{}", mount.fs.options()),
            });
        }
        found.sort_by_key(|info| info.id);
        found
    }
}

fn path_in_fs(fs: &dyn FileSystem, ino: Ino) -> String {
    let (mut names, mut at) = (Vec::new(), ino);
    while at != fs.root() && names.len() < super::walk::MAX_DEPTH {
        match fs.parent(at) {
            Ok((up, name)) => {
                names.push(name);
                at = up;
            }
            Err(_) => return "/".into(),
        }
    }
    names.iter().rev().fold(String::new(), |path, name| path + "/" + name) + if names.is_empty() { "/" } else { "" }
}
