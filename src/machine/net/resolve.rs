//! From names to addresses and back (`getaddrinfo(3)`, `getnameinfo(3)`, `resolv.conf(5)`, `hosts(5)`).
//!
//! Library functions, not system calls: they read files and talk UDP as glibc's do.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::dns::{self, Message, RecordData, RecordType, ResponseCode};
use super::{ResolveError, SocketAddress, SocketKind};
use crate::errno::Errno;
use crate::io::PollFd;
use crate::sys::Sys;

/// What `/etc/resolv.conf` says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ResolvConf {
    /// Name servers, at most three.
    pub servers: Vec<IpAddr>,
    /// Domains to look for short names in.
    pub search: Vec<String>,
    /// A name with fewer dots is looked for in the search domains first.
    pub ndots: usize,
    /// Seconds to wait for an answer.
    pub timeout: u64,
    /// How often each server is asked.
    pub attempts: usize,
}

impl ResolvConf {
    /// Reads the file's text; what it does not say has glibc's defaults.
    pub fn parse(text: &str) -> ResolvConf {
        let mut conf = ResolvConf { servers: Vec::new(), search: Vec::new(), ndots: 1, timeout: 5, attempts: 2 };
        for line in text.lines().filter(|l| !l.starts_with(['#', ';'])) {
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("nameserver") if conf.servers.len() < 3 => {
                    conf.servers.extend(words.next().and_then(|w| w.parse::<IpAddr>().ok()));
                }
                Some("search" | "domain") => {
                    conf.search = words.take(6).map(|w| w.trim_end_matches('.').to_string()).collect();
                    conf.search.retain(|domain| !domain.is_empty());
                }
                Some("options") => words.for_each(|option| conf.set_option(option)),
                _ => {}
            }
        }
        if conf.servers.is_empty() {
            conf.servers.push(Ipv4Addr::LOCALHOST.into());
        }
        conf
    }

    fn set_option(&mut self, option: &str) {
        let Some((name, Ok(value))) = option.split_once(':').map(|(n, v)| (n, v.parse::<usize>())) else { return };
        match name {
            "ndots" => self.ndots = value.min(15),
            "timeout" => self.timeout = value.clamp(1, 30) as u64,
            "attempts" => self.attempts = value.clamp(1, 5),
            _ => {}
        }
    }

    /// The names to ask for, in order.
    fn candidates(&self, name: &str) -> Vec<String> {
        if let Some(absolute) = name.strip_suffix('.') {
            return vec![absolute.to_string()];
        }
        let searched = self.search.iter().map(|domain| format!("{name}.{domain}"));
        let as_is = std::iter::once(name.to_string());
        if name.matches('.').count() >= self.ndots {
            as_is.chain(searched).collect()
        } else {
            searched.chain(as_is).collect()
        }
    }
}

/// The names and addresses of `/etc/hosts`, in the file's order: each address with its names.
pub fn parse_hosts(text: &str) -> Vec<(IpAddr, Vec<String>)> {
    let line = |line: &str| {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        let address = words.next()?.parse().ok()?;
        Some((address, words.map(str::to_string).collect()))
    };
    text.lines().filter_map(line).collect()
}

/// `getaddrinfo` for a host name or numeric address: `/etc/hosts`, then the name servers of
/// `/etc/resolv.conf`. IPv4 addresses come first; IPv6 ones only where the machine could use them.
pub async fn resolve(sys: &Sys, host: &str) -> Result<Vec<IpAddr>, ResolveError> {
    if let Some(address) = numeric(host) {
        return Ok(vec![address]);
    }
    if !is_host_name(host) {
        return Err(ResolveError::NoName);
    }
    let name = host.trim_end_matches('.');
    let mut found: Vec<IpAddr> = hosts(sys)
        .into_iter()
        .filter(|(_, names)| names.iter().any(|n| n.eq_ignore_ascii_case(name)))
        .map(|(address, _)| address)
        .collect();
    if found.is_empty() {
        found = ask_for_addresses(sys, host).await?;
    }
    found.retain(|a| a.is_ipv4() || a.is_loopback() || has_ipv6(sys));
    found.sort_by_key(IpAddr::is_ipv6);
    found.dedup();
    if found.is_empty() { Err(ResolveError::NoAddress) } else { Ok(found) }
}

