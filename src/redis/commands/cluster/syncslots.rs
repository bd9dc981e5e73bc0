//! CLUSTER SYNCSLOTS: what the source and the destination of slots, and a master and its replicas, say to each other.

use super::super::prelude::*;
use crate::keyspace::slots::SLOTS;
use crate::server::client::Role;
use crate::slot_migration::SlotRanges;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "cluster|syncslots",
    arity: -3,
    flags: flag::ADMIN | flag::STALE | flag::NO_ASYNC_LOADING,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Internal command for atomic slot migration protocol between cluster nodes.",
        since: "8.4.0",
        group: "cluster",
        complexity: "O(1)",
        args: "subcommand:o(sync:b=SYNC(task-id:s slot-range:b*(start-slot:i end-slot:i)) task-id:s=RDBCHANNEL snapshot-eof:t=SNAPSHOT-EOF stream-eof:t=STREAM-EOF ack:b=ACK(state:s offset:i) error:s=FAIL conf:b=CONF(option:s* value:s*))",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn refuse(cx: &mut Cx<'_>, text: &'static str) -> Res {
    cx.me().close_after_reply = true;
    Err(text.into())
}

fn run(cx: &mut Cx<'_>) -> Res {
    let master = super::cluster(cx)?.me().is_master();
    let of_master = cx.me().role == Role::Master;
    if !cx.me().internal && !of_master {
        return refuse(cx, "ERR CLUSTER SYNCSLOTS subcommands are only allowed for internal clients");
    }
    let action = cx.arg(2).to_ascii_lowercase();
    if !master {
        if !of_master {
            return refuse(cx, "ERR CLUSTER SYNCSLOTS subcommands are only allowed for master");
        }
        if action != b"conf" {
            return Ok(());
        }
    }
    match (action.as_slice(), cx.argc()) {
        (b"sync", 6..) => sync(cx),
        (b"rdbchannel", 4) => {
            let id = String::from_utf8_lossy(cx.arg(3)).into_owned();
            Ok(cx.s.give_snapshot(cx.client, &id)?)
        }
        (b"snapshot-eof", 3) => {
            let expected = cx.s.snapshot_ended(cx.client);
            unexpected(cx, expected, "SNAPSHOT-EOF")
        }
        (b"stream-eof", 3) => {
            let expected = cx.s.stream_ended(cx.client);
            unexpected(cx, expected, "STREAM-EOF")
        }
        (b"ack", 5) => {
            if let Some(offset) = resp::parse_i64(cx.arg(4)).and_then(|n| u64::try_from(n).ok()) {
                cx.s.hear_acknowledgement(cx.client, cx.arg(3), offset);
            }
            Ok(())
        }
        (b"fail", 4) => Ok(()),
        (b"conf", 5..) => conf(cx),
        _ => Err(err::SYNTAX.into()),
    }
}

fn unexpected(cx: &mut Cx<'_>, expected: bool, what: &str) -> Res {
    if !expected {
        cx.s.warn(&format!("Unexpected CLUSTER SYNCSLOTS {what} command"));
        cx.s.close_soon(cx.client);
    }
    Ok(())
}

fn sync(cx: &mut Cx<'_>) -> Res {
    if !cx.argc().is_multiple_of(2) {
        return Err(crate::server::errors::arity(cx.cmd.name).into());
    }
    let slots = SlotRanges::of_words(cx.argv.get(4..).unwrap_or_default())?;
    let id = String::from_utf8_lossy(cx.arg(3)).into_owned();
    cx.s.give_slots(cx.client, &id, slots)?;
    cx.out.simple("RDBCHANNELSYNCSLOTS");
    Ok(())
}

fn conf(cx: &mut Cx<'_>) -> Res {
    for pair in cx.argv.get(3..).unwrap_or_default().chunks(2) {
        let [option, value] = pair else { return Err(crate::server::errors::arity(cx.cmd.name).into()) };
        let text = String::from_utf8_lossy(value).into_owned();
        match option.to_ascii_lowercase().as_slice() {
            b"node-id" => node_id(cx, text)?,
            // Room for the keys of a slot: tables grow by themselves.
            b"slot-info" if is_slot_info(&text) => {}
            b"slot-info" => return Err(format!("ERR Invalid slot info: {text}").into()),
            b"asm-task" => {
                if super::cluster(cx)?.me().is_master() {
                    return Err("ERR CLUSTER SYNCSLOTS CONF ASM-TASK only allowed on replica".into());
                }
                if !cx.s.hear_masters_task(&text) {
                    return Err(format!("ERR Failed to handle master task: {text}").into());
                }
            }
            b"capa" => {}
            _ => return Err(format!("ERR Unknown option {}", String::from_utf8_lossy(option)).into()),
        }
    }
    cx.out.ok();
    Ok(())
}

fn node_id(cx: &mut Cx<'_>, name: String) -> Res {
    if name.len() != 40 {
        return Err(format!("ERR Invalid node id length {}", name.len()).into());
    }
    if super::cluster(cx)?.by_name(&name).is_none() {
        return Err(format!("ERR Node {name} not found in cluster").into());
    }
    cx.me().node = name;
    Ok(())
}

/// Whether a text is `slot:keys:keys that expire`.
fn is_slot_info(text: &str) -> bool {
    let numbers: Vec<Option<u64>> = text.split(':').map(|n| n.parse().ok()).collect();
    matches!(numbers.as_slice(), [Some(slot), Some(_), Some(_)] if *slot < SLOTS as u64)
}
