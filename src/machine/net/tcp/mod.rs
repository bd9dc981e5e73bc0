//! TCP (`tcp(7)`): connections as two streams with back-pressure, handshake, half close and reset.
//!
//! Segments travel as events with the time that their way takes; whether a way is open is decided when a
//! segment is sent (see [`super::path`]). What cannot be sent stays with the sender, who tries again with
//! Linux's growing pauses and gives up with `ETIMEDOUT`. Acknowledgements are not sent as segments of their
//! own: the sender knows what arrived.

mod handshake;
mod stream;

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::{Rc, Weak};

use super::bytes::ByteQueue;
use super::core::Core;
use super::path::{Leg, Protocol, Transit};
use super::socket::{Identity, Socket, attr};
use super::table::TimeWait;
use super::{NetNamespaceId, Shutdown, SocketAddress, SocketEntry, SocketKind, StreamId, path};
use crate::errno::{Errno, SysResult};
use crate::fs::Attr;
use crate::io::{File, Ready};
use crate::kernel::{Instant, WaitQueue};

/// Bytes that wait at most to be sent.
const SEND_BUFFER: usize = 256 * 1024;
/// Bytes that wait at most to be read (`net.ipv4.tcp_rmem`).
const RECEIVE_BUFFER: usize = 128 * 1024;
/// Largest backlog (`net.core.somaxconn`).
const SOMAXCONN: u32 = 4096;
/// How long `TIME-WAIT` and an orphan's `FIN-WAIT-2` last, nanoseconds.
const MINUTE: u64 = 60_000_000_000;

/// The states of RFC 9293. `TIME-WAIT` is only a note in the namespace's table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
}

/// Where the end of what is sent is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum End {
    /// More may come.
    Open,
    /// It follows what waits to be sent.
    Queued,
    /// It was sent.
    Sent,
}

/// A TCP socket: listener, connection or neither.
pub(crate) struct TcpSocket {
    me: Weak<TcpSocket>,
    core: Rc<Core>,
    ns: NetNamespaceId,
    v6: bool,
    v6_only: Cell<bool>,
    identity: Identity,
    state: Cell<State>,
    local: Cell<Option<SocketAddr>>,
    remote: Cell<Option<SocketAddr>>,
    /// Its number in the namespace's table while it is kept there.
    number: Cell<Option<u64>>,
    /// It counts in the namespace's ports.
    holds_port: Cell<bool>,
    error: Cell<Option<Errno>>,
    queue: WaitQueue,
    /// No descriptor refers to it any more.
    orphan: Cell<bool>,

    backlog: Cell<u32>,
    half_open: Cell<u32>,
    accepted: RefCell<VecDeque<Rc<TcpSocket>>>,
    /// The listener that a connection came to.
    parent: RefCell<Weak<TcpSocket>>,

    peer: RefCell<Weak<TcpSocket>>,
    legs: RefCell<Vec<Leg>>,
    /// What is known of the way, and for which wiring.
    transit: RefCell<Option<(u64, Option<Transit>)>>,

    received: RefCell<ByteQueue>,
    /// Bytes on their way here.
    arriving: Cell<usize>,
    received_end: Cell<bool>,
    read_shut: Cell<bool>,

    unsent: RefCell<ByteQueue>,
    sent_end: Cell<End>,
    /// When the last segment has left.
    line_free: Cell<Instant>,
    retries: Cell<u32>,
    /// What was lost will be sent again by the timer.
    retry_armed: Cell<bool>,
    /// The timer that is armed; others that still run are void.
    timer: Cell<u64>,
}

impl TcpSocket {
    /// A socket that is neither bound nor connected.
    pub fn new(core: &Rc<Core>, ns: NetNamespaceId, v6: bool) -> Rc<TcpSocket> {
        Rc::new_cyclic(|me| TcpSocket {
            me: me.clone(),
            core: core.clone(),
            ns,
            v6,
            v6_only: Cell::new(false),
            identity: Identity::default(),
            state: Cell::new(State::Closed),
            local: Cell::new(None),
            remote: Cell::new(None),
            number: Cell::new(None),
            holds_port: Cell::new(false),
            error: Cell::new(None),
            queue: WaitQueue::new(),
            orphan: Cell::new(false),
            backlog: Cell::new(0),
            half_open: Cell::new(0),
            accepted: RefCell::default(),
            parent: RefCell::default(),
            peer: RefCell::default(),
            legs: RefCell::default(),
            transit: RefCell::default(),
            received: RefCell::default(),
            arriving: Cell::new(0),
            received_end: Cell::new(false),
            read_shut: Cell::new(false),
            unsent: RefCell::default(),
            sent_end: Cell::new(End::Open),
            line_free: Cell::new(Instant(0)),
            retries: Cell::new(0),
            retry_armed: Cell::new(false),
            timer: Cell::new(0),
        })
    }

