//! The keys and their values.

pub mod db;
pub mod evict;
mod expiry;
pub mod fields;
pub mod frozen;
mod key;
pub mod lookup;
pub mod slots;
pub mod trash;
pub mod value;

pub use db::{Db, Place, Record};
pub use value::{Kind, Value};
