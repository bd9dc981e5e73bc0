//! `ip`: interfaces, addresses and routes. iproute2 6.1, and BusyBox's.

mod route;

use std::net::IpAddr;

use machine::net::{Interface, InterfaceKind};
use machine::{Errno, ExitCode};

use crate::context::Context;
use crate::net::{broadcast, flags, mac, operstate, parse_prefix, qdisc};

const USAGE: &str = "\
Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
       ip [ -force ] -batch filename
where  OBJECT := { address | addrlabel | amt | fou | help | ila | ioam | l2tp |
                   link | macsec | maddress | monitor | mptcp | mroute | mrule |
                   neighbor | neighbour | netconf | netns | nexthop | ntable |
                   ntbl | route | rule | sr | tap | tcpmetrics |
                   token | tunnel | tuntap | vrf | xfrm }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -r[esolve] |
                    -h[uman-readable] | -iec | -j[son] | -p[retty] |
                    -f[amily] { inet | inet6 | mpls | bridge | link } |
                    -4 | -6 | -M | -B | -0 |
                    -l[oops] { maximum-addr-flush-attempts } | -br[ief] |
                    -o[neline] | -t[imestamp] | -ts[hort] | -b[atch] [filename] |
                    -rc[vbuf] [size] | -n[etns] name | -N[umeric] | -a[ll] |
                    -c[olor]}
";

const BUSYBOX_USAGE: &str = "\
Usage: ip [OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]

OPTIONS := -f[amily] inet|inet6|link | -o[neline]

ip addr add|del IFADDR dev IFACE | show|flush [dev IFACE] [to PREFIX]
ip route list|flush|add|del|change|append|replace|test ROUTE
ip link set IFACE [up|down] [arp on|off] [multicast on|off]
\t[promisc on|off] [mtu NUM] [name NAME] [qlen NUM] [address MAC]
\t[master IFACE | nomaster] [netns PID]
ip tunnel add|change|del|show [NAME]
\t[mode ipip|gre|sit] [remote ADDR] [local ADDR] [ttl TTL]
ip neigh show|flush [to PREFIX] [dev DEV] [nud STATE]
ip rule [list] | add|del SELECTOR ACTION
";

/// How to show things.
#[derive(Default)]
struct Style {
    v4: bool,
    v6: bool,
    brief: bool,
    oneline: bool,
    statistics: bool,
}

/// What went wrong: the text, as it is shown.
struct Failure(String, u8);

impl From<Errno> for Failure {
    fn from(error: Errno) -> Failure {
        Failure(format!("RTNETLINK answers: {error}"), 2)
    }
}

fn wrong(text: impl Into<String>) -> Failure {
    Failure(text.into(), 1)
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let args = cx.args.clone();
    let mut style = Style::default();
    let mut words = args.iter().map(String::as_str).peekable();
    while let Some(option) = words.next_if(|w| w.starts_with('-')) {
        let name = option.trim_start_matches('-');
        match name {
            "4" => style.v4 = true,
            "6" => style.v6 = true,
            "br" | "brief" => style.brief = true,
            "s" | "stats" | "statistics" => style.statistics = true,
            "V" | "Version" => {
                cx.line("ip utility, iproute2-6.1.0, libbpf 1.1.0").await;
                return ExitCode::SUCCESS;
            }
            "f" | "family" => match words.next() {
                Some("inet") => style.v4 = true,
                Some("inet6") => style.v6 = true,
                _ => {}
            },
            _ if !name.is_empty() && "oneline".starts_with(name) => style.oneline = true,
            _ if !name.is_empty() && ("color".starts_with(name) || "details".starts_with(name)) => {}
            "N" | "Numeric" | "r" | "h" | "iec" => {}
            _ => {
                cx.complain(&format!("Option \"{option}\" is unknown, try \"ip -help\".\n")).await;
                return ExitCode(255);
            }
        }
    }
    let Some(object) = words.next() else { return usage(cx, ExitCode(if cx.is_busybox() { 1 } else { 255 })).await };
    let rest: Vec<&str> = words.collect();
    let is = |full: &str| full.starts_with(object);
    let result = match object {
        _ if is("address") => addresses(cx, &style, &rest).await,
        _ if is("route") => route::run(cx, &rest).await,
        _ if is("link") => links(cx, &style, &rest).await,
        _ if is("help") => return usage(cx, ExitCode(255)).await,
        "netns" if matches!(rest.first(), None | Some(&"list" | &"show" | &"ls")) => Ok(()),
        _ if is("neighbour") || is("neighbor") => Err(wrong("drydock: the table of neighbours is not emulated here")),
        "rule" | "tunnel" | "netns" | "maddress" | "monitor" | "tuntap" | "xfrm" | "mptcp" | "nexthop" => {
            Err(wrong(format!("drydock: ip {object} is not emulated here")))
        }
        _ => Err(Failure(format!("Object \"{object}\" is unknown, try \"ip help\"."), 1)),
    };
    match result {
        Ok(()) => cx.status(),
        Err(Failure(text, status)) => {
            let name = if cx.is_busybox() { "ip: " } else { "" };
            cx.complain(&format!("{name}{text}\n")).await;
            ExitCode(status)
        }
    }
}

