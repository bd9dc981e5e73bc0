//! Who gets which slots and which master when a cluster is made: masters spread over the hosts, replicas
//! away from their master's host and from each other.

use std::collections::BTreeMap;

use super::slots::SLOTS;

/// What the allocation gives.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// the masters with their first and last slot
    pub masters: Vec<(usize, usize, usize)>,
    /// replicas with their masters, in the order of being assigned
    pub replicas: Vec<(usize, usize)>,
    /// how many of those were wanted; the others are left over and shared out
    pub wanted: usize,
}

/// Allocates; `ips` are the hosts of the nodes, which are named by their place.
pub fn plan(ips: &[String], masters: usize, replicas: usize) -> Plan {
    let mut order = interleave(ips);
    let mut rest: Vec<usize> = order.split_off(masters.min(order.len()));
    let mut plan = Plan { masters: ranges(&order), ..Plan::default() };
    // One step of rotation often gives a better start.
    if !rest.is_empty() {
        rest.rotate_left(1);
    }
    let mut rest: Vec<Option<usize>> = rest.into_iter().map(Some).collect();
    for extra in [false, true] {
        for &master in &order {
            for _ in 0..if extra { 1.min(replicas) } else { replicas } {
                let Some(replica) = take_replica(&mut rest, ips, master) else { break };
                plan.replicas.push((replica, master));
            }
        }
        if !extra {
            plan.wanted = plan.replicas.len();
        }
    }
    plan
}

/// The nodes, one of each host in turn.
fn interleave(ips: &[String]) -> Vec<usize> {
    let mut hosts: Vec<(&String, Vec<usize>)> = Vec::new();
    for (node, ip) in ips.iter().enumerate() {
        match hosts.iter_mut().find(|(host, _)| *host == ip) {
            Some((_, nodes)) => nodes.push(node),
            None => hosts.push((ip, vec![node])),
        }
    }
    let longest = hosts.iter().map(|(_, nodes)| nodes.len()).max().unwrap_or(0);
    (0..longest).flat_map(|turn| hosts.iter().filter_map(move |(_, nodes)| nodes.get(turn).copied())).collect()
}

fn ranges(masters: &[usize]) -> Vec<(usize, usize, usize)> {
    // Single precision, as in the real one: it decides where a range ends.
    let each = SLOTS as f32 / masters.len() as f32;
    let (mut first, mut cursor) = (0, 0.0f32);
    let mut out = Vec::with_capacity(masters.len());
    for (i, &master) in masters.iter().enumerate() {
        let end = (cursor + each - 1.0).round() as usize;
        let last = if end > SLOTS || i + 1 == masters.len() { SLOTS - 1 } else { end.max(first) };
        out.push((master, first, last));
        first = last + 1;
        cursor += each;
    }
    out
}

/// The next replica on another host than its master's; if there is none, the first of all (those before it
/// in the list are not looked at again).
fn take_replica(rest: &mut Vec<Option<usize>>, ips: &[String], master: usize) -> Option<usize> {
    let other_host = |node: &Option<usize>| node.is_some_and(|n| ips.get(n) != ips.get(master));
    if let Some(place) = rest.iter_mut().find(|n| other_host(n)) {
        return place.take();
    }
    let first = rest.iter().position(Option::is_some)?;
    rest.drain(..=first).next_back().flatten()
}

/// How badly replicas are placed: 10000 for each on its master's host, 1 for each that shares a host with
/// another of the same master. Also one offender for each such group. `same` tells for each node which is the first
/// with its id: a node that was named twice counts as two masters of one group.
pub fn score(ips: &[String], same: &[usize], master_of: &[Option<usize>]) -> (usize, Vec<usize>) {
    let id = |node: usize| same.get(node).copied().unwrap_or(node);
    let mut groups: BTreeMap<(usize, usize), (bool, usize, Option<usize>)> = BTreeMap::new();
    for (node, master) in master_of.iter().enumerate() {
        let Some(host) = ips.get(node).and_then(|ip| ips.iter().position(|other| other == ip)) else { continue };
        let group = groups.entry((host, id(master.unwrap_or(node)))).or_default();
        group.0 |= master.is_none();
        group.1 += 1;
        if master.is_some() {
            group.2 = group.2.or(Some(node));
        }
    }
    let mut total = 0;
    let mut offenders = Vec::new();
    for (with_master, count, replica) in groups.into_values().filter(|g| g.1 > 1) {
        total += if with_master { 10_000 * (count - 1) } else { count };
        offenders.extend(replica);
    }
    (total, offenders)
}

/// Swaps replicas at random as long as that does no harm. Gives the final score.
pub fn optimize(
    ips: &[String],
    same: &[usize],
    master_of: &mut [Option<usize>],
    mut random: impl FnMut() -> u64,
) -> usize {
    let mut pick = |from: &[usize]| {
        let place = (random() % from.len().max(1) as u64) as usize;
        from.get(place).copied()
    };
    for _ in 0..500 * ips.len() {
        let (before, offenders) = score(ips, same, master_of);
        let Some(first) = pick(&offenders).filter(|_| before > 0) else { break };
        let others: Vec<usize> =
            (0..master_of.len()).filter(|&n| n != first && master_of.get(n).is_some_and(Option::is_some)).collect();
        let Some(second) = pick(&others) else { break };
        master_of.swap(first, second);
        if score(ips, same, master_of).0 > before {
            master_of.swap(first, second);
        }
    }
    score(ips, same, master_of).0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<String> {
        text.chars().map(String::from).collect()
    }

    #[test]
    fn one_host_is_allocated_as_in_the_recordings() {
        let made = plan(&hosts("aaaaaa"), 3, 1);
        assert_eq!(made.masters, [(0, 0, 5460), (1, 5461, 10922), (2, 10923, 16383)]);
        assert_eq!(made.replicas, [(4, 0), (5, 1), (3, 2)]);
        assert_eq!(made.wanted, 3);
    }

    #[test]
    fn hosts_take_turns() {
        let made = plan(&hosts("aabbcc"), 3, 1);
        assert_eq!(made.masters.iter().map(|m| m.0).collect::<Vec<_>>(), [0, 2, 4]);
        assert_eq!(made.replicas, [(3, 0), (5, 2), (1, 4)]);
    }

    #[test]
    fn what_is_left_over_is_shared_out() {
        let made = plan(&hosts("aaaaaaaa"), 4, 0);
        assert_eq!((made.masters.len(), made.replicas.len()), (4, 0));
        let made = plan(&hosts("aaaaaaa"), 3, 1);
        assert_eq!((made.replicas.len(), made.wanted), (4, 3));
    }

    #[test]
    fn swapping_keeps_replicas_away_from_their_masters() {
        let ips = hosts("aabbcc");
        let mut master_of = vec![None, Some(0), None, Some(2), None, Some(4)];
        let same = [0, 1, 2, 3, 4, 5];
        assert_eq!(score(&ips, &same, &master_of), (30_000, vec![1, 3, 5]));
        let mut seed = 7u64;
        let left = optimize(&ips, &same, &mut master_of, || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            seed >> 33
        });
        assert_eq!(left, 0);
    }

    #[test]
    fn a_node_that_is_named_twice_shares_its_own_host() {
        assert_eq!(score(&hosts("aaa"), &[0, 1, 1], &[None; 3]), (10_000, vec![]));
        assert_eq!(score(&hosts("aaa"), &[0, 1, 2], &[None; 3]), (0, vec![]));
    }
}
