//! From `bind` to an established connection.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use super::{State, TcpSocket};
use crate::errno::{Errno, SysResult};
use crate::net::core::Core;
use crate::net::path::{self, Blocked, Failure, Path, Protocol};

const SECOND: u64 = 1_000_000_000;
/// How often a SYN is sent again (`net.ipv4.tcp_syn_retries`): after 1, 2, 4, … seconds, 127 in all.
const SYN_RETRIES: u32 = 6;
/// ARP gives up after three requests a second apart.
const NEIGHBOUR_TIMEOUT: u64 = 3 * SECOND;

impl TcpSocket {
    /// `bind`: takes the port; port 0 a free one.
    pub(super) fn bind_to(&self, address: SocketAddr) -> SysResult<()> {
        if self.local.get().is_some() || self.state.get() != State::Closed {
            return Err(Errno::EINVAL);
        }
        if !self.core.topology().is_own(self.ns, address.ip()) {
            return Err(Errno::EADDRNOTAVAIL);
        }
        let port = match address.port() {
            0 => self.core.table(self.ns, |t| t.tcp_ports.choose())??,
            port => {
                self.check_free(address)?;
                self.core.table(self.ns, |t| t.tcp_ports.take(port))?;
                port
            }
        };
        self.holds_port.set(true);
        self.local.set(Some(SocketAddr::new(address.ip(), port)));
        Ok(())
    }

    /// `EADDRINUSE` where somebody listens there, be it for a published port.
    fn check_free(&self, address: SocketAddr) -> SysResult<()> {
        let (ip, only) = (address.ip(), self.v6_only());
        let listening = self.core.table(self.ns, |t| t.is_listening(ip, address.port(), only))?;
        let forwarded = self.core.topology().namespace(self.ns)?.forwarded(true, ip, address.port(), only);
        if listening || forwarded { Err(Errno::EADDRINUSE) } else { Ok(()) }
    }

    /// `listen`.
    pub(super) fn start_listening(&self, backlog: u32) -> SysResult<()> {
        match self.state.get() {
            State::Closed | State::Listen => {}
            _ => return Err(Errno::EINVAL),
        }
        self.backlog.set(backlog);
        if self.state.get() == State::Listen {
            return Ok(());
        }
        if self.local.get().is_none() {
            self.bind_to(SocketAddr::new(self.any(), 0))?;
        }
        let Some(local) = self.local.get() else { return Err(Errno::EINVAL) };
        self.check_free(local)?;
        let me = self.me.upgrade().ok_or(Errno::EINVAL)?;
        self.core.table(self.ns, |t| t.listeners.entry(local.port()).or_default().push(me))?;
        self.state.set(State::Listen);
        Ok(())
    }

    /// Makes a listener take connections to any address and port that come into its namespace.
    pub fn set_transparent(&self) -> SysResult<()> {
        if self.state.get() != State::Listen {
            return Err(Errno::EINVAL);
        }
        self.core.table(self.ns, |t| t.transparent = self.me.clone())?;
        self.core.change(|t| t.namespace_mut(self.ns).map(|space| space.transparent = true))
    }

    /// Nobody connects here any more; connections that nobody accepted are reset.
    pub(super) fn stop_listening(&self) {
        let waiting = std::mem::take(&mut *self.accepted.borrow_mut());
        for child in waiting {
            child.reset();
        }
        self.state.set(State::Closed);
        self.unregister();
        self.queue.wake();
        let transparent = self.core.table(self.ns, |t| {
            let this = t.transparent.ptr_eq(&self.me);
            if this {
                t.transparent = std::rc::Weak::new();
            }
            this
        });
        if transparent == Ok(true) {
            let _ = self.core.change(|t| t.namespace_mut(self.ns).map(|space| space.transparent = false));
        }
    }

