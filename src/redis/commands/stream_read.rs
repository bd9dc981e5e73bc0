//! XREAD and XREADGROUP.

use super::prelude::*;
use super::stream;
use crate::data::stream::{Group, Item, Stream, StreamId};
use crate::data::text::Text;
use crate::server::client::BlockedOn;
use resp::Reply;

/// What is asked for.
struct Ask<'a> {
    /// The keys.
    keys: &'a [&'a [u8]],
    /// Which word is the first id.
    ids_at: usize,
    /// After which id entries are wanted; the largest for new ones (`>`).
    after: Vec<StreamId>,
    /// Group and consumer.
    group: Option<(&'a [u8], &'a [u8])>,
    /// At most so many entries of each stream; 0 for all.
    count: usize,
    /// Until when to wait, in Unix milliseconds; 0 for ever.
    until: Option<i64>,
    no_ack: bool,
    /// CLAIM: entries that somebody else has had for so long are wanted too, in milliseconds.
    idle: Option<i64>,
}

/// XREAD, and XREADGROUP where `grouped`.
pub fn run(cx: &mut Cx<'_>, grouped: bool) -> Res {
    // What was read is propagated as XCLAIM and XGROUP SETID.
    cx.s.no_propagate = true;
    let mut ask = parse(cx, grouped)?;
    resolve(cx, &mut ask)?;
    let mark = cx.out.later();
    let (mut served, mut oldest) = (0, None);
    for n in 0..ask.keys.len() {
        let key = ask.keys[n];
        if cx.s.read(cx.db, key).is_none() {
            continue;
        }
        served += usize::from(match ask.group {
            Some((group, consumer)) => serve_group(cx, &mut ask, n, group, consumer, &mut oldest),
            None => serve(cx, &ask, n),
        });
    }
    if served > 0 {
        if cx.out.resp3 {
            cx.out.map_at(mark, served);
        } else {
            cx.out.array_at(mark, served);
        }
        return Ok(());
    }
    match ask.until {
        Some(until) if !cx.no_block => wait(cx, &ask, until, oldest),
        _ => cx.out.null_array(),
    }
    Ok(())
}

fn parse<'a>(cx: &Cx<'a>, grouped: bool) -> Result<Ask<'a>, Fail> {
    let mut ask =
        Ask { keys: &[], ids_at: 0, after: Vec::new(), group: None, count: 0, until: None, no_ack: false, idle: None };
    let only_grouped = |option: &str| {
        let text = format!("ERR The {option} option is only supported by XREADGROUP. You called XREAD instead.");
        if grouped { Ok(()) } else { Err(Fail::from(text)) }
    };
    let mut at = 1;
    while at < cx.argc() {
        let more = cx.argc() - 1 - at;
        if cx.is(at, "CLAIM") && more > 0 {
            only_grouped("CLAIM")?;
            at += 1;
            let idle = cx.int_or(at, "ERR min-idle-time is not an integer or out of range")?;
            if idle < 0 {
                return Err("ERR min-idle-time must be a positive integer".into());
            }
            ask.idle = Some(idle);
        } else if cx.is(at, "BLOCK") && more > 0 {
            at += 1;
            ask.until = Some(cx.timeout_ms(at)?);
        } else if cx.is(at, "COUNT") && more > 0 {
            at += 1;
            ask.count = usize::try_from(cx.int(at)?).unwrap_or(0);
        } else if cx.is(at, "STREAMS") && more > 0 {
            streams(cx, at + 1, grouped, &mut ask)?;
            break;
        } else if cx.is(at, "GROUP") && more > 1 {
            only_grouped("GROUP")?;
            ask.group = Some((cx.arg(at + 1), cx.arg(at + 2)));
            at += 2;
        } else if cx.is(at, "NOACK") {
            only_grouped("NOACK")?;
            ask.no_ack = true;
        } else {
            return Err(err::SYNTAX.into());
        }
        at += 1;
    }
    if ask.keys.is_empty() {
        return Err(err::SYNTAX.into());
    }
    if grouped && ask.group.is_none() {
        return Err("ERR Missing GROUP option for XREADGROUP".into());
    }
    Ok(ask)
}

fn streams<'a>(cx: &Cx<'a>, at: usize, grouped: bool, ask: &mut Ask<'a>) -> Result<(), Fail> {
    let count = cx.argc() - at;
    if !count.is_multiple_of(2) {
        let (name, ids) = if grouped { ("xreadgroup", "ID or '>'") } else { ("xread", "ID, '+', or '$'") };
        return Err(format!(
            "ERR Unbalanced '{name}' list of streams: for each stream key an {ids} must be specified."
        )
        .into());
    }
    ask.keys = &cx.argv[at..at + count / 2];
    ask.ids_at = at + count / 2;
    Ok(())
}

