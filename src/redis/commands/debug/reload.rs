//! DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE] and DEBUG LOADAOF

use super::super::prelude::*;

pub(super) fn snapshot(cx: &mut Cx<'_>) -> Res {
    let (mut save, mut flush, mut merge) = (true, true, false);
    for n in 2..cx.argc() {
        match cx.arg(n).to_ascii_uppercase().as_slice() {
            b"MERGE" => merge = true,
            b"NOFLUSH" => flush = false,
            b"NOSAVE" => save = false,
            _ => return Err("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.".into()),
        }
    }
    cx.s.reload(save, flush, merge)?;
    cx.s.notice("DB reloaded by DEBUG RELOAD");
    cx.out.ok();
    Ok(())
}

pub(super) fn aof(cx: &mut Cx<'_>) -> Res {
    cx.s.reload_aof()?;
    cx.s.notice("Append Only File loaded by DEBUG LOADAOF");
    cx.out.ok();
    Ok(())
}
