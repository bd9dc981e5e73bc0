//! Streams. (Groups and commands come with the stream commands.)

/// A stream.
#[derive(Clone, Debug, Default)]
pub struct Stream;

impl Stream {
    /// Bytes allocated.
    pub fn memory(&self) -> usize {
        0
    }
}
