//! SENTINEL INFO-CACHE name [name ...]

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|info-cache",
    arity: -3,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the cached `INFO` replies from the deployment's instances.",
        since: "3.2.0",
        group: "sentinel",
        complexity: "O(N) where N is the number of instances",
        args: "nodename:s*",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::work(cx, |watch, words, out| {
        let mut masters = Vec::new();
        for name in words.iter().skip(2) {
            if let Some(id) = watch.me.masters.get(*name).filter(|id| !masters.contains(*id)) {
                masters.push(*id);
            }
        }
        watch.reply_info_cache(&masters, out);
        Ok(())
    })
}
