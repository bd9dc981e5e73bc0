//! `docker cp` and `docker export`: archives from and into a container's file system.

use docker_api::mounts::clean;
use docker_api::types::PathStat;
use machine::Sys;
use machine::fs::{Attr, FileKind};

use super::rootfs;
use crate::error::{ApiError, ApiResult};
use crate::files::archive::{pack, unpack};
use crate::files::scope::{scoped, scoped_parent};
use crate::model::container::Container;
use crate::time::nano_text;

/// Where a path of the container is on the host: in its file system, or in what is mounted there.
fn locate(sys: &Sys, c: &Container, path: &str, follow: bool) -> String {
    let root = c.rootfs.path("merged");
    let found = if follow { scoped(sys, &root, path) } else { scoped_parent(sys, &root, path) };
    let inside = found.strip_prefix(&root).unwrap_or("").to_string();
    let mounts = c.mounts.borrow();
    let over = mounts
        .iter()
        .filter(|m| {
            !m.source.is_empty() && (inside == m.destination || inside.starts_with(&format!("{}/", m.destination)))
        })
        .max_by_key(|m| m.destination.len());
    match over {
        Some(m) => format!("{}{}", m.source, &inside[m.destination.len()..]),
        None => found,
    }
}

/// Go's `os.FileMode`.
fn go_mode(attr: &Attr) -> u32 {
    let kind = match attr.kind {
        FileKind::Directory => 1 << 31,
        FileKind::Symlink => 1 << 27,
        FileKind::Fifo => 1 << 25,
        FileKind::Socket => 1 << 24,
        FileKind::CharDevice => (1 << 26) | (1 << 21),
        FileKind::BlockDevice => 1 << 26,
        FileKind::Regular => 0,
    };
    kind | attr.mode & 0o777
}

fn missing(c: &Container, path: &str) -> ApiError {
    ApiError::not_found(format!("Could not find the file {path} in container {}", c.name.borrow()))
}

/// `HEAD /containers/{id}/archive`
pub fn stat(sys: &Sys, c: &Container, path: &str) -> ApiResult<PathStat> {
    if path.is_empty() {
        return Err(ApiError::bad("bad parameter: 'path' cannot be empty"));
    }
    rootfs::mount(sys, c)?;
    let place = locate(sys, c, path, path.ends_with('/') || path.ends_with("/."));
    let attr = sys.lstat(&place);
    let link = sys.read_link(&place).unwrap_or_default();
    rootfs::unmount(sys, c);
    let attr = attr.map_err(|_| missing(c, path))?;
    let cleaned = clean(&format!("/{path}"));
    Ok(PathStat {
        name: cleaned.rsplit('/').next().filter(|n| !n.is_empty()).unwrap_or("/").into(),
        size: attr.size as i64,
        mode: go_mode(&attr),
        mtime: nano_text(attr.mtime),
        link_target: link,
    })
}

/// The value of the `X-Docker-Container-Path-Stat` header.
pub fn stat_header(stat: &PathStat) -> String {
    crate::base64::encode(&serde_json::to_vec(stat).unwrap_or_default())
}

/// `GET /containers/{id}/archive`
pub async fn get(sys: &Sys, c: &Container, path: &str) -> ApiResult<Vec<u8>> {
    rootfs::mount(sys, c)?;
    let as_content = path.ends_with("/.");
    let place = locate(sys, c, path, path.ends_with('/') || as_content);
    let name = clean(&format!("/{path}")).rsplit('/').next().unwrap_or("").to_string();
    let name = if name.is_empty() { "/".to_string() } else { name };
    let result = match sys.lstat(&place) {
        Ok(_) => pack(sys, &place, if as_content { "." } else { &name }).await,
        Err(_) => Err(missing(c, path)),
    };
    rootfs::unmount(sys, c);
    result
}

/// `GET /containers/{id}/export`
pub async fn export(sys: &Sys, c: &Container) -> ApiResult<Vec<u8>> {
    rootfs::mount(sys, c)?;
    let result = pack(sys, &c.rootfs.path("merged"), "").await;
    rootfs::unmount(sys, c);
    result
}

/// `PUT /containers/{id}/archive`
pub async fn put(sys: &Sys, c: &Container, path: &str, archive: &[u8]) -> ApiResult<()> {
    if c.host.borrow().readonly_rootfs {
        return Err(ApiError::forbidden("container rootfs is marked read-only"));
    }
    rootfs::mount(sys, c)?;
    let place = locate(sys, c, path, true);
    let result = match sys.stat(&place) {
        Ok(attr) if attr.is_dir() => unpack(sys, &place, archive).await,
        Ok(_) => Err(ApiError::bad("extraction point is not a directory")),
        Err(_) => Err(missing(c, path)),
    };
    rootfs::unmount(sys, c);
    result
}
