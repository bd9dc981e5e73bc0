//! DEBUG HTSTATS and HTSTATS-KEY: how full the hash tables are.

use super::super::prelude::*;
use crate::data::index::Spread;
use crate::data::set::View;
use crate::data::zset::ZSet;
use std::fmt::Write as _;

/// The longest chain that is counted apart.
const LONGEST: usize = 49;

pub(super) fn database(cx: &mut Cx<'_>) -> Res {
    let n = cx.int(2)?;
    let full = cx.is(3, "full");
    let Some(db) = usize::try_from(n).ok().and_then(|n| cx.s.dbs.get(n)) else {
        return Err("ERR Out of range database".into());
    };
    let mut text = format!("[Dictionary HT]\n{}[Expires HT]\n", describe(&db.spread(), full));
    if db.volatile() > 0 {
        let _ = writeln!(
            text,
            "drydock: keys that expire are kept in the order of their time here, not in a hash table\n number of elements: {}",
            db.volatile()
        );
    }
    cx.out.verbatim("txt", text.as_bytes());
    Ok(())
}

pub(super) fn key(cx: &mut Cx<'_>) -> Res {
    let full = cx.is(3, "full");
    let key = cx.arg(2);
    let spread = match cx.s.read(cx.db, key) {
        None => return Err(err::NO_KEY.into()),
        Some(Value::Set(set)) => match set.view() {
            View::Table(table) => table.spread(),
            _ => Vec::new(),
        },
        Some(Value::ZSet(zset)) => match zset {
            ZSet::Skip(list) => list.spread(),
            ZSet::Pack(_) => Vec::new(),
        },
        Some(Value::Hash(hash)) => hash.spread(),
        Some(_) => Vec::new(),
    };
    if spread.is_empty() {
        return Err("ERR The value stored at the specified key is not represented using an hash table".into());
    }
    cx.out.verbatim("txt", describe(&spread, full).as_bytes());
    Ok(())
}

/// The text for a table in use and perhaps one that its items move to.
fn describe(spread: &[Spread], full: bool) -> String {
    let mut text = String::new();
    for (n, table) in spread.iter().enumerate() {
        let name = if n == 0 { "main hash table" } else { "rehashing target" };
        let items = table.items();
        let _ = writeln!(text, "Hash table {n} stats ({name}):");
        if items == 0 {
            text.push_str("No stats available for empty dictionaries\n");
            continue;
        }
        let _ = writeln!(text, " table size: {}\n number of elements: {items}", table.buckets);
        if full {
            describe_chains(&mut text, table, items);
        }
    }
    text
}

fn describe_chains(text: &mut String, table: &Spread, items: usize) {
    let used: usize = table.chains.iter().skip(1).sum();
    let average = items as f64 / used.max(1) as f64;
    let longest = table.chains.len().saturating_sub(1);
    let _ = writeln!(
        text,
        " different slots: {used}\n max chain length: {longest}\n avg chain length (counted): {average:.2}\n avg chain length (computed): {average:.2}\n Chain length distribution:"
    );
    for (length, count) in table.chains.iter().enumerate().take(LONGEST).filter(|(_, n)| **n > 0) {
        let share = *count as f64 / table.buckets.max(1) as f64 * 100.0;
        let _ = writeln!(text, "   {length}: {count} ({share:.2}%)");
    }
}
