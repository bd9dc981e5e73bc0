//! The log of refusals that ACL LOG shows.

use std::collections::VecDeque;

/// Why something was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The command.
    Command,
    /// A key.
    Key,
    /// A channel.
    Channel,
    /// The password.
    Auth,
}

impl Reason {
    /// As ACL LOG names it.
    pub fn name(self) -> &'static str {
        match self {
            Reason::Command => "command",
            Reason::Key => "key",
            Reason::Channel => "channel",
            Reason::Auth => "auth",
        }
    }
}

/// Where the command was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// By itself.
    Toplevel,
    /// In a transaction.
    Multi,
    /// In a script.
    Lua,
}

impl Context {
    /// As ACL LOG names it.
    pub fn name(self) -> &'static str {
        match self {
            Context::Toplevel => "toplevel",
            Context::Multi => "multi",
            Context::Lua => "lua",
        }
    }
}

/// An entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// How often this happened.
    pub count: u64,
    /// Why.
    pub reason: Reason,
    /// Where.
    pub context: Context,
    /// The command, key or channel.
    pub object: Vec<u8>,
    /// Who.
    pub user: String,
    /// The client, as CLIENT LIST shows it.
    pub client: String,
    /// Its number.
    pub id: u64,
    /// When it first happened, in Unix milliseconds.
    pub created: i64,
    /// When it last happened, in Unix milliseconds.
    pub updated: i64,
}

/// The log, newest first.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Its entries.
    pub entries: VecDeque<Entry>,
    next: u64,
}

/// Equal refusals within so many milliseconds are one entry.
const GROUPED_MS: i64 = 60_000;
/// How many entries are looked at for an equal one.
const LOOKED_AT: usize = 10;

impl Log {
    /// Adds an entry, or counts it with an equal one; at most `most` are kept.
    pub fn add(&mut self, mut entry: Entry, most: usize) {
        if most > 0 {
            let same = |old: &Entry| {
                old.reason == entry.reason
                    && old.context == entry.context
                    && (old.updated - entry.updated).abs() <= GROUPED_MS
                    && old.object == entry.object
                    && old.user == entry.user
            };
            let found = self.entries.iter().take(LOOKED_AT).position(same);
            if let Some(mut old) = found.and_then(|at| self.entries.remove(at)) {
                old.count += 1;
                old.updated = entry.updated;
                old.client = entry.client;
                self.entries.push_front(old);
                return;
            }
            entry.id = self.next;
            self.next += 1;
            self.entries.push_front(entry);
        }
        self.entries.truncate(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(object: &str, at: i64) -> Entry {
        Entry {
            count: 1,
            reason: Reason::Key,
            context: Context::Toplevel,
            object: object.into(),
            user: "a".into(),
            client: String::new(),
            id: 0,
            created: at,
            updated: at,
        }
    }

    #[test]
    fn equal_refusals_are_counted_together_for_a_minute() {
        let mut log = Log::default();
        log.add(entry("x", 0), 10);
        log.add(entry("y", 1), 10);
        log.add(entry("x", 60_000), 10);
        assert_eq!((log.entries.len(), log.entries[0].count, log.entries[0].created), (2, 2, 0));
        log.add(entry("x", 130_000), 10);
        assert_eq!((log.entries.len(), log.entries[0].id), (3, 2));
        log.add(entry("z", 130_000), 2);
        assert_eq!(log.entries.len(), 2);
        log.add(entry("z", 130_000), 0);
        assert!(log.entries.is_empty());
    }
}
