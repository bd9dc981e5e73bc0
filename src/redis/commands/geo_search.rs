//! GEOSEARCH and its older forms: members of a sorted set that lie within a shape.

use super::geo::{distance_text, length, place, unit};
use super::prelude::*;
use super::zset;
use crate::data::geo::{Place, Shape};
use crate::data::zset::ZSet;
use std::cmp::Ordering;

/// Which command it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// GEORADIUS; whether it may store.
    Radius(bool),
    /// GEORADIUSBYMEMBER; whether it may store.
    RadiusByMember(bool),
    /// GEOSEARCH.
    Search,
    /// GEOSEARCHSTORE.
    SearchStore,
}

impl Form {
    fn may_store(self) -> bool {
        matches!(self, Form::Radius(true) | Form::RadiusByMember(true))
    }

    fn is_search(self) -> bool {
        matches!(self, Form::Search | Form::SearchStore)
    }
}

/// What is asked for.
struct Query<'a> {
    middle: Option<Place>,
    /// FROMMEMBER or FROMLONLAT was given.
    from: Option<&'static str>,
    shape: Option<Shape>,
    /// Metres of the unit.
    unit: f64,
    with_distance: bool,
    with_hash: bool,
    with_place: bool,
    any: bool,
    /// 0 for all.
    count: usize,
    order: Option<Order>,
    store: Option<&'a [u8]>,
    store_distance: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Nearest,
    Farthest,
}

/// A member that was found.
struct Hit {
    member: Vec<u8>,
    place: Place,
    score: f64,
    /// In metres.
    distance: f64,
}

/// Runs any of the forms.
pub fn run(cx: &mut Cx<'_>, form: Form) -> Res {
    let key = cx.arg(if form == Form::SearchStore { 2 } else { 1 });
    let known = cx.s.zset(cx.db, key)?.is_some();
    let query = parse(cx, form, key, known)?;
    check(cx, form, &query)?;
    let (Some(middle), Some(shape), true) = (query.middle, query.shape, known) else {
        match query.store {
            Some(target) => {
                zset::store(cx, target, ZSet::new(), "");
                cx.out.int(0);
            }
            None => cx.out.array(0),
        }
        return Ok(());
    };
    let limit = if query.any { query.count } else { 0 };
    let mut hits = match cx.s.peek(cx.db, key) {
        Some(Value::ZSet(zset)) => find(zset, middle, shape, limit),
        _ => Vec::new(),
    };
    let order = query.order.or((query.count > 0 && !query.any).then_some(Order::Nearest));
    if let Some(order) = order {
        hits.sort_by(|a, b| {
            let nearer = a.distance.partial_cmp(&b.distance).unwrap_or(Ordering::Equal);
            if order == Order::Nearest { nearer } else { nearer.reverse() }
        });
    }
    if query.count > 0 {
        hits.truncate(query.count);
    }
    match query.store {
        None => reply(cx, &query, &hits),
        Some(target) => store(cx, target, form, &query, &hits),
    }
    Ok(())
}

fn parse<'a>(cx: &mut Cx<'a>, form: Form, key: &[u8], known: bool) -> Result<Query<'a>, Fail> {
    let mut q = Query {
        middle: None,
        from: None,
        shape: None,
        unit: 1.0,
        with_distance: false,
        with_hash: false,
        with_place: false,
        any: false,
        count: 0,
        order: None,
        store: None,
        store_distance: false,
    };
    let mut at = match form {
        Form::Radius(_) => {
            q.middle = Some(place(cx, 2)?);
            circle(cx, &mut q, 4)?;
            6
        }
        Form::RadiusByMember(_) => {
            if known {
                q.middle = Some(member(cx, key, cx.arg(2))?);
                circle(cx, &mut q, 3)?;
            }
            5
        }
        Form::Search => 2,
        Form::SearchStore => {
            q.store = Some(cx.arg(1));
            3
        }
    };
    while at < cx.argc() {
        at = option(cx, form, &mut q, key, known, at)?;
    }
    Ok(q)
}

/// Reads the option at a word; the place after it.
fn option<'a>(
    cx: &mut Cx<'a>,
    form: Form,
    q: &mut Query<'a>,
    key: &[u8],
    known: bool,
    at: usize,
) -> Result<usize, Fail> {
    let left = cx.argc() - at - 1;
    match cx.arg(at).to_ascii_uppercase().as_slice() {
        b"WITHDIST" => q.with_distance = true,
        b"WITHHASH" => q.with_hash = true,
        b"WITHCOORD" => q.with_place = true,
        b"ANY" => q.any = true,
        b"ASC" => q.order = Some(Order::Nearest),
        b"DESC" => q.order = Some(Order::Farthest),
        b"COUNT" if left >= 1 => {
            let count = cx.int(at + 1)?;
            q.count = usize::try_from(count).ok().filter(|n| *n > 0).ok_or(Fail::from("ERR COUNT must be > 0"))?;
            return Ok(at + 2);
        }
        word @ (b"STORE" | b"STOREDIST") if left >= 1 && form.may_store() => {
            q.store = Some(cx.arg(at + 1));
            q.store_distance = word == b"STOREDIST";
            return Ok(at + 2);
        }
        b"STOREDIST" if form == Form::SearchStore => q.store_distance = true,
        b"FROMMEMBER" if left >= 1 && form.is_search() && q.from != Some("lonlat") => {
            if known {
                q.middle = Some(member(cx, key, cx.arg(at + 1))?);
            }
            q.from = Some("member");
            return Ok(at + 2);
        }
        b"FROMLONLAT" if left >= 2 && form.is_search() && q.from != Some("member") => {
            q.middle = Some(place(cx, at + 1)?);
            q.from = Some("lonlat");
            return Ok(at + 3);
        }
        b"BYRADIUS" if left >= 2 && form.is_search() && !matches!(q.shape, Some(Shape::Box(..))) => {
            circle(cx, q, at + 1)?;
            return Ok(at + 3);
        }
        b"BYBOX" if left >= 3 && form.is_search() && !matches!(q.shape, Some(Shape::Circle(_))) => {
            rectangle(cx, q, at + 1)?;
            return Ok(at + 4);
        }
        _ => return Err(err::SYNTAX.into()),
    }
    Ok(at + 1)
}

