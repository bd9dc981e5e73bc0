//! The Engine API v1.51 bodies, fields in the daemon's order. `Option<Vec<_>>` and
//! `Option<Map<_>>` stand where Go has a slice or map that may be `null`.
//!
//! Requests are read and written; answers are written by the daemon, and the client reads them
//! as JSON values because templates and `inspect` show any field.

mod build;
mod container;
mod exec;
mod host_config;
mod image;
mod inspect;
mod message;
mod network;
mod prune;
mod system;
mod volume;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

pub use build::{
    BuildResult, BuildSource, IMAGE_ID, OUTPUT_ID, OUTSIDE, SOURCE_ID, SolveStatus, TRACE_ID, Vertex, VertexLog,
    VertexStatus, VertexWarning,
};
pub use container::{
    Change, ContainerConfig, CreateBody, CreateResponse, HealthConfig, NetworkingConfig, PathStat, TopResponse,
    UpdateBody, UpdateResponse, WaitError, WaitResponse,
};
pub use exec::{ExecConfig, ExecInspect, ExecProcess, ExecStart};
pub use host_config::{
    BindOptions, Device, HostConfig, LogConfig, Mount, PortBinding, RestartPolicy, TmpfsOptions, Ulimit, VolumeOptions,
};
pub use image::{
    HistoryItem, ImageConfig, ImageDelete, ImageInspect, ImageMetadata, ImageSummary, RootFs, SearchResult,
};
pub use inspect::{
    ContainerInspect, ContainerState, ContainerSummary, GraphDriver, Health, HealthLog, MountPoint, NetworkSettings,
    Port, SummaryHostConfig, SummaryNetworks,
};
pub use message::{ErrorBody, ErrorDetail, IdResponse, JsonMessage, Progress};
pub use network::{
    ConfigReference, Endpoint, EndpointConfig, EndpointIpam, Ipam, IpamConfig, NetworkConnect, NetworkCreate,
    NetworkCreateResponse, NetworkDisconnect, NetworkInspect, NetworkMember,
};
pub use prune::{BuildPrune, ContainersPrune, DiskUsage, ImagesPrune, NetworksPrune, VolumesPrune};
pub use system::{Actor, Commit, Component, Event, Info, Platform, PluginsInfo, Runtime, Swarm, VersionResponse};
pub use volume::{Volume, VolumeCreate, VolumeList, VolumeUsage};

/// A JSON object with sorted keys, as Go writes its maps.
pub type Map<T> = BTreeMap<String, T>;

/// `{}`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Empty {}

pub(crate) fn is_false(value: &bool) -> bool {
    !*value
}

pub(crate) fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A list that may also be sent as one string, or null.
pub(crate) fn string_or_list<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        One(String),
        Many(Vec<String>),
    }
    Ok(Option::<Either>::deserialize(from)?.map(|either| match either {
        Either::One(text) => vec![text],
        Either::Many(list) => list,
    }))
}

/// A value of which null means the default, as Go reads it.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read and written again, a recorded body must not change: every field, in its place.
    fn survives<T: Serialize + for<'a> Deserialize<'a>>(recorded: &str) {
        let read: T = serde_json::from_str(recorded).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), recorded);
    }

    #[test]
    fn recorded_bodies_survive() {
        survives::<ContainerInspect>(include_str!("fixtures/container.json"));
        survives::<ImageInspect>(include_str!("fixtures/image.json"));
        survives::<NetworkInspect>(include_str!("fixtures/network.json"));
        survives::<Volume>(include_str!("fixtures/volume.json"));
    }

    #[test]
    fn a_create_body_may_hold_nulls_and_strings_for_lists() {
        let text = r#"{"Image":"busybox","Cmd":"ls","Entrypoint":null,"HostConfig":{"PortBindings":null},"NetworkingConfig":null}"#;
        let body: CreateBody = serde_json::from_str(text).unwrap();
        assert_eq!(body.config.cmd, Some(vec!["ls".to_string()]));
        assert_eq!(body.config.entrypoint, None);
        assert!(body.host_config.port_bindings.is_empty());
    }
}