async fn usage(cx: &mut Context, status: ExitCode) -> ExitCode {
    if cx.is_busybox() {
        cx.complain(&format!("{}\n\n{BUSYBOX_USAGE}", crate::context::BUSYBOX_BANNER)).await;
    } else {
        cx.complain(USAGE).await;
    }
    status
}

/// The interfaces that a `show` is about.
fn chosen(cx: &Context, rest: &[&str]) -> Result<Vec<Interface>, Failure> {
    let mut all = cx.sys.interfaces(cx.sys.netns())?;
    let mut words = rest.iter().copied();
    while let Some(word) = words.next() {
        match word {
            "up" => all.retain(|i| i.up),
            "master" => {
                let master = words.next();
                all.retain(|i| i.master.as_deref() == master);
            }
            "type" => {
                let kind = match words.next() {
                    Some("bridge") => InterfaceKind::Bridge,
                    Some("veth") => InterfaceKind::Veth,
                    _ => InterfaceKind::Ethernet,
                };
                all.retain(|i| i.kind == kind);
            }
            _ => {
                let name = if word == "dev" { words.next().unwrap_or("") } else { word };
                all.retain(|i| i.name == name);
                if all.is_empty() {
                    return Err(no_device(cx, name));
                }
            }
        }
    }
    Ok(all)
}

fn no_device(cx: &Context, name: &str) -> Failure {
    if cx.is_busybox() {
        wrong(format!("can't find device '{name}'"))
    } else {
        wrong(format!("Device \"{name}\" does not exist."))
    }
}

fn is_show(command: &str) -> bool {
    !command.is_empty()
        && ("show".starts_with(command) || "list".starts_with(command) || matches!(command, "lst" | "ls"))
}

async fn addresses(cx: &mut Context, style: &Style, rest: &[&str]) -> Result<(), Failure> {
    let ns = cx.sys.netns();
    match rest.split_first() {
        None => show_addresses(cx, style, &[]).await,
        Some((command, rest)) if is_show(command) => show_addresses(cx, style, rest).await,
        Some((&command, rest)) if "add".starts_with(command) || "delete".starts_with(command) => {
            let Some(text) = rest.iter().find(|w| w.contains(['.', ':'])) else {
                return Err(Failure("Not enough information: \"dev\" argument is required.".into(), 255));
            };
            let Some((address, prefix)) = parse_prefix(text) else {
                return Err(wrong(format!("Error: any valid prefix is expected rather than \"{text}\".")));
            };
            let Some(device) = word_after(rest, "dev") else {
                return Err(Failure("Not enough information: \"dev\" argument is required.".into(), 255));
            };
            let result = match "add".starts_with(command) {
                true => cx.sys.add_address(ns, device, address, prefix),
                false => cx.sys.remove_address(ns, device, address),
            };
            result.map_err(|e| device_error(e, device))
        }
        Some((&command, _)) => Err(unknown(command, "address")),
    }
}

fn unknown(command: &str, object: &str) -> Failure {
    Failure(format!("Command \"{command}\" is unknown, try \"ip {object} help\"."), 255)
}

fn device_error(error: Errno, device: &str) -> Failure {
    match error {
        Errno::ENODEV => wrong(format!("Cannot find device \"{device}\"")),
        error => error.into(),
    }
}

