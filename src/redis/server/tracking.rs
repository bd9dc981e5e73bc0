//! Client side caching: who may have which key in its cache, and telling them that it changed.

use super::Server;
use crate::commands::{Command, flag, key_specs};
use crate::config;
use resp::Reply;
use std::collections::{BTreeMap, BTreeSet};

/// The clients that track keys with one prefix (BCAST).
#[derive(Clone, Debug, Default)]
pub struct Prefix {
    /// The clients.
    pub clients: BTreeSet<u64>,
    /// Keys that changed since the last message, and the client that changed each.
    changed: BTreeMap<Vec<u8>, u64>,
}

/// Which client may have which key in its cache.
#[derive(Clone, Debug, Default)]
pub struct TrackingTable {
    /// By key.
    pub keys: BTreeMap<Vec<u8>, BTreeSet<u64>>,
    /// By prefix, for BCAST.
    pub prefixes: BTreeMap<Vec<u8>, Prefix>,
    /// Clients that track.
    pub clients: BTreeSet<u64>,
    /// How often in a row the table was found too large.
    over: usize,
}

impl TrackingTable {
    /// Whether nobody tracks, nor is any key of one who did so left.
    pub fn is_empty(&self) -> bool {
        self.clients.is_empty() && self.keys.is_empty()
    }

    /// A client goes or stops tracking. Keys that it read are forgotten when they change.
    pub fn forget(&mut self, id: u64) {
        if !self.clients.remove(&id) {
            return;
        }
        self.prefixes.retain(|_, prefix| {
            prefix.clients.remove(&id);
            !prefix.clients.is_empty()
        });
    }

    /// A client wants to hear of all keys with this prefix.
    pub fn add_prefix(&mut self, id: u64, prefix: &[u8]) {
        self.prefixes.entry(prefix.to_vec()).or_default().clients.insert(id);
    }
}

impl Server {
    /// Remembers the keys that a tracking client read.
    pub(super) fn track_reads(&mut self, id: u64, command: &'static Command, argv: &[&[u8]]) {
        if self.tracking.is_empty() {
            return;
        }
        let tracking = &self.client(id).tracking;
        let script = matches!(command.name, "eval_ro" | "evalsha_ro" | "fcall_ro");
        if !tracking.on || tracking.bcast || script || !command.has(flag::READONLY) || command.has(flag::PUBSUB) {
            return;
        }
        if (tracking.optin && !tracking.caching) || (tracking.optout && tracking.caching) {
            return;
        }
        for key in key_specs::of(command, argv).unwrap_or_default() {
            self.tracking.keys.entry(argv[key.at].to_vec()).or_default().insert(id);
        }
    }

    /// Tells trackers that a key changed; `by` is the client that changed it.
    pub fn invalidate(&mut self, key: &[u8], by: u64) {
        for (prefix, state) in &mut self.tracking.prefixes {
            if key.starts_with(prefix) {
                state.changed.insert(key.to_vec(), by);
            }
        }
        for id in self.tracking.keys.remove(key).unwrap_or_default() {
            let tracking = &self.client(id).tracking;
            if !tracking.on || tracking.bcast || (tracking.noloop && (id == by || self.runs_for(id))) {
                continue;
            }
            let mut keys = Reply::default();
            keys.array(1);
            keys.bulk(key);
            self.send_invalidation(id, Some(&keys.buf));
        }
    }

    /// Tells trackers that everything changed.
    pub fn invalidate_all(&mut self) {
        self.tracking.keys.clear();
        for id in self.tracking.clients.clone() {
            self.send_invalidation(id, None);
        }
    }

    /// Sends what BCAST clients are to hear of since the last time: one message for each prefix.
    pub(super) fn broadcast_invalidations(&mut self) {
        if self.tracking.prefixes.is_empty() {
            return;
        }
        let mut all = Vec::new();
        for state in self.tracking.prefixes.values_mut().filter(|s| !s.changed.is_empty()) {
            all.push((state.clients.clone(), std::mem::take(&mut state.changed)));
        }
        for (clients, changed) in all {
            let everything = array_of(changed.keys());
            for id in clients {
                if !self.client(id).tracking.noloop {
                    self.send_invalidation(id, Some(&everything));
                    continue;
                }
                let others: Vec<&Vec<u8>> = changed.iter().filter(|(_, by)| **by != id).map(|(key, _)| key).collect();
                if !others.is_empty() {
                    self.send_invalidation(id, Some(&array_of(others.into_iter())));
                }
            }
        }
    }

    /// Forgets keys until the table is as small as `tracking-table-max-keys` says; a little each time.
    pub(super) fn limit_tracked_keys(&mut self) {
        let most = self.config.size(config::TRACKING_TABLE_MAX_KEYS);
        if most == 0 || self.tracking.keys.len() <= most {
            self.tracking.over = 0;
            return;
        }
        self.tracking.over += 1;
        for _ in 0..100 * self.tracking.over {
            // A key near a random place: which one does not matter.
            let from = self.random().to_le_bytes();
            let keys = &self.tracking.keys;
            let found = keys.range(from[..2].to_vec()..).next().or_else(|| keys.iter().next());
            let Some(key) = found.map(|(key, _)| key.clone()) else { break };
            self.forget_tracked(&key);
            if self.tracking.keys.len() <= most {
                self.tracking.over = 0;
                break;
            }
        }
    }

    /// Invalidates a key that did not change, to be rid of it.
    fn forget_tracked(&mut self, key: &[u8]) {
        let keys = array_of(std::iter::once(&key.to_vec()));
        for id in self.tracking.keys.remove(key).unwrap_or_default() {
            if self.client(id).tracking.on && !self.client(id).tracking.bcast {
                self.send_invalidation(id, Some(&keys));
            }
        }
    }

    /// Sends a message about `keys` (an array of RESP) or everything. To the client that runs the
    /// current command it goes after the reply.
    fn send_invalidation(&mut self, id: u64, keys: Option<&[u8]>) {
        let redirect = self.client(id).tracking.redirect;
        if redirect != 0 && !self.clients.contains_key(&redirect) {
            let client = self.client_mut(id);
            client.tracking.broken = true;
            if client.resp3 {
                let mut out = Reply::new(true);
                out.push(2);
                out.text("tracking-redir-broken");
                out.int(redirect as i64);
                self.push_to(id, &out.buf);
            }
            return;
        }
        let target = if redirect != 0 { redirect } else { id };
        let resp3 = self.client(target).resp3;
        let mut out = Reply::new(resp3);
        if resp3 {
            out.push(2);
            out.text("invalidate");
        } else if redirect != 0 && self.client(target).in_pubsub() {
            out.push(3);
            out.text("message");
            out.text("__redis__:invalidate");
        } else {
            return;
        }
        match keys {
            Some(keys) => out.raw(keys),
            None => out.null(),
        }
        self.push_to(target, &out.buf);
    }

    /// Whether the command of this client runs now.
    fn runs_for(&self, id: u64) -> bool {
        self.depth > 0 && self.current == id
    }

    /// Sends a message to a client that did not ask for it: behind the reply where its own command caused it.
    pub(super) fn push_to(&mut self, target: u64, message: &[u8]) {
        if self.runs_for(target) {
            self.client_mut(target).pending_push.extend_from_slice(message);
        } else {
            self.send(target, message);
        }
    }
}

fn array_of<'a>(keys: impl ExactSizeIterator<Item = &'a Vec<u8>>) -> Vec<u8> {
    let mut out = Reply::default();
    out.array(keys.len());
    for key in keys {
        out.bulk(key);
    }
    out.buf
}
