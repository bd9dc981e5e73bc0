//! A replica's second connection: its master sends the snapshot over it, and the stream over the first meanwhile.
//!
//! Facts: what a replica of redis-server 8.6.3 sends and says in its log.

use super::{Replication, State};
use crate::config;
use crate::server::outbox::Outbox;
use crate::server::{Action, Server};
use resp::encode_request;
use std::collections::VecDeque;

/// How far the second connection is.
#[derive(Debug)]
enum Step {
    /// Being opened.
    Connecting,
    /// So many replies to AUTH and REPLCONF are awaited.
    Introduced(u8),
    /// The reply to PSYNC is awaited.
    Asked,
    /// The snapshot is being received.
    Receives(Incoming),
}

/// A snapshot that arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// How long it is, where that is known beforehand.
    pub size: Option<usize>,
    /// What its end is marked with, where it is not.
    pub mark: Vec<u8>,
}

impl Incoming {
    /// Takes the whole snapshot off the input, once it is there.
    pub fn take(&self, input: &mut Vec<u8>) -> Option<Vec<u8>> {
        let (len, used) = match self.size {
            Some(size) => (input.len() >= size).then_some((size, size))?,
            None => {
                // Nothing follows it before it is acknowledged: only the end is looked at.
                let len = input.strip_suffix(self.mark.as_slice())?.len();
                (len, input.len())
            }
        };
        let rest = input.split_off(used);
        let mut data = std::mem::replace(input, rest);
        data.truncate(len);
        Some(data)
    }
}

/// The second connection.
#[derive(Debug)]
pub struct Channel {
    conn: u64,
    step: Step,
    input: Vec<u8>,
    output: Outbox,
    /// The number that the master gave the first one.
    main: String,
}

impl Channel {
    /// The snapshot that arrives, and how much of it is there.
    pub(super) fn progress(&self) -> (Option<&Incoming>, usize) {
        match &self.step {
            Step::Receives(incoming) => (Some(incoming), self.input.len()),
            _ => (None, 0),
        }
    }
}

impl Replication {
    /// Whether a connection is the second one with the master.
    pub(super) fn owns_channel(&self, conn: u64) -> bool {
        self.channel.as_ref().is_some_and(|channel| channel.conn == conn)
    }

    /// What goes to the master over the second connection.
    pub(super) fn channel_output(&mut self) -> Option<&mut Outbox> {
        self.channel.as_mut().map(|channel| &mut channel.output)
    }
}

impl Server {
    /// The master wants to send its snapshot over a connection of its own.
    pub(super) fn open_channel(&mut self, main: &str) {
        self.notice("PSYNC is not possible, initialize RDB channel.");
        let Some((host, port)) = self.repl.master.clone() else { return };
        let conn = self.new_link();
        let (input, output) = (Vec::new(), Outbox::default());
        self.repl.channel = Some(Channel { conn, step: Step::Connecting, input, output, main: main.to_owned() });
        self.repl.state = State::Parallel;
        self.actions.push(Action::Connect { conn, host, port });
    }

    /// Closes the second connection.
    pub(super) fn close_channel(&mut self) {
        if let Some(channel) = self.repl.channel.take() {
            self.actions.push(Action::Close(channel.conn));
        }
    }

    fn abort_channel(&mut self) {
        self.notice("Aborting rdb channel sync");
        self.close_link();
        self.repl.state = State::Connect;
    }

    fn tell_over_channel(&mut self, words: &[&str]) {
        if let Some(channel) = &mut self.repl.channel {
            encode_request(channel.output.end(), words);
            self.ready_output.insert(channel.conn);
        }
    }

    fn channel_goes_on(&mut self, step: Step) {
        if let Some(channel) = &mut self.repl.channel {
            channel.step = step;
        }
    }

