//! How each shell words what went wrong.

use machine::Fd;

use crate::Flavour;
use crate::shell::{Shell, Unwind};
use crate::syntax::SyntaxError;

impl Shell {
    /// What stands before a message: `bash: `, `bash: line 3: `, `sh: 1: `.
    pub fn prefix(&self) -> String {
        match self.flavour {
            Flavour::Bash if self.interactive => format!("{}: ", self.arg0),
            Flavour::Bash => format!("{}: line {}: ", self.source_name(), self.line),
            Flavour::Dash => format!("{}: {}: ", self.arg0, self.line),
            Flavour::Ash => format!("{}: ", self.source_name()),
        }
    }

    /// The file that is being run: of the function, of `.`, of the script.
    pub fn source_name(&self) -> String {
        self.calls.last().map(|call| call.source.clone()).unwrap_or_else(|| self.arg0.clone())
    }

    /// Writes to standard error as it is.
    pub async fn error_text(&mut self, text: &str) {
        // Where standard error is closed there is nowhere to complain.
        let _ = self.sys.write_all(Fd::STDERR, &machine::text::to_bytes(text)).await;
    }

    /// Prints a message with the shell's prefix.
    pub async fn error(&mut self, message: impl AsRef<str>) {
        let text = format!("{}{}\n", self.prefix(), message.as_ref());
        self.error_text(&text).await;
    }

    /// Prints a builtin's message.
    pub async fn builtin_error(&mut self, name: &str, message: impl AsRef<str>) {
        let message = message.as_ref();
        let text = match self.flavour {
            Flavour::Ash if !self.interactive => {
                format!("{}{name}: line {}: {message}\n", self.prefix(), self.line.saturating_sub(1))
            }
            _ => format!("{}{name}: {message}\n", self.prefix()),
        };
        self.error_text(&text).await;
    }

    /// Prints a message about an expansion; the command line it stands in is given up.
    pub async fn expansion_error(&mut self, message: impl AsRef<str>) -> Unwind {
        self.error(message).await;
        self.discard(1)
    }

    /// How a failed expansion unwinds: bash drops the line, the others end.
    pub fn discard(&self, status: i32) -> Unwind {
        match self.flavour {
            Flavour::Bash => Unwind::Discard(status),
            _ if self.interactive => Unwind::Discard(2),
            _ => Unwind::Exit(2),
        }
    }

    /// As [`Shell::expansion_error`], but a script ends (`${x?}`, `set -u`).
    pub async fn fatal_error(&mut self, message: impl AsRef<str>) -> Unwind {
        self.error(message).await;
        match self.flavour {
            _ if self.interactive => self.discard(1),
            Flavour::Bash => Unwind::Exit(if self.command_string { 127 } else { 1 }),
            _ => Unwind::Exit(2),
        }
    }

    /// Prints a syntax error. `source` names where the text came from (`-c`, `eval`, a file).
    pub async fn syntax_error(&mut self, error: &SyntaxError, source: &SourceName, text: &str) {
        let line = error.line();
        let messages = match self.flavour {
            Flavour::Bash => {
                let prefix = match source {
                    SourceName::Terminal => format!("{}: ", self.arg0),
                    SourceName::Eval if self.interactive => format!("{}: eval: line {}: ", self.arg0, line),
                    SourceName::Eval => format!("{}: eval: line {}: ", self.source_name(), self.line + line - 1),
                    SourceName::Substitution => format!("{}: command substitution: line {line}: ", self.source_name()),
                    SourceName::CommandString => format!("{}: -c: line {line}: ", self.arg0),
                    SourceName::File(name) => format!("{name}: line {line}: "),
                };
                let mut lines: Vec<String> = error.bash().iter().map(|m| format!("{prefix}{m}\n")).collect();
                if error.shows_source() && *source != SourceName::Terminal {
                    let shown = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or("");
                    lines.push(format!("{prefix}`{shown}'\n"));
                }
                lines.concat()
            }
            Flavour::Dash => {
                let line = if *source == SourceName::Terminal { line } else { line.min(text.lines().count() as u32) };
                format!("{}: {}: {}\n", self.arg0, line.max(1), error.dash())
            }
            Flavour::Ash => match source {
                SourceName::File(name) => format!("{name}: line {line}: {}\n", error.ash()),
                _ => format!("{}: {}\n", self.arg0, error.ash()),
            },
        };
        self.error_text(&messages).await;
    }
}

/// Where a text that is parsed came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceName {
    /// Typed at a prompt.
    Terminal,
    /// `eval`.
    Eval,
    /// Backquotes.
    Substitution,
    /// `-c`.
    CommandString,
    /// A script, or what is read with `.`.
    File(String),
}
