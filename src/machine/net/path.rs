//! Where a packet goes: the one place that decides over which interfaces it travels, who gets it, how its
//! addresses are translated, how long it takes, or why it never arrives.
//!
//! The rules are those of Linux with the tables that Docker 28 sets up: containers forward nothing, the
//! host does; bridges marked isolated do not reach each other; a published port is translated for what comes
//! from outside and for the host's own packets to its addresses, and is served by Docker's proxy for what
//! comes over loopback or from a container. The times are fixed prices near to what such machines show.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use super::namespace::{Counters, LinkId, Topology};
use super::{InterfaceKind, NetNamespaceId};

/// Through one host's stack, in nanoseconds.
const STACK: u64 = 5_000;
/// Over `lo`.
const LOOPBACK: u64 = 10_000;
/// Over a veth pair.
const VETH: u64 = 10_000;
/// Through a bridge.
const BRIDGE: u64 = 5_000;
/// Over the host's card to the world.
const ETHERNET: u64 = 250_000;
/// Through `docker-proxy`, which copies between two sockets.
const PROXY: u64 = 40_000;
/// Packets die after so many routers or translations.
const HOPS: usize = 16;

/// What is sent; decides which published ports match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Protocol {
    Tcp,
    Udp,
    Icmp,
}

/// A way from one socket to where another is.
pub(crate) struct Path {
    /// The namespace at its end.
    pub ns: NetNamespaceId,
    /// The sender's address as it is seen there.
    pub source: IpAddr,
    /// The address that the packet has there.
    pub destination: SocketAddr,
    /// Time for one way, nanoseconds.
    pub delay: u64,
    /// Who passed it on, in order.
    pub routers: Vec<IpAddr>,
    /// Where Docker's proxy stands between: its namespace, and the address that the sender talks to.
    pub proxy: Option<(NetNamespaceId, SocketAddr)>,
    /// Who put its own address in the sender's place (`MASQUERADE`) and will put it back in answers.
    pub masquerade: Option<NetNamespaceId>,
    /// What counts the packet; `true`: as sent.
    pub taps: Rc<[(Counters, bool)]>,
}

/// One stretch of a way: from a namespace and an address to an address.
pub(crate) type Leg = (NetNamespaceId, IpAddr, SocketAddr);

impl Path {
    /// The stretches that an answer goes, back to `sender`.
    pub fn way_back(&self, sender: SocketAddr) -> Vec<Leg> {
        let seen = SocketAddr::new(self.source, sender.port());
        let first = (self.ns, self.destination.ip(), seen);
        match (self.proxy, self.masquerade) {
            (Some((host, at)), _) => vec![first, (host, at.ip(), sender)],
            (None, Some(host)) => vec![first, (host, self.destination.ip(), sender)],
            (None, None) => vec![first],
        }
    }
}

/// A way of several stretches, as far as it is open.
#[derive(Clone)]
pub(crate) struct Transit {
    /// Time for one way, nanoseconds.
    pub delay: u64,
    /// What counts the packet.
    pub taps: Rc<[(Counters, bool)]>,
}

/// Follows a packet over several stretches; `None` where it does not arrive.
pub(crate) fn transit(topology: &Topology, legs: &[Leg], protocol: Protocol) -> Option<Transit> {
    let (mut delay, mut taps) = (0, Vec::new());
    for (ns, source, to) in legs {
        let path = trace(topology, *ns, Some(*source), *to, protocol).ok()?;
        delay += path.delay;
        taps.extend(path.taps.iter().cloned());
    }
    Some(Transit { delay, taps: taps.into() })
}

/// Why a packet does not arrive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Blocked {
    /// The sender has no route (`ENETUNREACH` at once).
    NoRoute,
    /// Nobody has the address in the subnet (ARP goes unanswered): who finds that out.
    NoNeighbour(IpAddr),
    /// A router has no route and says so: who, and after how long.
    NoRouteAt(IpAddr, u64),
    /// It is dropped without a word.
    Dropped,
}

/// Why nothing arrives, and whether that is behind Docker's proxy, which took the connection already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    pub blocked: Blocked,
    pub behind_proxy: bool,
}

struct Walk<'a> {
    topology: &'a Topology,
    protocol: Protocol,
    ns: NetNamespaceId,
    source: Option<IpAddr>,
    destination: SocketAddr,
    /// The link it came in by; `None` where it begins.
    arrival: Option<LinkId>,
    translated: bool,
    delay: u64,
    routers: Vec<IpAddr>,
    proxy: Option<(NetNamespaceId, SocketAddr)>,
    masquerade: Option<NetNamespaceId>,
    taps: Vec<(Counters, bool)>,
}

