//! Compound commands and functions.

use std::rc::Rc;

use crate::expand::pattern::Pattern;
use crate::shell::{Call, Defined, Eval, Fut, Shell, Unwind};
use crate::syntax::ast::{CaseEnd, CaseItem, Command, Compound, List, Word};
use crate::syntax::is_name;

use super::{Placement, Work};

impl Shell {
    /// Runs one command of a pipeline in this shell.
    pub fn run_command<'a>(&'a mut self, command: &'a Rc<Command>) -> Fut<'a, Eval> {
        Box::pin(async move {
            self.pace().await?;
            let status = match &**command {
                Command::Simple(simple) => self.run_simple(command, simple, false).await?,
                Command::Function(function) => self.define_function(function).await,
                Command::Compound(compound, redirects, line) => {
                    self.at_line(*line);
                    if redirects.is_empty() {
                        self.run_compound(compound).await?
                    } else {
                        let saved = self.redirect_all(redirects).await?;
                        if saved.failed {
                            self.restore(saved).await;
                            1
                        } else {
                            let result = self.run_compound(compound).await;
                            self.restore(saved).await;
                            result?
                        }
                    }
                }
            };
            self.status = status;
            if !matches!(&**command, Command::Compound(Compound::Cond(_) | Compound::Arith(_), ..)) {
                return Ok(status);
            }
            self.set_pipe_status(&[status]);
            Ok(status)
        })
    }

    async fn define_function(&mut self, function: &Rc<crate::syntax::ast::Function>) -> i32 {
        if !self.is_bash() && !is_name(&function.name) {
            self.error("Syntax error: Bad function name").await;
            return 2;
        }
        let source = match self.calls.last() {
            Some(call) => call.source.clone(),
            None if self.command_string => "environment".to_string(),
            None if self.interactive => "main".to_string(),
            None => self.arg0.clone(),
        };
        self.functions.insert(function.name.clone(), Defined { function: function.clone(), source: source.into() });
        0
    }

    async fn run_compound(&mut self, compound: &Compound) -> Eval {
        match compound {
            Compound::Brace(list) => self.run_list(list).await,
            Compound::Subshell(list) => self.run_subshell(list).await,
            Compound::If(branches, otherwise) => self.run_if(branches, otherwise.as_ref()).await,
            Compound::While(until, condition, body) => self.run_while(*until, condition, body).await,
            Compound::For(name, words, body) => self.run_for(name, words.as_deref(), body).await,
            Compound::ArithFor(init, condition, step, body) => self.run_arith_for(init, condition, step, body).await,
            Compound::Select(name, words, body) => self.run_select(name, words.as_deref(), body).await,
            Compound::Case(subject, items) => self.run_case(subject, items).await,
            Compound::Cond(cond) => self.run_cond(cond).await,
            Compound::Arith(word) => self.run_arith(word).await,
            Compound::Coproc(name, command) => self.run_coproc(name, command).await,
        }
    }

    async fn run_subshell(&mut self, list: &List) -> Eval {
        let monitor = self.job_control();
        let group = monitor.then_some(machine::Pid(0));
        let placement = Placement { group, foreground: monitor, ..Placement::default() };
        let Some(pid) = self.fork_placed(placement, Work::Subshell(list.clone())).await else {
            return Err(self.no_child());
        };
        let text = crate::syntax::print::command(&Command::Compound(Compound::Subshell(list.clone()), Vec::new(), 0));
        let id = self.jobs.add(monitor.then_some(pid), &[pid], text, false, self.cwd.clone());
        self.wait_job(id).await
    }

    /// Runs a condition, in which failing commands do not end the shell.
    async fn run_condition(&mut self, list: &List) -> Eval<bool> {
        self.errexit_off += 1;
        let result = self.run_list(list).await;
        self.errexit_off -= 1;
        Ok(result? == 0)
    }

    async fn run_if(&mut self, branches: &[(List, List)], otherwise: Option<&List>) -> Eval {
        for (condition, body) in branches {
            if self.run_condition(condition).await? {
                return self.run_list(body).await;
            }
        }
        match otherwise {
            Some(body) => self.run_list(body).await,
            None => Ok(0),
        }
    }

