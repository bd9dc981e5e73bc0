//! `netstat`: sockets, routes and interfaces. net-tools 2.10, and BusyBox's.

use std::net::IpAddr;

use machine::ExitCode;
use machine::net::{InterfaceKind, SocketAddress, SocketEntry, SocketKind};

use crate::context::Context;
use crate::net::owners::owners;
use crate::net::services;
use crate::options::{Spec, Value};

const SPEC: Spec = Spec {
    short: "tuxwalnprieWve46c",
    long: &[
        ("tcp", 't', Value::None),
        ("udp", 'u', Value::None),
        ("unix", 'x', Value::None),
        ("all", 'a', Value::None),
        ("listening", 'l', Value::None),
        ("numeric", 'n', Value::None),
        ("programs", 'p', Value::None),
        ("route", 'r', Value::None),
        ("interfaces", 'i', Value::None),
        ("wide", 'W', Value::None),
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: netstat [-ral] [-tuwx] [-enWp]

Display networking information

\t-r\tRouting table
\t-a\tAll sockets
\t-l\tListening sockets
\t\tElse: connected sockets
\t-t\tTCP sockets
\t-u\tUDP sockets
\t-w\tRaw sockets
\t-x\tUnix sockets
\t\tElse: all socket types
\t-e\tOther/more information
\t-n\tDon't resolve names
\t-W\tWide display
\t-p\tShow PID/program name for sockets
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if parsed.has('r') {
        return routes(cx, true).await;
    }
    if parsed.has('i') {
        return interfaces(cx).await;
    }
    let any = !['t', 'u', 'x', 'w'].iter().any(|o| parsed.has(*o));
    let view = View {
        all: parsed.has('a'),
        listening: parsed.has('l'),
        numeric: parsed.has('n'),
        programs: parsed.has('p'),
        tcp: any || parsed.has('t'),
        udp: any || parsed.has('u'),
    };
    let entries = cx.sys.sockets(cx.sys.netns()).unwrap_or_default();
    if view.tcp || view.udp {
        internet(cx, &view, &entries).await;
    }
    if any || parsed.has('x') {
        unix(cx, &view, &entries).await;
    }
    cx.status()
}

#[allow(clippy::struct_excessive_bools)]
struct View {
    all: bool,
    listening: bool,
    numeric: bool,
    programs: bool,
    tcp: bool,
    udp: bool,
}

impl View {
    fn takes(&self, entry: &SocketEntry) -> bool {
        let listening = matches!(entry.state, "LISTEN" | "UNCONN");
        self.all || listening == self.listening
    }

    fn what(&self) -> &'static str {
        match (self.all, self.listening) {
            (true, _) => "servers and established",
            (false, true) => "only servers",
            _ => "w/o servers",
        }
    }
}

/// The name of a state in net-tools.
fn state(entry: &SocketEntry) -> String {
    match entry.state {
        "ESTAB" => "ESTABLISHED".into(),
        "SYN-RECV" => "SYN_RECV".into(),
        "FIN-WAIT-1" => "FIN_WAIT1".into(),
        "FIN-WAIT-2" => "FIN_WAIT2".into(),
        "UNCONN" => String::new(),
        other => other.replace('-', "_"),
    }
}

async fn internet(cx: &mut Context, view: &View, entries: &[SocketEntry]) {
    let names = if view.numeric { Vec::new() } else { services(&cx.sys) };
    let users = if view.programs { owners(&cx.sys) } else { Default::default() };
    cx.line(&format!("Active Internet connections ({})", view.what())).await;
    let program = if view.programs { "PID/Program name    " } else { "" };
    let gap = if view.programs || cx.is_busybox() { "       " } else { "      " };
    cx.line(&format!("Proto Recv-Q Send-Q Local Address           Foreign Address         State{gap}{program}")).await;
    for (kind, name) in
        [(SocketKind::Tcp4, "tcp"), (SocketKind::Tcp6, "tcp6"), (SocketKind::Udp4, "udp"), (SocketKind::Udp6, "udp6")]
    {
        let tcp = name.starts_with("tcp");
        let name = if cx.is_busybox() { &name[..3] } else { name };
        for entry in entries.iter().filter(|e| e.kind == kind && view.takes(e) && if tcp { view.tcp } else { view.udp })
        {
            let text = |address: Option<&SocketAddress>| endpoint(address, kind, &names, name);
            let (local, peer) = (text(Some(&entry.local)), text(entry.peer.as_ref()));
            let (received, sent) = if entry.state == "LISTEN" { (entry.queued.0, 0) } else { entry.queued };
            let state = state(entry);
            let mut line = format!("{name:<5} {received:>6} {sent:>6} {local:<23} {peer:<23} {state:<11}");
            if view.programs {
                let owner = users.get(&entry.ino).and_then(|o| o.first());
                let owner = owner.map_or("-".to_string(), |o| format!("{}/{}", o.pid, o.comm));
                line.push_str(&format!(" {owner:<19.19} "));
            } else if cx.is_busybox() {
                line.push(' ');
            }
            cx.line(&line).await;
        }
    }
}

