//! DEBUG's switches, and SLEEP.

use super::super::prelude::*;
use crate::server::debug::REPLY_PEAK_RESET;
use crate::server::number::atoi;

fn on(cx: &mut Cx<'_>) -> bool {
    cx.out.ok();
    atoi(cx.arg(2)) != 0
}

pub(super) fn pause_cron(cx: &mut Cx<'_>) -> Res {
    cx.s.debug.pause_cron = on(cx);
    Ok(())
}

pub(super) fn dict_resizing(cx: &mut Cx<'_>) -> Res {
    cx.s.debug.dict_resizing = on(cx);
    Ok(())
}

pub(super) fn active_expire(cx: &mut Cx<'_>) -> Res {
    cx.s.active_expire = on(cx);
    Ok(())
}

pub(super) fn allow_expired(cx: &mut Cx<'_>) -> Res {
    cx.s.debug.allow_access_expired = on(cx);
    Ok(())
}

pub(super) fn skip_checksum(cx: &mut Cx<'_>) -> Res {
    cx.s.debug.skip_checksum = on(cx);
    Ok(())
}

pub(super) fn deny_scripts(cx: &mut Cx<'_>) -> Res {
    cx.s.debug.scripts_may_all = on(cx);
    Ok(())
}

/// KEYSIZES-HIST-ASSERT and ALLOCSIZE-SLOTS-ASSERT let the original check figures that it keeps beside
/// the data. Here those figures are counted from the data when they are asked for: nothing can differ. REPLY-COPY-AVOIDANCE is about how the original
/// sends large replies, which nobody sees.
pub(super) fn assertion(cx: &mut Cx<'_>) -> Res {
    cx.int(2)?;
    cx.out.ok();
    Ok(())
}

pub(super) fn packed_threshold(cx: &mut Cx<'_>) -> Res {
    let size = crate::config::memory::parse(cx.arg(2)).filter(|n| *n <= i64::from(u32::MAX) - 10);
    let Some(size) = size else {
        return Err("ERR argument must be a memory value bigger than 1 and smaller than 4gb".into());
    };
    cx.s.hot.fill.packed = size as usize;
    cx.out.ok();
    Ok(())
}

pub(super) fn reply_buffer(cx: &mut Cx<'_>) -> Res {
    if cx.is(2, "peak-reset-time") {
        cx.s.debug.reply_peak_reset = match cx.arg(3).to_ascii_lowercase().as_slice() {
            b"never" => -1,
            b"reset" => REPLY_PEAK_RESET,
            _ => cx.int(3)?,
        };
    } else if cx.is(2, "resizing") {
        cx.s.debug.reply_resizing = atoi(cx.arg(3)) != 0;
    } else {
        return Err(super::unknown(cx));
    }
    cx.out.ok();
    Ok(())
}

pub(super) fn client_eviction(cx: &mut Cx<'_>) -> Res {
    if cx.s.config.int(crate::config::MAXMEMORY_CLIENTS) == 0 {
        return Err("ERR maxmemory-clients is disabled.".into());
    }
    Err("ERR drydock: clients are not kept in pools by their size here".into())
}

pub(super) fn internal(cx: &mut Cx<'_>) -> Res {
    let internal = match cx.argc() {
        2 => true,
        _ if cx.is(2, "unmark") => false,
        _ => return Err(super::unknown(cx)),
    };
    cx.me().internal = internal;
    cx.out.ok();
    Ok(())
}

/// SLEEP seconds: what is no number is 0, as C's `strtod` has it.
pub(super) fn sleep(cx: &mut Cx<'_>) -> Res {
    let seconds = crate::server::number::parse_double(cx.arg(2)).filter(|s| s.is_finite()).unwrap_or(0.0);
    cx.s.sleep((seconds * 1e6) as i64, cx.client);
    cx.out.ok();
    Ok(())
}
