//! The builder's progress: BuildKit's `SolveStatus` in JSON. It travels as the `aux` of a
//! [`super::JsonMessage`] whose `id` is [`TRACE_ID`]. (The real daemon sends the same structure
//! as base64 protobuf; ours is compact JSON. Times are nanoseconds since 1970.)
//!
//! `POST /build?version=2` takes the context as a tar (the Dockerfile, named by `dockerfile`, and
//! `.dockerignore` are in it even if ignored) and answers 200 with a stream of messages: progress;
//! then on success one with id [`IMAGE_ID`] and a [`BuildResult`]; on failure first, if a line of the
//! Dockerfile is to blame, one with id [`SOURCE_ID`] and an [`BuildSource`], and then an error whose
//! text is what stands behind `failed to build: failed to solve: `.
//!
//! A status with a size (`transferring dockerfile:` of 104 bytes) has the size in `current`, not in
//! its id; both renderers append it.
#![allow(missing_docs)] // the fields are BuildKit's, one to one

use serde::{Deserialize, Serialize};

/// The directory in which a Dockerfile from outside the context lies in the archive, under its own name; it is no part
/// of the context.
pub const OUTSIDE: &str = ".dockerfile.outside-the-context";

/// The message id of progress.
pub const TRACE_ID: &str = "moby.buildkit.trace";

/// The message id of [`BuildSource`].
pub const SOURCE_ID: &str = "moby.buildkit.source";

/// Where in the Dockerfile the build failed; sent just before the `error` message, which the client
/// shows as `ERROR: failed to build: failed to solve: …` below the marked lines. (In reality a detail
/// of the gRPC error.)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuildSource {
    /// `Dockerfile`, as it was named.
    pub filename: String,
    /// The whole text.
    pub source: String,
    /// First and last line, from 1, of what is marked with `>>>`.
    pub ranges: Vec<(u32, u32)>,
}

/// The message id of the result.
pub const IMAGE_ID: &str = "moby.image.id";
/// The id of messages with a piece of what `--output` gets, in base64. (In reality it travels in the session.)
pub const OUTPUT_ID: &str = "moby.buildkit.filesync";

/// One step of the build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Vertex {
    /// Identity; sending the same digest again updates the step.
    pub digest: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    /// `[1/3] FROM docker.io/library/busybox`, `[internal] load build definition from Dockerfile`.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<i64>,
    #[serde(skip_serializing_if = "super::is_false")]
    pub cached: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
}

/// Progress inside a step: `transferring context: 2B`, a layer's download, `exporting layers`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VertexStatus {
    pub id: String,
    pub vertex: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(skip_serializing_if = "super::is_zero")]
    pub total: i64,
    #[serde(skip_serializing_if = "super::is_zero")]
    pub current: i64,
    pub timestamp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<i64>,
}

/// Output of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VertexLog {
    pub vertex: String,
    /// 1 or 2.
    pub stream: u8,
    /// Text; bytes that are not UTF-8 are replaced.
    pub data: String,
    pub timestamp: i64,
}

/// A linter's warning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VertexWarning {
    pub vertex: String,
    pub level: i64,
    /// `LegacyKeyValueFormat: "ENV key=value" should be used … (line 3)`
    pub short: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub detail: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The source file's name and text, and the 1-based lines marked.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub filename: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<(u32, u32)>,
}

/// A batch of changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SolveStatus {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vertexes: Vec<Vertex>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<VertexStatus>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<VertexLog>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<VertexWarning>,
}

/// The `aux` of the message with id `moby.image.id`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildResult {
    #[serde(rename = "ID")]
    pub id: String,
}
