//! `--cluster fix` of a slot that is left open: on its way from one node to another.

use super::manager::{Level, Manager, Step};
use super::moving::{How, close_slot, count_keys, drop_slot, most_keys, move_slot, set_slot_or_tell, take_ownership};
use crate::console::Exit;

/// What is known about the slot.
struct Open {
    slot: usize,
    /// who claims it, or has keys of it
    owners: Vec<usize>,
    migrating: Vec<usize>,
    importing: Vec<usize>,
}

/// Fixes one slot. False if that did not work; it has been told.
pub async fn fix(m: &mut Manager<'_>, slot: usize) -> Step {
    if m.unreachable_masters > 0 && !m.options().fix_with_unreachable {
        let text = format!(
            "*** Fixing open slots with {} unreachable masters is dangerous: redis-cli will assume that slots about \
             masters that are not reachable are not covered, and will try to reassign them to the reachable nodes. This \
             can cause data loss and is rarely what you want to do. If you really want to proceed use the \
             --cluster-fix-with-unreachable-masters option.\n",
            m.unreachable_masters
        );
        m.log(Level::Warn, text);
        return Err(Exit(1));
    }
    m.log(Level::Info, format!(">>> Fixing open slot {slot}\n"));
    Ok(try_fix(m, slot).await.is_some())
}

async fn try_fix(m: &mut Manager<'_>, slot: usize) -> Option<()> {
    let mut open = Open { slot, owners: Vec::new(), migrating: Vec::new(), importing: Vec::new() };
    find_owners(m, &mut open).await?;
    let clear = match open.owners.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    find_states(m, &mut open, clear).await?;
    let (migrating, importing) = (addresses(m, &open.migrating), addresses(m, &open.importing));
    if !migrating.is_empty() {
        m.out().print(format!("Set as migrating in: {migrating}\n"));
    }
    if !importing.is_empty() {
        m.out().print(format!("Set as importing in: {importing}\n"));
    }
    let owner = match clear {
        Some(owner) => owner,
        None => choose_owner(m, &mut open).await?,
    };
    if open.owners.len() > 1 {
        for place in open.owners.clone().into_iter().filter(|p| *p != owner) {
            disown(m, &mut open, place, owner).await?;
        }
    }
    close(m, &open, owner).await
}

fn addresses(m: &Manager<'_>, places: &[usize]) -> String {
    places.iter().map(|&p| m.address(p)).collect::<Vec<_>>().join(",")
}

async fn find_owners(m: &mut Manager<'_>, open: &mut Open) -> Option<()> {
    let slot = open.slot;
    for place in m.masters() {
        if m.nodes.get(place)?.slots.has(slot) {
            open.owners.push(place);
        } else if count_keys(m, place, slot).await? > 0 {
            let text = format!("*** Found keys about slot {slot} in non-owner node {}!\n", m.address(place));
            m.log(Level::Warn, text);
            open.owners.push(place);
        }
    }
    Some(())
}

async fn find_states(m: &mut Manager<'_>, open: &mut Open, owner: Option<usize>) -> Option<()> {
    let slot = open.slot.to_string();
    for place in m.masters() {
        let node = m.nodes.get(place)?;
        if node.migrating.iter().any(|(s, _)| *s == slot) {
            open.migrating.push(place);
        } else if node.importing.iter().any(|(s, _)| *s == slot) {
            open.importing.push(place);
        } else if owner != Some(place) && count_keys(m, place, open.slot).await? > 0 {
            let text = format!("*** Found keys about slot {slot} in node {}!\n", m.address(place));
            m.log(Level::Warn, text);
            open.importing.push(place);
        }
    }
    Some(())
}

async fn choose_owner(m: &mut Manager<'_>, open: &mut Open) -> Option<usize> {
    m.log(Level::Info, ">>> No single clear owner for the slot, selecting an owner by # of keys...\n");
    let masters = m.masters();
    let Some(owner) = most_keys(m, &masters, open.slot).await else {
        m.log(Level::Error, "[ERR] Can't select a slot owner. Impossible to fix.\n");
        return None;
    };
    let text = format!("*** Configuring {} as the slot owner\n", m.address(owner));
    m.log(Level::Warn, text);
    if !close_slot(m, owner, open.slot).await || !take_ownership(m, owner, open.slot, false).await {
        return None;
    }
    m.node(owner)?.slots.set(open.slot, true);
    open.migrating.retain(|p| *p != owner);
    open.importing.retain(|p| *p != owner);
    Some(owner)
}

