//! CLUSTER

mod addslots;
mod addslotsrange;
mod bumpepoch;
mod count_failure_reports;
mod countkeysinslot;
mod delslots;
mod delslotsrange;
mod failover;
mod flushslots;
mod forget;
mod getkeysinslot;
mod help;
mod info;
mod keyslot;
mod links;
mod meet;
mod migration;
mod myid;
mod myshardid;
mod nodes;
mod replicas;
mod replicate;
mod reset;
mod saveconfig;
mod set_config_epoch;
mod setslot;
mod shards;
mod slaves;
mod slot_stats;
mod slots;
mod syncslots;
pub(crate) mod topology;

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster",
    arity: -2,
    flags: 0,
    acl: acl::SLOW,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "A container for Redis Cluster commands.",
        since: "3.0.0",
        group: "cluster",
        complexity: "Depends on subcommand.",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[
        &addslots::COMMAND,
        &addslotsrange::COMMAND,
        &bumpepoch::COMMAND,
        &count_failure_reports::COMMAND,
        &countkeysinslot::COMMAND,
        &delslots::COMMAND,
        &delslotsrange::COMMAND,
        &failover::COMMAND,
        &flushslots::COMMAND,
        &forget::COMMAND,
        &getkeysinslot::COMMAND,
        &help::COMMAND,
        &info::COMMAND,
        &keyslot::COMMAND,
        &links::COMMAND,
        &meet::COMMAND,
        &migration::COMMAND,
        &myid::COMMAND,
        &myshardid::COMMAND,
        &nodes::COMMAND,
        &replicas::COMMAND,
        &replicate::COMMAND,
        &reset::COMMAND,
        &saveconfig::COMMAND,
        &set_config_epoch::COMMAND,
        &setslot::COMMAND,
        &shards::COMMAND,
        &slaves::COMMAND,
        &slot_stats::COMMAND,
        &slots::COMMAND,
        &syncslots::COMMAND,
    ],
    run,
};

fn run(_cx: &mut Cx<'_>) -> Res {
    Ok(())
}

/// The cluster; an error where this server is none.
fn cluster<'a>(cx: &'a Cx<'_>) -> Result<&'a crate::cluster::Cluster, Fail> {
    cx.s.cluster.as_deref().ok_or(Fail::from("ERR This instance has cluster support disabled"))
}

fn slot(word: &[u8]) -> Result<usize, Fail> {
    let n = resp::parse_i64(word).and_then(|n| usize::try_from(n).ok());
    n.filter(|n| *n < crate::keyspace::slots::SLOTS).ok_or(Fail::from("ERR Invalid or out of range slot"))
}

/// The slots of ADDSLOTS and its relatives: words, or pairs of words that are a first and a last one. What is wrong with
/// them is told in their order.
fn slots(cx: &Cx<'_>, pairs: bool, add: bool) -> Result<Vec<usize>, Fail> {
    let owners = &cluster(cx)?.owners;
    if pairs && !cx.argc().is_multiple_of(2) {
        return Err(crate::server::errors::arity(cx.cmd.name).into());
    }
    if !pairs {
        // Of single ones all are read first.
        cx.argv[2..].iter().try_for_each(|word| slot(word).map(drop))?;
    }
    let mut slots = std::collections::BTreeSet::new();
    for words in cx.argv[2..].chunks(if pairs { 2 } else { 1 }) {
        let from = slot(words[0])?;
        let to = words.get(1).map_or(Ok(from), |word| slot(word))?;
        if from > to {
            return Err(format!("ERR start slot number {from} is greater than end slot number {to}").into());
        }
        for (slot, owner) in owners.iter().enumerate().take(to + 1).skip(from) {
            let owned = *owner != 0;
            if add && owned {
                return Err(format!("ERR Slot {slot} is already busy").into());
            }
            if !add && !owned {
                return Err(format!("ERR Slot {slot} is already unassigned").into());
            }
            if !slots.insert(slot) {
                return Err(format!("ERR Slot {slot} specified multiple times").into());
            }
        }
    }
    Ok(slots.into_iter().collect())
}

/// Takes slots over, or gives them up.
fn assign(cx: &mut Cx<'_>, slots: &[usize], add: bool) -> Res {
    cx.s.cancel_migrations("slots configuration updated", |task| slots.iter().any(|slot| task.slots.has(*slot)));
    if let Some(cluster) = &mut cx.s.cluster {
        let me = cluster.myself;
        for slot in slots {
            cx.s.slot_stats.reset(*slot);
            if add {
                cluster.importing.remove(slot);
                cluster.add_slot(me, *slot);
            } else {
                cluster.del_slot(*slot);
            }
        }
        cluster.todo.save = true;
        cluster.todo.state = true;
    }
    cx.out.ok();
    Ok(())
}
