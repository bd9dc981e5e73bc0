//! `ls`: names in folders.

use std::cell::Cell;

use machine::fs::{Attr, FileKind};
use machine::{ExitCode, Fd, SysResult, UnixTime};
use unicode_width::UnicodeWidthStr;

use super::date::strftime;
use crate::context::Context;
use crate::options::{HELP, Parsed, Spec, VERSION, Value};
use crate::text::{human_size, mode_string, name_of, quote};

const SPEC: Spec = Spec {
    short: "aAbcCdfFghHiklLmnopqQrRsStTuUvw:xX1N",
    long: &[
        ("all", 'a', Value::None),
        ("almost-all", 'A', Value::None),
        ("color", '\u{10}', Value::Optional),
        ("directory", 'd', Value::None),
        ("classify", 'F', Value::Optional),
        ("full-time", '\u{11}', Value::None),
        ("group-directories-first", '\u{12}', Value::None),
        ("human-readable", 'h', Value::None),
        ("inode", 'i', Value::None),
        ("no-group", 'G', Value::None),
        ("numeric-uid-gid", 'n', Value::None),
        ("recursive", 'R', Value::None),
        ("reverse", 'r', Value::None),
        ("size", 's', Value::None),
        ("width", 'w', Value::Required),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: ls [OPTION]... [FILE]...
List information about the FILEs (the current directory by default).
Sort entries alphabetically if none of -cftuvSUX nor --sort is specified.

Mandatory arguments to long options are mandatory for short options too.
  -a, --all                  do not ignore entries starting with .
  -A, --almost-all           do not list implied . and ..
  -C                         list entries by columns
      --color[=WHEN]         color the output WHEN
  -d, --directory            list directories themselves, not their contents
  -F, --classify[=WHEN]      append indicator (one of */=>@|) to entries WHEN
  -h, --human-readable       with -l and -s, print sizes like 1K 234M 2G etc.
  -i, --inode                print the index number of each file
  -l                         use a long listing format
  -n, --numeric-uid-gid      like -l, but list numeric user and group IDs
  -r, --reverse              reverse order while sorting
  -R, --recursive            list subdirectories recursively
  -s, --size                 print the allocated size of each file, in blocks
  -S                         sort by file size, largest first
  -t                         sort by time, newest first; see --time
  -1                         list one file per line
      --help        display this help and exit
      --version     output version information and exit
";

/// Longest nesting that `-R` follows.
const DEEPEST: usize = 64;
const HALF_A_YEAR: i64 = 31_556_952 / 2;

struct Entry {
    name: String,
    attr: Attr,
    target: Option<String>,
    /// What a link leads to.
    behind: Option<Attr>,
}

struct Style {
    parsed: Parsed,
    long: bool,
    columns: Option<usize>,
    color: bool,
    /// `-Q`.
    quoted: bool,
    busybox: bool,
    colored_before: Cell<bool>,
    users: String,
    groups: String,
    now: UnixTime,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return ExitCode(if status == ExitCode::SUCCESS || cx.is_busybox() { status.0 } else { 2 }),
    };
    let style = Style::new(cx, parsed);
    let mut failed = false;
    let operands = if style.parsed.operands.is_empty() { vec![".".to_string()] } else { style.parsed.operands.clone() };
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for path in &operands {
        match look(cx, path, path, style.parsed.has('d') || style.long) {
            Ok(entry) if entry.attr.is_dir() && !style.parsed.has('d') => folders.push(entry),
            Ok(entry) => files.push(entry),
            Err(error) => {
                failed = true;
                let what = if cx.is_busybox() { path.clone() } else { format!("cannot access {}", quote(path)) };
                cx.error(format_args!("{what}: {error}")).await;
            }
        }
    }
    style.sort(&mut files);
    style.sort(&mut folders);
    let many = operands.len() > 1 || style.parsed.has('R');
    let mut first = files.is_empty();
    style.show(cx, &files, false).await;
    for folder in folders {
        failed |= list(cx, &style, folder.name, many, &mut first).await;
    }
    match failed {
        false => ExitCode::SUCCESS,
        true if cx.is_busybox() => ExitCode::FAILURE,
        true => ExitCode(2),
    }
}

fn look(cx: &Context, path: &str, name: &str, no_follow: bool) -> SysResult<Entry> {
    let mut attr = cx.sys.lstat(path)?;
    let (mut target, mut behind) = (None, None);
    if attr.kind == FileKind::Symlink {
        target = cx.sys.read_link(path).ok();
        behind = cx.sys.stat(path).ok();
        if let (false, Some(followed)) = (no_follow, behind.filter(Attr::is_dir)) {
            attr = followed;
        }
    }
    Ok(Entry { name: name.to_string(), attr, target, behind })
}

/// Lists a folder, and with `-R` those below it; whether anything failed.
async fn list(cx: &mut Context, style: &Style, path: String, titled: bool, first: &mut bool) -> bool {
    let (mut failed, mut todo) = (false, vec![(path, 0)]);
    while let Some((path, depth)) = todo.pop() {
        let names = match cx.sys.read_dir(&path) {
            Ok(names) => names,
            Err(error) => {
                failed = true;
                let what = if cx.is_busybox() {
                    format!("can't open '{path}'")
                } else {
                    format!("cannot open directory {}", quote(&path))
                };
                cx.error(format_args!("{what}: {error}")).await;
                continue;
            }
        };
        if titled {
            let gap = if *first { "" } else { "\n" };
            cx.line(&format!("{gap}{path}:")).await;
        }
        *first = false;
        let mut shown: Vec<String> = names.into_iter().map(|e| e.name).collect();
        let all = style.parsed.last_of("aA").or(style.parsed.has('f').then_some('a'));
        shown.retain(|name| all.is_some() || !name.starts_with('.'));
        if all == Some('a') {
            shown.extend([".".to_string(), "..".to_string()]);
        }
        let base = path.trim_end_matches('/');
        let mut entries: Vec<Entry> =
            shown.iter().filter_map(|name| look(cx, &format!("{base}/{name}"), name, true).ok()).collect();
        style.sort(&mut entries);
        style.show(cx, &entries, true).await;
        cx.sys.tick(1000 * entries.len() as u64).await;
        if style.parsed.has('R') && depth < DEEPEST {
            let below = entries.iter().rev().filter(|e| e.attr.is_dir() && e.name != "." && e.name != "..");
            todo.extend(below.map(|e| (format!("{base}/{}", e.name), depth + 1)));
        }
    }
    failed
}

impl Style {
    fn new(cx: &Context, parsed: Parsed) -> Style {
        let tty = cx.sys.isatty(Fd::STDOUT);
        let read = |path: &str| String::from_utf8_lossy(&cx.sys.read_file(path).unwrap_or_default()).into_owned();
        let form = parsed.last_of("lgnoC1xm");
        let long = parsed.has('\u{11}') || matches!(form, Some('l' | 'g' | 'n' | 'o'));
        let width = parsed.value('w').and_then(|w| w.parse().ok()).or_else(|| {
            let columns = cx.sys.env_var("COLUMNS").and_then(|c| c.parse().ok());
            columns.or_else(|| cx.sys.winsize(Fd::STDOUT).ok().map(|s| usize::from(s.columns)))
        });
        let columns = match form {
            Some('C' | 'x' | 'm') => Some(width.unwrap_or(80)),
            None if tty => Some(width.unwrap_or(80)),
            _ => None,
        };
        let color = match parsed.options.iter().rev().find(|(o, _)| *o == '\u{10}').map(|(_, v)| v.as_deref()) {
            Some(Some("auto" | "tty" | "if-tty")) => tty,
            Some(Some("never" | "no" | "none")) => false,
            Some(_) => true,
            None => tty && cx.is_busybox(),
        };
        let (quoted, busybox) = (parsed.has('Q'), cx.is_busybox());
        Style {
            parsed,
            quoted,
            busybox,
            colored_before: Cell::new(false),
            long,
            columns,
            color,
            users: read("/etc/passwd"),
            groups: read("/etc/group"),
            now: cx.sys.wall_clock(),
        }
    }

    fn sort(&self, entries: &mut [Entry]) {
        match self.parsed.last_of("StUf") {
            Some('U' | 'f') => return,
            Some('S') => entries.sort_by(|a, b| b.attr.size.cmp(&a.attr.size).then_with(|| a.name.cmp(&b.name))),
            Some('t') => entries.sort_by(|a, b| b.attr.mtime.cmp(&a.attr.mtime).then_with(|| a.name.cmp(&b.name))),
            _ => entries.sort_by(|a, b| a.name.cmp(&b.name)),
        }
        if self.parsed.has('r') {
            entries.reverse();
        }
        if self.parsed.has('\u{12}') {
            entries.sort_by_key(|e| !e.behind.as_ref().unwrap_or(&e.attr).is_dir());
        }
    }

    async fn show(&self, cx: &mut Context, entries: &[Entry], total: bool) {
        if (self.long || self.parsed.has('s')) && total {
            let blocks: u64 = entries.iter().map(|e| e.attr.blocks).sum();
            let total = if self.parsed.has('h') { human_size(blocks * 512) } else { (blocks / 2).to_string() };
            cx.line(&format!("total {total}")).await;
        }
        if self.long {
            for line in self.long_lines(entries) {
                cx.line(&line).await;
            }
            return;
        }
        let cells: Vec<(String, usize)> = entries.iter().map(|e| self.cell(e)).collect();
        match self.columns {
            Some(width) => {
                let across = self.parsed.last_of("Cxm") == Some('x');
                let lines = match () {
                    () if self.parsed.last_of("Cxm") == Some('m') => with_commas(&cells, width),
                    () if self.busybox => in_even_columns(&cells, width, across),
                    () => in_columns(&cells, width, across, !self.color),
                };
                for line in lines {
                    cx.line(&line).await;
                }
            }
            None => {
                for (cell, _) in cells {
                    cx.line(&cell).await;
                }
            }
        }
    }

    /// A name as it is shown, and how wide that is.
    fn cell(&self, entry: &Entry) -> (String, usize) {
        let mut text = String::new();
        if self.parsed.has('i') {
            text.push_str(&format!("{} ", entry.attr.ino));
        }
        if self.parsed.has('s') {
            text.push_str(&format!("{} ", entry.attr.blocks / 2));
        }
        let mark = if self.parsed.has('F') {
            indicator(&entry.attr)
        } else if self.parsed.has('p') && entry.attr.is_dir() {
            "/"
        } else {
            ""
        };
        let name = if self.quoted { c_quoted(&entry.name) } else { entry.name.clone() };
        let width = text.width() + name.width() + mark.len();
        text.push_str(&self.colored(&name, &entry.attr));
        text.push_str(mark);
        (text, width)
    }

    fn colored(&self, name: &str, attr: &Attr) -> String {
        let code = match attr.kind {
            _ if !self.color => "",
            FileKind::Symlink => "01;36",
            FileKind::Directory if attr.mode & 0o1002 == 0o1002 => "30;42",
            FileKind::Directory if attr.mode & 0o2 != 0 => "34;42",
            FileKind::Directory => "01;34",
            FileKind::Fifo => "40;33",
            FileKind::Socket => "01;35",
            FileKind::CharDevice | FileKind::BlockDevice => "40;33;01",
            FileKind::Regular if attr.mode & 0o4000 != 0 => "37;41",
            FileKind::Regular if attr.mode & 0o111 != 0 => "01;32",
            FileKind::Regular => "",
        };
        if code.is_empty() {
            return name.to_string();
        }
        // Before the first colour the terminal is set to its defaults.
        let reset = if self.colored_before.replace(true) || self.busybox { "" } else { "\x1b[0m" };
        format!("{reset}\x1b[{code}m{name}\x1b[0m")
    }

    fn long_lines(&self, entries: &[Entry]) -> Vec<String> {
        let rows: Vec<[String; 6]> = entries.iter().map(|e| self.long_fields(e)).collect();
        let width = |at: usize| rows.iter().map(|r| r[at].len()).max().unwrap_or(0);
        // BusyBox's columns have fixed widths.
        let widths: Vec<usize> = if self.busybox { vec![7, 4, 8, 8, 9, 0] } else { (0..6).map(width).collect() };
        let row = |(entry, r): (&Entry, &[String; 6])| {
            let mut line = String::new();
            if self.parsed.has('i') {
                line.push_str(&format!("{:>w$} ", r[0], w = widths[0]));
            }
            line.push_str(&format!("{} {:>w$}", mode_text(&entry.attr), r[1], w = widths[1]));
            if !self.parsed.has('g') {
                line.push_str(&format!(" {:w$}", r[2], w = widths[2]));
            }
            if !self.parsed.has('o') && !self.parsed.has('G') {
                line.push_str(&format!(" {:w$}", r[3], w = widths[3]));
            }
            line.push_str(&format!(" {:>w$} {} ", r[4], r[5], w = widths[4]));
            let name = if self.quoted { c_quoted(&entry.name) } else { entry.name.clone() };
            line.push_str(&self.colored(&name, &entry.attr));
            match &entry.target {
                Some(target) if entry.attr.kind == FileKind::Symlink => {
                    let shown = entry.behind.map_or(target.clone(), |b| self.colored(target, &b));
                    line.push_str(&format!(" -> {shown}"));
                }
                _ if self.parsed.has('F') => line.push_str(indicator(&entry.attr)),
                _ => {}
            }
            line
        };
        entries.iter().zip(&rows).map(row).collect()
    }

    /// Inode, links, owner, group, size, time.
    fn long_fields(&self, entry: &Entry) -> [String; 6] {
        let attr = &entry.attr;
        let numeric = self.parsed.has('n');
        let name = |database: &str, id: u32| match name_of(database, id).filter(|_| !numeric) {
            Some(name) => name.to_string(),
            None => id.to_string(),
        };
        let size = match attr.kind {
            FileKind::CharDevice | FileKind::BlockDevice => format!("{}, {:>3}", attr.rdev.major, attr.rdev.minor),
            _ if self.parsed.has('h') => human_size(attr.size),
            _ => attr.size.to_string(),
        };
        let age = self.now.seconds() - attr.mtime.seconds();
        let format = match () {
            () if self.parsed.has('\u{11}') => "%Y-%m-%d %H:%M:%S.%N +0000",
            () if (0..HALF_A_YEAR).contains(&age) => "%b %e %H:%M",
            () => "%b %e  %Y",
        };
        let owner = name(&self.users, attr.uid);
        let group = name(&self.groups, attr.gid);
        [attr.ino.to_string(), attr.nlink.to_string(), owner, group, size, strftime(format, attr.mtime)]
    }
}

/// `-rwxr-xr-x`.
pub fn mode_text(attr: &Attr) -> String {
    let kind = match attr.kind {
        FileKind::Regular => '-',
        FileKind::Directory => 'd',
        FileKind::Symlink => 'l',
        FileKind::Fifo => 'p',
        FileKind::Socket => 's',
        FileKind::CharDevice => 'c',
        FileKind::BlockDevice => 'b',
    };
    format!("{kind}{}", mode_string(attr.mode))
}

fn indicator(attr: &Attr) -> &'static str {
    match attr.kind {
        FileKind::Directory => "/",
        FileKind::Symlink => "@",
        FileKind::Fifo => "|",
        FileKind::Socket => "=",
        FileKind::Regular if attr.mode & 0o111 != 0 => "*",
        _ => "",
    }
}

