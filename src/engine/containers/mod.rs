//! What is done with containers, from their creation to their removal.

pub mod archive;
pub mod checks;
pub mod commit;
pub mod config;
mod cpuset;
pub mod create;
pub mod diff;
pub mod exec;
pub mod health;
pub mod inspect;
pub mod list;
pub mod mounts;
pub mod name;
pub mod policy;
pub mod prune;
pub mod remove;
pub mod rootfs;
pub mod spec;
pub mod start;
pub mod stats;
pub mod stop;
pub mod top;
pub mod update;
