//! `ps`: processes. procps-ng's forms `ps`, `ps -ef`, `ps aux`, `-o`; BusyBox's own.

use std::cmp::Ordering;
use std::rc::Rc;

use machine::sys::{ProcessInfo, ProcessState};
use machine::{ExitCode, Fd, Pid};

use crate::context::Context;
use crate::text::name_of;

/// Bytes of memory that the machine shows (see `/proc/meminfo`).
const PAGE: u64 = 4096;

struct Column {
    title: String,
    /// Whether the line of titles is wanted.
    shown: bool,
    right: bool,
    value: fn(&ProcessInfo, &View) -> String,
}

struct View {
    users: String,
    now: u64,
    boot_wall: i64,
    memory: u64,
}

/// What the command line asks for.
struct Request {
    columns: Vec<Column>,
    all: bool,
    with_tty: bool,
    user_format: bool,
    full: bool,
    pids: Option<Vec<i32>>,
    /// Processes of a name (`C`), a user (`u`), a parent (`P`).
    of: Option<(char, String)>,
    titles: bool,
    sort: Option<String>,
    forest: bool,
}

/// Why there is nothing to show.
enum Wrong {
    Usage,
    Column(String),
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let users = String::from_utf8_lossy(&cx.sys.read_file("/etc/passwd").unwrap_or_default()).into_owned();
    let memory = total_memory(&cx.sys.read_file("/proc/meminfo").unwrap_or_default());
    let now = cx.sys.now().0;
    let view = View { users, now, boot_wall: cx.sys.wall_clock().0 - now as i64, memory };
    if cx.is_busybox() {
        return busybox(cx, &view).await;
    }
    let args = cx.args.clone();
    let mut request = match Request::read(&args) {
        Ok(request) => request,
        Err(Wrong::Usage) => return usage(cx, &args).await,
        Err(Wrong::Column(name)) => return unknown(cx, &name).await,
    };
    request.fill_columns();
    let mut rows: Vec<ProcessInfo> = cx.sys.processes();
    request.choose(cx, &view, &mut rows);
    let none = rows.is_empty();
    if let Some(sort) = request.sort.take() {
        let keys: Vec<&str> = sort.split(',').collect();
        if keys.iter().any(|key| column(key.trim_start_matches(['+', '-'])).is_none()) {
            cx.complain("error: unknown sort specifier\n").await;
            return usage(cx, &args).await;
        }
        rows.sort_by(|a, b| {
            keys.iter().map(|key| compare(key, a, b, &view)).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
        });
    }
    if request.forest {
        rows = forest(rows);
    }
    if !request.titles {
        request.columns.iter_mut().for_each(|column| column.shown = false);
    }
    print(cx, &request.columns, &rows, &view).await;
    ExitCode(u8::from(none && (request.pids.is_some() || request.of.is_some())))
}

/// The order of two processes by a column, as numbers where both are some.
fn compare(key: &str, a: &ProcessInfo, b: &ProcessInfo, view: &View) -> Ordering {
    let Some(column) = column(key.trim_start_matches(['+', '-'])) else { return Ordering::Equal };
    let (a, b) = ((column.value)(a, view), (column.value)(b, view));
    let order = match (a.trim().parse::<f64>(), b.trim().parse::<f64>()) {
        (Ok(a), Ok(b)) => a.total_cmp(&b),
        _ => a.cmp(&b),
    };
    if key.starts_with('-') { order.reverse() } else { order }
}

/// Children behind their parents, their commands indented.
fn forest(rows: Vec<ProcessInfo>) -> Vec<ProcessInfo> {
    let known: Vec<Pid> = rows.iter().map(|p| p.pid).collect();
    let mut stack: Vec<(usize, String, bool)> = Vec::new();
    // What the first process started is a tree of its own.
    let is_root = |p: &ProcessInfo| p.pid == Pid(1) || p.parent == Pid(1) || !known.contains(&p.parent);
    let roots = (0..rows.len()).filter(|at| is_root(&rows[*at]));
    stack.extend(roots.rev().map(|at| (at, String::new(), true)));
    let mut out = Vec::new();
    while let Some((at, prefix, last)) = stack.pop() {
        let mut row = rows[at].clone();
        let top = prefix.is_empty();
        let mark = if top { String::new() } else { format!("{prefix}\\_ ") };
        if let Some(first) = Rc::make_mut(&mut row.args).first_mut() {
            *first = format!("{mark}{first}");
        }
        row.comm = format!("{mark}{}", row.comm);
        let below = if top { " ".to_string() } else { format!("{prefix}{}", if last { "    " } else { "|   " }) };
        let children: Vec<usize> =
            (0..rows.len()).filter(|c| rows[*c].parent == rows[at].pid && !is_root(&rows[*c])).collect();
        let count = children.len();
        stack.extend(children.into_iter().enumerate().rev().map(|(nth, c)| (c, below.clone(), nth + 1 == count)));
        out.push(row);
        if out.len() > rows.len() {
            break;
        }
    }
    out
}

