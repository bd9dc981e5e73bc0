//! The cluster.

use crate::commands::Command;
use crate::server::Server;

/// The state of the cluster.
#[derive(Debug)]
pub struct Cluster;

impl Cluster {
    /// A cluster of this node alone.
    pub fn new(_server: &mut Server) -> Cluster {
        Cluster
    }
}

impl Server {
    pub(crate) fn is_bus(&self, _conn: u64) -> bool {
        false
    }
    pub(crate) fn bus_accepted(&mut self, _conn: u64, _peer: &str) {}
    pub(crate) fn bus_received(&mut self, _conn: u64, _data: &[u8]) {}
    pub(crate) fn bus_closed(&mut self, _conn: u64) {}
    pub(crate) fn bus_connected(&mut self, _conn: u64, _result: Result<String, String>) {}
    pub(crate) fn bus_output(&mut self, _conn: u64) -> Option<&mut Vec<u8>> {
        None
    }
    pub(crate) fn cluster_cron(&mut self) {}
    pub(crate) fn cluster_before_sleep(&mut self) {}
    pub(crate) fn cluster_redirect(&mut self, _id: u64, _command: &'static Command, _argv: &[&[u8]]) -> Option<String> {
        None
    }
}

impl Server {
    pub(crate) fn cluster_publish(&mut self, _channel: &[u8], _message: &[u8], _shard: bool) {}
    pub(crate) fn cluster_announce_changed(&mut self) {}
    pub(crate) fn bus_links(&self) -> usize {
        0
    }
}

impl Server {
    /// Reads the file of the cluster's nodes. False if that is not possible.
    pub fn cluster_load(&mut self) -> bool {
        true
    }
}
