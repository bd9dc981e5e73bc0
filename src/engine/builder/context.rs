//! The build context: an archive from the client, unpacked for the time of the build.

use std::rc::Rc;

use docker_api::types::OUTSIDE;
use dockerfile::Ignore;
use machine::fs::FileKind;
use sha2::{Digest, Sha256};

use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::files::archive;
use crate::files::scope::scoped;
use crate::files::tree::{join, make_dirs, remove_tree, walk};
use crate::ids::random_id;
use crate::paths::ROOT;

/// An unpacked context.
pub struct Context {
    /// Where it is.
    pub root: String,
    /// What `.dockerignore` leaves out.
    pub ignore: Ignore,
}

impl Context {
    /// Unpacks an archive.
    pub async fn unpack(d: &Rc<Daemon>, data: &[u8]) -> ApiResult<Context> {
        let root = format!("{ROOT}/tmp/docker-builder{}", &random_id(&d.sys)[..9]);
        make_dirs(&d.sys, &root, 0o700)?;
        if !data.is_empty() {
            archive::unpack(&d.sys, &root, data).await?;
        }
        let text = d.sys.read_file(&format!("{root}/.dockerignore")).unwrap_or_default();
        let ignore = Ignore::parse(&machine::text::from_bytes(&text));
        Ok(Context { root, ignore })
    }

    /// The Dockerfile's text. One that came beside the context is then taken out of it.
    pub fn read(&self, d: &Daemon, name: &str) -> Option<String> {
        let bytes = d.sys.read_file(&scoped(&d.sys, &self.root, name)).ok()?;
        if name.starts_with(OUTSIDE) {
            remove_tree(&d.sys, &join(&self.root, OUTSIDE));
        }
        Some(machine::text::from_bytes(&bytes))
    }

    /// Takes it away.
    pub fn remove(&self, d: &Daemon) {
        remove_tree(&d.sys, &self.root);
    }
}

/// A digest over a file or tree: names, kinds, modes and content, not times.
pub fn digest_tree(d: &Daemon, place: &str, excluded: &dyn Fn(&str) -> bool) -> String {
    let mut hash = Sha256::new();
    let mut add = |path: &str, name: &str| {
        let Ok(attr) = d.sys.lstat(path) else { return };
        hash.update(format!("{:?} {name}\0{:o} {} {}\0", attr.kind, attr.mode, attr.uid, attr.gid));
        match attr.kind {
            FileKind::Regular => {
                let content = d.sys.file_content(path).unwrap_or_default();
                hash.update(content.size.to_be_bytes());
                hash.update(&*content.data);
            }
            FileKind::Symlink => hash.update(d.sys.read_link(path).unwrap_or_default()),
            _ => {}
        }
    };
    add(place, "");
    if d.sys.lstat(place).is_ok_and(|a| a.is_dir()) {
        for found in walk(&d.sys, place).iter().filter(|f| !excluded(&f.path)) {
            add(&join(place, &found.path), &found.path);
        }
    }
    docker_api::ids::hex(&hash.finalize())
}
