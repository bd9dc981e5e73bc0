//! What the builder remembers: the result of each step by what it was made of.

use std::collections::{BTreeMap, BTreeSet};

use machine::UnixTime;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::time::nano_text;

/// The result of a step.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// 25 letters and digits.
    pub id: String,
    /// What made it.
    pub description: String,
    /// Chain ids of all layers up to its own; its own layer may be missing where it changed nothing.
    pub chain: Vec<String>,
    /// Digests of these layers' content.
    pub diff_ids: Vec<String>,
    /// Whether it made a layer.
    pub layer: bool,
    /// Files that the client sent; no layer.
    pub local: bool,
    /// Bytes of its own layer.
    pub size: u64,
    /// When it was made, RFC 3339.
    pub created: String,
    /// When it was used last, nanoseconds since 1970.
    pub used: i64,
    /// How often.
    pub count: u64,
}

impl Record {
    /// Whether an image has its layer too.
    fn shared(&self, in_image: &dyn Fn(&str) -> bool) -> bool {
        !self.local && self.chain.last().is_some_and(|chain| in_image(chain))
    }
}

/// The builder's memory.
#[derive(Default, Serialize, Deserialize)]
pub struct BuildCache {
    records: BTreeMap<String, Record>,
    /// Base images that were built upon.
    pub bases: BTreeSet<String>,
    /// Layers of base images that are here for the builder only.
    pub base_layers: BTreeSet<String>,
    /// Files of contexts that were sent already, by name and digest.
    pub sent: BTreeSet<String>,
    /// Images that the classic builder made, by parent and step.
    pub classic: BTreeMap<String, String>,
}

impl BuildCache {
    /// Whether it stands on a layer.
    pub fn holds(&self, chain_id: &str) -> bool {
        self.base_layers.contains(chain_id) || self.records.values().any(|r| r.chain.iter().any(|c| c == chain_id))
    }

    /// The layers of each step's result, the lowest first.
    pub fn chains(&self) -> Vec<Vec<String>> {
        self.records.values().map(|record| record.chain.clone()).collect()
    }

    /// The layers that it stands on.
    pub fn layer_ids(&self) -> BTreeSet<String> {
        self.records.values().flat_map(|r| r.chain.iter().cloned()).chain(self.base_layers.iter().cloned()).collect()
    }

    /// The result of a step, which is used now.
    pub fn get(&mut self, key: &str, now: UnixTime) -> Option<Record> {
        let record = self.records.get_mut(key)?;
        record.used = now.0;
        record.count += 1;
        Some(record.clone())
    }

    /// Remembers a result. One that was there before, under the same key, stays on disk until it is pruned.
    pub fn put(&mut self, key: String, record: Record) {
        if let Some(old) = self.records.insert(key.clone(), record) {
            self.records.insert(format!("{key}\0{}", old.id), old);
        }
    }

    /// Notes that something was used which no step made: `record` holds the first use.
    pub fn touch(&mut self, key: String, record: Record) {
        let known = self.records.entry(key).or_insert_with(|| Record { count: 0, ..record.clone() });
        (known.used, known.size) = (record.used, record.size.max(known.size));
        known.count += 1;
    }

    /// Forgets everything, or with `all` unset what no image has; gives what was forgotten, and its bytes.
    pub fn prune(&mut self, all: bool, in_image: &dyn Fn(&str) -> bool) -> (Vec<Record>, u64) {
        let (mut gone, mut space) = (Vec::new(), 0);
        let keys: Vec<String> = self.records.keys().cloned().collect();
        for key in keys {
            let shared = self.records.get(&key).is_some_and(|r| r.shared(in_image));
            if shared && !all {
                continue;
            }
            if let Some(record) = self.records.remove(&key) {
                // Layers that images share stay on disk.
                space += if shared { 0 } else { record.size };
                gone.push(record);
            }
        }
        if all {
            self.base_layers.clear();
            self.classic.clear();
        }
        self.sent.clear();
        gone.sort_by(|a, b| b.used.cmp(&a.used).then(b.created.cmp(&a.created)));
        (gone, space)
    }

    /// For `docker system df`.
    pub fn records(&self, in_image: &dyn Fn(&str) -> bool) -> Vec<Value> {
        self.records
            .values()
            .map(|r| {
                let kind = if r.local { "source.local" } else { "regular" };
                json!({
                    "ID": r.id, "Type": kind, "Description": r.description, "InUse": false, "Shared": r.shared(in_image),
                    "Size": r.size, "CreatedAt": r.created, "LastUsedAt": nano_text(UnixTime(r.used)), "UsageCount": r.count,
                })
            })
            .collect()
    }
}
