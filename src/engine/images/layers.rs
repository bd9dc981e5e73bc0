//! Layers on disk: `/var/lib/docker/overlay2/<id>/diff`, and the link names in `l/`.

use docker_api::ids::hex;
use machine::fs::{FileKind, SetAttr};
use machine::{Errno, Sys, SysResult, UnixTime};
use sha2::{Digest, Sha256};

use super::layers;
use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::files::tree::{self, join, make_dirs, walk};
use crate::ids::{digest, random_id, random_link};
use crate::model::image::Layer;
use crate::paths::OVERLAY;
use crate::registry::{LayerFile, LayerKind};

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

/// Makes a layer of what a directory holds, above `chain`. Gives its digest; nothing where it is empty.
pub fn layer_from(d: &Daemon, dir: &str, chain: &[String]) -> ApiResult<Option<String>> {
    if d.sys.read_dir(dir)?.is_empty() {
        return Ok(None);
    }
    let (diff_id, size) = layers::digest_dir(&d.sys, dir);
    let chain_id = match chain.last() {
        Some(parent) => digest(format!("{parent} {diff_id}").as_bytes()),
        None => diff_id.clone(),
    };
    if !d.images.borrow().layers.contains_key(&chain_id) {
        let layer = layers::create(&d.sys)?;
        tree::copy_tree(&d.sys, dir, &format!("{OVERLAY}/{}/diff", layer.cache_id))?;
        let layer = Layer { diff_id: diff_id.clone(), size, ..layer };
        d.images.borrow_mut().layers.insert(chain_id, layer);
    }
    Ok(Some(diff_id))
}
