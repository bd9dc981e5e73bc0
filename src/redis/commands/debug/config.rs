//! DEBUG CONFIG-REWRITE-FORCE-ALL

use super::super::prelude::*;

pub(super) fn rewrite_all(cx: &mut Cx<'_>) -> Res {
    let Some(path) = cx.s.config_file.clone() else {
        return Err("ERR CONFIG-REWRITE-FORCE-ALL failed: Invalid argument".into());
    };
    let old = cx.s.host.read_file(&path).ok().flatten().unwrap_or_default();
    let text = crate::config::rewrite::rewrite(&cx.s.config, &String::from_utf8_lossy(&old), true);
    if let Err(error) = cx.s.host.write_file(&path, text.as_bytes()) {
        return Err(format!("ERR CONFIG-REWRITE-FORCE-ALL failed: {error}").into());
    }
    cx.out.ok();
    Ok(())
}
