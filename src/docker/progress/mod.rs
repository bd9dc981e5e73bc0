//! Moving displays: pulls and pushes, and the builder's two renderers.

mod messages;

pub use messages::Messages;
