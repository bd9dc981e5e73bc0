//! The state of a shell. A subshell is a process with a copy of it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use machine::{Instant, Pid, Sys};

use crate::Flavour;
use crate::interactive::Interactive;
use crate::jobs::Jobs;
use crate::options::Settings;
use crate::syntax::ast::Function;
use crate::traps::Traps;
use crate::vars::Vars;

/// A future on the heap: what calls itself through others has to be one.
pub type Fut<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Why evaluation leaves what it is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unwind {
    /// `break n`
    Break(u32),
    /// `continue n`
    Continue(u32),
    /// `return`
    Return(i32),
    /// `exit`, or an error that ends the shell.
    Exit(i32),
    /// An error that ends the command line, with its status.
    Discard(i32),
    /// Ctrl-C.
    Interrupt,
}

/// What evaluating gives: a status or the reason to leave.
pub type Eval<T = i32> = Result<T, Unwind>;

/// A defined function.
#[derive(Clone, Debug)]
pub struct Defined {
    /// Its tree.
    pub function: Rc<Function>,
    /// The file it came from.
    pub source: Rc<str>,
}

/// A call of a function or of `.`.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function; `source` for `.`.
    pub name: String,
    /// The file whose lines are counted.
    pub source: String,
    /// The line it was called from.
    pub line: u32,
    /// Whether it is a function.
    pub function: bool,
}

/// The shell.
#[derive(Clone)]
pub struct Shell {
    /// The machine.
    pub sys: Sys,
    /// Which shell it is.
    pub flavour: Flavour,
    /// `$0`.
    pub arg0: String,
    /// `$1` and so on.
    pub params: Rc<Vec<String>>,
    /// Variables.
    pub vars: Vars,
    /// Functions.
    pub functions: BTreeMap<String, Defined>,
    /// Aliases.
    pub aliases: Rc<BTreeMap<String, String>>,
    /// `set -o` and `shopt`.
    pub settings: Settings,
    /// `$?`.
    pub status: i32,
    /// It reads commands from a terminal with prompts.
    pub interactive: bool,
    /// It was started with `-c`.
    pub command_string: bool,
    /// It reads commands from standard input.
    pub from_stdin: bool,
    /// It is a login shell.
    pub login: bool,
    /// `$$`.
    pub pid: Pid,
    /// How many subshells deep.
    pub subshell: u32,
    /// `$!`.
    pub last_background: Option<Pid>,
    /// Jobs.
    pub jobs: Jobs,
    /// Traps.
    pub traps: Traps,
    /// `$LINENO`.
    pub line: u32,
    /// The simple command being run: `$BASH_COMMAND`.
    pub current: Option<Rc<crate::syntax::ast::Command>>,
    /// Functions and sourced files being run, innermost last.
    pub calls: Vec<Call>,
    /// Loops being run in this function.
    pub loops: u32,
    /// Above zero `set -e` is not looked at (conditions).
    pub errexit_off: u32,
    /// How deep evaluation is nested.
    pub depth: u32,
    /// Lists being run on the present stack.
    pub stacked: u32,
    /// How many substitutions and `eval`s deep, for `set -x`.
    pub trace_level: u32,
    /// The last command substitution's status, for commands without a name.
    pub substituted: Option<i32>,
    /// Commands found on PATH, with how often they were used.
    pub hash: BTreeMap<String, (String, u32)>,
    /// `pushd`'s stack below the working directory.
    pub dirs: Vec<String>,
    /// The working directory as `pwd` shows it.
    pub cwd: String,
    /// Where `getopts` is within an argument.
    pub getopts_at: usize,
    /// State of `RANDOM`.
    pub random: u32,
    /// When `SECONDS` was zero.
    pub seconds_from: Instant,
    /// Builtins turned off by `enable -n`.
    pub disabled: Vec<String>,
    /// Process substitutions of the command being run: descriptors to close after it.
    pub open_processes: Vec<machine::Fd>,
    /// Array literals among the arguments of a declaration, by argument.
    pub array_arguments: BTreeMap<usize, Vec<crate::expand::array::Element>>,
    /// History, prompts, line editor.
    pub interact: Interactive,
    /// Commands to complete by `complete`.
    pub completions: Rc<BTreeMap<String, crate::interactive::CompletionSpec>>,
}

impl Shell {
    /// A shell with nothing set up yet.
    pub fn new(sys: Sys, flavour: Flavour, arg0: String) -> Shell {
        let pid = sys.getpid();
        let seconds_from = sys.now();
        let random = sys.random_u64() as u32;
        Shell {
            sys,
            flavour,
            arg0,
            params: Rc::default(),
            vars: Vars::default(),
            functions: BTreeMap::new(),
            aliases: Rc::default(),
            settings: Settings::default(),
            status: 0,
            interactive: false,
            command_string: false,
            from_stdin: false,
            login: false,
            pid,
            subshell: 0,
            last_background: None,
            jobs: Jobs::default(),
            traps: Traps::default(),
            line: 1,
            current: None,
            calls: Vec::new(),
            loops: 0,
            errexit_off: 0,
            depth: 0,
            stacked: 0,
            trace_level: 0,
            substituted: None,
            hash: BTreeMap::new(),
            dirs: Vec::new(),
            cwd: String::new(),
            getopts_at: 0,
            random,
            seconds_from,
            disabled: Vec::new(),
            open_processes: Vec::new(),
            array_arguments: BTreeMap::new(),
            interact: Interactive::default(),
            completions: Rc::default(),
        }
    }

    /// Whether it is bash.
    pub fn is_bash(&self) -> bool {
        self.flavour == Flavour::Bash
    }

    /// Whether jobs have process groups of their own.
    pub fn job_control(&self) -> bool {
        self.settings.is_set("monitor") && self.subshell == 0
    }

    /// Whether a function is being run.
    pub fn in_function(&self) -> bool {
        self.calls.iter().any(|call| call.function)
    }

    /// Writes to standard output.
    pub async fn print(&mut self, text: &str) -> machine::SysResult<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.sys.write_all(machine::Fd::STDOUT, &machine::text::to_bytes(text)).await
    }

    /// Writes a builtin's output; the status says whether that worked.
    pub async fn print_from(&mut self, builtin: &str, text: &str) -> i32 {
        match self.print(text).await {
            Ok(()) => 0,
            // A signal is waiting; the next command deals with it.
            Err(machine::Errno::EINTR) => 130,
            Err(error) => {
                self.builtin_error(builtin, format!("write error: {}", error.message())).await;
                1
            }
        }
    }
}
