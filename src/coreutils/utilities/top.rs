//! `top`: processes, those that use the most first, over and over (procps-ng 4.0.2).

use std::collections::BTreeMap;
use std::time::Duration;

use machine::process::Disposition;
use machine::sys::{ProcessInfo, ProcessState};
use machine::{ExitCode, Fd, Pid, PollFd, Signal};

use crate::context::Context;
use crate::text::name_of;

const USAGE: &str = "
Usage:
 top -hv | -bcEeHiOSs1 -d secs -n max -u|U user -p pids -w [cols]
";

struct Top {
    batch: bool,
    delay: Duration,
    left: u64,
    only: Vec<Pid>,
    full: bool,
    before: BTreeMap<Pid, u64>,
    at: u64,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut top = Top {
        batch: false,
        delay: Duration::from_secs(if cx.is_busybox() { 5 } else { 3 }),
        left: u64::MAX,
        only: Vec::new(),
        full: false,
        before: BTreeMap::new(),
        at: 0,
    };
    let args = cx.args.clone();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let letters = arg.trim_start_matches('-');
        for (at, letter) in letters.char_indices() {
            let mut value = || {
                let rest = &letters[at + 1..];
                if rest.is_empty() { args.next().cloned() } else { Some(rest.to_string()) }
            };
            match letter {
                'b' => top.batch = true,
                'c' => top.full = true,
                'd' => {
                    top.delay = value().and_then(|v| super::sleep::seconds(&v)).unwrap_or(top.delay);
                    break;
                }
                'n' => {
                    top.left = value().and_then(|v| v.parse().ok()).unwrap_or(1);
                    break;
                }
                'p' => {
                    let list = value().unwrap_or_default();
                    top.only.extend(list.split(',').filter_map(|p| p.parse().ok()).map(Pid));
                    break;
                }
                'w' | 'u' | 'U' | 'o' => {
                    let _ = value();
                    break;
                }
                'H' | 'i' | 'S' | 's' | '1' | 'E' | 'e' => {}
                'h' => {
                    cx.line("top from procps-ng 4.0.2").await;
                    cx.put(USAGE.trim_start().as_bytes()).await;
                    return ExitCode::SUCCESS;
                }
                'v' | 'V' => {
                    cx.line("top from procps-ng 4.0.2").await;
                    return ExitCode::SUCCESS;
                }
                other => {
                    cx.complain(&format!("top: invalid option -- '{other}'\n")).await;
                    return if cx.is_busybox() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
                }
            }
        }
    }
    let on_tty = cx.sys.isatty(Fd::STDOUT);
    if !on_tty && !top.batch && !cx.is_busybox() {
        cx.complain("top: failed tty get\n").await;
        return ExitCode::FAILURE;
    }
    if top.batch || !on_tty { top.in_batches(cx).await } else { top.on_screen(cx).await }
}

impl Top {
    /// One picture behind the other.
    async fn in_batches(&mut self, cx: &mut Context) -> ExitCode {
        while self.left > 0 {
            let (lines, _) = self.picture(cx);
            for line in lines {
                cx.line(&line).await;
            }
            cx.line("").await;
            cx.flush().await;
            self.left -= 1;
            if self.left > 0 {
                let _ = cx.sys.sleep(self.delay).await;
            }
        }
        cx.status()
    }

