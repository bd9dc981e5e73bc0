//! What travels on docker.sock, pure: the HTTP/1.1 codec, the Engine API v1.51 types in the
//! daemon's field order, the multiplexed stream frames, and the text rules that client and
//! daemon share (references, ports, mounts, filters, sizes, durations).
//!
//! Source of the facts: the Engine API v1.51 reference and observed traffic of Docker 28.5.2.

pub mod filters;
pub mod http;
pub mod ids;
pub mod mounts;
pub mod platform;
pub mod ports;
pub mod reference;
pub mod stdcopy;
pub mod time;
pub mod types;
pub mod units;

/// The API version that both sides speak.
pub const API_VERSION: &str = "1.51";
/// The oldest API version that the daemon accepts.
pub const MIN_API_VERSION: &str = "1.24";
/// The product version both sides report.
pub const DOCKER_VERSION: &str = "28.5.2";
/// The socket's path on the machine.
pub const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// `text` in double quotes with Go's escapes, as `%q` prints it.
pub fn text_quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 || c as u32 == 0x7f => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
