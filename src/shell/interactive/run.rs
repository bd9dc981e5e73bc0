//! The loop of an interactive shell.

use machine::{Errno, Fd};

use super::history::DEFAULT_SIZE;
use crate::report::SourceName;
use crate::shell::{Eval, Shell, Unwind};
use crate::syntax::ast::List;
use crate::syntax::{Parser, SyntaxError};

/// The most that one command may be typed as.
const MAX_COMMAND: usize = 1 << 20;

/// What reading a line gives.
pub enum Line {
    /// A line.
    Text(String),
    /// The end of input (Ctrl-D).
    End,
    /// Ctrl-C.
    Interrupted,
}

impl Shell {
    /// Reads and runs commands until the end; the shell's status.
    pub async fn run_interactive(&mut self) -> i32 {
        let status = loop {
            self.tell_jobs().await;
            self.prompt_command().await;
            match self.read_command().await {
                Ok(Some(list)) => {
                    self.interact.commands += usize::from(!list.is_empty());
                    match Box::pin(self.run_list(&list)).await {
                        Ok(_) => {}
                        Err(Unwind::Exit(status)) => break status,
                        Err(Unwind::Interrupt) => {
                            // The interrupt that ended a child came to the shell too.
                            while self.check_signals().await.is_err() {}
                            self.error_text("\n").await;
                            self.status = 130;
                        }
                        Err(Unwind::Break(_) | Unwind::Continue(_)) => {}
                        Err(other) => self.status = other.into(),
                    }
                    self.take_terminal();
                    self.after_command();
                }
                Ok(None) => {
                    if self.leave_at_end().await {
                        break self.status;
                    }
                }
                Err(Unwind::Exit(status)) => break status,
                Err(Unwind::Interrupt) => self.status = 130,
                Err(other) => self.status = other.into(),
            }
        };
        self.save_history().await;
        let status = self.run_exit_trap(status).await;
        self.hang_up_jobs();
        status
    }

    fn after_command(&mut self) {
        self.vars.pop_all();
        self.calls.clear();
        self.loops = 0;
        self.depth = 0;
        self.errexit_off = 0;
    }

    /// Ctrl-D: says so, and stays where jobs are stopped.
    async fn leave_at_end(&mut self) -> bool {
        if self.is_bash() {
            self.error_text(if self.login { "logout\n" } else { "exit\n" }).await;
        } else {
            self.error_text("\n").await;
        }
        if self.jobs.list.iter().any(|job| job.is_stopped()) && !self.interact.warned_of_jobs {
            self.error_text("There are stopped jobs.\n").await;
            self.interact.warned_of_jobs = true;
            return false;
        }
        true
    }

    /// Jobs of a shell that ends: stopped ones go on and are hung up.
    fn hang_up_jobs(&mut self) {
        for job in &self.jobs.list {
            if let Some(group) = job.group
                && !job.no_hangup
                && job.is_stopped()
            {
                let _ = self.sys.kill(machine::Pid(-group.0), Some(machine::Signal::HUP));
                let _ = self.sys.kill(machine::Pid(-group.0), Some(machine::Signal::CONT));
            }
        }
    }

    async fn prompt_command(&mut self) {
        if !self.is_bash() {
            return;
        }
        let Some(values) = self.array_values("PROMPT_COMMAND") else { return };
        let status = self.status;
        for command in values {
            // Whatever goes wrong in it, the prompt comes.
            let _ = Box::pin(self.run_text(&command, &SourceName::Eval)).await;
        }
        self.status = status;
    }

    /// Reads lines until they are a command; none at the end of input.
    async fn read_command(&mut self) -> Eval<Option<List>> {
        let mut text = String::new();
        loop {
            let prompt = if text.is_empty() { "PS1" } else { "PS2" };
            let line = match self.read_line_prompted(prompt).await? {
                Line::Text(line) => line,
                Line::Interrupted => return Err(Unwind::Interrupt),
                Line::End if text.is_empty() => return Ok(None),
                Line::End => {
                    self.unfinished(&text).await;
                    self.status = 2;
                    return Ok(None);
                }
            };
            let first = text.is_empty();
            let Some(line) = self.expand_history(line).await? else { return Err(Unwind::Discard(1)) };
            text.push_str(&line);
            text.push('\n');
            if text.len() > MAX_COMMAND {
                self.error("drydock: so long a command is not emulated here").await;
                return Err(Unwind::Discard(1));
            }
            self.interact.lines += 1;
            match self.parse_typed(&text) {
                Typed::Complete(list) => {
                    self.remember_line(&text, first);
                    return Ok(Some(list.unwrap_or_default()));
                }
                Typed::Incomplete => {}
                Typed::Wrong(error) => {
                    self.remember_line(&text, first);
                    self.syntax_error(&error, &SourceName::Terminal, &text).await;
                    return Err(Unwind::Discard(2));
                }
            }
        }
    }

