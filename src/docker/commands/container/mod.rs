//! `docker container …`.

pub mod attach;
pub mod create;
pub mod diff;
pub mod exec;
mod flags;
pub mod inspect;
pub mod kill;
pub mod logs;
pub mod ls;
mod network_flag;
pub mod option_values;
pub mod options;
pub mod pause;
pub mod port;
mod ports;
pub mod prune;
pub mod rename;
pub mod restart;
pub mod rm;
pub mod run;
pub mod start;
pub mod stop;
pub mod top;
pub mod unpause;
pub mod update;
pub mod wait;
