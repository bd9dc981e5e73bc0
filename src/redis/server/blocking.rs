//! Clients that wait: for keys, for replicas, for a pause to end.
//!
//! A client that waits for keys keeps its command; when a key changes, the command runs again.

use super::Server;
use super::client::{Blocked, BlockedOn};
use super::cx::{Cx, Fail, Res, err};
use super::decimal;
use crate::data::text::Text;
use crate::keyspace::{Kind, Value};

impl Cx<'_> {
    /// A timeout in seconds, as Unix milliseconds; 0 for never.
    pub fn timeout(&self, n: usize) -> Result<i64, Fail> {
        // Redis reads it as a number of 80 bits, which may be larger than any of 64.
        let seconds =
            match (self.float_or(n, "ERR timeout is not a float or out of range"), decimal::finite(self.arg(n))) {
                (Err(_), Some(true)) if self.arg(n).starts_with(b"-") => f64::NEG_INFINITY,
                (Err(_), Some(true)) => f64::INFINITY,
                (read, _) => read?,
            };
        if seconds < 0.0 {
            return Err("ERR timeout is negative".into());
        }
        let ms = (seconds * 1000.0).ceil();
        if ms >= (i64::MAX - self.s.now_ms) as f64 {
            return Err("ERR timeout is out of range".into());
        }
        Ok(if ms == 0.0 { 0 } else { self.s.now_ms + ms as i64 })
    }

    /// A timeout in milliseconds, as Unix milliseconds; 0 for never.
    pub fn timeout_ms(&self, n: usize) -> Result<i64, Fail> {
        let ms = self.int_or(n, "ERR timeout is not an integer or out of range")?;
        if ms < 0 {
            return Err("ERR timeout is negative".into());
        }
        if ms == 0 {
            return Ok(0);
        }
        ms.checked_add(self.s.now_ms).ok_or("ERR timeout is out of range".into())
    }

    /// Lets the client wait until one of `keys`, of that type, changes. The command runs again then.
    pub fn block_on(&mut self, keys: &[&[u8]], until: i64, kind: Kind) {
        let keys = keys.iter().map(|k| Text::new(k)).collect();
        let argv = self.argv;
        self.s.block(self.client, BlockedOn::Keys { keys, kind, gone: false }, until, argv);
    }
}

impl Server {
    /// Lets a client wait.
    pub fn block(&mut self, id: u64, on: BlockedOn, until: i64, argv: &[&[u8]]) {
        let since = self.host.mono_us();
        let client = self.client_mut(id);
        let db = client.db;
        let (until, since) = self.again.unwrap_or((until, since));
        if let BlockedOn::Keys { keys, .. } = &on {
            for key in keys {
                let queue = self.waiting.entry((db, key.clone())).or_default();
                if !queue.contains(&id) {
                    queue.push_back(id);
                }
            }
        }
        let argv = argv.iter().map(|a| a.to_vec()).collect();
        let redacted = self.redacted.clone();
        self.client_mut(id).blocked = Some(Blocked { on, until, argv, redacted, db, since });
        self.waiters.insert(id);
    }

    /// The clients that wait, and for what.
    pub fn blocked(&self) -> impl Iterator<Item = (u64, &Blocked)> {
        self.waiters.iter().filter_map(|id| Some((*id, self.client(*id).blocked.as_ref()?)))
    }

    /// Ends a client's wait without any reply.
    pub fn unblock(&mut self, id: u64) -> Option<Blocked> {
        let blocked = self.clients.get_mut(&id)?.blocked.take()?;
        self.waiters.remove(&id);
        if let BlockedOn::Keys { keys, .. } = &blocked.on {
            for key in keys {
                let place = (blocked.db, key.clone());
                if let Some(queue) = self.waiting.get_mut(&place) {
                    queue.retain(|c| *c != id);
                    if queue.is_empty() {
                        self.waiting.remove(&place);
                    }
                }
            }
        }
        self.unblocked.push_back(id);
        Some(blocked)
    }

    /// A key came or got something: somebody may wait for it.
    pub fn signal_ready(&mut self, db: usize, key: &[u8]) {
        if self.waiting.is_empty() {
            return;
        }
        let place = (db, Text::new(key));
        if self.waiting.contains_key(&place) && !self.ready_keys.contains(&place) {
            self.ready_keys.push_back(place);
        }
    }