impl Request {
    fn read(args: &[String]) -> Result<Request, Wrong> {
        let mut request = Request {
            columns: Vec::new(),
            all: false,
            with_tty: true,
            user_format: false,
            full: false,
            pids: None,
            of: None,
            titles: true,
            sort: None,
            forest: false,
        };
        let mut it = args.iter();
        while let Some(arg) = it.next() {
            match arg.strip_prefix("--") {
                Some(long) => request.long(long, &mut it)?,
                None => request.letters(arg, &mut it)?,
            }
        }
        Ok(request)
    }

    fn long<'a>(&mut self, long: &str, it: &mut impl Iterator<Item = &'a String>) -> Result<(), Wrong> {
        let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let mut value = || value.map(str::to_string).or_else(|| it.next().cloned()).unwrap_or_default();
        match name {
            "no-headers" | "no-heading" | "no-headings" => self.titles = false,
            "cols" | "columns" | "width" | "rows" | "lines" => drop(value()),
            "sort" => self.sort = Some(value()),
            "forest" => self.forest = true,
            "pid" => self.add_pids(&value()),
            "ppid" => self.of = Some(('P', value())),
            "user" => self.of = Some(('u', value())),
            "format" => self.add_columns(&value())?,
            _ => return Err(Wrong::Usage),
        }
        Ok(())
    }

    fn letters<'a>(&mut self, arg: &str, it: &mut impl Iterator<Item = &'a String>) -> Result<(), Wrong> {
        let (letters, dashed) = arg.strip_prefix('-').map_or((arg, false), |letters| (letters, true));
        for (at, letter) in letters.char_indices() {
            match (letter, dashed) {
                ('e' | 'A', true) => (self.all, self.with_tty) = (true, false),
                ('f', true) => self.full = true,
                ('f', false) | ('H', true) => self.forest = true,
                ('a', _) => self.all = true,
                ('x', _) => self.with_tty = false,
                ('u', false) => self.user_format = true,
                ('h', false) => self.titles = false,
                ('o' | 'p', _) | ('C' | 'u' | 'U', true) => {
                    let rest = &letters[at + 1..];
                    let value = if rest.is_empty() { it.next().cloned().unwrap_or_default() } else { rest.to_string() };
                    match letter {
                        'o' => self.add_columns(&value)?,
                        'p' => self.add_pids(&value),
                        'C' => self.of = Some(('C', value)),
                        _ => self.of = Some(('u', value)),
                    }
                    return Ok(());
                }
                ('w' | 'l' | 'j' | 'L', _) => {}
                _ => return Err(Wrong::Usage),
            }
        }
        Ok(())
    }

    fn add_pids(&mut self, text: &str) {
        self.pids.get_or_insert_default().extend(text.split([',', ' ']).filter_map(|p| p.parse::<i32>().ok()));
    }

    fn add_columns(&mut self, text: &str) -> Result<(), Wrong> {
        for name in text.split([',', ' ']).filter(|n| !n.is_empty()) {
            self.columns.push(column(name).ok_or_else(|| Wrong::Column(name.to_string()))?);
        }
        Ok(())
    }

    fn fill_columns(&mut self) {
        if !self.columns.is_empty() {
            return;
        }
        let names = match (self.user_format, self.full) {
            (true, _) => "user pid %cpu %mem vsz rss tty=TTY stat start_time=START bsdtime args=COMMAND",
            (_, true) => "user=UID pid ppid c stime tty=TTY time args=CMD",
            _ if !self.with_tty && !self.all => "pid tty=TTY stat bsdtime args=COMMAND",
            _ => "pid tty=TTY time comm=CMD",
        };
        self.columns = names.split(' ').filter_map(column).collect();
    }

    fn choose(&self, cx: &Context, view: &View, rows: &mut Vec<ProcessInfo>) {
        let own_tty = cx.sys.ttyname(Fd::STDIN).ok().map(|t| t.trim_start_matches("/dev/").to_string());
        let own_uid = cx.sys.credentials().euid;
        rows.retain(|p| match (&self.pids, &self.of) {
            (Some(pids), _) => pids.contains(&p.pid.0),
            (None, Some((kind, list))) => list.split(',').any(|item| match kind {
                'C' => p.comm == item,
                'P' => item.parse() == Ok(p.parent.0),
                _ => item.parse() == Ok(p.uid) || name_of(&view.users, p.uid) == Some(item),
            }),
            (None, None) if self.all && self.with_tty => p.tty.is_some(),
            (None, None) if self.all => true,
            (None, None) if !self.with_tty => p.uid == own_uid,
            (None, None) => p.tty.is_some() && p.tty == own_tty,
        });
    }
}

