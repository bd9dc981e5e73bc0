//! Who leads a failover: each Sentinel has one vote an epoch, and the majority decides.

use super::{Id, Watch};
use crate::server::Level;
use std::collections::BTreeMap;

/// Those who did not win wait up to so long, so that they do not all try again at once.
const MOST_DESYNC: usize = 1000;

impl Watch<'_> {
    /// Votes for a candidate, unless it voted in that epoch before. Its vote and the epoch of that.
    pub(super) fn vote(&mut self, master: Id, epoch: u64, candidate: &str) -> (Option<String>, u64) {
        if epoch > self.me.current_epoch {
            self.me.current_epoch = epoch;
            self.save();
            self.say_epoch(master);
        }
        let current = self.me.current_epoch;
        if self.me.at(master).leader_epoch < epoch && current <= epoch {
            let m = self.me.at_mut(master);
            m.leader = Some(candidate.to_owned());
            m.leader_epoch = current;
            self.save();
            self.tell(Level::Warning, "+vote-for-leader", Some(master), &format!("{candidate} {current}"));
            if !candidate.eq_ignore_ascii_case(&self.me.my_id) {
                let later = self.now() + self.desync();
                self.me.at_mut(master).failover_start = later;
            }
        }
        let m = self.me.at(master);
        (m.leader.clone(), m.leader_epoch)
    }

    /// A pause of chance.
    pub(super) fn desync(&mut self) -> i64 {
        self.server.random_below(MOST_DESYNC) as i64
    }

    /// Who was chosen in an epoch, if anybody: with the votes of most of all Sentinels ever seen, and of as many as
    /// the quorum.
    pub(super) fn leader(&mut self, master: Id, epoch: u64) -> Option<String> {
        let others = self.me.sentinels_of(master);
        let voters = others.len() as i64 + 1;
        let mut votes: BTreeMap<String, i64> = BTreeMap::new();
        for other in others {
            let sentinel = self.me.at(other);
            if let Some(leader) = &sentinel.leader
                && sentinel.leader_epoch == self.me.current_epoch
            {
                *votes.entry(leader.clone()).or_default() += 1;
            }
        }
        let ahead = |votes: &BTreeMap<String, i64>| {
            let best = votes.iter().rev().max_by_key(|(_, n)| **n);
            best.map(|(who, n)| (who.clone(), *n))
        };
        let favourite = ahead(&votes).map_or_else(|| self.me.my_id.clone(), |(who, _)| who);
        let (mine, voted_in) = self.vote(master, epoch, &favourite);
        if let Some(mine) = mine
            && voted_in == epoch
        {
            *votes.entry(mine).or_default() += 1;
        }
        let needed = (voters / 2 + 1).max(self.me.at(master).quorum);
        ahead(&votes).filter(|(_, n)| *n >= needed).map(|(who, _)| who)
    }
}