fn member(cx: &mut Cx<'_>, key: &[u8], member: &[u8]) -> Result<Place, Fail> {
    let score = cx.s.zset(cx.db, key)?.and_then(|z| z.score(member));
    score.map(Place::from_score).ok_or(Fail::from("ERR could not decode requested zset member"))
}

fn circle(cx: &Cx<'_>, q: &mut Query<'_>, at: usize) -> Res {
    let radius = length(cx.arg(at), "ERR need numeric radius")?;
    if radius < 0.0 {
        return Err("ERR radius cannot be negative".into());
    }
    q.unit = unit(cx.arg(at + 1))?;
    q.shape = Some(Shape::Circle(radius * q.unit));
    Ok(())
}

fn rectangle(cx: &Cx<'_>, q: &mut Query<'_>, at: usize) -> Res {
    let width = length(cx.arg(at), "ERR need numeric width")?;
    let height = length(cx.arg(at + 1), "ERR need numeric height")?;
    if width < 0.0 || height < 0.0 {
        return Err("ERR height or width cannot be negative".into());
    }
    q.unit = unit(cx.arg(at + 2))?;
    q.shape = Some(Shape::Box(width * q.unit, height * q.unit));
    Ok(())
}

/// Options that don't go together.
fn check(cx: &Cx<'_>, form: Form, q: &Query<'_>) -> Res {
    if q.store.is_some() && (q.with_distance || q.with_hash || q.with_place) {
        let name = if form == Form::SearchStore { "GEOSEARCHSTORE" } else { "STORE option in GEORADIUS" };
        return Err(format!("ERR {name} is not compatible with WITHDIST, WITHHASH and WITHCOORD options").into());
    }
    let name = String::from_utf8_lossy(cx.arg(0));
    if form.is_search() && q.from.is_none() {
        return Err(format!("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for {name}").into());
    }
    if form.is_search() && q.shape.is_none() {
        return Err(format!("ERR exactly one of BYRADIUS and BYBOX can be specified for {name}").into());
    }
    if q.any && q.count == 0 {
        return Err("ERR the ANY argument requires COUNT argument".into());
    }
    Ok(())
}

/// The members inside the shape, at most `limit` unless that is 0.
fn find(zset: &ZSet, middle: Place, shape: Shape, limit: usize) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (from, to) in shape.score_ranges(middle) {
        let first = zset.partition_point(&|_, score| score < from);
        for (member, score) in zset.iter_from(first, false).take_while(|(_, score)| *score < to) {
            if limit > 0 && hits.len() >= limit {
                return hits;
            }
            let place = Place::from_score(score);
            if let Some(distance) = shape.covers(middle, place) {
                hits.push(Hit { member: member.into_owned(), place, score, distance });
            }
        }
    }
    hits
}

fn reply(cx: &mut Cx<'_>, q: &Query<'_>, hits: &[Hit]) {
    let extras = usize::from(q.with_distance) + usize::from(q.with_hash) + usize::from(q.with_place);
    cx.out.array(hits.len());
    for hit in hits {
        if extras > 0 {
            cx.out.array(extras + 1);
        }
        cx.out.bulk(&hit.member);
        if q.with_distance {
            cx.out.text(&distance_text(hit.distance / q.unit));
        }
        if q.with_hash {
            cx.out.int(hit.score as i64);
        }
        if q.with_place {
            reply_place(cx, hit.place);
        }
    }
}

/// Longitude and latitude.
pub fn reply_place(cx: &mut Cx<'_>, place: Place) {
    cx.out.array(2);
    cx.out.double(place.lon);
    cx.out.double(place.lat);
}

fn store(cx: &mut Cx<'_>, target: &[u8], form: Form, q: &Query<'_>, hits: &[Hit]) {
    let limits = cx.s.hot.zset;
    let mut zset = ZSet::sized(usize::MAX, 0, limits);
    for hit in hits {
        let score = if q.store_distance { hit.distance / q.unit } else { hit.score };
        zset.insert(&hit.member, score, limits);
    }
    let event = if form.is_search() { "geosearchstore" } else { "georadiusstore" };
    let stored = zset::store(cx, target, zset, event);
    cx.s.dirty += (stored as u64).saturating_sub(1);
    cx.out.len(hits.len());
}