fn total_memory(meminfo: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(meminfo);
    let line = text.lines().find_map(|l| l.strip_prefix("MemTotal:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(1 << 22) * 1024
}

async fn unknown(cx: &mut Context, name: &str) -> ExitCode {
    cx.complain(&format!("error: unknown user-defined format specifier \"{name}\"\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n")).await;
    ExitCode::FAILURE
}

async fn usage(cx: &mut Context, args: &[String]) -> ExitCode {
    let what = if args.iter().any(|a| a.starts_with("--")) {
        "unknown gnu long option"
    } else {
        "unsupported option (BSD syntax)"
    };
    cx.complain(&format!("error: {what}\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n")).await;
    ExitCode::FAILURE
}

/// A column by its name in `-o`, with `=TITLE` behind it where the title differs.
fn column(spec: &str) -> Option<Column> {
    let (name, title) = match spec.split_once('=') {
        Some((name, title)) => (name, Some(title)),
        None => (spec, None),
    };
    type Value = fn(&ProcessInfo, &View) -> String;
    let (default, right, value): (&str, bool, Value) = match name {
        "pid" => ("    PID", true, |p, _| p.pid.to_string()),
        "ppid" => ("   PPID", true, |p, _| p.parent.to_string()),
        "pgid" | "pgrp" => ("   PGID", true, |p, _| p.group.to_string()),
        "sid" | "sess" => ("    SID", true, |p, _| p.session.to_string()),
        "user" | "euser" | "uid_name" | "uname" => ("USER    ", false, |p, v| user(p, v)),
        "uid" | "euid" => ("  UID", true, |p, _| p.uid.to_string()),
        "comm" | "ucmd" => ("COMMAND        ", false, |p, _| {
            if p.state == ProcessState::Zombie { format!("{} <defunct>", p.comm) } else { p.comm.clone() }
        }),
        "args" | "cmd" | "command" => ("COMMAND                    ", false, |p, _| command(p)),
        "tty" | "tt" | "tname" => ("TT      ", false, |p, _| p.tty.clone().unwrap_or("?".into())),
        "time" | "cputime" => ("    TIME", true, |p, _| clock_time(p)),
        "bsdtime" => ("  TIME", true, |p, _| minutes(p)),
        "stat" => ("STAT", false, |p, _| stat(p)),
        "s" | "state" => ("S", false, |p, _| stat(p)[..1].to_string()),
        "%cpu" | "pcpu" => ("%CPU", true, |p, v| format!("{:.1}", cpu_share(p, v) * 100.0)),
        "c" => (" C", true, |p, v| format!("{:.0}", (cpu_share(p, v) * 100.0).floor().min(99.0))),
        "%mem" | "pmem" => ("%MEM", true, |p, v| format!("{:.1}", p.memory as f64 * 100.0 / v.memory as f64)),
        "rss" => ("  RSS", true, |p, _| (p.memory / PAGE * 4).to_string()),
        "vsz" => ("   VSZ", true, |p, _| virtual_size(p).to_string()),
        "stime" | "start_time" => ("STIME", false, |p, v| started(p, v)),
        "etime" => ("    ELAPSED", true, |p, v| elapsed(p, v)),
        "nlwp" => ("NLWP", true, |p, _| p.threads.to_string()),
        "ni" | "nice" => (" NI", true, |_, _| "0".into()),
        _ => return None,
    };
    let width = default.len();
    let title = match title {
        Some(title) if right => format!("{title:>width$}"),
        Some(title) => format!("{title:width$}"),
        None => default.to_string(),
    };
    Some(Column { title, shown: true, right, value })
}

fn user(p: &ProcessInfo, v: &View) -> String {
    let name = name_of(&v.users, p.uid).map_or(p.uid.to_string(), str::to_string);
    if name.len() > 8 { format!("{}+", &name[..7]) } else { name }
}

fn command(p: &ProcessInfo) -> String {
    match p.state {
        ProcessState::Zombie => format!("[{}] <defunct>", p.comm),
        _ if p.args.is_empty() => format!("[{}]", p.comm),
        _ => p.args.join(" "),
    }
}

fn seconds(p: &ProcessInfo) -> u64 {
    (p.times.own.user + p.times.own.system) / 1_000_000_000
}

fn clock_time(p: &ProcessInfo) -> String {
    let s = seconds(p);
    format!("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
}

fn minutes(p: &ProcessInfo) -> String {
    let s = seconds(p);
    format!("{}:{:02}", s / 60, s % 60)
}

fn stat(p: &ProcessInfo) -> String {
    let state = match p.state {
        ProcessState::Running => 'R',
        ProcessState::Sleeping => 'S',
        ProcessState::Stopped => 'T',
        ProcessState::Zombie => 'Z',
    };
    let leader = if p.session == p.pid { "s" } else { "" };
    let threads = if p.threads > 1 { "l" } else { "" };
    let front = if p.foreground == Some(p.group) { "+" } else { "" };
    format!("{state}{leader}{threads}{front}")
}

fn cpu_share(p: &ProcessInfo, v: &View) -> f64 {
    let lived = v.now.saturating_sub(p.started.0).max(1);
    (p.times.own.user + p.times.own.system) as f64 / lived as f64
}

/// Address space in KiB: what is resident, and the libraries and stack that are mapped beside it.
fn virtual_size(p: &ProcessInfo) -> u64 {
    p.memory / 1024 + 2300
}

fn started(p: &ProcessInfo, v: &View) -> String {
    let wall = machine::UnixTime(v.boot_wall + p.started.0 as i64);
    let today = (v.boot_wall + v.now as i64).div_euclid(86_400_000_000_000);
    let same_day = wall.0.div_euclid(86_400_000_000_000) == today;
    super::date::strftime(if same_day { "%H:%M" } else { "%b%d" }, wall)
}

fn elapsed(p: &ProcessInfo, v: &View) -> String {
    let s = v.now.saturating_sub(p.started.0) / 1_000_000_000;
    match (s / 86400, s / 3600 % 24) {
        (0, 0) => format!("{:02}:{:02}", s / 60, s % 60),
        (0, hours) => format!("{hours:02}:{:02}:{:02}", s / 60 % 60, s % 60),
        (days, hours) => format!("{days}-{hours:02}:{:02}:{:02}", s / 60 % 60, s % 60),
    }
}

async fn print(cx: &mut Context, columns: &[Column], rows: &[ProcessInfo], view: &View) {
    let cut = cx.sys.winsize(Fd::STDOUT).ok().map(|s| usize::from(s.columns));
    // Without any title there is no line of titles (`-o pid=`).
    let titled = columns.iter().any(|c| c.shown && !c.title.trim().is_empty());
    let titles = columns.iter().map(|c| c.title.clone()).collect::<Vec<_>>();
    let mut lines: Vec<Vec<String>> = if titled { vec![titles] } else { Vec::new() };
    lines.extend(rows.iter().map(|p| columns.iter().map(|c| (c.value)(p, view)).collect()));
    for cells in lines {
        let mut line = String::new();
        let count = cells.len();
        for (at, (cell, column)) in cells.iter().zip(columns).enumerate() {
            if at > 0 {
                line.push(' ');
            }
            let width = column.title.len().min(60_000);
            match (column.right, at + 1 == count) {
                (true, _) => line.push_str(&format!("{cell:>width$}")),
                (false, true) => line.push_str(cell.trim_end()),
                (false, false) => line.push_str(&format!("{cell:width$}")),
            }
        }
        if let Some(cut) = cut {
            line = line.chars().take(cut).collect();
        }
        cx.line(line.trim_end()).await;
    }
}

async fn busybox(cx: &mut Context, view: &View) -> ExitCode {
    cx.line("PID   USER     TIME  COMMAND").await;
    for p in cx.sys.processes() {
        let name = name_of(&view.users, p.uid).map_or(p.uid.to_string(), str::to_string);
        let command = if p.args.is_empty() || p.state == ProcessState::Zombie {
            format!("[{}]", p.comm)
        } else {
            p.args.join(" ")
        };
        let line = format!("{:5} {:8.8} {:>5} {command}", p.pid.0, name, minutes(&p));
        cx.line(&line).await;
    }
    cx.status()
}
