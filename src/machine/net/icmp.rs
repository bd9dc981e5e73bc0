//! ICMP echo sockets (`icmp(7)`), which `ping` uses.
//!
//! What is sent is an echo request with its header (type 8, code, checksum, identifier, sequence number); the
//! kernel fills in the identifier. What is received is a reply with its header, or the request that an error
//! is about, with [`Datagram::error`].

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::rc::{Rc, Weak};

use super::core::Core;
use super::path::{self, Blocked, Protocol};
use super::socket::{Identity, Socket, attr};
use super::tcp::{any, plain};
use super::{Datagram, IcmpError, NetNamespaceId, SocketAddress};
use crate::errno::{Errno, SysResult};
use crate::fs::Attr;
use crate::io::{File, Ready};
use crate::kernel::WaitQueue;

/// Bytes of an echo's header.
const HEADER: usize = 8;
/// Replies that wait at most.
const WAITING: usize = 256;
/// Largest message.
const LARGEST: usize = 65_515;
/// ARP gives up after three requests a second apart, nanoseconds.
const NEIGHBOUR_TIMEOUT: u64 = 3_000_000_000;
/// What hosts send with (`net.ipv4.ip_default_ttl`).
const TTL: u8 = 64;

/// A ping socket.
pub(crate) struct PingSocket {
    me: Weak<PingSocket>,
    core: Rc<Core>,
    ns: NetNamespaceId,
    identity: Identity,
    source: Cell<Option<IpAddr>>,
    id: Cell<Option<u16>>,
    ttl: Cell<u8>,
    received: RefCell<VecDeque<Datagram>>,
    queue: WaitQueue,
}

impl PingSocket {
    /// A socket without an identifier yet.
    pub fn new(core: &Rc<Core>, ns: NetNamespaceId) -> Rc<PingSocket> {
        Rc::new_cyclic(|me| PingSocket {
            me: me.clone(),
            core: core.clone(),
            ns,
            identity: Identity::default(),
            source: Cell::new(None),
            id: Cell::new(None),
            ttl: Cell::new(TTL),
            received: RefCell::default(),
            queue: WaitQueue::new(),
        })
    }

    fn id(&self) -> SysResult<u16> {
        if let Some(id) = self.id.get() {
            return Ok(id);
        }
        let id = self.core.table(self.ns, |t| t.ping_ids.choose())??;
        self.id.set(Some(id));
        Ok(id)
    }

    fn send(&self, mut message: Vec<u8>, to: IpAddr) -> SysResult<()> {
        let id = self.id()?;
        match message.get_mut(..HEADER) {
            Some([8, 0, _, _, high, low, ..]) => [*high, *low] = id.to_be_bytes(),
            _ => return Err(Errno::EINVAL),
        }
        if message.len() > LARGEST {
            return Err(Errno::EMSGSIZE);
        }
        let at = SocketAddr::new(to, 0);
        let found = path::trace(&self.core.topology(), self.ns, self.source.get(), at, Protocol::Icmp);
        let path = match found {
            Ok(path) => path,
            Err(failure) => return self.undelivered(message, failure.blocked),
        };
        path::count(&path.taps, message.len() + 34, 1);
        if let Some(&router) = path.routers.get(usize::from(self.ttl.get().max(1)) - 1) {
            self.comes(message, router, TTL, Some(IcmpError::TimeExceeded), path.delay * 2);
            return Ok(());
        }
        let own = self.source.get().or_else(|| path::source_address(&self.core.topology(), self.ns, to));
        let back = path.way_back(SocketAddr::new(own.unwrap_or(path.source), 0));
        let back = path::transit(&self.core.topology(), &back, Protocol::Icmp);
        if let Some(back) = back {
            path::count(&back.taps, message.len() + 34, 1);
            message[0] = 0;
            let ttl = TTL.saturating_sub(path.routers.len() as u8);
            let delay = self.core.uneven(path.delay + back.delay);
            self.comes(message, path.destination.ip(), ttl, None, delay);
        }
        Ok(())
    }

    fn undelivered(&self, message: Vec<u8>, blocked: Blocked) -> SysResult<()> {
        match blocked {
            Blocked::NoRoute => return Err(Errno::ENETUNREACH),
            Blocked::NoNeighbour(by) => {
                self.comes(message, by, TTL, Some(IcmpError::HostUnreachable), NEIGHBOUR_TIMEOUT);
            }
            Blocked::NoRouteAt(by, delay) => self.comes(message, by, TTL, Some(IcmpError::NetUnreachable), delay),
            Blocked::Dropped => {}
        }
        Ok(())
    }

    fn comes(&self, data: Vec<u8>, from: IpAddr, ttl: u8, error: Option<IcmpError>, delay: u64) {
        let me = self.me.clone();
        self.core.after(delay, move |_| {
            let Some(me) = me.upgrade() else { return };
            let mut received = me.received.borrow_mut();
            if received.len() < WAITING {
                let from = SocketAddress::Inet(SocketAddr::new(from, 0));
                received.push_back(Datagram { data, from, ttl, error });
                me.queue.wake();
            }
        });
    }
}

impl File for PingSocket {
    fn ready(&self) -> Ready {
        Ready { readable: !self.received.borrow().is_empty(), writable: true, ..Ready::default() }
    }

    fn queue(&self) -> Option<&WaitQueue> {
        Some(&self.queue)
    }

    fn attr(&self) -> SysResult<Attr> {
        Ok(attr(&self.identity))
    }
}

impl Socket for PingSocket {
    fn bind(&self, address: &SocketAddress) -> SysResult<()> {
        let address = plain(address, false)?;
        if !self.core.topology().is_own(self.ns, address.ip()) {
            return Err(Errno::EADDRNOTAVAIL);
        }
        self.source.set(Some(address.ip()));
        Ok(())
    }

    fn local(&self) -> SocketAddress {
        SocketAddress::Inet(SocketAddr::new(self.source.get().unwrap_or(any(false)), self.id.get().unwrap_or(0)))
    }

    fn send_to(&self, data: &[u8], to: &SocketAddress) -> SysResult<usize> {
        let to = plain(to, false)?;
        self.send(data.to_vec(), to.ip()).map(|()| data.len())
    }

    fn recv_from(&self) -> SysResult<Datagram> {
        self.received.borrow_mut().pop_front().ok_or(Errno::EAGAIN)
    }

    fn set_ttl(&self, ttl: u8) -> SysResult<()> {
        self.ttl.set(ttl.max(1));
        Ok(())
    }

    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn released(&self) {
        if let Some(id) = self.id.take() {
            let _ = self.core.table(self.ns, |t| t.ping_ids.give_back(id));
        }
    }
}
