//! Whether a command may run: all checks in the order in which Redis makes them.

use super::client::{BlockedOn, Role};
use super::{Server, errors};
use crate::commands::{Command, flag};
use crate::config;

/// What a check decided.
pub(super) enum Verdict {
    /// It may run.
    Go,
    /// Answer with this error; a transaction being queued is spoiled.
    Reject(String),
    /// The same, with bytes of the client's own words.
    RejectBytes(Vec<u8>),
    /// The same for a slot that is not served here: EXEC says no more than that either.
    Redirect(String),
    /// Nothing more to do.
    Done,
}

impl Server {
    /// Whether a command may run now.
    pub(super) fn check(&mut self, id: u64, command: &'static Command, argv: &[&[u8]]) -> Verdict {
        if !command.takes(argv.len()) {
            return Verdict::Reject(errors::arity(&command.shown_name()));
        }
        if command.has(flag::PROTECTED)
            && let Some(text) = self.protected_refusal(id, command)
        {
            return Verdict::Reject(text);
        }
        let client = self.client(id);
        if !client.authenticated && !self.acl.default_needs_no_password() && !command.has(flag::NO_AUTH) {
            return Verdict::Reject("NOAUTH Authentication required.".into());
        }
        if client.multi.is_some() && command.has(flag::NO_MULTI) {
            return Verdict::Reject("ERR Command not allowed inside a transaction".into());
        }
        if let Err(text) = self.acl_check(id, command, argv) {
            return Verdict::RejectBytes(text);
        }
        if self.hot.cluster
            && let Some(text) = self.cluster_redirect(id, command, argv)
        {
            return Verdict::Redirect(text);
        }
        if self.hot.compatibility > 0 {
            self.watch_slots(id, command, argv);
        }
        if self.hot.limit_clients {
            self.evict_clients();
            if self.client(id).close_now {
                return Verdict::Done;
            }
        }
        if !self.tracking.is_empty() {
            self.limit_tracked_keys();
        }
        let flags = self.flags_of(command, argv);
        if self.hot.maxmemory > 0 && !self.script_parked() && self.denied_for_memory(id, command, flags, argv) {
            return Verdict::Reject("OOM command not allowed when used memory > 'maxmemory'.".into());
        }
        if let Some(text) = self.state_refusal(id, command, flags) {
            return Verdict::Reject(text);
        }
        self.check_pause(id, command, flags, argv)
    }

    /// Makes room, and notes how long that took.
    fn make_room_in_time(&mut self) -> bool {
        if self.hot.latency == 0 {
            return self.make_room();
        }
        let start = self.host.mono_us();
        let done = self.make_room();
        self.took("eviction-cycle", self.host.mono_us() - start);
        done
    }

    fn protected_refusal(&self, id: u64, command: &Command) -> Option<String> {
        let (setting, what) = if command.name.starts_with("debug") {
            (config::ENABLE_DEBUG_COMMAND, "DEBUG")
        } else {
            (config::ENABLE_MODULE_COMMAND, "MODULE")
        };
        let client = self.client(id);
        let local =
            client.unix || client.addr.starts_with("127.") || client.addr.starts_with("::1") || client.addr.is_empty();
        let allowed = match self.config.word(setting) {
            "yes" => true,
            "local" => local,
            _ => false,
        };
        (!allowed).then(|| {
            format!(
                "ERR {what} command not allowed. If the enable-{}-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.",
                what.to_ascii_lowercase()
            )
        })
    }

    /// Makes room, and says whether a command must not run since there is none.
    fn denied_for_memory(&mut self, id: u64, command: &Command, flags: u32, argv: &[&[u8]]) -> bool {
        self.request_memory = argv.iter().map(|word| word.len()).sum();
        let enough = self.make_room_in_time();
        self.request_memory = 0;
        !enough && (flags & flag::DENYOOM != 0 || (command.name == "exec" && self.queued_has(id, flag::DENYOOM)))
    }

    /// Whether any command of a transaction has a property.
    fn queued_has(&self, id: u64, flag: u32) -> bool {
        self.queued(id).any(|flags| flags & flag != 0)
    }

    /// Whether a command has a property, and where it is EXEC all commands of the transaction have it too.
    fn always_has(&self, id: u64, command: &Command, flags: u32, flag: u32) -> bool {
        flags & flag != 0 && (command.name != "exec" || self.queued(id).all(|flags| flags & flag != 0))
    }

    /// The properties of the commands of a transaction.
    fn queued(&self, id: u64) -> impl Iterator<Item = u32> {
        self.client(id).multi.iter().flat_map(|m| &m.queue).filter_map(|argv| {
            let refs: Vec<&[u8]> = argv.iter().map(Vec::as_slice).collect();
            let command = self.find_command(&refs).ok()?;
            Some(self.flags_of(command, &refs))
        })
    }

    /// Refusals that depend on the state of the server.
    fn state_refusal(&mut self, id: u64, command: &Command, flags: u32) -> Option<String> {
        let client = self.client(id);
        let write = flags & flag::WRITE != 0 || (command.name == "exec" && self.queued_has(id, flag::WRITE));
        let normal = client.role != Role::Master;
        // PING too: who watches the server learns of it.
        if (write || command.name == "ping") && normal {
            if self.cannot_persist() {
                return Some("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.".into());
            }
            if write && self.lacks_replicas() {
                return Some("NOREPLICAS Not enough good replicas to write.".into());
            }
        }
        let client = self.client(id);
        if write && normal && self.repl.is_replica() && self.config.bool(config::REPLICA_READ_ONLY) {
            return Some("READONLY You can't write against a read only replica.".into());
        }
        if client.in_pubsub()
            && !client.resp3
            && !matches!(
                command.name,
                "ping"
                    | "subscribe"
                    | "ssubscribe"
                    | "unsubscribe"
                    | "sunsubscribe"
                    | "psubscribe"
                    | "punsubscribe"
                    | "quit"
                    | "reset"
            )
        {
            return Some(format!(
                "ERR Can't execute '{}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
                command.name
            ));
        }
        if self.is_stale() && !self.always_has(id, command, flags, flag::STALE) {
            return Some("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.".into());
        }
        if self.loading && !self.always_has(id, command, flags, flag::LOADING) {
            return Some("LOADING Redis is loading the dataset in memory".into());
        }
        if !command.has(flag::ALLOW_BUSY)
            && let Some(text) = self.script_busy()
        {
            return Some(text.into());
        }
        None
    }

    /// Lets a client wait while CLIENT PAUSE holds.
    fn check_pause(&mut self, id: u64, command: &'static Command, flags: u32, argv: &[&[u8]]) -> Verdict {
        let Some((until, writes_only)) = self.pause else { return Verdict::Go };
        if until < self.now_ms || self.client(id).role != Role::Normal {
            return Verdict::Go;
        }
        let concerned = !writes_only
            || flags & (flag::WRITE | flag::MAY_REPLICATE) != 0
            || (command.name == "exec"
                && (self.queued_has(id, flag::WRITE) || self.queued_has(id, flag::MAY_REPLICATE)));
        let exempt = command.name.starts_with("client|") || (self.client(id).multi.is_some() && command.name != "exec");
        if !concerned || exempt {
            return Verdict::Go;
        }
        self.block(id, BlockedOn::Pause, 0, argv);
        Verdict::Done
    }
}
