//! `docker compose …`, as far as it is emulated.

pub mod version;
