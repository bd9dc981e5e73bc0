//! The data structures behind the value types.

pub mod bits;
pub mod block;
pub mod cost;
pub mod dict;
pub mod geo;
pub mod hash;
pub mod hll;
pub mod index;
pub mod intset;
pub mod list;
pub mod listpack;
pub mod quicklist;
pub mod ranked;
pub mod set;
pub mod stream;
pub mod text;
pub mod tree;
pub mod vectors;
pub mod zset;
