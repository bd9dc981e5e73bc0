//! What the daemon keeps on disk below `/var/lib/docker`, where Docker keeps it, and finds again when it starts.

pub mod cache;
pub mod containers;
pub mod images;
pub mod json;
pub mod networks;
pub mod volumes;
