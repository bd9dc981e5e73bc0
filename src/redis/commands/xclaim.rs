//! XCLAIM key group consumer min-idle-time id [...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE] [JUSTID] [LASTID lastid]

use super::prelude::*;
use super::stream;
use crate::data::stream::{Group, Stream, StreamId};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "xclaim",
    arity: -6,
    flags: flag::WRITE | flag::FAST,
    acl: acl::WRITE | acl::STREAM | acl::FAST,
    first: (1, 1, 1),
    keys: &[KeySpec { begin: Begin::Index(1), find: Find::Range(0, 1, 0), flags: key::RW | key::UPDATE, notes: "" }],
    tips: &["nondeterministic_output"],
    docs: Docs {
        summary: "Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered a consumer group member.",
        since: "5.0.0",
        group: "stream",
        complexity: "O(log N) with N being the number of messages in the PEL of the consumer group.",
        args: "key:k@0 group:s consumer:s min-idle-time:s id:s* ms:i=IDLE? unix-time-milliseconds:u=TIME? count:i=RETRYCOUNT? force:t=FORCE? justid:t=JUSTID? lastid:s=LASTID?",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

/// The options.
#[derive(Default)]
struct Options {
    force: bool,
    just_id: bool,
    time: Option<i64>,
    retries: Option<u64>,
    last_id: StreamId,
}

fn run(cx: &mut Cx<'_>) -> Res {
    let (key, name, now) = (cx.arg(1), cx.arg(2), cx.s.now_ms);
    if cx.s.stream(cx.db, key)?.is_none_or(|stream| !stream.groups.contains_key(name)) {
        return Err(stream::no_group(key, name, ""));
    }
    let idle = cx.int_or(4, "ERR Invalid min-idle-time argument for XCLAIM")?.max(0);
    let ids: Vec<StreamId> = cx.argv[5..].iter().map_while(|word| stream::id(word, 0).ok()).collect();
    let options = options(cx, 5 + ids.len(), now)?;
    let Some(found) = stream::peek(cx.s, cx.db, key) else { return Ok(()) };
    // The group is taken out while it is changed, so that the stream can be read beside it.
    let Some(mut group) = found.groups.get_mut(name).map(std::mem::take) else { return Ok(()) };
    let moved = options.last_id > group.last_id;
    group.last_id = group.last_id.max(options.last_id);
    let (consumer, made) = stream::consumer_of(&mut group, cx.argv[3], now);
    let mark = cx.out.later();
    let mut claim = Claim { key, name, now, idle, consumer, options, commands: Vec::new() };
    let mut claimed = 0;
    for id in ids {
        if claim.one(found, &mut group, id) {
            match found.get(id) {
                Some(item) if !claim.options.just_id => stream::reply_entry(cx.out, &item),
                _ => stream::reply_id(cx.out, id),
            }
            claimed += 1;
        }
    }
    cx.out.array_at(mark, claimed);
    let mut commands = claim.commands;
    if commands.is_empty() && moved {
        commands.push(stream::setid_words(key, name, &group));
    }
    if let Some(place) = found.groups.get_mut(name) {
        *place = group;
    }
    if made {
        stream::consumer_made(cx, key);
    }
    cx.s.dirty += commands.len() as u64;
    stream::propagate_all(cx, &commands);
    Ok(())
}

fn options(cx: &Cx<'_>, mut at: usize, now: i64) -> Result<Options, Fail> {
    let mut options = Options::default();
    while at < cx.argc() {
        let more = at + 1 < cx.argc();
        if cx.is(at, "FORCE") {
            options.force = true;
        } else if cx.is(at, "JUSTID") {
            options.just_id = true;
        } else if cx.is(at, "IDLE") && more {
            at += 1;
            options.time = Some(now.wrapping_sub(cx.int_or(at, "ERR Invalid IDLE option argument for XCLAIM")?));
        } else if cx.is(at, "TIME") && more {
            at += 1;
            options.time = Some(cx.int_or(at, "ERR Invalid TIME option argument for XCLAIM")?);
        } else if cx.is(at, "RETRYCOUNT") && more {
            at += 1;
            let n = cx.int_or(at, "ERR Invalid RETRYCOUNT option argument for XCLAIM")?;
            options.retries = u64::try_from(n).ok();
        } else if cx.is(at, "LASTID") && more {
            at += 1;
            options.last_id = stream::id(cx.arg(at), 0)?;
        } else {
            return Err(Fail::Bytes([b"ERR Unrecognized XCLAIM option '", cx.arg(at), b"'"].concat()));
        }
        at += 1;
    }
    // A time that can't be becomes now: the clock of a client may differ.
    options.time = options.time.filter(|time| (0..=now).contains(time));
    Ok(options)
}

/// A claim being carried out.
struct Claim<'a> {
    key: &'a [u8],
    name: &'a [u8],
    now: i64,
    idle: i64,
    consumer: u64,
    options: Options,
    commands: Vec<Vec<Vec<u8>>>,
}

impl Claim<'_> {
    /// Claims an entry. False if it stays where it is.
    fn one(&mut self, stream: &Stream, group: &mut Group, id: StreamId) -> bool {
        let pending = group.pending(id).copied();
        if !stream.contains(id) {
            // It was deleted: nobody has it any more.
            if pending.is_some() {
                self.commands.push(stream::claim_words(self.key, self.name, group, group.last_id, id));
                group.release(id);
            }
            return false;
        }
        let count = match pending {
            Some(pending) if self.idle > 0 && self.now.saturating_sub(pending.time) < self.idle => return false,
            Some(pending) => pending.count,
            None if self.options.force => 1,
            None => return false,
        };
        let more = u64::from(!self.options.just_id);
        let count = self.options.retries.unwrap_or(count.saturating_add(more));
        group.assign(id, self.consumer, self.options.time.unwrap_or(self.now), count);
        if let Some(consumer) = group.consumer_mut(self.consumer) {
            consumer.active = self.now;
        }
        self.commands.push(stream::claim_words(self.key, self.name, group, group.last_id, id));
        true
    }
}
