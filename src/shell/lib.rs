//! bash: syntax, expansion, evaluation, builtins, line editing.
//!
//! One shell serves as bash, as Debian's dash and as busybox's ash; [`Flavour`] says which.

mod builtins;
mod eval;
mod expand;
mod interactive;
mod jobs;
mod options;
mod report;
mod shell;
mod start;
pub mod syntax;
#[cfg(test)]
mod tests;
mod text;
mod traps;
mod vars;

use machine::{Program, program};

/// Which shell this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavour {
    /// bash 5.2.
    Bash,
    /// dash, Debian's `/bin/sh`.
    Dash,
    /// ash of busybox.
    Ash,
}

/// The programs of this room.
pub fn programs() -> Vec<Program> {
    vec![program!("ash", start::ash), program!("bash", start::bash), program!("dash", start::dash)]
}
