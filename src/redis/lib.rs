//! The Redis server: a sans-IO engine, and the program that runs it on the machine.
//!
//! [`server::Server`] is the engine: connections are numbers, bytes go in and come out, time and
//! files are asked of a [`server::Host`]. [`launch`] is what starting it means anywhere; `program` runs it
//! as `redis-server` on the machine.
//!
//! Where Redis forks to write its data ([`persistence::child`]), the engine gives them out in slices, as they were at the
//! start: [`keyspace::frozen`] remembers which keys are still to be written, and whoever is about to change one of them
//! writes it first. That holds as long as all ways to a value lead through [`keyspace::Db`]. A large list, set, hash or
//! sorted set is written in parts. One long step each are a stream, a vector set, and what is left of a large value when
//! a client changes it. What was saved is loaded in slices too ([`persistence::Load`]).

pub mod acl;
pub mod cluster;
pub mod commands;
pub mod config;
pub mod data;
pub mod keyspace;
pub mod launch;
pub mod memory_host;
pub mod persistence;
mod program;
pub mod replication;
pub mod scripting;
pub mod sentinel;
pub mod server;
pub mod slot_migration;
#[cfg(test)]
mod testing;

pub use program::programs;
