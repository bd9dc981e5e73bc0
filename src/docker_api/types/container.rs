//! Creating, changing and waiting for containers.

use serde::{Deserialize, Serialize};

use super::{Empty, EndpointConfig, HostConfig, Map, host_config::RestartPolicy, is_false, string_or_list};

/// How the container's health is probed; times in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct HealthConfig {
    /// `["CMD-SHELL", "…"]`, `["CMD", …]`, `["NONE"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Vec<String>>,
    /// Time between two probes.
    #[serde(skip_serializing_if = "super::is_zero")]
    pub interval: i64,
    /// Time after which a probe fails.
    #[serde(skip_serializing_if = "super::is_zero")]
    pub timeout: i64,
    /// Time during which failures do not count.
    #[serde(skip_serializing_if = "super::is_zero")]
    pub start_period: i64,
    /// Time between two probes during the start period.
    #[serde(skip_serializing_if = "super::is_zero")]
    pub start_interval: i64,
    /// Failures in a row that make the container unhealthy.
    #[serde(skip_serializing_if = "super::is_zero")]
    pub retries: i64,
}

/// The portable part of a container's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ContainerConfig {
    #[allow(missing_docs)]
    pub hostname: String,
    #[allow(missing_docs)]
    pub domainname: String,
    /// `user[:group]`
    pub user: String,
    #[allow(missing_docs)]
    pub attach_stdin: bool,
    #[allow(missing_docs)]
    pub attach_stdout: bool,
    #[allow(missing_docs)]
    pub attach_stderr: bool,
    /// `80/tcp` → `{}`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposed_ports: Option<Map<Empty>>,
    /// Whether a pseudo terminal is allocated.
    pub tty: bool,
    /// Whether standard input stays open.
    pub open_stdin: bool,
    /// Whether standard input closes after the first client leaves.
    pub stdin_once: bool,
    /// `NAME=value`, or `NAME` to remove it.
    pub env: Option<Vec<String>>,
    #[allow(missing_docs)]
    #[serde(deserialize_with = "string_or_list")]
    pub cmd: Option<Vec<String>>,
    #[allow(missing_docs)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<HealthConfig>,
    #[allow(missing_docs)]
    #[serde(skip_serializing_if = "is_false")]
    pub args_escaped: bool,
    /// The image as the user named it.
    pub image: String,
    /// Anonymous volumes.
    pub volumes: Option<Map<Empty>>,
    #[allow(missing_docs)]
    pub working_dir: String,
    /// `[""]` removes the image's.
    #[serde(deserialize_with = "string_or_list")]
    pub entrypoint: Option<Vec<String>>,
    #[allow(missing_docs)]
    #[serde(skip_serializing_if = "is_false")]
    pub network_disabled: bool,
    #[allow(missing_docs)]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mac_address: String,
    #[allow(missing_docs)]
    pub on_build: Option<Vec<String>>,
    #[allow(missing_docs)]
    pub labels: Option<Map<String>>,
    #[allow(missing_docs)]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stop_signal: String,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_timeout: Option<i64>,
    /// The shell of RUN, CMD and ENTRYPOINT in shell form.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "string_or_list")]
    pub shell: Option<Vec<String>>,
}

/// The networks to join at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NetworkingConfig {
    /// By name or id.
    pub endpoints_config: Option<Map<EndpointConfig>>,
}

/// The body of `POST /containers/create`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateBody {
    /// The portable part.
    #[serde(flatten)]
    pub config: ContainerConfig,
    /// The part that depends on the host.
    #[serde(deserialize_with = "super::or_default")]
    pub host_config: HostConfig,
    /// The networks.
    #[serde(deserialize_with = "super::or_default")]
    pub networking_config: NetworkingConfig,
}

/// The answer to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateResponse {
    #[allow(missing_docs)]
    pub id: String,
    /// Shown by the client on standard error.
    #[serde(deserialize_with = "super::or_default")]
    pub warnings: Vec<String>,
}

/// The body of `POST /containers/{id}/update`; zero means unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateBody {
    #[allow(missing_docs)]
    pub cpu_shares: i64,
    #[allow(missing_docs)]
    pub memory: i64,
    #[allow(missing_docs)]
    #[serde(rename = "NanoCpus")]
    pub nano_cpus: i64,
    #[allow(missing_docs)]
    pub blkio_weight: u16,
    #[allow(missing_docs)]
    pub cpu_period: i64,
    #[allow(missing_docs)]
    pub cpu_quota: i64,
    #[allow(missing_docs)]
    pub cpuset_cpus: String,
    #[allow(missing_docs)]
    pub cpuset_mems: String,
    #[allow(missing_docs)]
    pub memory_reservation: i64,
    #[allow(missing_docs)]
    pub memory_swap: i64,
    #[allow(missing_docs)]
    pub pids_limit: Option<i64>,
    #[allow(missing_docs)]
    #[serde(deserialize_with = "super::or_default")]
    pub restart_policy: RestartPolicy,
}

/// The answer to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct UpdateResponse {
    #[allow(missing_docs)]
    pub warnings: Option<Vec<String>>,
}

/// Why waiting failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct WaitError {
    #[allow(missing_docs)]
    pub message: String,
}

/// The answer to `POST /containers/{id}/wait`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct WaitResponse {
    #[allow(missing_docs)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<WaitError>,
    #[allow(missing_docs)]
    pub status_code: i64,
}

/// The answer to `GET /containers/{id}/top`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TopResponse {
    #[allow(missing_docs)]
    pub processes: Vec<Vec<String>>,
    #[allow(missing_docs)]
    pub titles: Vec<String>,
}

/// One entry of `GET /containers/{id}/changes`: 0 modified, 1 added, 2 deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Change {
    #[allow(missing_docs)]
    pub path: String,
    #[allow(missing_docs)]
    pub kind: u8,
}

/// The `X-Docker-Container-Path-Stat` header's JSON (base64 on the wire).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PathStat {
    #[allow(missing_docs)]
    pub name: String,
    #[allow(missing_docs)]
    pub size: i64,
    /// Go's `os.FileMode` bits: 1<<31 is a directory, 1<<27 a symbolic link.
    pub mode: u32,
    #[allow(missing_docs)]
    pub mtime: String,
    #[allow(missing_docs)]
    #[serde(rename = "linkTarget")]
    pub link_target: String,
}
