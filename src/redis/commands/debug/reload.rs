//! DEBUG RELOAD [MERGE] [NOFLUSH] [NOSAVE] and DEBUG LOADAOF

use super::super::prelude::*;
use crate::persistence::reload::Options;

pub(super) fn snapshot(cx: &mut Cx<'_>) -> Res {
    let mut options = Options { save: true, flush: true, merge: false };
    for n in 2..cx.argc() {
        match cx.arg(n).to_ascii_uppercase().as_slice() {
            b"MERGE" => options.merge = true,
            b"NOFLUSH" => options.flush = false,
            b"NOSAVE" => options.save = false,
            _ => return Err("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.".into()),
        }
    }
    cx.reload(options)
}

pub(super) fn aof(cx: &mut Cx<'_>) -> Res {
    cx.reload_aof()
}
