//! The data structures behind the value types.

pub mod dict;
pub mod hash;
pub mod index;
pub mod intset;
pub mod list;
pub mod listpack;
pub mod set;
pub mod skiplist;
pub mod stream;
pub mod text;
pub mod zset;
