//! Lists, and-or lists, pipelines.

use std::cell::Cell;
use std::rc::Rc;

use machine::{Fd, Pid, WaitQueue};

use super::{Placement, Work};
use crate::shell::{Eval, Fut, Shell, Unwind};
use crate::syntax::ast::{AndOr, Command, List, Pipeline};
use crate::syntax::print;

/// Lists inside each other that one stack holds. A page's wasm module has 1 MiB.
const LISTS_PER_STACK: u32 = 8;

impl Shell {
    /// Runs commands one after the other.
    pub fn run_list<'a>(&'a mut self, list: &'a List) -> Fut<'a, Eval> {
        Box::pin(async move {
            if self.stacked >= LISTS_PER_STACK {
                return self.run_list_on_new_stack(list.clone()).await;
            }
            self.stacked += 1;
            let result = self.run_items(list).await;
            self.stacked = self.stacked.saturating_sub(1);
            result
        })
    }

    async fn run_items(&mut self, list: &List) -> Eval {
        for item in list.iter() {
            self.run_item(item).await?;
        }
        Ok(self.status)
    }

    /// Goes on in another thread of the process, which has the executor's stack for itself: nesting in
    /// scripts is bounded by memory, not by the host's stack.
    async fn run_list_on_new_stack(&mut self, list: List) -> Eval {
        let placeholder = Shell::new(self.sys.clone(), self.flavour, String::new());
        let mut shell = std::mem::replace(self, placeholder);
        let done = Rc::new(Cell::new(None));
        let queue = Rc::new(WaitQueue::new());
        let (answer, waker) = (done.clone(), queue.clone());
        shell.stacked = 0;
        self.sys.thread(async move {
            let result = shell.run_list(&list).await;
            answer.set(Some((result, shell)));
            waker.wake();
        });
        loop {
            if let Some((result, shell)) = done.take() {
                *self = shell;
                self.stacked = LISTS_PER_STACK;
                return result;
            }
            queue.wait().await;
        }
    }

    /// As [`Shell::run_list`], as the last thing a process does: its last program takes its place.
    pub async fn run_list_last(&mut self, list: &List) -> Eval {
        let Some((last, before)) = list.split_last() else { return Ok(0) };
        for item in before {
            self.run_item(item).await?;
        }
        if last.background {
            self.run_item(last).await?;
            return Ok(self.status);
        }
        self.run_and_or_last(last).await
    }

    /// As [`Shell::run_list_last`] for an and-or list.
    pub async fn run_and_or_last(&mut self, item: &AndOr) -> Eval {
        let may_replace = item.rest.is_empty()
            && item.first.timed.is_none()
            && !item.first.negated
            && self.traps.handlers.values().all(String::is_empty);
        if may_replace
            && let [command] = item.first.commands.as_slice()
            && let Command::Simple(simple) = &**command
        {
            self.pace().await?;
            let status = Box::pin(self.run_simple(command, simple, true)).await?;
            self.status = status;
            self.failed(status).await?;
            return Ok(status);
        }
        let status = Box::pin(self.run_and_or(item)).await?;
        Ok(status)
    }

    async fn run_item(&mut self, item: &Rc<AndOr>) -> Eval<()> {
        if item.background {
            self.run_background(item).await
        } else {
            self.run_and_or(item).await?;
            Ok(())
        }
    }

    fn run_and_or<'a>(&'a mut self, item: &'a AndOr) -> Fut<'a, Eval> {
        Box::pin(async move {
            let guarded = !item.rest.is_empty();
            self.errexit_off += u32::from(guarded);
            let result = self.run_pipeline(&item.first).await;
            self.errexit_off -= u32::from(guarded);
            let mut status = result?;
            let mut ran_last = item.rest.is_empty();
            for (i, (and, pipeline)) in item.rest.iter().enumerate() {
                if (status == 0) != *and {
                    continue;
                }
                let last = i + 1 == item.rest.len();
                self.errexit_off += u32::from(!last);
                let result = self.run_pipeline(pipeline).await;
                self.errexit_off -= u32::from(!last);
                status = result?;
                ran_last = last;
            }
            let negated = item.rest.last().map_or(item.first.negated, |(_, pipeline)| pipeline.negated);
            if ran_last && !negated {
                self.failed(status).await?;
            }
            Ok(status)
        })
    }

