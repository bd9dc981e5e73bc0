//! `--bigkeys` and `--memkeys`: the biggest key of each type.

use resp::reply::Reply;

use super::{
    catch_interrupt, database_size, for_each_key, pause, percent, progress_bar, read_only, scan_step, was_interrupted,
};
use crate::console::Run;
use crate::session::Session;
use crate::words;

/// How often the terminal shows progress, in milliseconds.
pub(super) const REFRESH: u64 = 300;

/// What is known of the keys of a type.
pub(super) struct Kind {
    pub(super) name: String,
    pub(super) size_command: Option<&'static str>,
    pub(super) unit: &'static str,
    pub(super) biggest: u64,
    pub(super) biggest_key: String,
    pub(super) count: u64,
    pub(super) total: u64,
}

/// The known types, in the order in which redis-cli's hash table holds them.
pub(super) fn kinds() -> Vec<Kind> {
    [
        ("list", "LLEN", "items"),
        ("hash", "HLEN", "fields"),
        ("stream", "XLEN", "entries"),
        ("string", "STRLEN", "bytes"),
        ("set", "SCARD", "members"),
        ("zset", "ZCARD", "members"),
    ]
    .map(|(name, command, unit)| kind(name.into(), Some(command), unit))
    .into()
}

fn kind(name: String, size_command: Option<&'static str>, unit: &'static str) -> Kind {
    Kind { name, size_command, unit, biggest: 0, biggest_key: String::new(), count: 0, total: 0 }
}

struct Scan {
    kinds: Vec<Kind>,
    /// `--memkeys`: how many nested values MEMORY USAGE samples; negative for its default
    memory: Option<i64>,
    sampled: u64,
    length: u64,
    keys: i64,
    refreshed: u64,
}

impl Scan {
    fn unit(&self, kind: &Kind) -> &'static str {
        if self.memory.is_some() { "bytes" } else { kind.unit }
    }
}

/// Runs the mode; `memory` holds the samples of `--memkeys`.
pub async fn run(session: &mut Session, memory: Option<i64>) -> Run<()> {
    catch_interrupt(session);
    let keys = database_size(session).await?;
    let refreshed = session.sys.now().as_millis();
    let mut scan = Scan { kinds: kinds(), memory, sampled: 0, length: 0, keys, refreshed };
    session.out.print(
        "\n# Scanning the entire keyspace to find biggest keys as well as\n\
         # average sizes per key type.  You can use -i 0.1 to sleep 0.1 sec\n\
         # per 100 SCAN commands (not usually needed).\n\n",
    );
    read_only(session).await?;
    let (mut cursor, mut loops, mut stop) = (0, 0u64, false);
    let mut part;
    loop {
        part = 100.0 * scan.sampled as f64 / keys as f64;
        let (found, next) = scan_step(session, cursor).await?;
        loops += 1;
        let types = types(session, &mut scan.kinds, &found).await?;
        let sizes = sizes(session, &scan.kinds, scan.memory, &found, &types).await?;
        for ((key, kind), size) in found.iter().zip(types).zip(sizes) {
            if let Some(kind) = kind {
                note(session, &mut scan, key, kind, size, part);
            }
        }
        stop |= was_interrupted(session);
        if session.options.interval > 0 && loops.is_multiple_of(100) {
            stop |= pause(session, session.options.interval).await;
        }
        if stop || next == 0 {
            break;
        }
        cursor = next;
    }
    summary(session, &scan, stop.then_some(part));
    Ok(())
}

/// The place of each key's type in `kinds`; none for a key that is gone.
pub(super) async fn types(session: &mut Session, kinds: &mut Vec<Kind>, keys: &[Vec<u8>]) -> Run<Vec<Option<usize>>> {
    let commands: Vec<_> = keys.iter().map(|key| vec![b"TYPE".to_vec(), key.clone()]).collect();
    let mut found = Vec::with_capacity(keys.len());
    for reply in for_each_key(session, &commands).await? {
        match reply {
            Reply::Status(name) if name == b"none" => found.push(None),
            Reply::Status(name) => {
                let name = String::from_utf8_lossy(&name).into_owned();
                let place = kinds.iter().position(|k| k.name == name).unwrap_or_else(|| {
                    kinds.push(kind(name, None, "?"));
                    kinds.len() - 1
                });
                found.push(Some(place));
            }
            other => {
                let text = other.text().unwrap_or_default();
                return session.out.fail(format!("TYPE returned an error: {text}\n")).await;
            }
        }
    }
    Ok(found)
}