    /// How many keys somebody waits for who wants to know when the key goes.
    pub fn keys_waited_on_when_gone(&self) -> usize {
        let wants = |id: &u64| {
            let on = self.client(*id).blocked.as_ref().map(|b| &b.on);
            matches!(on, Some(BlockedOn::Keys { gone: true, .. }))
        };
        self.waiting.values().filter(|queue| queue.iter().any(wants)).count()
    }

    /// A key went: those who read a stream's group want to know.
    pub fn signal_gone(&mut self, db: usize, key: &[u8], value: &Value) {
        if !self.waiting.is_empty() && matches!(value, Value::Stream(_)) {
            self.signal_ready(db, key);
        }
    }

    /// Runs the commands of those who wait for keys that changed.
    pub fn serve_ready_keys(&mut self) {
        if self.depth > 0 || self.asleep() {
            return;
        }
        let mut rounds = 0;
        while let Some(place) = self.ready_keys.pop_front() {
            rounds += 1;
            if rounds > 100_000 {
                break;
            }
            let Some(queue) = self.waiting.get(&place) else { continue };
            let all: Vec<u64> = queue.iter().copied().collect();
            for id in all {
                // A key whose time has come is gone, but stays where it is until somebody uses it.
                let there = !self.is_expired(place.0, &place.1);
                let found = self.peek(place.0, &place.1).filter(|_| there).map(Value::kind);
                let Some(Blocked { on: BlockedOn::Keys { kind, gone, .. }, .. }) = &self.client(id).blocked else {
                    continue;
                };
                if found != Some(*kind) && !gone {
                    continue;
                }
                self.retry(id);
            }
        }
    }

    /// Runs a waiting client's command again. It may wait on.
    fn retry(&mut self, id: u64) {
        let Some(blocked) = self.client(id).blocked.clone() else { return };
        let refs: Vec<&[u8]> = blocked.argv.iter().map(Vec::as_slice).collect();
        let Ok(command) = self.find_command(&refs) else { return };
        if let Err(text) = self.acl_check(id, command, &refs) {
            self.unblock(id);
            self.reject_later(id, command, &text);
            return;
        }
        let Some(client) = self.clients.get_mut(&id) else { return };
        let mut out = std::mem::take(&mut client.out);
        out.resp3 = client.resp3;
        let was = std::mem::replace(&mut client.db, blocked.db);
        client.blocked = None;
        self.again = Some((blocked.until, blocked.since));
        self.call(id, command, &refs, &mut out, false);
        self.again = None;
        let client = self.client_mut(id);
        client.db = was;
        out.buf.append(&mut client.out.buf);
        if client.blocked.is_none() {
            out.buf.append(&mut client.pending_push);
            client.blocked = Some(blocked);
            client.out = out;
            self.unblock(id);
            self.count_request(id, Some(command));
            self.ready_output.insert(id);
        } else {
            client.out = out;
        }
    }

    /// Wakes those who wait to claim pending entries of streams, once the time has come.
    pub fn check_claims(&mut self) {
        let due: Vec<(usize, Text)> =
            self.claimable.iter().filter(|(_, when)| **when <= self.now_ms).map(|(place, _)| place.clone()).collect();
        for place in due {
            self.claimable.remove(&place);
            self.signal_ready(place.0, &place.1);
        }
    }

    /// Gives up for those whose time is over.
    pub fn check_timeouts(&mut self) {
        let now = self.now_ms;
        let late: Vec<u64> = self.blocked().filter(|(_, b)| b.until > 0 && b.until <= now).map(|(id, _)| id).collect();
        for id in late {
            self.give_up(id);
        }
        if self.pause.is_some_and(|(until, _)| until < now) {
            self.end_pause();
        }
    }

    /// The reply of a command that waited in vain.
    pub fn give_up(&mut self, id: u64) {
        let Some(blocked) = self.unblock(id) else { return };
        self.account_for_waiting(id, &blocked, false);
        self.count_request(id, None);
        let mut out = std::mem::take(&mut self.client_mut(id).out);
        out.resp3 = self.client(id).resp3;
        match &blocked.on {
            BlockedOn::Keys { .. } => out.null_array(),
            BlockedOn::Replicas { offset, aof, .. } => {
                self.answer_wait(&mut out, *offset, aof.is_some());
            }
            BlockedOn::Loading => out.ok(),
            BlockedOn::Pause | BlockedOn::Shutdown | BlockedOn::Migration => {}
        }
        self.client_mut(id).out = out;
        self.ready_output.insert(id);
    }

