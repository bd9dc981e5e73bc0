//! Simple commands: functions, builtins, programs.

use std::rc::Rc;

use machine::Pid;

use super::child::Prepared;
use super::{Placement, Work};
use crate::Flavour;
use crate::builtins::Builtin;
use crate::shell::{Eval, Fut, Shell, Unwind};
use crate::syntax::ast::{Command, Part, Simple, Word};
use crate::syntax::print;
use crate::text::quote_if_needed;

impl Shell {
    /// Runs a simple command; where `last` is set a program takes this process's place.
    pub(super) fn run_simple<'a>(
        &'a mut self,
        command: &'a Rc<Command>,
        simple: &'a Simple,
        last: bool,
    ) -> Fut<'a, Eval> {
        Box::pin(async move {
            self.at_line(simple.line);
            if self.traps.running == 0 {
                self.current = Some(command.clone());
            }
            self.run_pseudo_trap("DEBUG").await?;
            self.substituted = None;
            let processes = std::mem::take(&mut self.open_processes);
            let result = self.run_simple_inside(command, simple, last).await;
            let opened = std::mem::replace(&mut self.open_processes, processes);
            for fd in opened {
                let _ = self.sys.close(fd);
            }
            result
        })
    }

    async fn run_simple_inside(&mut self, command: &Rc<Command>, simple: &Simple, last: bool) -> Eval {
        let arguments = self.command_words(simple).await?;
        let Some(name) = arguments.first().cloned() else {
            return self.run_assignments(simple).await;
        };
        let mut assigns = Vec::new();
        for assign in &simple.assigns {
            let pair = self.temporary(assign).await?;
            if self.settings.is_set("xtrace") {
                self.trace(&format!("{}={}", pair.0, quote_if_needed(&pair.1))).await;
            }
            assigns.push(pair);
        }
        if self.settings.is_set("xtrace") {
            let quotes = self.flavour != Flavour::Dash;
            let shown: Vec<String> =
                arguments.iter().map(|text| if quotes { quote_if_needed(text) } else { text.clone() }).collect();
            self.trace(&shown.join(" ")).await;
        }
        let last_argument = arguments.last().cloned().unwrap_or_default();
        let builtin = self.builtin(&name);
        let special_first = !self.is_bash() && builtin.is_some_and(|b| b.special);
        let function = if special_first { None } else { self.functions.get(&name).cloned() };
        let result = if let Some(function) = function {
            self.run_function(function, simple, &assigns, arguments).await
        } else if let Some(builtin) = builtin {
            self.run_builtin(builtin, simple, &assigns, arguments).await
        } else {
            self.run_external(command, simple, arguments, assigns, last).await
        };
        self.vars.put("_", last_argument);
        result
    }

    /// The words of a command, expanded. Declarations take assignments as such.
    async fn command_words(&mut self, simple: &Simple) -> Eval<Vec<String>> {
        let declares = simple.words.first().and_then(Word::as_literal).is_some_and(|name| {
            matches!(name, "declare" | "typeset" | "local" | "export" | "readonly") && self.is_bash()
                || matches!(name, "export" | "readonly" | "local")
        });
        self.array_arguments.clear();
        if !declares {
            return self.expand_words(&simple.words).await;
        }
        let mut arguments = Vec::new();
        for word in &simple.words {
            if let [Part::Literal(head), Part::Array(items)] = word.parts.as_slice() {
                let elements = self.expand_array(items).await?;
                self.array_arguments.insert(arguments.len(), elements);
                arguments.push(head.clone());
            } else if Shell::looks_like_assignment(&word.text) && !arguments.is_empty() {
                arguments.push(self.expand_assigned(word).await?);
            } else {
                self.expand_word_into(word, &mut arguments).await?;
            }
        }
        Ok(arguments)
    }

    /// A command without a name: assignments and redirections only.
    async fn run_assignments(&mut self, simple: &Simple) -> Eval {
        for assign in &simple.assigns {
            self.assign(assign).await?;
        }
        let saved = self.redirect_all(&simple.redirects).await?;
        let failed = saved.failed;
        self.restore(saved).await;
        let status = if failed { self.redirect_status() } else { self.substituted.unwrap_or(0) };
        self.set_pipe_status(&[status]);
        Ok(status)
    }

    /// Calls a function with redirections and assignments that end with it.
    async fn run_function(
        &mut self,
        defined: crate::shell::Defined,
        simple: &Simple,
        assigns: &[(String, String)],
        arguments: Vec<String>,
    ) -> Eval {
        let saved = self.redirect_all(&simple.redirects).await?;
        if saved.failed {
            self.restore(saved).await;
            return Ok(self.redirect_status());
        }
        if !assigns.is_empty() {
            self.vars.push_frame(false);
            for (name, _) in assigns {
                self.vars.localize(name, false, true);
            }
            self.set_temporary(assigns);
        }
        let result = self.call_function(defined, arguments).await;
        if !assigns.is_empty() {
            self.vars.pop_frame();
        }
        self.restore(saved).await;
        if let Ok(status) = result {
            self.set_pipe_status(&[status]);
        }
        result
    }

    async fn run_builtin(
        &mut self,
        builtin: &'static Builtin,
        simple: &Simple,
        assigns: &[(String, String)],
        arguments: Vec<String>,
    ) -> Eval {
        if builtin.name == "exec" {
            return self.run_exec(simple, assigns, arguments).await;
        }
        let saved = self.redirect_all(&simple.redirects).await?;
        if saved.failed {
            self.restore(saved).await;
            self.set_pipe_status(&[1]);
            return if builtin.special && !self.is_bash() && !self.interactive {
                Err(Unwind::Exit(2))
            } else {
                Ok(self.redirect_status())
            };
        }
        let keeps = builtin.special && !self.is_bash();
        let frame = !assigns.is_empty() && !keeps;
        if frame {
            self.vars.push_frame(false);
            for (name, _) in assigns {
                self.vars.localize(name, false, true);
            }
        }
        for (name, value) in assigns {
            self.vars.put(name, value.clone());
            self.vars.raw_entry(name).exported |= frame;
        }
        let result = self.call_builtin(builtin, &arguments).await;
        if frame {
            self.vars.pop_frame();
        }
        self.restore(saved).await;
        if let Ok(status) = result {
            self.set_pipe_status(&[status]);
        }
        result
    }

    /// Runs a builtin with its arguments, the name first.
    pub fn call_builtin<'a>(&'a mut self, builtin: &'static Builtin, arguments: &'a [String]) -> Fut<'a, Eval> {
        Box::pin(async move {
            let (name, rest) = match arguments.split_first() {
                Some((name, rest)) => (name.as_str(), rest),
                None => (builtin.name, &[][..]),
            };
            (builtin.run)(self, name, rest).await
        })
    }

    /// `exec`: redirections stay; a program takes the shell's place.
    async fn run_exec(&mut self, simple: &Simple, assigns: &[(String, String)], arguments: Vec<String>) -> Eval {
        let saved = self.redirect_all(&simple.redirects).await?;
        if saved.failed {
            self.restore(saved).await;
            return if self.interactive { Ok(1) } else { Err(Unwind::Exit(1)) };
        }
        self.set_temporary(assigns);
        let rest = arguments.get(1..).unwrap_or(&[]);
        let status = crate::builtins::exec(self, rest).await?;
        match status {
            None => {
                self.keep(saved);
                Ok(0)
            }
            Some(status) => {
                self.restore(saved).await;
                let stays = self.interactive || self.settings.shopt("execfail");
                if stays { Ok(status) } else { Err(Unwind::Exit(status)) }
            }
        }
    }

    async fn run_external(
        &mut self,
        command: &Rc<Command>,
        simple: &Simple,
        arguments: Vec<String>,
        assigns: Vec<(String, String)>,
        last: bool,
    ) -> Eval {
        let name = arguments.first().cloned().unwrap_or_default();
        if self.settings.shopt("autocd") && self.interactive && arguments.len() == 1 && self.is_directory(&name) {
            self.error_text(&format!("cd -- {name}\n")).await;
            let cd = ["cd".to_string(), "--".to_string(), name];
            if let Some(builtin) = self.builtin("cd") {
                return self.call_builtin(builtin, &cd).await;
            }
            return Ok(1);
        }
        if last {
            return self.run_program(simple, &arguments, &assigns).await;
        }
        if !assigns.iter().any(|(name, _)| name == "PATH") {
            self.remember(&name);
        }
        let monitor = self.job_control();
        let prepared = Rc::new(Prepared { arguments, simple: command.clone(), assigns });
        let placement = Placement { group: monitor.then_some(Pid(0)), foreground: monitor, ..Placement::default() };
        let Some(pid) = self.fork_placed(placement, Work::Program(prepared)).await else {
            return Err(self.no_child());
        };
        let id = self.jobs.add(monitor.then_some(pid), &[pid], print::command(command), false, self.cwd.clone());
        self.wait_job(id).await
    }
}
