//! Running texts: `-c`, scripts, `eval`, `.`, traps.

use crate::Flavour;
use crate::report::SourceName;
use crate::shell::{Call, Eval, Fut, Shell, Unwind};
use crate::syntax::Parser;

impl Shell {
    /// Runs a text line by line in this shell; errors unwind.
    pub fn run_text<'a>(&'a mut self, text: &'a str, source: &'a SourceName) -> Fut<'a, Eval> {
        Box::pin(async move { self.nested("eval", move |shell| Box::pin(shell.run_text_inside(text, source))).await })
    }

    async fn run_text_inside(&mut self, text: &str, source: &SourceName) -> Eval {
        self.depth += 1;
        let result = self.run_lines(text, source, false).await;
        self.depth -= 1;
        result
    }

    /// Parses and runs each line before the next is parsed. At the top a line that fails is left alone.
    async fn run_lines(&mut self, text: &str, source: &SourceName, top: bool) -> Eval {
        let base_line = self.line;
        let counts = matches!(source, SourceName::Eval);
        let mut text = text.to_string();
        let (mut pos, mut line) = (0, 1);
        let mut status = 0;
        loop {
            let aliases = self.aliases.clone();
            let mut parser = Parser::at(&text, pos, line, self.parse_options(Some(&aliases)));
            let parsed = parser.next_line();
            for (at, warning) in parser.take_warnings() {
                self.line = at;
                self.error(warning).await;
            }
            let (next, next_line, changed) = (parser.position(), parser.line(), parser.source().to_string());
            let list = match parsed {
                Ok(Some(list)) => list,
                Ok(None) => return Ok(status),
                Err(error) => {
                    self.line = if counts { base_line } else { error.line() };
                    self.syntax_error(&error, source, &text).await;
                    // bash gives up a script at a wrong `[[`, with status 0.
                    let status = i32::from(!matches!(error, crate::syntax::SyntaxError::Cond { .. })) * 2;
                    if status == 0 && !self.interactive && self.is_bash() {
                        return Err(Unwind::Exit(0));
                    }
                    self.status = 2;
                    return if self.flavour != Flavour::Bash && !self.interactive {
                        Err(Unwind::Exit(2))
                    } else {
                        Ok(2)
                    };
                }
            };
            if self.settings.is_set("verbose") {
                let shown = text.get(pos..next).unwrap_or("").to_string();
                self.error_text(&shown).await;
            }
            (text, pos, line) = (changed, next, next_line);
            if self.settings.is_set("noexec") {
                continue;
            }
            let last = top && source == &SourceName::CommandString && only_blanks(&text, pos);
            let result = if last { self.run_list_last(&list).await } else { self.run_list(&list).await };
            match result {
                Ok(code) => status = code,
                Err(Unwind::Discard(code)) if top && !matches!(source, SourceName::CommandString) => {
                    status = code;
                    self.status = code;
                }
                Err(Unwind::Break(_) | Unwind::Continue(_)) if top => status = self.status,
                Err(other) => return Err(other),
            }
        }
    }

    /// Runs a text as the whole life of a shell, traps of `EXIT` included; its status.
    pub async fn run_to_end(&mut self, text: &str, source: &SourceName) -> i32 {
        let result = Box::pin(self.run_lines(text, source, true)).await;
        let status = self.status_of(result);
        self.run_exit_trap(status).await
    }

    /// `.`: runs a file in this shell.
    pub async fn run_file(&mut self, path: &str, text: &str, params: Option<Vec<String>>) -> Eval {
        let old = params.map(|params| std::mem::replace(&mut self.params, std::rc::Rc::new(params)));
        let line = self.line;
        self.calls.push(Call { name: "source".into(), source: path.to_string(), line, function: false });
        let result = self.run_text(text, &SourceName::File(path.to_string())).await;
        self.calls.pop();
        self.line = line;
        if let Some(old) = old {
            self.params = old;
        }
        match result {
            Err(Unwind::Return(status)) => Ok(status),
            other => other,
        }
    }
}

fn only_blanks(text: &str, pos: usize) -> bool {
    text.get(pos..).is_some_and(|rest| rest.trim().is_empty())
}
