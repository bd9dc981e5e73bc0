//! The docker client: a program that speaks to the daemon by HTTP over its socket, and nothing else.
//!
//! `cli` is the command line (tables, parsing, help), `commands` one file per command, `api` the
//! conversation with the daemon, `format` templates and tables, `progress` the moving displays of
//! pulls and builds, `term` the terminal while a container has it, `build` the context.

pub mod api;
mod archive;
pub mod cli;
mod commands;
mod complete;
pub mod format;
mod progress;
mod term;

#[cfg(test)]
mod tests;

use machine::process::Disposition;
use machine::{ExitCode, Program, Signal, Sys};

/// The programs of this room: `docker`.
pub fn programs() -> Vec<Program> {
    vec![machine::program!("docker", main)]
}

async fn main(sys: Sys) -> ExitCode {
    // As in Go's runtime, a peer that closed early is an error of the write, not the end of the program.
    let _ = sys.sigaction(Signal::PIPE, Disposition::Ignore);
    let words: Vec<String> = sys.args().iter().skip(1).cloned().collect();
    sys.tick(STARTUP).await;
    cli::run_command_line(sys, commands::TREE, words).await
}

/// What starting the client costs, in nanoseconds of CPU time.
const STARTUP: u64 = 40_000_000;