/// Finds out which ids the words mean; the streams' types are right and their groups there after this.
fn resolve(cx: &mut Cx<'_>, ask: &mut Ask<'_>) -> Result<(), Fail> {
    for (n, key) in ask.keys.iter().enumerate() {
        let word = cx.arg(ask.ids_at + n);
        let found = cx.s.stream(cx.db, key)?;
        if let Some((group, _)) = ask.group
            && !found.is_some_and(|stream| stream.groups.contains_key(group))
        {
            return Err(stream::no_group(key, group, " in XREADGROUP with GROUP option"));
        }
        let after = match (word, ask.group.is_some()) {
            (b"$" | b"+", true) => {
                let word = char::from(word[0]);
                return Err(format!("ERR The {word} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The {word} ID would just return an empty result set.").into());
            }
            (b"$", false) => found.map_or(StreamId::MIN, |stream| stream.last_id),
            (b"+", false) => found.and_then(Stream::last_entry).and_then(StreamId::prev).unwrap_or_default(),
            (b">", true) => StreamId::MAX,
            (b">", false) => return Err(
                "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option."
                    .into(),
            ),
            _ => stream::id(word, 0)?,
        };
        ask.after.push(after);
    }
    Ok(())
}

/// Writes a stream's key, before its entries.
fn reply_key(out: &mut Reply, key: &[u8]) {
    if !out.resp3 {
        out.array(2);
    }
    out.bulk(key);
}

/// Serves one stream without a group. False if it has nothing new.
fn serve(cx: &mut Cx<'_>, ask: &Ask<'_>, n: usize) -> bool {
    let (key, after) = (ask.keys[n], ask.after[n]);
    let Some(found) = stream::peek(cx.s, cx.db, key) else { return false };
    let Some(start) = after.next().filter(|_| found.last_entry().is_some_and(|last| last > after)) else {
        return false;
    };
    reply_key(cx.out, key);
    let mark = cx.out.later();
    let mut shown = 0;
    let most = if ask.count == 0 { usize::MAX } else { ask.count };
    for item in found.range(start, StreamId::MAX).take(most) {
        stream::reply_entry(cx.out, &item);
        shown += 1;
    }
    cx.out.array_at(mark, shown);
    true
}

/// When the entry that was delivered longest ago (and is still there) was delivered.
fn oldest_delivery(stream: &Stream, group: &Group) -> Option<i64> {
    group.pending_by_time().find(|(id, _)| stream.contains(*id)).map(|(_, pending)| pending.time)
}

/// Serves one stream to a consumer. False if there is nothing for it. `oldest` becomes the earliest
/// delivery of an entry that may be claimed some time.
fn serve_group(
    cx: &mut Cx<'_>,
    ask: &mut Ask<'_>,
    n: usize,
    name: &[u8],
    consumer_name: &[u8],
    oldest: &mut Option<i64>,
) -> bool {
    let (key, after, now) = (ask.keys[n], ask.after[n], cx.s.now_ms);
    let Some(found) = stream::peek(cx.s, cx.db, key) else { return false };
    // The group is taken out while it is changed, so that the stream can be read beside it.
    let Some(mut group) = found.groups.get_mut(name).map(std::mem::take) else { return false };
    let mut claimable = false;
    if let Some(idle) = ask.idle
        && let Some(time) = oldest_delivery(found, &group)
    {
        claimable = now.saturating_sub(time) >= idle;
        *oldest = Some(oldest.map_or(time, |o| o.min(time)));
    }
    let history = after != StreamId::MAX;
    let fresh = !history && found.last_entry().is_some_and(|last| last > group.last_id);
    let (consumer, made) = stream::consumer_of(&mut group, consumer_name, now);
    if history {
        // Whoever asks for its own history gets nothing of others.
        ask.idle = None;
    }
    let serves = history || fresh || (claimable && ask.idle.is_some());
    let mut delivery = Delivery { key, name, ask, consumer, now, last_id: group.last_id, commands: Vec::new() };
    if serves {
        reply_key(cx.out, key);
        if history {
            delivery.history(cx.out, found, &mut group, after);
        } else {
            delivery.new_ones(cx.out, found, &mut group, fresh);
        }
    }
    let mut commands = delivery.commands;
    let changed = !commands.is_empty();
    if made && ask.no_ack {
        let words = [b"XGROUP".as_slice(), b"CREATECONSUMER", key, name, consumer_name];
        commands.insert(0, words.iter().map(|w| w.to_vec()).collect());
    }
    if let Some(place) = found.groups.get_mut(name) {
        *place = group;
    }
    if made {
        stream::consumer_made(cx, key);
    }
    if changed {
        cx.s.dirty += 1;
        cx.s.note_changed(cx.db, key);
    }
    stream::propagate_all(cx, &commands);
    serves
}

