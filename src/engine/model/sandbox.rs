//! The network namespace of a running container or step: its interfaces, and what goes when it goes.

use std::cell::{Cell, RefCell};
use std::net::Ipv4Addr;
use std::rc::Rc;

use machine::net::{NetNamespaceId, PortForward, Route};
use machine::{Fd, Sys, SysResult};

use super::ipam::{Subnet, random_mac};
use super::network::{Network, Networks};
use crate::ids;

/// One interface in a namespace.
#[derive(Clone, Debug)]
struct Plug {
    network: String,
    interface: String,
    host_side: String,
}

/// A network namespace.
pub struct Sandbox {
    /// 64 digits.
    pub id: String,
    /// The kernel's namespace.
    pub ns: NetNamespaceId,
    /// It goes with the container.
    pub own: bool,
    plugs: RefCell<Vec<Plug>>,
    next: Cell<u32>,
    /// The host's ports that lead to it.
    pub forwards: RefCell<Vec<PortForward>>,
    /// What it holds of [`Networks::ports`].
    pub held: RefCell<Vec<(String, bool, u16)>>,
    /// The name server in it.
    pub server: Cell<Option<NameServer>>,
}

impl Sandbox {
    /// One without interfaces.
    pub fn new(sys: &Sys, ns: NetNamespaceId, own: bool) -> Rc<Sandbox> {
        Rc::new(Sandbox {
            id: ids::new_id(sys),
            ns,
            own,
            plugs: RefCell::default(),
            next: Cell::default(),
            forwards: RefCell::default(),
            held: RefCell::default(),
            server: Cell::default(),
        })
    }

    /// Adds an interface to a network.
    pub fn plug(&self, sys: &Sys, network: &Network, ip: Ipv4Addr, subnet: &Subnet, mac: [u8; 6]) -> SysResult<()> {
        if network.bridge.is_empty() {
            return Ok(());
        }
        let host = sys.netns();
        let interface = format!("eth{}", self.next.get());
        self.next.set(self.next.get() + 1);
        let host_side = format!("veth{}", &ids::new_id(sys)[..7]);
        sys.add_veth((host, &host_side, random_mac(sys)), (self.ns, &interface, mac))?;
        sys.set_master(host, &host_side, Some(&network.bridge))?;
        sys.set_link_up(host, &host_side, true)?;
        sys.add_address(self.ns, &interface, ip.into(), subnet.prefix)?;
        sys.set_link_up(self.ns, &interface, true)?;
        self.plugs.borrow_mut().push(Plug { network: network.id.clone(), interface, host_side });
        Ok(())
    }

    /// Removes the interface to a network.
    pub fn unplug(&self, sys: &Sys, network: &Network) {
        let plug = {
            let mut plugs = self.plugs.borrow_mut();
            plugs.iter().position(|p| p.network == network.id).map(|at| plugs.remove(at))
        };
        if let Some(plug) = plug {
            let _ = sys.remove_link(sys.netns(), &plug.host_side);
        }
    }

    /// Routes everything else through the gateway of one of the networks.
    pub fn route(&self, sys: &Sys, networks: &Networks) {
        let all = networks.all.borrow();
        let mut networks: Vec<(&Rc<Network>, Plug)> =
            self.plugs.borrow().iter().filter_map(|p| Some((all.get(&p.network)?, p.clone()))).collect();
        networks.retain(|(n, _)| !n.wanted.internal);
        networks.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        let _ = sys.remove_route(self.ns, (Ipv4Addr::UNSPECIFIED, 0));
        if let Some((network, plug)) = networks.first()
            && let Some(subnet) = &network.subnet
        {
            let route = Route {
                destination: (Ipv4Addr::UNSPECIFIED, 0),
                gateway: Some(subnet.gateway),
                interface: plug.interface.clone(),
                source: None,
            };
            let _ = sys.add_route(self.ns, route);
        }
    }

    /// The ids of the networks that it has interfaces to, in the order in which it got them.
    pub fn networks(&self) -> Vec<String> {
        self.plugs.borrow().iter().map(|p| p.network.clone()).collect()
    }
}

/// A running name server.
pub struct NameServer {
    /// What answers.
    pub thread: machine::TaskId,
    /// Its socket.
    pub fd: Fd,
}

impl NameServer {
    /// Ends it.
    pub fn stop(self, sys: &Sys) {
        sys.cancel_thread(self.thread);
        let _ = sys.close(self.fd);
    }
}
