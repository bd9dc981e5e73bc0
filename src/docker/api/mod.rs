//! Speaking HTTP to the daemon: endpoints, requests, streams and taken-over connections.

mod client;
mod connection;
pub mod contexts;
mod endpoint;

pub use client::{ApiError, Body, Client, Hijacked, JsonLines, Pending, Response};
pub use connection::Connection;
pub use endpoint::Endpoint;
