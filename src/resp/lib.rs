//! The Redis wire protocol; pure.

pub mod reply;

pub use reply::{ProtocolError, Reply, ReplyReader};
