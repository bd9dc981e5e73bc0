//! `docker pull`: from the registry, three layers at a time, then unpacked one after the other.

use std::rc::Rc;
use std::time::Duration;

use docker_api::ids::truncate;
use docker_api::reference::Reference;
use docker_api::time::parse_nanos;
use docker_api::types::{JsonMessage, Progress};
use machine::UnixTime;
use serde::Serialize;
use serde_json::{Value, json};

use super::{elsewhere, layers};
use crate::daemon::Daemon;
use crate::disk;
use crate::error::{ApiError, ApiResult};
use crate::ids::{self, digest};
use crate::model::image::Image;
use crate::paths::OVERLAY;
use crate::registry::{LayerFile, RegistryError, RemoteImage, RemoteLayer};

/// Bytes per second of the line to the registry.
const BANDWIDTH: u64 = 24_000_000;
/// Bytes (compressed) per second that unpacking takes.
const UNPACKING: u64 = 40_000_000;
/// Layers that travel at the same time.
const PARALLEL: usize = 3;
/// Time between two reports.
const STEP: Duration = Duration::from_millis(100);
/// Asking the registry for the manifest.
const ROUND_TRIP: Duration = Duration::from_millis(90);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Queued,
    Waiting,
    Downloading(u64),
    Downloaded,
    Extracting(u64),
    Done,
}

struct Item {
    id: String,
    /// The digest of what is fetched.
    blob: String,
    chain: String,
    diff: String,
    layer: RemoteLayer,
    files: Vec<LayerFile>,
    stage: Stage,
}

/// The error text that `docker pull` shows.
pub fn refusal(reference: &Reference, error: RegistryError) -> ApiError {
    match error {
        RegistryError::Denied => ApiError::not_found(format!(
            "pull access denied for {}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
            reference.familiar_name()
        )),
        RegistryError::NoManifest => ApiError::not_found(format!(
            "manifest for {} not found: manifest unknown: manifest unknown",
            reference.familiar()
        )),
        RegistryError::NotEmulated => {
            ApiError::not_found(format!("drydock: the image {} is not emulated here", reference.familiar()))
        }
    }
}

/// What a pull does: messages come out of [`Pull::step`] until it is over.
pub struct Pull {
    reference: Reference,
    remote: RemoteImage,
    image: Image,
    items: Vec<Item>,
    /// The manifest's digest.
    pub digest: String,
    out: Vec<JsonMessage>,
    fresh: bool,
}

/// The digest of the manifest of an image.
pub fn manifest_digest(image: &Image) -> String {
    digest(format!("manifest {}", image.id()).as_bytes())
}

/// The image that a registry's answer makes, with its layers' files.
fn assemble(remote: &RemoteImage) -> (Image, Vec<Vec<LayerFile>>) {
    let files: Vec<Vec<LayerFile>> = remote.layers.iter().map(|l| (l.files)()).collect();
    let mut image = remote.config.clone();
    image.diff_ids = files.iter().map(|f| layers::digest_of(f)).collect();
    (image, files)
}

/// The manifest of an image in a registry, with its descriptor.
pub async fn manifest(d: &Rc<Daemon>, reference: &Reference) -> ApiResult<Value> {
    elsewhere::ask(&d.sys, reference).await?;
    let _ = d.sys.sleep(ROUND_TRIP).await;
    let remote = d.registry.resolve(reference).map_err(|error| match error {
        RegistryError::Denied => ApiError::new(401, refusal(reference, error).message),
        _ => refusal(reference, error),
    })?;
    let (image, _) = assemble(&remote);
    let manifest = manifest_of(&remote, &image);
    let raw = manifest_text(&manifest)?;
    Ok(json!({
        "Descriptor": { "mediaType": MANIFEST_TYPE, "digest": manifest_digest(&image), "size": raw.len() },
        "Platforms": [{ "architecture": image.architecture, "os": image.os }],
        "Manifest": manifest,
        "Raw": crate::base64::encode(&raw),
    }))
}

const MANIFEST_TYPE: &str = "application/vnd.docker.distribution.manifest.v2+json";

