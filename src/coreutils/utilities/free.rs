//! `free` and `uptime`: memory and load (procps-ng 4.0.2, BusyBox).

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, HELP_OPTION, Parsed, Spec, VERSION, VERSION_OPTION, Value, parse};

const SPEC: Spec = Spec {
    short: "bc:ghklmps:tVw",
    long: &[
        ("bytes", 'b', Value::None),
        ("count", 'c', Value::Required),
        ("gibi", 'g', Value::None),
        ("human", 'h', Value::None),
        ("kibi", 'k', Value::None),
        ("mebi", 'm', Value::None),
        ("seconds", 's', Value::Required),
        ("total", 't', Value::None),
        ("wide", 'w', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "
Usage:
 free [options]

Options:
 -b, --bytes         show output in bytes
 -k, --kibi          show output in kibibytes
 -m, --mebi          show output in mebibytes
 -g, --gibi          show output in gibibytes
 -h, --human         show human-readable output
 -t, --total         show total for RAM + swap
 -s N, --seconds N   repeat printing every N seconds
 -c N, --count N     repeat printing N times, then exit
 -w, --wide          wide output

     --help     display this help and exit
 -V, --version  output version information and exit

For more details see free(1).
";

const UPTIME_USAGE: &str = "
Usage:
 uptime [options]

Options:
 -p, --pretty   show uptime in pretty format
 -h, --help     display this help and exit
 -s, --since    system up since
 -V, --version  output version information and exit

For more details see uptime(1).
";

/// A value of `/proc/meminfo` in bytes.
fn memory(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// `free`.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match parse(&SPEC, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.complain(&format!("free: {text}\n{USAGE}")).await;
            return ExitCode::FAILURE;
        }
    };
    if parsed.has(HELP_OPTION) {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if parsed.has(VERSION_OPTION) || parsed.has('V') {
        cx.line("free from procps-ng 4.0.2").await;
        return ExitCode::SUCCESS;
    }
    let pause = parsed.value('s').and_then(super::sleep::seconds);
    let count = parsed.value('c').and_then(|c| c.parse::<u64>().ok());
    let mut left = count.unwrap_or(if pause.is_some() { u64::MAX } else { 1 });
    while left > 0 {
        show(cx, &parsed).await;
        left -= 1;
        if left > 0 {
            cx.line("").await;
            cx.flush().await;
            let _ = cx.sys.sleep(pause.unwrap_or(std::time::Duration::from_secs(1))).await;
        }
    }
    cx.status()
}

async fn show(cx: &mut Context, parsed: &Parsed) {
    let text = String::from_utf8_lossy(&cx.sys.read_file("/proc/meminfo").unwrap_or_default()).into_owned();
    let value = |name: &str| memory(&text, name);
    let (total, free, available) = (value("MemTotal"), value("MemFree"), value("MemAvailable"));
    let cache = value("Cached") + value("Buffers") + value("SReclaimable");
    let (swap, swap_free) = (value("SwapTotal"), value("SwapFree"));
    let busybox = cx.is_busybox();
    let used = if busybox { total.saturating_sub(free + cache) } else { total.saturating_sub(available) };
    let shown = |bytes: u64| match parsed.last_of("bkmgh") {
        Some('b') => bytes.to_string(),
        Some('m') => (bytes >> 20).to_string(),
        Some('g') => (bytes >> 30).to_string(),
        Some('h') if busybox => super::df::busybox_size(bytes),
        Some('h') => human(bytes),
        _ => (bytes >> 10).to_string(),
    };
    let cells = [total, used, free, value("Shmem"), cache, available].map(shown);
    let gap = if busybox { 7 } else { 8 };
    let titles = ["total", "used", "free", "shared", "buff/cache", "available"].map(String::from);
    cx.line(&table_row("", &titles, gap)).await;
    cx.line(&table_row("Mem:", &cells, gap)).await;
    let swaps = [swap, swap - swap_free, swap_free].map(shown);
    cx.line(&table_row("Swap:", &swaps, gap)).await;
    if parsed.has('t') {
        let totals = [total + swap, used + swap - swap_free, free + swap_free].map(shown);
        cx.line(&table_row("Total:", &totals, gap)).await;
    }
}

/// A name and right-aligned cells of 12.
fn table_row(name: &str, cells: &[String], gap: usize) -> String {
    let mut line = format!("{name:<gap$}");
    for cell in cells {
        line.push_str(&format!("{cell:>12}"));
    }
    line
}

/// procps's `-h`: three digits at most, `Ki`, `Mi`, `Gi`.
fn human(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes}B");
    }
    let (mut unit, mut size) = (0, bytes as f64 / 1024.0);
    while size >= 1000.0 && unit < 4 {
        size /= 1024.0;
        unit += 1;
    }
    let unit = ["Ki", "Mi", "Gi", "Ti", "Pi"][unit];
    if size < 9.95 { format!("{size:.1}{unit}") } else { format!("{size:.0}{unit}") }
}