    async fn unfinished(&mut self, text: &str) {
        if let Typed::Incomplete = self.parse_typed(text) {
            let aliases = self.aliases.clone();
            let mut parser = Parser::new(text, self.parse_options(Some(&aliases)));
            if let Err(error) = parser.next_line() {
                self.syntax_error(&error, &SourceName::Terminal, text).await;
            }
        }
    }

    fn parse_typed(&self, text: &str) -> Typed {
        let aliases = self.aliases.clone();
        let first_line = (self.interact.lines + 1).saturating_sub(text.matches('\n').count() as u32).max(1);
        let mut parser = Parser::at(text, 0, first_line, self.parse_options(Some(&aliases)));
        let mut items = Vec::new();
        loop {
            match parser.next_line() {
                Ok(Some(list)) => {
                    items.extend(list.iter().cloned());
                    if parser.heredoc_unfinished() {
                        return Typed::Incomplete;
                    }
                }
                Ok(None) if ends_in_continuation(text) => return Typed::Incomplete,
                Ok(None) if items.is_empty() => return Typed::Complete(None),
                Ok(None) => return Typed::Complete(Some(std::rc::Rc::new(items))),
                Err(error) if error.is_incomplete() => return Typed::Incomplete,
                Err(error) => return Typed::Wrong(error),
            }
        }
    }

    /// How many lines history keeps.
    pub fn history_size(&self) -> usize {
        match self.vars.text("HISTSIZE").map(str::parse::<i64>) {
            Some(Ok(size)) if size >= 0 => size as usize,
            Some(Ok(_)) => usize::MAX,
            _ => DEFAULT_SIZE,
        }
    }

    /// Puts a command into the history; the lines of one command are one entry.
    fn remember_line(&mut self, text: &str, _first: bool) {
        if !self.settings.is_set("history") {
            return;
        }
        let line = text.trim_end_matches('\n');
        if line.is_empty() {
            return;
        }
        let control = self.vars.text("HISTCONTROL").unwrap_or("").to_string();
        let both = control.split(':').any(|word| word == "ignoreboth");
        let has = |name: &str| both || control.split(':').any(|word| word == name);
        if has("ignorespace") && line.starts_with(' ') {
            return;
        }
        if has("ignoredups") && self.interact.history.lines().last().map(String::as_str) == Some(line) {
            return;
        }
        let entry = super::history::join_lines(line);
        let size = self.history_size();
        self.interact.history.push(entry, size);
    }

    /// Reads one line with a prompt.
    async fn read_line_prompted(&mut self, prompt: &str) -> Eval<Line> {
        let text = self.plain_prompt(prompt).await;
        if prompt == "PS1" {
            self.sys.set_last_status(self.status as u8);
        }
        let edits = self.flavour != crate::Flavour::Dash
            && (self.settings.is_set("emacs") || self.settings.is_set("vi") || self.flavour == crate::Flavour::Ash)
            && self.sys.isatty(Fd::STDIN);
        if edits { self.read_edited(&text).await } else { self.read_cooked(&text).await }
    }

    /// Reads a line without editing of our own: what dash does, and bash without a terminal.
    async fn read_cooked(&mut self, prompt: &str) -> Eval<Line> {
        let shown: String = prompt.chars().filter(|c| !matches!(c, '\x01' | '\x02')).collect();
        self.error_text(&shown).await;
        let mut bytes = Vec::new();
        loop {
            let mut buffer = [0; 1];
            match self.sys.read(Fd::STDIN, &mut buffer).await {
                Ok(0) if bytes.is_empty() => return Ok(Line::End),
                Ok(0) => break,
                Ok(_) if buffer == [b'\n'] => break,
                Ok(_) => bytes.extend_from_slice(&buffer),
                Err(Errno::EINTR) => {
                    if self.check_signals().await == Err(Unwind::Interrupt) {
                        self.error_text("\n").await;
                        return Ok(Line::Interrupted);
                    }
                }
                Err(_) => return Ok(Line::End),
            }
        }
        Ok(Line::Text(machine::text::from_bytes(&bytes)))
    }
}

enum Typed {
    Complete(Option<List>),
    Incomplete,
    Wrong(SyntaxError),
}

fn ends_in_continuation(text: &str) -> bool {
    let text = text.strip_suffix('\n').unwrap_or(text);
    (text.len() - text.trim_end_matches('\\').len()) % 2 == 1 && !text.ends_with("'\\")
}
