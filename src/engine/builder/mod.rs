//! Building images.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use docker_api::types::BuildPrune;
use serde_json::Value;

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::http::{Reply, Request};
use crate::images::Image;

/// What the builder remembers.
#[derive(Default)]
pub struct BuildCache {
    layers: BTreeMap<String, u64>,
}

impl BuildCache {
    /// Whether it stands on a layer.
    pub fn holds(&self, chain_id: &str) -> bool {
        self.layers.contains_key(chain_id)
    }
    /// The layers it stands on.
    pub fn layer_ids(&self) -> BTreeSet<String> {
        self.layers.keys().cloned().collect()
    }
    /// For `docker system df`.
    pub fn records(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// Changes a configuration by instructions.
pub fn apply_changes(_image: &mut Image, _changes: &[String]) -> Result<(), String> {
    Ok(())
}

/// `POST /build`
pub async fn build(_d: &Rc<Daemon>, _q: &Request, _r: &mut Reply) -> ApiResult<()> {
    Err(ApiError::not_emulated("build"))
}

/// `POST /build/prune`
pub fn prune(_d: &Rc<Daemon>, _all: bool) -> BuildPrune {
    BuildPrune::default()
}
