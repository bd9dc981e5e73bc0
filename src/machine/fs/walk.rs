//! The path walk (`path_resolution(7)`): from a path to a file, and who may go there.

use super::mount::{above, descend};
use super::{Attr, FileKind, Jump, Location, PathContext};
use crate::errno::{Errno, SysResult};
use crate::process::{Credentials, capability};

/// Symbolic links followed in one walk.
const MAX_LINKS: usize = 40;
/// `NAME_MAX`.
const MAX_NAME: usize = 255;
/// `PATH_MAX`, with the final zero.
pub(super) const MAX_PATH: usize = 4096;
/// Directories deeper than this are not looked at (loops that never end would be a bug's work).
pub(super) const MAX_DEPTH: usize = 4096;

/// The last component of a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Last {
    /// The path was `/`.
    Root,
    /// It ended in `.`.
    Dot,
    /// It ended in `..`.
    DotDot,
    /// A name.
    Name(String),
}

/// What a walk comes to.
pub(super) struct Walked {
    /// The directory of the last component.
    pub dir: Location,
    /// The last component.
    pub last: Last,
    /// The path ended in a slash: it must be a directory.
    pub slash: bool,
    /// What is there, if anything.
    pub found: Option<Jump>,
}

impl Walked {
    /// The file that was found. `ENOENT` where there is none.
    pub fn existing(self) -> SysResult<Location> {
        match self.found {
            Some(Jump::Location(at)) => Ok(at),
            Some(Jump::Open(_)) => Err(Errno::EINVAL),
            None => Err(Errno::ENOENT),
        }
    }
}

/// The rights to ask of [`permit`].
pub(super) const READ: u32 = 4;
pub(super) const WRITE: u32 = 2;
pub(super) const EXECUTE: u32 = 1;

/// Whether `who` may do `want` with a file that has these attributes.
pub(super) fn permit(who: &Credentials, attr: &Attr, want: u32) -> SysResult<()> {
    if who.has(capability::DAC_OVERRIDE) {
        // Root reads and writes anything, but runs only what somebody may run.
        let runs = want & EXECUTE == 0 || attr.is_dir() || attr.mode & 0o111 != 0;
        return if runs { Ok(()) } else { Err(Errno::EACCES) };
    }
    let shift = match () {
        () if who.euid == attr.uid => 6,
        () if who.in_group(attr.gid) => 3,
        () => 0,
    };
    if (attr.mode >> shift) & want == want { Ok(()) } else { Err(Errno::EACCES) }
}

/// Splits a path into components, the last one first, so that they can be taken from the end.
fn push_components(path: &str, stack: &mut Vec<String>) {
    stack.extend(path.split('/').filter(|c| !c.is_empty()).rev().map(str::to_string));
}

/// Walks `path`. With `follow` a symbolic link at the end is followed.
pub(super) fn walk(ctx: &PathContext, path: &str, follow: bool) -> SysResult<Walked> {
    if path.is_empty() {
        return Err(Errno::ENOENT);
    }
    if path.len() >= MAX_PATH {
        return Err(Errno::ENAMETOOLONG);
    }
    let mut at = if path.starts_with('/') { ctx.root.clone() } else { ctx.cwd.clone() };
    let mut slash = path.ends_with('/');
    let mut stack = Vec::new();
    push_components(path, &mut stack);
    let (mut dir, mut last, mut links) = (at.clone(), Last::Root, 0);
    while let Some(name) = stack.pop() {
        search(ctx, &at)?;
        dir = at.clone();
        if name == "." {
            last = Last::Dot;
            continue;
        }
        if name == ".." {
            last = Last::DotDot;
            at = above(&at, &ctx.root)?;
            continue;
        }
        if name.len() > MAX_NAME && crate::text::to_bytes(&name).len() > MAX_NAME {
            return Err(Errno::ENAMETOOLONG);
        }
        let is_last = stack.is_empty();
        let ino = match at.fs().lookup(at.ino, &name) {
            Ok(ino) => ino,
            Err(Errno::ENOENT) if is_last => return Ok(Walked { dir, last: Last::Name(name), slash, found: None }),
            Err(error) => return Err(error),
        };
        let found = descend(Location { mount: at.mount.clone(), ino });
        let kind = found.fs().attr(found.ino)?.kind;
        if kind == FileKind::Symlink && (!is_last || follow || slash) {
            links += 1;
            if links > MAX_LINKS {
                return Err(Errno::ELOOP);
            }
            match found.fs().jump(found.ino)? {
                Some(Jump::Location(target)) => at = target,
                Some(open @ Jump::Open(_)) if is_last => {
                    return Ok(Walked { dir, last: Last::Name(name), slash, found: Some(open) });
                }
                Some(Jump::Open(_)) => return Err(Errno::ENOTDIR),
                None => {
                    let target = found.fs().read_link(found.ino)?;
                    if target.is_empty() {
                        return Err(Errno::ENOENT);
                    }
                    slash |= is_last && target.ends_with('/');
                    push_components(&target, &mut stack);
                    if target.starts_with('/') {
                        at = ctx.root.clone();
                        dir = at.clone();
                        last = Last::Root;
                    }
                    continue;
                }
            }
        } else {
            at = found;
        }
        last = Last::Name(name);
    }
    if slash && !at.fs().attr(at.ino)?.is_dir() {
        return Err(Errno::ENOTDIR);
    }
    Ok(Walked { dir, last, slash, found: Some(Jump::Location(at)) })
}

/// Whether names may be looked up in a directory.
fn search(ctx: &PathContext, at: &Location) -> SysResult<()> {
    let attr = at.fs().attr(at.ino)?;
    if !attr.is_dir() {
        return Err(Errno::ENOTDIR);
    }
    permit(&ctx.credentials, &attr, EXECUTE)
}
