//! DEBUG OBJECT, SDSLEN, LISTPACK and QUICKLIST: how a value is kept.

use super::super::prelude::*;
use crate::data::list::List;
use crate::data::listpack::Listpack;
use crate::data::set::View;
use crate::data::zset::ZSet;
use crate::keyspace::Record;
use crate::persistence::rdb_write::Writer;
use std::fmt::Write as _;

fn record<'a>(cx: &'a Cx<'_>) -> Result<&'a Record, Fail> {
    cx.s.dbs.get(cx.db).and_then(|db| db.get(cx.arg(2))).ok_or(Fail::from(err::NO_KEY))
}

pub(super) fn object(cx: &mut Cx<'_>) -> Res {
    let (now, compress) = ((cx.s.now_ms / 1000) as u32, cx.s.config.bool(crate::config::RDBCOMPRESSION));
    let (lfu, limit) = (cx.s.hot.lfu, cx.s.hot.fill.limit);
    let depth = cx.s.config.int(crate::config::LIST_COMPRESS_DEPTH);
    let record = record(cx)?;
    let mut writer = Writer::new(Vec::new(), compress);
    writer.value(&record.value);
    let idle = if lfu { 0 } else { now.wrapping_sub(record.lru) };
    // There are no addresses here: a number that stays with the key stands in for one.
    let address = 0x7f00_0000_0000 | (crate::data::index::hash(record.key()) & 0xff_ffff_fff8);
    let mut text = format!(
        "Value at:0x{address:x} refcount:1 encoding:{} serializedlength:{} lru:{} lru_seconds_idle:{idle}",
        record.encoding(),
        writer.out.len(),
        record.lru & 0xff_ffff,
    );
    if let Value::List(list) = &record.value
        && list.is_quick()
    {
        let nodes = list.nodes().count();
        let bytes: usize = list.nodes().map(|(pack, _)| pack.size()).sum();
        let _ = write!(
            text,
            " ql_nodes:{nodes} ql_avg_node:{:.2} ql_listpack_max:{limit} ql_compressed:{} ql_uncompressed_size:{bytes}",
            list.len() as f64 / nodes.max(1) as f64,
            i32::from(depth != 0),
        );
    }
    cx.out.simple(&text);
    Ok(())
}

/// SDSLEN. Strings here have no room in reserve that they know of but what a changed one keeps.
pub(super) fn lengths(cx: &mut Cx<'_>) -> Res {
    let record = record(cx)?;
    let (len, spare, heap) = match &record.value {
        Value::Str(t) => (t.len(), 0, t.heap_size()),
        Value::Raw(v) => (v.len(), v.capacity() - v.len(), v.capacity()),
        _ => return Err("ERR Not an sds encoded string.".into()),
    };
    let (key, size) = (record.key().len(), size_of::<Record>() + record.key_heap_size());
    cx.out.simple(&format!(
        "key_sds_len:{key}, key_sds_avail:0, key_zmalloc: {size}, val_sds_len:{len}, val_sds_avail:{spare}, val_zmalloc: {heap}"
    ));
    Ok(())
}

/// LISTPACK: writes the entries to the log, which goes to standard output unless told elsewhere.
pub(super) fn listpack(cx: &mut Cx<'_>) -> Res {
    let text = match &record(cx)?.value {
        Value::List(list) if !list.is_quick() => list.nodes().map(|(pack, _)| describe(pack)).collect(),
        Value::Set(set) => match set.view() {
            View::Pack(pack) => describe(pack),
            _ => String::new(),
        },
        Value::ZSet(zset) => match zset {
            ZSet::Pack(pack) => describe(pack),
            ZSet::Skip(_) => String::new(),
        },
        Value::Hash(hash) => hash.pack().map(describe).unwrap_or_default(),
        _ => String::new(),
    };
    if text.is_empty() {
        return Err("ERR Not a listpack encoded object.".into());
    }
    cx.s.warn(&text);
    cx.out.simple("Listpack structure printed on stdout");
    Ok(())
}

/// QUICKLIST: likewise, node by node.
pub(super) fn quicklist(cx: &mut Cx<'_>) -> Res {
    let full = crate::server::number::atoi(cx.arg(3)) != 0;
    let text = match &record(cx)?.value {
        Value::List(list) if list.is_quick() => describe_nodes(list, full),
        _ => return Err("ERR Not a quicklist encoded object.".into()),
    };
    cx.s.warn(&text);
    cx.out.simple("Quicklist structure printed on stdout");
    Ok(())
}

fn describe(pack: &Listpack) -> String {
    let mut text = format!("{{total bytes {}}} {{num entries {}}}\n", pack.size(), pack.len());
    for (n, entry) in pack.iter().enumerate() {
        let _ = writeln!(text, "{{\n\tindex {n},\n\t[str]\"{}\"\n}}", String::from_utf8_lossy(&entry.bytes()));
    }
    text.push_str("{end}");
    text
}

fn describe_nodes(list: &List, full: bool) -> String {
    let mut text = format!("{{count : {}}}\n{{len   : {}}}", list.len(), list.nodes().count());
    for (n, (pack, plain)) in list.nodes().enumerate() {
        let kind = if plain { "PLAIN" } else { "PACKED" };
        let _ = write!(
            text,
            "\n{{quicklist node({n})\n{{container : {kind}, size: {}, count: {}}}",
            pack.size(),
            pack.len()
        );
        if full {
            let _ = write!(text, "\n{{ listpack\n{}\n}}", describe(pack));
        }
    }
    text
}
