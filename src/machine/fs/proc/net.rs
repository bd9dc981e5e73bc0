//! `/proc/PID/net`: interfaces, routes and sockets of the process's network namespace.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

use super::View;
use crate::errno::SysResult;
use crate::net::{SocketAddress, SocketEntry, SocketKind};
use crate::process::Pid;

pub(super) fn arp(_: &View, _: Pid) -> SysResult<String> {
    Ok("IP address       HW type     Flags       HW address            Mask     Device\n".into())
}

pub(super) fn dev(view: &View, pid: Pid) -> SysResult<String> {
    let sys = view.sys(pid);
    let mut text = String::from(
        "Inter-|   Receive                                                |  Transmit\n \
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n",
    );
    for interface in sys.interfaces(sys.netns())? {
        let [rx_bytes, rx_packets, tx_bytes, tx_packets] = interface.counters;
        let _ = writeln!(
            text,
            "{:>6}: {rx_bytes:7} {rx_packets:7} {:4} {:4} {:4} {:5} {:10} {:9} {tx_bytes:8} {tx_packets:7} {:4} {:4} {:4} {:5} {:7} {:10}",
            interface.name, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        );
    }
    Ok(text)
}

pub(super) fn route(view: &View, pid: Pid) -> SysResult<String> {
    let sys = view.sys(pid);
    let mut text =
        format!("{:<127}\n", "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT");
    for route in sys.routes(sys.netns())? {
        let (destination, prefix) = route.destination;
        let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
        let gateway = route.gateway.map_or(0, |g| u32::from(g).swap_bytes());
        let flags = 1 | if route.gateway.is_some() { 2 } else { 0 };
        let line = format!(
            "{}\t{:08X}\t{gateway:08X}\t{flags:04X}\t0\t0\t0\t{:08X}\t0\t0\t0",
            route.interface,
            u32::from(destination).swap_bytes(),
            mask.swap_bytes()
        );
        let _ = writeln!(text, "{line:<127}");
    }
    Ok(text)
}

pub(super) fn tcp(view: &View, pid: Pid) -> SysResult<String> {
    internet(view, pid, SocketKind::Tcp4)
}

pub(super) fn tcp6(view: &View, pid: Pid) -> SysResult<String> {
    internet(view, pid, SocketKind::Tcp6)
}

pub(super) fn udp(view: &View, pid: Pid) -> SysResult<String> {
    internet(view, pid, SocketKind::Udp4)
}

pub(super) fn udp6(view: &View, pid: Pid) -> SysResult<String> {
    internet(view, pid, SocketKind::Udp6)
}

/// Linux's numbers of TCP states (`net/tcp_states.h`).
fn state_number(name: &str) -> u8 {
    match name {
        "ESTAB" => 1,
        "SYN-SENT" => 2,
        "SYN-RECV" => 3,
        "FIN-WAIT-1" => 4,
        "FIN-WAIT-2" => 5,
        "TIME-WAIT" => 6,
        "CLOSE-WAIT" => 8,
        "LAST-ACK" => 9,
        "LISTEN" => 10,
        "CLOSING" => 11,
        _ => 7,
    }
}

/// An address in the kernel's hexadecimal: 32-bit words in the host's byte order, and the port.
fn hexadecimal(address: Option<&SocketAddress>, v6: bool) -> String {
    let (ip, port) = match address {
        Some(SocketAddress::Inet(SocketAddr::V4(a))) => (IpAddr::V4(*a.ip()), a.port()),
        Some(SocketAddress::Inet(SocketAddr::V6(a))) => (IpAddr::V6(*a.ip()), a.port()),
        _ => (IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0),
    };
    let words: Vec<u8> = match (ip, v6) {
        (IpAddr::V4(ip), false) => ip.octets().to_vec(),
        (IpAddr::V4(ip), true) if ip.is_unspecified() => vec![0; 16],
        (IpAddr::V4(ip), true) => ip.to_ipv6_mapped().octets().to_vec(),
        (IpAddr::V6(ip), _) => ip.octets().to_vec(),
    };
    let mut text = String::new();
    for word in words.chunks(4) {
        for byte in word.iter().rev() {
            let _ = write!(text, "{byte:02X}");
        }
    }
    let _ = write!(text, ":{port:04X}");
    text
}

fn internet(view: &View, pid: Pid, kind: SocketKind) -> SysResult<String> {
    let sys = view.sys(pid);
    let v6 = matches!(kind, SocketKind::Tcp6 | SocketKind::Udp6);
    let udp = matches!(kind, SocketKind::Udp4 | SocketKind::Udp6);
    let columns = if v6 {
        "local_address                         remote_address                        "
    } else {
        "local_address rem_address   "
    };
    let tail = if udp { " ref pointer drops" } else { "" };
    let mut text = format!("  sl  {columns}st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode{tail}\n");
    let sockets = sys.sockets(sys.netns())?;
    for (number, entry) in sockets.iter().filter(|entry| entry.kind == kind).enumerate() {
        let _ = writeln!(text, "{}", socket_line(number, entry, v6));
    }
    Ok(text)
}

fn socket_line(number: usize, entry: &SocketEntry, v6: bool) -> String {
    format!(
        "{number:4}: {} {} {:02X} {:08X}:{:08X} 00:00000000 00000000 {:5}        0 {} 1 0000000000000000 100 0 0 10 0",
        hexadecimal(Some(&entry.local), v6),
        hexadecimal(entry.peer.as_ref(), v6),
        state_number(entry.state),
        entry.queued.1,
        entry.queued.0,
        entry.uid,
        entry.ino
    )
}

pub(super) fn unix(view: &View, pid: Pid) -> SysResult<String> {
    let sys = view.sys(pid);
    let mut text = String::from("Num       RefCount Protocol Flags    Type St Inode Path\n");
    for entry in sys.sockets(sys.netns())?.iter().filter(|entry| entry.kind == SocketKind::UnixStream) {
        let (flags, state) = if entry.state == "LISTEN" { (0x10000, 1) } else { (0, 3) };
        let path = match &entry.local {
            SocketAddress::Unix(Some(path)) => format!(" {path}"),
            _ => String::new(),
        };
        let _ = writeln!(text, "0000000000000000: 00000002 00000000 {flags:08X} 0001 {state:02} {:5}{path}", entry.ino);
    }
    Ok(text)
}
