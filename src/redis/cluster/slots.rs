//! Who owns which slot.

use super::message::{BITMAP, node_flag};
use super::node::bit;
use super::{Cluster, Nid};
use crate::data::text::Text;
use crate::keyspace::slots::SLOTS;
use crate::server::Server;
use crate::slot_migration::SlotRanges;

impl Cluster {
    /// Gives a slot that nobody has to a node.
    pub fn add_slot(&mut self, node: Nid, slot: usize) -> bool {
        if self.owners.get(slot).is_none_or(|o| *o != 0) {
            return false;
        }
        self.owners[slot] = node;
        self.unclaimed.remove(&slot);
        if let Some(n) = self.nodes.get_mut(&node) {
            n.slots[slot / 8] |= 1 << (slot % 8);
            n.slot_count += 1;
        }
        true
    }

    /// Takes a slot from its owner. False if it has none.
    pub fn del_slot(&mut self, slot: usize) -> bool {
        let Some(owner) = self.owners.get(slot).copied().filter(|o| *o != 0) else { return false };
        self.owners[slot] = 0;
        self.unclaimed.remove(&slot);
        self.left.push(slot);
        if let Some(n) = self.nodes.get_mut(&owner) {
            n.slots[slot / 8] &= !(1 << (slot % 8));
            n.slot_count -= 1;
        }
        true
    }

    /// Whether a slot's owner has to give it to who claims it with an epoch.
    fn loses(&self, slot: usize, epoch: u64) -> bool {
        self.owner(slot).is_none_or(|node| node.config_epoch < epoch || self.unclaimed.contains(&slot))
    }

    /// Takes all slots from a node; how many they were.
    pub fn del_slots_of(&mut self, node: Nid) -> usize {
        let slots: Vec<usize> = (0..SLOTS).filter(|s| self.owners[*s] == node).collect();
        for slot in &slots {
            self.del_slot(*slot);
        }
        slots.len()
    }

    /// Gives all slots of a node to another; how many they were.
    pub fn move_slots(&mut self, from: Nid, to: Nid) -> usize {
        let slots: Vec<usize> = (0..SLOTS).filter(|s| self.owners[*s] == from).collect();
        for slot in &slots {
            self.del_slot(*slot);
            self.add_slot(to, *slot);
        }
        slots.len()
    }
}

impl Server {
    /// A node claims slots with an epoch: what it wins by a newer epoch becomes its own.
    pub(super) fn update_slots(&mut self, sender: Nid, epoch: u64, claimed: &[u8; BITMAP]) {
        let mut dirty = Vec::new();
        let mut lost_mine = Vec::new();
        let mut lost = 0;
        let mut new_master = None;
        let Some(cluster) = &mut self.cluster else { return };
        if sender == cluster.myself {
            return;
        }
        let my_master = cluster.my_master();
        let mine_before = cluster.nodes.get(&my_master).map_or(0, |n| n.slot_count);
        let same_shard = cluster.nodes.get(&sender).map(|n| n.shard.clone()) == Some(cluster.me().shard.clone());
        for slot in 0..SLOTS {
            let owner = cluster.owners[slot];
            if !bit(claimed, slot) {
                // It stays with the sender until somebody claims it, whatever the epoch.
                if owner == sender {
                    cluster.unclaimed.insert(slot);
                }
                continue;
            }
            if owner == sender {
                cluster.unclaimed.remove(&slot);
                continue;
            }
            if cluster.importing.contains_key(&slot) {
                continue;
            }
            if !cluster.loses(slot, epoch) {
                continue;
            }
            if owner == cluster.myself && !self.dbs[0].is_empty() && self.dbs[0].slot_len(slot) > 0 {
                dirty.push(slot);
            }
            if owner == cluster.myself {
                lost_mine.push(slot);
            }
            if owner == my_master {
                lost += 1;
                new_master = Some(sender);
            }
            cluster.del_slot(slot);
            cluster.add_slot(sender, slot);
            cluster.migrating.remove(&slot);
            cluster.todo.save = true;
            cluster.todo.state = true;
        }
        let mine_now = cluster.nodes.get(&my_master).map_or(0, |n| n.slot_count);
        let moved = self.slots_lost(&SlotRanges::of_slots(lost_mine.into_iter()));
        let takes_over = new_master.is_some() && mine_now == 0 && mine_before > 0;
        let Some(cluster) = &self.cluster else { return };
        if takes_over && (my_master != cluster.myself || same_shard || lost > 0) {
            let node = &cluster.nodes[&sender];
            let text = format!(
                "Configuration change detected. Reconfiguring myself as a replica of {} ({})",
                node.name, node.human_name
            );
            self.notice(&text);
            self.become_replica_of(sender);
        } else if !moved {
            for slot in dirty {
                self.delete_slot_keys(slot);
            }
        }
    }

