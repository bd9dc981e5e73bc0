//! Jobs: what runs beside the shell, what was stopped, and how it is told.

use std::collections::BTreeMap;

use machine::process::{WaitFor, WaitOptions};
use machine::{Errno, Pid, Signal, WaitStatus};

use crate::Flavour;
use crate::shell::{Eval, Shell, Unwind};

/// Statuses of ended children kept for `wait PID`.
const MAX_KEPT: usize = 1024;

/// A process of a job and what became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    /// The process.
    pub pid: Pid,
    /// `None` while it runs.
    pub status: Option<WaitStatus>,
}

/// A pipeline that was started.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its number.
    pub id: u32,
    /// Its process group, if it has one of its own.
    pub group: Option<Pid>,
    /// Its processes.
    pub members: Vec<Member>,
    /// The command as text.
    pub text: String,
    /// It was started with `&`, or `bg`.
    pub background: bool,
    /// The user was told about its present state.
    pub told: bool,
    /// Not to be sent `SIGHUP`.
    pub no_hangup: bool,
    /// `kill` was just sent to it: what comes of that is told one prompt later, since a real process needs
    /// a moment to die.
    pub just_killed: bool,
    /// The directory it was started in.
    pub cwd: String,
}

impl Job {
    /// Whether a process of it still runs.
    pub fn is_running(&self) -> bool {
        self.members.iter().any(|m| matches!(m.status, None | Some(WaitStatus::Continued)))
    }

    /// Whether it was stopped and nothing of it runs.
    pub fn is_stopped(&self) -> bool {
        !self.is_running() && self.members.iter().any(|m| matches!(m.status, Some(WaitStatus::Stopped(_))))
    }

    /// Whether all of it ended.
    pub fn is_done(&self) -> bool {
        !self.is_running() && !self.is_stopped()
    }

    /// The last process's status.
    pub fn status(&self) -> Option<WaitStatus> {
        self.members.last().and_then(|m| m.status)
    }

    /// Its state as `jobs` shows it.
    pub fn state(&self) -> String {
        if self.is_running() {
            return "Running".into();
        }
        if self.is_stopped() {
            let stopped = self.members.iter().rev().find_map(|m| match m.status {
                Some(WaitStatus::Stopped(signal)) => Some(signal),
                _ => None,
            });
            return stopped.map(Signal::description).unwrap_or_default();
        }
        self.status().map_or_else(|| "Done".into(), state_of)
    }
}

/// A process's state as `jobs` shows it.
fn state_of(status: WaitStatus) -> String {
    match status {
        WaitStatus::Exited(0) => "Done".into(),
        WaitStatus::Exited(status) => format!("Exit {status}"),
        WaitStatus::Signaled(signal) | WaitStatus::Stopped(signal) => signal.description(),
        WaitStatus::Continued => "Running".into(),
    }
}

/// The shell's jobs.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    /// By number.
    pub list: Vec<Job>,
    /// Numbers, the one that was last put aside last.
    order: Vec<u32>,
    /// Ended children that belong to no job, with their status.
    ended: BTreeMap<i32, WaitStatus>,
    /// Children that nobody waits for (process substitutions).
    forgotten: Vec<Pid>,
}

impl Jobs {
    /// Adds a job and gives its number.
    pub fn add(&mut self, group: Option<Pid>, pids: &[Pid], text: String, background: bool, cwd: String) -> u32 {
        let id = self.list.iter().map(|job| job.id).max().unwrap_or(0) + 1;
        let members = pids.iter().map(|&pid| Member { pid, status: self.ended.remove(&pid.0) }).collect();
        self.list.push(Job {
            id,
            group,
            members,
            text,
            background,
            told: !background,
            no_hangup: false,
            just_killed: false,
            cwd,
        });
        if background {
            self.touch(id);
        }
        id
    }

    /// Makes a job the current one.
    pub fn touch(&mut self, id: u32) {
        self.order.retain(|other| *other != id);
        self.order.push(id);
    }

