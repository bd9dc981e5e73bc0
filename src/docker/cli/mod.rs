//! The command line: tables of commands and flags, parsing, help and completion, with the
//! behaviour and texts of docker/cli's cobra and pflag.

mod args;
mod flags;
mod help;
mod invoke;
mod spec;
mod tree;
mod values;

pub use args::Args;
pub use flags::{Flag, Matches, flags_of, parse};
pub use help::{group_help, help_text, usage_line};
pub use invoke::{Invocation, help_width, run_command_line, write_out};
pub use spec::{Failure, Outcome, RunFuture, Spec, fail, fail_with};
pub use tree::{Found, Node, Tree, split_global};
pub use values::{check_value, nano_cpus, parse_bool, parse_duration};

#[cfg(test)]
mod tests;
