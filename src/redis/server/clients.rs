//! The connected clients by number. Every command looks its client up several times, so that takes
//! one step: an open hash table of numbers, which are never used twice.

use super::Client;
use std::cell::Cell;

/// No number is 0, and there are fewer slots than this.
const NOBODY: (u64, usize) = (0, usize::MAX);

/// The clients.
#[derive(Debug)]
pub struct Clients {
    /// Places in `slots`, plus 1; 0 is free. A power of two, at least twice as many as clients.
    table: Vec<u32>,
    slots: Vec<Option<Box<Client>>>,
    free: Vec<u32>,
    /// The number that was looked up last, and its slot: most often it is asked for again. What has no client, as at
    /// first, leads to a slot without one.
    recent: Cell<(u64, usize)>,
}

impl Default for Clients {
    fn default() -> Clients {
        Clients { table: Vec::new(), slots: Vec::new(), free: Vec::new(), recent: Cell::new(NOBODY) }
    }
}

impl Clients {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn home(&self, id: u64) -> usize {
        id as usize & self.table.len().wrapping_sub(1)
    }

    /// Where in the table a number stands, and its slot.
    fn find(&self, id: u64) -> Option<(usize, usize)> {
        let mut at = self.home(id);
        loop {
            let slot = (*self.table.get(at)?).checked_sub(1)? as usize;
            if self.slots.get(slot)?.as_ref()?.id == id {
                return Some((at, slot));
            }
            at = (at + 1) & (self.table.len() - 1);
        }
    }

    /// The slot of a number.
    #[inline]
    fn slot(&self, id: u64) -> Option<usize> {
        let (recent, slot) = self.recent.get();
        if recent == id { Some(slot) } else { self.search(id) }
    }

    #[inline(never)]
    fn search(&self, id: u64) -> Option<usize> {
        let (_, slot) = self.find(id)?;
        self.recent.set((id, slot));
        Some(slot)
    }

    /// A client.
    #[inline]
    pub fn get(&self, id: &u64) -> Option<&Client> {
        self.slots.get(self.slot(*id)?)?.as_deref()
    }

    /// A client, to be changed. Its number stays.
    #[inline]
    pub fn get_mut(&mut self, id: &u64) -> Option<&mut Client> {
        let slot = self.slot(*id)?;
        self.slots.get_mut(slot)?.as_deref_mut()
    }

    /// Whether a client is connected.
    pub fn contains_key(&self, id: &u64) -> bool {
        self.find(*id).is_some()
    }

    /// Adds a client whose number is new.
    pub fn insert(&mut self, id: u64, mut client: Box<Client>) {
        client.id = id;
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = Some(client);
                slot
            }
            None => {
                self.slots.push(Some(client));
                self.slots.len() as u32 - 1
            }
        };
        if self.table.len() < self.slots.len() * 2 {
            self.table = vec![0; (self.slots.len() * 4).next_power_of_two()];
            let all: Vec<(u64, u32)> =
                self.slots.iter().enumerate().filter_map(|(n, c)| Some((c.as_ref()?.id, n as u32))).collect();
            for (id, slot) in all {
                self.enter(id, slot);
            }
        } else {
            self.enter(id, slot);
        }
    }

    fn enter(&mut self, id: u64, slot: u32) {
        let mut at = self.home(id);
        while self.table[at] != 0 {
            at = (at + 1) & (self.table.len() - 1);
        }
        self.table[at] = slot + 1;
    }

    /// Takes a client out.
    pub fn remove(&mut self, id: &u64) -> Option<Box<Client>> {
        let (mut hole, slot) = self.find(*id)?;
        let client = self.slots.get_mut(slot)?.take();
        self.recent.set(NOBODY);
        self.free.push(slot as u32);
        // Those behind the hole that would no longer be found move up into it.
        let mask = self.table.len() - 1;
        let mut at = (hole + 1) & mask;
        while let Some(other) = self.table[at].checked_sub(1) {
            let home = self.slots[other as usize].as_ref().map_or(at, |c| self.home(c.id));
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                self.table[hole] = self.table[at];
                hole = at;
            }
            at = (at + 1) & mask;
        }
        self.table[hole] = 0;
        client
    }

    /// All clients, in the order in which they came.
    pub fn values(&self) -> impl Iterator<Item = &Client> {
        let mut all: Vec<&Client> = self.slots.iter().flatten().map(Box::as_ref).collect();
        all.sort_unstable_by_key(|c| c.id);
        all.into_iter()
    }

    /// All clients to be changed, in any order.
    pub fn each_mut(&mut self) -> impl Iterator<Item = &mut Client> {
        self.slots.iter_mut().flatten().map(Box::as_mut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn holds_what_came_and_has_not_gone() {
        let (mut clients, mut model, mut state) = (Clients::default(), BTreeSet::new(), 7u64);
        for next in 1..3000u64 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            clients.insert(next, Box::default());
            model.insert(next);
            if (state >> 33).is_multiple_of(4) {
                let gone: Vec<u64> = model.iter().copied().filter(|id| (id ^ state) % 3 > 0).collect();
                for id in gone {
                    assert!(clients.remove(&id).is_some_and(|c| c.id == id));
                    model.remove(&id);
                }
            }
            assert_eq!(clients.get(&(state % next + 1)).map(|c| c.id), model.get(&(state % next + 1)).copied());
            assert_eq!(clients.len(), model.len());
        }
        assert!(clients.values().map(|c| c.id).eq(model.iter().copied()));
        assert!(clients.get(&0).is_none() && Clients::default().get(&0).is_none());
        assert!(clients.remove(&0).is_none() && !clients.contains_key(&5000));
    }
}
