//! UDP (`udp(7)`): datagrams, which may be lost without a word.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::{Rc, Weak};

use super::core::Core;
use super::path::{self, Blocked, Leg, Path, Protocol};
use super::socket::{Identity, Socket, attr};
use super::table::overlaps;
use super::tcp::{any, plain, show};
use super::{Datagram, NetNamespaceId, Shutdown, SocketAddress, SocketEntry, SocketKind};
use crate::errno::{Errno, SysResult};
use crate::fs::Attr;
use crate::io::{File, Ready};
use crate::kernel::WaitQueue;

/// Bytes that wait at most to be received (`net.core.rmem_default`); more are dropped.
const CAPACITY: usize = 212_992;
/// What a waiting datagram counts besides its payload.
const OVERHEAD: usize = 256;
/// Largest payload.
const LARGEST: usize = 65_507;
/// ARP gives up after three requests a second apart, nanoseconds.
const NEIGHBOUR_TIMEOUT: u64 = 3_000_000_000;
/// Translations remembered at most.
const TRANSLATIONS: usize = 1024;

/// A UDP socket.
pub(crate) struct UdpSocket {
    me: Weak<UdpSocket>,
    core: Rc<Core>,
    ns: NetNamespaceId,
    v6: bool,
    identity: Identity,
    local: Cell<Option<SocketAddr>>,
    remote: Cell<Option<SocketAddr>>,
    received: RefCell<VecDeque<Datagram>>,
    waiting: Cell<usize>,
    error: Cell<Option<Errno>>,
    shut: Cell<bool>,
    ttl: Cell<u8>,
    queue: WaitQueue,
}

/// Published UDP ports: whose answers go where, and as coming from whom (`conntrack`).
#[derive(Default)]
pub(crate) struct Translations {
    known: BTreeMap<(NetNamespaceId, SocketAddr, SocketAddr), Translation>,
    order: VecDeque<(NetNamespaceId, SocketAddr, SocketAddr)>,
}

struct Translation {
    ns: NetNamespaceId,
    client: SocketAddr,
    /// What the client sent to.
    asked: SocketAddr,
    /// The way to the client.
    back: Vec<Leg>,
}

impl Translations {
    fn add(&mut self, key: (NetNamespaceId, SocketAddr, SocketAddr), translation: Translation) {
        if self.known.insert(key, translation).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > TRANSLATIONS
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }

    /// The port that a client's datagrams came from before, or a new one.
    fn seen_port(&self, ns: NetNamespaceId, server: SocketAddr, client: SocketAddr) -> Option<u16> {
        self.known.iter().find(|(k, t)| k.0 == ns && k.1 == server && t.client == client).map(|(k, _)| k.2.port())
    }
}

impl UdpSocket {
    /// A socket that is neither bound nor connected.
    pub fn new(core: &Rc<Core>, ns: NetNamespaceId, v6: bool) -> Rc<UdpSocket> {
        Rc::new_cyclic(|me| UdpSocket {
            me: me.clone(),
            core: core.clone(),
            ns,
            v6,
            identity: Identity::default(),
            local: Cell::new(None),
            remote: Cell::new(None),
            received: RefCell::default(),
            waiting: Cell::new(0),
            error: Cell::new(None),
            shut: Cell::new(false),
            ttl: Cell::new(64),
            queue: WaitQueue::new(),
        })
    }

    /// The address that it is bound to.
    pub fn bound_ip(&self) -> IpAddr {
        self.local.get().map_or(any(self.v6), |l| l.ip())
    }

    fn bind_to(&self, address: SocketAddr) -> SysResult<()> {
        if self.local.get().is_some() {
            return Err(Errno::EINVAL);
        }
        if !self.core.topology().is_own(self.ns, address.ip()) {
            return Err(Errno::EADDRNOTAVAIL);
        }
        let (ip, mut port) = (address.ip(), address.port());
        if self.core.topology().namespace(self.ns)?.forwarded(false, ip, port, false) {
            return Err(Errno::EADDRINUSE);
        }
        self.core.table(self.ns, |table| {
            if port == 0 {
                port = table.udp_ports.choose()?;
            } else {
                let others = table.udp.get(&port).into_iter().flatten().filter_map(Weak::upgrade);
                if others.into_iter().any(|o| overlaps((o.bound_ip(), false), (ip, false))) {
                    return Err(Errno::EADDRINUSE);
                }
                table.udp_ports.take(port);
            }
            table.udp.entry(port).or_default().push(self.me.clone());
            Ok(())
        })??;
        self.local.set(Some(SocketAddr::new(ip, port)));
        Ok(())
    }

    fn local_port(&self) -> SysResult<u16> {
        if self.local.get().is_none() {
            self.bind_to(SocketAddr::new(any(self.v6), 0))?;
        }
        self.local.get().map(|l| l.port()).ok_or(Errno::EINVAL)
    }