/// `getnameinfo`: the name of an address, from `/etc/hosts` or the name servers.
pub async fn reverse(sys: &Sys, address: IpAddr) -> Option<String> {
    let known = hosts(sys).into_iter().find(|(a, names)| *a == address && !names.is_empty());
    if let Some((_, names)) = known {
        return names.into_iter().next();
    }
    let conf = resolv_conf(sys);
    let answer = ask(sys, &conf, &dns::reverse_name(address), RecordType::Ptr).await.ok()?;
    answer.answers.into_iter().find_map(|record| match record.data {
        RecordData::Ptr(name) => Some(name),
        _ => None,
    })
}

/// `/etc/resolv.conf` as it is now.
pub fn resolv_conf(sys: &Sys) -> ResolvConf {
    ResolvConf::parse(&text_file(sys, "/etc/resolv.conf"))
}

/// `/etc/hosts` as it is now.
pub fn hosts(sys: &Sys) -> Vec<(IpAddr, Vec<String>)> {
    parse_hosts(&text_file(sys, "/etc/hosts"))
}

fn text_file(sys: &Sys, path: &str) -> String {
    sys.read_file(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// An address in figures; also `127.1` and `0x7f000001`, as `inet_aton(3)` reads them.
pub fn numeric(text: &str) -> Option<IpAddr> {
    let without_zone = text.split_once('%').map_or(text, |(address, _)| address);
    if let Ok(address) = without_zone.parse::<Ipv6Addr>() {
        return Some(address.into());
    }
    let parts: Vec<u32> = text.split('.').map(number).collect::<Option<_>>()?;
    let (last, firsts) = parts.split_last()?;
    let room = 4 - u32::try_from(firsts.len()).ok().filter(|n| *n < 4)?;
    if firsts.iter().any(|part| *part > 255) || u64::from(*last) >> (8 * room) != 0 {
        return None;
    }
    let high = firsts.iter().enumerate().fold(0, |sum, (i, part)| sum | part << (24 - 8 * i));
    Some(Ipv4Addr::from(high | last).into())
}

/// A number as C writes it: decimal, octal after `0`, hexadecimal after `0x`.
fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
    u32::from_str_radix(digits, radix).ok().filter(|_| plain)
}

/// Whether a name is worth asking for: letters, digits, hyphens, underscores and dots.
fn is_host_name(name: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let name = name.strip_suffix('.').unwrap_or(name);
    !name.is_empty()
        && name.len() <= 253
        && name.bytes().all(good)
        && name.split('.').all(|l| !l.is_empty() && l.len() < 64)
}

fn has_ipv6(sys: &Sys) -> bool {
    let interfaces = sys.interfaces(sys.netns()).unwrap_or_default();
    interfaces.iter().flat_map(|i| &i.addresses).any(|(a, _)| a.is_ipv6() && !a.is_loopback())
}

async fn ask_for_addresses(sys: &Sys, host: &str) -> Result<Vec<IpAddr>, ResolveError> {
    let conf = resolv_conf(sys);
    let mut outcome = ResolveError::NoName;
    for name in conf.candidates(host) {
        match ask(sys, &conf, &name, RecordType::A).await {
            Ok(answer) if answer.code == ResponseCode::NameError => {}
            Ok(answer) => {
                let mut found = addresses(&answer);
                if has_ipv6(sys) {
                    let more = ask(sys, &conf, &name, RecordType::Aaaa).await;
                    found.extend(more.iter().flat_map(addresses));
                }
                if !found.is_empty() {
                    return Ok(found);
                }
                outcome = ResolveError::NoAddress;
            }
            Err(error) => return Err(error),
        }
    }
    Err(outcome)
}

fn addresses(answer: &Message) -> Vec<IpAddr> {
    let address = |data: &RecordData| match data {
        RecordData::A(a) => Some(IpAddr::V4(*a)),
        RecordData::Aaaa(a) => Some(IpAddr::V6(*a)),
        _ => None,
    };
    answer.answers.iter().filter_map(|record| address(&record.data)).collect()
}

/// Asks the servers one after the other, as often as the configuration says. `Again` where none answers.
async fn ask(sys: &Sys, conf: &ResolvConf, name: &str, kind: RecordType) -> Result<Message, ResolveError> {
    for _ in 0..conf.attempts {
        for server in &conf.servers {
            let answer = query(sys, *server, name, kind, Duration::from_secs(conf.timeout)).await;
            match answer {
                Some(answer) if matches!(answer.code, ResponseCode::NoError | ResponseCode::NameError) => {
                    return Ok(answer);
                }
                _ => {}
            }
        }
    }
    Err(ResolveError::Again)
}

/// Asks one server once; `None` where no answer comes in time.
pub async fn query(sys: &Sys, server: IpAddr, name: &str, kind: RecordType, timeout: Duration) -> Option<Message> {
    let question = Message::query(sys.random_u64() as u16, name, kind);
    let bytes = question.encode()?;
    // A caught signal does not end the wait, as in glibc.
    let sys = &sys.for_thread();
    let fd = sys.socket(if server.is_ipv4() { SocketKind::Udp4 } else { SocketKind::Udp6 }).ok()?;
    let answer = exchange(sys, fd, SocketAddr::new(server, dns::PORT), &question, &bytes, timeout).await;
    let _ = sys.close(fd);
    answer
}

async fn exchange(
    sys: &Sys,
    fd: crate::Fd,
    server: SocketAddr,
    question: &Message,
    bytes: &[u8],
    timeout: Duration,
) -> Option<Message> {
    sys.connect(fd, &SocketAddress::Inet(server)).await.ok()?;
    sys.set_nonblocking(fd, true).ok()?;
    sys.write(fd, bytes).await.ok()?;
    let deadline = sys.now() + timeout;
    loop {
        let left = deadline.since(sys.now());
        match sys.poll(&mut [PollFd::readable(fd)], Some(left)).await {
            Ok(0) => return None,
            Ok(_) => {}
            Err(_) => return None,
        }
        match sys.recv_from(fd).await {
            Ok(datagram) => {
                let answer = Message::decode(&datagram.data);
                if let Some(answer) = answer.filter(|a| a.response && a.id == question.id) {
                    return Some(answer);
                }
            }
            Err(Errno::EAGAIN) => {}
            Err(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        assert_eq!(numeric("127.0.0.1"), Some([127, 0, 0, 1].into()));
        assert_eq!(numeric("127.1"), Some([127, 0, 0, 1].into()));
        assert_eq!(numeric("0x7f000001"), Some([127, 0, 0, 1].into()));
        assert_eq!(numeric("::1"), Some(Ipv6Addr::LOCALHOST.into()));
        for bad in ["127.0.0.1/16", "256.1.1.1", "1.2.3.4.5", "", ".", "redis", "1.2.3.+4", "08"] {
            assert_eq!(numeric(bad), None, "{bad}");
        }
    }

    #[test]
    fn search_domains() {
        let conf = ResolvConf::parse("# x\nnameserver 127.0.0.11\nsearch a.b c\noptions edns0 ndots:0 timeout:2\n");
        assert_eq!((conf.servers.len(), conf.timeout, conf.attempts), (1, 2, 2));
        assert_eq!(conf.candidates("web"), ["web", "web.a.b", "web.c"]);
        let conf = ResolvConf { ndots: 1, ..conf };
        assert_eq!(conf.candidates("web"), ["web.a.b", "web.c", "web"]);
        assert_eq!(conf.candidates("web."), ["web"]);
        assert_eq!(ResolvConf::parse("").servers, [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    }

    #[test]
    fn hosts_files() {
        let hosts = parse_hosts("127.0.0.1 localhost me # comment\n\n#x\n::1 localhost\nbad line\n");
        assert_eq!(hosts.len(), 2);
        assert_eq!(hosts[0].1, ["localhost", "me"]);
    }
}
