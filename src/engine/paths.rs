//! Where the daemon keeps its things.

/// Everything.
pub const ROOT: &str = "/var/lib/docker";
/// The storage driver's directories.
pub const OVERLAY: &str = "/var/lib/docker/overlay2";
