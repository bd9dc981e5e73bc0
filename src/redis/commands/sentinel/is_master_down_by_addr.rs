//! SENTINEL IS-MASTER-DOWN-BY-ADDR ip port current-epoch runid

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|is-master-down-by-addr",
    arity: 6,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Determines whether a master Redis instance is down.",
        since: "2.8.4",
        group: "sentinel",
        complexity: "O(1)",
        args: "ip:s port:i current-epoch:i runid:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (port, epoch) = (cx.int(3)?, cx.int(4)?);
    super::work(cx, |watch, words, out| {
        let word = |n: usize| words.get(n).copied().unwrap_or_default();
        let (down, leader, voted_in) = watch.asked(word(2), port, epoch.cast_unsigned(), word(5));
        out.array(3);
        out.int(i64::from(down));
        out.text(leader.as_deref().unwrap_or("*"));
        out.int(voted_in.cast_signed());
        Ok(())
    })
}
