//! `docker image …`.

pub mod history;
pub mod inspect;
pub mod ls;
pub mod prune;
pub mod pull;
pub mod push;
pub mod rm;
pub mod tag;
