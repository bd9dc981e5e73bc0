//! The name server at 127.0.0.11 that containers in user-defined networks see (RFC 1035, as far as it takes).

use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use machine::net::{NetNamespaceId, SocketAddress, SocketKind};

use crate::daemon::Daemon;
use crate::model::container::Container;
use crate::model::sandbox::NameServer;

const TYPE_A: u16 = 1;
const TYPE_PTR: u16 = 12;
const TYPE_AAAA: u16 = 28;
const NXDOMAIN: u8 = 3;
/// How long answers may be kept, in seconds.
const TTL: u32 = 600;

/// Starts the server in a container's namespace.
pub fn start(d: &Rc<Daemon>, c: &Rc<Container>, ns: NetNamespaceId) -> Option<NameServer> {
    let fd = d.sys.socket_in(ns, SocketKind::Udp4).ok()?;
    let address = SocketAddress::Inet(SocketAddr::new(Ipv4Addr::new(127, 0, 0, 11).into(), 53));
    d.sys.bind(fd, &address).ok()?;
    let (daemon, container, sys) = (Rc::downgrade(d), Rc::downgrade(c), d.sys.clone());
    let thread = d.sys.thread(async move {
        while let Ok(packet) = sys.recv_from(fd).await {
            let (Some(d), Some(c)) = (daemon.upgrade(), container.upgrade()) else { return };
            if let Some(answer) = answer(&packet.data, &|name, kind| look_up(&d, &c, name, kind)) {
                let _ = sys.send_to(fd, &answer, &packet.from);
            }
        }
    });
    Some(NameServer { thread, fd })
}

/// What a name has.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// Addresses.
    Addresses(Vec<Ipv4Addr>),
    /// A name, for a reverse query.
    Name(String),
    /// It exists, but not with this type.
    NoData,
    /// It does not exist.
    Nothing,
}

fn look_up(d: &Daemon, c: &Container, name: &str, kind: u16) -> Found {
    let all = d.networks.all.borrow();
    let endpoints = c.endpoints.borrow();
    let networks = endpoints.values().filter_map(|e| all.get(&e.network_id)).filter(|n| n.has_dns());
    if kind == TYPE_PTR {
        let Some(ip) = reverse(name) else { return Found::Nothing };
        for network in networks {
            if let Some(member) = network.members.borrow().values().find(|m| m.ip == Some(ip)) {
                return Found::Name(format!("{}.{}", member.name, network.name));
            }
        }
        return Found::Nothing;
    }
    let mut addresses = Vec::new();
    for network in networks {
        let bare = name.strip_suffix(&format!(".{}", network.name)).unwrap_or(name);
        let links = endpoints.get(&network.name).and_then(|e| e.links.clone()).unwrap_or_default();
        let linked = links
            .iter()
            .filter_map(|l| l.split_once(':'))
            .find(|(_, alias)| *alias == bare)
            .map(|(n, _)| n.to_string());
        for member in network.members.borrow().values() {
            let hit = member.dns.iter().any(|n| n.eq_ignore_ascii_case(bare)) || linked.as_ref() == Some(&member.name);
            if hit {
                addresses.extend(member.ip);
            }
        }
    }
    match (addresses.is_empty(), kind) {
        (true, _) => Found::Nothing,
        (false, TYPE_A) => Found::Addresses(addresses),
        (false, _) => Found::NoData,
    }
}

/// `2.0.18.172.in-addr.arpa` → 172.18.0.2
fn reverse(name: &str) -> Option<Ipv4Addr> {
    let digits = name.strip_suffix(".in-addr.arpa")?;
    let mut parts: Vec<u8> = digits.split('.').map(|p| p.parse().ok()).collect::<Option<_>>()?;
    parts.reverse();
    let octets: [u8; 4] = parts.try_into().ok()?;
    Some(octets.into())
}

/// Answers a packet; `None` where it is no query.
fn answer(query: &[u8], look_up: &dyn Fn(&str, u16) -> Found) -> Option<Vec<u8>> {
    let count = u16::from_be_bytes([*query.get(4)?, *query.get(5)?]);
    if query.get(2)? & 0x80 != 0 || count != 1 {
        return None;
    }
    let (name, end) = read_name(query, 12)?;
    let kind = u16::from_be_bytes([*query.get(end)?, *query.get(end + 1)?]);
    let question = query.get(12..end + 4)?;
    let found = look_up(&name, kind);
    let records: Vec<Vec<u8>> = match &found {
        Found::Addresses(list) => list.iter().map(|ip| ip.octets().to_vec()).collect(),
        Found::Name(name) => vec![write_name(name)],
        Found::NoData | Found::Nothing => Vec::new(),
    };
    let code =
        if found == Found::Nothing && (kind == TYPE_A || kind == TYPE_AAAA || kind == TYPE_PTR) { NXDOMAIN } else { 0 };
    let recursion = query.get(2)? & 1;
    let mut out = query.get(..2)?.to_vec();
    out.extend_from_slice(&[0x80 | recursion, 0x80 | code, 0, 1]);
    out.extend_from_slice(&(records.len() as u16).to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(question);
    for data in records {
        out.extend_from_slice(&[0xc0, 12]);
        out.extend_from_slice(&kind.to_be_bytes());
        out.extend_from_slice(&[0, 1]);
        out.extend_from_slice(&TTL.to_be_bytes());
        out.extend_from_slice(&(data.len() as u16).to_be_bytes());
        out.extend_from_slice(&data);
    }
    Some(out)
}

fn read_name(packet: &[u8], mut at: usize) -> Option<(String, usize)> {
    let mut labels: Vec<String> = Vec::new();
    loop {
        let len = usize::from(*packet.get(at)?);
        at += 1;
        match len {
            0 => return Some((labels.join("."), at)),
            1..=63 => labels.push(String::from_utf8_lossy(packet.get(at..at + len)?).into_owned()),
            _ => return None,
        }
        at += len;
    }
}

fn write_name(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.').filter(|l| !l.is_empty() && l.len() < 64) {
        out.push(label.len() as u8);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &str, kind: u16) -> Vec<u8> {
        let mut out = vec![7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        out.extend(write_name(name));
        out.extend_from_slice(&kind.to_be_bytes());
        out.extend_from_slice(&[0, 1]);
        out
    }

    #[test]
    fn names_are_answered() {
        let zone = |name: &str, kind: u16| match (name, kind) {
            ("web", TYPE_A) => Found::Addresses(vec![Ipv4Addr::new(172, 18, 0, 2)]),
            ("web", _) => Found::NoData,
            _ => Found::Nothing,
        };
        let reply = answer(&query("web", TYPE_A), &zone).unwrap();
        assert_eq!((&reply[..2], reply[3] & 15, reply[7]), (&[7u8, 9][..], 0, 1));
        assert!(reply.ends_with(&[0, 4, 172, 18, 0, 2]));
        let reply = answer(&query("web", TYPE_AAAA), &zone).unwrap();
        assert_eq!((reply[3] & 15, reply[7]), (0, 0));
        assert_eq!(answer(&query("nosuch", TYPE_A), &zone).unwrap()[3] & 15, NXDOMAIN);
    }

    #[test]
    fn nonsense_is_not_answered() {
        for bad in [&b""[..], b"short", &[0xff; 40], &[0; 12]] {
            assert_eq!(answer(bad, &|_, _| Found::Nothing), None);
        }
    }

    #[test]
    fn reverse_names_are_read() {
        assert_eq!(reverse("2.0.18.172.in-addr.arpa"), Some(Ipv4Addr::new(172, 18, 0, 2)));
        assert_eq!(reverse("x.in-addr.arpa"), None);
    }
}
