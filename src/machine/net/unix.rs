//! Unix stream sockets (`unix(7)`). What is written is with the reader at once.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use super::bytes::ByteQueue;
use super::core::Core;
use super::socket::{Identity, Socket, attr};
use super::{NetNamespaceId, PeerCredentials, Shutdown, SocketAddress, SocketEntry, SocketKind, StreamId};
use crate::errno::{Errno, SysResult};
use crate::fs::Attr;
use crate::io::{File, Ready};
use crate::kernel::WaitQueue;

/// How many bytes wait at most in one direction (`net.core.wmem_default`).
pub const CAPACITY: usize = 212_992;

/// What a listening socket is found by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum UnixKey {
    /// A node in a file system: device and inode number.
    Node(u64, u64),
    /// An abstract name, of a network namespace.
    Abstract(NetNamespaceId, String),
}

/// All bound Unix sockets.
#[derive(Default)]
pub(crate) struct UnixRegistry {
    bound: RefCell<BTreeMap<UnixKey, Weak<UnixSocket>>>,
    all: RefCell<Vec<Weak<UnixSocket>>>,
}

enum State {
    Idle,
    Listening { backlog: usize, waiting: VecDeque<Rc<UnixSocket>> },
    Connected(Weak<UnixSocket>),
}

/// A Unix stream socket.
pub(crate) struct UnixSocket {
    me: Weak<UnixSocket>,
    core: Rc<Core>,
    ns: NetNamespaceId,
    identity: Identity,
    owner: PeerCredentials,
    peer_owner: Cell<Option<PeerCredentials>>,
    name: RefCell<Option<String>>,
    key: RefCell<Option<UnixKey>>,
    state: RefCell<State>,
    incoming: RefCell<ByteQueue>,
    /// Nothing more comes: the peer is gone or shut its side, or this side was shut for reading.
    read_shut: Cell<bool>,
    write_shut: Cell<bool>,
    error: Cell<Option<Errno>>,
    queue: WaitQueue,
}

impl UnixSocket {
    /// A socket that is neither bound nor connected.
    pub fn new(core: &Rc<Core>, ns: NetNamespaceId, owner: PeerCredentials) -> Rc<UnixSocket> {
        let socket = Rc::new_cyclic(|me| UnixSocket {
            me: me.clone(),
            core: core.clone(),
            ns,
            identity: Identity::default(),
            owner,
            peer_owner: Cell::new(None),
            name: RefCell::default(),
            key: RefCell::default(),
            state: RefCell::new(State::Idle),
            incoming: RefCell::default(),
            read_shut: Cell::new(false),
            write_shut: Cell::new(false),
            error: Cell::new(None),
            queue: WaitQueue::new(),
        });
        let mut all = core.unix.all.borrow_mut();
        if all.len() >= 64 && all.len().is_power_of_two() {
            all.retain(|s| s.strong_count() > 0);
        }
        all.push(Rc::downgrade(&socket));
        socket
    }

    /// Two that are connected with each other.
    pub fn pair(core: &Rc<Core>, ns: NetNamespaceId, owner: PeerCredentials) -> (Rc<UnixSocket>, Rc<UnixSocket>) {
        let (a, b) = (UnixSocket::new(core, ns, owner), UnixSocket::new(core, ns, owner));
        UnixSocket::join(&a, &b);
        (a, b)
    }

    fn join(a: &Rc<UnixSocket>, b: &Rc<UnixSocket>) {
        *a.state.borrow_mut() = State::Connected(Rc::downgrade(b));
        *b.state.borrow_mut() = State::Connected(Rc::downgrade(a));
        a.peer_owner.set(Some(b.owner));
        b.peer_owner.set(Some(a.owner));
    }

    /// Whether a name can still be given to it.
    pub fn may_bind(&self) -> SysResult<()> {
        if self.key.borrow().is_some() { Err(Errno::EINVAL) } else { Ok(()) }
    }

    /// Takes the name `name`, found by `key`; `EADDRINUSE`.
    pub fn bind_to(&self, key: UnixKey, name: String) -> SysResult<()> {
        self.may_bind()?;
        let mut bound = self.core.unix.bound.borrow_mut();
        if bound.get(&key).is_some_and(|other| other.strong_count() > 0) {
            return Err(Errno::EADDRINUSE);
        }
        bound.insert(key.clone(), self.me.clone());
        *self.name.borrow_mut() = Some(name);
        *self.key.borrow_mut() = Some(key);
        Ok(())
    }