/// The size of each key: in memory, with so many samples, or what the command of its type tells.
pub(super) async fn sizes(
    session: &mut Session,
    kinds: &[Kind],
    memory: Option<i64>,
    keys: &[Vec<u8>],
    types: &[Option<usize>],
) -> Run<Vec<u64>> {
    let mut commands = Vec::new();
    let mut places = Vec::new();
    for (i, (key, kind)) in keys.iter().zip(types).enumerate() {
        let Some(kind) = kind.and_then(|k| kinds.get(k)) else { continue };
        let command = match (memory, kind.size_command) {
            (Some(samples), _) => {
                let mut words = vec![b"MEMORY".to_vec(), b"USAGE".to_vec(), key.clone()];
                if samples >= 0 {
                    words.extend([b"SAMPLES".to_vec(), samples.to_string().into_bytes()]);
                }
                words
            }
            (None, Some(command)) => vec![command.into(), key.clone()],
            (None, None) => continue,
        };
        commands.push(command);
        places.push((i, if memory.is_some() { "MEMORY USAGE" } else { kind.size_command.unwrap_or_default() }));
    }
    let mut sizes = vec![0; keys.len()];
    for (reply, (i, command)) in for_each_key(session, &commands).await?.into_iter().zip(places) {
        if let (Reply::Integer(size), Some(place)) = (&reply, sizes.get_mut(i)) {
            *place = (*size).max(0) as u64;
        } else if let Some(key) = keys.get(i) {
            let key = String::from_utf8_lossy(key);
            session.out.error(format!("Warning:  {command} on '{key}' failed (may have changed type)\n")).await;
        }
    }
    Ok(sizes)
}

fn note(session: &mut Session, scan: &mut Scan, key: &[u8], place: usize, size: u64, part: f64) {
    let memory = scan.memory.is_some();
    let Some(kind) = scan.kinds.get_mut(place) else { return };
    kind.total += size;
    kind.count += 1;
    scan.length += key.len() as u64;
    scan.sampled += 1;
    let out = &mut session.out;
    if kind.biggest < size {
        kind.biggest = size;
        kind.biggest_key = words::quote(key);
        if !out.tty {
            let unit = if memory { "bytes" } else { kind.unit };
            let (name, key) = (&kind.name, &kind.biggest_key);
            out.print(format!("[{}%] Biggest {name:<6} found so far {key} with {size} {unit}\n", percent(part)));
        }
    }
    if scan.sampled.is_multiple_of(1_000_000) && !out.tty {
        out.print(format!("[{}%] Sampled {} keys so far\n", percent(part), scan.sampled));
    }
    let now = session.sys.now().as_millis();
    if out.tty && now > scan.refreshed + REFRESH {
        scan.refreshed = now;
        out.print(progress_bar(scan.sampled, scan.keys));
        out.print("\x1b[2K\r\n");
        let mut lines = 3;
        for kind in scan.kinds.iter().filter(|k| k.biggest > 0) {
            let Kind { name, biggest_key, biggest, .. } = kind;
            out.print(format!(
                "\x1b[2K\rBiggest {name:<9} found so far {biggest_key} with {biggest} {}\n",
                scan.unit(kind)
            ));
            lines += 1;
        }
        out.print(format!("\x1b[{lines}A\r"));
    }
}

fn summary(session: &mut Session, scan: &Scan, stopped_at: Option<f64>) {
    let out = &mut session.out;
    if out.tty {
        out.print(progress_bar(scan.sampled, scan.keys));
        out.print("\x1b[2K\r\n".repeat(scan.kinds.len()));
        out.print(format!("\x1b[{}A\r", scan.kinds.len()));
    }
    out.print("\n-------- summary -------\n\n");
    if !out.tty {
        if let Some(part) = stopped_at {
            out.print(format!("[{}%] ", percent(part)));
        }
        out.print(format!("Sampled {} keys in the keyspace!\n", scan.sampled));
    }
    let each = |total: u64, count: u64| if count == 0 { 0.0 } else { total as f64 / count as f64 };
    let average = each(scan.length, scan.sampled);
    out.print(format!("Total key length in bytes is {} (avg len {average:.2})\n\n", scan.length));
    for kind in scan.kinds.iter().filter(|k| !k.biggest_key.is_empty()) {
        let Kind { name, biggest_key, biggest, .. } = kind;
        out.print(format!("Biggest {name:>6} found {biggest_key} has {biggest} {}\n", scan.unit(kind)));
    }
    out.print("\n");
    for kind in &scan.kinds {
        let Kind { name, count, total, .. } = kind;
        out.print(format!(
            "{count} {name}s with {total} {} ({}% of keys, avg size {:.2})\n",
            scan.unit(kind),
            percent(100.0 * each(*count, scan.sampled)),
            each(*total, *count)
        ));
    }
}
