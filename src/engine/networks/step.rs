//! The network of a step of a build: an address on `docker0` for as long as it runs, the host's own, or none.

use machine::Sys;
use std::net::Ipv4Addr;
use std::rc::Rc;

use machine::net::NetNamespaceId;

use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::model::ipam::random_mac;
use crate::model::network::{DEFAULT, Network};
use crate::model::sandbox::Sandbox;

/// A network namespace for one step.
pub struct StepNetwork {
    /// The kernel's namespace.
    pub ns: NetNamespaceId,
    own: Option<Rc<Sandbox>>,
    joined: Option<(Rc<Network>, Option<Ipv4Addr>)>,
}

/// Sets it up: `host`, `none`, or anything else for the bridge.
pub fn open(d: &Rc<Daemon>, mode: &str) -> ApiResult<StepNetwork> {
    if mode == "host" {
        return Ok(StepNetwork { ns: d.sys.netns(), own: None, joined: None });
    }
    let ns = d.sys.netns_create()?;
    let _ = d.sys.set_link_up(ns, "lo", true);
    let sandbox = Sandbox::new(&d.sys, ns, true);
    let mut step = StepNetwork { ns, own: Some(sandbox.clone()), joined: None };
    if mode == "none" {
        return Ok(step);
    }
    let network = d.networks.find(DEFAULT)?;
    let ip = network.allocate(None)?;
    step.joined = Some((network.clone(), ip));
    if let (Some(ip), Some(subnet)) = (ip, &network.subnet) {
        let plugged = sandbox.plug(&d.sys, &network, ip, subnet, random_mac(&d.sys));
        if let Err(error) = plugged {
            step.close(&d.sys);
            return Err(error.into());
        }
        sandbox.route(&d.sys, &d.networks);
    }
    Ok(step)
}

impl StepNetwork {
    /// Takes it down.
    pub fn close(&self, sys: &Sys) {
        if let (Some(sandbox), Some((network, ip))) = (&self.own, &self.joined) {
            sandbox.unplug(sys, network);
            network.release(*ip);
        }
        if self.own.is_some() {
            let _ = sys.netns_remove(self.ns);
        }
    }
}
