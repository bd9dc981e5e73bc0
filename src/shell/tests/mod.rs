//! Whole shells on a machine, compared with what the real ones did.

mod bounds;
mod harness;
mod recorded;
mod terminal;