/// Follows a packet from `ns` to `destination`. `source` is the sender's address if it is bound to one.
pub(crate) fn trace(
    topology: &Topology,
    ns: NetNamespaceId,
    source: Option<IpAddr>,
    destination: SocketAddr,
    protocol: Protocol,
) -> Result<Path, Failure> {
    let mut walk = Walk {
        topology,
        protocol,
        ns,
        source: source.filter(|s| !s.is_unspecified()),
        destination,
        arrival: None,
        translated: false,
        delay: STACK,
        routers: Vec::new(),
        proxy: None,
        masquerade: None,
        taps: Vec::new(),
    };
    for _ in 0..HOPS {
        match walk.step() {
            Ok(false) => {}
            Ok(true) => return Ok(walk.end()),
            Err(blocked) => return Err(Failure { blocked, behind_proxy: walk.proxy.is_some() }),
        }
    }
    Err(Failure { blocked: Blocked::Dropped, behind_proxy: walk.proxy.is_some() })
}

/// The address that a packet of `ns` to `to` carries; `None` without a route.
pub(crate) fn source_address(topology: &Topology, ns: NetNamespaceId, to: IpAddr) -> Option<IpAddr> {
    if topology.is_local(ns, to) {
        return Some(if to.is_loopback() { loopback(to) } else { to });
    }
    topology.lookup(ns, to)?.source
}

fn loopback(like: IpAddr) -> IpAddr {
    if like.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() }
}