    /// Connects to whoever listens at `key`. `EAGAIN` with a full queue: wait on [`UnixSocket::listener`]'s.
    pub fn connect_to(&self, key: &UnixKey) -> SysResult<()> {
        match &*self.state.borrow() {
            State::Idle => {}
            State::Listening { .. } => return Err(Errno::EINVAL),
            State::Connected(_) => return Err(Errno::EISCONN),
        }
        let listener = self.core.unix.listener(key).ok_or(Errno::ECONNREFUSED)?;
        let child = {
            let mut state = listener.state.borrow_mut();
            let State::Listening { backlog, waiting } = &mut *state else { return Err(Errno::ECONNREFUSED) };
            if waiting.len() > *backlog {
                return Err(Errno::EAGAIN);
            }
            let child = UnixSocket::new(&self.core, listener.ns, listener.owner);
            waiting.push_back(child.clone());
            child
        };
        child.name.borrow_mut().clone_from(&listener.name.borrow());
        let me = self.me.upgrade().ok_or(Errno::EINVAL)?;
        UnixSocket::join(&me, &child);
        listener.queue.wake();
        self.queue.wake();
        Ok(())
    }

    /// Who is at the other end (`SO_PEERCRED`).
    pub fn peer_credentials(&self) -> Option<PeerCredentials> {
        self.peer_owner.get()
    }

    fn other(&self) -> Option<Rc<UnixSocket>> {
        match &*self.state.borrow() {
            State::Connected(peer) => peer.upgrade(),
            _ => None,
        }
    }

    fn entry(&self) -> SocketEntry {
        let state = match &*self.state.borrow() {
            State::Idle => "UNCONN",
            State::Listening { .. } => "LISTEN",
            State::Connected(_) => "ESTAB",
        };
        SocketEntry {
            kind: SocketKind::UnixStream,
            state,
            local: SocketAddress::Unix(self.name.borrow().clone()),
            peer: self.other().map(|p| SocketAddress::Unix(p.name.borrow().clone())),
            queued: (self.incoming.borrow().len(), self.other().map_or(0, |p| p.incoming.borrow().len())),
            ino: self.identity.ino(),
            uid: self.identity.uid(),
        }
    }
}

impl UnixRegistry {
    /// Who listens at `key`.
    pub fn listener(&self, key: &UnixKey) -> Option<Rc<UnixSocket>> {
        self.bound.borrow().get(key)?.upgrade()
    }

    /// The sockets of a namespace that have a descriptor.
    pub fn entries(&self, ns: NetNamespaceId) -> Vec<SocketEntry> {
        let all = self.all.borrow();
        let sockets = all.iter().filter_map(Weak::upgrade);
        sockets.filter(|s| s.ns == ns && s.identity.ino() != 0).map(|s| s.entry()).collect()
    }
}

impl File for UnixSocket {
    fn read(&self, buf: &mut [u8]) -> SysResult<usize> {
        if !matches!(*self.state.borrow(), State::Connected(_)) {
            return Err(Errno::EINVAL);
        }
        let n = self.incoming.borrow_mut().read(buf);
        if n > 0 {
            if let Some(peer) = self.other() {
                peer.queue.wake();
            }
            return Ok(n);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None if self.read_shut.get() || buf.is_empty() => Ok(0),
            None => Err(Errno::EAGAIN),
        }
    }

    fn write(&self, buf: &[u8]) -> SysResult<usize> {
        if !matches!(*self.state.borrow(), State::Connected(_)) {
            return Err(Errno::ENOTCONN);
        }
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let Some(peer) = self.other().filter(|p| !self.write_shut.get() && !p.read_shut.get()) else {
            return Err(Errno::EPIPE);
        };
        let room = CAPACITY.saturating_sub(peer.incoming.borrow().len());
        if room == 0 && !buf.is_empty() {
            return Err(Errno::EAGAIN);
        }
        let n = buf.len().min(room);
        peer.incoming.borrow_mut().push(buf[..n].to_vec());
        peer.queue.wake();
        Ok(n)
    }

