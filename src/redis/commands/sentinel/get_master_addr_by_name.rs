//! SENTINEL GET-MASTER-ADDR-BY-NAME name

use super::super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "sentinel|get-master-addr-by-name",
    arity: 3,
    flags: flag::ADMIN | flag::SENTINEL | flag::ONLY_SENTINEL,
    acl: acl::ADMIN | acl::SLOW | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Returns the port and address of a master Redis instance.",
        since: "2.8.4",
        group: "sentinel",
        complexity: "O(1)",
        args: "master-name:s",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    super::work(cx, |watch, words, out| {
        let name = words.get(2).copied().unwrap_or_default();
        match watch.me.masters.get(name) {
            None => out.null_array(),
            Some(id) => {
                let addr = watch.me.current_address(watch.me.at(*id));
                out.array(2);
                out.text(watch.me.shown(&addr));
                out.bulk_int(i64::from(addr.port));
            }
        }
        Ok(())
    })
}
