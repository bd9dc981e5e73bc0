//! DEBUG CLUSTERLINK KILL to|from|all node-id and DEBUG DROP-CLUSTER-PACKET-FILTER type

use super::super::prelude::*;

pub(super) fn link(cx: &mut Cx<'_>) -> Res {
    if !cx.is(2, "KILL") {
        return Err(super::unknown(cx));
    }
    let Some(cluster) = &cx.s.cluster else {
        return Err("ERR Debug option only available for cluster mode enabled setup!".into());
    };
    let name = String::from_utf8_lossy(cx.arg(4));
    let Some(id) = cluster.by_name(&name) else { return Err(crate::server::errors::unknown_node(&name).into()) };
    let (to, from) = match cx.arg(3).to_ascii_lowercase().as_slice() {
        b"to" => (true, false),
        b"from" => (false, true),
        b"all" => (true, true),
        other => return Err(format!("ERR Unknown direction {}", String::from_utf8_lossy(other)).into()),
    };
    cx.s.kill_links(id, to, from);
    cx.out.ok();
    Ok(())
}

/// A hash of the secret that all nodes share once they know each other.
pub(super) fn secret(cx: &mut Cx<'_>) -> Res {
    let Some(cluster) = &cx.s.cluster else { return Err("ERR Internal secret is missing".into()) };
    let hash = crc16::State::<crc16::XMODEM>::calculate(cluster.secret.as_bytes());
    cx.out.int(i64::from(hash));
    Ok(())
}

pub(super) fn drop_packets(cx: &mut Cx<'_>) -> Res {
    cx.s.debug.dropped_packets = cx.int(2)?;
    cx.out.ok();
    Ok(())
}

/// ASM-FAILPOINT channel state
pub(super) fn failpoint(cx: &mut Cx<'_>) -> Res {
    if !cx.s.set_migration_fault(cx.arg(2), cx.arg(3)) {
        return Err("ERR Failed to set ASM fail point".into());
    }
    cx.out.ok();
    Ok(())
}

/// ASM-TRIM-METHOD default|none|active|bg [active-trim-delay]
pub(super) fn trim_method(cx: &mut Cx<'_>) -> Res {
    let delay = if cx.argc() == 4 { crate::server::number::atoi(cx.arg(3)) } else { 0 };
    if !cx.s.set_trim_method(cx.arg(2), delay) {
        return Err("ERR Failed to set ASM trim method".into());
    }
    cx.out.ok();
    Ok(())
}
