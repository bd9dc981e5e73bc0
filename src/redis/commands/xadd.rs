//! XADD key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [IDMPAUTO pid | IDMP pid iid] [<MAXLEN | MINID> [= | ~] threshold [LIMIT count]] <* | id> field value [...]

use super::prelude::*;
use super::stream;
use super::stream_trim::{self, Options};
use crate::data::stream::{NewId, StreamId, idempotent};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xadd",
    arity: -5,
    flags: flag::WRITE | flag::DENYOOM | flag::FAST,
    acl: acl::WRITE | acl::STREAM | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec {
        begin: Begin::Index(1),
        find: Find::Range(0, 1, 0),
        flags: key::RW | key::UPDATE,
        notes: "UPDATE instead of INSERT because of the optional trimming feature",
    }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Appends a new message to a stream. Creates the key if it doesn't exist.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.",
        args: "key:k@0 nomkstream:t=NOMKSTREAM?^6.2.0 condition:o?(keepref:t=KEEPREF delref:t=DELREF acked:t=ACKED) idmp:o?(idmpauto-with-pid:b(idmpauto-token:t=IDMPAUTO pid:s) idmp-with-pid-iid:b(idmp-token:t=IDMP pid:s iid:s)) trim:b?(strategy:o(maxlen:t=MAXLEN minid:t=MINID^6.2.0) operator:o?(equal:t== approximately:t=~) threshold:s count:i=LIMIT?^6.2.0) id-selector:o(auto-id:t=* id:s) data:b*(field:s value:s)",
        history: &[
            ("6.2.0", "Added the `NOMKSTREAM` option, `MINID` trimming strategy and the `LIMIT` option."),
            ("7.0.0", "Added support for the `<ms>-*` explicit ID form."),
            ("8.2.0", "Added the `KEEPREF`, `DELREF` and `ACKED` options."),
        ],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let options = stream_trim::parse(cx, true)?;
    let pairs = cx.argv.get(options.id_at + 1..).unwrap_or_default();
    if pairs.is_empty() || !pairs.len().is_multiple_of(2) {
        return Err(crate::server::errors::arity("xadd").into());
    }
    if options.id == NewId::Given(StreamId::MIN) {
        return Err("ERR The ID specified in XADD must be greater than 0-0".into());
    }
    let key = cx.arg(1);
    if cx.s.stream_mut(cx.db, key)?.is_none() {
        if !options.make {
            cx.out.null();
            return Ok(());
        }
        stream::create(cx.s, cx.db, key);
    }
    let named = options.producer.map(|(producer, name)| match name {
        Some(name) => (producer, name.to_vec()),
        None => (producer, idempotent::name_of(pairs).to_vec()),
    });
    let Some(id) = append(cx, key, pairs, &options, named)? else { return Ok(()) };
    cx.changed(notify::STREAM, "xadd", key, 1);
    trim(cx, key, &options, id);
    cx.s.signal_ready(cx.db, key);
    Ok(())
}

/// Appends the entry and replies; nothing if the producer sent it before.
fn append(
    cx: &mut Cx<'_>,
    key: &[u8],
    pairs: &[&[u8]],
    options: &Options<'_>,
    named: Option<(&[u8], Vec<u8>)>,
) -> Result<Option<StreamId>, Fail> {
    let (now, limits) = (cx.s.now_ms, cx.s.hot.stream);
    let Some(stream) = stream::peek(cx.s, cx.db, key) else { return Ok(None) };
    if let Some((producer, name)) = &named {
        let known = stream.producers.by_name.entry(producer.to_vec()).or_default().get(name);
        if let Some(id) = known {
            stream.producers.duplicates = stream.producers.duplicates.wrapping_add(1);
            stream::reply_id(cx.out, id);
            cx.s.dirty += 1;
            return Ok(None);
        }
    }
    if stream.last_id == StreamId::MAX {
        return Err("ERR The stream has exhausted the last possible ID, unable to add more items".into());
    }
    let Some(id) = stream.next_id(options.id, now) else {
        return Err("ERR The ID specified in XADD is equal or smaller than the target stream top item".into());
    };
    if !stream.append(id, pairs, limits) {
        return Err("ERR Elements are too large to be stored".into());
    }
    stream::reply_id(cx.out, id);
    if let Some((producer, name)) = named {
        stream.producers.insert(producer, &name, id);
        if let Some(db) = cx.s.dbs.get_mut(cx.db) {
            db.remember_producers(key);
        }
    }
    Ok(Some(id))
}

/// Trims if asked, and propagates the id and what the trimming came to.
fn trim(cx: &mut Cx<'_>, key: &[u8], options: &Options<'_>, id: StreamId) {
    let mut words: Vec<Vec<u8>> = Vec::new();
    let approximate = options.trim.is_some_and(|t| t.approximate);
    if approximate || !matches!(options.id, NewId::Given(_)) {
        words = cx.argv.iter().map(|w| w.to_vec()).collect();
    }
    if let Some(trim) = &options.trim
        && let Some(stream) = stream::peek(cx.s, cx.db, key)
    {
        let deleted = stream.trim(trim);
        if approximate {
            stream_trim::rewrite(&mut words, options, trim.by, stream);
        }
        if deleted > 0 {
            cx.s.notify(notify::STREAM, "xtrim", key, cx.db);
        }
    }
    if !words.is_empty() {
        words[options.id_at] = id.text();
        cx.s.rewritten = Some(words);
    }
}
