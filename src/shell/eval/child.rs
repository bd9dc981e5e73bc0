//! Child processes: subshells, members of pipelines, programs.

use std::rc::Rc;
use std::time::Duration;

use machine::fs::OpenFlags;
use machine::process::Disposition;
use machine::{Errno, ExitCode, Fd, Pid, Signal, Sys};

use crate::shell::{Eval, Shell, Unwind};
use crate::syntax::ast::{AndOr, Command, List, Simple};

/// What a child does.
#[derive(Clone)]
pub enum Work {
    /// Commands whose output the parent reads: the list, and the pipe's two ends.
    Substitution(List, Fd, Fd),
    /// A process substitution.
    Process {
        /// Its commands.
        list: List,
        /// Its end of the pipe.
        end: Fd,
        /// What that end becomes.
        target: Fd,
        /// The parent's end.
        other: Fd,
    },
    /// A command of a pipeline, or one run in the background.
    Command(Rc<Command>),
    /// An and-or list in the background.
    AndOr(Rc<AndOr>),
    /// `( … )`.
    Subshell(List),
    /// A simple command whose words are expanded: a program.
    Program(Rc<Prepared>),
}

/// A program to run.
pub struct Prepared {
    /// Its arguments, the name first.
    pub arguments: Vec<String>,
    /// The command it comes from, for its redirections.
    pub simple: Rc<Command>,
    /// Assignments before it, expanded.
    pub assigns: Vec<(String, String)>,
}

/// Where a child runs and what its descriptors are.
#[derive(Clone, Default)]
pub struct Placement {
    /// The process group to join; 0 for a new one.
    pub group: Option<Pid>,
    /// Its group gets the terminal.
    pub foreground: bool,
    /// It was started with `&`.
    pub background: bool,
    /// Descriptors to move: from, to.
    pub moves: Vec<(Fd, Fd)>,
    /// Descriptors to close.
    pub closes: Vec<Fd>,
}

/// Seconds that bash waits for a process slot before it tries again, doubled each time.
const FIRST_RETRY: u64 = 1;
const LAST_RETRY: u64 = 8;

impl Shell {
    /// Starts a child in the shell's own process group.
    pub async fn fork(&mut self, work: Work) -> Option<Pid> {
        self.fork_placed(Placement::default(), work).await
    }

    /// Starts a child; tries again where there is no room for a process, as bash does.
    pub async fn fork_placed(&mut self, placement: Placement, work: Work) -> Option<Pid> {
        let mut delay = FIRST_RETRY;
        loop {
            let shell = self.clone();
            let (child_placement, child_work) = (placement.clone(), work.clone());
            let result = self.sys.fork(move |sys| child_main(shell, sys, child_placement, child_work));
            match result {
                Ok(pid) => {
                    if let Some(group) = placement.group {
                        let group = if group == Pid(0) { pid } else { group };
                        // The child does the same: whoever comes first.
                        let _ = self.sys.setpgid(pid, group);
                        if placement.foreground {
                            self.give_terminal(group);
                        }
                    }
                    return Some(pid);
                }
                Err(Errno::EAGAIN) if delay <= LAST_RETRY && self.is_bash() => {
                    self.error(format!("fork: retry: {}", Errno::EAGAIN.message())).await;
                    if self.sys.sleep(Duration::from_secs(delay)).await == Err(Errno::EINTR) {
                        return None;
                    }
                    self.reap().await;
                    delay *= 2;
                }
                Err(error) => {
                    let message = match self.flavour {
                        crate::Flavour::Bash => format!("fork: {}", error.message()),
                        crate::Flavour::Dash => "Cannot fork".to_string(),
                        crate::Flavour::Ash => format!("can't fork: {}", error.message()),
                    };
                    self.error(message).await;
                    self.status = 254;
                    return None;
                }
            }
        }
    }

    /// How a command is left for which no child could be made.
    pub(crate) fn no_child(&self) -> Unwind {
        if self.is_bash() { Unwind::Discard(254) } else { self.discard(2) }
    }