    /// Removes a job, keeping its processes' statuses for `wait`.
    pub fn remove(&mut self, id: u32) -> Option<Job> {
        self.order.retain(|other| *other != id);
        let at = self.list.iter().position(|job| job.id == id)?;
        let job = self.list.remove(at);
        for member in &job.members {
            if let Some(status) = member.status
                && job.background
            {
                self.keep(member.pid, status);
            }
        }
        Some(job)
    }

    fn keep(&mut self, pid: Pid, status: WaitStatus) {
        self.ended.insert(pid.0, status);
        while self.ended.len() > MAX_KEPT {
            self.ended.pop_first();
        }
    }

    /// The job with that number.
    pub fn get(&self, id: u32) -> Option<&Job> {
        self.list.iter().find(|job| job.id == id)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, id: u32) -> Option<&mut Job> {
        self.list.iter_mut().find(|job| job.id == id)
    }

    /// Notes what happened to a child.
    pub fn record(&mut self, pid: Pid, status: WaitStatus) {
        for job in &mut self.list {
            if let Some(member) = job.members.iter_mut().find(|member| member.pid == pid) {
                member.status = if status == WaitStatus::Continued { None } else { Some(status) };
                job.told = false;
                if matches!(status, WaitStatus::Stopped(_)) {
                    let id = job.id;
                    self.touch(id);
                }
                return;
            }
        }
        if self.forgotten.contains(&pid) {
            self.forgotten.retain(|other| *other != pid);
        } else if !matches!(status, WaitStatus::Stopped(_) | WaitStatus::Continued) {
            self.keep(pid, status);
        }
    }

    /// A child whose end is of no interest.
    pub fn forget_child(&mut self, pid: Pid) {
        self.forgotten.push(pid);
    }

    /// An ended child's status; it is given once.
    pub fn take_ended(&mut self, pid: Pid) -> Option<WaitStatus> {
        self.ended.remove(&pid.0)
    }

    /// The current and the previous job: stopped ones come before running ones.
    pub fn current(&self) -> (Option<u32>, Option<u32>) {
        let by = |stopped: bool| {
            self.order
                .iter()
                .rev()
                .copied()
                .filter(move |id| self.get(*id).is_some_and(|job| job.is_stopped() == stopped))
        };
        let mut all = by(true).chain(by(false));
        (all.next(), all.next())
    }

    /// `+`, `-` or a blank.
    pub fn mark(&self, id: u32) -> char {
        match self.current() {
            (Some(current), _) if current == id => '+',
            (_, Some(previous)) if previous == id => '-',
            _ => ' ',
        }
    }

    /// The job that `%n`, `%+`, `%-`, `%text` or `%?text` names; an error's text otherwise.
    pub fn find(&self, spec: &str) -> Result<u32, String> {
        let none = || format!("{spec}: no such job");
        let name = spec.strip_prefix('%').unwrap_or(spec);
        let (current, previous) = self.current();
        match name {
            "" | "%" | "+" => {
                return current.ok_or_else(|| if name.is_empty() { "current: no such job".into() } else { none() });
            }
            "-" => return previous.or(current).ok_or_else(none),
            _ => {}
        }
        if let Ok(id) = name.parse::<u32>() {
            return self.get(id).map(|job| job.id).ok_or_else(none);
        }
        let found: Vec<u32> = self
            .list
            .iter()
            .filter(|job| match name.strip_prefix('?') {
                Some(part) => job.text.contains(part),
                None => job.text.starts_with(name),
            })
            .map(|job| job.id)
            .collect();
        match found.as_slice() {
            [] => Err(none()),
            [id] => Ok(*id),
            _ => Err(format!("{name}: ambiguous job spec")),
        }
    }

