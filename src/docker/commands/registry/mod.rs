//! What speaks to registries.

pub mod login;
pub mod logout;
pub mod manifest;
pub mod search;
