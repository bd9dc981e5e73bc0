//! Trees back to text: `type f`, `declare -f`, and the command column of `jobs`.

use super::ast::{
    AndOr, ArrayItem, Assign, AssignValue, CaseEnd, Command, Compound, Cond, Function, List, Pipeline, Redirect,
    RedirectFd, RedirectOp, Simple, Word,
};

/// A function as `declare -f` shows it.
pub fn function(function: &Function) -> String {
    let mut printer = Printer { out: String::new(), indent: 0, flat: false, heredocs: Vec::new() };
    printer.out.push_str(&format!("{} () \n", function.name));
    printer.function_body(&function.body);
    printer.out
}

/// An and-or list on one line, as `jobs` shows it.
pub fn and_or(item: &AndOr) -> String {
    let mut printer = Printer { out: String::new(), indent: 0, flat: true, heredocs: Vec::new() };
    printer.and_or(item);
    printer.out
}

/// A pipeline on one line.
pub fn pipeline(pipeline: &Pipeline) -> String {
    let mut printer = Printer { out: String::new(), indent: 0, flat: true, heredocs: Vec::new() };
    printer.pipeline(pipeline);
    printer.out
}

/// A command on one line.
pub fn command(command: &Command) -> String {
    let mut printer = Printer { out: String::new(), indent: 0, flat: true, heredocs: Vec::new() };
    printer.command(command);
    printer.out
}

struct Printer {
    out: String,
    indent: usize,
    flat: bool,
    heredocs: Vec<(String, String)>,
}

impl Printer {
    fn line(&mut self) {
        if self.flat {
            self.out.push(' ');
        } else {
            self.out.push('\n');
            self.flush_heredocs();
            self.out.push_str(&"    ".repeat(self.indent));
        }
    }

    fn flush_heredocs(&mut self) {
        for (body, end) in std::mem::take(&mut self.heredocs) {
            self.out.push_str(&body);
            self.out.push_str(&end);
            self.out.push('\n');
        }
    }

    fn indented(&mut self, list: &List) {
        self.indented_with(list, true);
    }

    /// bash puts no semicolon behind the last command of a group.
    fn indented_with(&mut self, list: &List, semicolon: bool) {
        self.indent += 1;
        self.line();
        self.list(list);
        if semicolon && !self.out.ends_with(['&', '\n']) {
            self.out.push(';');
        }
        self.indent -= 1;
        self.line();
    }

    fn list(&mut self, list: &List) {
        for (i, item) in list.iter().enumerate() {
            if i > 0 {
                if !self.out.ends_with(['&', '\n']) {
                    self.out.push(';');
                }
                self.line();
            }
            self.and_or(item);
            if item.background {
                self.out.push_str(" &");
            }
        }
    }

    fn and_or(&mut self, item: &AndOr) {
        self.pipeline(&item.first);
        for (and, pipeline) in &item.rest {
            self.out.push_str(if *and { " && " } else { " || " });
            self.pipeline(pipeline);
        }
    }

    fn pipeline(&mut self, pipeline: &Pipeline) {
        if let Some(posix) = pipeline.timed {
            self.out.push_str(if posix { "time -p " } else { "time " });
        }
        if pipeline.negated {
            self.out.push_str("! ");
        }
        for (i, command) in pipeline.commands.iter().enumerate() {
            if i > 0 {
                self.out.push_str(" | ");
            }
            self.command(command);
        }
    }

    fn command(&mut self, command: &Command) {
        match command {
            Command::Simple(simple) => self.simple(simple),
            Command::Compound(compound, redirects, _) => {
                self.compound(compound);
                self.redirects(redirects);
            }
            Command::Function(function) => {
                self.out.push_str(&format!("function {} () ", function.name));
                self.line();
                self.function_body(&function.body);
            }
        }
    }

    fn function_body(&mut self, body: &Command) {
        self.out.push_str(&"    ".repeat(self.indent));
        match body {
            Command::Compound(Compound::Brace(list), redirects, _) => {
                self.out.push_str("{ ");
                self.indented_with(list, false);
                self.out.push('}');
                self.redirects(redirects);
            }
            other => {
                self.out.push_str("{ ");
                self.indent += 1;
                self.line();
                self.command(other);
                self.indent -= 1;
                self.line();
                self.out.push('}');
            }
        }
    }

    fn simple(&mut self, simple: &Simple) {
        let mut first = true;
        let mut gap = |out: &mut String| {
            if !std::mem::take(&mut first) {
                out.push(' ');
            }
        };
        for assign in &simple.assigns {
            gap(&mut self.out);
            self.out.push_str(&assignment(assign));
        }
        for word in &simple.words {
            gap(&mut self.out);
            self.out.push_str(&word.text);
        }
        if first && !simple.redirects.is_empty() {
            let before = self.out.len();
            self.redirects(&simple.redirects);
            self.out.remove(before);
        } else {
            self.redirects(&simple.redirects);
        }
    }

    fn redirects(&mut self, redirects: &[Redirect]) {
        for redirect in redirects {
            self.out.push(' ');
            self.redirect(redirect);
        }
    }