    /// A line of `jobs`, as the shell words it.
    pub fn line(&self, job: &Job, long: bool, cwd: &str, flavour: Flavour) -> String {
        let mark = self.mark(job.id);
        if flavour != Flavour::Bash {
            let mark = if flavour == Flavour::Dash { format!(" {mark}") } else { format!("{mark} ") };
            return format!("[{}]{mark} {:<27}{}", job.id, job.state(), job.text);
        }
        let text = if job.background && job.is_running() { format!("{} &", job.text) } else { job.text.clone() };
        let there = if job.cwd == cwd { String::new() } else { format!("  (wd: {})", job.cwd) };
        let pid = match job.members.first() {
            Some(member) if long => format!("{:>5} ", member.pid),
            _ => String::new(),
        };
        format!("[{}]{mark}  {pid}{:<24}{text}{there}", job.id, job.state())
    }
}

impl Shell {
    /// Notes what became of children since the last look, without waiting.
    pub async fn reap(&mut self) {
        let options = WaitOptions { no_hang: true, stopped: true, continued: true };
        while let Ok(Some((pid, status))) = self.sys.waitpid(WaitFor::Any, options).await {
            self.jobs.record(pid, status);
        }
    }

    /// Waits until something happens to a child. Signals are dealt with.
    pub async fn wait_any(&mut self) -> Eval<bool> {
        let options = WaitOptions { stopped: self.job_control(), ..WaitOptions::default() };
        match self.sys.waitpid(WaitFor::Any, options).await {
            Ok(Some((pid, status))) => {
                self.jobs.record(pid, status);
                Ok(true)
            }
            Ok(None) => Ok(true),
            Err(Errno::EINTR) => Ok(true),
            Err(_) => Ok(false),
        }
    }

    /// Waits for one child that is no job: its status.
    pub async fn wait_child(&mut self, pid: Pid) -> Eval<i32> {
        loop {
            if let Some(status) = self.jobs.take_ended(pid) {
                if status == WaitStatus::Signaled(Signal::INT) && self.interactive && self.subshell == 0 {
                    return Err(Unwind::Interrupt);
                }
                return Ok(i32::from(status.code()));
            }
            if !self.wait_any().await? {
                return Ok(127);
            }
        }
    }

    /// Waits for a job in the foreground until it ends or stops; its status.
    pub async fn wait_job(&mut self, id: u32) -> Eval<i32> {
        loop {
            let Some(job) = self.jobs.get(id) else { return Ok(127) };
            if !job.is_running() {
                break;
            }
            if !self.wait_any().await? {
                break;
            }
        }
        self.take_terminal();
        let Some(job) = self.jobs.get(id) else { return Ok(127) };
        if job.is_stopped() {
            return self.job_stopped(id).await;
        }
        self.job_ended(id).await
    }

    async fn job_stopped(&mut self, id: u32) -> Eval<i32> {
        self.jobs.touch(id);
        let Some(job) = self.jobs.get_mut(id) else { return Ok(127) };
        job.told = true;
        job.background = false;
        let stopped = job.members.iter().rev().find_map(|m| m.status.filter(|s| matches!(s, WaitStatus::Stopped(_))));
        let status = stopped.map_or(128, |status| i32::from(status.code()));
        let line = self.jobs.get(id).map(|job| self.jobs.line(job, false, &self.cwd, self.flavour)).unwrap_or_default();
        let newline = if self.is_bash() { "\n" } else { "" };
        self.error_text(&format!("{newline}{line}\n")).await;
        Ok(status)
    }

    async fn job_ended(&mut self, id: u32) -> Eval<i32> {
        let Some(mut job) = self.jobs.remove(id) else { return Ok(127) };
        job.background = false;
        let statuses: Vec<i32> = job.members.iter().map(|m| m.status.map_or(0, |s| i32::from(s.code()))).collect();
        self.set_pipe_status(&statuses);
        let last = job.status().unwrap_or(WaitStatus::Exited(0));
        if let WaitStatus::Signaled(signal) = last {
            self.tell_signalled(&job, signal).await;
        }
        if self.interactive
            && self.subshell == 0
            && job.members.iter().any(|m| m.status == Some(WaitStatus::Signaled(Signal::INT)))
        {
            return Err(Unwind::Interrupt);
        }
        let failed = statuses.iter().rev().find(|status| **status != 0).copied();
        Ok(match failed {
            Some(status) if self.settings.is_set("pipefail") => status,
            _ => statuses.last().copied().unwrap_or(0),
        })
    }

