//! Reading lines from a person.

mod editor;
mod history;