    /// The address that it is bound to.
    pub fn bound_ip(&self) -> IpAddr {
        self.local.get().map_or(self.any(), |a| a.ip())
    }

    /// `IPV6_V6ONLY`.
    pub fn v6_only(&self) -> bool {
        self.v6_only.get()
    }

    /// `setsockopt(IPV6_V6ONLY)`.
    pub fn set_v6_only(&self, only: bool) -> SysResult<()> {
        if !self.v6 {
            return Err(Errno::ENOPROTOOPT);
        }
        self.v6_only.set(only);
        Ok(())
    }

    fn any(&self) -> IpAddr {
        any(self.v6)
    }

    /// Whether the way to the other end is open, and how long it takes.
    fn transit(&self) -> Option<Transit> {
        let generation = self.core.generation();
        if let Some((at, known)) = &*self.transit.borrow()
            && *at == generation
        {
            return known.clone();
        }
        let found = path::transit(&self.core.topology(), &self.legs.borrow(), Protocol::Tcp);
        *self.transit.borrow_mut() = Some((generation, found.clone()));
        found
    }

    /// Leaves the namespace's table and gives the port back.
    fn unregister(&self) {
        let dropped = self.core.table(self.ns, |table| {
            if self.holds_port.take()
                && let Some(local) = self.local.get()
            {
                table.tcp_ports.give_back(local.port());
            }
            if let Some(listeners) = self.local.get().and_then(|l| table.listeners.get_mut(&l.port())) {
                listeners.retain(|l| !std::ptr::eq(Rc::as_ptr(l), self));
            }
            self.number.take().and_then(|number| table.forget_tcp(number))
        });
        drop(dropped);
    }

    /// The connection is over.
    fn die(&self, error: Option<Errno>) {
        if self.state.get() == State::SynReceived
            && let Some(parent) = self.parent.borrow().upgrade()
        {
            parent.half_open.set(parent.half_open.get().saturating_sub(1));
        }
        let half_open = self.peer.borrow().upgrade().filter(|p| p.state.get() == State::SynReceived);
        let gave_up = self.state.replace(State::Closed) == State::SynSent;
        if let Some(child) = half_open.filter(|_| gave_up) {
            child.die(None);
        }
        self.timer.set(self.timer.get() + 1);
        self.error.set(error.or(self.error.get()));
        self.received_end.set(true);
        self.sent_end.set(End::Sent);
        self.unsent.borrow_mut().clear();
        self.unregister();
        self.queue.wake();
    }

    /// The connection ended in order and this side ended it first.
    fn time_wait(&self) {
        if let (Some(local), Some(remote)) = (self.local.get(), self.remote.get()) {
            let now = self.core.now();
            let until = now + std::time::Duration::from_nanos(MINUTE);
            let _ = self.core.table(self.ns, |t| t.add_time_wait(now, TimeWait { until, local, remote, v6: self.v6 }));
        }
        self.die(None);
    }

    fn shown(&self, address: SocketAddr) -> SocketAddress {
        SocketAddress::Inet(show(address, self.v6))
    }

    /// Its line in `/proc/net/tcp`.
    pub fn entry(&self) -> SocketEntry {
        let state = match self.state.get() {
            State::Closed => "UNCONN",
            State::Listen => "LISTEN",
            State::SynSent => "SYN-SENT",
            State::SynReceived => "SYN-RECV",
            State::Established => "ESTAB",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::CloseWait => "CLOSE-WAIT",
            State::Closing => "CLOSING",
            State::LastAck => "LAST-ACK",
        };
        let queued = match self.state.get() {
            State::Listen => (self.accepted.borrow().len(), self.backlog.get() as usize),
            _ => (self.received.borrow().len(), self.unsent.borrow().len()),
        };
        SocketEntry {
            kind: if self.v6 { SocketKind::Tcp6 } else { SocketKind::Tcp4 },
            state,
            local: self.local(),
            peer: self.remote.get().map(|r| self.shown(r)),
            queued,
            ino: self.identity.ino(),
            uid: self.identity.uid(),
        }
    }
}

/// The TCP socket behind a socket of any kind.
pub(crate) fn downcast(socket: &Rc<dyn Socket>) -> Option<&TcpSocket> {
    let any: &dyn Any = &**socket;
    any.downcast_ref()
}

/// The unspecified address of a family.
pub(crate) fn any(v6: bool) -> IpAddr {
    if v6 { Ipv6Addr::UNSPECIFIED.into() } else { Ipv4Addr::UNSPECIFIED.into() }
}