    fn send(&self, data: &[u8], to: SocketAddr) -> SysResult<usize> {
        if data.len() > LARGEST {
            return Err(Errno::EMSGSIZE);
        }
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let to = match to.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), to.port()),
            IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), to.port()),
            _ => to,
        };
        let port = self.local_port()?;
        let source = Some(self.bound_ip());
        if self.answer(data, to) {
            return Ok(data.len());
        }
        let found = path::trace(&self.core.topology(), self.ns, source, to, Protocol::Udp);
        match found {
            Ok(path) => self.deliver(data.to_vec(), port, to, &path),
            Err(failure) => {
                let (error, delay) = match failure.blocked {
                    _ if failure.behind_proxy => return Ok(data.len()),
                    Blocked::NoRoute => return Err(Errno::ENETUNREACH),
                    Blocked::NoRouteAt(_, delay) => (Errno::ENETUNREACH, delay),
                    Blocked::NoNeighbour(_) => (Errno::EHOSTUNREACH, NEIGHBOUR_TIMEOUT),
                    Blocked::Dropped => return Ok(data.len()),
                };
                let me = self.me.clone();
                self.core.after(delay, move |_| report(&me, to, error));
            }
        }
        Ok(data.len())
    }

    fn deliver(&self, data: Vec<u8>, port: u16, to: SocketAddr, path: &Path) {
        let mut seen = SocketAddr::new(path.source, port);
        if path.proxy.is_some() || path.masquerade.is_some() || path.destination != to {
            let own = self.local.get().map(|l| l.ip()).filter(|ip| !ip.is_unspecified());
            let own = own.or_else(|| path::source_address(&self.core.topology(), self.ns, to.ip()));
            let client = SocketAddr::new(own.unwrap_or(path.source), port);
            let mut translations = self.core.translations.borrow_mut();
            if let Some((host, _)) = path.proxy {
                let known = translations.seen_port(path.ns, path.destination, client);
                let chosen = || self.core.table(host, |t| t.udp_ports.choose()).and_then(|p| p).unwrap_or(port);
                seen.set_port(known.unwrap_or_else(chosen));
            }
            let back = path.way_back(client);
            translations.add((path.ns, path.destination, seen), Translation { ns: self.ns, client, asked: to, back });
        }
        path::count(&path.taps, data.len() + 42, 1);
        let (ns, destination, delay) = (path.ns, path.destination, path.delay);
        let ttl = self.ttl.get().saturating_sub(path.routers.len() as u8);
        let sender = self.me.clone();
        self.core.after(delay, move |core| {
            if !arrive(core, ns, destination, seen, data, ttl) {
                core.after(delay, move |_| report(&sender, to, Errno::ECONNREFUSED));
            }
        });
    }

    /// Sends to a client that asked at a published port; whether it is one.
    fn answer(&self, data: &[u8], to: SocketAddr) -> bool {
        let Some(local) = self.local.get() else { return false };
        let topology = self.core.topology();
        let translations = self.core.translations.borrow();
        let exact = translations.known.get(&(self.ns, local, to));
        let wildcard = || {
            let mut all = translations.known.iter();
            all.find(|(k, _)| k.0 == self.ns && k.1.port() == local.port() && k.2 == to).map(|(_, t)| t)
        };
        let wildcard = || local.ip().is_unspecified().then(wildcard).flatten();
        let Some(translation) = exact.or_else(wildcard) else { return false };
        if let Some(way) = path::transit(&topology, &translation.back, Protocol::Udp) {
            path::count(&way.taps, data.len() + 42, 1);
            let (ns, client, asked, data) = (translation.ns, translation.client, translation.asked, data.to_vec());
            self.core.after(way.delay, move |core| {
                arrive(core, ns, client, asked, data, 64);
            });
        }
        true
    }

    fn entry(&self) -> SocketEntry {
        SocketEntry {
            kind: if self.v6 { SocketKind::Udp6 } else { SocketKind::Udp4 },
            state: if self.remote.get().is_some() { "ESTAB" } else { "UNCONN" },
            local: self.local(),
            peer: self.remote.get().map(|r| SocketAddress::Inet(show(r, self.v6))),
            queued: (self.waiting.get(), 0),
            ino: self.identity.ino(),
            uid: self.identity.uid(),
        }
    }

    /// The UDP sockets of a namespace.
    pub fn entries(core: &Core, ns: NetNamespaceId) -> Vec<SocketEntry> {
        let all = core.table(ns, |t| t.udp.values().flatten().filter_map(Weak::upgrade).collect::<Vec<_>>());
        all.unwrap_or_default().iter().map(|s| s.entry()).collect()
    }
}

