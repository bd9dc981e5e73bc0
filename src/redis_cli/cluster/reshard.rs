//! `--cluster reshard`: moves slots to a node, after asking which.

use super::check;
use super::manager::{Level, Manager};
use super::moving::{How, Stuck, move_slot};
use super::slots::SLOTS;
use crate::console::Run;
use crate::words::atoi;

/// Runs the subcommand.
pub async fn run(m: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    if !m.load_named(arguments).await {
        return Ok(false);
    }
    check::cluster(m, false).await?;
    if m.errors > 0 {
        m.out().flush().await;
        m.out().error("*** Please fix your cluster problems before resharding\n").await;
        return Ok(false);
    }
    let Some(count) = how_many(m).await else { return Ok(false) };
    let Some(target) = receiver(m).await else { return Ok(false) };
    let Some(sources) = sources(m, target).await else { return Ok(false) };
    if sources.is_empty() {
        m.out().error("*** No source nodes given, operation aborted.\n").await;
        return Ok(false);
    }
    let plan = show_plan(m, count, target, &sources);
    if !m.options().yes {
        m.out().print("Do you want to proceed with the proposed reshard plan (yes/no)? ");
        m.out().flush().await;
        if !m.answer(4).await.is_some_and(|typed| typed.starts_with(b"yes")) {
            return Ok(false);
        }
    }
    for (source, slot) in plan {
        if let Err(Stuck(why)) = move_slot(m, source, target, slot, How::default()).await {
            if !why.is_empty() {
                m.log(Level::Error, format!("clusterManagerMoveSlot failed: {why}\n"));
            }
            return Ok(false);
        }
    }
    Ok(true)
}

async fn how_many(m: &mut Manager<'_>) -> Option<usize> {
    let mut count = m.options().slots;
    if count == 0 {
        while !(1..=SLOTS as i64).contains(&count) {
            let question = format!("How many slots do you want to move (from 1 to {SLOTS})? ");
            count = atoi(&m.line(&question, 6).await?);
        }
    }
    Some(count.max(0) as usize)
}

async fn receiver(m: &mut Manager<'_>) -> Option<usize> {
    let mut id = m.options().to.clone().unwrap_or_default();
    while id.is_empty() {
        id = m.line("What is the receiving node ID? ", 255).await?;
    }
    known_master(m, &id)
}

fn known_master(m: &mut Manager<'_>, id: &str) -> Option<usize> {
    let found = m.by_name(id).filter(|&p| m.nodes.get(p).is_some_and(super::node::Node::is_master));
    if found.is_none() {
        m.log(Level::Error, format!("*** The specified node ({id}) is not known or not a master, please retry.\n"));
    }
    found
}

/// Where the slots come from; `None` after an ID that nobody has.
async fn sources(m: &mut Manager<'_>, target: usize) -> Option<Vec<usize>> {
    let mut given =
        m.options().from.clone().map(|from| from.split(',').map(str::to_owned).collect::<Vec<_>>().into_iter());
    if given.is_none() {
        m.out().print(
            "Please enter all the source node IDs.\n  Type 'all' to use all the nodes as source nodes for the hash \
             slots.\n  Type 'done' once you entered all the source nodes IDs.\n",
        );
    }
    let mut sources = Vec::new();
    loop {
        let id = match &mut given {
            Some(ids) => match ids.next() {
                Some(id) if id.is_empty() => continue,
                Some(id) => id,
                None => return Some(sources),
            },
            None => {
                let question = format!("Source node #{}: ", sources.len() + 1);
                m.line(&question, 255).await?
            }
        };
        match id.as_str() {
            "done" if given.is_none() => return Some(sources),
            "all" => return Some(m.masters().into_iter().filter(|p| *p != target).collect()),
            _ => {
                let source = known_master(m, &id)?;
                if source == target {
                    m.log(Level::Error, "*** It is not possible to use the target node as source node.\n");
                } else {
                    sources.push(source);
                }
            }
        }
    }
}

fn show_plan(m: &mut Manager<'_>, count: usize, target: usize, sources: &[usize]) -> Vec<(usize, usize)> {
    let describe = |m: &Manager<'_>, place: usize| m.nodes.get(place).map(|n| n.describe(4) + "\n").unwrap_or_default();
    let from: String = sources.iter().map(|&p| describe(m, p)).collect();
    let to = describe(m, target);
    m.out().print(format!("\nReady to move {count} slots.\n  Source nodes:\n{from}  Destination node:\n{to}"));
    let plan = table(m, sources, count);
    let mut lines = "  Resharding plan:\n".to_owned();
    for &(source, slot) in &plan {
        lines.push_str(&format!("    Moving slot {slot} from {}\n", m.name(source)));
    }
    m.out().print(lines);
    plan
}

/// Which slots go: from each source in proportion to what it has, the one with the most slots first.
pub fn table(m: &Manager<'_>, sources: &[usize], count: usize) -> Vec<(usize, usize)> {
    let slots_of = |place: usize| m.nodes.get(place).map_or(0, |n| n.slots_count);
    let total: i64 = sources.iter().map(|&p| slots_of(p)).sum();
    let mut sorted = sources.to_vec();
    sorted.sort_by_key(|&p| std::cmp::Reverse(slots_of(p)));
    let mut moved = Vec::new();
    for (i, &place) in sorted.iter().enumerate() {
        // Single precision, as in the real one.
        let share = count as f32 / total as f32 * slots_of(place) as f32;
        let most = if i == 0 { share.ceil() } else { share.floor() } as usize;
        let most = most.min(count - moved.len().min(count));
        if let Some(node) = m.nodes.get(place) {
            moved.extend(node.slots.iter().take(most).map(|slot| (place, slot)));
        }
    }
    moved
}
