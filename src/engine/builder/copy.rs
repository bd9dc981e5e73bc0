//! `COPY` and `ADD`: files from the context, another stage or a here-document.

use docker_api::mounts::clean;
use machine::Sys;
use machine::fs::{FileKind, SetAttr};

use crate::error::go_errno;
use crate::files::archive::{self, GZIP};
use crate::files::scope::scoped;
use crate::files::tree::{copy_file, join, make_dirs, walk};
use crate::runtime::user;

/// What is copied, expanded.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// It is `ADD`: archives are unpacked.
    pub add: bool,
    /// Paths or patterns in the source.
    pub sources: Vec<String>,
    /// Here-documents: name and content.
    pub documents: Vec<(String, String)>,
    /// Absolute; with a slash at the end if it was written so.
    pub destination: String,
    /// `user:group`
    pub chown: String,
    /// Octal.
    pub chmod: String,
    /// Patterns of what is left out.
    pub exclude: Vec<String>,
    /// Keep the sources' directories.
    pub parents: bool,
}

/// The files that the sources mean, below the source's root; the error is BuildKit's.
pub fn resolve(
    sys: &Sys,
    root: &str,
    sources: &[String],
    excluded: &dyn Fn(&str) -> bool,
) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    for source in sources {
        let path = clean(&format!("/{source}"));
        let missing = || format!("{}: not found", docker_api::text_quote(&path));
        if path.contains(['*', '?', '[']) {
            let fits = matching(sys, root, &path);
            let kept: Vec<String> = fits.into_iter().filter(|p| !excluded(p.trim_start_matches('/'))).collect();
            found.extend(kept);
        } else {
            let here = sys.lstat(&scoped(sys, root, &path)).is_ok();
            if !here || (path != "/" && excluded(path.trim_start_matches('/'))) {
                return Err(missing());
            }
            found.push(path);
        }
    }
    Ok(found)
}

/// As [`resolve`], without those that are not found.
pub fn resolve_each(sys: &Sys, root: &str, sources: &[String], excluded: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut found: Vec<String> =
        sources.iter().filter_map(|s| resolve(sys, root, std::slice::from_ref(s), excluded).ok()).flatten().collect();
    found.sort();
    found.dedup();
    found
}

fn matching(sys: &Sys, root: &str, pattern: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for part in pattern.split('/').filter(|p| !p.is_empty()) {
        let mut next = Vec::new();
        for dir in &found {
            let mut names: Vec<String> = sys
                .read_dir(&scoped(sys, root, &format!("/{dir}")))
                .unwrap_or_default()
                .into_iter()
                .map(|e| e.name)
                .collect();
            names.sort();
            next.extend(names.into_iter().filter(|n| crate::text::glob(part, n)).map(|n| format!("{dir}/{n}")));
        }
        found = next;
    }
    found
}

struct Owner {
    ids: Option<(u32, u32)>,
    mode: Option<u32>,
}

impl Owner {
    /// What COPY makes belongs to root unless told otherwise.
    fn stamp(&self, sys: &Sys, path: &str) {
        let (uid, gid) = self.ids.unwrap_or((0, 0));
        let kind = sys.lstat(path).map(|a| a.kind).unwrap_or_default();
        let set = SetAttr { uid: Some(uid), gid: Some(gid), ..SetAttr::default() };
        if kind == FileKind::Symlink {
            let _ = sys.set_link_attr(path, &set);
        } else {
            let _ = sys.set_attr(path, &SetAttr { mode: self.mode, ..set });
        }
    }
}

