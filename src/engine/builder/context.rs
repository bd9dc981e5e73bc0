//! The build context: an archive from the client, unpacked for the time of the build.

use docker_api::types::OUTSIDE;
use dockerfile::Ignore;
use machine::Sys;
use machine::fs::FileKind;
use sha2::{Digest, Sha256};

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
    pub async fn unpack(sys: &Sys, data: &[u8]) -> ApiResult<Context> {
        let root = format!("{ROOT}/tmp/docker-builder{}", &random_id(sys)[..9]);
        make_dirs(sys, &root, 0o700)?;
        if !data.is_empty() {
            archive::unpack(sys, &root, data).await?;
        }
        let text = sys.read_file(&format!("{root}/.dockerignore")).unwrap_or_default();
        let ignore = Ignore::parse(&machine::text::from_bytes(&text));
        Ok(Context { root, ignore })
    }

    /// The Dockerfile's text. One that came beside the context is then taken out of it.
    pub fn read(&self, sys: &Sys, name: &str) -> Option<String> {
        let bytes = sys.read_file(&scoped(sys, &self.root, name)).ok()?;
        if name.starts_with(OUTSIDE) {
            remove_tree(sys, &join(&self.root, OUTSIDE));
        }
        Some(machine::text::from_bytes(&bytes))
    }

    /// Takes it away.
    pub fn remove(&self, sys: &Sys) {
        remove_tree(sys, &self.root);
    }
}

/// A digest over a file or tree: names, kinds, modes and content, not times.
pub fn digest_tree(sys: &Sys, place: &str, excluded: &dyn Fn(&str) -> bool) -> String {
    let mut hash = Sha256::new();
    let mut add = |path: &str, name: &str| {
        let Ok(attr) = sys.lstat(path) else { return };
        hash.update(format!("{:?} {name}\0{:o} {} {}\0", attr.kind, attr.mode, attr.uid, attr.gid));
        match attr.kind {
            FileKind::Regular => {
                let content = sys.file_content(path).unwrap_or_default();
                hash.update(content.size.to_be_bytes());
                hash.update(&*content.data);
            }
            FileKind::Symlink => hash.update(sys.read_link(path).unwrap_or_default()),
            _ => {}
        }
    };
    add(place, "");
    if sys.lstat(place).is_ok_and(|a| a.is_dir()) {
        for found in walk(sys, place).iter().filter(|f| !excluded(&f.path)) {
            add(&join(place, &found.path), &found.path);
        }
    }
    docker_api::ids::hex(&hash.finalize())
}
