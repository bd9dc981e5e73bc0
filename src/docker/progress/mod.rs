//! Moving displays: pulls and pushes, and the builder's two renderers.

mod messages;
mod plain;
mod terminal;
mod trace;

pub use messages::Messages;
pub use plain::PlainDisplay;
pub use terminal::TerminalDisplay;
pub use trace::Trace;
