//! CONFIG SET: all parameters or none, and what follows from a change.

use super::super::prelude::*;
use crate::config::{self, Config, Id, params};
use crate::server::{Action, Server};

/// Sets the parameters that the command names.
pub(crate) fn set(cx: &mut Cx<'_>) -> Res {
    if !cx.argc().is_multiple_of(2) {
        return Err(crate::server::errors::arity("config|set").into());
    }
    let mut changes: Vec<(Id, &[u8], &[u8])> = Vec::new();
    for pair in cx.argv[2..].chunks(2) {
        let Some(id) = config::find(pair[0]) else {
            return Err(named("ERR Unknown option or number of arguments for CONFIG SET - '", pair[0], "'"));
        };
        let refusal = if id.has(params::IMMUTABLE) {
            Some("can't set immutable config")
        } else if id.has(params::PROTECTED) && !protected_allowed(cx) {
            Some("can't set protected config")
        } else if changes.iter().any(|c| c.0 == id) {
            Some("duplicate parameter")
        } else {
            None
        };
        if let Some(reason) = refusal {
            return Err(failed(pair[0], reason));
        }
        changes.push((id, pair[0], pair[1]));
    }
    let before = cx.s.config.clone();
    for (id, name, value) in &changes {
        match cx.s.config.set(*id, &[value]) {
            Ok(_) => {
                cx.s.config.touched.insert(*id, ());
            }
            Err(reason) => {
                cx.s.config = before;
                return Err(failed(name, &reason));
            }
        }
    }
    cx.s.refresh_hot();
    for (id, name, _) in &changes {
        if let Err(reason) = follow(cx.s, *id, &before) {
            cx.s.config = before;
            cx.s.refresh_hot();
            return Err(failed(name, &reason));
        }
    }
    Ok(())
}

fn protected_allowed(cx: &Cx<'_>) -> bool {
    let client = cx.s.client(cx.client);
    match cx.s.config.word(config::ENABLE_PROTECTED_CONFIGS) {
        "yes" => true,
        "local" => client.unix || client.addr.starts_with("127.") || client.addr.starts_with("::1"),
        _ => false,
    }
}

fn named(before: &str, name: &[u8], after: &str) -> Fail {
    Fail::Bytes([before.as_bytes(), name, after.as_bytes()].concat())
}

fn failed(name: &[u8], reason: &str) -> Fail {
    named("ERR CONFIG SET failed (possibly related to argument '", name, &format!("') - {reason}"))
}

/// What else a changed parameter changes.
fn follow(s: &mut Server, id: Id, before: &Config) -> Result<(), String> {
    match id {
        config::REQUIREPASS => {
            let password = s.config.text(id).to_owned();
            s.acl.set_requirepass(&password);
        }
        config::DIR => {
            let path = s.config.text(id).to_owned();
            let absolute = s.host.change_dir(&path)?;
            s.config.put(id, config::Setting::Text(absolute));
        }
        config::PORT | config::BIND if s.config.show(id) != before.show(id) => s.actions.push(Action::Listen),
        config::APPENDONLY => s.switch_aof(before.bool(id))?,
        config::MAXMEMORY => {
            s.make_room();
        }
        config::CLUSTER_ANNOUNCE_IP
        | config::CLUSTER_ANNOUNCE_PORT
        | config::CLUSTER_ANNOUNCE_BUS_PORT
        | config::CLUSTER_ANNOUNCE_HOSTNAME
        | config::CLUSTER_ANNOUNCE_HUMAN_NODENAME => s.cluster_announce_changed(),
        _ => {}
    }
    Ok(())
}
