//! Images: configurations by id, names, and the layers that they stand on.

use std::collections::BTreeMap;

use docker_api::ids::truncate;
use docker_api::reference::Reference;
use docker_api::types::ImageConfig;
use serde::{Deserialize, Serialize};

use crate::error::{ApiError, ApiResult};
use crate::ids::digest;

/// One line of an image's history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    /// RFC 3339.
    pub created: String,
    /// The command that made the layer.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub created_by: String,
    /// `buildkit.dockerfile.v0`
    #[serde(skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// It changed the configuration only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub empty_layer: bool,
}

/// An image's configuration file: its digest is the image's id (the OCI image specification's form).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    /// `amd64`
    pub architecture: String,
    /// Who made it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub author: String,
    /// What containers start from.
    pub config: ImageConfig,
    /// RFC 3339.
    pub created: String,
    /// The oldest first.
    pub history: Vec<History>,
    /// `linux`
    pub os: String,
    /// Digests of the layers' content, the lowest first.
    pub diff_ids: Vec<String>,
}

impl Image {
    /// `sha256:…` of the configuration.
    pub fn id(&self) -> String {
        digest(&serde_json::to_vec(self).unwrap_or_default())
    }

    /// The chain ids of the layers, the lowest first.
    pub fn chain_ids(&self) -> Vec<String> {
        let mut chain: Vec<String> = Vec::with_capacity(self.diff_ids.len());
        for diff in &self.diff_ids {
            let id = match chain.last() {
                Some(parent) => digest(format!("{parent} {diff}").as_bytes()),
                None => diff.clone(),
            };
            chain.push(id);
        }
        chain
    }
}

/// An image that is here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Stored {
    /// `sha256:…`
    pub id: String,
    /// Its configuration.
    pub image: Image,
    /// The image that the classic builder made before it.
    pub parent: String,
    /// When it was last tagged, RFC 3339.
    pub tagged: String,
}

/// A layer that is here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Layer {
    /// Digest of the content.
    pub diff_id: String,
    /// The name of its directory in `overlay2`.
    pub cache_id: String,
    /// The symbolic link to it in `overlay2/l`.
    pub link: String,
    /// Bytes.
    pub size: u64,
}

/// All images, names and layers.
#[derive(Default, Serialize, Deserialize)]
pub struct Images {
    /// By id.
    pub images: BTreeMap<String, Stored>,
    /// `redis:latest` → id.
    pub tags: BTreeMap<String, String>,
    /// `redis@sha256:…` → id.
    pub digests: BTreeMap<String, String>,
    /// By chain id.
    pub layers: BTreeMap<String, Layer>,
}

impl Images {
    /// The image that a name, digest or the beginning of an id means.
    pub fn find(&self, name: &str) -> ApiResult<&Stored> {
        let missing = || {
            let shown = Reference::parse(name).map_or(name.to_string(), |r| r.or_latest().familiar());
            ApiError::not_found(format!("No such image: {shown}"))
        };
        self.lookup(name).ok_or_else(missing)
    }

    /// As [`Images::find`], without an error.
    pub fn lookup(&self, name: &str) -> Option<&Stored> {
        if let Some(image) = self.images.get(name) {
            return Some(image);
        }
        if let Ok(reference) = Reference::parse(name) {
            let familiar = reference.or_latest().familiar();
            if let Some(id) = self.tags.get(&familiar).or_else(|| self.digests.get(&familiar)) {
                return self.images.get(id);
            }
        }
        self.by_prefix(name)
    }

    fn by_prefix(&self, name: &str) -> Option<&Stored> {
        let prefix = name.strip_prefix("sha256:").unwrap_or(name);
        if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut found = self.images.iter().filter(|(id, _)| id["sha256:".len()..].starts_with(prefix));
        match (found.next(), found.next()) {
            (Some((_, image)), None) => Some(image),
            _ => None,
        }
    }

    /// Whether `name` is (the beginning of) an id, not a name.
    pub fn is_id(&self, name: &str) -> bool {
        if self.images.contains_key(name) {
            return true;
        }
        let by_name = Reference::parse(name).ok().map(|r| r.or_latest().familiar());
        by_name.is_none_or(|n| !self.tags.contains_key(&n) && !self.digests.contains_key(&n))
            && self.by_prefix(name).is_some()
    }

    /// The tags of an image.
    pub fn tags_of(&self, id: &str) -> Vec<String> {
        self.tags.iter().filter(|(_, i)| *i == id).map(|(t, _)| t.clone()).collect()
    }

    /// The digest references of an image.
    pub fn digests_of(&self, id: &str) -> Vec<String> {
        self.digests.iter().filter(|(_, i)| *i == id).map(|(t, _)| t.clone()).collect()
    }

    /// Bytes of all layers of an image.
    pub fn size(&self, image: &Image) -> u64 {
        image.chain_ids().iter().filter_map(|c| self.layers.get(c)).map(|l| l.size).sum()
    }

    /// Images whose parent is `id` (the classic builder's).
    pub fn has_children(&self, id: &str) -> bool {
        self.images.values().any(|i| i.parent == id)
    }

    /// Whether nothing names the image and nothing stands on it.
    pub fn is_dangling(&self, id: &str) -> bool {
        self.tags_of(id).is_empty() && self.digests_of(id).is_empty() && !self.has_children(id)
    }

    /// Adds an image.
    pub fn add(&mut self, image: Image, parent: &str) -> String {
        let id = image.id();
        let tagged = docker_api::time::ZERO.to_string();
        self.images.entry(id.clone()).or_insert_with(|| Stored {
            id: id.clone(),
            image,
            parent: parent.to_string(),
            tagged,
        });
        id
    }

    /// Names an image; the name leaves the image that had it.
    pub fn tag(&mut self, id: &str, reference: &Reference, now: &str) {
        self.tags.insert(reference.clone().or_latest().familiar(), id.to_string());
        if let Some(image) = self.images.get_mut(id) {
            image.tagged = now.to_string();
        }
    }
}

/// The short form of an id, for messages.
pub fn short(id: &str) -> &str {
    truncate(id)
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ids_and_prefixes_find_images() {
        let mut images = Images::default();
        let image = Image { os: "linux".into(), ..Image::default() };
        let id = images.add(image, "");
        images.tag(&id, &Reference::parse("me/app:1").unwrap(), "");
        assert!(images.find("me/app:1").is_ok());
        assert!(images.find(&id[7..15]).is_ok() && images.is_id(&id[7..15]));
        assert!(!images.is_id("me/app:1"));
        assert_eq!(images.find("cc").unwrap_err().message, "No such image: cc:latest");
    }

    #[test]
    fn chain_ids_follow_the_layers() {
        let image = Image { diff_ids: vec!["sha256:a".into(), "sha256:b".into()], ..Image::default() };
        let chain = image.chain_ids();
        assert_eq!(chain[0], "sha256:a");
        assert_eq!(chain[1], digest(b"sha256:a sha256:b"));
    }
}