    /// Runs a loop's body once; true where the loop ends.
    async fn run_body(&mut self, body: &List, status: &mut i32) -> Eval<bool> {
        match self.run_list(body).await {
            Ok(code) => *status = code,
            Err(Unwind::Break(n)) => {
                *status = 0;
                return if n > 1 { Err(Unwind::Break(n - 1)) } else { Ok(true) };
            }
            Err(Unwind::Continue(n)) => {
                *status = 0;
                if n > 1 {
                    return Err(Unwind::Continue(n - 1));
                }
            }
            Err(other) => return Err(other),
        }
        Ok(false)
    }

    async fn run_while(&mut self, until: bool, condition: &List, body: &List) -> Eval {
        self.loops += 1;
        let result = self.while_loop(until, condition, body).await;
        self.loops = self.loops.saturating_sub(1);
        result
    }

    async fn while_loop(&mut self, until: bool, condition: &List, body: &List) -> Eval {
        let mut status = 0;
        loop {
            self.pace().await?;
            let holds = match self.run_condition(condition).await {
                Err(Unwind::Break(n)) if n > 1 => return Err(Unwind::Break(n - 1)),
                Err(Unwind::Break(_)) => return Ok(0),
                Err(Unwind::Continue(n)) if n > 1 => return Err(Unwind::Continue(n - 1)),
                Err(Unwind::Continue(_)) => continue,
                other => other?,
            };
            if holds == until || self.run_body(body, &mut status).await? {
                return Ok(status);
            }
        }
    }

    async fn loop_words(&mut self, words: Option<&[Word]>) -> Eval<Vec<String>> {
        match words {
            Some(words) => self.expand_words(words).await,
            None => Ok(self.params.to_vec()),
        }
    }

