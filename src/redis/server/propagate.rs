//! Sending changes to the append only file and to replicas: one mechanism for both.

use super::Server;
use crate::commands::{Command, flag};

/// Who gets to know of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The file and the replicas.
    Everybody,
    /// The replicas.
    Replicas,
}

/// A change to be propagated.
#[derive(Clone, Debug)]
pub struct Noted {
    /// The database.
    pub db: usize,
    /// A command that makes the change.
    pub words: Vec<Vec<u8>>,
    /// Who gets it.
    pub to: Target,
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
        if (changed || forced) && !self.no_propagate && !matches!(command.name, "exec" | "eval" | "evalsha" | "fcall") {
            let words = match self.rewritten.take() {
                Some(words) => words,
                None => argv.iter().map(|a| a.to_vec()).collect(),
            };
            let to = if message { Target::Replicas } else { Target::Everybody };
            self.pending_propagation.push(Noted { db, words, to });
        }
        if self.depth == 0 {
            // Keys that SCAN and RANDOMKEY let expire have nothing to do with each other.
            self.flush_propagation(!command.has(flag::TOUCHES_ARBITRARY_KEYS));
        }
    }

    /// Whether anybody wants changes.
    pub fn propagates(&self) -> bool {
        !self.loading && (self.persist.aof_on() || self.repl.feeds())
    }

    /// Notes a change made by the server itself (expiry, eviction), in order with the others.
    pub fn propagate_now(&mut self, db: usize, words: &[&[u8]]) {
        if !self.propagates() {
            return;
        }
        self.pending_propagation.push(Noted {
            db,
            words: words.iter().map(|w| w.to_vec()).collect(),
            to: Target::Everybody,
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
                to: Target::Everybody,
            });
        }
    }

    /// Sends everything noted; several changes of one command travel as a transaction if they belong together.
    fn flush_propagation(&mut self, together: bool) {
        let batch = std::mem::take(&mut self.pending_propagation);
        let wrap = batch.len() > 1 && together;
        if wrap {
            self.feed(None, &[b"MULTI".to_vec()]);
        }
        for noted in &batch {
            match noted.to {
                Target::Everybody => self.feed(Some(noted.db), &noted.words),
                Target::Replicas => self.feed_replicas(Some(noted.db), &noted.words),
            }
        }
        if wrap {
            self.feed(None, &[b"EXEC".to_vec()]);
        }
    }

    /// Sends words for a database; for whichever is selected where that makes no difference.
    fn feed(&mut self, db: Option<usize>, words: &[Vec<u8>]) {
        if self.persist.aof_on() {
            self.feed_aof(db, words);
        }
        self.feed_replicas(db, words);
    }
}
