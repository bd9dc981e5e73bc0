//! Layers on disk: `/var/lib/docker/overlay2/<id>/diff`, the link names in `l/`, and walking trees.

use docker_api::ids::hex;
use machine::fs::{DirEntry, FileContent, FileKind, SetAttr};
use machine::{Errno, Sys, SysResult, UnixTime};
use sha2::{Digest, Sha256};

use super::Layer;
use crate::registry::{LayerFile, LayerKind};

/// Where the storage driver keeps its directories.
pub const OVERLAY: &str = "/var/lib/docker/overlay2";
/// Trees deeper than this are not walked.
const MAX_DEPTH: usize = 128;

/// The digest of a layer's content.
pub fn digest_of(files: &[LayerFile]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        let kind = match &file.kind {
            LayerKind::Directory => "d",
            LayerKind::File(_) => "f",
            LayerKind::Symlink(_) => "l",
        };
        hash.update(format!("{kind}{}\0{:o} {} {}\0", file.path, file.mode, file.uid, file.gid));
        match &file.kind {
            LayerKind::Directory => {}
            LayerKind::File(content) => {
                hash.update(content.size.to_be_bytes());
                hash.update(&*content.data);
            }
            LayerKind::Symlink(target) => hash.update(target),
        }
    }
    format!("sha256:{}", hex(&hash.finalize()))
}

/// A new random id of 64 digits.
pub fn random_id(sys: &Sys) -> String {
    let mut bytes = [0; 32];
    sys.random(&mut bytes);
    hex(&bytes)
}

/// A name for `overlay2/l`: 26 letters and digits of base 32.
pub fn random_link(sys: &Sys) -> String {
    let mut bytes = [0; 26];
    sys.random(&mut bytes);
    bytes.iter().map(|b| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(b & 31)])).collect()
}

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

/// A new, empty layer directory.
pub fn create(sys: &Sys) -> SysResult<Layer> {
    let layer = Layer { cache_id: random_id(sys), link: random_link(sys), ..Layer::default() };
    let dir = format!("{OVERLAY}/{}", layer.cache_id);
    make_dirs(sys, &format!("{dir}/diff"), 0o755)?;
    make_dirs(sys, &format!("{OVERLAY}/l"), 0o710)?;
    sys.put_file(&format!("{dir}/link"), layer.link.clone().into_bytes().into(), 0o644)?;
    sys.symlink(&format!("../{}/diff", layer.cache_id), &format!("{OVERLAY}/l/{}", layer.link))?;
    Ok(layer)
}

/// Writes a layer's files; `time` is the modification time of all.
pub async fn unpack(sys: &Sys, dir: &str, files: &[LayerFile], time: UnixTime) -> SysResult<()> {
    let stamp = |file: &LayerFile| SetAttr {
        mode: Some(file.mode),
        uid: Some(file.uid),
        gid: Some(file.gid),
        mtime: Some(time),
        ..SetAttr::default()
    };
    for file in files {
        let path = format!("{dir}/{}", file.path);
        match &file.kind {
            LayerKind::Directory => match sys.mkdir(&path, file.mode) {
                Ok(()) | Err(Errno::EEXIST) => sys.set_attr(&path, &stamp(file))?,
                Err(error) => return Err(error),
            },
            LayerKind::File(content) => {
                sys.put_file(&path, content.clone(), file.mode)?;
                sys.set_attr(&path, &stamp(file))?;
            }
            LayerKind::Symlink(target) => {
                sys.symlink(target, &path)?;
                sys.set_link_attr(&path, &SetAttr { mode: None, ..stamp(file) })?;
            }
        }
        sys.tick(2_000).await;
    }
    // The directories' times changed while they were filled.
    for file in files.iter().filter(|f| matches!(f.kind, LayerKind::Directory)) {
        let _ = sys.set_attr(&format!("{dir}/{}", file.path), &SetAttr { mtime: Some(time), ..SetAttr::default() });
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

/// The digest and size of an upper directory's content.
pub fn digest_dir(sys: &Sys, dir: &str) -> (String, u64) {
    let (mut hash, mut size) = (Sha256::new(), 0);
    for found in walk(sys, dir) {
        let a = &found.attr;
        // Two builds of the same files at different times are different layers; archives hold whole seconds.
        let time = a.mtime.seconds();
        hash.update(format!("{:?}{}\0{:o} {} {} {time}\0", a.kind, found.path, a.mode, a.uid, a.gid));
        let path = join(dir, &found.path);
        match a.kind {
            FileKind::Regular => {
                size += a.size;
                let content = sys.file_content(&path).unwrap_or_default();
                hash.update(content.size.to_be_bytes());
                hash.update(&*content.data);
            }
            FileKind::Symlink => hash.update(sys.read_link(&path).unwrap_or_default()),
            _ => {}
        }
    }
    (format!("sha256:{}", hex(&hash.finalize())), size)
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
