//! XTRIM key <MAXLEN | MINID> [= | ~] threshold [LIMIT count] [KEEPREF | DELREF | ACKED]

use super::prelude::*;
use super::{stream, stream_trim};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xtrim",
    arity: -4,
    flags: flag::WRITE,
    acl: acl::WRITE | acl::STREAM | acl::SLOW,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::DELETE, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Deletes messages from the beginning of a stream.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(N), with N being the number of evicted entries. Constant times are very small however, since entries are organized in macro nodes containing multiple entries that can be released with a single deallocation.",
        args: "key:k@0 trim:b(strategy:o(maxlen:t=MAXLEN minid:t=MINID^6.2.0) operator:o?(equal:t== approximately:t=~) threshold:s count:i=LIMIT?^6.2.0 condition:o?(keepref:t=KEEPREF delref:t=DELREF acked:t=ACKED))",
        history: &[
            ("6.2.0", "Added the `MINID` trimming strategy and the `LIMIT` option."),
            ("8.2.0", "Added the `KEEPREF`, `DELREF` and `ACKED` options."),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let options = stream_trim::parse(cx, false)?;
    let key = cx.arg(1);
    cx.s.stream_mut(cx.db, key)?;
    let (Some(trim), Some(stream)) = (options.trim, stream::peek(cx.s, cx.db, key)) else {
        cx.out.int(0);
        return Ok(());
    };
    let deleted = stream.trim(&trim);
    if deleted > 0 {
        if trim.approximate {
            let mut words: Vec<Vec<u8>> = cx.argv.iter().map(|w| w.to_vec()).collect();
            stream_trim::rewrite(&mut words, &options, trim.by, stream);
            cx.s.rewritten = Some(words);
        }
        cx.changed(notify::STREAM, "xtrim", key, deleted);
    }
    cx.out.int(deleted as i64);
    Ok(())
}