/// Entries on their way to a consumer.
struct Delivery<'a> {
    key: &'a [u8],
    name: &'a [u8],
    ask: &'a Ask<'a>,
    consumer: u64,
    now: i64,
    /// The group's last id before this.
    last_id: StreamId,
    /// What is propagated.
    commands: Vec<Vec<Vec<u8>>>,
}

impl Delivery<'_> {
    fn full(&self, shown: usize) -> bool {
        self.ask.count > 0 && shown >= self.ask.count
    }

    /// The consumer has the entry from now on.
    fn give(&mut self, group: &mut Group, id: StreamId, count: u64) {
        group.assign(id, self.consumer, self.now, count);
        if let Some(consumer) = group.consumer_mut(self.consumer) {
            consumer.active = self.now;
        }
        self.commands.push(stream::claim_words(self.key, self.name, group, self.last_id, id));
    }

    /// What the consumer has already and did not acknowledge.
    fn history(&self, out: &mut Reply, stream: &Stream, group: &mut Group, after: StreamId) {
        let mark = out.later();
        let mut shown = 0;
        let mut next = after.next();
        while let Some(from) = next.filter(|_| !self.full(shown)) {
            let own = group.consumer(self.consumer).and_then(|c| c.pending.range(from..).next().copied());
            let Some(id) = own else { break };
            next = id.next();
            shown += 1;
            let Some(item) = stream.get(id) else {
                // It was deleted meanwhile.
                out.array(2);
                stream::reply_id(out, id);
                out.null_array();
                continue;
            };
            stream::reply_entry(out, &item);
            let count = group.pending(id).map_or(0, |p| p.count);
            group.assign(id, self.consumer, self.now, count.saturating_add(1));
        }
        out.array_at(mark, shown);
    }

    /// What others have had for too long, then what nobody has got yet.
    fn new_ones(&mut self, out: &mut Reply, found: &Stream, group: &mut Group, fresh: bool) {
        let mark = out.later();
        let mut shown = 0;
        if let Some(idle) = self.ask.idle {
            shown = self.claim(out, found, group, idle);
        }
        let start = self.last_id.next().filter(|_| fresh && !self.full(shown));
        let mut moved = false;
        for item in start.into_iter().flat_map(|start| found.range(start, StreamId::MAX)) {
            if item.id > group.last_id {
                group.entries_read = found.count_read(group, item.id);
                group.last_id = item.id;
                moved = true;
            }
            self.reply(out, &item, 0, 0);
            if !self.ask.no_ack {
                self.give(group, item.id, 1);
            }
            shown += 1;
            if self.full(shown) {
                break;
            }
        }
        if moved {
            self.commands.push(stream::setid_words(self.key, self.name, group));
        }
        out.array_at(mark, shown);
    }

    /// Claims what has been pending for at least `idle` milliseconds.
    fn claim(&mut self, out: &mut Reply, found: &Stream, group: &mut Group, idle: i64) -> usize {
        let mut shown = 0;
        // What is claimed moves to the end, which is as far as this goes.
        let last = group.last_by_time();
        let mut at = None;
        while let Some((place, id)) = group.next_by_time(at) {
            let since = self.now.saturating_sub(place.0);
            if since < idle || Some(place) > last {
                break;
            }
            at = Some(place);
            let Some(item) = found.get(id) else { continue };
            let count = group.pending(id).map_or(0, |p| p.count);
            self.reply(out, &item, since, count as i64);
            self.give(group, id, count.saturating_add(1));
            shown += 1;
            if self.full(shown) {
                break;
            }
        }
        shown
    }

    fn reply(&self, out: &mut Reply, item: &Item<'_>, idle: i64, count: i64) {
        if self.ask.idle.is_none() {
            return stream::reply_entry(out, item);
        }
        out.array(4);
        stream::reply_id(out, item.id);
        stream::reply_pairs(out, item);
        out.int(idle);
        out.int(count);
    }
}

/// Waits for entries; for those to come that may be claimed, too.
fn wait(cx: &mut Cx<'_>, ask: &Ask<'_>, until: i64, oldest: Option<i64>) {
    // `$` means the same entry when the command runs again.
    let ids: Vec<Vec<u8>> = ask.after.iter().map(|id| id.text()).collect();
    let mut words = cx.argv.to_vec();
    for (n, id) in ids.iter().enumerate() {
        if let Some(word) = words.get_mut(ask.ids_at + n).filter(|word| **word == b"$") {
            *word = id;
        }
    }
    if let Some(idle) = ask.idle {
        let when = oldest.unwrap_or(cx.s.now_ms).saturating_add(idle);
        for key in ask.keys {
            let place = cx.s.claimable.entry((cx.db, Text::new(key))).or_insert(when);
            *place = when.min(*place);
        }
    }
    let keys = ask.keys.iter().map(|k| Text::new(k)).collect();
    let on = BlockedOn::Keys { keys, kind: Kind::Stream, gone: ask.group.is_some() };
    cx.s.block(cx.client, on, until, &words);
}