fn word_after<'a>(words: &[&'a str], key: &str) -> Option<&'a str> {
    let at = words.iter().position(|w| *w == key)?;
    words.get(at + 1).copied()
}

fn full_name(interface: &Interface) -> String {
    match interface.peer_index {
        Some(index) => format!("{}@if{index}", interface.name),
        None => interface.name.clone(),
    }
}

/// The first line and the line with the hardware address.
fn head(cx: &Context, interface: &Interface, mode: &str) -> [String; 2] {
    let busybox = cx.is_busybox();
    let (index, name, mtu) = (interface.index, full_name(interface), interface.mtu);
    let mut flags = flags(interface);
    if busybox && interface.peer_index.is_some() {
        flags.push_str(",M-DOWN");
    }
    let mut line = format!("{index}: {name}: <{flags}> mtu {mtu} qdisc {} ", qdisc(interface));
    if let Some(master) = &interface.master {
        line.push_str(&format!("master {master} "));
    }
    if !busybox {
        line.push_str(&format!("state {} {mode}group default ", operstate(interface)));
    }
    let fresh_veth = !busybox && interface.kind == InterfaceKind::Veth && !interface.up;
    if fresh_veth || matches!(interface.kind, InterfaceKind::Loopback | InterfaceKind::Ethernet) {
        line.push_str("qlen 1000");
    }
    let (kind, all) = match interface.kind {
        InterfaceKind::Loopback => ("loopback", "00:00:00:00:00:00"),
        _ => ("ether", "ff:ff:ff:ff:ff:ff"),
    };
    let mut second = format!("    link/{kind} {} brd {all}", mac(interface.mac));
    if !busybox && interface.peer_index.is_some() {
        second.push_str(" link-netnsid 0");
    }
    [line, second]
}

/// `inet 172.18.0.2/16 brd 172.18.255.255 scope global eth0`.
fn address_line(interface: &Interface, address: IpAddr, prefix: u8) -> String {
    match address {
        IpAddr::V4(v4) if v4.is_loopback() => format!("inet {v4}/{prefix} scope host {}", interface.name),
        IpAddr::V4(v4) => {
            let brd = if prefix < 31 { format!("brd {} ", broadcast(v4, prefix)) } else { String::new() };
            format!("inet {v4}/{prefix} {brd}scope global {}", interface.name)
        }
        IpAddr::V6(v6) => {
            let scope = match v6.segments()[0] {
                _ if v6.is_loopback() => "host",
                0xfe80 => "link",
                _ => "global",
            };
            format!("inet6 {v6}/{prefix} scope {scope} ")
        }
    }
}

async fn show_addresses(cx: &mut Context, style: &Style, rest: &[&str]) -> Result<(), Failure> {
    const LIFETIME: &str = "       valid_lft forever preferred_lft forever";
    for interface in chosen(cx, rest)? {
        let shown = |a: &&(IpAddr, u8)| (!style.v4 || a.0.is_ipv4()) && (!style.v6 || a.0.is_ipv6());
        let addresses: Vec<(IpAddr, u8)> = interface.addresses.iter().filter(shown).copied().collect();
        if (style.v4 || style.v6) && addresses.is_empty() {
            continue;
        }
        if style.brief {
            let list: String = addresses.iter().map(|(a, p)| format!("{a}/{p} ")).collect();
            cx.line(&format!("{:<16} {:<14} {list}", full_name(&interface), operstate(&interface))).await;
            continue;
        }
        if !style.oneline {
            let [first, second] = head(cx, &interface, "");
            cx.line(&first).await;
            if !style.v4 && !style.v6 {
                cx.line(&second).await;
            }
        }
        for (address, prefix) in addresses {
            let line = address_line(&interface, address, prefix);
            if style.oneline {
                cx.line(&format!("{}: {}    {line}\\{LIFETIME}", interface.index, interface.name)).await;
            } else {
                cx.line(&format!("    {line}")).await;
                cx.line(LIFETIME).await;
            }
        }
    }
    Ok(())
}