impl Walk<'_> {
    fn end(self) -> Path {
        Path {
            ns: self.ns,
            source: self.source.unwrap_or_else(|| loopback(self.destination.ip())),
            destination: self.destination,
            delay: self.delay,
            routers: self.routers,
            proxy: self.proxy,
            masquerade: self.masquerade,
            taps: self.taps.into(),
        }
    }

    /// One host's decision: `true` where the packet is at its end.
    fn step(&mut self) -> Result<bool, Blocked> {
        let to = self.destination.ip();
        let Ok(space) = self.topology.namespace(self.ns) else { return Err(Blocked::Dropped) };
        if space.transparent && self.arrival.is_some() {
            return Ok(true);
        }
        if !self.topology.is_local(self.ns, to) || (to.is_loopback() && self.arrival.is_some()) {
            return self.forward(to).map(|()| false);
        }
        if self.translate() {
            return Ok(false);
        }
        if self.arrival.is_none() {
            self.source = self.source.or_else(|| source_address(self.topology, self.ns, to));
            self.delay += LOOPBACK;
            if let Ok(lo) = self.topology.find(self.ns, "lo") {
                self.tap(lo, true);
                self.tap(lo, false);
            }
        }
        Ok(true)
    }

    /// Sends it on where its address is that of a published port.
    fn translate(&mut self) -> bool {
        let at = self.destination;
        let Ok(space) = self.topology.namespace(self.ns) else { return false };
        let tcp = match self.protocol {
            Protocol::Tcp => true,
            Protocol::Udp => false,
            Protocol::Icmp => return false,
        };
        let matching = space.forwards.iter().find(|f| {
            let address =
                f.address == at.ip() || (f.address.is_unspecified() && f.address.is_ipv4() == at.ip().is_ipv4());
            f.tcp == tcp && f.port == at.port() && address
        });
        let Some(forward) = matching else { return false };
        let from_bridge =
            self.arrival.and_then(|id| self.topology.link(id)).is_some_and(|l| l.kind == InterfaceKind::Bridge);
        let by_proxy = from_bridge || at.ip().is_loopback() || at.is_ipv4() != forward.to.is_ipv4();
        if by_proxy && self.proxy.is_some() {
            return false;
        }
        self.destination = forward.to;
        if by_proxy {
            self.proxy = Some((self.ns, at));
            self.source = None;
            self.arrival = None;
            self.delay += PROXY;
        } else {
            self.source = self.source.or_else(|| source_address(self.topology, self.ns, at.ip()));
            self.translated = true;
        }
        true
    }

    /// Sends it out by the routing table.
    fn forward(&mut self, to: IpAddr) -> Result<(), Blocked> {
        let topology = self.topology;
        let space = topology.namespace(self.ns).map_err(|_| Blocked::Dropped)?;
        if self.arrival.is_some() && (!space.forwarding || to.is_loopback()) {
            return Err(Blocked::Dropped);
        }
        let Some(hop) = topology.lookup(self.ns, to) else {
            return Err(match self.arrival.and_then(|a| topology.address_towards(a, self.source.unwrap_or(to))) {
                Some(router) => Blocked::NoRouteAt(router, self.delay * 2),
                None if self.arrival.is_some() => Blocked::Dropped,
                None => Blocked::NoRoute,
            });
        };
        // Packets with a loopback address as their source do not leave the host.
        if self.source.is_some_and(|s| s.is_loopback()) {
            return Err(Blocked::Dropped);
        }
        if let Some(arrival) = self.arrival {
            self.filter(arrival, hop.link)?;
            self.routers.extend(topology.address_towards(arrival, self.source.unwrap_or(to)));
            if space.isolated.contains_key(&arrival) && !space.isolated.contains_key(&hop.link) {
                self.masquerade = Some(self.ns);
                self.source = hop.source;
            }
        }
        self.source = self.source.or(hop.source);
        self.cross(hop.link, hop.gateway.unwrap_or(to))
            .ok_or(Blocked::NoNeighbour(hop.source.unwrap_or_else(|| loopback(to))))
    }

    /// Docker's rules for what is passed on: `DOCKER-ISOLATION`, internal networks, and no way in but
    /// through published ports.
    fn filter(&self, from: LinkId, to: LinkId) -> Result<(), Blocked> {
        let Ok(space) = self.topology.namespace(self.ns) else { return Err(Blocked::Dropped) };
        if from == to {
            return Ok(());
        }
        match (space.isolated.get(&from), space.isolated.get(&to)) {
            (Some(_), Some(_)) | (Some(true), _) | (_, Some(true)) => Err(Blocked::Dropped),
            (None, Some(false)) if !self.translated => Err(Blocked::Dropped),
            _ => Ok(()),
        }
    }

    /// Carries it over a link to whoever there has the address `next`.
    fn cross(&mut self, link: LinkId, next: IpAddr) -> Option<()> {
        let topology = self.topology;
        let out = topology.link(link).filter(|l| l.up)?;
        self.tap(link, true);
        if out.kind == InterfaceKind::Bridge {
            self.delay += BRIDGE;
            return self.through_bridge(link, None, next);
        }
        let far = topology.link(out.peer?).filter(|l| l.up)?;
        let far_id = out.peer?;
        self.tap(far_id, false);
        self.delay += if out.kind == InterfaceKind::Ethernet { ETHERNET } else { VETH };
        match far.master {
            None => self.arrive(far_id, next),
            Some(bridge) => {
                let bridge_link = topology.link(bridge).filter(|l| l.up)?;
                self.delay += BRIDGE;
                if topology.is_local(bridge_link.ns, next) {
                    return self.arrive(bridge, next);
                }
                self.through_bridge(bridge, Some(far_id), next)
            }
        }
    }

    /// To the port of a bridge behind which `next` is.
    fn through_bridge(&mut self, bridge: LinkId, came_by: Option<LinkId>, next: IpAddr) -> Option<()> {
        let topology = self.topology;
        for (port, link) in topology.ports(bridge).filter(|(id, l)| l.up && Some(*id) != came_by) {
            let Some(end) = link.peer else { continue };
            let Some(far) = topology.link(end).filter(|l| l.up) else { continue };
            if topology.is_local(far.ns, next) {
                self.tap(port, true);
                self.delay += VETH;
                return self.arrive(end, next);
            }
        }
        None
    }

    fn arrive(&mut self, link: LinkId, next: IpAddr) -> Option<()> {
        let ns = self.topology.link(link)?.ns;
        if next.is_loopback() || !self.topology.is_local(ns, next) {
            return None;
        }
        self.tap(link, false);
        self.ns = ns;
        self.arrival = Some(link);
        Some(())
    }

    fn tap(&mut self, link: LinkId, sent: bool) {
        if let Some(link) = self.topology.link(link) {
            self.taps.push((link.counters.clone(), sent));
        }
    }
}

/// Counts `packets` packets of `bytes` bytes on all interfaces of a way.
pub(crate) fn count(taps: &[(Counters, bool)], bytes: usize, packets: usize) {
    for (counters, sent) in taps {
        let first = if *sent { 2 } else { 0 };
        counters[first].set(counters[first].get() + bytes as u64);
        counters[first + 1].set(counters[first + 1].get() + packets as u64);
    }
}