    /// After the start: slots of nobody that this node has keys of are its own, keys in slots of others go.
    pub fn fit_slots_to_data(&mut self) {
        let Some(cluster) = self.cluster.as_ref().filter(|c| c.me().is_master()) else { return };
        let me = cluster.myself;
        let full: Vec<usize> = (0..SLOTS).filter(|s| self.dbs.first().is_some_and(|db| db.slot_len(*s) > 0)).collect();
        let mut claimed = false;
        for slot in full {
            let Some(cluster) = &mut self.cluster else { return };
            let owner = cluster.owners.get(slot).copied().unwrap_or_default();
            if owner == me || cluster.importing.contains_key(&slot) {
                continue;
            }
            if owner == 0 {
                cluster.add_slot(me, slot);
                claimed = true;
                self.notice(&format!("I have keys for unassigned slot {slot}. Taking responsibility for it."));
            } else {
                self.notice(&format!(
                    "I have keys for slot {slot}, but the slot is assigned to another node. Deleting keys in the slot."
                ));
                self.delete_slot_keys(slot);
            }
        }
        if claimed {
            self.cluster_save();
        }
    }

    /// Deletes the keys of a slot that this node lost.
    pub(crate) fn delete_slot_keys(&mut self, slot: usize) -> usize {
        let keys: Vec<_> = self.dbs[0].slot_keys(slot).map(Text::new).collect();
        for key in &keys {
            self.delete(0, key);
            self.key_modified(0, key, 0);
            self.notify(crate::server::notify::GENERIC, "del", key, 0);
            self.propagate_now(0, &[b"DEL", key]);
        }
        keys.len()
    }

    /// This node starts to follow another.
    pub(crate) fn become_replica_of(&mut self, master: Nid) {
        let Some(cluster) = &mut self.cluster else { return };
        let Some(target) = cluster.nodes.get(&master).cloned() else { return };
        let me = cluster.me_mut();
        let was_master = me.is_master();
        me.flags &= !(node_flag::MASTER | node_flag::MIGRATE_TO);
        me.flags |= node_flag::REPLICA;
        me.master = Some(master);
        me.shard.clone_from(&target.shard);
        cluster.migrating.clear();
        cluster.importing.clear();
        cluster.failover = super::Failover::default();
        cluster.todo.save = true;
        cluster.todo.state = true;
        self.follow(&target.ip, target.port);
        if was_master {
            self.cancel_migrations("switching to replica", |_| true);
        }
    }

    /// This node becomes a master.
    pub(crate) fn set_node_as_master(&mut self, id: Nid) {
        let Some(cluster) = &mut self.cluster else { return };
        let Some(node) = cluster.nodes.get_mut(&id) else { return };
        if node.is_master() {
            return;
        }
        node.master = None;
        node.flags &= !node_flag::REPLICA;
        node.flags |= node_flag::MASTER;
        cluster.todo.save = true;
        cluster.todo.state = true;
    }
}
