//! CLIENT TRACKING <ON | OFF> [REDIRECT client-id] [PREFIX prefix [...]] [BCAST] [OPTIN] [OPTOUT] [NOLOOP]

use super::super::prelude::*;
use crate::server::client::Tracking;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "client|tracking",
    arity: -3,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SENTINEL,
    acl: acl::SLOW | acl::CONNECTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Controls server-assisted client-side caching for the connection.",
        since: "6.0.0",
        group: "connection",
        complexity: "O(1). Some options may introduce additional complexity.",
        args: "status:o(on:t=ON off:t=OFF) client-id:i=REDIRECT? prefix:s=PREFIX?*+ bcast:t=BCAST? optin:t=OPTIN? optout:t=OPTOUT? noloop:t=NOLOOP?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (mut t, mut at) = (Tracking { on: true, ..Tracking::default() }, 3);
    while at < cx.argc() {
        match cx.arg(at).to_ascii_uppercase().as_slice() {
            b"REDIRECT" if at + 1 < cx.argc() => {
                at += 1;
                if t.redirect != 0 {
                    return Err("ERR A client can only redirect to a single other client".into());
                }
                t.redirect = cx.int(at)? as u64;
                if !cx.s.clients.contains_key(&t.redirect) {
                    return Err("ERR The client ID you want redirect to does not exist".into());
                }
            }
            b"BCAST" => t.bcast = true,
            b"OPTIN" => t.optin = true,
            b"OPTOUT" => t.optout = true,
            b"NOLOOP" => t.noloop = true,
            b"PREFIX" if at + 1 < cx.argc() => {
                at += 1;
                t.prefixes.push(cx.arg(at).to_vec());
            }
            _ => return Err(err::SYNTAX.into()),
        }
        at += 1;
    }
    let id = cx.client;
    if cx.is(2, "off") {
        cx.s.tracking.forget(id);
        cx.me().tracking = Tracking::default();
        cx.out.ok();
        return Ok(());
    }
    if !cx.is(2, "on") {
        return Err(err::SYNTAX.into());
    }
    check(cx, &t)?;
    if t.bcast {
        if t.prefixes.is_empty() {
            t.prefixes.push(Vec::new());
        }
        for prefix in &t.prefixes {
            cx.s.tracking.add_prefix(id, prefix);
        }
        t.prefixes.extend(cx.me().tracking.prefixes.clone());
        t.prefixes.sort();
        t.prefixes.dedup();
    }
    cx.s.tracking.clients.insert(id);
    cx.me().tracking = t;
    cx.out.ok();
    Ok(())
}

fn check(cx: &mut Cx<'_>, t: &Tracking) -> Res {
    let old = cx.me().tracking.clone();
    if !t.bcast && !t.prefixes.is_empty() {
        return Err("ERR PREFIX option requires BCAST mode to be enabled".into());
    }
    if old.on && old.bcast != t.bcast {
        return Err("ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.".into());
    }
    if t.bcast && (t.optin || t.optout) {
        return Err("ERR OPTIN and OPTOUT are not compatible with BCAST".into());
    }
    if t.optin && t.optout {
        return Err("ERR You can't specify both OPTIN mode and OPTOUT mode".into());
    }
    if (t.optin && old.optout) || (t.optout && old.optin) {
        return Err("ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.".into());
    }
    for (n, prefix) in t.prefixes.iter().enumerate().filter(|_| t.bcast) {
        let overlaps = |other: &&Vec<u8>| other.starts_with(prefix) || prefix.starts_with(other.as_slice());
        if let Some(other) = old.prefixes.iter().find(overlaps) {
            return Err(overlap(prefix, "an existing", other));
        }
        if let Some(other) = t.prefixes[n + 1..].iter().find(overlaps) {
            return Err(overlap(prefix, "another provided", other));
        }
    }
    Ok(())
}

fn overlap(prefix: &[u8], which: &str, other: &[u8]) -> Fail {
    let middle = format!("' overlaps with {which} prefix '");
    let end = b"'. Prefixes for a single client must not overlap.";
    Fail::Bytes([b"ERR Prefix '", prefix, middle.as_bytes(), other, end].concat())
}
