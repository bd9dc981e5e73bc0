//! Trees of files: made, walked, copied, measured, removed.

use machine::fs::{DirEntry, FileContent, FileKind, SetAttr};
use machine::{Errno, Sys, SysResult};

/// Trees deeper than this are not walked.
const MAX_DEPTH: usize = 128;

/// `mkdir -p`.
pub fn make_dirs(sys: &Sys, path: &str, mode: u32) -> SysResult<()> {
    let mut at = String::new();
    for part in path.split('/').filter(|p| !p.is_empty()) {
        at.push('/');
        at.push_str(part);
        match sys.mkdir(&at, mode) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Removes a tree.
pub fn remove_tree(sys: &Sys, path: &str) {
    remove_below(sys, path, 0);
}

fn remove_below(sys: &Sys, path: &str, depth: usize) {
    let is_dir = sys.lstat(path).is_ok_and(|a| a.is_dir());
    if !is_dir {
        let _ = sys.unlink(path);
        return;
    }
    if depth < MAX_DEPTH {
        for entry in sys.read_dir(path).unwrap_or_default() {
            remove_below(sys, &format!("{path}/{}", entry.name), depth + 1);
        }
    }
    let _ = sys.rmdir(path);
}

/// One file found by [`walk`].
pub struct Found {
    /// The path below the root of the walk, without a leading slash.
    pub path: String,
    /// Its attributes.
    pub attr: machine::fs::Attr,
}

/// All files below `root`, parents first, names sorted.
pub fn walk(sys: &Sys, root: &str) -> Vec<Found> {
    let mut all = Vec::new();
    walk_below(sys, root, "", 0, &mut all);
    all
}

fn walk_below(sys: &Sys, root: &str, below: &str, depth: usize, all: &mut Vec<Found>) {
    if depth > MAX_DEPTH {
        return;
    }
    let mut entries: Vec<DirEntry> = sys.read_dir(&join(root, below)).unwrap_or_default();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    for entry in entries {
        let path = if below.is_empty() { entry.name } else { format!("{below}/{}", entry.name) };
        let Ok(attr) = sys.lstat(&join(root, &path)) else { continue };
        let is_dir = attr.is_dir();
        all.push(Found { path: path.clone(), attr });
        if is_dir {
            walk_below(sys, root, &path, depth + 1, all);
        }
    }
}

/// A path below a root.
pub fn join(root: &str, below: &str) -> String {
    if below.is_empty() { root.to_string() } else { format!("{}/{below}", root.trim_end_matches('/')) }
}

/// Bytes of the regular files below `dir`.
pub fn tree_size(sys: &Sys, dir: &str) -> u64 {
    walk(sys, dir).iter().filter(|f| f.attr.is_file()).map(|f| f.attr.size).sum()
}

/// Whether an entry of an upper directory stands for a deletion: a character device 0/0.
pub fn is_whiteout(attr: &machine::fs::Attr) -> bool {
    attr.kind == FileKind::CharDevice && attr.rdev.major == 0 && attr.rdev.minor == 0
}

/// Copies a file's content by reference, with owner, mode and time.
pub fn copy_file(sys: &Sys, from: &str, to: &str) -> SysResult<()> {
    let attr = sys.lstat(from)?;
    let stamp = SetAttr {
        mode: Some(attr.mode),
        uid: Some(attr.uid),
        gid: Some(attr.gid),
        mtime: Some(attr.mtime),
        ..SetAttr::default()
    };
    match attr.kind {
        FileKind::Directory => match sys.mkdir(to, attr.mode) {
            Ok(()) | Err(Errno::EEXIST) => sys.set_attr(to, &stamp),
            Err(error) => Err(error),
        },
        FileKind::Symlink => {
            let target = sys.read_link(from)?;
            let _ = sys.unlink(to);
            sys.symlink(&target, to)?;
            sys.set_link_attr(to, &SetAttr { mode: None, ..stamp })
        }
        FileKind::Regular => {
            let content: FileContent = sys.file_content(from)?;
            sys.put_file(to, content, attr.mode)?;
            sys.set_attr(to, &stamp)
        }
        FileKind::Fifo => sys.mkfifo(to, attr.mode),
        FileKind::CharDevice => sys.mknod(to, attr.mode | 0o020_000, attr.rdev.major, attr.rdev.minor),
        FileKind::Socket | FileKind::BlockDevice => Ok(()),
    }
}

/// Copies a tree (`cp -a`) into an existing directory.
pub fn copy_tree(sys: &Sys, from: &str, to: &str) -> SysResult<()> {
    for found in walk(sys, from) {
        copy_file(sys, &join(from, &found.path), &join(to, &found.path))?;
    }
    Ok(())
}
