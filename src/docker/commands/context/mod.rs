//! `docker context …`.

pub mod inspect;
pub mod ls;
pub mod show;