/// An address as a socket of that family shows it: IPv4 is mapped into IPv6.
pub(crate) fn show(address: SocketAddr, v6: bool) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(v4) if v6 => SocketAddr::new(v4.to_ipv6_mapped().into(), address.port()),
        _ => address,
    }
}

/// An address as the network uses it: IPv4 mapped into IPv6 is IPv4. `EAFNOSUPPORT` where an IPv4 socket
/// gets an IPv6 address.
pub(crate) fn plain(address: &SocketAddress, v6: bool) -> SysResult<SocketAddr> {
    let SocketAddress::Inet(address) = address else { return Err(Errno::EAFNOSUPPORT) };
    let ip = address.ip().to_canonical();
    if ip.is_ipv6() && !v6 {
        return Err(Errno::EAFNOSUPPORT);
    }
    Ok(SocketAddr::new(ip, address.port()))
}

impl File for TcpSocket {
    fn read(&self, buf: &mut [u8]) -> SysResult<usize> {
        self.take_received(buf)
    }

    fn write(&self, buf: &[u8]) -> SysResult<usize> {
        self.put(buf)
    }

    fn ready(&self) -> Ready {
        match self.state.get() {
            State::Listen => Ready { readable: !self.accepted.borrow().is_empty(), ..Ready::default() },
            State::SynSent | State::SynReceived => Ready::default(),
            State::Closed if self.remote.get().is_none() && self.error.get().is_none() => {
                Ready { writable: true, hangup: true, ..Ready::default() }
            }
            state => {
                let error = self.error.get().is_some();
                let ended = self.received_end.get() || self.read_shut.get();
                let no_more = self.sent_end.get() != End::Open;
                Ready {
                    readable: ended || error || !self.received.borrow().is_empty(),
                    writable: no_more || error || self.unsent.borrow().len() * 3 <= SEND_BUFFER * 2,
                    hangup: state == State::Closed || (ended && no_more),
                    error,
                }
            }
        }
    }

    fn queue(&self) -> Option<&WaitQueue> {
        Some(&self.queue)
    }

    fn attr(&self) -> SysResult<Attr> {
        Ok(attr(&self.identity))
    }
}

impl Socket for TcpSocket {
    fn read_stream(&self) -> Option<StreamId> {
        let connected = !matches!(self.state.get(), State::Closed | State::Listen);
        connected.then(|| StreamId(self.me.as_ptr().addr()))
    }

    fn write_stream(&self) -> Option<StreamId> {
        self.peer.borrow().upgrade().map(|p| StreamId(Rc::as_ptr(&p).addr()))
    }

    fn bind(&self, address: &SocketAddress) -> SysResult<()> {
        self.bind_to(plain(address, self.v6)?)
    }

    fn listen(&self, backlog: u32) -> SysResult<()> {
        self.start_listening(backlog.min(SOMAXCONN))
    }

    fn accept(&self) -> SysResult<(Rc<dyn Socket>, SocketAddress)> {
        if self.state.get() != State::Listen {
            return Err(Errno::EINVAL);
        }
        let child = self.accepted.borrow_mut().pop_front().ok_or(Errno::EAGAIN)?;
        let from = child.remote.get().map(|r| child.shown(r)).ok_or(Errno::ECONNABORTED)?;
        Ok((child, from))
    }

    fn connect(&self, address: &SocketAddress) -> SysResult<()> {
        self.start_connecting(plain(address, self.v6)?)
    }

    fn connected(&self) -> SysResult<()> {
        match (self.state.get(), self.error.take()) {
            (_, Some(error)) => Err(error),
            (State::SynSent, None) => Err(Errno::EAGAIN),
            (State::Closed, None) if !self.received_end.get() => Err(Errno::ECONNABORTED),
            _ => Ok(()),
        }
    }

    fn take_error(&self) -> Option<Errno> {
        self.error.take()
    }

    fn local(&self) -> SocketAddress {
        self.shown(self.local.get().unwrap_or(SocketAddr::new(self.any(), 0)))
    }

    fn peer(&self) -> SysResult<SocketAddress> {
        match self.state.get() {
            State::Closed | State::Listen | State::SynSent => Err(Errno::ENOTCONN),
            _ => self.remote.get().map(|r| self.shown(r)).ok_or(Errno::ENOTCONN),
        }
    }

    fn shutdown(&self, how: Shutdown) -> SysResult<()> {
        if matches!(self.state.get(), State::Closed | State::SynSent) {
            return Err(Errno::ENOTCONN);
        }
        if self.state.get() == State::Listen {
            self.stop_listening();
            return Ok(());
        }
        if how != Shutdown::Write {
            self.read_shut.set(true);
        }
        if how != Shutdown::Read {
            self.end();
        }
        self.queue.wake();
        Ok(())
    }

    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn released(&self) {
        self.close();
    }
}