    fn ready(&self) -> Ready {
        match &*self.state.borrow() {
            State::Idle => Ready { writable: true, hangup: true, ..Ready::default() },
            State::Listening { waiting, .. } => Ready { readable: !waiting.is_empty(), ..Ready::default() },
            State::Connected(peer) => {
                let peer = peer.upgrade();
                let used = peer.as_ref().map_or(0, |p| p.incoming.borrow().len());
                let read_shut = self.read_shut.get();
                Ready {
                    readable: read_shut || !self.incoming.borrow().is_empty(),
                    // As Linux: a quarter may be in use.
                    writable: used * 4 <= CAPACITY || peer.is_none(),
                    hangup: read_shut && self.write_shut.get(),
                    error: self.error.get().is_some(),
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

impl Socket for UnixSocket {
    fn read_stream(&self) -> Option<StreamId> {
        matches!(*self.state.borrow(), State::Connected(_)).then(|| StreamId(self.me.as_ptr().addr()))
    }

    fn write_stream(&self) -> Option<StreamId> {
        self.other().map(|p| StreamId(Rc::as_ptr(&p).addr()))
    }

    fn listen(&self, backlog: u32) -> SysResult<()> {
        if self.key.borrow().is_none() {
            return Err(Errno::EINVAL);
        }
        let most = backlog.min(4096) as usize;
        let mut state = self.state.borrow_mut();
        match &mut *state {
            State::Idle => *state = State::Listening { backlog: most, waiting: VecDeque::new() },
            State::Listening { backlog, .. } => *backlog = most,
            State::Connected(_) => return Err(Errno::EINVAL),
        }
        Ok(())
    }

    fn accept(&self) -> SysResult<(Rc<dyn Socket>, SocketAddress)> {
        let child = match &mut *self.state.borrow_mut() {
            State::Listening { waiting, .. } => waiting.pop_front().ok_or(Errno::EAGAIN)?,
            _ => return Err(Errno::EINVAL),
        };
        self.queue.wake();
        let from = child.peer().unwrap_or(SocketAddress::Unix(None));
        Ok((child, from))
    }

    fn take_error(&self) -> Option<Errno> {
        self.error.take()
    }

    fn local(&self) -> SocketAddress {
        SocketAddress::Unix(self.name.borrow().clone())
    }

    fn peer(&self) -> SysResult<SocketAddress> {
        match &*self.state.borrow() {
            State::Connected(peer) => Ok(SocketAddress::Unix(peer.upgrade().and_then(|p| p.name.borrow().clone()))),
            _ => Err(Errno::ENOTCONN),
        }
    }

    fn shutdown(&self, how: Shutdown) -> SysResult<()> {
        let Some(peer) = self.other() else { return Err(Errno::ENOTCONN) };
        if how != Shutdown::Read {
            self.write_shut.set(true);
            peer.read_shut.set(true);
        }
        if how != Shutdown::Write {
            self.read_shut.set(true);
            peer.write_shut.set(true);
        }
        self.queue.wake();
        peer.queue.wake();
        Ok(())
    }

    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn released(&self) {
        if let Some(key) = self.key.take() {
            let mut bound = self.core.unix.bound.borrow_mut();
            if bound.get(&key).is_some_and(|s| s.ptr_eq(&self.me)) {
                bound.remove(&key);
            }
        }
        let peer = self.other();
        if let State::Listening { waiting, .. } = self.state.replace(State::Idle) {
            waiting.iter().for_each(|child| child.released());
        }
        if let Some(peer) = peer {
            if !self.incoming.borrow().is_empty() {
                peer.error.set(Some(Errno::ECONNRESET));
            }
            peer.read_shut.set(true);
            peer.write_shut.set(true);
            peer.queue.wake();
        }
        self.read_shut.set(true);
        self.incoming.borrow_mut().clear();
        self.queue.wake();
    }
}

/// The Unix socket behind a socket of any kind.
pub(crate) fn downcast(socket: &Rc<dyn Socket>) -> Option<&UnixSocket> {
    let any: &dyn Any = &**socket;
    any.downcast_ref()
}
