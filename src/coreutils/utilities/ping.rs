//! `ping`: ICMP echo. iputils 20221126, and BusyBox's.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use machine::net::resolve::{numeric, reverse};
use machine::net::{Datagram, IcmpError, SocketAddress, SocketKind, resolve};
use machine::process::Disposition;
use machine::{Errno, ExitCode, Fd, Instant, PollFd, Signal};

use crate::context::Context;
use crate::options::{Parsed, Spec, Value};

const SPEC: Spec = Spec { short: "4c:i:I:nqs:t:vw:W:", long: &[("help", 'h', Value::None)], posix: false };

const BUSYBOX_USAGE: &str = "\
Usage: ping [OPTIONS] HOST

Send ICMP ECHO_REQUESTs to HOST

\t-4,-6\t\tForce IP or IPv6 name resolution
\t-c CNT\t\tSend only CNT pings
\t-s SIZE\t\tSend SIZE data bytes in packets (default 56)
\t-i SECS\t\tInterval
\t-A\t\tPing as soon as reply is received
\t-t TTL\t\tSet TTL
\t-I IFACE/IP\tSource interface or IP address
\t-W SEC\t\tSeconds to wait for the first response (default 10)
\t\t\t(after all -c CNT packets are sent)
\t-w SEC\t\tSeconds until ping exits (default:infinite)
\t\t\t(can exit earlier with -c CNT)
\t-q\t\tQuiet, only display output at start/finish
\t-p HEXBYTE\tPayload pattern
";

/// Bytes of an echo's header.
const HEADER: usize = 8;
/// How long to wait for replies after the last request.
const LINGER: Duration = Duration::from_secs(10);

struct Ping {
    /// As it was asked for, and its address.
    host: String,
    to: IpAddr,
    /// Show names of who answers.
    names: bool,
    count: Option<u64>,
    interval: Duration,
    deadline: Option<Instant>,
    linger: Duration,
    size: usize,
    quiet: bool,
    fd: Fd,
    start: Instant,
    sent: u64,
    last_sent: Instant,
    received: u64,
    errors: u64,
    /// When each request left, by sequence number.
    departures: Vec<Instant>,
    answered: Vec<bool>,
    /// Most requests that were on their way at once.
    pipe: u64,
    times: Vec<u64>,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, BUSYBOX_USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return if status == ExitCode::SUCCESS || cx.is_busybox() { status } else { ExitCode(2) },
    };
    let failed = if cx.is_busybox() { ExitCode(1) } else { ExitCode(2) };
    let Some(host) = parsed.operands.last().cloned() else {
        if cx.is_busybox() {
            cx.complain(&format!("{}\n\n{BUSYBOX_USAGE}", crate::context::BUSYBOX_BANNER)).await;
        } else {
            cx.error("usage error: Destination address required").await;
        }
        return failed;
    };
    let mut ping = match prepare(cx, &parsed, &host).await {
        Ok(ping) => ping,
        Err(text) => {
            cx.error(text).await;
            return failed;
        }
    };
    let (host, to, size) = (&ping.host, ping.to, ping.size);
    let line = match cx.is_busybox() {
        true => format!("PING {host} ({to}): {size} data bytes"),
        false => format!("PING {host} ({to}) {size}({}) bytes of data.", size + 28),
    };
    cx.line(&line).await;
    cx.flush().await;
    for signal in [Signal::INT, Signal::QUIT] {
        let _ = cx.sys.sigaction(signal, Disposition::Catch);
    }
    let result = ping.go(cx).await;
    if let Err(error) = result {
        let text = if cx.is_busybox() { format!("sendto: {error}") } else { format!("sendmsg: {error}") };
        cx.error(text).await;
        if cx.is_busybox() {
            return ExitCode::FAILURE;
        }
    }
    ping.statistics(cx).await;
    cx.flush().await;
    ExitCode(u8::from(ping.received == 0))
}

