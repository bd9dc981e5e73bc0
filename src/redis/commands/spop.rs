//! SPOP key [count]

use super::prelude::*;

/// The command's description.
pub static COMMAND: Command = Command {
    name: "spop",
    arity: -2,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::SET | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::ACCESS | key::DELETE,
        notes: "",
    }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Returns one or more random members from a set after removing them. Deletes the set if the last member was popped.",
        since: "1.0.0",
        group: "set",
        complexity: "Without the count argument O(1), otherwise O(N) where N is the value of the passed count.",
        args: "key:k@0 count:i?^3.2.0",
        history: &[("3.2.0", "Added the `count` argument.")],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    if cx.argc() > 3 {
        return Err(err::SYNTAX.into());
    }
    let key = cx.arg(1);
    let mut count = None;
    if cx.argc() == 3 {
        let n = cx.int_or(2, err::NOT_POSITIVE)?;
        count = Some(usize::try_from(n).map_err(|_| Fail::from(err::NOT_POSITIVE))?);
    }
    let Some(len) = cx.s.set_mut(cx.db, key)?.map(|s| s.len()) else {
        match count {
            None => cx.out.null(),
            Some(_) => cx.out.set(0),
        }
        return Ok(());
    };
    let wanted = count.unwrap_or(1).min(len);
    let mut popped: Vec<Vec<u8>> = Vec::with_capacity(wanted);
    for n in 0..wanted {
        let at = cx.s.random_below(len - n);
        let Some(set) = cx.s.set_mut(cx.db, key)? else { break };
        let Some(member) = set.nth(at).map(|m| m.into_owned()) else { break };
        set.remove(&member);
        popped.push(member);
    }
    if !popped.is_empty() {
        cx.changed(notify::SET, "spop", key, popped.len() as u64);
        if cx.s.delete_if_empty(cx.db, key) && count.is_some() {
            let lazy = cx.s.config.bool(crate::config::LAZYFREE_LAZY_SERVER_DEL);
            cx.propagate_as(&[if lazy { b"UNLINK" } else { b"DEL" }, key]);
        } else {
            let mut words: Vec<&[u8]> = vec![b"SREM", key];
            words.extend(popped.iter().map(Vec::as_slice));
            cx.propagate_as(&words);
        }
    }
    match count {
        None => match popped.first() {
            Some(member) => cx.out.bulk(member),
            None => cx.out.null(),
        },
        Some(_) => {
            cx.out.set(popped.len());
            for member in &popped {
                cx.out.bulk(member);
            }
        }
    }
    Ok(())
}
