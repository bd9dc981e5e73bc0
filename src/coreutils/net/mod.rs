//! What the network utilities share: interfaces in words, connecting by name, HTTP.

pub mod http;
pub mod owners;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr};

use machine::Sys;
use machine::net::{Interface, InterfaceKind};

/// A hardware address: `02:42:ac:12:00:02`.
pub fn mac(address: [u8; 6]) -> String {
    address.map(|byte| format!("{byte:02x}")).join(":")
}

/// The broadcast address of an IPv4 network.
pub fn broadcast(address: Ipv4Addr, prefix: u8) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(address) | !u32::from(netmask(prefix)))
}

/// The mask of a prefix length.
pub fn netmask(prefix: u8) -> Ipv4Addr {
    Ipv4Addr::from(u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0))
}

/// An interface's flags, as `ip` shows them.
pub fn flags(interface: &Interface) -> String {
    let mut flags = Vec::new();
    if interface.up && !interface.carrier {
        flags.push("NO-CARRIER");
    }
    match interface.kind {
        InterfaceKind::Loopback => flags.push("LOOPBACK"),
        _ => flags.extend(["BROADCAST", "MULTICAST"]),
    }
    if interface.up {
        flags.push("UP");
    }
    if interface.up && interface.carrier {
        flags.push("LOWER_UP");
    }
    flags.join(",")
}

/// An interface's operational state, as `ip` shows it.
pub fn operstate(interface: &Interface) -> &'static str {
    match interface {
        Interface { up: true, kind: InterfaceKind::Loopback, .. } => "UNKNOWN",
        Interface { up: true, carrier: true, .. } => "UP",
        Interface { up: true, kind: InterfaceKind::Veth, .. } => "LOWERLAYERDOWN",
        _ => "DOWN",
    }
}

/// What orders the packets that wait.
pub fn qdisc(interface: &Interface) -> &'static str {
    match interface {
        Interface { up: false, .. } => "noop",
        Interface { kind: InterfaceKind::Ethernet, .. } => "fq_codel",
        _ => "noqueue",
    }
}

/// Reads `ADDRESS/PREFIX`; without a prefix it is the whole address.
pub fn parse_prefix(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(a, p)| (a, Some(p)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(most), |p| p.parse().ok()).filter(|p| *p <= most)?;
    Some((address, prefix))
}

/// A port by number, or by name from `/etc/services` or among those that everybody knows.
pub fn port(sys: &Sys, text: &str, protocol: &str) -> Option<u16> {
    if let Ok(port) = text.parse() {
        return Some(port);
    }
    services(sys).into_iter().find(|(name, _, p)| name == text && p == protocol).map(|(_, port, _)| port)
}

/// The lines of `/etc/services`: name, port, protocol.
pub fn services(sys: &Sys) -> Vec<(String, u16, String)> {
    let text = sys.read_file("/etc/services").unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = |line: &str| {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        let name = words.next()?.to_string();
        let (port, protocol) = words.next()?.split_once('/')?;
        Some((name, port.parse().ok()?, protocol.to_string()))
    };
    text.lines().filter_map(line).collect()
}
