//! Paths inside a directory that is somebody else's root: links cannot lead out of it.

use machine::Sys;
use machine::fs::FileKind;

/// So many links are followed.
const MAX_LINKS: usize = 40;

/// The path on the host of `path` as a process with the root directory `root` would reach it. Parts that do
/// not exist stay as they are.
pub fn scoped(sys: &Sys, root: &str, path: &str) -> String {
    let mut todo: Vec<String> = parts(path);
    todo.reverse();
    let mut at: Vec<String> = Vec::new();
    let mut links = 0;
    while let Some(part) = todo.pop() {
        match part.as_str() {
            "." | "" => continue,
            ".." => {
                at.pop();
                continue;
            }
            _ => {}
        }
        at.push(part);
        let here = format!("{root}/{}", at.join("/"));
        let is_link = sys.lstat(&here).is_ok_and(|a| a.kind == FileKind::Symlink);
        if !is_link || links == MAX_LINKS {
            continue;
        }
        links += 1;
        let target = sys.read_link(&here).unwrap_or_default();
        at.pop();
        if target.starts_with('/') {
            at.clear();
        }
        let mut more = parts(&target);
        more.reverse();
        todo.extend(more);
    }
    if at.is_empty() { root.to_string() } else { format!("{root}/{}", at.join("/")) }
}

/// As [`scoped`], but a link at the very end is not followed.
pub fn scoped_parent(sys: &Sys, root: &str, path: &str) -> String {
    let clean = docker_api::mounts::clean(&format!("/{path}"));
    match clean.rsplit_once('/') {
        Some((_, "")) | None => root.to_string(),
        Some((parent, name)) => format!("{}/{name}", scoped(sys, root, parent)),
    }
}

fn parts(path: &str) -> Vec<String> {
    path.split('/').map(str::to_string).collect()
}
