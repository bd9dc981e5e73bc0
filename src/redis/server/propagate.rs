//! Sending changes to the append only file and to replicas: one mechanism for both.

use super::Server;
use crate::commands::{Command, flag};

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
        let forced = command.has(flag::MAY_REPLICATE) && self.rewritten.is_some();
        if (changed || forced)
            && !self.no_propagate
            && !matches!(command.name, "exec" | "eval" | "evalsha" | "fcall" | "publish" | "spublish")
        {
            let words = match self.rewritten.take() {
                Some(words) => words,
                None => argv.iter().map(|a| a.to_vec()).collect(),
            };
            self.pending_propagation.push((db, words));
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
        self.pending_propagation.push((db, words.iter().map(|w| w.to_vec()).collect()));
        if self.depth == 0 {
            self.flush_propagation(true);
        }
    }

    /// Propagates words beside those of the running command.
    pub fn also_propagate(&mut self, db: usize, words: &[&[u8]]) {
        if self.propagates() {
            self.pending_propagation.push((db, words.iter().map(|w| w.to_vec()).collect()));
        }
    }

    /// Sends everything noted; several changes of one command travel as a transaction if they belong together.
    fn flush_propagation(&mut self, together: bool) {
        let batch = std::mem::take(&mut self.pending_propagation);
        let wrap = batch.len() > 1 && together;
        if wrap {
            self.feed(None, &[b"MULTI".to_vec()]);
        }
        for (db, words) in &batch {
            self.feed(Some(*db), words);
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
