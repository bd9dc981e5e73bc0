//! How many arguments a command takes, and docker/cli's refusals.

use super::Failure;

/// The number of arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Args {
    /// None.
    None,
    /// Any number.
    Any,
    /// At least so many.
    AtLeast(usize),
    /// At most so many.
    AtMost(usize),
    /// From so many to so many.
    Range(usize, usize),
    /// Exactly so many.
    Exactly(usize),
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "argument" } else { "arguments" }
}

impl Args {
    /// Checks the number of arguments of the command `path` with its usage line.
    pub fn check(self, count: usize, path: &str, usage: &str) -> Result<(), Failure> {
        let (what, tail) = match self {
            Args::None if count > 0 => ("accepts no arguments".to_string(), "Run"),
            Args::AtLeast(n) if count < n => (format!("requires at least {n} {}", plural(n)), "See"),
            // The stray letter is the real client's.
            Args::AtMost(n) if count > n => (format!("requires at most {n} {}", plural(n)), "SRun"),
            Args::Range(low, high) if count < low || count > high => {
                (format!("requires at least {low} and at most {high} {}", plural(high)), "Run")
            }
            Args::Exactly(n) if count != n => (format!("requires {n} {}", plural(n)), "Run"),
            _ => return Ok(()),
        };
        let text = format!("docker: '{path}' {what}\n\nUsage:  {usage}\n\n{tail} '{path} --help' for more information");
        Err(Failure { status: 1, text })
    }
}
