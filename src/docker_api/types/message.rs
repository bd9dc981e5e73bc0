//! Errors and the progress stream of pull, push, load and the classic builder.
#![allow(missing_docs)] // the fields are the API's, one to one

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of every refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    pub message: String,
}

/// `{"Id": …}`, the answer to exec and commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct IdResponse {
    pub id: String,
}

/// Bytes done and to do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    #[serde(skip_serializing_if = "super::is_zero")]
    pub current: i64,
    #[serde(skip_serializing_if = "super::is_zero")]
    pub total: i64,
    /// Seconds since 1970 at which the work began, for a bar without a total.
    #[serde(skip_serializing_if = "super::is_zero")]
    pub start: i64,
    #[serde(skip_serializing_if = "super::is_false")]
    pub hidecounts: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub units: String,
}

/// An error inside a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorDetail {
    #[serde(skip_serializing_if = "super::is_zero")]
    pub code: i64,
    pub message: String,
}

/// One line of a progress stream; each is followed by CR LF.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct JsonMessage {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stream: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub status: String,
    #[serde(rename = "progressDetail", skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    #[serde(rename = "errorDetail", skip_serializing_if = "Option::is_none")]
    pub error_detail: Option<ErrorDetail>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aux: Option<Value>,
}

impl JsonMessage {
    /// `{"status": …}`
    pub fn status(text: impl Into<String>) -> Self {
        JsonMessage { status: text.into(), ..JsonMessage::default() }
    }

    /// `{"status": …, "progressDetail": …, "id": …}`
    pub fn layer(id: &str, text: &str, progress: Progress) -> Self {
        JsonMessage { status: text.into(), id: id.into(), progress: Some(progress), ..JsonMessage::default() }
    }

    /// `{"stream": …}`
    pub fn stream(text: impl Into<String>) -> Self {
        JsonMessage { stream: text.into(), ..JsonMessage::default() }
    }

    /// `{"errorDetail": {"message": …}, "error": …}`
    pub fn error(code: i64, text: impl Into<String>) -> Self {
        let text = text.into();
        JsonMessage {
            error_detail: Some(ErrorDetail { code, message: text.clone() }),
            error: text,
            ..JsonMessage::default()
        }
    }

    /// The bytes on the wire.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = serde_json::to_vec(self).unwrap_or_default();
        out.extend_from_slice(b"\r\n");
        out
    }
}