fn manifest_of(remote: &RemoteImage, image: &Image) -> Value {
    let config = serde_json::to_vec(image).unwrap_or_default();
    let layers = remote.layers.iter().zip(&image.diff_ids).map(|(layer, diff)| {
        json!({
            "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
            "size": layer.compressed,
            "digest": digest(format!("gzip {diff}").as_bytes()),
        })
    });
    json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": config.len(),
            "digest": image.id(),
        },
        "layers": layers.collect::<Vec<_>>(),
    })
}

/// As registries store it.
fn manifest_text(manifest: &Value) -> ApiResult<Vec<u8>> {
    let mut raw = Vec::new();
    let indent = serde_json::ser::PrettyFormatter::with_indent(b"   ");
    let mut writer = serde_json::Serializer::with_formatter(&mut raw, indent);
    manifest.serialize(&mut writer).map_err(|e| ApiError::internal(e.to_string()))?;
    Ok(raw)
}

/// Asks the registry.
pub async fn begin(d: &Rc<Daemon>, reference: &Reference) -> ApiResult<Pull> {
    elsewhere::ask(&d.sys, reference).await?;
    let _ = d.sys.sleep(ROUND_TRIP).await;
    let remote = d.registry.resolve(reference).map_err(|e| refusal(reference, e))?;
    let (image, files) = assemble(&remote);
    let digest = manifest_digest(&image);
    if reference.digest.as_ref().is_some_and(|wanted| *wanted != digest) {
        return Err(refusal(reference, RegistryError::NoManifest));
    }
    let chain = image.chain_ids();
    let mut pull =
        Pull { reference: reference.clone(), image, items: Vec::new(), digest, out: Vec::new(), fresh: true, remote };
    let place = pull.reference.tag.clone().or(pull.reference.digest.clone()).unwrap_or_default();
    pull.out.push(JsonMessage { id: place, ..JsonMessage::status(format!("Pulling from {}", reference.path)) });
    if d.images.borrow().images.contains_key(&pull.image.id()) {
        pull.fresh = false;
        return Ok(pull);
    }
    for ((layer, files), (chain, diff)) in
        pull.remote.layers.iter().zip(files).zip(chain.into_iter().zip(pull.image.diff_ids.clone()))
    {
        let blob = ids::digest(format!("gzip {diff}").as_bytes());
        let here = d.images.borrow().layers.contains_key(&chain);
        let id = truncate(&blob).to_string();
        let stage = if here { Stage::Done } else { Stage::Queued };
        let text = if here { "Already exists" } else { "Pulling fs layer" };
        pull.out.push(JsonMessage::layer(&id, text, Progress::default()));
        pull.items.push(Item { id, blob, chain, diff, layer: layer.clone(), files, stage });
    }
    Ok(pull)
}

impl Pull {
    /// The image that it brings.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// Digests and sizes of what is fetched before the layers: manifest and configuration. Nothing if the image is here.
    pub fn descriptions(&self) -> Vec<(String, u64)> {
        if self.items.iter().all(|i| i.stage == Stage::Done) {
            return Vec::new();
        }
        let manifest = manifest_of(&self.remote, &self.image);
        let config = serde_json::to_vec(&self.image).unwrap_or_default().len();
        let manifest = manifest_text(&manifest).unwrap_or_default().len();
        vec![(self.digest.clone(), manifest as u64), (self.image.id(), config as u64)]
    }

    /// The whole digest of the layer that messages name by the beginning of it.
    pub fn layer_digest(&self, id: &str) -> Option<&str> {
        self.items.iter().find(|i| i.id == id).map(|i| i.blob.as_str())
    }

    /// The messages since the last step.
    pub fn messages(&mut self) -> Vec<JsonMessage> {
        std::mem::take(&mut self.out)
    }

    /// Goes on for a moment; false when all is here.
    pub async fn step(&mut self, d: &Rc<Daemon>) -> ApiResult<bool> {
        if self.items.iter().all(|i| i.stage == Stage::Done) {
            return Ok(false);
        }
        self.start_downloads();
        let _ = d.sys.sleep(STEP).await;
        self.download();
        self.extract(d).await?;
        Ok(true)
    }

    fn start_downloads(&mut self) {
        let mut running = self.items.iter().filter(|i| matches!(i.stage, Stage::Downloading(_))).count();
        for item in &mut self.items {
            match item.stage {
                Stage::Queued | Stage::Waiting if running < PARALLEL => {
                    running += 1;
                    item.stage = Stage::Downloading(0);
                }
                Stage::Queued => {
                    item.stage = Stage::Waiting;
                    self.out.push(JsonMessage::layer(&item.id, "Waiting", Progress::default()));
                }
                _ => {}
            }
        }
    }

