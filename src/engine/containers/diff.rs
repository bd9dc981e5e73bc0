//! `GET /containers/{id}/changes`: what the container's own layer says against the image.

use docker_api::types::Change;
use machine::Sys;

use crate::files::tree::{is_whiteout, join, walk};
use crate::model::container::Container;

const MODIFIED: u8 = 0;
const ADDED: u8 = 1;
const DELETED: u8 = 2;

/// The changes, by path.
pub fn changes(sys: &Sys, c: &Container) -> Vec<Change> {
    let below = |path: &str| c.rootfs.lower.iter().any(|dir| sys.lstat(&join(dir, path)).is_ok());
    let mut out = Vec::new();
    for found in walk(sys, &c.rootfs.path("diff")) {
        let kind = match () {
            () if is_whiteout(&found.attr) => DELETED,
            () if below(&found.path) => MODIFIED,
            () => ADDED,
        };
        out.push(Change { path: format!("/{}", found.path), kind });
    }
    out
}
