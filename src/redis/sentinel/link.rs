//! The two connections with an instance: one for commands, one to listen to the hello channel.

use super::{Id, Watch};
use crate::server::Action;
use crate::server::outbox::Outbox;
use resp::encode_request;
use std::collections::VecDeque;

/// Which of the two connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Requests and replies.
    Commands,
    /// Messages of the hello channel.
    Messages,
}

/// What a reply is for.
#[derive(Clone, Copy, Debug)]
pub enum Expect {
    /// It does not matter.
    Nothing,
    /// PING
    Ping(Id),
    /// INFO
    Info(Id),
    /// PUBLISH of a hello.
    Published(Id),
    /// SENTINEL IS-MASTER-DOWN-BY-ADDR
    Opinion(Id),
}

/// A connection.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its number.
    pub conn: u64,
    /// Whether it is established.
    pub up: bool,
    /// Its own address, once it is.
    pub local: String,
    pub(super) input: Vec<u8>,
    pub(super) output: Outbox,
    pub(super) expects: VecDeque<Expect>,
    /// When it was begun.
    pub since: i64,
}

/// Both connections, and what tells whether the other side is alive.
#[derive(Clone, Debug)]
pub struct Link {
    /// How many instances share it.
    pub refs: i64,
    /// A connection is missing.
    pub disconnected: bool,
    /// Requests without a reply.
    pub pending: i64,
    /// For requests.
    pub commands: Option<Line>,
    /// For messages.
    pub messages: Option<Line>,
    /// When the last message came.
    pub heard: i64,
    /// When PING was last answered well.
    pub last_avail: i64,
    /// When the PING was sent that is not answered; 0 if there is none.
    pub act_ping: i64,
    /// When the last PING was sent.
    pub last_ping: i64,
    /// When PING was last answered at all.
    pub last_pong: i64,
    /// When connecting was last tried.
    pub last_reconnect: i64,
}

impl Link {
    /// Not connected, and counting from now.
    pub fn new(now: i64) -> Link {
        Link {
            refs: 1,
            disconnected: true,
            pending: 0,
            commands: None,
            messages: None,
            heard: 0,
            last_avail: now,
            act_ping: now,
            last_ping: 0,
            last_pong: now,
            last_reconnect: 0,
        }
    }

    /// One of the connections.
    pub fn line(&mut self, way: Way) -> &mut Option<Line> {
        match way {
            Way::Commands => &mut self.commands,
            Way::Messages => &mut self.messages,
        }
    }
}

impl Watch<'_> {
    /// Begins to connect with an instance.
    pub(super) fn open_line(&mut self, id: Id, way: Way) {
        let (conn, now) = (self.server.new_link(), self.now());
        let (addr, link) = (self.me.at(id).addr.clone(), self.me.at(id).link);
        self.me.sockets.insert(conn, (link, way));
        let line = Line {
            conn,
            up: false,
            local: String::new(),
            input: Vec::new(),
            output: Outbox::default(),
            expects: VecDeque::new(),
            since: now,
        };
        *self.me.link_mut(id).line(way) = Some(line);
        self.server.actions.push(Action::Connect { conn, host: addr.ip, port: addr.port });
    }

    /// Closes a connection of a link; it is opened again before long.
    pub(super) fn close_line(&mut self, link: u32, way: Way) {
        let Some(link) = self.me.links.get_mut(&link) else { return };
        let Some(line) = link.line(way).take() else { return };
        link.disconnected = true;
        if way == Way::Commands {
            link.pending = 0;
        }
        self.me.sockets.remove(&line.conn);
        self.server.ready_output.remove(&line.conn);
        self.server.actions.push(Action::Close(line.conn));
    }

    /// Closes both.
    pub(super) fn close_lines(&mut self, id: Id) {
        let link = self.me.at(id).link;
        self.close_line(link, Way::Commands);
        self.close_line(link, Way::Messages);
    }

    /// Sends a request to an instance, whose reply is for `expect`. False where there is no connection.
    pub(super) fn send(&mut self, id: Id, way: Way, words: &[&str], expect: Expect) -> bool {
        let sent = self.put(id, way, words);
        let link = self.me.link_mut(id);
        if let (true, Some(line)) = (sent, link.line(way)) {
            line.expects.push_back(expect);
            link.pending += 1;
        }
        sent
    }

    /// Sends a request that has no reply of its own.
    pub(super) fn put(&mut self, id: Id, way: Way, words: &[&str]) -> bool {
        let first = words.first().copied().unwrap_or_default().to_ascii_lowercase();
        let master = self.me.at(self.me.master_of(id));
        let first = match master.renamed.get(&first) {
            Some((_, new)) => new.clone(),
            None => words.first().copied().unwrap_or_default().to_owned(),
        };
        let Some(line) = self.me.link_mut(id).line(way) else { return false };
        let mut all: Vec<Vec<u8>> = words.iter().map(|word| machine::text::to_bytes(word)).collect();
        if let Some(word) = all.first_mut() {
            *word = first.into_bytes();
        }
        encode_request(line.output.end(), &all);
        if line.up {
            let conn = line.conn;
            self.server.ready_output.insert(conn);
        }
        true
    }

    /// An instance gives its link up; the last one closes it.
    pub(super) fn release_link(&mut self, id: Id) {
        let number = self.me.at(id).link;
        let Some(link) = self.me.links.get_mut(&number) else { return };
        link.refs -= 1;
        if link.refs == 0 {
            self.close_lines(id);
            self.me.links.remove(&number);
        }
    }

    /// A Sentinel that also watches another master is the same one: its instances share a link.
    pub(super) fn share_link(&mut self, id: Id) {
        let (master, run_id) = (self.me.at(id).master, self.me.at(id).run_id.clone());
        if run_id.is_none() || self.me.link_of(id).refs > 1 {
            return;
        }
        let others = self.me.all_masters().into_iter().filter(|other| Some(*other) != master);
        let twin = others
            .flat_map(|other| self.me.sentinels_of(other))
            .find(|other| *other != id && self.me.at(*other).run_id == run_id);
        if let Some(twin) = twin {
            self.release_link(id);
            let link = self.me.at(twin).link;
            self.me.at_mut(id).link = link;
            self.me.link_mut(id).refs += 1;
        }
    }

    /// Closes the connections with a master and its replicas.
    pub(super) fn drop_connections(&mut self, master: Id) {
        self.close_lines(master);
        for replica in self.me.replicas_of(master) {
            self.close_lines(replica);
        }
    }

    /// Closes the connections with all other Sentinels.
    pub(super) fn drop_sentinels(&mut self) {
        for master in self.me.all_masters() {
            for other in self.me.sentinels_of(master) {
                if !self.me.link_of(other).disconnected {
                    self.close_lines(other);
                }
            }
        }
    }
}