async fn links(cx: &mut Context, style: &Style, rest: &[&str]) -> Result<(), Failure> {
    match rest.split_first() {
        None => show_links(cx, style, &[]).await,
        Some((command, rest)) if is_show(command) && *command != "s" => show_links(cx, style, rest).await,
        Some((&"set", rest)) => set_link(cx, rest),
        Some((&"add", rest)) => add_link(cx, rest),
        Some((&("del" | "delete"), rest)) => {
            let name = rest.iter().find(|w| **w != "dev").copied().unwrap_or("");
            cx.sys.remove_link(cx.sys.netns(), name).map_err(|e| device_error(e, name))
        }
        Some((&command, _)) => Err(unknown(command, "link")),
    }
}

async fn show_links(cx: &mut Context, style: &Style, rest: &[&str]) -> Result<(), Failure> {
    for interface in chosen(cx, rest)? {
        if style.brief {
            let (name, state) = (full_name(&interface), operstate(&interface));
            cx.line(&format!("{name:<16} {state:<14} {} <{}> ", mac(interface.mac), flags(&interface))).await;
            continue;
        }
        let [first, second] = head(cx, &interface, "mode DEFAULT ");
        if style.oneline {
            cx.line(&format!("{first}\\{second}")).await;
            continue;
        }
        cx.line(&first).await;
        cx.line(&second).await;
        if style.statistics {
            let [received, in_packets, sent, out_packets] = interface.counters;
            for (way, bytes, packets, rest) in
                [("RX", received, in_packets, ["missed", "mcast"]), ("TX", sent, out_packets, ["carrier", "collsns"])]
            {
                let (bytes, packets) = (bytes.to_string(), packets.to_string());
                let (w1, w2) = (bytes.len().max(6), packets.len().max(7));
                cx.line(&format!(
                    "    {way}: {:>w1$} {:>w2$} errors dropped {:>7} {:>7}",
                    "bytes", "packets", rest[0], rest[1]
                ))
                .await;
                cx.line(&format!("        {bytes:>w1$} {packets:>w2$} {:>6} {:>7} {:>7} {:>7} ", 0, 0, 0, 0)).await;
            }
        }
    }
    Ok(())
}

fn set_link(cx: &Context, rest: &[&str]) -> Result<(), Failure> {
    let ns = cx.sys.netns();
    let mut words = rest.iter().copied().filter(|w| *w != "dev");
    let Some(name) = words.next() else {
        return Err(Failure("Not enough of information: \"dev\" argument is required.".into(), 255));
    };
    while let Some(word) = words.next() {
        let result = match word {
            "up" => cx.sys.set_link_up(ns, name, true),
            "down" => cx.sys.set_link_up(ns, name, false),
            "master" => {
                let bridge = words.next().unwrap_or("");
                if !cx.sys.interfaces(ns)?.iter().any(|i| i.name == bridge) {
                    return Err(wrong(format!("Device \"{bridge}\" does not exist.")));
                }
                cx.sys.set_master(ns, name, Some(bridge))
            }
            "nomaster" => cx.sys.set_master(ns, name, None),
            other => return Err(wrong(format!("drydock: ip link set {other} is not emulated here"))),
        };
        result.map_err(|e| device_error(e, name))?;
    }
    Ok(())
}

fn add_link(cx: &Context, rest: &[&str]) -> Result<(), Failure> {
    let ns = cx.sys.netns();
    let name = rest.iter().find(|w| !matches!(**w, "name" | "dev")).copied().unwrap_or("");
    match word_after(rest, "type") {
        Some("bridge") => Ok(cx.sys.add_bridge(ns, name, random_mac(cx))?),
        Some("veth") => {
            let peer = rest.iter().position(|w| *w == "peer").map(|at| &rest[at + 1..]).unwrap_or_default();
            let other = peer.iter().find(|w| **w != "name").map_or(format!("{name}p"), |w| w.to_string());
            Ok(cx.sys.add_veth((ns, name, random_mac(cx)), (ns, &other, random_mac(cx)))?)
        }
        Some(kind) => Err(wrong(format!("drydock: interfaces of type {kind} are not emulated here"))),
        None => Err(Failure("Not enough information: \"type\" argument is required".into(), 255)),
    }
}

/// A random address, marked as administered locally.
fn random_mac(cx: &Context) -> [u8; 6] {
    let mut mac = [0; 6];
    cx.sys.random(&mut mac);
    mac[0] = mac[0] & 0xFC | 2;
    mac
}
