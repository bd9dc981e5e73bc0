//! CLUSTER SETSLOT slot <IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE>

use super::super::prelude::*;
use crate::cluster::Nid;
use crate::cluster::message::Type;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|setslot",
    arity: -4,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Binds a hash slot to a node.",
        since: "3.0.0",
        group: "cluster",
        complexity: "O(1)",
        args: "slot:i subcommand:o(importing:s=IMPORTING!node-id migrating:s=MIGRATING!node-id node:s=NODE!node-id stable:t=STABLE)",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let cluster = super::cluster(cx)?;
    if !cluster.me().is_master() {
        return Err("ERR Please use SETSLOT only with masters.".into());
    }
    let slot = super::slot(cx.arg(2))?;
    if cx.s.slot_migration.moves(slot) {
        return Err(format!("ERR Slot {slot} is currently in an active atomic slot migration. CLUSTER SETSLOT cannot be used at this time. To perform a legacy slot migration instead, first cancel the ongoing task with CLUSTER MIGRATION CANCEL").into());
    }
    if cx.s.trims_slot(slot) {
        return Err(format!("ERR There is a pending trim job for slot {slot}. Most probably, this is due to a failed atomic slot migration. CLUSTER SETSLOT cannot be used at this time. Please retry later once the trim job is completed.").into());
    }
    let action = cx.arg(3).to_ascii_lowercase();
    let name = String::from_utf8_lossy(cx.arg(4)).into_owned();
    let cluster = super::cluster(cx)?;
    let mine = cluster.owners[slot] == cluster.myself;
    let known = cluster.by_name(&name);
    match (action.as_slice(), cx.argc()) {
        (b"stable", 4) => {
            if let Some(cluster) = &mut cx.s.cluster {
                cluster.importing.remove(&slot);
                cluster.migrating.remove(&slot);
            }
        }
        (b"migrating", 5) => {
            if !mine {
                return Err(format!("ERR I'm not the owner of hash slot {slot}").into());
            }
            let target = target(cx, known, &name, "ERR I don't know about node ")?;
            if let Some(cluster) = &mut cx.s.cluster {
                cluster.migrating.insert(slot, target);
            }
        }
        (b"importing", 5) => {
            if mine {
                return Err(format!("ERR I'm already the owner of hash slot {slot}").into());
            }
            let source = target(cx, known, &name, "ERR I don't know about node ")?;
            if let Some(cluster) = &mut cx.s.cluster {
                cluster.importing.insert(slot, source);
            }
        }
        (b"node", 5) => {
            let owner = target(cx, known, &name, "ERR Unknown node ")?;
            give(cx, slot, owner, mine)?;
        }
        _ => return Err("ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP".into()),
    }
    if let Some(cluster) = &mut cx.s.cluster {
        cluster.todo.save = true;
        cluster.todo.state = true;
    }
    cx.out.ok();
    Ok(())
}

fn target(cx: &Cx<'_>, known: Option<Nid>, name: &str, complaint: &str) -> Result<Nid, Fail> {
    let Some(id) = known else { return Err(format!("{complaint}{name}").into()) };
    let master = cx.s.cluster.as_ref().and_then(|c| c.nodes.get(&id)).is_some_and(crate::cluster::Node::is_master);
    if master { Ok(id) } else { Err("ERR Target node is not a master".into()) }
}

/// SETSLOT NODE: the end of a slot's move.
fn give(cx: &mut Cx<'_>, slot: usize, owner: Nid, mine: bool) -> Res {
    let keys = cx.s.dbs[0].slot_len(slot);
    let Some(cluster) = &mut cx.s.cluster else { return Ok(()) };
    let to_me = owner == cluster.myself;
    if mine && !to_me && keys > 0 {
        return Err(format!(
            "ERR Can't assign hashslot {slot} to a different node while I still hold keys for this hash slot."
        )
        .into());
    }
    if keys == 0 {
        cluster.migrating.remove(&slot);
    }
    cluster.del_slot(slot);
    cluster.add_slot(owner, slot);
    let imported = to_me && cluster.importing.remove(&slot).is_some();
    if imported {
        if cx.s.bump_epoch() {
            cx.s.notice(&format!("configEpoch updated after importing slot {slot}"));
        }
        cx.s.tell_everybody(Type::Pong);
    }
    Ok(())
}
