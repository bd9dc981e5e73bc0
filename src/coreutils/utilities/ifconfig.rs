//! `ifconfig`: interfaces. net-tools 2.10, and BusyBox's.

use std::net::IpAddr;

use machine::net::{Interface, InterfaceKind};
use machine::{Errno, ExitCode};

use crate::context::Context;
use crate::net::{broadcast, mac, netmask};

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let all = cx.args.iter().any(|a| a == "-a");
    let words: Vec<String> = cx.args.iter().filter(|a| !a.starts_with('-')).cloned().collect();
    let mut interfaces = cx.sys.interfaces(cx.sys.netns()).unwrap_or_default();
    interfaces.sort_by(|a, b| (a.name == "lo", &a.name).cmp(&(b.name == "lo", &b.name)));
    let Some((name, change)) = words.split_first() else {
        for interface in interfaces.iter().filter(|i| i.up || all) {
            show(cx, interface).await;
        }
        return cx.status();
    };
    let Some(interface) = interfaces.iter().find(|i| i.name == *name) else {
        let text = if cx.is_busybox() {
            format!("{name}: error fetching interface information: Device not found")
        } else {
            String::new()
        };
        if cx.is_busybox() {
            cx.error(text).await;
        } else {
            cx.complain(&format!("{name}: error fetching interface information: Device not found\n")).await;
        }
        return ExitCode::FAILURE;
    };
    if change.is_empty() {
        show(cx, interface).await;
        return cx.status();
    }
    for word in change {
        let up = match word.as_str() {
            "up" => true,
            "down" => false,
            other => {
                cx.error(format!("drydock: ifconfig with {other} is not emulated here; ip addr is")).await;
                return cx.status();
            }
        };
        match cx.sys.set_link_up(cx.sys.netns(), name, up) {
            Ok(()) => {}
            Err(Errno::EPERM) if !cx.is_busybox() => {
                cx.complain("SIOCSIFFLAGS: Operation not permitted\n").await;
                return ExitCode(255);
            }
            Err(error) => cx.error(format!("SIOCSIFFLAGS: {error}")).await,
        }
    }
    cx.status()
}

/// `484.9 MiB`, as net-tools writes amounts.
fn amount(bytes: u64) -> String {
    let mut value = bytes as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if value < 1024.0 {
            return format!("{value:.1} {unit}");
        }
        value /= 1024.0;
    }
    format!("{value:.1} TiB")
}

/// The flags and their value in `SIOCGIFFLAGS`.
fn flag_words(interface: &Interface) -> (u32, Vec<&'static str>) {
    let mut words = Vec::new();
    let mut value = 0;
    let mut add = |on: bool, bit: u32, word: &'static str| {
        if on {
            value |= bit;
            words.push(word);
        }
    };
    let loopback = interface.kind == InterfaceKind::Loopback;
    add(interface.up, 1, "UP");
    add(!loopback, 2, "BROADCAST");
    add(loopback, 8, "LOOPBACK");
    add(interface.up && interface.carrier, 64, "RUNNING");
    add(!loopback, 4096, "MULTICAST");
    (value, words)
}

async fn show(cx: &mut Context, i: &Interface) {
    if cx.is_busybox() {
        return show_busybox(cx, i).await;
    }
    let (value, words) = flag_words(i);
    cx.line(&format!("{}: flags={value}<{}>  mtu {}", i.name, words.join(","), i.mtu)).await;
    for (address, prefix) in &i.addresses {
        let line = match address {
            IpAddr::V4(v4) => {
                let all = format!("  broadcast {}", broadcast(*v4, *prefix));
                format!("inet {v4}  netmask {}{}", netmask(*prefix), if v4.is_loopback() { "" } else { &all })
            }
            IpAddr::V6(v6) => {
                let scope = if v6.is_loopback() {
                    "0x10<host>"
                } else if v6.segments()[0] == 0xfe80 {
                    "0x20<link>"
                } else {
                    "0x0<global>"
                };
                format!("inet6 {v6}  prefixlen {prefix}  scopeid {scope}")
            }
        };
        cx.line(&format!("        {line}")).await;
    }
    let (hardware, what) = match i.kind {
        InterfaceKind::Loopback => ("loop".to_string(), "Local Loopback"),
        _ => (format!("ether {}", mac(i.mac)), "Ethernet"),
    };
    let queue = if i.kind == InterfaceKind::Bridge || i.kind == InterfaceKind::Veth { 0 } else { 1000 };
    cx.line(&format!("        {hardware}  txqueuelen {queue}  ({what})")).await;
    for (way, bytes, packets) in [("RX", i.counters[0], i.counters[1]), ("TX", i.counters[2], i.counters[3])] {
        cx.line(&format!("        {way} packets {packets}  bytes {bytes} ({})", amount(bytes))).await;
        let rest = if way == "RX" { "  overruns 0  frame 0" } else { " overruns 0  carrier 0  collisions 0" };
        cx.line(&format!("        {way} errors 0  dropped 0{rest}")).await;
    }
    cx.line("").await;
}

async fn show_busybox(cx: &mut Context, i: &Interface) {
    let hardware = match i.kind {
        InterfaceKind::Loopback => "Local Loopback  ".to_string(),
        _ => format!("Ethernet  HWaddr {}  ", mac(i.mac).to_uppercase()),
    };
    cx.line(&format!("{:<9} Link encap:{hardware}", i.name)).await;
    for (address, prefix) in &i.addresses {
        let line = match address {
            IpAddr::V4(v4) if v4.is_loopback() => format!("inet addr:{v4}  Mask:{}", netmask(*prefix)),
            IpAddr::V4(v4) => format!("inet addr:{v4}  Bcast:{}  Mask:{}", broadcast(*v4, *prefix), netmask(*prefix)),
            IpAddr::V6(v6) => {
                let scope = if v6.is_loopback() {
                    "Host"
                } else if v6.segments()[0] == 0xfe80 {
                    "Link"
                } else {
                    "Global"
                };
                format!("inet6 addr: {v6}/{prefix} Scope:{scope}")
            }
        };
        cx.line(&format!("          {line}")).await;
    }
    let (_, words) = flag_words(i);
    let [received, in_packets, sent, out_packets] = i.counters;
    let queue = if i.kind == InterfaceKind::Bridge || i.kind == InterfaceKind::Veth { 0 } else { 1000 };
    cx.line(&format!("          {}  MTU:{}  Metric:1", words.join(" "), i.mtu)).await;
    cx.line(&format!("          RX packets:{in_packets} errors:0 dropped:0 overruns:0 frame:0")).await;
    cx.line(&format!("          TX packets:{out_packets} errors:0 dropped:0 overruns:0 carrier:0")).await;
    cx.line(&format!("          collisions:0 txqueuelen:{queue} ")).await;
    cx.line(&format!("          RX bytes:{received} ({})  TX bytes:{sent} ({})\n", amount(received), amount(sent)))
        .await;
}
