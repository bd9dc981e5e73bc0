//! `docker buildx …` and `docker builder …`.

pub mod ls;
pub mod prune;
pub mod version;
