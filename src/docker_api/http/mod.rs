//! An HTTP/1.1 message codec over any byte stream: it parses from and writes to buffers and
//! never reads or waits itself. Source: RFC 9112, and the upgrade to a raw stream that the
//! Engine API uses for attach and exec (`Upgrade: tcp`, status 101).

mod body;
mod error;
mod head;
mod target;

pub use body::{BodyDecoder, BodyKind, LAST_CHUNK, encode_chunk};
pub use error::HttpError;
pub use head::{Headers, MAX_HEAD, RequestHead, ResponseHead, parse_request, parse_response, reason_phrase};
pub use target::{Query, decode_component, encode_component};

/// The content type of a raw (tty) stream.
pub const RAW_STREAM: &str = "application/vnd.docker.raw-stream";
/// The content type of a stream framed by [`crate::stdcopy`].
pub const MULTIPLEXED_STREAM: &str = "application/vnd.docker.multiplexed-stream";
/// The content type of JSON bodies.
pub const JSON: &str = "application/json";
/// The content type of tar archives.
pub const TAR: &str = "application/x-tar";
