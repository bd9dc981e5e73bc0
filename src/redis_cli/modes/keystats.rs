//! `--keystats`: the largest keys, and how sizes and lengths are distributed.

use super::bigkeys::{self, Kind, REFRESH};
use super::stat::human;
use super::{catch_interrupt, database_size, pause, read_only, scan_step, was_interrupted};
use crate::console::Run;
use crate::histogram::Histogram;
use crate::session::Session;
use crate::words;

/// The largest name of each row of the names' lengths.
const LENGTHS: &[u64] = &[1 << 5, 1 << 8, 1 << 16, 1 << 20, 1 << 24, 1 << 27, 1 << 29];
/// Significant digits of sizes.
const DIGITS: u32 = 4;
/// Characters of a progress bar.
const WIDTH: f64 = 60.0;

/// One of the largest keys.
struct Large {
    size: u64,
    kind: String,
    name: String,
}

struct Stats {
    /// Keys by type: their memory, and how many elements they have.
    memory: Vec<Kind>,
    lengths: Vec<Kind>,
    largest: Vec<Large>,
    most: usize,
    sizes: Histogram,
    /// Names' lengths: how many in each row (those beyond the last one too), all together, and the longest.
    names: Vec<u64>,
    names_total: u64,
    longest_name: u64,
    sampled: u64,
    keys: i64,
    total: u64,
    tty: bool,
}

/// Runs the mode.
pub async fn run(session: &mut Session) -> Run<()> {
    catch_interrupt(session);
    let keys = database_size(session).await?;
    session.out.print(
        "\n# Scanning the entire keyspace to find the biggest keys and distribution information.\n\
         # Use -i 0.1 to sleep 0.1 sec per 100 SCAN commands (not usually needed).\n\
         # Use --cursor <n> to start the scan at the cursor <n> (usually after a Ctrl-C).\n\
         # Use --top <n> to display <n> top key sizes (default is 10).\n\
         # Ctrl-C to stop the scan.\n\n",
    );
    read_only(session).await?;
    let mut stats = Stats::new(keys, session.options.modes.top, session.out.tty);
    let samples = session.options.modes.samples;
    let (mut cursor, mut loops, mut stop) = (session.options.modes.cursor, 0u64, false);
    let mut refreshed = session.sys.now().as_millis();
    loop {
        let (found, next) = scan_step(session, cursor).await?;
        cursor = next;
        loops += 1;
        let types = bigkeys::types(session, &mut stats.memory, &found).await?;
        let memory = bigkeys::sizes(session, &stats.memory, Some(samples), &found, &types).await?;
        let kinds = bigkeys::types(session, &mut stats.lengths, &found).await?;
        let lengths = bigkeys::sizes(session, &stats.lengths, None, &found, &kinds).await?;
        for (i, key) in found.iter().enumerate() {
            if let (Some(Some(kind)), Some(Some(other)), Some(size), Some(length)) =
                (types.get(i), kinds.get(i), memory.get(i), lengths.get(i))
            {
                stats.add(key, (*kind, *size), (*other, *length));
            }
        }
        let now = session.sys.now().as_millis();
        if stats.tty && now > refreshed + REFRESH {
            refreshed = now;
            let shown = stats.found();
            let lines = shown.len();
            session.out.print(stats.lines(shown));
            session.out.print(format!("\x1b[{lines}A\r"));
        }
        stop |= was_interrupted(session);
        if session.options.interval > 0 && loops.is_multiple_of(100) {
            stop |= pause(session, session.options.interval).await;
        }
        if stop || cursor == 0 {
            break;
        }
    }
    for part in [stats.found(), stats.size_rows(), stats.name_rows(), stats.type_rows()] {
        session.out.print(stats.lines(part));
    }
    if cursor != 0 {
        session.out.print(format!(
            "\nScan interrupted:\nUse 'redis-cli --keystats --cursor {cursor}' to restart from the last cursor.\n"
        ));
    }
    Ok(())
}

impl Stats {
    fn new(keys: i64, most: u64, tty: bool) -> Self {
        Self {
            memory: bigkeys::kinds(),
            lengths: bigkeys::kinds(),
            largest: Vec::new(),
            most: usize::try_from(most).unwrap_or(usize::MAX),
            sizes: Histogram::new(0, DIGITS),
            names: vec![0; LENGTHS.len() + 1],
            names_total: 0,
            longest_name: 0,
            sampled: 0,
            keys,
            total: 0,
            tty,
        }
    }

