//! DEBUG CONFIG-REWRITE-FORCE-ALL

use super::super::prelude::*;

pub(super) fn rewrite_all(cx: &mut Cx<'_>) -> Res {
    let Some(path) = cx.s.config_file.clone() else {
        return Err("ERR CONFIG-REWRITE-FORCE-ALL failed: Invalid argument".into());
    };
    if let Err(error) = cx.s.rewrite_config(&path, true, &[]) {
        return Err(format!("ERR CONFIG-REWRITE-FORCE-ALL failed: {error}").into());
    }
    cx.out.ok();
    Ok(())
}
