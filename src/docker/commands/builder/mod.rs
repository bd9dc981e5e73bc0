//! `docker buildx …` and `docker builder …`.

pub mod bake;
pub mod build;
pub mod buildx_build;
pub mod du;
pub mod inspect;
pub mod instances;
pub mod legacy;
pub mod ls;
mod output;
pub mod prune;
mod report;
mod request;
pub mod version;
mod watch;
