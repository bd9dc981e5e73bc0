//! `--cluster-search-multiple-owners`: slots that more than one node claims or has keys of.

use super::manager::{Level, Manager, Step};
use super::moving::{How, count_keys, drop_slot, most_keys, move_slot, set_slot_or_tell, take_ownership};
use super::slots::SLOTS;

/// Searches (and for `fix` repairs). True if there are none, or none left.
pub async fn search(m: &mut Manager<'_>) -> Step {
    m.log(Level::Info, ">>> Check for multiple slot owners...\n");
    let mut left = 0;
    for slot in 0..SLOTS {
        let mut owners = Vec::new();
        for place in m.masters() {
            let claims = m.nodes.get(place).is_some_and(|n| n.slots.has(slot));
            if claims || count_keys(m, place, slot).await.unwrap_or(0) > 0 {
                owners.push(place);
            }
        }
        if owners.len() < 2 {
            continue;
        }
        m.log(Level::Error, format!("[WARNING] Slot {slot} has {} owners:\n", owners.len()));
        for &place in &owners {
            let line = format!("    {}\n", m.address(place));
            m.log(Level::Error, line);
        }
        left += 1;
        if m.fix {
            if !fix(m, slot, &owners).await {
                m.log(Level::Error, format!("Failed to fix multiple owners for slot {slot}\n"));
                break;
            }
            left -= 1;
        }
    }
    if left == 0 {
        m.log(Level::Ok, "[OK] No multiple owners found.\n");
    }
    Ok(left == 0)
}

async fn fix(m: &mut Manager<'_>, slot: usize, owners: &[usize]) -> bool {
    m.log(Level::Info, format!(">>> Fixing multiple owners for slot {slot}...\n"));
    let Some(owner) = most_keys(m, owners, slot).await.or(owners.first().copied()) else { return false };
    let text = format!(">>> Setting slot {slot} owner: {}\n", m.address(owner));
    m.log(Level::Info, text);
    if !take_ownership(m, owner, slot, false).await {
        return false;
    }
    for place in m.masters().into_iter().filter(|p| *p != owner) {
        let Some(keys) = count_keys(m, place, slot).await else { return false };
        drop_slot(m, place, slot).await;
        if !set_slot_or_tell(m, place, slot, "node", owner).await {
            return false;
        }
        if keys > 0 && move_slot(m, place, owner, slot, How { cold: true, ..How::default() }).await.is_err() {
            return false;
        }
    }
    true
}