    async fn run_pipeline(&mut self, pipeline: &Pipeline) -> Eval {
        let timing = pipeline.timed.map(|posix| (posix, self.sys.now(), self.sys.times()));
        self.errexit_off += u32::from(pipeline.negated);
        let result = match pipeline.commands.as_slice() {
            [] => Ok(0),
            [command] => self.run_command(command).await,
            commands => self.run_pipe(commands, print::pipeline(pipeline)).await,
        };
        self.errexit_off -= u32::from(pipeline.negated);
        if let Some((posix, from, times)) = timing {
            self.tell_time(posix, from, times).await;
        }
        let mut status = result?;
        if pipeline.negated {
            status = i32::from(status == 0);
        }
        self.status = status;
        Ok(status)
    }

    /// Runs several commands with pipes between them.
    async fn run_pipe(&mut self, commands: &[Rc<Command>], text: String) -> Eval {
        let monitor = self.job_control();
        let mut pids: Vec<Pid> = Vec::new();
        let mut input: Option<Fd> = None;
        let here = self.is_bash() && self.settings.shopt("lastpipe") && !monitor;
        for (i, command) in commands.iter().enumerate() {
            if here && i + 1 == commands.len() {
                return self.run_last_of_pipe(command, input, &pids, text).await;
            }
            let mut placement = Placement { foreground: monitor, ..Placement::default() };
            placement.group = monitor.then(|| pids.first().copied().unwrap_or(Pid(0)));
            placement.moves.extend(input.map(|fd| (fd, Fd::STDIN)));
            let mut next = None;
            if i + 1 < commands.len() {
                match self.sys.pipe(false) {
                    Ok((read, write)) => {
                        placement.moves.push((write, Fd::STDOUT));
                        placement.closes.push(read);
                        next = Some((read, write));
                    }
                    Err(error) => {
                        self.error(format!("pipe error: {}", error.message())).await;
                        self.close_all(input);
                        return Err(Unwind::Discard(1));
                    }
                }
            }
            let child = self.fork_placed(placement, Work::Command(command.clone())).await;
            self.close_all(input);
            input = next.map(|(read, write)| {
                let _ = self.sys.close(write);
                read
            });
            match child {
                Some(pid) => pids.push(pid),
                None => {
                    self.close_all(input);
                    return Err(self.no_child());
                }
            }
        }
        let id =
            self.jobs.add(if monitor { pids.first().copied() } else { None }, &pids, text, false, self.cwd.clone());
        self.wait_job(id).await
    }

    /// `shopt -s lastpipe`: the last command of a pipeline runs in this shell, its input from `input`.
    async fn run_last_of_pipe(&mut self, command: &Rc<Command>, input: Option<Fd>, pids: &[Pid], text: String) -> Eval {
        let old = self.sys.dup(Fd::STDIN, super::redirect::SAVE_FROM, true).ok();
        if let Some(input) = input {
            let _ = self.sys.dup2(input, Fd::STDIN);
        }
        self.close_all(input);
        let result = Box::pin(self.run_command(command)).await;
        let _ = old.map_or_else(|| self.sys.close(Fd::STDIN), |old| self.sys.dup2(old, Fd::STDIN).map(drop));
        self.close_all(old);
        let own = result?;
        let id = self.jobs.add(None, pids, text, false, self.cwd.clone());
        let before = self.wait_job(id).await?;
        let mut statuses: Vec<i32> =
            self.array_values("PIPESTATUS").unwrap_or_default().iter().flat_map(|s| s.parse()).collect();
        statuses.push(own);
        self.set_pipe_status(&statuses);
        Ok(if own == 0 && self.settings.is_set("pipefail") { before } else { own })
    }

