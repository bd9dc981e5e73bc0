//! `docker save`: images as a tar archive, which is an OCI image layout and has Docker's own lists beside it.

use std::collections::BTreeMap;
use std::rc::Rc;

use docker_api::reference::Reference;
use docker_api::time::parse_nanos;
use docker_api::types::{ContainerConfig, Map};
use serde_json::{Value, json};

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::files::archive::pack;
use crate::ids::digest;
use crate::model::image::{Image, Stored};
use crate::paths::OVERLAY;

const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";

/// Where a blob of this digest lies in the archive.
fn blob_path(digest: &str) -> String {
    format!("blobs/sha256/{}", plain(digest))
}

fn plain(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap_or(digest)
}

/// The archive in the making: content and time (seconds since 1970) by path.
#[derive(Default)]
struct Archive {
    files: BTreeMap<String, (Vec<u8>, u64)>,
    /// The newest image in it, which dates the folders.
    newest: u64,
}

impl Archive {
    fn blob(&mut self, content: Vec<u8>, time: u64) -> (String, usize) {
        let (name, size) = (digest(&content), content.len());
        self.files.insert(blob_path(&name), (content, time));
        (name, size)
    }

    fn list(&mut self, name: &str, value: &Value, end: &str) {
        self.files.insert(name.into(), (format!("{value}{end}").into_bytes(), 0));
    }

    fn pack(self) -> std::io::Result<Vec<u8>> {
        let mut builder = tar::Builder::new(Vec::new());
        for folder in ["blobs/", "blobs/sha256/"] {
            let mut header = tar::Header::new_ustar();
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(0o755);
            header.set_mtime(self.newest);
            header.set_size(0);
            builder.append_data(&mut header, folder, &[][..])?;
        }
        for (name, (content, time)) in &self.files {
            let mut header = tar::Header::new_ustar();
            header.set_mode(0o644);
            header.set_mtime(*time);
            header.set_size(content.len() as u64);
            builder.append_data(&mut header, name, &content[..])?;
        }
        builder.into_inner()
    }
}

/// The images that the names mean, in order, each with the names that were given for it.
fn chosen(d: &Daemon, names: &[String]) -> ApiResult<Vec<(Stored, Vec<Reference>)>> {
    let images = d.images.borrow();
    let mut chosen: Vec<(Stored, Vec<Reference>)> = Vec::new();
    for name in names {
        let stored = images.find(name).map_err(|_| ApiError::not_found(format!("No such image: {name}")))?;
        let by_name = match images.is_id(name) {
            true => None,
            false => Some(Reference::parse(name).map_err(ApiError::bad)?.or_latest()),
        };
        match chosen.iter_mut().find(|(known, _)| known.id == stored.id) {
            Some((_, references)) => references.extend(by_name),
            None => chosen.push((stored.clone(), by_name.into_iter().collect())),
        }
    }
    Ok(chosen)
}

