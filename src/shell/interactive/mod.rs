//! The interactive shell: prompts, history, completion, the line editor, the loop around them.

mod bang;
mod candidates;
mod complete;
mod editor;
pub mod history;
mod prompt;
mod read;
mod run;

use machine::Fd;

use history::History;

/// What an interactive shell keeps.
#[derive(Clone, Default)]
pub struct Interactive {
    /// The terminal, on a descriptor of its own.
    pub tty: Option<Fd>,
    /// Lines typed before.
    pub history: History,
    /// `exit` was refused once because of stopped jobs.
    pub warned_of_jobs: bool,
    /// Lines read so far.
    pub lines: u32,
    /// Commands read so far (`\#`).
    pub commands: usize,
    /// Text cut by `Ctrl-K` and the like, for `Ctrl-Y`.
    pub killed: String,
}

/// What `complete` was told about a command.
#[derive(Clone, Debug, Default)]
pub struct CompletionSpec {
    /// `-W`: words to choose from.
    pub words: Option<String>,
    /// `-F`: a function that fills `COMPREPLY`.
    pub function: Option<String>,
    /// Letters of the actions (`-f`, `-d`, …).
    pub actions: String,
    /// `-o` options.
    pub options: Vec<String>,
}
