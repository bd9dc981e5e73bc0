//! `docker load`, `docker import`: images from tar archives.

use std::io::Read;
use std::rc::Rc;

use docker_api::reference::Reference;
use serde_json::Value;

use super::layers;
use crate::daemon::Daemon;
use crate::disk;
use crate::error::{ApiError, ApiResult};
use crate::files::archive::{plain_tar, tar_error, unpack};
use crate::files::tree;
use crate::model::image::{History, Image, Layer};
use crate::paths::OVERLAY;

/// `docker load`; gives the lines that are printed.
pub async fn load(d: &Rc<Daemon>, archive: &[u8]) -> ApiResult<Vec<String>> {
    let archive = &*plain_tar(archive);
    let bad = |e: std::io::Error| ApiError::bad(tar_error(&e));
    let mut files: std::collections::BTreeMap<String, Vec<u8>> = std::collections::BTreeMap::new();
    for entry in tar::Archive::new(archive).entries().map_err(bad)? {
        let mut entry = entry.map_err(bad)?;
        let name = machine::text::from_bytes(&entry.path_bytes());
        let mut data = Vec::new();
        entry.read_to_end(&mut data).map_err(bad)?;
        files.insert(name, data);
    }
    let missing = || ApiError::bad("open /var/lib/docker/tmp/docker-import/manifest.json: no such file or directory");
    let manifest: Vec<Value> =
        files.get("manifest.json").and_then(|f| serde_json::from_slice(f).ok()).ok_or_else(missing)?;
    let mut lines = Vec::new();
    for entry in manifest {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or("").to_string();
        let list = |key: &str| -> Vec<String> {
            entry
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(String::from)
                .collect()
        };
        let image: Image = files
            .get(&text("Config"))
            .and_then(|f| serde_json::from_slice(f).ok())
            .ok_or_else(|| ApiError::bad("invalid manifest, layers length mismatch"))?;
        for ((chain, diff), file) in image.chain_ids().iter().zip(&image.diff_ids).zip(list("Layers")) {
            let data = files.get(&file).cloned().unwrap_or_default();
            add_layer(d, chain, diff, &data).await?;
        }
        let id = d.images.borrow_mut().add(image, "");
        let tags = list("RepoTags");
        for tag in &tags {
            let reference = Reference::parse(tag).map_err(ApiError::bad)?;
            let now = d.now_text();
            d.images.borrow_mut().tag(&id, &reference, &now);
            lines.push(format!("Loaded image: {tag}\n"));
        }
        if tags.is_empty() {
            lines.push(format!("Loaded image ID: {id}\n"));
        }
        d.image_event("load", &id, &id);
    }
    disk::images::save(d);
    Ok(lines)
}

async fn add_layer(d: &Rc<Daemon>, chain: &str, diff: &str, data: &[u8]) -> ApiResult<()> {
    if d.images.borrow().layers.contains_key(chain) {
        return Ok(());
    }
    let layer = layers::create(&d.sys)?;
    let dir = format!("{OVERLAY}/{}/diff", layer.cache_id);
    unpack(&d.sys, &dir, data).await?;
    let layer = Layer { diff_id: diff.into(), size: tree::tree_size(&d.sys, &dir), ..layer };
    d.images.borrow_mut().layers.insert(chain.into(), layer);
    Ok(())
}

/// `docker import`
pub async fn import(d: &Rc<Daemon>, archive: &[u8], repo: &str, tag: &str, message: &str) -> ApiResult<String> {
    let layer = layers::create(&d.sys)?;
    let dir = format!("{OVERLAY}/{}/diff", layer.cache_id);
    unpack(&d.sys, &dir, &plain_tar(archive)).await?;
    let (diff_id, size) = layers::digest_dir(&d.sys, &dir);
    let now = d.now_text();
    let comment = if message.is_empty() { "Imported from -" } else { message };
    let image = Image {
        architecture: "amd64".into(),
        os: "linux".into(),
        created: now.clone(),
        history: vec![History { created: now.clone(), comment: comment.into(), ..History::default() }],
        diff_ids: vec![diff_id.clone()],
        ..Image::default()
    };
    d.images.borrow_mut().layers.insert(diff_id.clone(), Layer { diff_id, size, ..layer });
    let id = d.images.borrow_mut().add(image, "");
    if !repo.is_empty() {
        let text = if tag.is_empty() { repo.to_string() } else { format!("{repo}:{tag}") };
        let reference = Reference::parse(&text).map_err(ApiError::bad)?.or_latest();
        d.images.borrow_mut().tag(&id, &reference, &now);
    }
    d.image_event("import", &id, &id);
    disk::images::save(d);
    Ok(id)
}