    /// Counts the command of a client that waited and did not run again.
    pub fn account_for_waiting(&mut self, id: u64, blocked: &Blocked, failed: bool) {
        let words: Vec<&[u8]> = blocked.argv.iter().map(Vec::as_slice).collect();
        if let (Ok(command), false) = (self.find_command(&words), matches!(blocked.on, BlockedOn::Pause)) {
            let micros = (self.host.mono_us() - blocked.since).max(0);
            let saved = std::mem::replace(&mut self.redacted, blocked.redacted.clone());
            self.account(id, command, &words, micros, failed, false);
            self.redacted = saved;
        }
    }

    /// Lets paused clients go on: their commands run now.
    pub fn end_pause(&mut self) {
        self.pause = None;
        let paused: Vec<u64> =
            self.blocked().filter(|(_, b)| matches!(b.on, BlockedOn::Pause)).map(|(id, _)| id).collect();
        for id in paused {
            if let Some(blocked) = self.unblock(id) {
                let refs: Vec<&[u8]> = blocked.argv.iter().map(Vec::as_slice).collect();
                self.execute(id, &refs);
            }
        }
    }

    /// Ends the waiting of everybody with an error: the server's role changed.
    pub fn unblock_all(&mut self, text: &str) {
        let waits = |on: &BlockedOn| matches!(on, BlockedOn::Keys { .. } | BlockedOn::Replicas { .. });
        let waiting: Vec<u64> = self.blocked().filter(|(_, b)| waits(&b.on)).map(|(id, _)| id).collect();
        for id in waiting {
            self.end_waiting(id, text);
        }
    }

    /// Ends a client's waiting with an error.
    pub fn end_waiting(&mut self, id: u64, text: &str) {
        if let Some(blocked) = self.unblock(id) {
            self.account_for_waiting(id, &blocked, true);
            self.count_error(text.as_bytes());
            self.client_mut(id).out.error(text);
            self.ready_output.insert(id);
        }
    }

    /// When the next waiting client gives up, in Unix milliseconds.
    pub fn next_timeout(&self) -> Option<i64> {
        let clients = self.blocked().map(|(_, b)| b.until).filter(|t| *t > 0);
        clients.chain(self.pause.map(|p| p.0.saturating_add(1))).chain(self.claimable.values().copied()).min()
    }
}

/// Keys of a command that takes `numkeys key [key …]` from word `at` on: the keys, and the place
/// after them.
pub fn numbered_keys<'a>(cx: &Cx<'a>, at: usize) -> Result<(Vec<&'a [u8]>, usize), Fail> {
    let count = cx.int_or(at, "ERR numkeys should be greater than 0")?;
    if count <= 0 {
        return Err("ERR numkeys should be greater than 0".into());
    }
    let end = usize::try_from(count).ok().and_then(|n| n.checked_add(at + 1)).filter(|end| *end <= cx.argc());
    let Some(end) = end else { return Err(err::SYNTAX.into()) };
    Ok((cx.argv[at + 1..end].to_vec(), end))
}

/// What commands return when they only may write to a RESP reply.
pub type Outcome = Res;

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn what_is_wrong_with_a_timeout_is_told_last() {
        let mut bench = Bench::start("");
        for (line, reply) in [
            ("BLMPOP -1 0 l LEFT", "ERR numkeys should be greater than 0"),
            ("BZMPOP nan 1 z MIN COUNT 0", "ERR count should be greater than 0"),
            ("BLMPOP -1 1 l LEFT", "ERR timeout is negative"),
            ("BLPOP l 1e400", "ERR timeout is out of range"),
            ("BLPOP l -1e400", "ERR timeout is negative"),
            ("BLPOP l 1e5000", "ERR timeout is not a float or out of range"),
        ] {
            assert_eq!(bench.run(line), reply, "{line}");
        }
    }

    #[test]
    fn who_waited_in_vain_gets_no_array() {
        for line in ["BLPOP l 1", "BLMOVE l m LEFT LEFT 1", "BRPOPLPUSH l m 1", "BZPOPMIN z 1", "BLMPOP 1 1 l LEFT"] {
            let mut bench = Bench::start("");
            let client = bench.connect();
            assert_eq!(bench.ask(client, &line.split(' ').collect::<Vec<_>>()), "");
            bench.pass(1200);
            assert_eq!(bench.ask(client, &["PING"]), "*-1\r\n+PONG\r\n", "{line}");
        }
    }
}
