//! `ss`: sockets. iproute2 6.1.

use machine::net::{SocketAddress, SocketEntry, SocketKind};
use machine::{ExitCode, Fd};

use crate::context::Context;
use crate::net::owners::owners;
use crate::net::services;
use crate::options::{Spec, Value, parse};

const SPEC: Spec = Spec {
    short: "hVnralpemitux46soHw0K",
    long: &[
        ("help", 'h', Value::None),
        ("version", 'V', Value::None),
        ("numeric", 'n', Value::None),
        ("all", 'a', Value::None),
        ("listening", 'l', Value::None),
        ("processes", 'p', Value::None),
        ("tcp", 't', Value::None),
        ("udp", 'u', Value::None),
        ("unix", 'x', Value::None),
        ("ipv4", '4', Value::None),
        ("ipv6", '6', Value::None),
        ("summary", 's', Value::None),
        ("no-header", 'H', Value::None),
        ("extended", 'e', Value::None),
        ("options", 'o', Value::None),
        ("memory", 'm', Value::None),
        ("info", 'i', Value::None),
        ("resolve", 'r', Value::None),
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: ss [ OPTIONS ]
       ss [ OPTIONS ] [ FILTER ]
   -h, --help          this message
   -V, --version       output version information
   -n, --numeric       don't resolve service names
   -a, --all           display all sockets
   -l, --listening     display listening sockets
   -p, --processes     show process using socket
   -s, --summary       show socket usage summary
   -4, --ipv4          display only IP version 4 sockets
   -6, --ipv6          display only IP version 6 sockets
   -t, --tcp           display only TCP sockets
   -u, --udp           display only UDP sockets
   -x, --unix          display only Unix domain sockets
   -H, --no-header     Suppress header line
";

/// One column: title, what stands before it, whether its text is at the right.
const COLUMNS: [(&str, &str, bool); 9] = [
    ("Netid", "", false),
    ("State", " ", false),
    ("Recv-Q", " ", false),
    ("Send-Q", " ", false),
    ("Local Address:", " ", true),
    ("Port", "", false),
    ("Peer Address:", " ", true),
    ("Port", "", false),
    ("Process", "", false),
];

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match parse(&SPEC, &cx.args) {
        Ok(parsed) => parsed,
        Err(error) => {
            cx.complain(&format!("ss: {error}\n{USAGE}")).await;
            return ExitCode(255);
        }
    };
    if parsed.has('h') {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if parsed.has('V') {
        cx.line("ss utility, iproute2-6.1.0, libbpf 1.1.0").await;
        return ExitCode::SUCCESS;
    }
    let entries = cx.sys.sockets(cx.sys.netns()).unwrap_or_default();
    if parsed.has('s') {
        return summary(cx, &entries).await;
    }
    let filter = match Filter::read(&parsed.operands) {
        Some(filter) => filter,
        None => {
            cx.complain("drydock: this filter of ss is not emulated here\n").await;
            return ExitCode::FAILURE;
        }
    };
    let kinds = ['t', 'u', 'x'].map(|o| parsed.has(o));
    let any_kind = !kinds.contains(&true);
    let families = ['4', '6'].map(|o| parsed.has(o));
    let chosen = entries.into_iter().filter(|e| {
        let kind = any_kind || kinds[class(e.kind)];
        let family = match (families, &e.local) {
            ([false, false], _) => true,
            ([v4, v6], SocketAddress::Inet(a)) => {
                if a.is_ipv4() {
                    v4
                } else {
                    v6
                }
            }
            (_, SocketAddress::Unix(_)) => false,
        };
        let listening = e.state == "LISTEN" || (e.state == "UNCONN" && class(e.kind) == 1);
        // Without -a neither half-open connections nor those that ended are shown, unless asked for.
        let passing = matches!(e.state, "TIME-WAIT" | "SYN-RECV") && filter.state.is_none();
        let state = parsed.has('a') || (listening == parsed.has('l') && !passing);
        let bare = e.state == "UNCONN" && class(e.kind) != 1;
        kind && family && state && (!bare || parsed.has('a')) && filter.takes(e)
    });
    let mut rows: Vec<SocketEntry> = chosen.collect();
    rows.sort_by_key(|e| (order(e.kind), e.state != "LISTEN"));
    let one_kind = kinds.iter().filter(|k| **k).count() == 1;
    let names = if parsed.has('n') { Vec::new() } else { services(&cx.sys) };
    let users = if parsed.has('p') { owners(&cx.sys) } else { Default::default() };
    let process = |e: &SocketEntry| {
        let list = users.get(&e.ino).into_iter().flatten();
        let list: Vec<String> = list.map(|o| format!("(\"{}\",pid={},fd={})", o.comm, o.pid, o.fd)).collect();
        if list.is_empty() { String::new() } else { format!("users:({})", list.join(",")) }
    };
    let mut table: Vec<[String; 9]> = Vec::new();
    if !parsed.has('H') {
        table.push(COLUMNS.map(|c| c.0.to_string()));
    }
    table.extend(rows.iter().map(|e| row(e, &names, process(e))));
    print(cx, &table, one_kind).await;
    cx.status()
}

/// `sport = :80`, `state established` and the like.
#[derive(Default)]
struct Filter {
    state: Option<&'static str>,
    local: Option<u16>,
    remote: Option<u16>,
}

impl Filter {
    fn read(words: &[String]) -> Option<Filter> {
        let mut filter = Filter::default();
        let mut words =
            words.iter().map(|w| w.trim_matches(['(', ')'])).filter(|w| !matches!(*w, "" | "=" | "==" | "eq" | "and"));
        while let Some(word) = words.next() {
            match word {
                "state" => {
                    filter.state = Some(match words.next()? {
                        "established" => "ESTAB",
                        "listening" | "listen" => "LISTEN",
                        "time-wait" => "TIME-WAIT",
                        "close-wait" => "CLOSE-WAIT",
                        "syn-sent" => "SYN-SENT",
                        _ => return None,
                    });
                }
                "sport" => filter.local = Some(words.next()?.trim_start_matches(':').parse().ok()?),
                "dport" => filter.remote = Some(words.next()?.trim_start_matches(':').parse().ok()?),
                _ => return None,
            }
        }
        Some(filter)
    }

    fn takes(&self, entry: &SocketEntry) -> bool {
        let port = |a: Option<&SocketAddress>| match a {
            Some(SocketAddress::Inet(a)) => Some(a.port()),
            _ => None,
        };
        self.state.is_none_or(|s| s == entry.state)
            && self.local.is_none_or(|p| port(Some(&entry.local)) == Some(p))
            && self.remote.is_none_or(|p| port(entry.peer.as_ref()) == Some(p))
    }
}

fn class(kind: SocketKind) -> usize {
    match kind {
        SocketKind::Tcp4 | SocketKind::Tcp6 => 0,
        SocketKind::Udp4 | SocketKind::Udp6 | SocketKind::Ping4 => 1,
        SocketKind::UnixStream => 2,
    }
}

/// The order in which kinds are listed.
fn order(kind: SocketKind) -> u8 {
    match kind {
        SocketKind::UnixStream => 0,
        SocketKind::Ping4 => 1,
        SocketKind::Udp4 => 2,
        SocketKind::Udp6 => 3,
        SocketKind::Tcp4 => 4,
        SocketKind::Tcp6 => 5,
    }
}

fn row(entry: &SocketEntry, names: &[(String, u16, String)], process: String) -> [String; 9] {
    let protocol = ["tcp", "udp", "u_str"][class(entry.kind)];
    let shown = |address: Option<&SocketAddress>, ino: u64| match address {
        Some(SocketAddress::Inet(a)) => {
            let ip = match a.ip() {
                std::net::IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => format!("[{v6}]"),
                std::net::IpAddr::V6(v6) => format!("[{v6}]"),
                std::net::IpAddr::V4(v4) => v4.to_string(),
            };
            let name = names.iter().find(|(_, p, proto)| *p == a.port() && proto == protocol).map(|(n, ..)| n.clone());
            let port = if a.port() == 0 { "*".to_string() } else { name.unwrap_or(a.port().to_string()) };
            (format!("{ip}:"), port)
        }
        Some(SocketAddress::Unix(path)) => {
            let path = path.as_deref().map_or("*".to_string(), |p| p.replace('\0', "@"));
            (format!("{path} "), ino.to_string())
        }
        None => (
            if matches!(entry.kind, SocketKind::Tcp6 | SocketKind::Udp6) { "[::]:".into() } else { "0.0.0.0:".into() },
            "*".into(),
        ),
    };
    let (local, port) = shown(Some(&entry.local), entry.ino);
    let (peer, peer_port) = match (&entry.peer, class(entry.kind)) {
        (None, 2) => ("* ".to_string(), "0".to_string()),
        (peer, _) => shown(peer.as_ref(), 0),
    };
    let [received, sent] = [entry.queued.0, entry.queued.1].map(|n| n.to_string());
    [protocol.to_string(), entry.state.to_string(), received, sent, local, port, peer, peer_port, process]
}

/// Prints the table as ss does: on a terminal the columns share its width, otherwise they are as narrow as can be.
async fn print(cx: &mut Context, table: &[[String; 9]], one_kind: bool) {
    let mut widths = [0; 9];
    let mut first = true;
    for (at, (_, before, _)) in COLUMNS.iter().enumerate() {
        if at == 0 && one_kind {
            continue;
        }
        let longest = table.iter().map(|r| r[at].chars().count()).max().unwrap_or(0);
        widths[at] = if first { longest } else { longest + before.len() };
        first &= longest == 0;
    }
    if let Ok(size) = cx.sys.winsize(Fd::STDOUT) {
        spread(&mut widths, usize::from(size.columns));
    }
    for row in table {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate().filter(|(at, _)| widths[*at] > 0) {
            let before = if line.is_empty() { "" } else { COLUMNS[at].1 };
            let width = widths[at] - before.len();
            line.push_str(before);
            match COLUMNS[at].2 {
                true => line.push_str(&format!("{cell:>width$}")),
                false => line.push_str(&format!("{cell:<width$}")),
            }
        }
        cx.line(&line).await;
    }
}

/// Hands out the rest of the terminal's width.
fn spread(widths: &mut [usize; 9], screen: usize) {
    let mut until = widths.len();
    let mut total: usize = widths.iter().sum();
    while total > screen && until > 1 {
        until -= 1;
        total -= widths[until];
    }
    let count = widths[..until].iter().filter(|w| **w > 0).count().max(1);
    let pad = screen.saturating_sub(total);
    let (each, mut rest) = (pad / count, pad % count);
    for width in widths[..until].iter_mut().filter(|w| **w > 0) {
        *width += each;
        if rest > 0 {
            *width += 1;
            rest -= 1;
        }
    }
}

async fn summary(cx: &mut Context, entries: &[SocketEntry]) -> ExitCode {
    let count = |f: &dyn Fn(&SocketEntry) -> bool| entries.iter().filter(|e| f(e)).count();
    let kind = |kind: SocketKind| count(&|e| e.kind == kind && e.state != "TIME-WAIT");
    let established = count(&|e| class(e.kind) == 0 && e.state == "ESTAB");
    let waiting = count(&|e| e.state == "TIME-WAIT");
    let tcp = count(&|e| class(e.kind) == 0);
    let total = count(&|e| e.state != "TIME-WAIT");
    let (tcp4, tcp6, udp4, udp6) =
        (kind(SocketKind::Tcp4), kind(SocketKind::Tcp6), kind(SocketKind::Udp4), kind(SocketKind::Udp6));
    cx.line(&format!("Total: {total}")).await;
    cx.line(&format!("TCP:   {tcp} (estab {established}, closed {waiting}, orphaned 0, timewait {waiting})\n")).await;
    cx.line("Transport Total     IP        IPv6").await;
    for (name, v4, v6) in
        [("RAW", 0, 0), ("UDP", udp4, udp6), ("TCP", tcp4, tcp6), ("INET", udp4 + tcp4, udp6 + tcp6), ("FRAG", 0, 0)]
    {
        cx.line(&format!("{name}\t  {:<9} {v4:<9} {v6:<9}", v4 + v6)).await;
    }
    cx.line("").await;
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_width_is_shared() {
        let mut widths = [0, 6, 7, 7, 15, 5, 14, 4, 7];
        super::spread(&mut widths, 80);
        assert_eq!(widths.iter().sum::<usize>(), 80);
        assert_eq!(widths[0], 0);
    }
}
