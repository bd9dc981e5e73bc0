//! WATCH and the state of transactions.

use super::Server;
use crate::data::text::Text;

impl Server {
    /// A key was changed: watchers' transactions will fail, trackers are told.
    pub fn key_modified(&mut self, db: usize, key: &[u8], by: u64) {
        self.note_changed(db, key);
        if !self.watchers.is_empty() {
            self.touch_watched(db, key);
        }
        if !self.tracking.is_empty() {
            self.invalidate(key, by);
        }
        if self.repl.is_replica() && !self.repl.running_masters_command && !self.loading {
            self.note_own_key(db, key);
        }
    }

    fn touch_watched(&mut self, db: usize, key: &[u8]) {
        let Some(ids) = self.watchers.get(&(db, Text::new(key))).cloned() else { return };
        for id in ids {
            let expired_then =
                self.client(id).watched.iter().any(|(d, k, expired)| *d == db && k.as_bytes() == key && *expired);
            let client = self.client_mut(id);
            if expired_then {
                // It was gone when it was watched; that it is deleted now changes nothing.
                if let Some(entry) = client.watched.iter_mut().find(|(d, k, _)| *d == db && k.as_bytes() == key) {
                    entry.2 = false;
                }
                if self.peek(db, key).is_none() {
                    continue;
                }
            }
            self.client_mut(id).dirty_cas = true;
        }
    }

    /// All keys of some databases are about to go.
    pub fn databases_emptied(&mut self, dbs: &[usize]) {
        for db in dbs {
            self.database_replaced(*db, None);
        }
    }

    /// All keys of a database are about to give way to those of another one, or to nothing.
    pub fn database_replaced(&mut self, db: usize, by: Option<usize>) {
        let places: Vec<(Text, Vec<u64>)> = self
            .watchers
            .iter()
            .filter(|((d, _), _)| *d == db)
            .map(|((_, key), ids)| (key.clone(), ids.iter().copied().collect()))
            .collect();
        for (key, ids) in places {
            let before = self.peek(db, &key).is_some();
            let after = by.is_some_and(|by| self.peek(by, &key).is_some());
            let after_expired = by.is_some_and(|by| self.is_expired(by, &key));
            if !before && !after {
                continue;
            }
            for id in ids {
                let client = self.client_mut(id);
                let Some(watched) = client.watched.iter_mut().find(|(d, k, _)| *d == db && *k == key) else { continue };
                // A key that had expired is as good as none.
                let nothing_before = watched.2 || !before;
                let nothing_after = after_expired || !after;
                if nothing_before && nothing_after {
                    watched.2 = after_expired;
                } else {
                    client.dirty_cas = true;
                }
            }
        }
    }

    /// WATCH of one key.
    pub fn watch(&mut self, id: u64, db: usize, key: &[u8]) {
        let text = Text::new(key);
        let expired = self.is_expired(db, key);
        let client = self.client_mut(id);
        if client.watched.iter().any(|(d, k, _)| *d == db && *k == text) {
            return;
        }
        client.watched.push((db, text.clone(), expired));
        self.watchers.entry((db, text)).or_default().insert(id);
    }

    /// Forgets all watched keys.
    pub fn unwatch_all(&mut self, id: u64) {
        let watched = std::mem::take(&mut self.client_mut(id).watched);
        for (db, key, _) in watched {
            let place = (db, key);
            if let Some(ids) = self.watchers.get_mut(&place) {
                ids.remove(&id);
                if ids.is_empty() {
                    self.watchers.remove(&place);
                }
            }
        }
        self.client_mut(id).dirty_cas = false;
    }

    /// Whether a watched key has expired since.
    pub fn watched_expired(&self, id: u64) -> bool {
        self.client(id).watched.iter().any(|(db, key, expired)| !expired && self.is_expired(*db, key))
    }

    /// Ends a transaction without running it.
    pub fn discard(&mut self, id: u64) {
        self.client_mut(id).multi = None;
        self.unwatch_all(id);
    }
}
