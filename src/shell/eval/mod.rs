//! Evaluation of trees.

mod assign;
mod child;
mod compound;
mod cond;
mod coproc;
mod lists;
pub mod path;
mod redirect;
mod simple;
mod source;
mod trace;

pub use child::{Placement, Prepared, Work};

use machine::ExitCode;
use machine::sys::memory::SMALL_PROGRAM;

use crate::shell::{Eval, Fut, Shell, Unwind};
use crate::syntax::Options;

/// What a command costs, in nanoseconds of CPU time, before what it does itself.
const COMMAND_COST: u64 = 3_000;

/// Functions, `eval` and `.` inside each other beyond which the shell gives up, as it would run out of stack.
const MAX_NESTING: u32 = 1000;

impl Shell {
    /// The grammar's options for the present settings.
    pub fn parse_options<'a>(&self, aliases: Option<&'a std::collections::BTreeMap<String, String>>) -> Options<'a> {
        let expand = !self.is_bash() || self.settings.shopt("expand_aliases");
        Options {
            bash: self.is_bash(),
            ash: self.flavour == crate::Flavour::Ash,
            extglob: self.settings.shopt("extglob"),
            comments: !self.interactive || self.settings.shopt("interactive_comments"),
            aliases: aliases.filter(|aliases| expand && !aliases.is_empty()),
        }
    }

    /// Charges for a command and deals with signals: called for each one, so that no loop runs unseen.
    pub(crate) async fn pace(&mut self) -> Eval<()> {
        if let Some(bytes) = self.vars.measure_if_due() {
            self.tell_memory(bytes).await;
        }
        self.sys.tick(COMMAND_COST).await;
        self.check_signals().await
    }

    /// Tells what the variables take; where that is too much nothing comes after it.
    pub(crate) async fn tell_memory(&mut self, bytes: u64) {
        if self.sys.set_memory(SMALL_PROGRAM + bytes).is_err() {
            self.error("xrealloc: cannot allocate memory").await;
            self.sys.exit(ExitCode(2)).await;
        }
    }

    /// Runs something nested, unless that is too deep.
    pub(crate) async fn nested<'a>(&'a mut self, what: &str, run: impl FnOnce(&'a mut Shell) -> Fut<'a, Eval>) -> Eval {
        let limit = self.vars.text("FUNCNEST").and_then(|text| text.parse::<u32>().ok()).filter(|n| *n > 0);
        let limit = limit.unwrap_or(MAX_NESTING).min(MAX_NESTING);
        if self.depth >= limit {
            self.error(format!("{what}: maximum function nesting level exceeded ({limit})")).await;
            return Err(self.discard(1));
        }
        run(self).await
    }

    /// Whether a failing command now ends the shell.
    pub(crate) fn errexit(&self) -> bool {
        self.settings.is_set("errexit") && self.errexit_off == 0
    }

    /// After a command that failed: the `ERR` trap, and `set -e`.
    pub(crate) async fn failed(&mut self, status: i32) -> Eval<()> {
        if status == 0 || self.errexit_off > 0 {
            return Ok(());
        }
        self.status = status;
        self.run_pseudo_trap("ERR").await?;
        if self.errexit() { Err(Unwind::Exit(status)) } else { Ok(()) }
    }
}