    fn redirect(&mut self, redirect: &Redirect) {
        match &redirect.fd {
            RedirectFd::Default => {}
            RedirectFd::Number(number) => self.out.push_str(&number.to_string()),
            RedirectFd::Variable(name) => self.out.push_str(&format!("{{{name}}}")),
        }
        let (op, space) = match redirect.op {
            RedirectOp::Input => ("<", true),
            RedirectOp::Output => (">", true),
            RedirectOp::Clobber => (">|", true),
            RedirectOp::Append => (">>", true),
            RedirectOp::ReadWrite => ("<>", true),
            RedirectOp::DupInput => ("<&", false),
            RedirectOp::DupOutput => (">&", false),
            RedirectOp::Both => ("&>", true),
            RedirectOp::BothAppend => ("&>>", true),
            RedirectOp::HereDoc if redirect.here.as_ref().is_some_and(|here| here.strip) => ("<<-", false),
            RedirectOp::HereDoc => ("<<", false),
            RedirectOp::HereString => ("<<<", true),
        };
        self.out.push_str(op);
        if space {
            self.out.push(' ');
        }
        self.out.push_str(&redirect.target.text);
        if let Some(here) = &redirect.here
            && let Some(body) = here.body.get()
            && !self.flat
        {
            self.heredocs.push((body.text.clone(), here.delimiter.clone()));
        }
    }

    fn compound(&mut self, compound: &Compound) {
        match compound {
            Compound::Brace(list) => {
                self.out.push_str("{ ");
                if self.flat {
                    self.list(list);
                    self.out.push_str("; }");
                } else {
                    self.indented_with(list, false);
                    self.out.push('}');
                }
            }
            Compound::Subshell(list) => {
                self.out.push_str("( ");
                self.list(list);
                self.out.push_str(" )");
            }
            Compound::If(branches, otherwise) => self.if_(branches, otherwise.as_ref()),
            Compound::While(until, condition, body) => {
                self.out.push_str(if *until { "until " } else { "while " });
                self.list(condition);
                self.out.push_str("; do");
                self.indented(body);
                self.out.push_str("done");
            }
            Compound::For(name, words, body) => self.for_("for", name, words.as_deref(), body),
            Compound::Select(name, words, body) => self.for_("select", name, words.as_deref(), body),
            Compound::ArithFor(init, condition, step, body) => {
                self.out.push_str(&format!("for (({}; {}; {}))", init.text, condition.text, step.text));
                self.line();
                self.out.push_str("do");
                self.indented(body);
                self.out.push_str("done");
            }
            Compound::Case(subject, items) => {
                self.out.push_str(&format!("case {} in ", subject.text));
                self.indent += 1;
                for item in items {
                    self.line();
                    self.out.push_str(&joined(&item.patterns, " | "));
                    self.out.push(')');
                    self.indent += 1;
                    self.line();
                    self.list(&item.body);
                    self.indent -= 1;
                    self.line();
                    self.out.push_str(match item.end {
                        CaseEnd::Break => ";;",
                        CaseEnd::FallThrough => ";&",
                        CaseEnd::Continue => ";;&",
                    });
                }
                self.indent -= 1;
                self.line();
                self.out.push_str("esac");
            }
            Compound::Cond(cond) => {
                let text = cond_text(cond);
                self.out.push_str(&format!("[[ {text} ]]"));
            }
            Compound::Arith(word) => self.out.push_str(&format!("(({}))", word.text)),
            Compound::Coproc(name, command) => {
                self.out.push_str(&format!("coproc {name} "));
                self.command(command);
            }
        }
    }

    fn if_(&mut self, branches: &[(List, List)], otherwise: Option<&List>) {
        for (i, (condition, body)) in branches.iter().enumerate() {
            self.out.push_str(if i == 0 { "if " } else { "elif " });
            self.list(condition);
            self.out.push_str("; then");
            self.indented(body);
        }
        if let Some(body) = otherwise {
            self.out.push_str("else");
            self.indented(body);
        }
        self.out.push_str("fi");
    }

    fn for_(&mut self, keyword: &str, name: &str, words: Option<&[Word]>, body: &List) {
        self.out.push_str(&format!("{keyword} {name} in "));
        match words {
            Some(words) => self.out.push_str(&joined(words, " ")),
            None => self.out.push_str("\"$@\""),
        }
        self.out.push(';');
        self.line();
        self.out.push_str("do");
        self.indented(body);
        self.out.push_str("done");
    }
}

fn joined(words: &[Word], separator: &str) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(separator)
}

/// `name=value` as written.
pub fn assignment(assign: &Assign) -> String {
    let index = assign.index.as_ref().map(|index| format!("[{}]", index.text)).unwrap_or_default();
    let op = if assign.append { "+=" } else { "=" };
    let value = match &assign.value {
        AssignValue::Scalar(word) => word.text.clone(),
        AssignValue::Array(items) => array(items),
    };
    format!("{}{index}{op}{value}", assign.name)
}

fn array(items: &[ArrayItem]) -> String {
    let items: Vec<String> = items
        .iter()
        .map(|item| match &item.index {
            Some(index) => format!("[{}]{}{}", index.text, if item.append { "+=" } else { "=" }, item.value.text),
            None => item.value.text.clone(),
        })
        .collect();
    format!("({})", items.join(" "))
}

/// The inside of `[[ … ]]`.
pub fn cond_text(cond: &Cond) -> String {
    match cond {
        Cond::Not(inner) => format!("! {}", cond_text(inner)),
        Cond::And(a, b) => format!("{} && {}", cond_text(a), cond_text(b)),
        Cond::Or(a, b) => format!("{} || {}", cond_text(a), cond_text(b)),
        Cond::Group(inner) => format!("( {} )", cond_text(inner)),
        Cond::Unary(flag, word) => format!("-{flag} {}", word.text),
        Cond::Binary(a, op, b) => format!("{} {op} {}", a.text, b.text),
        Cond::Word(word) => format!("-n {}", word.text),
    }
}
