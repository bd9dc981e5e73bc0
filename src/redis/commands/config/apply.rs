//! CONFIG SET: all parameters or none, and what follows from a change.

use super::super::prelude::*;
use crate::config::{self, Config, Id, params};
use crate::launch;
use crate::server::{Action, Server};

/// Sets the parameters that the command names.
pub(crate) fn set(cx: &mut Cx<'_>) -> Res {
    if !cx.argc().is_multiple_of(2) {
        return Err(err::SYNTAX.into());
    }
    let changes = read(cx)?;
    let before = cx.s.config.clone();
    for (id, name, value) in &changes {
        match cx.s.config.set(*id, &[value]) {
            Ok(_) => {
                cx.s.config.touched.insert(*id, ());
            }
            Err(reason) => {
                cx.s.config = before;
                return Err(failed(&name.to_ascii_lowercase(), &reason));
            }
        }
    }
    cx.s.refresh_hot();
    for (done, (id, name, _)) in changes.iter().enumerate() {
        if cx.s.config.show(*id) == before.show(*id) {
            continue;
        }
        if let Err(reason) = follow(cx.s, *id, &before) {
            let now = std::mem::replace(&mut cx.s.config, before);
            cx.s.refresh_hot();
            // What followed from the parameters before this one is taken back.
            for (id, ..) in &changes[..done] {
                if cx.s.config.show(*id) != now.show(*id) {
                    let _ = follow(cx.s, *id, &now);
                }
            }
            return Err(failed(&name.to_ascii_lowercase(), &reason));
        }
    }
    cx.s.refresh_hot();
    Ok(())
}

/// A parameter, the name that was given for it, and its new value.
type Change<'a> = (Id, &'a [u8], &'a [u8]);

/// The parameters and their values. Secrets are hidden even where something else is wrong.
fn read<'a>(cx: &mut Cx<'a>) -> Result<Vec<Change<'a>>, Fail> {
    let mut changes: Vec<Change<'_>> = Vec::new();
    let mut refusal = None;
    for (n, pair) in cx.argv[2..].chunks_exact(2).enumerate() {
        let id = config::find(pair[0]);
        if id.is_some_and(|id| id.has(params::SENSITIVE)) {
            cx.redact(3 + n * 2..4 + n * 2);
        }
        if refusal.is_some() {
            continue;
        }
        refusal = match id {
            None => Some(named("ERR Unknown option or number of arguments for CONFIG SET - '", pair[0], "'")),
            Some(id) if id.has(params::IMMUTABLE) => Some(failed(pair[0], "can't set immutable config")),
            Some(id) if id.has(params::PROTECTED) && !protected_allowed(cx) => {
                Some(failed(pair[0], "can't set protected config"))
            }
            Some(id) if id.has(params::DENY_LOADING) && cx.s.loading => {
                Some("LOADING Redis is loading the dataset in memory".into())
            }
            Some(id) if changes.iter().any(|c| c.0 == id) => Some(failed(pair[0], "duplicate parameter")),
            Some(id) => {
                changes.push((id, pair[0], pair[1]));
                None
            }
        };
    }
    refusal.map_or(Ok(changes), Err)
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

fn clamp(s: &mut Server, id: Id, min: i64, max: i64) {
    let value = s.config.int(id).clamp(min, max);
    s.config.put(id, config::Setting::Int(value));
}

/// What else a changed parameter changes.
fn follow(s: &mut Server, id: Id, before: &Config) -> Result<(), String> {
    match id {
        config::REQUIREPASS => {
            let password = s.config.text(id).to_owned();
            s.acl.set_requirepass(&password);
        }
        config::MIN_REPLICAS_MAX_LAG | config::MIN_REPLICAS_TO_WRITE => s.count_good_replicas(),
        config::DIR => {
            let path = s.config.text(id).to_owned();
            let absolute = s.host.change_dir(&path)?;
            s.config.put(id, config::Setting::Text(absolute));
        }
        config::PORT => {
            let port = s.config.int(id);
            if port != 0 && !launch::can_listen(s, port) {
                return Err("Unable to listen on this port. Check server logs.".into());
            }
            s.actions.push(Action::Listen);
            s.cluster_announce_changed();
        }
        config::TLS_PORT | config::TLS_CLUSTER | config::TLS_REPLICATION if !launch::without_tls(s) => {
            return Err("Unable to update TLS configuration. Check server logs.".into());
        }
        config::BIND => {
            if !launch::can_listen(s, 0) {
                return Err("Failed to bind to specified addresses.".into());
            }
            s.actions.push(Action::Listen);
        }
        config::HZ => clamp(s, id, 1, 500),
        config::REPL_BACKLOG_SIZE => clamp(s, id, 16 * 1024, i64::MAX),
        config::WATCHDOG_PERIOD if s.config.int(id) > 0 => clamp(s, id, 200, i64::MAX),
        config::KEY_MEMORY_HISTOGRAMS if s.config.bool(id) => {
            return Err("memory tracking cannot be enabled at runtime".into());
        }
        config::MAXMEMORY_CLIENTS => s.evict_clients(),
        config::APPENDONLY => s.switch_aof(before.bool(id))?,
        // Not within this command, nor within its transaction.
        config::MAXMEMORY => s.evict_soon = true,
        config::CLUSTER_ANNOUNCE_IP
        | config::CLUSTER_ANNOUNCE_PORT
        | config::CLUSTER_ANNOUNCE_BUS_PORT
        | config::CLUSTER_ANNOUNCE_HOSTNAME
        | config::CLUSTER_ANNOUNCE_HUMAN_NODENAME => s.cluster_announce_changed(),
        _ => {}
    }
    Ok(())
}