    /// Full-screen until `q`.
    async fn on_screen(&mut self, cx: &mut Context) -> ExitCode {
        for signal in [Signal::INT, Signal::TERM, Signal::WINCH] {
            let _ = cx.sys.sigaction(signal, Disposition::Catch);
        }
        let cooked = cx.sys.tcgetattr(Fd::STDIN);
        if let Ok(mut termios) = cooked {
            (termios.icanon, termios.echo) = (false, false);
            let _ = cx.sys.tcsetattr(Fd::STDIN, &termios, false);
        }
        cx.put(b"\x1b[?1h\x1b=\x1b[?25l\x1b[H\x1b[2J").await;
        loop {
            let size = cx.sys.winsize(Fd::STDOUT).ok();
            let (rows, columns) =
                size.map_or((24, 80), |s| (usize::from(s.rows).max(8), usize::from(s.columns).max(20)));
            let (lines, title) = self.picture(cx);
            let mut screen = String::from("\x1b[H");
            for (at, line) in lines.iter().take(rows - 1).enumerate() {
                let cut: String = line.chars().take(columns).collect();
                screen.push_str(&if at == title {
                    format!("\x1b[7m{cut:<columns$}\x1b[0m\x1b[K\r\n")
                } else {
                    format!("{cut}\x1b[K\r\n")
                });
            }
            screen.push_str("\x1b[J");
            cx.put(screen.as_bytes()).await;
            cx.flush().await;
            self.left -= 1;
            let mut keys = [PollFd::readable(Fd::STDIN)];
            let pressed = if self.left == 0 { Ok(0) } else { cx.sys.poll(&mut keys, Some(self.delay)).await };
            let key = match pressed {
                Ok(0) => Vec::new(),
                Ok(_) => cx.sys.read_vec(Fd::STDIN, 16).await.unwrap_or_else(|_| b"q".to_vec()),
                // A signal came: a new size of the window, or Ctrl-C.
                Err(_) if std::iter::from_fn(|| cx.sys.take_signal()).any(|s| s != Signal::WINCH) => b"q".to_vec(),
                Err(_) => Vec::new(),
            };
            if key.contains(&b'c') {
                self.full = !self.full;
            }
            if self.left == 0 || key.contains(&b'q') || key.contains(&3) {
                break;
            }
        }
        if let Ok(termios) = cooked {
            let _ = cx.sys.tcsetattr(Fd::STDIN, &termios, false);
        }
        let last = cx.sys.winsize(Fd::STDOUT).map_or(24, |s| s.rows);
        cx.put(format!("\x1b[?1l\x1b>\x1b[{last};1H\r\n\x1b[?25h\x1b[K").as_bytes()).await;
        cx.status()
    }

    /// All lines, and which is the title of the columns.
    fn picture(&mut self, cx: &Context) -> (Vec<String>, usize) {
        let now = cx.sys.now().0;
        let elapsed = now.saturating_sub(self.at).max(1);
        self.at = now;
        let mut processes = cx.sys.processes();
        let used = |p: &ProcessInfo| p.times.own.user + p.times.own.system;
        let share = |p: &ProcessInfo, before: &BTreeMap<Pid, u64>| {
            let since = used(p).saturating_sub(before.get(&p.pid).copied().unwrap_or(0));
            since as f64 * 100.0 / elapsed as f64
        };
        let before = std::mem::take(&mut self.before);
        self.before = processes.iter().map(|p| (p.pid, used(p))).collect();
        let mut shares: BTreeMap<Pid, f64> = processes.iter().map(|p| (p.pid, share(p, &before))).collect();
        if !self.only.is_empty() {
            processes.retain(|p| self.only.contains(&p.pid));
        }
        processes.sort_by(|a, b| {
            let key = |p: &ProcessInfo| shares.get(&p.pid).copied().unwrap_or(0.0);
            key(b).total_cmp(&key(a)).then(a.pid.cmp(&b.pid))
        });
        let busy: f64 = shares.values().sum::<f64>().min(100.0);
        shares.retain(|_, share| share.is_finite());
        if cx.is_busybox() {
            busybox(cx, &processes, &shares, busy)
        } else {
            self.procps(cx, &processes, &shares, busy)
        }
    }