/// As few lines as the width allows, two blanks between columns (GNU ls's `calculate_columns`).
/// Gaps hold tabs where those reach, unless there are colours (GNU ls's `indent`).
fn in_columns(cells: &[(String, usize)], width: usize, across: bool, tabs: bool) -> Vec<String> {
    let count = cells.len();
    let place = |at: usize, columns: usize, rows: usize| if across { at % columns } else { at / rows };
    let most = (width / 3).clamp(1, count.max(1));
    for columns in (1..=most).rev() {
        let rows = count.div_ceil(columns);
        let mut widths = vec![0; columns];
        for (at, (_, cell)) in cells.iter().enumerate() {
            let column = place(at, columns, rows.max(1));
            widths[column] = widths[column].max(cell + if column + 1 == columns { 0 } else { 2 });
        }
        if columns > 1 && widths.iter().sum::<usize>() >= width {
            continue;
        }
        return (0..rows)
            .map(|row| {
                let (mut line, mut start) = (String::new(), 0);
                for (column, width) in widths.iter().enumerate() {
                    let at = if across { row * columns + column } else { column * rows + row };
                    let next = if across { at + 1 } else { at + rows };
                    let Some((text, cell)) = cells.get(at) else { break };
                    line.push_str(text);
                    if column + 1 < columns && next < count {
                        indent(&mut line, start + cell, start + width, tabs);
                        start += width;
                    }
                }
                line
            })
            .collect();
    }
    Vec::new()
}

