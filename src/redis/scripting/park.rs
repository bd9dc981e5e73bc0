//! Calls that wait for a script to end.

use crate::commands::Command;
use crate::server::client::{Queued, Role};
use crate::server::dispatch::CallFrame;
use crate::server::{Level, Server};
use resp::Reply;

/// The rest of a transaction.
#[derive(Debug)]
pub struct Rest {
    /// All of its commands.
    pub queue: Vec<Queued>,
    /// The next one.
    pub next: usize,
}

/// What waits for a script.
#[derive(Debug, Default)]
pub struct Parked {
    /// Who called.
    pub client: u64,
    /// The client's output.
    out: Reply,
    /// Where in it the reply begins.
    start: usize,
    /// The calls, the innermost first.
    calls: Vec<(&'static Command, Queued, CallFrame)>,
    /// The transaction around it.
    rest: Option<Rest>,
}

impl Server {
    /// Whether a script just ran out of its slice: its callers have to wait.
    pub(crate) fn is_parking(&self) -> bool {
        self.scripting.parking
    }

    /// A call waits.
    pub(crate) fn park_call(&mut self, command: &'static Command, argv: &[&[u8]], frame: CallFrame) {
        let parked = self.scripting.parked.get_or_insert_default();
        parked.calls.push((command, argv.iter().map(|w| w.to_vec()).collect(), frame));
    }

    /// The rest of a transaction waits.
    pub(crate) fn park_rest(&mut self, queue: &[Queued], next: usize) {
        let parked = self.scripting.parked.get_or_insert_default();
        parked.rest = Some(Rest { queue: queue.to_vec(), next });
    }

    /// The client's output waits. Nothing else is to be parked then.
    pub(crate) fn park_output(&mut self, client: u64, out: Reply, start: usize) {
        self.scripting.parking = false;
        let parked = self.scripting.parked.get_or_insert_default();
        parked.client = client;
        parked.out = out;
        parked.start = start;
    }

    /// Whether a script waits for its next slice.
    pub fn script_parked(&self) -> bool {
        self.scripting.parked.is_some()
    }

    /// Whether a client's input has to wait for the script to end.
    pub(crate) fn script_holds(&self, client: u64) -> bool {
        let (Some(parked), Some(run)) = (&self.scripting.parked, &self.scripting.run) else { return false };
        parked.client == client || !run.timed_out || self.client(client).role == Role::Master
    }

    /// Notes that a client's input waits.
    pub(crate) fn hold_for_script(&mut self, client: u64) {
        self.scripting.waiting.insert(client);
    }

    /// What others are told while a script runs for too long.
    pub(crate) fn script_busy(&self) -> Option<&'static str> {
        self.scripting.run.as_ref().filter(|r| r.timed_out).map(|r| r.busy_text())
    }

    /// A slice more for the script that waits.
    pub(crate) fn script_tick(&mut self) {
        if self.debugger_waits() {
            return;
        }
        let Some(run) = &self.scripting.run else { return };
        // For the script no time passes.
        let now = run.now_us;
        self.now_us = now;
        self.now_ms = now / 1000;
        self.note_slow_script();
        let Some(mut out) = self.scripting.parked.as_mut().map(|p| std::mem::take(&mut p.out)) else { return };
        let ended = self.next_slice(&mut out);
        let Some(mut parked) = self.scripting.parked.take() else { return };
        parked.out = out;
        if ended {
            self.unpark(*parked);
        } else {
            self.scripting.parked = Some(parked);
        }
    }

    fn note_slow_script(&mut self) {
        let threshold = self.config.int(crate::config::BUSY_REPLY_THRESHOLD);
        let now = self.host.mono_us();
        let Some(run) = &mut self.scripting.run else { return };
        let elapsed = (now - run.since) / 1000;
        if run.timed_out || threshold <= 0 || elapsed < threshold || self.scripting.debug.is_some() {
            return;
        }
        run.timed_out = true;
        let command = if run.eval { "SCRIPT KILL" } else { "FUNCTION KILL" };
        let text = format!(
            "Slow script detected: still in execution after {elapsed} milliseconds. You can try killing the script using the {command} command. Script name is: {}.",
            run.name
        );
        self.log(Level::Warning, &text);
        for id in std::mem::take(&mut self.scripting.waiting) {
            self.process_input(id);
        }
        self.after_event();
    }

    /// The script ended: those who called it go on.
    fn unpark(&mut self, mut parked: Parked) {
        let (id, mut out) = (parked.client, std::mem::take(&mut parked.out));
        let mut calls = parked.calls.into_iter();
        if let Some((command, argv, frame)) = calls.next() {
            self.end_parked(id, command, &argv, frame, &mut out);
        }
        if let Some(rest) = parked.rest {
            self.run_queue(id, &rest.queue, rest.next, &mut out);
            if self.is_parking() {
                // Another script of the same transaction; the calls around both wait on.
                for (command, argv, frame) in calls {
                    let refs: Vec<&[u8]> = argv.iter().map(Vec::as_slice).collect();
                    self.park_call(command, &refs, frame);
                }
                self.park_output(id, out, parked.start);
                return;
            }
        }
        for (command, argv, frame) in calls {
            self.end_parked(id, command, &argv, frame, &mut out);
        }
        self.finish(id, out, parked.start);
        self.ready_output.insert(id);
        self.refresh_time();
        self.unblocked.push_back(id);
        self.unblocked.extend(std::mem::take(&mut self.scripting.waiting));
        if self.repl.is_replica() {
            self.master_received(0, &[]);
        }
        self.after_event();
    }

    fn end_parked(&mut self, id: u64, command: &'static Command, argv: &Queued, frame: CallFrame, out: &mut Reply) {
        let refs: Vec<&[u8]> = argv.iter().map(Vec::as_slice).collect();
        self.end_call(id, command, &refs, frame, out);
    }
}
