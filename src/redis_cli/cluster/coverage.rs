//! `--cluster fix` of slots that no node has.

use super::manager::{Level, Manager, Step};
use super::moving::{How, close_slot, most_keys, move_slot, set_slot_or_tell, take_ownership};
use super::slots::{SLOTS, SlotSet};
use crate::console::Exit;

/// Fixes the slots that are not covered; true if any was.
pub async fn fix(m: &mut Manager<'_>, covered: &SlotSet) -> Step {
    if m.unreachable_masters > 0 && !m.options().fix_with_unreachable {
        let text = format!(
            "*** Fixing slots coverage with {} unreachable masters is dangerous: redis-cli will assume that slots about \
             masters that are not reachable are not covered, and will try to reassign them to the reachable nodes. This \
             can cause data loss and is rarely what you want to do. If you really want to proceed use the \
             --cluster-fix-with-unreachable-masters option.\n",
            m.unreachable_masters
        );
        m.log(Level::Warn, text);
        return Err(Exit(1));
    }
    m.log(Level::Info, ">>> Fixing slots coverage...\n");
    let mut with_keys = Vec::new();
    for slot in (0..SLOTS).filter(|s| !covered.has(*s)) {
        let Some(holders) = holders(m, slot).await else { return Ok(false) };
        with_keys.push((slot, holders));
    }
    let mut fixed = 0;
    for (holders, question) in [
        (0, "The following uncovered slots have no keys across the cluster:\n"),
        (1, "The following uncovered slots have keys in just one node:\n"),
        (2, "The following uncovered slots have keys in multiple nodes:\n"),
    ] {
        let those: Vec<&(usize, Vec<usize>)> = with_keys.iter().filter(|(_, h)| h.len().min(2) == holders).collect();
        if those.is_empty() {
            continue;
        }
        m.out().print(question);
        let set: SlotSet = those.iter().map(|(slot, _)| *slot).collect();
        m.out().print(set.ranges('-') + "\n");
        let how = match holders {
            0 => "Fix these slots by covering with a random node?",
            1 => "Fix these slots by covering with those nodes?",
            _ => "Fix these slots by moving keys into a single node?",
        };
        if !m.confirm(how).await {
            continue;
        }
        for (slot, holders) in those {
            if !cover(m, *slot, holders).await {
                return Ok(false);
            }
            fixed += 1;
        }
    }
    Ok(fixed > 0)
}

/// The masters that have keys of a slot.
async fn holders(m: &mut Manager<'_>, slot: usize) -> Option<Vec<usize>> {
    let number = slot.to_string();
    let mut found = Vec::new();
    for place in m.masters() {
        let keys = m.ask_or_tell(place, &["CLUSTER", "GETKEYSINSLOT", &number, "1"]).await?;
        if keys.elements().is_some_and(|k| !k.is_empty()) {
            found.push(place);
        }
    }
    Some(found)
}

async fn cover(m: &mut Manager<'_>, slot: usize, holders: &[usize]) -> bool {
    let owner = match holders {
        [] => any_master(m),
        [only] => Some(*only),
        several => most_keys(m, several, slot).await,
    };
    let Some(owner) = owner else { return false };
    let verb = if holders.len() > 1 { "moving keys to" } else { "with" };
    let text = format!(">>> Covering slot {slot} {verb} {}\n", m.address(owner));
    m.log(Level::Info, text);
    if !take_ownership(m, owner, slot, holders.len() > 1).await {
        return false;
    }
    if let Some(node) = m.node(owner) {
        node.slots.set(slot, true);
    }
    for &place in holders.iter().filter(|p| **p != owner) {
        // Importing, though keys go away: or it would redirect MIGRATE.
        let moved = set_slot_or_tell(m, place, slot, "NODE", owner).await
            && set_slot_or_tell(m, place, slot, "IMPORTING", owner).await
            && move_slot(m, place, owner, slot, How { cold: true, ..How::default() }).await.is_ok()
            && close_slot(m, place, slot).await;
        if !moved {
            return false;
        }
    }
    true
}

/// A master by chance: the same one within a second, as the real one seeds its generator with the time.
fn any_master(m: &Manager<'_>) -> Option<usize> {
    let masters = m.masters();
    let seconds = m.sys().wall_clock().seconds() as u64;
    let mixed = seconds.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
    masters.get((mixed % masters.len().max(1) as u64) as usize).copied()
}