/// `uptime`.
pub async fn run_uptime(cx: &mut Context) -> ExitCode {
    let (mut pretty, mut since) = (false, false);
    for arg in cx.args.clone() {
        match &*arg {
            "-p" | "--pretty" => pretty = true,
            "-s" | "--since" => since = true,
            "-h" | "--help" => {
                cx.put(UPTIME_USAGE.as_bytes()).await;
                return ExitCode::SUCCESS;
            }
            "-V" | "--version" => {
                cx.line("uptime from procps-ng 4.0.2").await;
                return ExitCode::SUCCESS;
            }
            other => {
                let what = other.chars().nth(1).unwrap_or('-');
                cx.complain(&format!("uptime: invalid option -- '{what}'\n{UPTIME_USAGE}")).await;
                return ExitCode::FAILURE;
            }
        }
    }
    let line = match () {
        () if pretty => pretty_text(cx.sys.now().0 / 1_000_000_000),
        () if since => {
            let boot = machine::UnixTime(cx.sys.wall_clock().0 - cx.sys.now().0 as i64);
            super::date::strftime("%Y-%m-%d %H:%M:%S", boot)
        }
        () => headline(cx),
    };
    cx.line(&line).await;
    cx.status()
}

fn pretty_text(seconds: u64) -> String {
    let parts = [(seconds / 86400, "day"), (seconds / 3600 % 24, "hour"), (seconds / 60 % 60, "minute")];
    let named =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}{}", if *n == 1 { "" } else { "s" }));
    let named: Vec<String> = named.collect();
    if named.is_empty() { "up 0 minutes".into() } else { format!("up {}", named.join(", ")) }
}

/// ` 03:59:45 up  1:19,  0 user,  load average: 3.12, 5.67, 5.20`
pub fn headline(cx: &Context) -> String {
    let seconds = cx.sys.now().0 / 1_000_000_000;
    let (days, hours, minutes) = (seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60);
    let days = match days {
        0 => String::new(),
        1 => "1 day, ".into(),
        days => format!("{days} days, "),
    };
    let time = if hours > 0 { format!("{hours:2}:{minutes:02}") } else { format!("{minutes} min") };
    let clock = super::date::strftime("%H:%M:%S", cx.sys.wall_clock());
    // Sessions on terminals are what counts as users here: no login is recorded.
    let sessions = cx.sys.processes().iter().filter(|p| p.tty.is_some() && p.session == p.pid).count();
    let users = if sessions == 1 || (sessions == 0 && !cx.is_busybox()) { "user" } else { "users" };
    let load = String::from_utf8_lossy(&cx.sys.read_file("/proc/loadavg").unwrap_or_default()).into_owned();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    format!(" {clock} up {days}{time},  {sessions} {users},  load average: {}", load.join(", "))
}
