//! The options of XADD and XTRIM.

use super::prelude::*;
use super::stream;
use crate::data::stream::{By, NewId, References, Stream, StreamId, Trim};

/// The options.
#[derive(Debug)]
pub struct Options<'a> {
    /// Which word is XADD's id.
    pub id_at: usize,
    /// XADD's id.
    pub id: NewId,
    /// NOMKSTREAM was not given.
    pub make: bool,
    /// IDMP and IDMPAUTO: the producer, and the name it gives the entry.
    pub producer: Option<(&'a [u8], Option<&'a [u8]>)>,
    /// How to trim.
    pub trim: Option<Trim>,
    /// Which word says how much to trim.
    pub trim_at: usize,
}

/// What is read while the options go by.
struct Reading<'a> {
    options: Options<'a>,
    by: Option<By>,
    approximate: bool,
    limit: Option<i64>,
    references: Option<References>,
}

/// Reads the options of XADD or XTRIM.
pub fn parse<'a>(cx: &Cx<'a>, add: bool) -> Result<Options<'a>, Fail> {
    let options = Options { id_at: cx.argc(), id: NewId::Auto, make: true, producer: None, trim: None, trim_at: 0 };
    let mut r = Reading { options, by: None, approximate: false, limit: None, references: None };
    let mut at = 2;
    while at < cx.argc() {
        let more = cx.argc() - 1 - at;
        if add && cx.arg(at) == b"*" {
            r.options.id_at = at;
            break;
        } else if (cx.is(at, "MAXLEN") || cx.is(at, "MINID")) && more > 0 {
            at = strategy(cx, at, more, &mut r)?;
        } else if cx.is(at, "LIMIT") && more > 0 {
            at += 1;
            let limit = cx.int(at)?;
            if limit < 0 {
                return Err("ERR The LIMIT argument must be >= 0.".into());
            }
            r.limit = Some(limit);
        } else if let Some(references) = stream::references(cx.arg(at)).filter(|_| r.references.is_none()) {
            r.references = Some(references);
        } else if add && cx.is(at, "NOMKSTREAM") {
            r.options.make = false;
        } else if add && ((cx.is(at, "IDMPAUTO") && more > 0) || (cx.is(at, "IDMP") && more > 1)) {
            at = producer(cx, at, &mut r.options)?;
        } else if add {
            given_id(cx, at, &mut r.options)?;
            break;
        } else {
            return Err(err::SYNTAX.into());
        }
        at += 1;
    }
    finish(cx, r, add)
}

/// MAXLEN and MINID. The last word that belongs to it.
fn strategy(cx: &Cx<'_>, at: usize, more: usize, r: &mut Reading<'_>) -> Result<usize, Fail> {
    if r.by.is_some() {
        return Err("ERR syntax error, MAXLEN and MINID options at the same time are not compatible".into());
    }
    let mut value = at + 1;
    r.approximate = more >= 2 && cx.arg(value) == b"~";
    if r.approximate || (more >= 2 && cx.arg(value) == b"=") {
        value += 1;
    }
    if cx.is(at, "MAXLEN") {
        let most = u64::try_from(cx.int(value)?).map_err(|_| Fail::from("ERR The MAXLEN argument must be >= 0."))?;
        r.by = Some(By::Length(most));
    } else {
        r.by = Some(By::Id(stream::id(cx.arg(value), 0)?));
    }
    r.options.trim_at = value;
    Ok(value)
}

/// IDMP and IDMPAUTO. The last word that belongs to it.
fn producer<'a>(cx: &Cx<'a>, at: usize, options: &mut Options<'a>) -> Result<usize, Fail> {
    let auto = cx.is(at, "IDMPAUTO");
    if options.producer.is_some() {
        return Err("ERR syntax error, IDMP/IDMPAUTO specified multiple times".into());
    }
    if cx.arg(at + 1).is_empty() {
        let option = if auto { "IDMPAUTO" } else { "IDMP" };
        return Err(format!("ERR syntax error, {option} requires a non-empty producer ID").into());
    }
    if !auto && cx.arg(at + 2).is_empty() {
        return Err("ERR syntax error, IDMP requires a non-empty idempotent ID".into());
    }
    options.producer = Some((cx.arg(at + 1), (!auto).then(|| cx.arg(at + 2))));
    Ok(if auto { at + 1 } else { at + 2 })
}

fn given_id(cx: &Cx<'_>, at: usize, options: &mut Options<'_>) -> Result<(), Fail> {
    options.id = match StreamId::parse(cx.arg(at), 0) {
        Some((ms, Some(seq))) => NewId::Given(StreamId { ms, seq }),
        Some((ms, None)) => NewId::Time(ms),
        None => return stream::id(b"", 0).map(|_| ()),
    };
    // What comes from the master has the id that the master gave it.
    if options.producer.is_some() && !stream::obeys(cx) {
        return Err("ERR syntax error, IDMP/IDMPAUTO can be used only with auto-generated IDs".into());
    }
    options.id_at = at;
    Ok(())
}

fn finish<'a>(cx: &Cx<'a>, r: Reading<'a>, add: bool) -> Result<Options<'a>, Fail> {
    let mut options = r.options;
    if r.by.is_none() && r.limit.is_some_and(|limit| limit > 0) {
        return Err("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy".into());
    }
    if r.by.is_none() && !add {
        return Err("ERR syntax error, XTRIM must be called with a trimming strategy".into());
    }
    let limit = if stream::obeys(cx) {
        0
    } else if let Some(limit) = r.limit {
        if !r.approximate {
            return Err("ERR syntax error, LIMIT cannot be used without the special ~ option".into());
        }
        limit as u64
    } else if r.approximate {
        // As many entries as 100 nodes hold.
        match (cx.s.hot.stream.entries as u64).saturating_mul(100) {
            0 => 10_000,
            limit => limit.min(1_000_000),
        }
    } else {
        0
    };
    let references = r.references.unwrap_or_default();
    options.trim = r.by.map(|by| Trim { by, approximate: r.approximate, limit, references });
    Ok(options)
}

/// Replaces the words of an approximate trimming by what came of it, so that replicas and files get the
/// same.
pub fn rewrite(words: &mut [Vec<u8>], options: &Options<'_>, by: By, stream: &Stream) {
    let value = match by {
        By::Length(_) => stream.len().to_string().into_bytes(),
        By::Id(_) => stream.first_with_deleted().text(),
    };
    for (at, word) in [(options.trim_at.wrapping_sub(1), b"=".to_vec()), (options.trim_at, value)] {
        if let Some(place) = words.get_mut(at) {
            *place = word;
        }
    }
}