    fn procps(
        &self,
        cx: &Context,
        processes: &[ProcessInfo],
        shares: &BTreeMap<Pid, f64>,
        busy: f64,
    ) -> (Vec<String>, usize) {
        let count = |state| processes.iter().filter(|p| p.state == state).count();
        let memory = Memory::read(cx);
        let mib = |bytes: u64| bytes as f64 / 1_048_576.0;
        let mut lines = vec![
            format!("top -{}", super::free::headline(cx)),
            format!(
                "Tasks: {:3} total, {:3} running, {:3} sleeping, {:3} stopped, {:3} zombie",
                processes.len(),
                count(ProcessState::Running),
                count(ProcessState::Sleeping),
                count(ProcessState::Stopped),
                count(ProcessState::Zombie)
            ),
            format!(
                "%Cpu(s):{:5.1} us,{:5.1} sy,  0.0 ni,{:5.1} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st ",
                busy * 0.75,
                busy * 0.25,
                100.0 - busy
            ),
            format!(
                "MiB Mem :{:9.1} total,{:9.1} free,{:9.1} used,{:9.1} buff/cache     ",
                mib(memory.total),
                mib(memory.free),
                mib(memory.total - memory.available.min(memory.total)),
                mib(memory.cached)
            ),
            format!(
                "MiB Swap:{:9.1} total,{:9.1} free,{:9.1} used.{:9.1} avail Mem ",
                0.0,
                0.0,
                0.0,
                mib(memory.available)
            ),
            String::new(),
            "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND".to_string(),
        ];
        let title = lines.len() - 1;
        let users = String::from_utf8_lossy(&cx.sys.read_file("/etc/passwd").unwrap_or_default()).into_owned();
        for p in processes {
            let user = name_of(&users, p.uid).map_or(p.uid.to_string(), str::to_string);
            let (size, resident) = sizes(cx, p);
            let hundredths = (p.times.own.user + p.times.own.system) / 10_000_000;
            let time = format!("{}:{:02}.{:02}", hundredths / 6000, hundredths / 100 % 60, hundredths % 100);
            let command = if self.full && !p.args.is_empty() { p.args.join(" ") } else { p.comm.clone() };
            lines.push(format!(
                "{:>7} {:<8.8} {:>3} {:>3} {:>7} {:>6} {:>6} {} {:>5.1} {:>5.1} {:>9} {command}",
                p.pid,
                user,
                20,
                0,
                size / 1024,
                resident / 1024,
                resident / 2048,
                letter(p.state),
                shares.get(&p.pid).copied().unwrap_or(0.0),
                resident as f64 * 100.0 / memory.total.max(1) as f64,
                time
            ));
        }
        (lines, title)
    }
}

fn letter(state: ProcessState) -> char {
    match state {
        ProcessState::Running => 'R',
        ProcessState::Sleeping => 'S',
        ProcessState::Stopped => 'T',
        ProcessState::Zombie => 'Z',
    }
}

/// Virtual and resident bytes (`/proc/PID/statm`).
fn sizes(cx: &Context, p: &ProcessInfo) -> (u64, u64) {
    let text = cx.sys.read_file(&format!("/proc/{}/statm", p.pid)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let mut pages = text.split(' ').map(|n| n.parse::<u64>().unwrap_or(0) * 4096);
    (pages.next().unwrap_or(p.memory), pages.next().unwrap_or(p.memory))
}

struct Memory {
    total: u64,
    free: u64,
    available: u64,
    cached: u64,
}

impl Memory {
    fn read(cx: &Context) -> Memory {
        let text = String::from_utf8_lossy(&cx.sys.read_file("/proc/meminfo").unwrap_or_default()).into_owned();
        let value = |name: &str| {
            let line = text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
        };
        let [total, free, available, cached] = ["MemTotal", "MemFree", "MemAvailable", "Cached"].map(value);
        Memory { total, free, available, cached }
    }
}

/// BusyBox's picture.
fn busybox(cx: &Context, processes: &[ProcessInfo], shares: &BTreeMap<Pid, f64>, busy: f64) -> (Vec<String>, usize) {
    let memory = Memory::read(cx);
    let load = String::from_utf8_lossy(&cx.sys.read_file("/proc/loadavg").unwrap_or_default()).into_owned();
    let users = String::from_utf8_lossy(&cx.sys.read_file("/etc/passwd").unwrap_or_default()).into_owned();
    let mut lines = vec![
        format!(
            "Mem: {}K used, {}K free, 0K shrd, 0K buff, {}K cached",
            (memory.total - memory.free) / 1024,
            memory.free / 1024,
            memory.cached / 1024
        ),
        format!(
            "CPU: {:3.0}% usr {:3.0}% sys   0% nic {:3.0}% idle   0% io   0% irq   0% sirq",
            busy * 0.75,
            busy * 0.25,
            100.0 - busy
        ),
        format!("Load average: {}", load.trim_end()),
        "  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND".to_string(),
    ];
    for p in processes {
        let user = name_of(&users, p.uid).map_or(p.uid.to_string(), str::to_string);
        let (size, _) = sizes(cx, p);
        let command = if p.args.is_empty() { format!("[{}]", p.comm) } else { p.args.join(" ") };
        lines.push(format!(
            "{:5} {:5} {user:<8.8} {:<4} {:5} {:3.0}% {:3.0}% {command}",
            p.pid,
            p.parent,
            letter(p.state),
            size / 1024,
            size as f64 * 100.0 / memory.total.max(1) as f64,
            shares.get(&p.pid).copied().unwrap_or(0.0)
        ));
    }
    (lines, 3)
}