fn endpoint(
    address: Option<&SocketAddress>,
    kind: SocketKind,
    names: &[(String, u16, String)],
    protocol: &str,
) -> String {
    let Some(SocketAddress::Inet(address)) = address else {
        return if matches!(kind, SocketKind::Tcp6 | SocketKind::Udp6) { ":::*".into() } else { "0.0.0.0:*".into() };
    };
    let service = names.iter().find(|(_, p, proto)| *p == address.port() && protocol.starts_with(proto.as_str()));
    let port = match (address.port(), service) {
        (0, _) => "*".to_string(),
        (_, Some((name, ..))) => name.clone(),
        (port, None) => port.to_string(),
    };
    match address.ip() {
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => format!("{v4}:{port}"),
            None => format!("{v6}:{port}"),
        },
        v4 => format!("{v4}:{port}"),
    }
}

async fn unix(cx: &mut Context, view: &View, entries: &[SocketEntry]) {
    let users = if view.programs { owners(&cx.sys) } else { Default::default() };
    cx.line(&format!("Active UNIX domain sockets ({})", view.what())).await;
    let program = if view.programs { "PID/Program name    " } else { "" };
    cx.line(&format!("Proto RefCnt Flags       Type       State         I-Node   {program}Path")).await;
    for entry in entries.iter().filter(|e| e.kind == SocketKind::UnixStream && view.takes(e)) {
        let (count, flags, state) = match entry.state {
            "LISTEN" => (2, "[ ACC ]", "LISTENING"),
            "ESTAB" => (3, "[ ]", "CONNECTED"),
            _ => (2, "[ ]", ""),
        };
        let mut line = format!("unix  {count:<6} {flags:<11} STREAM     {state:<13} {:<8} ", entry.ino);
        if view.programs {
            let owner = users.get(&entry.ino).and_then(|o| o.first());
            line.push_str(&format!("{:<19.19} ", owner.map_or("-".into(), |o| format!("{}/{}", o.pid, o.comm))));
        }
        if let SocketAddress::Unix(Some(path)) = &entry.local {
            line.push_str(&path.replace('\0', "@"));
        }
        cx.line(&line).await;
    }
}

/// The routing table; `-r` of netstat shows other columns than `route`.
pub async fn routes(cx: &mut Context, netstat: bool) -> ExitCode {
    cx.line("Kernel IP routing table").await;
    let columns = if netstat { "  MSS Window  irtt Iface" } else { "Metric Ref    Use Iface" };
    cx.line(&format!("Destination     Gateway         Genmask         Flags {columns}")).await;
    for route in cx.sys.routes(cx.sys.netns()).unwrap_or_default() {
        let (address, prefix) = route.destination;
        let gateway = route.gateway.map_or("0.0.0.0".to_string(), |g| g.to_string());
        let flags = match (route.gateway, prefix) {
            (Some(_), _) => "UG",
            (None, 32) => "UH",
            _ => "U",
        };
        let mask = crate::net::netmask(prefix).to_string();
        let rest = if netstat { "    0 0          0" } else { "0      0        0" };
        cx.line(&format!("{:<15} {gateway:<15} {mask:<15} {flags:<5} {rest} {}", address.to_string(), route.interface))
            .await;
    }
    cx.status()
}

async fn interfaces(cx: &mut Context) -> ExitCode {
    cx.line("Kernel Interface table").await;
    cx.line("Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg").await;
    let mut all = cx.sys.interfaces(cx.sys.netns()).unwrap_or_default();
    all.retain(|i| i.up);
    all.sort_by(|a, b| a.name.cmp(&b.name));
    for i in all {
        let flags = if i.kind == InterfaceKind::Loopback {
            "LRU"
        } else if i.carrier {
            "BMRU"
        } else {
            "BMU"
        };
        let [_, received, _, sent] = i.counters;
        cx.line(&format!(
            "{:<15} {:>5} {received:>8} {:>6} {:>6} {:<6} {sent:>8} {:>6} {:>6} {:>6} {flags}",
            i.name, i.mtu, 0, 0, 0, 0, 0, 0
        ))
        .await;
    }
    cx.status()
}
