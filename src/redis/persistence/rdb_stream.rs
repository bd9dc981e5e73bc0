//! Streams in RDB files.

use super::rdb_read::Reader;
use super::rdb_write::Writer;
use crate::data::stream::Stream;

/// Writes a stream.
pub fn write(_writer: &mut Writer, _stream: &Stream) {}

/// Reads a stream.
pub fn read(_reader: &mut Reader<'_>, _kind: u8) -> Option<Stream> {
    None
}