async fn prepare(cx: &Context, parsed: &Parsed, host: &str) -> Result<Ping, String> {
    let number = |option: char| match parsed.value(option) {
        None => Ok(None),
        Some(text) => match text.parse::<f64>() {
            Ok(value) if (0.0..1e9).contains(&value) => Ok(Some(value)),
            _ if cx.is_busybox() => Err(format!("invalid number '{text}'")),
            _ => Err(format!("invalid argument: '{text}'")),
        },
    };
    let (count, interval, wait, deadline) = (number('c')?, number('i')?, number('W')?, number('w')?);
    let (size, ttl) = (number('s')?.map_or(56, |s| s as usize), number('t')?);
    if size > 65_507 {
        return Err(format!("invalid argument: '{size}': out of range: 0 <= value <= 2147483647"));
    }
    let addresses = resolve(&cx.sys, host).await;
    let to = match addresses.map(|all| all.into_iter().find(IpAddr::is_ipv4)) {
        Ok(Some(to)) => to,
        Ok(None) => return Err(format!("{host}: Address family for hostname not supported")),
        Err(_) if cx.is_busybox() => return Err(format!("bad address '{host}'")),
        Err(error) => return Err(format!("{host}: {}", error.message())),
    };
    let connect = |e: Errno| format!("connect: {e}");
    if !cx.is_busybox() {
        // As iputils finds its source address: with a UDP socket.
        let probe = cx.sys.socket(SocketKind::Udp4).map_err(connect)?;
        let found = cx.sys.connect(probe, &SocketAddress::Inet(SocketAddr::new(to, 1025))).await;
        let _ = cx.sys.close(probe);
        found.map_err(connect)?;
    }
    let fd = cx.sys.socket(SocketKind::Ping4).map_err(|e| format!("socket: {e}"))?;
    if let Some(ttl) = ttl {
        let _ = cx.sys.set_ttl(fd, (ttl as u64).clamp(1, 255) as u8);
    }
    if let Some(address) = parsed.value('I').and_then(numeric) {
        cx.sys.bind(fd, &SocketAddress::Inet(SocketAddr::new(address, 0))).map_err(|e| format!("bind: {e}"))?;
    }
    let now = cx.sys.now();
    Ok(Ping {
        host: host.to_string(),
        to,
        names: numeric(host).is_none() && !parsed.has('n'),
        count: count.map(|c| c as u64).filter(|c| *c > 0),
        interval: interval.map_or(Duration::from_secs(1), |i| Duration::from_secs_f64(i.max(0.002))),
        deadline: deadline.map(|w| now + Duration::from_secs_f64(w)),
        linger: wait.map_or(LINGER, Duration::from_secs_f64),
        size,
        quiet: parsed.has('q'),
        fd,
        start: now,
        sent: 0,
        last_sent: now,
        received: 0,
        errors: 0,
        departures: Vec::new(),
        answered: Vec::new(),
        pipe: 0,
        times: Vec::new(),
    })
}

impl Ping {
    async fn go(&mut self, cx: &mut Context) -> Result<(), Errno> {
        let mut next = cx.sys.now();
        loop {
            let now = cx.sys.now();
            let more = self.count.is_none_or(|count| self.sent < count);
            if more && now >= next {
                self.send(cx)?;
                next = now + self.interval;
            }
            let more = self.count.is_none_or(|count| self.sent < count);
            let done = self.count.is_some_and(|count| self.received + self.errors >= count);
            if done || self.deadline.is_some_and(|at| now >= at) {
                return Ok(());
            }
            let mut until = if more { next } else { self.last_sent + self.patience() };
            if !more && now >= until {
                return Ok(());
            }
            until = self.deadline.map_or(until, |at| until.min(at));
            let poll = cx.sys.poll(&mut [PollFd::readable(self.fd)], Some(until.since(now))).await;
            match poll {
                Ok(0) => {}
                Ok(_) => self.receive(cx).await,
                Err(_) => {
                    if cx.sys.take_signal() == Some(Signal::QUIT) && !cx.is_busybox() {
                        self.brief(cx).await;
                        continue;
                    }
                    return Ok(());
                }
            }
        }
    }

    /// How long to wait after the last request: as iputils, twice the longest time seen.
    fn patience(&self) -> Duration {
        match self.times.iter().max() {
            Some(longest) => Duration::from_nanos(longest * 2).max(self.interval),
            None => self.linger,
        }
    }

    fn send(&mut self, cx: &Context) -> Result<(), Errno> {
        let sequence = self.sent + if cx.is_busybox() { 0 } else { 1 };
        let mut message = vec![0; HEADER + self.size];
        message[0] = 8;
        message[6..8].copy_from_slice(&(sequence as u16).to_be_bytes());
        for (i, byte) in message[HEADER..].iter_mut().enumerate() {
            *byte = i as u8;
        }
        let now = cx.sys.now();
        cx.sys.send_to(self.fd, &message, &SocketAddress::Inet(SocketAddr::new(self.to, 0)))?;
        self.departures.push(now);
        self.answered.push(false);
        self.sent += 1;
        self.last_sent = now;
        self.pipe = self.pipe.max(self.sent - self.received);
        Ok(())
    }

    async fn receive(&mut self, cx: &mut Context) {
        let Ok(datagram) = cx.sys.recv_from(self.fd).await else { return };
        let number = |at: usize| datagram.data.get(at).copied().unwrap_or(0);
        let sequence = u16::from_be_bytes([number(6), number(7)]);
        let SocketAddress::Inet(from) = &datagram.from else { return };
        let from = from.ip();
        if let Some(error) = datagram.error {
            self.errors += 1;
            if !self.quiet && !cx.is_busybox() {
                let who = self.called(cx, from).await;
                let what = match error {
                    IcmpError::HostUnreachable => "Destination Host Unreachable",
                    IcmpError::NetUnreachable => "Destination Net Unreachable",
                    IcmpError::TimeExceeded => "Time to live exceeded",
                };
                cx.line(&format!("From {who} icmp_seq={sequence} {what}")).await;
                cx.flush().await;
            }
            return;
        }
        self.replied(cx, &datagram, sequence, from).await;
    }

