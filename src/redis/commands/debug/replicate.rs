//! DEBUG REPLICATE words… and DEBUG CHANGE-REPL-ID

use super::super::prelude::*;

/// REPLICATE: sends words to the replicas alone, so that their data differ.
pub(super) fn words(cx: &mut Cx<'_>) -> Res {
    let words: Vec<Vec<u8>> = cx.argv.iter().skip(2).map(|w| w.to_vec()).collect();
    cx.s.feed_replicas(None, &words);
    cx.out.ok();
    Ok(())
}

pub(super) fn change_id(cx: &mut Cx<'_>) -> Res {
    cx.s.notice("Changing replication IDs after receiving DEBUG change-repl-id");
    cx.s.repl.id = cx.s.random_id();
    cx.s.repl.forget_former_id();
    cx.out.ok();
    Ok(())
}
