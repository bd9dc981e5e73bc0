//! DEBUG POPULATE count [prefix] [size]

use super::super::prelude::*;

pub(super) fn run(cx: &mut Cx<'_>) -> Res {
    let count = positive(cx, 2)?;
    let prefix = if cx.argc() > 3 { cx.arg(3) } else { b"key" };
    let size = if cx.argc() > 4 { positive(cx, 4)? } else { 0 };
    let limit = cx.s.hot.max_bulk.max(0) as usize;
    if size > limit || count > u32::MAX as usize {
        return Err("ERR OOM in dictTryExpand".into());
    }
    if let Some(db) = cx.s.dbs.get_mut(cx.db) {
        let expected = db.len().saturating_add(count.min(1 << 24));
        db.reserve(expected);
    }
    for n in 0..count {
        let key = [prefix, format!(":{n}").as_bytes()].concat();
        if cx.s.write(cx.db, &key).is_some() {
            continue;
        }
        let mut value = format!("value:{n}").into_bytes();
        if size > 0 {
            value.resize(size, 0);
        }
        cx.s.add_key(cx.db, &key, Value::owned_string(value));
        cx.s.key_modified(cx.db, &key, cx.client);
    }
    cx.out.ok();
    Ok(())
}

fn positive(cx: &Cx<'_>, at: usize) -> Result<usize, Fail> {
    resp::parse_i64(cx.arg(at)).and_then(|n| usize::try_from(n).ok()).ok_or(Fail::from(err::NOT_POSITIVE))
}