/// A datagram is at its destination; whether somebody takes it.
fn arrive(core: &Core, ns: NetNamespaceId, to: SocketAddr, from: SocketAddr, data: Vec<u8>, ttl: u8) -> bool {
    let candidates =
        core.table(ns, |t| t.udp.get(&to.port()).into_iter().flatten().filter_map(Weak::upgrade).collect::<Vec<_>>());
    let mut candidates = candidates.unwrap_or_default();
    candidates.retain(|s| {
        overlaps((s.bound_ip(), false), (to.ip(), false)) && s.remote.get().is_none_or(|remote| remote == from)
    });
    // The most particular socket takes it: a connected one, then one bound to the address.
    let Some(socket) = candidates.iter().max_by_key(|s| (s.remote.get().is_some(), s.bound_ip() == to.ip())) else {
        return false;
    };
    let size = data.len() + OVERHEAD;
    if socket.waiting.get() + size <= CAPACITY {
        socket.waiting.set(socket.waiting.get() + size);
        let from = SocketAddress::Inet(show(from, socket.v6));
        socket.received.borrow_mut().push_back(Datagram { data, from, ttl, error: None });
        socket.queue.wake();
    }
    true
}

/// Only a connected socket hears of errors.
fn report(socket: &Weak<UdpSocket>, to: SocketAddr, error: Errno) {
    if let Some(socket) = socket.upgrade().filter(|s| s.remote.get() == Some(to)) {
        socket.error.set(Some(error));
        socket.queue.wake();
    }
}

impl File for UdpSocket {
    fn read(&self, buf: &mut [u8]) -> SysResult<usize> {
        let datagram = self.recv_from()?;
        let n = datagram.data.len().min(buf.len());
        buf[..n].copy_from_slice(&datagram.data[..n]);
        Ok(n)
    }

    fn write(&self, buf: &[u8]) -> SysResult<usize> {
        let to = self.remote.get().ok_or(Errno::EDESTADDRREQ)?;
        self.send(buf, to)
    }

    fn ready(&self) -> Ready {
        let error = self.error.get().is_some();
        let readable = error || self.shut.get() || !self.received.borrow().is_empty();
        Ready { readable, writable: true, hangup: self.shut.get(), error }
    }

    fn queue(&self) -> Option<&WaitQueue> {
        Some(&self.queue)
    }

    fn attr(&self) -> SysResult<Attr> {
        Ok(attr(&self.identity))
    }
}

impl Socket for UdpSocket {
    fn bind(&self, address: &SocketAddress) -> SysResult<()> {
        self.bind_to(plain(address, self.v6)?)
    }

    fn connect(&self, address: &SocketAddress) -> SysResult<()> {
        let to = plain(address, self.v6)?;
        let source = path::source_address(&self.core.topology(), self.ns, to.ip()).ok_or(Errno::ENETUNREACH)?;
        let port = self.local_port()?;
        if self.bound_ip().is_unspecified() {
            self.local.set(Some(SocketAddr::new(source, port)));
        }
        self.remote.set(Some(to));
        Ok(())
    }

    fn take_error(&self) -> Option<Errno> {
        self.error.take()
    }

    fn local(&self) -> SocketAddress {
        SocketAddress::Inet(show(self.local.get().unwrap_or(SocketAddr::new(any(self.v6), 0)), self.v6))
    }

    fn peer(&self) -> SysResult<SocketAddress> {
        self.remote.get().map(|r| SocketAddress::Inet(show(r, self.v6))).ok_or(Errno::ENOTCONN)
    }

    fn shutdown(&self, how: Shutdown) -> SysResult<()> {
        if self.remote.get().is_none() {
            return Err(Errno::ENOTCONN);
        }
        if how != Shutdown::Write {
            self.shut.set(true);
            self.queue.wake();
        }
        Ok(())
    }

    fn send_to(&self, data: &[u8], to: &SocketAddress) -> SysResult<usize> {
        self.send(data, plain(to, self.v6)?)
    }

    fn recv_from(&self) -> SysResult<Datagram> {
        let next = self.received.borrow_mut().pop_front();
        if let Some(datagram) = next {
            self.waiting.set(self.waiting.get() - datagram.data.len() - OVERHEAD);
            return Ok(datagram);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None if self.shut.get() => Ok(Datagram { data: Vec::new(), from: self.peer()?, ttl: 0, error: None }),
            None => Err(Errno::EAGAIN),
        }
    }

    fn set_ttl(&self, ttl: u8) -> SysResult<()> {
        self.ttl.set(ttl.max(1));
        Ok(())
    }

    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn released(&self) {
        let Some(local) = self.local.take() else { return };
        let _ = self.core.table(self.ns, |table| {
            table.udp_ports.give_back(local.port());
            if let Some(at) = table.udp.get_mut(&local.port()) {
                at.retain(|s| !s.ptr_eq(&self.me));
                if at.is_empty() {
                    table.udp.remove(&local.port());
                }
            }
        });
    }
}
