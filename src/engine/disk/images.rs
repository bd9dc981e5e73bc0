//! Images and layers on disk: `image/overlay2/repositories.json`, `imagedb` and `layerdb`.

use std::collections::{BTreeMap, BTreeSet};

use docker_api::time::ZERO;
use docker_api::types::Map;
use machine::Sys;
use serde::{Deserialize, Serialize};

use super::cache;
use super::json::{read, read_text, write, write_json};
use crate::daemon::Daemon;
use crate::files::tree;
use crate::model::image::{Image, Images, Layer, Stored};
use crate::paths::{OVERLAY, ROOT};

/// Names and digests by repository.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Repositories {
    repositories: Map<Map<String>>,
}

fn store() -> String {
    format!("{ROOT}/image/overlay2")
}

fn hex(id: &str) -> &str {
    id.strip_prefix("sha256:").unwrap_or(id)
}

/// Writes the store's index, and what is new; removes what is gone. What the builder remembers stands on these layers and
/// is written with them.
pub fn save(d: &Daemon) {
    let images = d.images.borrow();
    let mut index = Repositories::default();
    for (name, id) in images.tags.iter().chain(&images.digests) {
        let repository = match name.split_once('@') {
            Some((repository, _)) => repository,
            None => name.rsplit_once(':').map_or(name.as_str(), |(repository, _)| repository),
        };
        index.repositories.entry(repository.to_string()).or_default().insert(name.clone(), id.clone());
    }
    write_json(&d.sys, &format!("{}/repositories.json", store()), &index);
    let (content, metadata) = (folder("imagedb/content"), folder("imagedb/metadata"));
    for stored in images.images.values() {
        save_image(&d.sys, stored, &content, &metadata);
    }
    let here: BTreeSet<&str> = images.images.keys().map(|id| hex(id)).collect();
    forget(&d.sys, &content, &here);
    forget(&d.sys, &metadata, &here);
    let parents = parents(d, &images);
    let layerdb = folder("layerdb");
    for (id, layer) in &images.layers {
        save_layer(&d.sys, &format!("{layerdb}/{}", hex(id)), layer, parents.get(id).map(String::as_str));
    }
    forget(&d.sys, &layerdb, &images.layers.keys().map(|id| hex(id)).collect());
    cache::save(d);
}

fn folder(of: &str) -> String {
    format!("{}/{of}/sha256", store())
}

fn save_image(sys: &Sys, stored: &Stored, content: &str, metadata: &str) {
    let id = hex(&stored.id);
    let path = format!("{content}/{id}");
    if sys.stat(&path).is_err() {
        write_json(sys, &path, &stored.image);
    }
    for (name, text) in [("lastUpdated", &stored.tagged), ("parent", &stored.parent)] {
        if !text.is_empty() && text != ZERO {
            write(sys, &format!("{metadata}/{id}/{name}"), text.clone().into_bytes());
        }
    }
}

fn save_layer(sys: &Sys, dir: &str, layer: &Layer, parent: Option<&str>) {
    if sys.stat(dir).is_ok() {
        return;
    }
    let size = layer.size.to_string();
    let facts = [("diff", Some(layer.diff_id.as_str())), ("cache-id", Some(&layer.cache_id)), ("size", Some(&size))];
    for (name, text) in facts.into_iter().chain([("parent", parent)]) {
        if let Some(text) = text {
            write(sys, &format!("{dir}/{name}"), text.as_bytes().to_vec());
        }
    }
}

/// On which layer each one stands.
fn parents(d: &Daemon, images: &Images) -> BTreeMap<String, String> {
    let of_images = images.images.values().map(|stored| stored.image.chain_ids());
    let of_containers = d.containers.borrow().values().map(|c| c.chain.clone()).collect::<Vec<_>>();
    let mut parents = BTreeMap::new();
    for chain in of_images.chain(of_containers).chain(d.cache.borrow().chains()) {
        parents.extend(chain.windows(2).map(|pair| (pair[1].clone(), pair[0].clone())));
    }
    parents
}

/// Removes the entries of a folder that are not among those that are here.
fn forget(sys: &Sys, folder: &str, here: &BTreeSet<&str>) {
    for entry in sys.read_dir(folder).unwrap_or_default() {
        if !here.contains(entry.name.as_str()) {
            tree::remove_tree(sys, &format!("{folder}/{}", entry.name));
        }
    }
}

/// Finds images and layers again.
pub fn restore(d: &Daemon) {
    let mut images = d.images.borrow_mut();
    let index: Repositories = read(&d.sys, &format!("{}/repositories.json", store())).unwrap_or_default();
    for (name, id) in index.repositories.into_values().flatten() {
        let names = if name.contains('@') { &mut images.digests } else { &mut images.tags };
        names.insert(name, id);
    }
    let (content, metadata) = (folder("imagedb/content"), folder("imagedb/metadata"));
    for entry in d.sys.read_dir(&content).unwrap_or_default() {
        let Some(image) = read::<Image>(&d.sys, &format!("{content}/{}", entry.name)) else { continue };
        let fact = |name: &str| read_text(&d.sys, &format!("{metadata}/{}/{name}", entry.name));
        let id = format!("sha256:{}", entry.name);
        let parent = fact("parent").unwrap_or_default();
        let tagged = fact("lastUpdated").unwrap_or_else(|| ZERO.to_string());
        images.images.insert(id.clone(), Stored { id, image, parent, tagged });
    }
    let layerdb = folder("layerdb");
    for entry in d.sys.read_dir(&layerdb).unwrap_or_default() {
        if let Some(layer) = layer(&d.sys, &format!("{layerdb}/{}", entry.name)) {
            images.layers.insert(format!("sha256:{}", entry.name), layer);
        }
    }
}

fn layer(sys: &Sys, dir: &str) -> Option<Layer> {
    let fact = |name: &str| read_text(sys, &format!("{dir}/{name}"));
    let cache_id = fact("cache-id")?;
    let link = read_text(sys, &format!("{OVERLAY}/{cache_id}/link"))?;
    Some(Layer { diff_id: fact("diff")?, cache_id, link, size: fact("size")?.parse().ok()? })
}

/// The chain ids below and with a layer, the lowest first.
pub fn chain_to(sys: &Sys, top: &str) -> Vec<String> {
    let mut chain = vec![top.to_string()];
    // Docker refuses images of more layers.
    while chain.len() < 128
        && let Some(parent) =
            chain.last().and_then(|id| read_text(sys, &format!("{}/{}/parent", folder("layerdb"), hex(id))))
    {
        chain.push(parent);
    }
    chain.reverse();
    chain
}
