//! Signals and traps.

use std::collections::BTreeMap;

use machine::Signal;
use machine::process::Disposition;

use crate::report::SourceName;
use crate::shell::{Eval, Shell, Unwind};

/// Commands to run when something happens, by its name (`INT`, `EXIT`, `ERR`, `DEBUG`, `RETURN`).
#[derive(Clone, Default)]
pub struct Traps {
    /// The commands; empty means that the signal is ignored.
    pub handlers: BTreeMap<String, String>,
    /// What a subshell's parent had set, for `trap` to show.
    pub inherited: BTreeMap<String, String>,
    /// Signals that were ignored when the shell started: they stay so.
    pub hard_ignored: Vec<Signal>,
    /// No interactive shell, and yet Ctrl-C is caught.
    pub heeds_interrupts: bool,
    /// A trap is being run.
    pub running: u32,
    /// It is one of a command's (`ERR`, `DEBUG`, `RETURN`): `$LINENO` stays that command's.
    pub keeps_line: bool,
}

/// Signals that an interactive shell does not die of.
const SHIELDED: &[Signal] = &[Signal::TERM, Signal::QUIT, Signal::TSTP, Signal::TTIN, Signal::TTOU];

impl Shell {
    /// Sets up the signals of an interactive shell.
    pub fn shield_signals(&mut self) {
        for &signal in SHIELDED {
            // Only SIGKILL and SIGSTOP refuse, and they are not among these.
            let _ = self.sys.sigaction(signal, Disposition::Ignore);
        }
        let _ = self.sys.sigaction(Signal::INT, Disposition::Catch);
    }

    /// Ctrl-C ends a script. The first process of a container dies of no signal that it leaves alone, so such a shell
    /// catches it, as the real ones always do.
    pub fn heed_interrupts(&mut self) {
        let first = self.sys.getpid() == machine::Pid(1);
        if first && !self.traps.hard_ignored.contains(&Signal::INT) {
            let _ = self.sys.sigaction(Signal::INT, Disposition::Catch);
            self.traps.heeds_interrupts = true;
        }
    }

    /// What a subshell does about signals: traps are gone, ignored ones stay ignored.
    pub fn reset_signals(&mut self, interactive: bool) {
        if std::mem::take(&mut self.traps.heeds_interrupts) && !self.traps.handlers.contains_key("INT") {
            let _ = self.sys.sigaction(Signal::INT, Disposition::Default);
        }
        if interactive {
            for &signal in SHIELDED.iter().chain(&[Signal::INT]) {
                let name = signal.name();
                if self.traps.handlers.get(&name).is_none_or(|command| !command.is_empty()) {
                    let _ = self.sys.sigaction(signal, Disposition::Default);
                }
            }
        }
        let handlers = std::mem::take(&mut self.traps.handlers);
        for (name, command) in handlers {
            let Some(signal) = Signal::parse(&name) else { continue };
            if command.is_empty() {
                self.traps.handlers.insert(name, command);
            } else {
                let _ = self.sys.sigaction(signal, Disposition::Default);
                self.traps.inherited.insert(name, command);
            }
        }
    }

    /// Sets, ignores (empty) or resets (none) a trap.
    pub fn set_trap(&mut self, name: &str, command: Option<&str>) {
        if let Some(signal) = Signal::parse(name).filter(|_| !is_pseudo(name)) {
            if self.traps.hard_ignored.contains(&signal) {
                return;
            }
            let interactive = self.interactive && self.subshell == 0;
            let action = match command {
                Some("") => Disposition::Ignore,
                Some(_) => Disposition::Catch,
                None if (interactive || self.traps.heeds_interrupts) && signal == Signal::INT => Disposition::Catch,
                None if interactive && SHIELDED.contains(&signal) => Disposition::Ignore,
                None => Disposition::Default,
            };
            // SIGKILL and SIGSTOP cannot be trapped; bash takes the trap and it never runs.
            let _ = self.sys.sigaction(signal, action);
        }
        self.traps.inherited.clear();
        match command {
            Some(command) => self.traps.handlers.insert(name.to_string(), command.to_string()),
            None => self.traps.handlers.remove(name),
        };
    }

    /// Deals with the signals that came: runs their traps, or leaves the command line for Ctrl-C.
    pub async fn check_signals(&mut self) -> Eval<()> {
        while let Some(signal) = self.sys.take_signal() {
            match self.traps.handlers.get(&signal.name()).cloned() {
                Some(command) if !command.is_empty() => self.run_trap(&command).await?,
                _ if signal == Signal::INT => return Err(Unwind::Interrupt),
                _ => {}
            }
        }
        Ok(())
    }

    /// Runs a trap's command; `$?` stays what it was.
    pub async fn run_trap(&mut self, command: &str) -> Eval<()> {
        let status = self.status;
        self.traps.running += 1;
        let result = self.run_text(command, &SourceName::Eval).await;
        self.traps.running = self.traps.running.saturating_sub(1);
        result?;
        self.status = status;
        Ok(())
    }

    /// Runs `ERR`, `DEBUG` or `RETURN`, unless a trap is running already.
    pub async fn run_pseudo_trap(&mut self, name: &str) -> Eval<()> {
        if self.traps.handlers.is_empty() || self.traps.running > 0 {
            return Ok(());
        }
        // Functions see these traps only where they are told to.
        let option = if name == "ERR" { "errtrace" } else { "functrace" };
        if self.in_function() && !self.settings.is_set(option) {
            return Ok(());
        }
        match self.traps.handlers.get(name).cloned() {
            Some(command) if !command.is_empty() => {
                self.traps.keeps_line = true;
                let result = self.run_trap(&command).await;
                self.traps.keeps_line = false;
                result
            }
            _ => Ok(()),
        }
    }

    /// Notes which line a command stands in.
    pub(crate) fn at_line(&mut self, line: u32) {
        if !self.traps.keeps_line {
            self.line = line;
        }
    }

    /// Runs the `EXIT` trap and gives the status that the shell ends with.
    pub async fn run_exit_trap(&mut self, status: i32) -> i32 {
        let Some(command) = self.traps.handlers.remove("EXIT") else { return status };
        if command.is_empty() {
            return status;
        }
        self.status = status;
        match self.run_text(&command, &SourceName::Eval).await {
            Err(Unwind::Exit(other)) => other,
            _ => status,
        }
    }
}

/// Whether it is a name of `trap` that is no signal.
pub fn is_pseudo(name: &str) -> bool {
    matches!(name, "EXIT" | "ERR" | "DEBUG" | "RETURN")
}
