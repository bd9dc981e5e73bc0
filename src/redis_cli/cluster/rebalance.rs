//! `--cluster rebalance`: gives each master its share of the slots.

use super::manager::{Level, Manager};
use super::moving::{How, Stuck, move_slot};
use super::slots::SLOTS;
use super::{check, reshard};
use crate::console::Run;
use crate::words::atof;

/// Runs the subcommand.
pub async fn run(m: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    if !m.load_named(arguments).await {
        return Ok(false);
    }
    if !read_weights(m) {
        return Ok(false);
    }
    let use_empty = m.options().use_empty_masters;
    let mut involved = Vec::new();
    let mut total_weight = 0.0f32;
    for place in m.masters() {
        let Some(node) = m.node(place) else { continue };
        if !use_empty && node.slots_count == 0 {
            node.weight = 0.0;
            continue;
        }
        total_weight += node.weight;
        involved.push(place);
    }
    check::cluster(m, true).await?;
    if m.errors > 0 {
        m.log(Level::Error, "*** Please fix your cluster problems before rebalancing\n");
        return Ok(false);
    }
    if !weigh(m, &involved, total_weight) {
        let text =
            format!("*** No rebalancing needed! All nodes are within the {:.2}% threshold.\n", m.options().threshold);
        m.log(Level::Warn, text);
        return Ok(true);
    }
    let balance = |m: &Manager<'_>, place: usize| m.nodes.get(place).map_or(0, |n| n.balance);
    involved.sort_by_key(|&place| balance(m, place));
    let text = format!(">>> Rebalancing across {} nodes. Total weight = {total_weight:.2}\n", involved.len());
    m.log(Level::Info, text);
    if m.session.options.verbose {
        for &place in &involved {
            let line = format!("{} balance is {} slots\n", m.address(place), balance(m, place));
            m.out().print(line);
        }
    }
    let (mut low, mut high) = (0, involved.len().saturating_sub(1));
    while low < high {
        let (Some(&to), Some(&from)) = (involved.get(low), involved.get(high)) else { break };
        let count = balance(m, to).abs().min(balance(m, from).abs());
        if count > 0 && !transfer(m, from, to, count as usize).await {
            return Ok(false);
        }
        for (place, change) in [(to, count), (from, -count)] {
            if let Some(node) = m.node(place) {
                node.balance += change;
            }
        }
        low += usize::from(balance(m, to) == 0);
        high = high.saturating_sub(usize::from(balance(m, from) == 0));
    }
    Ok(true)
}

fn read_weights(m: &mut Manager<'_>) -> bool {
    for weight in m.options().weights.clone().unwrap_or_default() {
        let Some((name, value)) = weight.split_once('=') else { continue };
        match m.by_prefix(name).and_then(|place| m.node(place)) {
            Some(node) => node.weight = atof(value) as f32,
            None => {
                m.log(Level::Error, format!("*** No such master node {name}\n"));
                return false;
            }
        }
    }
    true
}

/// How many slots each node has too many; false if no node is off by more than the threshold.
fn weigh(m: &mut Manager<'_>, involved: &[usize], total_weight: f32) -> bool {
    let threshold = m.options().threshold as f32;
    let (mut off, mut sum) = (false, 0);
    for &place in involved {
        let Some(node) = m.node(place) else { continue };
        let expected = (SLOTS as f32 / total_weight * node.weight) as i64;
        node.balance = node.slots_count - expected;
        sum += node.balance;
        off |= threshold > 0.0
            && if node.slots_count > 0 {
                (100.0 - 100.0 * expected as f64 / node.slots_count as f64).abs() as f32 > threshold
            } else {
                expected > 1
            };
    }
    // Rounding may leave slots that nobody gets.
    while off && sum > 0 {
        let before = sum;
        for &place in involved {
            if let Some(node) = m.node(place).filter(|n| n.balance <= 0 && sum > 0) {
                node.balance -= 1;
                sum -= 1;
            }
        }
        if sum == before {
            break;
        }
    }
    off
}

async fn transfer(m: &mut Manager<'_>, from: usize, to: usize, count: usize) -> bool {
    let line = format!("Moving {count} slots from {} to {}\n", m.address(from), m.address(to));
    m.out().print(line);
    let plan = reshard::table(m, &[from], count);
    if plan.len() != count {
        m.log(Level::Error, "*** Assertion failed: Reshard table != number of slots");
        return false;
    }
    for (source, slot) in plan {
        if !m.options().simulate {
            let how = How { quiet: true, update: true, cold: false };
            if let Err(Stuck(why)) = move_slot(m, source, to, slot, how).await {
                m.log(Level::Error, format!("*** clusterManagerMoveSlot: {why}\n"));
                return false;
            }
        }
        m.out().print("#");
        if !m.options().simulate {
            m.out().flush().await;
        }
    }
    m.out().print("\n");
    true
}
