//! Builtin commands: one file each and one line in [`REGISTRY`], sorted by name.

mod alias;
mod bg;
mod bind;
mod break_;
mod builtin_;
mod caller;
mod cd;
mod colon;
mod command;
mod compgen;
mod complete;
mod compopt;
mod continue_;
mod declare;
mod dirs;
mod disown;
mod echo;
mod enable;
mod eval;
mod exec;
mod exit;
mod export;
mod false_;
mod fc;
mod fg;
mod getopts;
mod hash;
mod help;
mod history;
mod jobs;
mod kill;
mod let_;
mod local;
mod logout;
mod mapfile;
mod options;
mod popd;
mod printf;
mod pushd;
mod pwd;
mod read;
mod readonly;
mod return_;
mod set;
mod shift;
mod shopt;
mod source;
mod suspend;
mod test;
mod times;
mod trap;
mod true_;
mod type_;
mod ulimit;
mod umask;
mod unalias;
mod unset;
mod wait;

pub use declare::declaration;
pub use exec::exec;
pub use read::read_line;
pub use test::{compare, test_files, test_unary};

use crate::Flavour;
use crate::shell::{Eval, Fut, Shell};

/// How a builtin runs: the shell, the name it was called by, its arguments.
pub type Run = for<'a> fn(&'a mut Shell, &'a str, &'a [String]) -> Fut<'a, Eval>;

/// A builtin command.
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// Its synopsis, as bash's `help` shows it.
    pub usage: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// POSIX calls it special.
    pub special: bool,
    /// The shells besides bash that have it.
    pub shells: Shells,
    /// Runs it.
    pub run: Run,
}

/// Which shells have a builtin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shells {
    /// bash, dash and ash.
    All,
    /// bash and ash.
    NotDash,
    /// bash only.
    Bash,
}

/// Every builtin, sorted by name.
pub const REGISTRY: &[&Builtin] = &[
    &source::DOT,
    &colon::BUILTIN,
    &test::BRACKET,
    &alias::BUILTIN,
    &bg::BUILTIN,
    &bind::BUILTIN,
    &break_::BUILTIN,
    &builtin_::BUILTIN,
    &caller::BUILTIN,
    &cd::BUILTIN,
    &command::BUILTIN,
    &compgen::BUILTIN,
    &complete::BUILTIN,
    &compopt::BUILTIN,
    &continue_::BUILTIN,
    &declare::BUILTIN,
    &dirs::BUILTIN,
    &disown::BUILTIN,
    &echo::BUILTIN,
    &enable::BUILTIN,
    &eval::BUILTIN,
    &exec::BUILTIN,
    &exit::BUILTIN,
    &export::BUILTIN,
    &false_::BUILTIN,
    &fc::BUILTIN,
    &fg::BUILTIN,
    &getopts::BUILTIN,
    &hash::BUILTIN,
    &help::BUILTIN,
    &history::BUILTIN,
    &jobs::BUILTIN,
    &kill::BUILTIN,
    &let_::BUILTIN,
    &local::BUILTIN,
    &logout::BUILTIN,
    &mapfile::BUILTIN,
    &popd::BUILTIN,
    &printf::BUILTIN,
    &pushd::BUILTIN,
    &pwd::BUILTIN,
    &read::BUILTIN,
    &mapfile::READARRAY,
    &readonly::BUILTIN,
    &return_::BUILTIN,
    &set::BUILTIN,
    &shift::BUILTIN,
    &shopt::BUILTIN,
    &source::BUILTIN,
    &suspend::BUILTIN,
    &test::BUILTIN,
    &times::BUILTIN,
    &trap::BUILTIN,
    &true_::BUILTIN,
    &type_::BUILTIN,
    &declare::TYPESET,
    &ulimit::BUILTIN,
    &umask::BUILTIN,
    &unalias::BUILTIN,
    &unset::BUILTIN,
    &wait::BUILTIN,
];

/// The builtin of that name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    REGISTRY.binary_search_by(|builtin| builtin.name.cmp(name)).ok().and_then(|at| REGISTRY.get(at).copied())
}

impl Shell {
    /// The builtin that the name stands for in this shell.
    pub fn builtin(&self, name: &str) -> Option<&'static Builtin> {
        let found = find(name)?;
        let has = match self.flavour {
            Flavour::Bash => true,
            Flavour::Ash => found.shells != Shells::Bash,
            Flavour::Dash => found.shells == Shells::All,
        };
        (has && !self.disabled.iter().any(|off| off == name)).then_some(found)
    }

    /// Complains about an option and shows the usage.
    pub async fn bad_option(&mut self, name: &str, option: &str) -> i32 {
        match self.flavour {
            Flavour::Bash => {
                self.builtin_error(name, format!("{option}: invalid option")).await;
                self.usage(name).await;
            }
            Flavour::Dash => self.builtin_error(name, format!("Illegal option {option}")).await,
            Flavour::Ash => self.builtin_error(name, format!("illegal option {option}")).await,
        }
        2
    }

    /// Shows a builtin's usage.
    pub async fn usage(&mut self, name: &str) {
        if let Some(builtin) = find(name) {
            self.error_text(&format!("{name}: usage: {}\n", builtin.usage)).await;
        }
    }
}

/// Makes a [`Builtin`] of its parts.
macro_rules! builtin {
    ($name:literal, $usage:literal, $summary:literal, $special:literal, $shells:ident, $run:path) => {
        $crate::builtins::Builtin {
            name: $name,
            usage: $usage,
            summary: $summary,
            special: $special,
            shells: $crate::builtins::Shells::$shells,
            run: |shell, name, args| Box::pin($run(shell, name, args)),
        }
    };
}
use builtin;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_sorted() {
        assert!(REGISTRY.windows(2).all(|pair| matches!(pair, [a, b] if a.name < b.name)));
        assert!(REGISTRY.iter().all(|builtin| builtin.usage.starts_with(builtin.name)));
    }
}