fn indent(line: &mut String, mut from: usize, to: usize, tabs: bool) {
    while from < to {
        if tabs && to / 8 > (from + 1) / 8 {
            line.push('\t');
            from += 8 - from % 8;
        } else {
            line.push(' ');
            from += 1;
        }
    }
}

/// BusyBox's columns: all as wide as the longest name.
fn in_even_columns(cells: &[(String, usize)], width: usize, across: bool) -> Vec<String> {
    let column = cells.iter().map(|(_, cell)| cell + 2).max().unwrap_or(2);
    let columns = (width / column).max(1);
    let rows = cells.len().div_ceil(columns);
    let line = |row: usize| {
        let (mut line, mut pad) = (String::new(), 0);
        for at in 0..columns {
            let at = if across { row * columns + at } else { at * rows + row };
            let Some((text, cell)) = cells.get(at) else { break };
            line.push_str(&" ".repeat(pad));
            line.push_str(text);
            pad = column - cell;
        }
        line
    };
    (0..rows).map(line).collect()
}

/// `-m`.
fn with_commas(cells: &[(String, usize)], width: usize) -> Vec<String> {
    let (mut lines, mut line, mut used) = (Vec::new(), String::new(), 0);
    for (at, (text, cell)) in cells.iter().enumerate() {
        let comma = usize::from(at + 1 < cells.len());
        if used > 0 && used + cell + 2 >= width {
            lines.push(std::mem::take(&mut line).trim_end().to_string());
            used = 0;
        }
        line.push_str(text);
        line.push_str(if comma == 1 { ", " } else { "" });
        used += cell + 2 * comma;
    }
    lines.extend((!line.is_empty()).then_some(line));
    lines
}

/// A name in double quotes with C's escapes (`-Q`).
fn c_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[cfg(test)]
mod tests {
    use super::in_columns;

    fn check(names: &str, width: usize, expected: &str) {
        let cells: Vec<_> = names.split(' ').map(|n| (n.to_string(), n.len())).collect();
        assert_eq!(in_columns(&cells, width, false, false).join("\n"), expected);
    }

    #[test]
    fn columns() {
        check("a b c", 80, "a  b  c");
        check("bin boot dev etc home lib", 20, "bin   dev  home\nboot  etc  lib");
        check("longname another", 10, "longname\nanother");
    }
}