    /// `connect`: `EINPROGRESS`, or an error that shows at once.
    pub(super) fn start_connecting(&self, to: SocketAddr) -> SysResult<()> {
        match self.state.get() {
            State::Closed => {}
            State::SynSent => return Err(Errno::EALREADY),
            _ => return Err(Errno::EISCONN),
        }
        let to = match to.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::new(Ipv4Addr::LOCALHOST.into(), to.port()),
            IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::new(Ipv6Addr::LOCALHOST.into(), to.port()),
            _ => to,
        };
        let bound = self.local.get().map(|l| l.ip()).filter(|ip| !ip.is_unspecified());
        let source = match bound {
            Some(ip) => ip,
            None => path::source_address(&self.core.topology(), self.ns, to.ip()).ok_or(Errno::ENETUNREACH)?,
        };
        if source.is_ipv4() != to.is_ipv4() {
            return Err(Errno::ENETUNREACH);
        }
        let port = match self.local.get() {
            Some(local) => local.port(),
            None => {
                let port = self.core.table(self.ns, |t| t.tcp_ports.choose())??;
                self.holds_port.set(true);
                port
            }
        };
        self.local.set(Some(SocketAddr::new(source, port)));
        self.remote.set(Some(to));
        *self.legs.borrow_mut() = vec![(self.ns, source, to)];
        *self.transit.borrow_mut() = None;
        self.error.set(None);
        self.received_end.set(false);
        self.sent_end.set(super::End::Open);
        self.state.set(State::SynSent);
        self.register();
        self.retries.set(0);
        self.send_syn();
        match self.error.take() {
            Some(error) => Err(error),
            None => Err(Errno::EINPROGRESS),
        }
    }

    pub(super) fn register(&self) {
        if let Some(me) = self.me.upgrade() {
            self.number.set(self.core.table(self.ns, |t| t.keep_tcp(me)).ok());
        }
    }

    fn trace(&self) -> Result<Path, Failure> {
        let dropped = Failure { blocked: Blocked::Dropped, behind_proxy: false };
        let Some(&(ns, source, to)) = self.legs.borrow().first() else { return Err(dropped) };
        path::trace(&self.core.topology(), ns, Some(source), to, Protocol::Tcp)
    }

    fn send_syn(&self) {
        let Some(me) = self.me.upgrade() else { return };
        let attempt = self.retries.get();
        self.retries.set(attempt + 1);
        match self.trace() {
            Ok(path) => {
                path::count(&path.taps, 60, 1);
                let arriving = me.clone();
                self.core.after(path.delay, move |core| arriving.syn_arrives(core, &path));
            }
            Err(failure) => self.syn_fails(failure, attempt),
        }
        if self.state.get() != State::SynSent {
            return;
        }
        let timer = self.new_timer();
        self.core.after(SECOND << attempt, move |_| {
            if me.timer.get() == timer && me.state.get() == State::SynSent {
                if attempt == SYN_RETRIES { me.die(Some(Errno::ETIMEDOUT)) } else { me.send_syn() }
            }
        });
    }

    /// Voids the timers that run and gives the number of the next.
    pub(super) fn new_timer(&self) -> u64 {
        self.timer.set(self.timer.get() + 1);
        self.timer.get()
    }

    fn syn_fails(&self, failure: Failure, attempt: u32) {
        let Some(me) = self.me.upgrade() else { return };
        if failure.behind_proxy {
            // The proxy takes the connection before it looks for the container's.
            let wait = match failure.blocked {
                Blocked::NoNeighbour(_) => NEIGHBOUR_TIMEOUT,
                Blocked::NoRoute | Blocked::NoRouteAt(..) => 0,
                Blocked::Dropped => 127 * SECOND,
            };
            self.core.after(PROXY_ACCEPTS, move |_| me.taken_by_proxy(wait));
            return;
        }
        match failure.blocked {
            Blocked::NoRoute if attempt == 0 => self.die(Some(Errno::ENETUNREACH)),
            Blocked::NoRouteAt(_, delay) => self.core.after(delay, move |_| me.fail(Errno::ENETUNREACH)),
            Blocked::NoNeighbour(_) if attempt == 0 => self.core.after(NEIGHBOUR_TIMEOUT, move |_| {
                let missing = me.trace().is_err_and(|f| matches!(f.blocked, Blocked::NoNeighbour(_)));
                if missing {
                    me.fail(Errno::EHOSTUNREACH);
                }
            }),
            _ => {}
        }
    }

    /// The connection could not be made.
    fn fail(&self, error: Errno) {
        if self.state.get() == State::SynSent {
            self.die(Some(error));
        }
    }

    /// Docker's proxy accepted; after `wait` it found no way to the container and hangs up.
    fn taken_by_proxy(&self, wait: u64) {
        if self.state.get() != State::SynSent {
            return;
        }
        self.new_timer();
        self.state.set(State::Established);
        self.queue.wake();
        if let Some(me) = self.me.upgrade() {
            self.core.after(wait + 2 * PROXY_ACCEPTS, move |_| me.reset_arrives());
        }
    }

    /// This socket's SYN is at its destination.
    fn syn_arrives(self: &Rc<Self>, core: &Rc<Core>, path: &Path) {
        if self.state.get() != State::SynSent {
            return;
        }
        let known = self.peer.borrow().upgrade();
        if let Some(child) = known {
            child.send_syn_ack();
            return;
        }
        let listener = core.table(path.ns, |t| t.listener(path.destination)).ok().flatten();
        let client = self.clone();
        match listener {
            None if path.proxy.is_some() => core.after(PROXY_ACCEPTS, move |_| client.taken_by_proxy(0)),
            None => {
                let back = self.local.get().map_or(Vec::new(), |local| path.way_back(local));
                let way = path::transit(&core.topology(), &back, Protocol::Tcp);
                if let Some(way) = way {
                    core.after(way.delay, move |_| client.fail(Errno::ECONNREFUSED));
                }
            }
            Some(listener) => listener.new_connection(client, path),
        }
    }

    fn new_connection(&self, client: Rc<TcpSocket>, path: &Path) {
        let waiting = self.accepted.borrow().len() as u32 + self.half_open.get();
        if waiting > self.backlog.get() {
            return;
        }
        let child = TcpSocket::new(&self.core, self.ns, self.v6);
        // Through a proxy the connection comes from a port of the proxy's own.
        let port = match path.proxy {
            Some((host, _)) => {
                let port = self.core.table(host, |t| t.tcp_ports.choose()).and_then(|p| p);
                port.inspect(|p| {
                    let _ = self.core.table(host, |t| t.tcp_ports.give_back(*p));
                })
            }
            None => client.local.get().map(|l| l.port()).ok_or(Errno::EINVAL),
        };
        let (Ok(port), Some(from)) = (port, client.local.get()) else { return };
        child.local.set(Some(path.destination));
        child.remote.set(Some(SocketAddr::new(path.source, port)));
        *child.legs.borrow_mut() = path.way_back(from);
        *child.parent.borrow_mut() = self.me.clone();
        *child.peer.borrow_mut() = Rc::downgrade(&client);
        *client.peer.borrow_mut() = Rc::downgrade(&child);
        child.state.set(State::SynReceived);
        self.half_open.set(self.half_open.get() + 1);
        child.register();
        child.send_syn_ack();
    }

    fn send_syn_ack(&self) {
        let (Some(transit), Some(client)) = (self.transit(), self.peer.borrow().upgrade()) else { return };
        path::count(&transit.taps, 60, 1);
        self.core.after(transit.delay, move |core| {
            if client.state.get() != State::SynSent {
                return;
            }
            client.new_timer();
            client.retries.set(0);
            client.state.set(State::Established);
            client.queue.wake();
            let (Some(transit), Some(child)) = (client.transit(), client.peer.borrow().upgrade()) else { return };
            path::count(&transit.taps, 52, 1);
            core.after(transit.delay, move |_| child.acknowledged());
        });
    }

    /// The client's ACK, or its first data: the connection waits to be accepted.
    pub(super) fn acknowledged(self: &Rc<Self>) {
        if self.state.get() != State::SynReceived {
            return;
        }
        let Some(parent) = self.parent.borrow().upgrade().filter(|p| p.state.get() == State::Listen) else {
            self.reset();
            return;
        };
        parent.half_open.set(parent.half_open.get().saturating_sub(1));
        self.state.set(State::Established);
        parent.accepted.borrow_mut().push_back(self.clone());
        parent.queue.wake();
    }
}

/// How long Docker's proxy takes to accept.
const PROXY_ACCEPTS: u64 = 50_000;
