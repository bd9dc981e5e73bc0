//! Archives of the machine's files, and files from archives.

use machine::fs::{Attr, FileKind, SetAttr};
use machine::{Errno, Sys};

use super::ustar::{Entry, EntryKind, Reader, Writer};

const MAX_DEPTH: usize = 256;
/// What packing or unpacking one file costs, in nanoseconds of CPU time.
const PER_FILE: u64 = 20_000;

fn entry(path: &str, attr: &Attr, root_owned: bool) -> Entry {
    Entry {
        path: path.to_string(),
        kind: match attr.kind {
            FileKind::Directory => EntryKind::Directory,
            FileKind::Regular => EntryKind::File,
            FileKind::Symlink => EntryKind::Symlink,
            _ => EntryKind::Other,
        },
        mode: attr.mode,
        owner: if root_owned { (0, 0) } else { (attr.uid, attr.gid) },
        mtime: attr.mtime.seconds(),
        target: String::new(),
        data: Vec::new(),
    }
}

/// Adds the file at `path`, and what lies under it, under the name `name`. `keep` decides on names; of a
/// directory that it refuses, nothing is added but what it keeps under it.
pub async fn pack(
    sys: &Sys,
    writer: &mut Writer,
    path: &str,
    name: &str,
    keep: &dyn Fn(&str) -> bool,
) -> Result<(), String> {
    let mut todo = vec![(path.to_string(), name.to_string(), 0)];
    while let Some((path, name, depth)) = todo.pop() {
        sys.tick(PER_FILE).await;
        let fail = |errno: Errno| format!("lstat {path}: {}", errno.message().to_lowercase());
        let attr = sys.lstat(&path).map_err(fail)?;
        let mut item = entry(&name, &attr, true);
        let kept = name.is_empty() || keep(&name);
        match item.kind {
            EntryKind::Other => continue,
            EntryKind::File if kept => {
                item.data = sys.read_file(&path).map_err(|e| format!("open {path}: {}", e.message().to_lowercase()))?;
            }
            EntryKind::Symlink if kept => item.target = sys.read_link(&path).map_err(fail)?,
            EntryKind::Directory if depth < MAX_DEPTH => {
                let mut names: Vec<String> = sys.read_dir(&path).map_err(fail)?.into_iter().map(|e| e.name).collect();
                names.sort_by(|a, b| b.cmp(a));
                for child in names {
                    let inner = if name.is_empty() { child.clone() } else { format!("{name}/{child}") };
                    todo.push((format!("{path}/{child}"), inner, depth + 1));
                }
            }
            _ => {}
        }
        if kept && !name.is_empty() {
            writer.add(&item);
        }
    }
    Ok(())
}

/// Unpacks an archive under `to`; `rename` gives each member its path there, or leaves it out.
pub async fn extract(
    sys: &Sys,
    archive: &[u8],
    to: &str,
    rename: &dyn Fn(&str) -> Option<String>,
) -> Result<(), String> {
    for item in Reader::new(archive) {
        sys.tick(PER_FILE).await;
        let Some(name) = rename(item.path.trim_end_matches('/')) else { continue };
        // A member may not climb out of the place it is unpacked to.
        if name.split('/').any(|part| part == "..") {
            return Err(format!("invalid path in archive: {name}"));
        }
        let path = if name.is_empty() { to.to_string() } else { format!("{}/{name}", to.trim_end_matches('/')) };
        let fail = |errno: Errno| format!("open {path}: {}", errno.message().to_lowercase());
        match item.kind {
            EntryKind::Directory => match sys.mkdir(&path, item.mode) {
                Err(Errno::EEXIST) | Ok(()) => {}
                Err(errno) => return Err(fail(errno)),
            },
            EntryKind::File => {
                let content = machine::fs::FileContent::from(item.data.clone());
                sys.put_file(&path, content, item.mode).map_err(fail)?;
            }
            EntryKind::Symlink => {
                let _ = sys.unlink(&path);
                sys.symlink(&item.target, &path).map_err(fail)?;
            }
            EntryKind::Hardlink => sys.link(&format!("{to}/{}", item.target), &path).map_err(fail)?,
            EntryKind::Other => {}
        }
        if item.kind != EntryKind::Symlink {
            let _ = sys.set_attr(&path, &SetAttr { mode: Some(item.mode), ..SetAttr::default() });
        }
    }
    Ok(())
}
