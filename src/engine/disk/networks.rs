//! Networks on disk: `network/files/local-kv.db`, JSON here.

use docker_api::types::{IpamConfig, NetworkCreate};
use machine::Sys;
use machine::UnixTime;
use serde::{Deserialize, Serialize};

use super::json::{read, write_json};
use crate::daemon::Daemon;
use crate::model::network::DEFAULT;
use crate::paths::ROOT;

const NETWORKS: &str = "network/files/local-kv.db";
/// What is kept of a network.
#[derive(Serialize, Deserialize)]
pub struct Kept {
    /// 64 digits.
    pub id: String,
    /// Nanoseconds since 1970.
    pub created: i64,
    /// What it was asked to be.
    pub wanted: NetworkCreate,
    /// Its addresses.
    pub subnet: Option<IpamConfig>,
    /// The subnet was given by the user.
    pub own_subnet: bool,
    /// The bridge's interface.
    pub bridge: String,
}

impl Kept {
    /// When it was made.
    pub fn created(&self) -> UnixTime {
        UnixTime(self.created)
    }
}

/// Writes down all networks but the default bridge, which every start makes anew.
pub fn save(d: &Daemon) {
    let all = d.networks.all.borrow();
    let kept: Vec<Kept> = all
        .values()
        .filter(|n| n.name != DEFAULT)
        .map(|n| Kept {
            id: n.id.clone(),
            created: n.created.0,
            wanted: n.wanted.clone(),
            subnet: n.subnet.as_ref().map(|s| s.to_config()),
            own_subnet: n.own_subnet,
            bridge: n.bridge.clone(),
        })
        .collect();
    write_json(&d.sys, &format!("{ROOT}/{NETWORKS}"), &kept);
}

/// The networks of the time before.
pub fn kept(sys: &Sys) -> Vec<Kept> {
    read(sys, &format!("{ROOT}/{NETWORKS}")).unwrap_or_default()
}
