//! `df`: how much room file systems have.

use machine::ExitCode;
use machine::fs::StatFs;

use crate::context::Context;
use crate::options::{HELP, Parsed, Spec, VERSION, Value};
use crate::text::human_size;

const SPEC: Spec = Spec {
    short: "ahHiklmPt:Tvx:",
    long: &[
        ("all", 'a', Value::None),
        ("exclude-type", 'x', Value::Required),
        ("human-readable", 'h', Value::None),
        ("inodes", 'i', Value::None),
        ("portability", 'P', Value::None),
        ("print-type", 'T', Value::None),
        ("type", 't', Value::Required),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: df [OPTION]... [FILE]...
Show information about the file system on which each FILE resides,
or all file systems by default.

Mandatory arguments to long options are mandatory for short options too.
  -a, --all             include pseudo, duplicate, inaccessible file systems
  -h, --human-readable  print sizes in powers of 1024 (e.g., 1023M)
  -i, --inodes          list inode information instead of block usage
  -k                    like --block-size=1K
  -P, --portability     use the POSIX output format
  -t, --type=TYPE       limit listing to file systems of type TYPE
  -T, --print-type      print file system type
  -x, --exclude-type=TYPE   limit listing to file systems not of type TYPE
      --help        display this help and exit
      --version     output version information and exit
";

struct Row {
    source: String,
    target: String,
    fstype: String,
    space: StatFs,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let mounts = cx.sys.read_file("/proc/self/mounts").unwrap_or_default();
    let mounts = machine::text::from_bytes(&mounts);
    let mut all: Vec<(String, String, String)> = Vec::new();
    for line in mounts.lines() {
        let mut words = line.split(' ').map(|w| w.replace("\\040", " "));
        if let (Some(source), Some(target), Some(fstype)) = (words.next(), words.next(), words.next()) {
            // What is mounted over hides what was there.
            all.retain(|(_, t, _)| *t != target);
            all.push((source, target, fstype));
        }
    }
    let mut rows = Vec::new();
    for path in &parsed.operands {
        match cx.sys.real_path(path) {
            Ok(real) => {
                let below = |target: &str| target == "/" || real == target || real.starts_with(&format!("{target}/"));
                let best = all.iter().filter(|(_, t, _)| below(t)).max_by_key(|(_, t, _)| t.len());
                rows.extend(best.map(|mount| row(cx, mount, path)));
            }
            Err(error) => {
                let what = if cx.is_busybox() {
                    format!("{path}: can't find mount point")
                } else {
                    format!("{path}: {error}")
                };
                cx.error(what).await;
            }
        }
    }
    if parsed.operands.is_empty() {
        let mut seen = Vec::new();
        for mount in &all {
            let device = cx.sys.stat(&mount.1).map(|a| a.dev).unwrap_or(0);
            let new = row(cx, mount, &mount.1);
            // Pseudo file systems have no room at all; bind mounts show what is listed already.
            if !parsed.has('a') && (new.space.blocks == 0 || seen.contains(&device)) {
                continue;
            }
            seen.push(device);
            rows.push(new);
        }
    }
    rows.retain(|r| parsed.value('t').is_none_or(|t| t == r.fstype) && parsed.value('x').is_none_or(|t| t != r.fstype));
    if rows.is_empty() {
        if !parsed.operands.is_empty() || cx.is_busybox() {
            return ExitCode::FAILURE;
        }
        cx.error("no file systems processed").await;
        return ExitCode::FAILURE;
    }
    let table: Vec<Vec<String>> = std::iter::once(header(&parsed, cx.is_busybox()))
        .chain(rows.iter().map(|r| fields(&parsed, r, cx.is_busybox())))
        .collect();
    let busybox = cx.is_busybox();
    for line in aligned(&table, &parsed, busybox) {
        cx.line(&line).await;
    }
    cx.status()
}

fn row(cx: &Context, (source, target, fstype): &(String, String, String), path: &str) -> Row {
    let space = cx.sys.stat_fs(path).unwrap_or_default();
    Row { source: source.clone(), target: target.clone(), fstype: fstype.clone(), space }
}

fn header(parsed: &Parsed, busybox: bool) -> Vec<String> {
    let mut header = vec!["Filesystem".to_string()];
    if parsed.has('T') {
        header.push("Type".into());
    }
    let names: [&str; 4] = match () {
        () if parsed.has('i') => ["Inodes", "IUsed", "IFree", "IUse%"],
        () if parsed.has('h') && busybox => ["Size", "Used", "Available", "Use%"],
        () if parsed.has('h') => ["Size", "Used", "Avail", "Use%"],
        () if parsed.has('P') => ["1024-blocks", "Used", "Available", "Capacity"],
        () if parsed.has('m') => ["1M-blocks", "Used", "Available", "Use%"],
        () => ["1K-blocks", "Used", "Available", "Use%"],
    };
    header.extend(names.map(String::from));
    header.push("Mounted on".into());
    header
}

fn fields(parsed: &Parsed, row: &Row, busybox: bool) -> Vec<String> {
    let space = &row.space;
    let size = |blocks: u64| {
        let bytes = blocks * space.block_size;
        match () {
            () if parsed.has('h') && busybox => busybox_size(bytes),
            () if parsed.has('h') => human_size(bytes),
            () if parsed.has('m') => bytes.div_ceil(1 << 20).to_string(),
            () => (bytes / 1024).to_string(),
        }
    };
    let mut fields = vec![row.source.clone()];
    if parsed.has('T') {
        fields.push(row.fstype.clone());
    }
    let (all, free) = if parsed.has('i') { (space.files, space.files_free) } else { (space.blocks, space.free) };
    let used = all.saturating_sub(free);
    let percent = if all == 0 { "-".to_string() } else { format!("{}%", (used * 100).div_ceil(all)) };
    let percent = if busybox && all == 0 { "0%".to_string() } else { percent };
    if parsed.has('i') {
        fields.extend([all, used, free].map(|n| n.to_string()));
    } else {
        fields.extend([all, used, free].map(size));
    }
    fields.extend([percent, row.target.clone()]);
    fields
}

/// BusyBox's sizes: one decimal always.
pub fn busybox_size(bytes: u64) -> String {
    if bytes == 0 {
        return "0".into();
    }
    let (mut unit, mut size) = (0, bytes as f64);
    while size >= 1024.0 && unit < 5 {
        size /= 1024.0;
        unit += 1;
    }
    if unit == 0 { bytes.to_string() } else { format!("{size:.1}{}", ["", "K", "M", "G", "T", "P"][unit]) }
}

fn aligned(table: &[Vec<String>], parsed: &Parsed, busybox: bool) -> Vec<String> {
    let columns = table[0].len();
    let text_columns = if parsed.has('T') { 2 } else { 1 };
    if busybox {
        return table.iter().map(|row| busybox_line(row, text_columns)).collect();
    }
    let least = |column: usize| match column {
        0 => 14,
        _ if column < text_columns => 4,
        _ if column + 1 == columns => 0,
        _ if column + 2 == columns => 4,
        _ => 5,
    };
    let width =
        |column: usize| table.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).max(least(column));
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cell = |(at, text): (usize, &String)| match at {
            _ if at < text_columns => format!("{text:<w$}", w = widths[at]),
            _ if at + 1 == columns => text.clone(),
            _ => format!("{text:>w$}", w = widths[at]),
        };
        row.iter().enumerate().map(cell).collect::<Vec<_>>().join(" ")
    };
    table.iter().map(line).collect()
}

/// BusyBox's fixed columns; a long name goes on a line of its own.
fn busybox_line(row: &[String], text_columns: usize) -> String {
    let name = &row[0];
    let mut line =
        if name.len() > 20 && name != "Filesystem" { format!("{name}\n{:20}", "") } else { format!("{name:<20}") };
    if text_columns == 2 {
        line.push_str(&format!(" {:<10}", row[1]));
    }
    let rest = &row[text_columns..];
    line.push_str(&format!(" {:>9} {:>9} {:>9} {:>4} {}", rest[0], rest[1], rest[2], rest[3], rest[4]));
    line
}