    /// What a fresh child changes about itself.
    async fn enter_child(&mut self, placement: &Placement) {
        let job_control = self.job_control();
        let interactive = self.interactive && self.subshell == 0;
        if let Some(group) = placement.group {
            let _ = self.sys.setpgid(Pid(0), group);
            if placement.foreground {
                let group = if group == Pid(0) { self.sys.getpid() } else { group };
                self.give_terminal(group);
            }
        }
        self.subshell += 1;
        self.stacked = 0;
        self.reset_signals(interactive);
        if placement.background && !job_control {
            let _ = self.sys.sigaction(Signal::INT, Disposition::Ignore);
            let _ = self.sys.sigaction(Signal::QUIT, Disposition::Ignore);
            if !placement.moves.iter().any(|(_, to)| *to == Fd::STDIN)
                && let Ok(null) = self.sys.open("/dev/null", OpenFlags::READ, 0).await
            {
                let _ = self.sys.dup2(null, Fd::STDIN);
                let _ = self.sys.close(null);
            }
        }
        for (from, to) in &placement.moves {
            let _ = self.sys.dup2(*from, *to);
        }
        for fd in placement.moves.iter().map(|(from, _)| from).chain(&placement.closes) {
            if !placement.moves.iter().any(|(_, to)| to == fd) {
                let _ = self.sys.close(*fd);
            }
        }
        self.random = self.random.wrapping_add(self.sys.getpid().0 as u32);
        self.loops = 0;
    }

    async fn run_work(&mut self, work: Work) -> Eval {
        match work {
            Work::Substitution(list, read, write) => {
                self.trace_level += 1;
                let _ = self.sys.close(read);
                let _ = self.sys.dup2(write, Fd::STDOUT);
                let _ = self.sys.close(write);
                if !self.settings.shopt("inherit_errexit") && self.is_bash() && !self.settings.is_set("posix") {
                    self.settings.set("errexit", false);
                }
                self.run_list_last(&list).await
            }
            Work::Process { list, end, target, other } => {
                let _ = self.sys.close(other);
                let _ = self.sys.dup2(end, target);
                let _ = self.sys.close(end);
                self.run_list_last(&list).await
            }
            Work::Command(command) => match &*command {
                Command::Simple(simple) => self.run_simple(&command, simple, true).await,
                Command::Compound(crate::syntax::ast::Compound::Subshell(list), redirects, _) => {
                    let saved = self.redirect_all(redirects).await?;
                    if saved.failed {
                        return Ok(1);
                    }
                    self.run_list_last(list).await
                }
                _ => self.run_command(&command).await,
            },
            Work::AndOr(item) => self.run_and_or_last(&item).await,
            Work::Subshell(list) => self.run_list_last(&list).await,
            Work::Program(prepared) => {
                let Command::Simple(simple) = &*prepared.simple else { return Ok(1) };
                self.run_program(simple, &prepared.arguments, &prepared.assigns).await
            }
        }
    }

    /// In a child (or for `exec`): redirections, environment, `execve`. Comes back with an error only.
    pub(crate) async fn run_program(
        &mut self,
        simple: &Simple,
        arguments: &[String],
        assigns: &[(String, String)],
    ) -> Eval {
        let saved = self.redirect_all(&simple.redirects).await?;
        if saved.failed {
            return Ok(self.redirect_status());
        }
        self.set_temporary(assigns);
        self.exec_program(arguments).await
    }

    /// Assignments before a program go to its environment.
    pub(crate) fn set_temporary(&mut self, assigns: &[(String, String)]) {
        for (name, value) in assigns {
            self.vars.put(name, value.clone());
            self.vars.raw_entry(name).exported = true;
        }
    }
}

/// A child's main function.
async fn child_main(mut shell: Shell, sys: Sys, placement: Placement, work: Work) -> ExitCode {
    shell.sys = sys;
    if shell.vars.are_large() {
        let bytes = shell.vars.measure();
        shell.tell_memory(bytes).await;
    }
    shell.enter_child(&placement).await;
    let is_work_of_shell = !matches!(work, Work::Program(_));
    let result = Box::pin(shell.run_work(work)).await;
    let status = match result {
        Ok(status) => status,
        Err(Unwind::Interrupt) => {
            let _ = shell.sys.sigaction(Signal::INT, Disposition::Default);
            let _ = shell.sys.kill(shell.sys.getpid(), Some(Signal::INT));
            shell.sys.yield_now().await;
            130
        }
        Err(unwind) => match unwind {
            Unwind::Break(_) | Unwind::Continue(_) => shell.status,
            other => other.into(),
        },
    };
    let status = if is_work_of_shell { shell.run_exit_trap(status).await } else { status };
    ExitCode::from(status)
}