    /// The second connection is established, or not.
    pub(super) fn channel_connected(&mut self, result: Result<String, String>) {
        if let Err(reason) = result {
            self.warn(&format!("Error condition on socket for SYNC: {reason}"));
            self.repl.channel = None;
            self.abort_channel();
            return;
        }
        let mut replies = 1;
        let (user, password) = (self.config.text(config::MASTERUSER), self.config.text(config::MASTERAUTH));
        let login: Vec<String> = [user, password].iter().filter(|w| !w.is_empty()).map(|w| (*w).to_owned()).collect();
        if !password.is_empty() {
            let words: Vec<&str> = std::iter::once("AUTH").chain(login.iter().map(String::as_str)).collect();
            self.tell_over_channel(&words);
            replies += 1;
        }
        let port = self.told_port().to_string();
        let main = self.repl.channel.as_ref().map(|c| c.main.clone()).unwrap_or_default();
        self.tell_over_channel(&[
            "REPLCONF",
            "capa",
            "eof",
            "rdb-only",
            "1",
            "rdb-channel",
            "1",
            "main-ch-client-id",
            &main,
            "listening-port",
            &port,
        ]);
        self.channel_goes_on(Step::Introduced(replies));
    }

    /// The second connection ended.
    pub(super) fn channel_lost(&mut self) {
        self.repl.channel = None;
        self.abort_channel();
    }

    /// Bytes came over the second connection.
    pub(super) fn channel_received(&mut self, data: &[u8]) {
        if let Some(channel) = &mut self.repl.channel {
            channel.input.extend_from_slice(data);
        }
        while self.channel_step() {}
    }

    /// Deals with one line, or with the whole snapshot. Whether there may be more.
    fn channel_step(&mut self) -> bool {
        let Some(channel) = &mut self.repl.channel else { return false };
        if let Step::Receives(incoming) = &channel.step
            && *incoming != Incoming::default()
        {
            let Some(data) = incoming.take(&mut channel.input) else { return false };
            self.close_channel();
            self.channel_loads(data);
            return false;
        }
        let Some(end) = channel.input.iter().position(|byte| *byte == b'\n') else { return false };
        let line: Vec<u8> = channel.input.drain(..=end).collect();
        let line = String::from_utf8_lossy(line.trim_ascii()).into_owned();
        if line.is_empty() {
            return true;
        }
        match channel.step {
            Step::Introduced(left) if !line.starts_with('-') => {
                if left > 1 {
                    channel.step = Step::Introduced(left - 1);
                } else {
                    channel.step = Step::Asked;
                    self.tell_over_channel(&["PSYNC", "?", "-1"]);
                }
            }
            Step::Asked => return self.channel_accepted(&line),
            Step::Receives(_) if line.starts_with("$EOF:") => {
                self.notice("MASTER <-> REPLICA sync: receiving streamed RDB from master with EOF to disk");
                let mark = line.as_bytes().get(5..).unwrap_or_default().to_vec();
                self.channel_goes_on(Step::Receives(Incoming { size: None, mark }));
            }
            _ => {
                self.warn(&format!("Unexpected reply of the master over the RDB channel: {line}"));
                self.abort_channel();
                return false;
            }
        }
        true
    }

    fn channel_accepted(&mut self, line: &str) -> bool {
        let ["+FULLRESYNC", id, offset] = line.split(' ').collect::<Vec<_>>()[..] else {
            self.warn(&format!("Unexpected reply to PSYNC from master: {line}"));
            self.abort_channel();
            return false;
        };
        self.notice("Starting to receive RDB and replication stream in parallel.");
        if std::mem::take(&mut self.repl.cached) {
            self.repl.discards = true;
        }
        self.repl.id = id.to_owned();
        self.repl.forget_former_id();
        self.repl.offset = offset.parse().unwrap_or(0);
        self.repl.backlog = Some(VecDeque::new());
        self.channel_goes_on(Step::Receives(Incoming::default()));
        true
    }

    /// Loads the snapshot, then what came over the first connection in the meantime.
    fn channel_loads(&mut self, data: Vec<u8>) {
        if std::mem::take(&mut self.repl.discards) {
            self.notice("Discarding previously cached master state.");
        }
        self.repl.parallel = true;
        self.load_from_master(data);
    }

    /// The snapshot is loaded: what came over the first connection in the meantime follows.
    pub(super) fn stream_what_waits(&mut self) {
        let waiting = self.repl.input.len();
        self.notice(&format!(
            "MASTER <-> REPLICA sync: Starting to stream replication buffer into the db ({waiting} bytes)."
        ));
        self.go_online();
        self.follow_stream();
        self.notice(&format!(
            "MASTER <-> REPLICA sync: Successfully streamed replication buffer into the db ({waiting} bytes in total)"
        ));
    }
}
