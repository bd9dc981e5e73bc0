//! What all sockets share: the clock, what is under way, the wiring, and the tables of sockets.

use std::cell::{Cell, Ref, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use super::NetNamespaceId;
use super::namespace::Topology;
use super::table::SocketTable;
use super::udp::Translations;
use super::unix::UnixRegistry;
use crate::errno::{Errno, SysResult};
use crate::kernel::{Clock, Instant};

type Event = Box<dyn FnOnce(&Rc<Core>)>;

/// The network's state. Sockets hold it by handle.
pub(crate) struct Core {
    clock: Clock,
    /// What arrives or runs out when; the number keeps the order of those at one instant.
    events: RefCell<BTreeMap<(Instant, u64), Event>>,
    sequence: Cell<u64>,
    topology: RefCell<Topology>,
    /// Counts changes of the wiring: what was found out about a way holds while this stays.
    generation: Cell<u64>,
    pub tables: RefCell<BTreeMap<NetNamespaceId, SocketTable>>,
    pub unix: UnixRegistry,
    pub translations: RefCell<Translations>,
}

impl Core {
    pub fn new(clock: Clock) -> Rc<Core> {
        let topology = Topology::host();
        let tables = topology.namespaces().map(|ns| (ns, SocketTable::new(ns))).collect();
        Rc::new(Core {
            clock,
            events: RefCell::default(),
            sequence: Cell::new(0),
            topology: RefCell::new(topology),
            generation: Cell::new(0),
            tables: RefCell::new(tables),
            unix: UnixRegistry::default(),
            translations: RefCell::default(),
        })
    }

    /// Time since boot.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Does something after `nanoseconds`.
    pub fn after(&self, nanoseconds: u64, event: impl FnOnce(&Rc<Core>) + 'static) {
        self.at(self.now() + Duration::from_nanos(nanoseconds), event);
    }

    /// Does something at an instant.
    pub fn at(&self, at: Instant, event: impl FnOnce(&Rc<Core>) + 'static) {
        let number = self.sequence.get();
        self.sequence.set(number + 1);
        self.events.borrow_mut().insert((at, number), Box::new(event));
    }

    /// A little more than `nanoseconds`, up to a half: queues on the way are never twice the same. It follows from
    /// what happened so far, not from the machine's generator, whose numbers programs see.
    pub fn uneven(&self, nanoseconds: u64) -> u64 {
        let seen =
            self.sequence.get().wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ self.now().0.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        nanoseconds + nanoseconds * ((seen >> 32) % 512) / 1024
    }

    /// Lets everything happen whose time has come.
    pub fn deliver(self: &Rc<Self>, now: Instant) {
        loop {
            let event = {
                let mut events = self.events.borrow_mut();
                match events.first_entry() {
                    Some(entry) if entry.key().0 <= now => entry.remove(),
                    _ => return,
                }
            };
            event(self);
        }
    }

    /// When the next thing happens.
    pub fn next_event(&self) -> Option<Instant> {
        self.events.borrow().first_key_value().map(|(key, _)| key.0)
    }

    /// The wiring, to look at.
    pub fn topology(&self) -> Ref<'_, Topology> {
        self.topology.borrow()
    }

    /// Changes the wiring.
    pub fn change<T>(&self, f: impl FnOnce(&mut Topology) -> T) -> T {
        self.generation.set(self.generation.get() + 1);
        f(&mut self.topology.borrow_mut())
    }

    /// Counts changes of the wiring.
    pub fn generation(&self) -> u64 {
        self.generation.get()
    }

    /// The sockets of a namespace; `EINVAL` where it is gone.
    pub fn table<T>(&self, ns: NetNamespaceId, f: impl FnOnce(&mut SocketTable) -> T) -> SysResult<T> {
        self.tables.borrow_mut().get_mut(&ns).map(f).ok_or(Errno::EINVAL)
    }
}