    async fn replied(&mut self, cx: &mut Context, datagram: &Datagram, sequence: u16, from: IpAddr) {
        let first = if cx.is_busybox() { 0 } else { 1 };
        let base = self.sent.saturating_sub(1) & !0xFFFF;
        let index = (base | u64::from(sequence.wrapping_sub(first))) as usize;
        let (Some(&left), Some(answered)) = (self.departures.get(index), self.answered.get_mut(index)) else { return };
        let duplicate = std::mem::replace(answered, true);
        let time = cx.sys.now().since(left).as_nanos() as u64;
        if !duplicate {
            self.received += 1;
            self.times.push(time);
        }
        if self.quiet {
            return;
        }
        let (bytes, ttl) = (datagram.data.len(), datagram.ttl);
        let line = if cx.is_busybox() {
            format!("{bytes} bytes from {from}: seq={sequence} ttl={ttl} time={} ms", milliseconds(time))
        } else {
            let who = self.called(cx, from).await;
            format!("{bytes} bytes from {who}: icmp_seq={sequence} ttl={ttl} time={} ms", shown(time))
        };
        cx.line(&line).await;
        cx.flush().await;
    }

    async fn called(&self, cx: &Context, address: IpAddr) -> String {
        match if self.names { reverse(&cx.sys, address).await } else { None } {
            Some(name) => format!("{name} ({address})"),
            None => address.to_string(),
        }
    }

    fn loss(&self) -> f64 {
        if self.sent == 0 { 0.0 } else { (self.sent - self.received) as f64 * 100.0 / self.sent as f64 }
    }

    async fn statistics(&self, cx: &mut Context) {
        let (host, sent, received) = (&self.host, self.sent, self.received);
        let (least, most) = (self.times.iter().min().copied(), self.times.iter().max().copied());
        let count = self.times.len().max(1) as u64;
        let average = self.times.iter().sum::<u64>() / count;
        cx.line(&format!("\n--- {host} ping statistics ---")).await;
        if cx.is_busybox() {
            let loss = self.loss() as u64;
            cx.line(&format!("{sent} packets transmitted, {received} packets received, {loss}% packet loss")).await;
            if let (Some(least), Some(most)) = (least, most) {
                let times = [least, average, most].map(milliseconds).join("/");
                cx.line(&format!("round-trip min/avg/max = {times} ms")).await;
            }
            return;
        }
        let errors = if self.errors > 0 { format!("+{} errors, ", self.errors) } else { String::new() };
        let time = self.last_sent.since(self.start).as_millis();
        let loss = significant(self.loss());
        cx.line(&format!(
            "{sent} packets transmitted, {received} received, {errors}{loss}% packet loss, time {time}ms"
        ))
        .await;
        let mut line = String::new();
        if let (Some(least), Some(most)) = (least, most) {
            let square = self.times.iter().map(|t| u128::from(*t) * u128::from(*t)).sum::<u128>() / u128::from(count);
            let deviation = (square.saturating_sub(u128::from(average) * u128::from(average)) as f64).sqrt() as u64;
            line =
                format!("rtt min/avg/max/mdev = {} ms", [least, average, most, deviation].map(milliseconds).join("/"));
        }
        if self.pipe > 1 {
            line.push_str(if line.is_empty() { "" } else { ", " });
            line.push_str(&format!("pipe {}", self.pipe));
        }
        cx.line(&line).await;
    }

    /// What `SIGQUIT` asks for.
    async fn brief(&self, cx: &mut Context) {
        let loss = self.loss() as u64;
        let text = format!("{}/{} packets, {loss}% loss", self.received, self.sent);
        let times = match (self.times.iter().min(), self.times.iter().max(), self.times.last()) {
            (Some(least), Some(most), Some(last)) => {
                let average = self.times.iter().sum::<u64>() / self.times.len() as u64;
                format!(", min/avg/ewma/max = {} ms", [*least, average, *last, *most].map(milliseconds).join("/"))
            }
            _ => String::new(),
        };
        cx.complain(&format!("\r{text}{times}\n")).await;
    }
}

/// Three digits after the point.
fn milliseconds(nanoseconds: u64) -> String {
    format!("{}.{:03}", nanoseconds / 1_000_000, nanoseconds / 1000 % 1000)
}

/// As iputils rounds a single time.
fn shown(nanoseconds: u64) -> String {
    let us = nanoseconds / 1000;
    match us {
        99_950.. => format!("{}", (us + 500) / 1000),
        9_995.. => format!("{}.{:01}", (us + 50) / 1000, (us + 50) % 1000 / 100),
        1_000.. => format!("{}.{:02}", (us + 5) / 1000, (us + 5) % 1000 / 10),
        _ => format!("0.{us:03}"),
    }
}

/// `%g`: six significant digits without zeros at the end.
fn significant(value: f64) -> String {
    let digits = if value >= 100.0 {
        3
    } else if value >= 10.0 {
        4
    } else {
        5
    };
    let text = format!("{value:.digits$}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_as_iputils_does() {
        let shown: Vec<String> = [60_400, 999_900, 1_234_000, 12_340_000, 123_600_000].map(shown).into();
        assert_eq!(shown, ["0.060", "0.999", "1.23", "12.3", "124"]);
        assert_eq!([0.0, 100.0, 100.0 / 3.0].map(significant), ["0", "100", "33.3333"]);
    }
}