    /// The message for a job in the foreground that a signal ended.
    /// A script is told of a job in the background that a signal killed, except of `SIGTERM`.
    pub async fn tell_killed(&mut self, id: u32) {
        let Some(job) = self.jobs.get(id).cloned() else { return };
        if let Some(WaitStatus::Signaled(signal)) = job.status()
            && signal != Signal::TERM
            && self.is_bash()
        {
            self.tell_signalled(&job, signal).await;
        }
    }

    async fn tell_signalled(&mut self, job: &Job, signal: Signal) {
        if matches!(signal, Signal::INT | Signal::PIPE) {
            return;
        }
        if self.interactive && self.subshell == 0 {
            self.error_text(&format!("{}\n", signal.description())).await;
            return;
        }
        // bash is short about SIGTERM even in scripts.
        if !self.is_bash() || signal == Signal::TERM {
            self.error_text(&format!("{}\n", signal.description())).await;
            return;
        }
        let pieces: Vec<&str> = job.text.split(" | ").collect();
        if pieces.len() != job.members.len() {
            let pid = job.members.last().map_or(0, |m| m.pid.0);
            let text = format!("{pid:>5} {:<24}{}", signal.description(), job.text);
            return self.error(text).await;
        }
        // Every process of the pipeline gets a line.
        let line = |(i, (member, piece)): (usize, (&Member, &&str))| {
            let state = member.status.map_or_else(|| "Running".to_string(), state_of);
            let (indent, bar) = if i == 0 { ("", "") } else { ("     ", "| ") };
            format!("{indent}{:>5} {state:<24}{bar}{piece}", member.pid.0)
        };
        let lines: Vec<String> = job.members.iter().zip(&pieces).enumerate().map(line).collect();
        self.error(lines.join("\n")).await;
    }

    /// Before a prompt: tells which jobs changed, and drops those that ended.
    pub async fn tell_jobs(&mut self) {
        self.reap().await;
        let ids: Vec<u32> = self.jobs.list.iter().filter(|job| !job.told).map(|job| job.id).collect();
        for id in ids {
            if let Some(job) = self.jobs.get_mut(id)
                && std::mem::take(&mut job.just_killed)
            {
                continue;
            }
            let Some(job) = self.jobs.get(id) else { continue };
            if job.is_running() {
                if let Some(job) = self.jobs.get_mut(id) {
                    job.told = true;
                }
                continue;
            }
            let line = self.jobs.line(job, false, &self.cwd, self.flavour);
            let done = job.is_done();
            if self.interactive {
                self.error_text(&format!("{line}\n")).await;
            }
            if let Some(job) = self.jobs.get_mut(id) {
                job.told = true;
            }
            if done {
                self.jobs.remove(id);
            }
        }
    }

    /// Sets `PIPESTATUS`.
    pub fn set_pipe_status(&mut self, statuses: &[i32]) {
        if !self.is_bash() {
            return;
        }
        let items = statuses.iter().enumerate().map(|(i, status)| (i as i64, status.to_string())).collect();
        self.vars.raw_entry("PIPESTATUS").value = crate::vars::Value::Indexed(items);
    }

    /// Puts the shell's own group into the foreground again.
    pub fn take_terminal(&mut self) {
        if !self.job_control() {
            return;
        }
        if let Some(tty) = self.interact.tty
            && let Ok(group) = self.sys.getpgid(Pid(0))
        {
            // A terminal that was hung up has no foreground.
            let _ = self.sys.tcsetpgrp(tty, group);
        }
    }

    /// Gives the terminal to a job's group.
    pub fn give_terminal(&mut self, group: Pid) {
        if let Some(tty) = self.interact.tty {
            let _ = self.sys.tcsetpgrp(tty, group);
        }
    }
}
