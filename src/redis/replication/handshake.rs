//! The replica's side, first part: connecting to the master and agreeing with it on where its stream goes on.

use super::channel::Incoming;
use super::{State, Step};
use crate::config;
use crate::server::{Action, Server};
use resp::encode_request;
use std::collections::VecDeque;

impl Server {
    /// Asks for a connection with the master; `verb` is how the log begins.
    pub(super) fn connect_to_master(&mut self, verb: &str) {
        let Some((host, port)) = self.repl.master.clone() else { return };
        self.notice(&format!("{verb} {host}:{port}"));
        self.notice("MASTER <-> REPLICA sync started");
        let conn = self.new_link();
        self.repl.conn = Some(conn);
        self.repl.syncs.0 += 1;
        self.repl.syncs.1 += 1;
        self.repl.state = State::Connecting;
        self.repl.last_io = self.now_ms;
        self.actions.push(Action::Connect { conn, host, port });
    }

    /// The connection with the master is established, or not.
    pub(crate) fn master_connected(&mut self, conn: u64, result: Result<String, String>) {
        if self.repl.owns_channel(conn) {
            self.channel_connected(result);
            return;
        }
        if let Err(reason) = result {
            self.warn(&format!("Error condition on socket for SYNC: {reason}"));
            self.repl.conn = None;
            self.repl.state = State::Connect;
            return;
        }
        self.notice("Non blocking connect for SYNC fired the event.");
        self.repl.last_io = self.now_ms;
        self.repl.state = State::Handshake(VecDeque::from([Step::Ping]));
        self.tell_master(&["PING"]);
    }

    /// Sends the master a request.
    pub(super) fn tell_master(&mut self, words: &[&str]) {
        encode_request(self.repl.output.end(), words);
        if let Some(conn) = self.repl.conn {
            self.ready_output.insert(conn);
        }
    }

    /// A line that the master sent, without its end, once it is whole.
    pub(super) fn take_line(&mut self) -> Option<String> {
        let end = self.repl.input.iter().position(|c| *c == b'\n')?;
        let line: Vec<u8> = self.repl.input.drain(..=end).collect();
        Some(String::from_utf8_lossy(line.trim_ascii()).into_owned())
    }

    /// The master answered a step of the handshake.
    pub(super) fn handshake_reply(&mut self, mut steps: VecDeque<Step>) {
        let Some(line) = self.take_line() else { return };
        if line.is_empty() {
            return;
        }
        let Some(step) = steps.pop_front() else { return };
        self.repl.state = State::Handshake(steps);
        match step {
            Step::Ping => {
                let refused = line.starts_with('-')
                    && !line.starts_with("-NOAUTH")
                    && !line.starts_with("-NOPERM")
                    && !line.starts_with("-ERR operation not permitted");
                if refused {
                    self.warn(&format!("Error reply to PING from master: '{line}'"));
                    self.give_up_master();
                    return;
                }
                self.notice("Master replied to PING, replication can continue...");
                self.introduce();
            }
            Step::Auth if line.starts_with('-') => {
                self.warn(&format!("Unable to AUTH to MASTER: {line}"));
                self.give_up_master();
            }
            Step::Auth | Step::Conf => {
                if matches!(&self.repl.state, State::Handshake(steps) if steps.is_empty()) {
                    self.ask_for_stream();
                }
            }
            Step::Psync => self.psync_reply(&line),
        }
    }

    /// The port that a master is told.
    pub(super) fn told_port(&self) -> i64 {
        match self.config.int(config::REPLICA_ANNOUNCE_PORT) {
            0 => self.config.int(config::PORT),
            given => given,
        }
    }

    fn introduce(&mut self) {
        let mut steps = VecDeque::new();
        let password = self.config.text(config::MASTERAUTH).to_owned();
        let user = self.config.text(config::MASTERUSER).to_owned();
        if !password.is_empty() {
            if user.is_empty() {
                self.tell_master(&["AUTH", &password]);
            } else {
                self.tell_master(&["AUTH", &user, &password]);
            }
            steps.push_back(Step::Auth);
        }
        self.tell_master(&["REPLCONF", "listening-port", &self.told_port().to_string()]);
        steps.push_back(Step::Conf);
        let ip = self.config.text(config::REPLICA_ANNOUNCE_IP).to_owned();
        if !ip.is_empty() {
            self.tell_master(&["REPLCONF", "ip-address", &ip]);
            steps.push_back(Step::Conf);
        }
        if self.config.bool(config::REPL_RDB_CHANNEL) {
            self.tell_master(&["REPLCONF", "capa", "eof", "capa", "psync2", "capa", "rdb-channel-repl"]);
        } else {
            self.tell_master(&["REPLCONF", "capa", "eof", "capa", "psync2"]);
        }
        steps.push_back(Step::Conf);
        self.repl.state = State::Handshake(steps);
    }

    /// PSYNC, which a master only takes once it has nothing else to say.
    fn ask_for_stream(&mut self) {
        self.repl.state = State::Handshake(VecDeque::from([Step::Psync]));
        if self.repl.cached {
            let (id, offset) = (self.repl.id.clone(), (self.repl.offset + 1).to_string());
            self.notice(&format!("Trying a partial resynchronization (request {id}:{offset})."));
            let words = ["PSYNC", &id, &offset, "FAILOVER"];
            let takes_over = self.repl.failover.is_some();
            self.tell_master(if takes_over { &words } else { &words[..3] });
        } else {
            self.notice("Partial resynchronization not possible (no cached master)");
            self.tell_master(&["PSYNC", "?", "-1"]);
        }
    }

    fn psync_reply(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        self.failover_answered(line.starts_with('+'));
        if !self.repl.is_replica() {
            return;
        }
        match words.as_slice() {
            ["+FULLRESYNC", id, offset] if id.len() == 40 => {
                self.notice(&format!("Full resync from master: {id}:{offset}"));
                self.repl.id = (*id).to_owned();
                self.repl.id2 = "0".repeat(40);
                self.repl.second_offset = -1;
                self.repl.offset = offset.parse().unwrap_or(0);
                self.repl.backlog = Some(VecDeque::new());
                self.repl.cached = false;
                self.repl.state = State::Transfer(Incoming::default());
            }
            ["+RDBCHANNELSYNC", main] => self.open_channel(main),
            ["+CONTINUE", rest @ ..] => {
                self.notice("Successful partial resynchronization with master.");
                if let Some(id) = rest.first().filter(|id| id.len() == 40 && **id != self.repl.id) {
                    self.notice(&format!("Master replication ID changed to {id}"));
                    self.repl.shift_id((*id).to_owned());
                    // This server's own replicas have to hear of it.
                    for id in self.repl.replicas.clone() {
                        self.drop_client(id);
                    }
                }
                self.notice("MASTER <-> REPLICA sync: Master accepted a Partial Resynchronization.");
                self.go_online();
            }
            _ => {
                self.warn(&format!("Unexpected reply to PSYNC from master: {line}"));
                self.give_up_master();
            }
        }
    }

    /// Lets the link go; it is tried again later.
    pub(super) fn give_up_master(&mut self) {
        self.close_link();
        self.repl.state = State::Connect;
    }
}