    fn close_all(&self, fds: impl IntoIterator<Item = Fd>) {
        for fd in fds {
            let _ = self.sys.close(fd);
        }
    }

    /// Starts an and-or list and goes on.
    async fn run_background(&mut self, item: &Rc<AndOr>) -> Eval<()> {
        let monitor = self.job_control();
        let text = print::and_or(item);
        let mut pids: Vec<Pid> = Vec::new();
        if item.rest.is_empty() && item.first.commands.len() > 1 && !item.first.negated {
            pids = self.start_pipe(&item.first.commands, monitor).await?;
        } else {
            let placement = Placement { group: monitor.then_some(Pid(0)), background: true, ..Placement::default() };
            let work = match item.first.commands.as_slice() {
                [command] if item.rest.is_empty() && !item.first.negated && item.first.timed.is_none() => {
                    Work::Command(command.clone())
                }
                _ => Work::AndOr(item.clone()),
            };
            match self.fork_placed(placement, work).await {
                Some(pid) => pids.push(pid),
                None => return Err(self.no_child()),
            }
        }
        let Some(&last) = pids.last() else { return Ok(()) };
        let id = self.jobs.add(if monitor { pids.first().copied() } else { None }, &pids, text, true, self.cwd.clone());
        if let Some(job) = self.jobs.get_mut(id) {
            job.told = true;
        }
        self.last_background = Some(last);
        if self.interactive && self.subshell == 0 && self.is_bash() {
            self.error_text(&format!("[{id}] {last}\n")).await;
        }
        self.status = 0;
        Ok(())
    }

    /// Starts a pipeline's processes in the background.
    async fn start_pipe(&mut self, commands: &[Rc<Command>], monitor: bool) -> Eval<Vec<Pid>> {
        let mut pids: Vec<Pid> = Vec::new();
        let mut input: Option<Fd> = None;
        for (i, command) in commands.iter().enumerate() {
            let mut placement = Placement { background: true, ..Placement::default() };
            placement.group = monitor.then(|| pids.first().copied().unwrap_or(Pid(0)));
            placement.moves.extend(input.map(|fd| (fd, Fd::STDIN)));
            let mut next = None;
            if i + 1 < commands.len()
                && let Ok((read, write)) = self.sys.pipe(false)
            {
                placement.moves.push((write, Fd::STDOUT));
                placement.closes.push(read);
                next = Some((read, write));
            }
            let child = self.fork_placed(placement, Work::Command(command.clone())).await;
            self.close_all(input);
            input = next.map(|(read, write)| {
                let _ = self.sys.close(write);
                read
            });
            match child {
                Some(pid) => pids.push(pid),
                None => {
                    self.close_all(input);
                    return Err(self.no_child());
                }
            }
        }
        Ok(pids)
    }

    /// What `time` prints.
    async fn tell_time(&mut self, posix: bool, from: machine::Instant, before: machine::process::Times) {
        let real = self.sys.now().since(from).as_nanos() as u64;
        let after = self.sys.times();
        let user = (after.own.user + after.children.user).saturating_sub(before.own.user + before.children.user);
        let system =
            (after.own.system + after.children.system).saturating_sub(before.own.system + before.children.system);
        let text = if posix {
            let seconds = |nanos: u64| format!("{}.{:02}", nanos / 1_000_000_000, nanos / 10_000_000 % 100);
            format!("real {}\nuser {}\nsys {}\n", seconds(real), seconds(user), seconds(system))
        } else {
            match self.vars.text("TIMEFORMAT").map(str::to_string) {
                Some(format) => super::trace::time_format(&format, real, user, system),
                None => super::trace::time_format("\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS", real, user, system),
            }
        };
        self.error_text(&text).await;
    }
}