    fn download(&mut self) {
        let running = self.items.iter().filter(|i| matches!(i.stage, Stage::Downloading(_))).count() as u64;
        let share = BANDWIDTH * STEP.as_millis() as u64 / 1000 / running.max(1);
        for item in &mut self.items {
            let Stage::Downloading(done) = item.stage else { continue };
            let total = item.layer.compressed;
            let done = (done + share).min(total);
            let progress = Progress { current: done as i64, total: total as i64, ..Progress::default() };
            self.out.push(JsonMessage::layer(&item.id, "Downloading", progress));
            item.stage = Stage::Downloading(done);
            if done == total {
                self.out.push(JsonMessage::layer(&item.id, "Verifying Checksum", Progress::default()));
                self.out.push(JsonMessage::layer(&item.id, "Download complete", Progress::default()));
                item.stage = Stage::Downloaded;
            }
        }
    }

    /// Layers are unpacked in their order.
    async fn extract(&mut self, d: &Rc<Daemon>) -> ApiResult<()> {
        let mut room = UNPACKING * STEP.as_millis() as u64 / 1000;
        while let Some(item) = self.items.iter_mut().find(|i| i.stage != Stage::Done) {
            let done = match item.stage {
                Stage::Downloaded => 0,
                Stage::Extracting(done) => done,
                _ => return Ok(()),
            };
            let total = item.layer.compressed;
            let more = room.min(total - done);
            room -= more;
            let progress = Progress { current: (done + more) as i64, total: total as i64, ..Progress::default() };
            self.out.push(JsonMessage::layer(&item.id, "Extracting", progress));
            if done + more < total {
                item.stage = Stage::Extracting(done + more);
                return Ok(());
            }
            let mut layer = layers::create(&d.sys)?;
            layer.diff_id.clone_from(&item.diff);
            layer.size = item.layer.size;
            let time = parse_nanos(&self.image.created).unwrap_or(0) as i64;
            let dir = format!("{}/{}/diff", OVERLAY, layer.cache_id);
            layers::unpack(&d.sys, &dir, &item.files, UnixTime(time)).await?;
            d.images.borrow_mut().layers.insert(item.chain.clone(), layer);
            item.stage = Stage::Done;
            self.out.push(JsonMessage::layer(&item.id, "Pull complete", Progress::default()));
        }
        Ok(())
    }

    /// Names the image; its id and whether it is new. The last messages are its digest and, if asked for, the status.
    pub fn finish(&mut self, d: &Rc<Daemon>, with_status: bool) -> (String, bool) {
        let familiar = self.reference.familiar();
        let now = d.now_text();
        let id = {
            let mut images = d.images.borrow_mut();
            let before = images.tags.get(&familiar).cloned();
            let id = images.add(self.image.clone(), "");
            self.fresh |= before.as_ref() != Some(&id);
            let by_digest = format!("{}@{}", self.reference.familiar_name(), self.digest);
            images.digests.insert(by_digest, id.clone());
            if self.reference.tag.is_some() {
                images.tag(&id, &self.reference, &now);
            }
            id
        };
        d.image_event("pull", &familiar, &familiar);
        disk::images::save(d);
        self.out.push(JsonMessage::status(format!("Digest: {}", self.digest)));
        if with_status {
            self.out.push(last_word(self.fresh, &familiar));
        }
        (id, self.fresh)
    }
}

impl Pull {
    /// Warns of an image that is not for the platform that was asked for; the registry has no other.
    pub fn compare(&mut self, platform: &str) {
        let has = format!("{}/{}", self.image.os, self.image.architecture);
        let why = docker_api::platform::mismatch(&self.reference.familiar(), &has, platform);
        self.out.extend(why.map(|why| JsonMessage::status(format!("WARNING: {why}"))));
    }
}

/// What a pull says in the end.
pub fn last_word(fresh: bool, name: &str) -> JsonMessage {
    let what = if fresh { "Downloaded newer image for" } else { "Image is up to date for" };
    JsonMessage::status(format!("Status: {what} {name}"))
}