    /// Notes a key with its place among the types and its size, of both kinds.
    fn add(&mut self, key: &[u8], memory: (usize, u64), length: (usize, u64)) {
        let (place, size) = memory;
        let Some(kind) = self.memory.get_mut(place) else { return };
        note(kind, key, size);
        let at = self.largest.iter().position(|large| size > large.size).unwrap_or(self.largest.len());
        if at < self.most {
            let kind = kind.name.chars().take(9).collect();
            self.largest.insert(at, Large { size, kind, name: words::quote(key) });
            self.largest.truncate(self.most);
        }
        if let Some(kind) = self.lengths.get_mut(length.0) {
            note(kind, key, length.1);
        }
        self.sampled += 1;
        self.total += size;
        self.sizes.record(size);
        let length = key.len() as u64;
        self.names_total += length;
        self.longest_name = self.longest_name.max(length);
        let row = LENGTHS.iter().position(|most| length <= *most).unwrap_or(LENGTHS.len());
        if let Some(row) = self.names.get_mut(row) {
            *row += 1;
        }
    }

    /// Lines as they are printed: on a terminal over what stood there.
    fn lines(&self, lines: Vec<String>) -> String {
        let clean = if self.tty { "\x1b[2K\r" } else { "" };
        lines.into_iter().map(|line| format!("{clean}{line}\n")).collect()
    }

    /// What is shown while the scan goes on too.
    fn found(&self) -> Vec<String> {
        let part = if self.keys <= 0 { 0.0 } else { (self.sampled as f64 / self.keys as f64).min(1.0) };
        let done = (WIDTH * part).round() as usize;
        let bar = match self.tty {
            true => format!("\x1b[32m{}\x1b[31m{}\x1b[39m", "|".repeat(done), "-".repeat(WIDTH as usize - done)),
            false => "keys scanned".to_owned(),
        };
        let mut out = vec![
            format!("{:6.2}% {bar}", part * 100.0),
            format!("Keys sampled: {}", self.sampled),
            format!("Keys size:    {}", size(self.total)),
            String::new(),
            format!("--- Top {} key sizes ---", self.most),
        ];
        let largest = self.largest.iter().enumerate();
        out.extend(largest.map(|(n, l)| format!("{:3} {:>8} {:<10} {}", n + 1, size(l.size), l.kind, l.name)));
        out.extend([String::new(), "--- Top size per type ---".into()]);
        let known = |kinds: &'_ [Kind]| -> Vec<(String, String, u64, &'static str)> {
            let known = kinds.iter().filter(|k| k.biggest > 0);
            known.map(|k| (k.name.clone(), k.biggest_key.clone(), k.biggest, k.unit)).collect()
        };
        out.extend(known(&self.memory).into_iter().map(|(name, key, n, _)| format!("{name:<10} {key} is {}", size(n))));
        out.extend([String::new(), "--- Top length and cardinality per type ---".into()]);
        out.extend(known(&self.lengths).into_iter().map(|(name, key, n, unit)| {
            let length = if unit == "bytes" { size(n) } else { format!("{n} {unit}") };
            format!("{name:<10} {key} has {length}")
        }));
        out
    }

    fn size_rows(&self) -> Vec<String> {
        let mut out: Vec<String> =
            ["", "Key size Percentile Total keys", "-------- ---------- -----------"].map(String::from).into();
        let mut last = 0;
        for (percent, value, count) in self.sizes.halvings() {
            if count != last {
                let percent = if count == self.sampled { 100.0 } else { percent };
                out.push(format!("{:>8} {percent:9.4}% {count:11}", size(value)));
                last = count;
            }
        }
        // Without keys redis-cli prints the smallest number for what there is none of.
        let show = |value: Option<f64>| value.map_or(format!("-{}B", i64::MIN), |value| size(value as u64));
        let (mean, deviation) = (show(self.sizes.mean()), show(self.sizes.deviation()));
        out.push(format!("Note: 0.01% size precision, Mean: {mean}, StdDeviation: {deviation}"));
        out
    }

    fn name_rows(&self) -> Vec<String> {
        let mut out: Vec<String> =
            ["", "Key name length Percentile Total keys", "--------------- ---------- -----------"]
                .map(String::from)
                .into();
        let mut sum = 0;
        for (most, count) in LENGTHS.iter().zip(&self.names).filter(|(_, count)| **count > 0) {
            sum += count;
            let percent = 100.0 * sum as f64 / self.sampled as f64;
            out.push(format!("{:>15} {percent:9.4}% {sum:11}", size(self.longest_name.min(*most))));
        }
        if sum < self.sampled {
            out.push(format!("{:>15} {:9.4}% {:11}", "inf", 100.0, self.sampled));
        }
        let average = self.names_total.checked_div(self.sampled).map_or("0".into(), size);
        out.push(format!("Total key length is {} ({average} avg)", size(self.names_total)));
        out
    }

    fn type_rows(&self) -> Vec<String> {
        let mut out: Vec<String> = [
            "",
            "Type        Total keys  Keys % Tot size Avg size  Total length/card Avg ln/card",
            "--------- ------------ ------- -------- -------- ------------------ -----------",
        ]
        .map(String::from)
        .into();
        for kind in self.memory.iter().filter(|kind| kind.count > 0) {
            let other = self.lengths.iter().find(|k| k.name == kind.name);
            let (total, average) = match other.filter(|k| k.size_command.is_some() && k.count > 0) {
                None => (" - ".into(), " - ".into()),
                Some(k) => {
                    let average = k.total as f64 / k.count as f64;
                    match k.unit {
                        "bytes" => (size(k.total), size(average.round() as u64)),
                        unit => (format!("{} {unit}", k.total), format!("{average:.2}")),
                    }
                }
            };
            out.push(format!(
                "{:<10} {:11} {:6.2}% {:>8} {:>8} {total:>18} {average:>11}",
                kind.name,
                kind.count,
                100.0 * kind.count as f64 / self.sampled as f64,
                size(kind.total),
                size(kind.total / kind.count)
            ));
        }
        out
    }
}

