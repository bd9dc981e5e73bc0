//! What the daemon knows: plain types, and the stores that hold them. What acts on the machine is told the system
//! calls; none knows the daemon.

pub mod cache;
pub mod container;
pub mod events;
pub mod exec;
pub mod image;
pub mod ipam;
pub mod network;
pub mod sandbox;
