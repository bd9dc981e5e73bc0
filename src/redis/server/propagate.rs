//! Sending changes to the append only file and to replicas: one mechanism for both.

use super::Server;
use crate::commands::{Command, flag};

/// Who gets to know of a change, as a set: the append only file, the replicas.
pub mod target {
    /// The append only file.
    pub const FILE: u8 = 1;
    /// The replicas.
    pub const REPLICAS: u8 = 2;
    /// Both.
    pub const ALL: u8 = FILE | REPLICAS;
}

/// Commands whose effects are sent, not they themselves.
pub(super) fn runs_others(name: &str) -> bool {
    matches!(name, "exec" | "eval" | "evalsha" | "fcall" | "eval_ro" | "evalsha_ro" | "fcall_ro")
}

/// A change to be propagated.
#[derive(Clone, Debug)]
pub struct Noted {
    /// The database.
    pub db: usize,
    /// A command that makes the change.
    pub words: Vec<Vec<u8>>,
    /// Who gets it.
    pub to: u8,
}

impl Server {
    /// Propagates a command that just ran, if it changed anything.
    pub(super) fn propagate_call(&mut self, command: &Command, db: usize, argv: &[&[u8]], changed: bool) {
        let wanted = self.propagates();
        if !wanted {
            if self.depth == 0 {
                self.pending_propagation.clear();
            }
            return;
        }
        // Messages go to the replicas by the stream, but between the nodes of a cluster by the bus.
        let message = command.name == "publish" && !self.hot.cluster;
        let forced = message || command.has(flag::MAY_REPLICATE) && self.rewritten.is_some();
        if (changed || forced) && !self.no_propagate && !runs_others(command.name) {
            let words = match self.rewritten.take() {
                Some(words) => words,
                None => argv.iter().map(|a| a.to_vec()).collect(),
            };
            let to = self.targets & if message { target::REPLICAS } else { target::ALL };
            self.pending_propagation.push(Noted { db, words, to });
        }
        if self.depth == 0 {
            // Keys that SCAN and RANDOMKEY let expire have nothing to do with each other.
            self.flush_propagation(!command.has(flag::TOUCHES_ARBITRARY_KEYS));
        }
    }

    /// Whether anybody wants changes.
    pub fn propagates(&self) -> bool {
        !self.loading && (self.persist.aof_on() || self.repl.feeds() || self.feeds_migration())
    }

    /// Notes a change made by the server itself (expiry, eviction), in order with the others.
    pub fn propagate_now(&mut self, db: usize, words: &[&[u8]]) {
        if !self.propagates() {
            return;
        }
        self.pending_propagation.push(Noted {
            db,
            words: words.iter().map(|w| w.to_vec()).collect(),
            to: self.targets,
        });
        if self.depth == 0 {
            self.flush_propagation(true);
        }
    }

    /// Propagates words beside those of the running command.
    pub fn also_propagate(&mut self, db: usize, words: &[&[u8]]) {
        if self.propagates() {
            self.pending_propagation.push(Noted {
                db,
                words: words.iter().map(|w| w.to_vec()).collect(),
                to: self.targets,
            });
        }
    }

    /// Sends everything noted; several changes of one command travel as a transaction if they belong together.
    fn flush_propagation(&mut self, together: bool) {
        let mut batch = std::mem::take(&mut self.pending_propagation);
        batch.retain(|noted| noted.to != 0);
        let all = batch.iter().fold(0, |all, noted| all | noted.to);
        let wrap = batch.len() > 1 && together;
        if wrap {
            self.feed(None, &[b"MULTI".to_vec()], all);
        }
        for noted in &batch {
            self.feed(Some(noted.db), &noted.words, noted.to);
        }
        if wrap {
            self.feed(None, &[b"EXEC".to_vec()], all);
        }
    }

    /// Propagates words that belong to no database and to no command.
    pub(crate) fn propagate_alone(&mut self, words: &[Vec<u8>]) {
        if self.propagates() {
            self.feed(None, words, target::ALL);
        }
    }

    /// Sends words for a database; for whichever is selected where that makes no difference.
    fn feed(&mut self, db: Option<usize>, words: &[Vec<u8>], to: u8) {
        if to & target::FILE != 0 && self.persist.aof_on() {
            self.feed_aof(db, words);
        }
        if to & target::REPLICAS != 0 {
            self.feed_replicas(db, words);
            if db.is_some() {
                self.feed_migration(words);
            }
        }
    }
}
