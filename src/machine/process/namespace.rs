//! PID and UTS namespaces.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::Pid;

/// A PID namespace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Default)]
pub struct PidNamespaceId(pub u32);

/// Host and domain name, shared by the processes of a UTS namespace.
#[derive(Default)]
pub struct Uts {
    /// `gethostname`.
    pub hostname: RefCell<String>,
}

/// Which namespaces a new process gets for itself (`clone(2)`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CloneFlags {
    /// `CLONE_NEWPID`: it becomes process 1 of a new namespace.
    pub pid: bool,
    /// `CLONE_NEWNS`: a copy of the parent's mounts.
    pub mount: bool,
    /// `CLONE_NEWNET`: only a loopback interface, down.
    pub net: bool,
    /// `CLONE_NEWUTS`: a host name of its own.
    pub uts: bool,
}

impl CloneFlags {
    /// All of them.
    pub const ALL: CloneFlags = CloneFlags { pid: true, mount: true, net: true, uts: true };
}

struct PidNamespace {
    parent: Option<PidNamespaceId>,
    /// Outer number (of the initial namespace) to number in here, and back.
    inside: BTreeMap<Pid, Pid>,
    outside: BTreeMap<Pid, Pid>,
    next: i32,
}

/// All PID namespaces. Number 0 is the initial one, whose numbers the kernel uses.
pub(crate) struct PidNamespaces {
    spaces: RefCell<BTreeMap<PidNamespaceId, PidNamespace>>,
    next: Cell<u32>,
}

/// Numbers wrap around here (`/proc/sys/kernel/pid_max` on 64 bits).
const PID_MAX: i32 = 4_194_304;

impl PidNamespaces {
    pub fn new() -> PidNamespaces {
        let spaces = PidNamespaces { spaces: RefCell::default(), next: Cell::new(0) };
        spaces.create(None);
        spaces
    }

    pub fn create(&self, parent: Option<PidNamespaceId>) -> PidNamespaceId {
        let id = PidNamespaceId(self.next.get());
        self.next.set(id.0 + 1);
        let space = PidNamespace { parent, inside: BTreeMap::new(), outside: BTreeMap::new(), next: 1 };
        self.spaces.borrow_mut().insert(id, space);
        id
    }

    /// The initial namespace goes on from here.
    pub fn skip_to(&self, number: i32) {
        if let Some(space) = self.spaces.borrow_mut().get_mut(&PidNamespaceId(0)) {
            space.next = number;
        }
    }

    /// Numbers a new process in `id` and all namespaces around it; gives the outermost number.
    pub fn allocate(&self, id: PidNamespaceId) -> Pid {
        let mut spaces = self.spaces.borrow_mut();
        let outer = spaces.get_mut(&PidNamespaceId(0)).map_or(Pid(0), |space| space.free_number());
        let mut at = Some(id);
        while let Some(space) = at.and_then(|id| spaces.get_mut(&id)) {
            let inner = if space.parent.is_none() { outer } else { space.free_number() };
            space.inside.insert(outer, inner);
            space.outside.insert(inner, outer);
            at = space.parent;
        }
        outer
    }

    /// Uses up numbers in `id` and all namespaces around it, as threads do.
    pub fn pass(&self, id: PidNamespaceId, count: u32) {
        let mut spaces = self.spaces.borrow_mut();
        let mut at = Some(id);
        while let Some(space) = at.and_then(|id| spaces.get_mut(&id)) {
            for _ in 0..count {
                space.free_number();
            }
            at = space.parent;
        }
    }

    /// Frees the numbers of a process that is gone, and namespaces that are empty then.
    pub fn free(&self, pid: Pid) {
        self.spaces.borrow_mut().retain(|_, space| {
            if let Some(inner) = space.inside.remove(&pid) {
                space.outside.remove(&inner);
                return space.parent.is_none() || !space.inside.is_empty();
            }
            true
        });
    }

    /// The number that `pid` has in `id`; `None` where it is not to be seen.
    pub fn to_inside(&self, id: PidNamespaceId, pid: Pid) -> Option<Pid> {
        self.spaces.borrow().get(&id)?.inside.get(&pid).copied()
    }

    /// The process that has the number `pid` in `id`.
    pub fn to_outside(&self, id: PidNamespaceId, pid: Pid) -> Option<Pid> {
        self.spaces.borrow().get(&id)?.outside.get(&pid).copied()
    }

    /// All processes to be seen in `id`, by their numbers there.
    pub fn members(&self, id: PidNamespaceId) -> Vec<(Pid, Pid)> {
        self.spaces.borrow().get(&id).map_or_else(Vec::new, |s| s.outside.iter().map(|(i, o)| (*i, *o)).collect())
    }
}

impl PidNamespace {
    fn free_number(&mut self) -> Pid {
        loop {
            let number = Pid(self.next);
            self.next = if self.next >= PID_MAX { 300 } else { self.next + 1 };
            if !self.outside.contains_key(&number) {
                return number;
            }
        }
    }
}
