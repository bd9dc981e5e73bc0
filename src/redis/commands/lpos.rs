//! LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "lpos",
    arity: -3,
    flags: flag::READONLY,
    acl: acl::READ | acl::LIST | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RO | key::ACCESS, notes: "" }],
    tips: &[],
    docs: Docs {
        summary: "Returns the index of matching elements in a list.",
        since: "6.0.6",
        group: "list",
        complexity: "O(N) where N is the number of elements in the list, for the average case. When searching for elements near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant time.",
        args: "key:k@0 element:s rank:i=RANK? num-matches:i=COUNT? len:i=MAXLEN?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let (mut rank, mut count, mut most, mut at) = (1, None, 0, 3);
    while at < cx.argc() {
        if at + 1 >= cx.argc() {
            return Err(err::SYNTAX.into());
        }
        if cx.is(at, "RANK") {
            rank = super::set_ops::symmetric(cx, at + 1)?;
            if rank == 0 {
                return Err("ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list".into());
            }
        } else if cx.is(at, "COUNT") {
            let n = cx.int_or(at + 1, "ERR COUNT can't be negative")?;
            if n < 0 {
                return Err("ERR COUNT can't be negative".into());
            }
            count = Some(n);
        } else if cx.is(at, "MAXLEN") {
            most = cx.int_or(at + 1, "ERR MAXLEN can't be negative")?;
            if most < 0 {
                return Err("ERR MAXLEN can't be negative".into());
            }
        } else {
            return Err(err::SYNTAX.into());
        }
        at += 2;
    }
    let wanted = cx.arg(2);
    let mut places = Vec::new();
    if let Some(list) = cx.s.list(cx.db, cx.arg(1))? {
        let len = list.len();
        let most = if most == 0 { len } else { most as usize };
        let skip = rank.unsigned_abs() as usize - 1;
        let take = match count {
            None => 1,
            Some(0) => usize::MAX,
            Some(n) => n as usize,
        };
        let entries: Box<dyn Iterator<Item = crate::data::listpack::Entry<'_>>> =
            if rank > 0 { Box::new(list.iter()) } else { Box::new(list.iter_back()) };
        places = entries
            .take(most)
            .enumerate()
            .filter(|(_, e)| e.is(wanted))
            .skip(skip)
            .take(take)
            .map(|(n, _)| if rank > 0 { n } else { len - 1 - n })
            .collect();
    }
    match count {
        Some(_) => {
            cx.out.array(places.len());
            for place in places {
                cx.out.len(place);
            }
        }
        None => match places.first() {
            Some(place) => cx.out.len(*place),
            None => cx.out.null(),
        },
    }
    Ok(())
}