    async fn run_for(&mut self, name: &str, words: Option<&[Word]>, body: &List) -> Eval {
        if !is_name(name) {
            self.error(format!("`{name}': not a valid identifier")).await;
            return if self.interactive { Ok(1) } else { Err(self.discard(1)) };
        }
        let source = words.map(|words| words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" "));
        let words = self.loop_words(words).await?;
        self.loops += 1;
        let result = self.for_loop(name, words, source, body).await;
        self.loops = self.loops.saturating_sub(1);
        result
    }

    async fn for_loop(&mut self, name: &str, words: Vec<String>, source: Option<String>, body: &List) -> Eval {
        let mut status = 0;
        let header = (self.settings.is_set("xtrace") && self.is_bash()).then(|| {
            let shown: Vec<String> = words.iter().map(|word| crate::text::quote_if_needed(word)).collect();
            format!("for {name} in {}", source.unwrap_or_else(|| shown.join(" ")))
        });
        for word in words {
            self.pace().await?;
            if let Some(header) = &header {
                self.trace(header).await;
            }
            if let Err(message) = self.assign_text(name, None, word) {
                self.error(message).await;
                return Err(self.discard(1));
            }
            if self.run_body(body, &mut status).await? {
                break;
            }
        }
        Ok(status)
    }

    async fn run_arith_for(&mut self, init: &Word, condition: &Word, step: &Word, body: &List) -> Eval {
        self.loops += 1;
        let result = self.arith_loop(init, condition, step, body).await;
        self.loops = self.loops.saturating_sub(1);
        result
    }

    async fn arith_loop(&mut self, init: &Word, condition: &Word, step: &Word, body: &List) -> Eval {
        let mut status = 0;
        if self.arith_command(init).await?.is_none() {
            return Ok(1);
        }
        loop {
            self.pace().await?;
            if !condition.text.is_empty() {
                match self.arith_command(condition).await? {
                    None => return Ok(1),
                    Some(0) => return Ok(status),
                    Some(_) => {}
                }
            }
            if self.run_body(body, &mut status).await? {
                return Ok(status);
            }
            if self.arith_command(step).await?.is_none() {
                return Ok(1);
            }
        }
    }

    /// An expression of `((…))`; none where it is wrong, which was told.
    async fn arith_command(&mut self, word: &Word) -> Eval<Option<i64>> {
        let text = self.expand_text(word).await?;
        if self.settings.is_set("xtrace") {
            self.trace(&format!("(( {} ))", word.text)).await;
        }
        match crate::expand::arith::evaluate(&text, self) {
            Ok(value) => Ok(Some(value)),
            Err(message) => {
                self.error(format!("((: {message}")).await;
                Ok(None)
            }
        }
    }

    async fn run_arith(&mut self, word: &Word) -> Eval {
        let value = self.arith_command(word).await?;
        let status = i32::from(value.unwrap_or(0) == 0);
        Ok(status)
    }

    async fn run_case(&mut self, subject: &Word, items: &[CaseItem]) -> Eval {
        if self.settings.is_set("xtrace") {
            self.trace(&format!("case {} in", subject.text)).await;
        }
        let subject = self.expand_string(subject).await?;
        let mut status = 0;
        let mut fall_through = false;
        for item in items {
            let mut matched = fall_through;
            for pattern in &item.patterns {
                if matched {
                    break;
                }
                let text = self.expand_pattern(pattern).await?;
                matched = Pattern::new(&text, self.match_options("nocasematch")).matches(&subject);
            }
            if !matched {
                continue;
            }
            if item.body.is_empty() {
                status = 0;
            } else {
                status = self.run_list(&item.body).await?;
            }
            match item.end {
                CaseEnd::Break => return Ok(status),
                CaseEnd::FallThrough => fall_through = true,
                CaseEnd::Continue => fall_through = false,
            }
        }
        Ok(status)
    }

    async fn run_select(&mut self, name: &str, words: Option<&[Word]>, body: &List) -> Eval {
        let words = self.loop_words(words).await?;
        self.loops += 1;
        let result = self.select_loop(name, &words, body).await;
        self.loops = self.loops.saturating_sub(1);
        result
    }

    async fn select_loop(&mut self, name: &str, words: &[String], body: &List) -> Eval {
        let mut status = 0;
        let mut show = true;
        if words.is_empty() {
            return Ok(0);
        }
        loop {
            self.pace().await?;
            if show {
                let width = words.len().to_string().len();
                let lines = words.iter().enumerate().map(|(i, word)| format!("{:>width$}) {word}\n", i + 1));
                self.error_text(&lines.collect::<String>()).await;
            }
            let prompt = self.vars.text("PS3").unwrap_or("#? ").to_string();
            self.error_text(&prompt).await;
            let Some(line) = crate::builtins::read_line(self).await? else {
                self.error_text("\n").await;
                return Ok(1);
            };
            show = line.trim().is_empty();
            if show {
                continue;
            }
            let choice = line.trim().parse::<usize>().ok().and_then(|n| words.get(n.wrapping_sub(1)));
            let choice = choice.cloned().unwrap_or_default();
            self.vars.put("REPLY", line.clone());
            if let Err(message) = self.assign_text(name, None, choice) {
                self.error(message).await;
                return Err(self.discard(1));
            }
            if self.run_body(body, &mut status).await? {
                return Ok(status);
            }
        }
    }

    /// Calls a function with arguments (its name first).
    pub fn call_function<'a>(&'a mut self, defined: Defined, arguments: Vec<String>) -> Fut<'a, Eval> {
        Box::pin(async move {
            let name = defined.function.name.clone();
            let what = name.clone();
            self.nested(&what, move |shell| Box::pin(shell.call_inside(defined, name, arguments))).await
        })
    }

    async fn call_inside(&mut self, defined: Defined, name: String, mut arguments: Vec<String>) -> Eval {
        arguments.remove(0);
        let params = std::mem::replace(&mut self.params, Rc::new(arguments));
        let line = self.line;
        let loops = std::mem::replace(&mut self.loops, 0);
        let keeps_line = std::mem::take(&mut self.traps.keeps_line);
        self.calls.push(Call { name, source: defined.source.to_string(), line, function: true });
        self.vars.push_frame(true);
        self.depth += 1;
        let result = self.run_command(&defined.function.body).await;
        if result.is_ok() || matches!(result, Err(Unwind::Return(_))) {
            self.run_pseudo_trap("RETURN").await?;
        }
        self.depth -= 1;
        self.vars.pop_frame();
        self.calls.pop();
        self.loops = loops;
        self.traps.keeps_line = keeps_line;
        self.line = line;
        self.params = params;
        match result {
            Err(Unwind::Return(status)) => Ok(status),
            other => other,
        }
    }
}
