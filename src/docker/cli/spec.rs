//! What a command is: one table with its names, usage, flags and arguments, and what it runs.

use std::future::Future;
use std::pin::Pin;

use super::{Args, Invocation};

/// Why a command failed: the exit status and what goes to standard error (nothing if empty).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The exit status.
    pub status: i32,
    /// Printed with a line feed behind it unless empty.
    pub text: String,
}

/// What running a command gives.
pub type Outcome = Result<(), Failure>;
/// A running command.
pub type RunFuture = Pin<Box<dyn Future<Output = Outcome>>>;

/// A failure with status 1.
pub fn fail<T>(text: impl Into<String>) -> Result<T, Failure> {
    Err(Failure { status: 1, text: text.into() })
}

/// A failure with a status.
pub fn fail_with<T>(status: i32, text: impl Into<String>) -> Result<T, Failure> {
    Err(Failure { status, text: text.into() })
}

impl From<String> for Failure {
    fn from(text: String) -> Self {
        Failure { status: 1, text }
    }
}

/// A command's table.
#[derive(Clone, Copy)]
pub struct Spec {
    /// The paths under `docker` by which it is called; the first is its place. With more than one
    /// the help lists them as aliases.
    pub paths: &'static [&'static str],
    /// The line of aliases in the help, where it is not the list of paths.
    pub aliases: &'static str,
    /// The path shown in help and messages where it differs from the one typed (plugins).
    pub shown: &'static str,
    /// What follows the path in the usage line.
    pub usage: &'static str,
    /// One line.
    pub short: &'static str,
    /// The help's text where it differs from `short`.
    pub long: &'static str,
    /// Tables of flags, one a line: `letter|name|type|usage`. A line that begins with a space goes
    /// on with the usage of the flag before. A name with `~` in front is hidden;
    /// `~old=new` keeps its values under the new name.
    pub flags: &'static [&'static str],
    /// How many arguments.
    pub args: Args,
    /// Whether flags may follow arguments.
    pub interspersed: bool,
    /// Checks a flag's value beyond its type: name, value.
    pub check: fn(&str, &str) -> Result<(), String>,
    /// Runs it.
    pub run: fn(Invocation) -> RunFuture,
}

impl Spec {
    /// A command without names, flags and arguments, to be completed.
    pub const fn new(run: fn(Invocation) -> RunFuture) -> Spec {
        Spec {
            paths: &[],
            aliases: "",
            shown: "",
            usage: "",
            short: "",
            long: "",
            flags: &[],
            args: Args::None,
            interspersed: true,
            check: |_, _| Ok(()),
            run,
        }
    }
}
