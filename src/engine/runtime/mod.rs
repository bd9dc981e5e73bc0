//! Processes in boxes: what runc and its shim do, as whom a process runs, where its output goes. Knows no daemon.

pub mod init;
pub mod log;
pub mod shim;
pub mod streams;
pub mod user;
