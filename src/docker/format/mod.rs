//! `--format`: Go templates, tables, and the views that the list commands offer to them.

mod table;
pub mod template;
mod view;

pub use table::{Alignment, Table};
pub use view::{Column, Listing, Row};