/// Another that claims the slot becomes one that imports it.
async fn disown(m: &mut Manager<'_>, open: &mut Open, place: usize, owner: usize) -> Option<()> {
    let slot = open.slot;
    if !drop_slot(m, place, slot).await {
        return None;
    }
    m.node(place)?.slots.set(slot, false);
    if !set_slot_or_tell(m, place, slot, "node", owner).await
        || !set_slot_or_tell(m, place, slot, "importing", owner).await
    {
        return None;
    }
    open.importing.retain(|p| *p != place);
    open.importing.push(place);
    open.migrating.retain(|p| *p != place);
    Some(())
}

async fn moved(m: &mut Manager<'_>, from: usize, to: usize, slot: usize, how: How) -> Option<()> {
    move_slot(m, from, to, slot, how).await.ok()
}

async fn closed(m: &mut Manager<'_>, place: usize, slot: usize) -> Option<()> {
    close_slot(m, place, slot).await.then_some(())
}

async fn close(m: &mut Manager<'_>, open: &Open, owner: usize) -> Option<()> {
    let slot = open.slot;
    match (open.migrating.as_slice(), open.importing.as_slice()) {
        (&[from], &[to]) => {
            let text = format!(">>> Case 1: Moving slot {slot} from {} to {}\n", m.address(from), m.address(to));
            m.log(Level::Info, text);
            moved(m, from, to, slot, How { update: true, ..How::default() }).await
        }
        ([], [_, ..]) => gather(m, open, owner).await,
        (&[from], [_, _, ..]) => close_importers(m, open, from, owner).await,
        (&[from], []) => {
            let number = slot.to_string();
            let empty = from == owner || {
                let reply = m.ask_or_tell(from, &["CLUSTER", "GETKEYSINSLOT", &number, "10"]).await?;
                reply.elements().is_some_and(<[_]>::is_empty)
            };
            if !empty {
                return give_up(m, open, owner);
            }
            let text = format!(">>> Case 4: Closing slot {slot} on {}\n", m.address(from));
            m.log(Level::Info, text);
            closed(m, from, slot).await
        }
        _ => give_up(m, open, owner),
    }
}

/// Nobody migrates it: all keys go to the owner.
async fn gather(m: &mut Manager<'_>, open: &Open, owner: usize) -> Option<()> {
    let slot = open.slot;
    let text = format!(">>> Case 2: Moving all the {slot} slot keys to its owner {}\n", m.address(owner));
    m.log(Level::Info, text);
    for &place in open.importing.iter().filter(|p| **p != owner) {
        moved(m, place, owner, slot, How { cold: true, ..How::default() }).await?;
        let text = format!(">>> Setting {slot} as STABLE in {}\n", m.address(place));
        m.log(Level::Info, text);
        closed(m, place, slot).await?;
    }
    // Only the keys were moved: tell everybody.
    for place in m.masters() {
        if place != owner && !set_slot_or_tell(m, place, slot, "NODE", owner).await {
            return None;
        }
    }
    Some(())
}

/// Several import it, without keys: the one that the migrating node names gets it.
async fn close_importers(m: &mut Manager<'_>, open: &Open, from: usize, owner: usize) -> Option<()> {
    let slot = open.slot;
    let number = slot.to_string();
    let target = m.nodes.get(from)?.migrating.iter().find(|(s, _)| *s == number).map(|(_, to)| to.clone());
    for &place in &open.importing {
        if count_keys(m, place, slot).await.unwrap_or(0) > 0 {
            return give_up(m, open, owner);
        }
    }
    let named = open.importing.iter().copied().find(|&p| Some(m.name(p)) == target);
    if let Some(to) = named {
        let (a, b) = (m.address(from), m.address(to));
        let text = format!(
            ">>> Case 3: Moving slot {slot} from {a} to {b} and closing it on all the other importing nodes.\n"
        );
        m.log(Level::Info, text);
        moved(m, from, to, slot, How::default()).await?;
    } else {
        m.log(Level::Info, format!(">>> Case 3: Closing slot {slot} on both migrating and importing nodes.\n"));
        closed(m, from, slot).await?;
    }
    for &place in open.importing.iter().filter(|p| Some(**p) != named) {
        closed(m, place, slot).await?;
    }
    Some(())
}

fn give_up(m: &mut Manager<'_>, open: &Open, owner: usize) -> Option<()> {
    let text = format!(
        "[ERR] Sorry, redis-cli can't fix this slot yet (work in progress). Slot is set as migrating in {}, as importing \
         in {}, owner is {}\n",
        addresses(m, &open.migrating),
        addresses(m, &open.importing),
        m.address(owner)
    );
    m.log(Level::Error, text);
    None
}
