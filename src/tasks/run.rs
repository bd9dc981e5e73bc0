//! Running other programs, with a line that says what for and how long it took.

use std::fmt;
use std::process::Command;
use std::time::Instant;

/// Why a task ended: one line for whoever started it.
#[derive(Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A step of a task.
pub struct Step {
    what: String,
    begun: Instant,
}

impl Step {
    /// Announces a step.
    pub fn new(what: impl Into<String>) -> Step {
        let what = what.into();
        println!("▸ {what}");
        Step { what, begun: Instant::now() }
    }

    /// Runs the step's program; its output is shown as it comes.
    pub fn run(self, command: &mut Command) -> Result<(), Failure> {
        let name = command.get_program().to_string_lossy().into_owned();
        let status = command.status().map_err(|error| Failure(format!("{}: cannot run {name}: {error}", self.what)))?;
        if !status.success() {
            return Err(Failure(format!("{}: {name} ended with {status}", self.what)));
        }
        self.done();
        Ok(())
    }

    /// Says that the step is over.
    pub fn done(self) {
        println!("✓ {} ({:.1} s)", self.what, self.begun.elapsed().as_secs_f64());
    }
}

/// What a program prints, where it runs and succeeds.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
