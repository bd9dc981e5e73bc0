//! Redirections.

use machine::fs::OpenFlags;
use machine::{Errno, Fd};

use crate::Flavour;
use crate::shell::{Eval, Shell};
use crate::syntax::ast::{Redirect, RedirectFd, RedirectOp};

/// What descriptors were before redirections, to be put back.
#[derive(Default)]
pub struct Saved {
    /// Each descriptor and where its former file waits; none if it was closed.
    old: Vec<(Fd, Option<Fd>)>,
    /// A redirection did not work, which was told.
    pub failed: bool,
}

/// Saved descriptors lie from here on, out of the way of scripts.
pub(super) const SAVE_FROM: Fd = Fd(10);

/// Here-documents up to this size go through a pipe, as in bash; longer ones too, from a process of their own.
const PIPE_CAPACITY: usize = 4096;

impl Shell {
    /// The status of a command whose redirection failed.
    pub fn redirect_status(&self) -> i32 {
        if self.flavour == Flavour::Dash { 2 } else { 1 }
    }

    /// Does redirections in order; stops at one that fails.
    pub async fn redirect_all(&mut self, redirects: &[Redirect]) -> Eval<Saved> {
        let mut saved = Saved::default();
        for redirect in redirects {
            if !self.redirect(redirect, &mut saved).await? {
                saved.failed = true;
                self.status = self.redirect_status();
                break;
            }
        }
        Ok(saved)
    }

    /// Puts descriptors back.
    pub async fn restore(&mut self, saved: Saved) {
        for (fd, old) in saved.old.into_iter().rev() {
            match old {
                Some(old) => {
                    let _ = self.sys.dup2(old, fd);
                    let _ = self.sys.close(old);
                }
                None => {
                    let _ = self.sys.close(fd);
                }
            }
        }
    }

    /// Forgets what descriptors were: `exec` keeps its redirections.
    pub fn keep(&mut self, saved: Saved) {
        for old in saved.old.into_iter().filter_map(|(_, old)| old) {
            let _ = self.sys.close(old);
        }
    }

    fn save(&mut self, fd: Fd, saved: &mut Saved) {
        if saved.old.iter().any(|(known, _)| *known == fd) {
            return;
        }
        let old = self.sys.dup(fd, SAVE_FROM, true).ok();
        saved.old.push((fd, old));
    }

    async fn redirect(&mut self, redirect: &Redirect, saved: &mut Saved) -> Eval<bool> {
        let target = match redirect.op {
            RedirectOp::HereDoc | RedirectOp::HereString => String::new(),
            _ => match self.expand_single(&redirect.target).await? {
                Ok(target) => target,
                Err(text) => {
                    self.error(format!("{text}: ambiguous redirect")).await;
                    return Ok(false);
                }
            },
        };
        let default = match redirect.op {
            RedirectOp::Input
            | RedirectOp::ReadWrite
            | RedirectOp::DupInput
            | RedirectOp::HereDoc
            | RedirectOp::HereString => 0,
            _ => 1,
        };
        match redirect.op {
            RedirectOp::DupInput | RedirectOp::DupOutput => {
                self.redirect_duplicate(redirect, &target, default, saved).await
            }
            RedirectOp::HereDoc | RedirectOp::HereString => {
                let text = match &redirect.here {
                    Some(here) => match here.body.get() {
                        Some(body) if here.quoted => body.text.clone(),
                        Some(body) => self.expand_text(body).await?,
                        None => String::new(),
                    },
                    None => self.expand_string(&redirect.target).await? + "\n",
                };
                let Some(file) = self.here_file(text).await else { return Ok(false) };
                Ok(self.place(file, redirect, default, saved).await)
            }
            _ => self.redirect_file(redirect, &target, default, saved).await,
        }
    }

    async fn redirect_file(&mut self, redirect: &Redirect, path: &str, default: i32, saved: &mut Saved) -> Eval<bool> {
        let flags = match redirect.op {
            RedirectOp::Input => OpenFlags::READ,
            RedirectOp::ReadWrite => OpenFlags { create: true, ..OpenFlags::READ_WRITE },
            RedirectOp::Append | RedirectOp::BothAppend => OpenFlags::APPEND,
            _ => OpenFlags::CREATE,
        };
        let guards = matches!(redirect.op, RedirectOp::Output | RedirectOp::Both);
        if guards && self.settings.is_set("noclobber") && self.sys.stat(path).is_ok_and(|attr| attr.is_file()) {
            let message = match self.flavour {
                Flavour::Bash => format!("{path}: cannot overwrite existing file"),
                _ => format!("cannot create {path}: File exists"),
            };
            self.error(message).await;
            return Ok(false);
        }
        let opened = loop {
            match self.sys.open(path, flags, 0o666).await {
                Err(Errno::EINTR) => self.check_signals().await?,
                other => break other,
            }
        };
        match opened {
            Ok(file) => {
                let placed = self.place(file, redirect, default, saved).await;
                if placed && matches!(redirect.op, RedirectOp::Both | RedirectOp::BothAppend) {
                    self.save(Fd::STDERR, saved);
                    let _ = self.sys.dup2(Fd::STDOUT, Fd::STDERR);
                }
                Ok(placed)
            }
            Err(error) => {
                let reading = redirect.op == RedirectOp::Input;
                self.open_failed(path, error, reading).await;
                Ok(false)
            }
        }
    }

