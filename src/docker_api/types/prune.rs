//! Reports of the prune calls and of `GET /system/df`.
#![allow(missing_docs)] // the fields are the API's, one to one

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ContainerSummary, ImageDelete, ImageSummary, Volume};

/// `POST /containers/prune`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainersPrune {
    pub containers_deleted: Option<Vec<String>>,
    pub space_reclaimed: u64,
}

/// `POST /images/prune`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ImagesPrune {
    pub images_deleted: Option<Vec<ImageDelete>>,
    pub space_reclaimed: u64,
}

/// `POST /volumes/prune`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct VolumesPrune {
    pub volumes_deleted: Option<Vec<String>>,
    pub space_reclaimed: u64,
}

/// `POST /networks/prune`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworksPrune {
    pub networks_deleted: Option<Vec<String>>,
}

/// `POST /build/prune`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BuildPrune {
    pub caches_deleted: Option<Vec<String>>,
    pub space_reclaimed: u64,
}

/// `GET /system/df`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DiskUsage {
    pub layers_size: i64,
    pub images: Vec<ImageSummary>,
    pub containers: Vec<ContainerSummary>,
    pub volumes: Vec<Volume>,
    pub build_cache: Option<Vec<Value>>,
}
