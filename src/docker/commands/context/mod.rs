//! `docker context …`.

pub mod edit;
pub mod inspect;
pub mod ls;
pub mod show;
pub mod transfer;
