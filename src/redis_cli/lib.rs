//! redis-cli: the prompt, the printing, the cluster manager; and redis-benchmark.
//!
//! It reaches its server by socket alone. What it prints, byte for byte, is what redis-cli 8.6.3 prints.

mod benchmark;
mod cluster;
mod commands;
mod connection;
mod console;
mod debugger;
mod format;
mod help;
mod histogram;
mod modes;
mod options;
mod prompt;
mod repl;
mod run;
mod session;
mod words;

/// The programs of this room.
pub fn programs() -> Vec<machine::Program> {
    vec![machine::program!("redis-benchmark", benchmark::main), machine::program!("redis-cli", run::main)]
}

#[cfg(test)]
mod tests;