fn note(kind: &mut Kind, key: &[u8], size: u64) {
    kind.total += size;
    kind.count += 1;
    if kind.biggest < size {
        kind.biggest = size;
        let shown = key.split(|b| *b == 0).next().unwrap_or_default();
        kind.biggest_key = String::from_utf8_lossy(shown).into_owned();
    }
}

fn size(bytes: u64) -> String {
    human(i64::try_from(bytes).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(kinds: &[Kind], name: &str) -> usize {
        kinds.iter().position(|k| k.name == name).unwrap()
    }

    #[test]
    fn keys_are_shown_as_in_the_real_one() {
        let mut stats = Stats::new(4, 10, false);
        let (list, string) = (place(&stats.memory, "list"), place(&stats.memory, "string"));
        stats.add(b"l", (list, 45), (list, 3));
        for (key, length) in [(b"c", 3), (b"b", 2), (b"a", 1)] {
            stats.add(key, (string, 32), (string, length));
        }
        let found = stats.found();
        assert_eq!(found[..3], ["100.00% keys scanned", "Keys sampled: 4", "Keys size:    141B"]);
        assert_eq!(found[5..7], ["  1      45B list       \"l\"", "  2      32B string     \"c\""]);
        assert!(found.contains(&"string     c has 3B".to_owned()));
        assert_eq!(
            stats.size_rows()[3..],
            [
                "     32B    0.0000%           3",
                "     45B  100.0000%           4",
                "Note: 0.01% size precision, Mean: 35B, StdDeviation: 5B"
            ]
        );
        assert_eq!(
            stats.name_rows()[3..],
            ["             1B  100.0000%           4", "Total key length is 4B (1B avg)"]
        );
        assert_eq!(
            stats.type_rows()[3..],
            [
                "list                 1  25.00%      45B      45B            3 items        3.00",
                "string               3  75.00%      96B      32B                 6B          2B"
            ]
        );
    }

    #[test]
    fn nothing_is_shown_of_nothing() {
        let stats = Stats::new(0, 10, false);
        assert_eq!(stats.found()[0], "  0.00% keys scanned");
        assert!(stats.size_rows()[3].ends_with("Mean: --9223372036854775808B, StdDeviation: --9223372036854775808B"));
        assert_eq!(stats.name_rows()[3], "Total key length is 0B (0 avg)");
    }
}