/// Copies into the file system mounted at `to`.
pub async fn copy(sys: &Sys, from: &str, to: &str, plan: &Plan, excluded: &dyn Fn(&str) -> bool) -> Result<(), String> {
    let ids = if plan.chown.is_empty() {
        None
    } else {
        // A name that the image does not know is root's.
        let found = user::find(sys, to, &plan.chown, &[]).unwrap_or_default();
        let gid = if plan.chown.contains(':') {
            found.gid
        } else if plan.chown.parse::<u32>().is_ok() {
            found.uid
        } else {
            found.gid
        };
        Some((found.uid, gid))
    };
    let mode = if plan.chmod.is_empty() {
        None
    } else {
        Some(u32::from_str_radix(&plan.chmod, 8).map_err(|_| {
            format!("invalid chmod parameter: '{}'. it should be octal string and between 0 and 07777", plan.chmod)
        })?)
    };
    let owner = Owner { ids, mode };
    let sources = resolve(sys, from, &plan.sources, excluded)?;
    let target = scoped(sys, to, &plan.destination);
    let is_dir = plan.destination.ends_with('/') || sys.stat(&target).is_ok_and(|a| a.is_dir());
    let many = sources.len() + plan.documents.len() > 1;
    let plain = |e: machine::Errno| go_errno(e);
    for source in &sources {
        let place = scoped(sys, from, source);
        let attr = sys.stat(&place).map_err(plain)?;
        let name = source.rsplit('/').next().unwrap_or("");
        if attr.is_dir() {
            let into = if plan.parents { format!("{target}{source}") } else { target.clone() };
            make_parents(sys, &into, &owner).map_err(plain)?;
            copy_dir(sys, &place, &into, source, &owner, plan, excluded).await?;
            continue;
        }
        if plan.add && is_archive(sys, &place) {
            make_parents(sys, &target, &owner).map_err(plain)?;
            let content = sys.read_file(&place).map_err(plain)?;
            let content = archive::plain_tar(&content);
            archive::unpack(sys, &target, &content).await.map_err(|e| e.message)?;
            continue;
        }
        let file = match () {
            () if plan.parents => format!("{target}{source}"),
            () if is_dir || many => format!("{target}/{name}"),
            () => target.clone(),
        };
        let parent = file.rsplit_once('/').map_or("/", |(p, _)| p).to_string();
        make_parents(sys, &parent, &owner).map_err(plain)?;
        copy_file(sys, &place, &file).map_err(plain)?;
        owner.stamp(sys, &file);
        sys.tick(20_000 + attr.size / 16).await;
    }
    for (name, content) in &plan.documents {
        let file = if is_dir || many { format!("{target}/{name}") } else { target.clone() };
        let parent = file.rsplit_once('/').map_or("/", |(p, _)| p).to_string();
        make_parents(sys, &parent, &owner).map_err(plain)?;
        sys.put_file(&file, content.clone().into_bytes().into(), 0o644).map_err(plain)?;
        owner.stamp(sys, &file);
    }
    Ok(())
}

/// Makes missing directories; they belong to whom the files will.
fn make_parents(sys: &Sys, path: &str, owner: &Owner) -> Result<(), machine::Errno> {
    let mut missing = Vec::new();
    let mut at = path;
    while sys.stat(at).is_err() {
        missing.push(at);
        at = at.rsplit_once('/').map_or("", |(p, _)| p);
        if at.is_empty() {
            break;
        }
    }
    make_dirs(sys, path, 0o755)?;
    let (uid, gid) = owner.ids.unwrap_or((0, 0));
    for dir in missing {
        sys.set_attr(dir, &SetAttr { uid: Some(uid), gid: Some(gid), ..SetAttr::default() })?;
    }
    Ok(())
}

async fn copy_dir(
    sys: &Sys,
    from: &str,
    to: &str,
    source: &str,
    owner: &Owner,
    plan: &Plan,
    excluded: &dyn Fn(&str) -> bool,
) -> Result<(), String> {
    for found in walk(sys, from) {
        let in_root = format!("{}/{}", source.trim_matches('/'), found.path);
        let unwanted = plan.exclude.iter().any(|p| crate::text::glob(p, &found.path));
        if unwanted || excluded(in_root.trim_start_matches('/')) {
            continue;
        }
        let file = join(to, &found.path);
        let parent = file.rsplit_once('/').map_or("/", |(p, _)| p);
        if sys.lstat(parent).is_err() {
            // What an exception in `.dockerignore` keeps of a directory that is left out gets its place.
            let above = in_root.rsplit_once('/').map_or("", |(dir, _)| dir);
            if !excluded(above.trim_start_matches('/')) {
                continue;
            }
            make_parents(sys, parent, owner).map_err(go_errno)?;
        }
        copy_file(sys, &join(from, &found.path), &file).map_err(go_errno)?;
        owner.stamp(sys, &file);
        sys.tick(10_000 + found.attr.size / 16).await;
    }
    Ok(())
}

/// A tar archive by its magic number, compressed by gzip or not.
fn is_archive(sys: &Sys, path: &str) -> bool {
    let content = sys.file_content(path).unwrap_or_default();
    let tar = |data: &[u8]| data.get(257..262) == Some(b"ustar");
    tar(&content.data) || content.data.starts_with(&GZIP) && tar(&archive::plain_tar(&content.data))
}
