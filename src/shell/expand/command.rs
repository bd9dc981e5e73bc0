//! Command and process substitution.

use machine::{Errno, Fd};

use crate::eval::Work;
use crate::report::SourceName;
use crate::shell::{Eval, Shell, Unwind};
use crate::syntax::Parser;
use crate::syntax::ast::{Body, Command, List};

/// The most a command substitution may give; beyond that the shell runs out of memory.
const MAX_OUTPUT: usize = 64 << 20;

impl Shell {
    /// What the commands print, without newlines at the end.
    pub(super) async fn substitute(&mut self, list: &List) -> Eval<String> {
        if let Some(path) = only_input(list) {
            return self.substitute_file(path.clone()).await;
        }
        let Ok((read, write)) = self.sys.pipe(true) else {
            return Err(self.expansion_error("cannot make pipe for command substitution: Too many open files").await);
        };
        let child = self.fork(Work::Substitution(list.clone(), read, write)).await;
        // A descriptor that was just opened closes.
        let _ = self.sys.close(write);
        let Some(child) = child else {
            let _ = self.sys.close(read);
            return Err(Unwind::Discard(1));
        };
        let text = self.read_all(read).await;
        let _ = self.sys.close(read);
        self.status = self.wait_child(child).await?;
        self.substituted = Some(self.status);
        text
    }

    /// `$(< file)`.
    async fn substitute_file(&mut self, redirect: crate::syntax::ast::Redirect) -> Eval<String> {
        let path = self.expand_string(&redirect.target).await?;
        let opened = self.sys.open(&path, machine::fs::OpenFlags::READ, 0).await;
        let fd = match opened {
            Ok(fd) => fd,
            Err(error) => {
                self.error(format!("{path}: {}", error.message())).await;
                self.substituted = Some(1);
                return Ok(String::new());
            }
        };
        let text = self.read_all(fd).await;
        let _ = self.sys.close(fd);
        self.substituted = Some(0);
        text
    }

    /// Backquotes: the text is parsed now.
    pub(super) async fn substitute_text(&mut self, text: &str) -> Eval<String> {
        let aliases = self.aliases.clone();
        let mut parser = Parser::new(text, self.parse_options(Some(&aliases)));
        let mut items = Vec::new();
        loop {
            match parser.next_line() {
                Ok(Some(list)) => items.extend(list.iter().cloned()),
                Ok(None) => break,
                Err(error) => {
                    self.syntax_error(&error, &SourceName::Substitution, text).await;
                    self.substituted = Some(2);
                    self.status = 2;
                    return Ok(String::new());
                }
            }
        }
        if items.is_empty() {
            self.substituted = Some(0);
            return Ok(String::new());
        }
        self.substitute(&std::rc::Rc::new(items)).await
    }

    async fn read_all(&mut self, fd: Fd) -> Eval<String> {
        let mut bytes = Vec::new();
        loop {
            match self.sys.read_vec(fd, 16 * 1024).await {
                Ok(chunk) if chunk.is_empty() => break,
                Ok(chunk) => bytes.extend_from_slice(&chunk),
                Err(Errno::EINTR) => self.check_signals().await?,
                Err(_) => break,
            }
            if bytes.len() > MAX_OUTPUT {
                return Err(self.expansion_error("xrealloc: cannot allocate memory").await);
            }
        }
        if bytes.contains(&0) {
            bytes.retain(|&b| b != 0);
            if self.is_bash() {
                self.error("warning: command substitution: ignored null byte in input").await;
            }
        }
        while bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        Ok(machine::text::from_bytes(&bytes))
    }

    /// `<(…)`: a name under `/dev/fd` to read the commands' output from; with `write` the other way round.
    pub(super) async fn substitute_process(&mut self, write: bool, body: &Body) -> Eval<String> {
        let Ok((read_end, write_end)) = self.sys.pipe(false) else {
            return Err(self.expansion_error("cannot make pipe for process substitution: Too many open files").await);
        };
        let (mine, theirs) = if write { (write_end, read_end) } else { (read_end, write_end) };
        let mine = match self.sys.dup(mine, Fd(63), false) {
            Ok(high) => {
                let _ = self.sys.close(mine);
                high
            }
            Err(_) => mine,
        };
        let target = if write { Fd::STDIN } else { Fd::STDOUT };
        let child = self.fork(Work::Process { list: body.list.clone(), end: theirs, target, other: mine }).await;
        let _ = self.sys.close(theirs);
        let Some(child) = child else {
            let _ = self.sys.close(mine);
            return Err(Unwind::Discard(1));
        };
        self.jobs.forget_child(child);
        self.last_background = Some(child);
        self.open_processes.push(mine);
        Ok(format!("/dev/fd/{}", mine.0))
    }
}

/// The redirection of `$(< file)`.
fn only_input(list: &List) -> Option<&crate::syntax::ast::Redirect> {
    let [item] = list.as_slice() else { return None };
    let [command] = item.first.commands.as_slice() else { return None };
    match &**command {
        Command::Simple(simple) if simple.words.is_empty() && simple.assigns.is_empty() && item.rest.is_empty() => {
            match simple.redirects.as_slice() {
                [redirect]
                    if redirect.op == crate::syntax::ast::RedirectOp::Input
                        && redirect.fd == crate::syntax::ast::RedirectFd::Default =>
                {
                    Some(redirect)
                }
                _ => None,
            }
        }
        _ => None,
    }
}
