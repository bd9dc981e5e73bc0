//! Running a command: all checks (`checks`), then the command itself, then propagation and statistics.

use super::checks::Verdict;
use super::client::ReplyMode;
use super::cx::{Cx, Fail};
use super::{Server, errors};
use crate::commands::{self, Command, flag};
use crate::config;

/// What is kept while a command runs.
#[derive(Debug)]
pub struct CallFrame {
    db: usize,
    start: i64,
    dirty: u64,
    errors: u32,
    counted: u64,
    from: usize,
    slept: i64,
    rewritten: Option<Vec<Vec<u8>>>,
    no_propagate: bool,
    redacted: Vec<usize>,
    no_touch: bool,
}

impl Server {
    /// Finds a command or subcommand, renamed ones included. `Err` holds the error reply.
    pub fn find_command(&self, argv: &[&[u8]]) -> Result<&'static Command, Vec<u8>> {
        let name = argv.first().copied().unwrap_or_default();
        let mut found = commands::find(name);
        if !self.renamed.is_empty()
            && let Some(renamed) =
                std::str::from_utf8(name).ok().and_then(|n| self.renamed.get(&n.to_ascii_lowercase()))
        {
            found = *renamed;
        }
        let exists = |command: &&'static Command| command.exists(self.sentinel_mode);
        let Some(command) = found.filter(exists) else { return Err(errors::unknown_command(argv)) };
        if command.subs.is_empty() || argv.len() < 2 {
            return Ok(command);
        }
        command.sub(argv[1]).filter(exists).ok_or_else(|| errors::unknown_subcommand(command.name, argv[1]))
    }

    /// Runs one request of a client.
    pub fn execute(&mut self, id: u64, argv: &[&[u8]]) {
        let foreign = argv.first().is_some_and(|w| w.eq_ignore_ascii_case(b"post") || w.eq_ignore_ascii_case(b"host:"));
        if foreign {
            self.refuse_browser(id);
            return;
        }
        let Some(client) = self.clients.get_mut(&id) else { return };
        let mut out = std::mem::take(&mut client.out);
        out.resp3 = client.resp3;
        out.muted = match client.reply_mode {
            ReplyMode::On => false,
            ReplyMode::Off | ReplyMode::Skip | ReplyMode::SkipNext => true,
        };
        if client.reply_mode == ReplyMode::SkipNext {
            client.reply_mode = ReplyMode::Skip;
        }
        let start = out.buf.len();
        let known = self.find_command(argv);
        // A command that is refused is the last one too.
        self.client_mut(id).last_cmd = known.as_ref().map_or("NULL", |command| command.name);
        let command = known.as_ref().ok().copied();
        self.note_slot(id, command, argv);
        match known {
            Ok(command) => match self.check(id, command, argv) {
                Verdict::Go => self.run_or_queue(id, command, argv, &mut out),
                Verdict::Reject(text) => self.reject(id, Some(command), &mut out, text.as_bytes()),
                Verdict::RejectBytes(text) => self.reject(id, Some(command), &mut out, &text),
                Verdict::Redirect(text) => {
                    self.answer_refusal(id, Some(command), &mut out, text.as_bytes());
                }
                Verdict::Done => {}
            },
            Err(text) => self.reject(id, None, &mut out, &text),
        }
        self.count_request(id, command);
        if self.is_parking() {
            self.park_output(id, out, start);
            return;
        }
        self.finish(id, out, start);
    }

    /// Closes the connection of somebody who speaks HTTP: a browser may have been made to.
    fn refuse_browser(&mut self, id: u64) {
        let Some(client) = self.clients.get(&id) else { return };
        let text = format!(
            "Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection from {} aborted.",
            client.addr
        );
        self.warn(&text);
        self.drop_client(id);
    }

    /// Gives the output back to the client, together with what others wrote to it meanwhile.
    pub(crate) fn finish(&mut self, id: u64, mut out: resp::Reply, start: usize) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if client.reply_mode == ReplyMode::Skip {
            client.reply_mode = ReplyMode::On;
        }
        if !client.out.buf.is_empty() {
            let at = start.min(out.buf.len());
            out.buf.splice(at..at, std::mem::take(&mut client.out.buf));
        }
        if !client.pending_push.is_empty() {
            out.buf.append(&mut client.pending_push);
        }
        let any = !out.buf.is_empty();
        client.out = out;
        client.note_output();
        if any {
            // What was there before is on its way already.
            if start == 0 {
                self.ready_output.insert(id);
            }
            if self.client(id).out.buf.len() > 16 * 1024 {
                self.check_output_limit(id);
            }
        }
    }

    fn reject(&mut self, id: u64, command: Option<&'static Command>, out: &mut resp::Reply, text: &[u8]) {
        let abort = [b"EXECABORT Transaction discarded because of: ", text].concat();
        let text = if command.is_some_and(|c| c.name == "exec") { &abort } else { text };
        self.answer_refusal(id, command, out, text);
    }

    /// Answers with an error; a transaction is discarded, or spoiled while it is queued.
    fn answer_refusal(&mut self, id: u64, command: Option<&'static Command>, out: &mut resp::Reply, text: &[u8]) {
        let exec = command.is_some_and(|c| c.name == "exec");
        out.error_bytes(text);
        self.count_error(text);
        if let Some(command) = command {
            self.stats.rejected(command.name);
        }
        if let Some(multi) = &mut self.client_mut(id).multi {
            multi.broken |= !exec;
            if exec {
                self.discard(id);
            }
        }
    }

    /// Refuses the command of a client that waited.
    pub(super) fn reject_later(&mut self, id: u64, command: &'static Command, text: &[u8]) {
        let mut out = std::mem::take(&mut self.client_mut(id).out);
        self.reject(id, Some(command), &mut out, text);
        self.client_mut(id).out = out;
        self.ready_output.insert(id);
    }

    /// Counts an error reply by its code.
    pub fn count_error(&mut self, text: &[u8]) {
        self.count.errors += 1;
        if self.repl.running_masters_command && !self.scripting.in_call {
            self.master_gets_error(text);
        }
        let code = text.split(|c| *c == b' ').next().unwrap_or_default();
        if let Some(codes) = self.stats.error(&String::from_utf8_lossy(code)) {
            self.count.lazy_freed += super::stats::MOST_ERRORS as u64;
            self.warn("Errorstats stopped adding new errors because the number of errors reached the limit, may be misuse of lua error_reply, please check INFO ERRORSTATS, this can be re-enabled via CONFIG RESETSTAT.");
            self.warn(&format!("Current errors code list: {codes}"));
        }
    }

    fn run_or_queue(&mut self, id: u64, command: &'static Command, argv: &[&[u8]], out: &mut resp::Reply) {
        let client = self.client_mut(id);
        let queues = client.multi.is_some()
            && !matches!(command.name, "exec" | "discard" | "multi" | "watch" | "quit" | "reset");
        if queues {
            if let Some(multi) = &mut client.multi {
                multi.queue.push(argv.iter().map(|a| a.to_vec()).collect());
            }
            out.simple("QUEUED");
            return;
        }
        let reply_mode = client.reply_mode;
        self.call(id, command, argv, out, false);
        if reply_mode != self.client(id).reply_mode
            && command.name == "client|reply"
            && self.client(id).reply_mode == ReplyMode::On
        {
            out.muted = false;
            out.ok();
        }
        if self.depth == 0 {
            self.serve_ready_keys();
        }
    }

    /// Runs a command that passed all checks.
    pub fn call(&mut self, id: u64, command: &'static Command, argv: &[&[u8]], out: &mut resp::Reply, no_block: bool) {
        let frame = self.begin_call(id, command, out);
        let db = frame.db;
        let mut cx = Cx { s: self, out, argv, client: id, db, cmd: command, no_block };
        let result = (command.run)(&mut cx);
        match result {
            Ok(()) => {}
            Err(Fail::Error(text)) => out.error(&text),
            Err(Fail::Bytes(text)) => out.error_bytes(&text),
        }
        if self.is_parking() {
            self.park_call(command, argv, frame);
        } else {
            self.end_call(id, command, argv, frame, out);
        }
    }

    fn begin_call(&mut self, id: u64, command: &'static Command, out: &resp::Reply) -> CallFrame {
        self.reply_begins(out.buf.len());
        let frame = CallFrame {
            db: self.client(id).db,
            start: if self.depth == 0 { self.mono_us } else { self.host.mono_us() },
            dirty: self.dirty,
            errors: out.errors,
            counted: self.count.errors,
            from: out.buf.len(),
            slept: self.slept(),
            rewritten: self.rewritten.take(),
            no_propagate: std::mem::take(&mut self.no_propagate),
            redacted: std::mem::take(&mut self.redacted),
            no_touch: self.no_touch,
        };
        if self.depth == 0 {
            self.client_mut(id).last_cmd = command.name;
            self.current = id;
        }
        self.no_touch = self.client(id).no_touch && command.name != "touch";
        self.nested_scan = self.depth > 0 && command.has(flag::TOUCHES_ARBITRARY_KEYS);
        self.depth += 1;
        frame
    }

    /// What follows a command: statistics, propagation, those who look on.
    pub(crate) fn end_call(
        &mut self,
        id: u64,
        command: &'static Command,
        argv: &[&[u8]],
        frame: CallFrame,
        out: &mut resp::Reply,
    ) {
        self.depth -= 1;
        self.no_touch = frame.no_touch;
        self.nested_scan = false;
        // Errors inside of a transaction or a script belong to the commands in it.
        let refused = out.buf.get(frame.from) == Some(&b'-');
        let failed = if command.name == "exec" { refused } else { out.errors > frame.errors };
        let counted = super::propagate::runs_others(command.name) && self.count.errors > frame.counted;
        if failed && refused && !counted {
            let text = out.buf.get(frame.from + 1..).unwrap_or_default();
            let end = text.iter().position(|c| *c == b'\r').unwrap_or(text.len());
            let text = text[..end].to_vec();
            self.count_error(&text);
        }
        let again = self.depth == 0 && self.again.is_some();
        let shown = !again && !self.loading && !command.has(flag::SKIP_MONITOR) && !command.has(flag::ADMIN);
        if !self.monitors.is_empty() && shown {
            self.feed_monitors(id, frame.db, &self.shown(argv));
        }
        let blocked = self.client(id).blocked.is_some();
        let end = self.host.mono_us();
        self.scripting.clock = end;
        let micros = (end - frame.start).max(0) + self.slept() - frame.slept;
        // Time stands still inside of a transaction or a script.
        if self.depth == 0 {
            self.advance_time(end);
        }
        // Before CLIENT CACHING has had its effect on one command and is forgotten.
        self.track_reads(id, command, argv);
        self.account(id, command, argv, micros, failed, blocked);
        self.count_reply(id, out.buf.len());
        // What a script calls is part of the script.
        if self.hotkeys.is_some() && !blocked && (self.depth == 0 || self.in_exec) {
            let bytes = super::hotkeys::request_size(argv) + out.buf.len().saturating_sub(frame.from);
            self.count_hotkeys(command, argv, micros, bytes);
        }
        let changed = self.dirty > frame.dirty;
        self.propagate_call(command, frame.db, argv, changed);
        (self.rewritten, self.no_propagate, self.redacted) = (frame.rewritten, frame.no_propagate, frame.redacted);
    }

    /// A command's words as the slow log and MONITOR show them.
    fn shown<'a>(&self, argv: &[&'a [u8]]) -> Vec<&'a [u8]> {
        let mut words = argv.to_vec();
        for at in &self.redacted {
            if let Some(word) = words.get_mut(*at) {
                *word = b"(redacted)";
            }
        }
        words
    }

    pub(super) fn account(
        &mut self,
        id: u64,
        command: &'static Command,
        argv: &[&[u8]],
        micros: i64,
        failed: bool,
        blocked: bool,
    ) {
        if self.depth == 0 {
            self.count.command_us += micros;
        }
        if self.hot.latency > 0 && micros >= self.hot.latency * 1000 {
            self.took(if command.has(flag::FAST) { "fast-command" } else { "command" }, micros);
        }
        if !blocked {
            self.count.commands += 1;
            self.stats.called(command.name, micros, failed);
            self.count_time(id, command, micros);
            if self.hot.slow >= 0 && micros >= self.hot.slow && !command.has(flag::SKIP_SLOWLOG) {
                let (addr, name) = (self.client(id).addr.clone(), self.client(id).name.clone());
                let most = self.config.size(config::SLOWLOG_MAX_LEN);
                let now = self.now_ms / 1000;
                self.stats.slow(&self.shown(argv), micros, now, addr, name, most);
            }
        }
        if let Some(client) = self.clients.get_mut(&id) {
            client.commands += u64::from(!blocked);
            // Within a transaction it lasts until EXEC.
            if command.name != "asking" && client.multi.is_none() {
                client.asking = false;
            }
            if !command.name.starts_with("client|") && client.multi.is_none() {
                client.tracking.caching = false;
            }
        }
    }

    /// After every event: blocked clients, deferred closing.
    pub fn after_event(&mut self) {
        if self.asleep() {
            return;
        }
        self.serve_ready_keys();
        while let Some(id) = self.unblocked.pop_front() {
            self.process_input(id);
            self.serve_ready_keys();
            if self.asleep() {
                return;
            }
        }
        if std::mem::take(&mut self.evict_soon) {
            self.make_room();
        }
        self.broadcast_invalidations();
        if self.hot.limit_clients {
            self.evict_clients();
        }
        while let Some(id) = self.doomed.pop() {
            if self.client(id).close_now {
                self.drop_client(id);
            }
        }
        self.before_sleep();
    }
}