/// `docker save`
pub async fn save(d: &Rc<Daemon>, names: &[String]) -> ApiResult<Vec<u8>> {
    let mut archive = Archive::default();
    let (mut manifests, mut index) = (Vec::new(), Vec::new());
    let mut repositories: BTreeMap<String, Map<String>> = BTreeMap::new();
    for (stored, references) in chosen(d, names)? {
        let time = parse_nanos(&stored.image.created).map_or(0, |n| (n / 1_000_000_000).max(0) as u64);
        archive.newest = archive.newest.max(time);
        let layers = save_layers(d, &mut archive, &stored.image, time).await?;
        let config = serde_json::to_vec(&stored.image).unwrap_or_default();
        let config_size = config.len();
        archive.files.insert(blob_path(&stored.id), (config, time));
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": { "mediaType": CONFIG_TYPE, "digest": stored.id, "size": config_size },
            "layers": layers.iter().map(|(id, size)| json!({ "mediaType": LAYER_TYPE, "digest": id, "size": size })).collect::<Vec<_>>(),
        });
        let (manifest_id, size) = archive.blob(manifest.to_string().into_bytes(), 0);
        let entry = json!({ "mediaType": MANIFEST_TYPE, "digest": manifest_id, "size": size });
        for reference in &references {
            let tag = reference.tag.clone().unwrap_or_default();
            let mut named = entry.clone();
            named["annotations"] = json!({
                "io.containerd.image.name": reference.to_string(), "org.opencontainers.image.ref.name": tag,
            });
            index.push(named);
            if let Some((top, _)) = layers.last() {
                repositories.entry(reference.familiar_name()).or_default().insert(tag, plain(top).into());
            }
        }
        if references.is_empty() {
            index.push(entry);
        }
        let tags: Vec<String> = references.iter().map(Reference::familiar).collect();
        let source =
            |(id, size): &(String, usize)| (id.clone(), json!({ "mediaType": LAYER_TYPE, "size": size, "digest": id }));
        let sources: BTreeMap<String, Value> = layers.iter().map(source).collect();
        manifests.push(json!({
            "Config": blob_path(&stored.id),
            "RepoTags": if tags.is_empty() { Value::Null } else { json!(tags) },
            "Layers": layers.iter().map(|(id, _)| blob_path(id)).collect::<Vec<_>>(),
            "LayerSources": sources,
        }));
        d.image_event("save", &stored.id, &stored.id);
    }
    archive.list("manifest.json", &Value::Array(manifests), "\n");
    archive.list("index.json", &json!({ "schemaVersion": 2, "mediaType": INDEX_TYPE, "manifests": index }), "");
    archive.files.insert("oci-layout".into(), (br#"{"imageLayoutVersion": "1.0.0"}"#.to_vec(), 0));
    if !repositories.is_empty() {
        archive.list("repositories", &json!(repositories), "\n");
    }
    archive.pack().map_err(|e| ApiError::internal(e.to_string()))
}

/// Puts the layers of an image into the archive, and for each the configuration that old versions of Docker read;
/// the digests and sizes of the layers.
async fn save_layers(
    d: &Rc<Daemon>,
    archive: &mut Archive,
    image: &Image,
    time: u64,
) -> ApiResult<Vec<(String, usize)>> {
    let (mut layers, mut parent) = (Vec::new(), String::new());
    let chain = image.chain_ids();
    for (at, (chain_id, diff)) in chain.iter().zip(&image.diff_ids).enumerate() {
        let path = blob_path(diff);
        let size = match archive.files.get(&path) {
            Some((content, _)) => content.len(),
            None => {
                let layer = d.images.borrow().layers.get(chain_id).cloned().unwrap_or_default();
                let content = pack(&d.sys, &format!("{OVERLAY}/{}/diff", layer.cache_id), "/").await?;
                let size = content.len();
                archive.files.insert(path, (content, time));
                size
            }
        };
        let legacy = old_config(image, chain_id, &parent, at + 1 == chain.len());
        parent = legacy["id"].as_str().unwrap_or_default().to_string();
        archive.blob(legacy.to_string().into_bytes(), time);
        layers.push((diff.clone(), size));
    }
    Ok(layers)
}

/// What stood beside a layer before there were image configurations.
fn old_config(image: &Image, chain_id: &str, parent: &str, last: bool) -> Value {
    let id = digest(format!("{parent} {chain_id} {last}").as_bytes());
    let mut config = json!({ "id": plain(&id) });
    if !parent.is_empty() {
        config["parent"] = parent.into();
    }
    config["created"] = if last { image.created.clone().into() } else { "1970-01-01T00:00:00Z".into() };
    config["container_config"] = json!(ContainerConfig::default());
    if last {
        let own = &image.config;
        config["config"] = json!(ContainerConfig {
            user: own.user.clone(),
            exposed_ports: own.exposed_ports.clone(),
            env: own.env.clone(),
            cmd: own.cmd.clone(),
            healthcheck: own.healthcheck.clone(),
            args_escaped: own.args_escaped,
            volumes: own.volumes.clone(),
            working_dir: own.working_dir.clone(),
            entrypoint: own.entrypoint.clone(),
            on_build: own.on_build.clone(),
            labels: own.labels.clone(),
            stop_signal: own.stop_signal.clone(),
            shell: own.shell.clone(),
            ..ContainerConfig::default()
        });
        config["architecture"] = image.architecture.clone().into();
    }
    config["os"] = image.os.clone().into();
    config
}