    async fn open_failed(&mut self, path: &str, error: Errno, reading: bool) {
        let message = match self.flavour {
            Flavour::Bash => format!("{path}: {}", error.message()),
            Flavour::Dash => {
                let what = if reading { "open" } else { "create" };
                let why = match error {
                    Errno::ENOENT if reading => "No such file",
                    Errno::ENOENT => "Directory nonexistent",
                    other => other.message(),
                };
                format!("cannot {what} {path}: {why}")
            }
            Flavour::Ash => {
                let what = if reading { "open" } else { "create" };
                let why = match error {
                    Errno::ENOENT if reading => "no such file",
                    Errno::ENOENT => "nonexistent directory",
                    other => other.message(),
                };
                format!("can't {what} {path}: {why}")
            }
        };
        self.error(message).await;
    }

    async fn redirect_duplicate(
        &mut self,
        redirect: &Redirect,
        target: &str,
        default: i32,
        saved: &mut Saved,
    ) -> Eval<bool> {
        if target == "-" {
            let Some(fd) = self.own_fd(redirect, default) else { return Ok(true) };
            self.save(fd, saved);
            let _ = self.sys.close(fd);
            return Ok(true);
        }
        let (number, moves) = match target.strip_suffix('-') {
            Some(number) => (number, true),
            None => (target, false),
        };
        let Ok(source) = number.parse::<i32>() else {
            if redirect.op == RedirectOp::DupOutput && redirect.fd == RedirectFd::Default && self.is_bash() {
                let both = Redirect { op: RedirectOp::Both, ..redirect.clone() };
                return self.redirect_file(&both, target, default, saved).await;
            }
            self.error(format!("{target}: ambiguous redirect")).await;
            return Ok(false);
        };
        let source = Fd(source);
        let Ok(copy) = self.sys.dup(source, SAVE_FROM, false) else {
            let message = match self.flavour {
                Flavour::Ash => format!("dup2({},{default}): Bad file descriptor", source.0),
                _ => format!("{}: Bad file descriptor", source.0),
            };
            self.error(message).await;
            return Ok(false);
        };
        let placed = self.place(copy, redirect, default, saved).await;
        if moves && placed {
            self.save(source, saved);
            let _ = self.sys.close(source);
        }
        Ok(placed)
    }

    /// The descriptor that a redirection is about; none for `{name}>&-` of a variable without one.
    fn own_fd(&self, redirect: &Redirect, default: i32) -> Option<Fd> {
        match &redirect.fd {
            RedirectFd::Default => Some(Fd(default)),
            RedirectFd::Number(number) => Some(Fd(*number)),
            RedirectFd::Variable(name) => self.vars.text(name)?.parse().ok().map(Fd),
        }
    }

    /// Moves an opened file to the descriptor that a redirection names.
    async fn place(&mut self, file: Fd, redirect: &Redirect, default: i32, saved: &mut Saved) -> bool {
        if let RedirectFd::Variable(name) = &redirect.fd {
            // `{name}>` takes a free descriptor, which stays open after the command.
            let high = self.sys.dup(file, SAVE_FROM, false).unwrap_or(file);
            if high != file {
                let _ = self.sys.close(file);
            }
            self.vars.put(name, high.0.to_string());
            return true;
        }
        let fd = match redirect.fd {
            RedirectFd::Number(number) => Fd(number),
            _ => Fd(default),
        };
        if file == fd {
            // The descriptor was free and `open` took it.
            saved.old.push((fd, None));
            return true;
        }
        self.save(fd, saved);
        let moved = self.sys.dup2(file, fd);
        let _ = self.sys.close(file);
        if moved.is_err() {
            self.error(format!("{}: Bad file descriptor", fd.0)).await;
        }
        moved.is_ok()
    }

    /// A descriptor to read a text from.
    async fn here_file(&mut self, text: String) -> Option<Fd> {
        let bytes = machine::text::to_bytes(&text);
        let (read, write) = match self.sys.pipe(false) {
            Ok(ends) => ends,
            Err(error) => {
                self.error(format!("cannot create temp file for here-document: {}", error.message())).await;
                return None;
            }
        };
        if bytes.len() <= PIPE_CAPACITY {
            let _ = self.sys.write_all(write, &bytes).await;
            let _ = self.sys.close(write);
            return Some(read);
        }
        let child = self.sys.fork(move |sys| async move {
            let _ = sys.close(read);
            let _ = sys.write_all(write, &bytes).await;
            machine::ExitCode::SUCCESS
        });
        let _ = self.sys.close(write);
        match child {
            Ok(child) => {
                self.jobs.forget_child(child);
                Some(read)
            }
            Err(error) => {
                let _ = self.sys.close(read);
                self.error(format!("fork: {}", error.message())).await;
                None
            }
        }
    }
}
