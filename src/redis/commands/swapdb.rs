//! SWAPDB index1 index2

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "swapdb",
    arity: 3,
    flags: flag::WRITE | flag::FAST,
    acl: acl::KEYSPACE | acl::WRITE | acl::FAST | acl::DANGEROUS,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Swaps two Redis databases.",
        since: "4.0.0",
        group: "server",
        complexity: "O(N) where N is the count of clients watching or blocking on keys from both databases.",
        args: "index1:i index2:i",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.s.hot.cluster {
        return Err("ERR SWAPDB is not allowed in cluster mode".into());
    }
    let index = |at: usize, text: &'static str| {
        let n = cx.int_or(at, text)?;
        i32::try_from(n).map(i64::from).map_err(|_| Fail::from(text))
    };
    let (a, b) = (index(1, "ERR invalid first DB index")?, index(2, "ERR invalid second DB index")?);
    let place = |n: i64| usize::try_from(n).ok().filter(|n| *n < cx.s.dbs.len());
    let (Some(a), Some(b)) = (place(a), place(b)) else { return Err("ERR DB index is out of range".into()) };
    cx.s.database_replaced(a, Some(b));
    cx.s.database_replaced(b, Some(a));
    cx.s.dbs.swap(a, b);
    let waited: Vec<_> = cx.s.waiting.keys().filter(|(db, _)| *db == a || *db == b).cloned().collect();
    for (db, key) in waited {
        if cx.s.peek(db, &key).is_some() {
            cx.s.signal_ready(db, &key);
        }
    }
    cx.s.dirty += 1;
    cx.s.count_incompatible();
    cx.out.ok();
    Ok(())
}
