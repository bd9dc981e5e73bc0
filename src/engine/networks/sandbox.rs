//! The network namespace of a running container: its interfaces, default route, name server, published ports.

use machine::Sys;
use std::rc::Rc;

use super::{dns, endpoint, files, links, ports};
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::model::container::Container;
use crate::model::sandbox::Sandbox;

/// Removes the host's ends of interfaces that a daemon left behind which was killed.
pub fn clear(sys: &Sys) {
    let host = sys.netns();
    let ours = |name: &str| {
        name.strip_prefix("veth").is_some_and(|id| id.len() == 7 && id.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    for interface in sys.interfaces(host).unwrap_or_default().iter().filter(|i| ours(&i.name)) {
        let _ = sys.remove_link(host, &interface.name);
    }
}

/// The container whose network another one shares.
pub fn joined(d: &Daemon, name: &str) -> ApiResult<Rc<Container>> {
    d.container(name)
        .map_err(|error| ApiError::bad(format!("joining network namespace of container: {}", error.message)))
}

/// Sets up the namespace of a container that is about to start.
pub fn open(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<Rc<Sandbox>> {
    let mode = c.host.borrow().network_mode.clone();
    if mode == "host" {
        let sandbox = Sandbox::new(&d.sys, d.sys.netns(), false);
        *c.sandbox.borrow_mut() = Some(sandbox.clone());
        join_all(d, c)?;
        return Ok(sandbox);
    }
    if let Some(name) = mode.strip_prefix("container:") {
        let other = joined(d, name)?;
        let shared = other.sandbox.borrow().clone();
        let shared = shared.filter(|_| other.is_running()).ok_or_else(|| {
            ApiError::conflict(format!(
                "cannot join network namespace of a non running container: container {} is {}",
                other.name.borrow(),
                other.state.borrow().status()
            ))
        })?;
        let sandbox = Sandbox::new(&d.sys, shared.ns, false);
        *c.sandbox.borrow_mut() = Some(sandbox.clone());
        return Ok(sandbox);
    }
    links::check(d, c)?;
    let ns = d.sys.netns_create()?;
    let _ = d.sys.set_link_up(ns, "lo", true);
    let sandbox = Sandbox::new(&d.sys, ns, true);
    *c.sandbox.borrow_mut() = Some(sandbox.clone());
    join_all(d, c)?;
    sandbox.route(&d.sys, &d.networks);
    serve_names(d, c, &sandbox);
    if let Err(error) = ports::publish(d, c, &sandbox) {
        return Err(ApiError { message: format!("failed to set up container networking: {}", error.message), ..error });
    }
    Ok(sandbox)
}

/// Starts or ends the name server: it is there as long as one of the networks has names.
fn serve_names(d: &Rc<Daemon>, c: &Rc<Container>, sandbox: &Sandbox) {
    let wanted = {
        let all = d.networks.all.borrow();
        sandbox.networks().iter().any(|id| all.get(id).is_some_and(|n| n.has_dns()))
    };
    let server = sandbox.server.take();
    match (wanted, server) {
        (true, None) => sandbox.server.set(dns::start(d, c, sandbox.ns)),
        (_, server) => sandbox.server.set(server),
    }
}

fn join_all(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    let wanted: Vec<(String, String)> =
        c.endpoints.borrow().iter().map(|(name, e)| (name.clone(), e.network_id.clone())).collect();
    for (name, id) in wanted {
        let network = d.networks.all.borrow().get(&id).cloned();
        let network = network.ok_or_else(|| {
            let which = if id.is_empty() { name } else { id };
            ApiError::not_found(format!("failed to set up container networking: network {which} not found"))
        })?;
        endpoint::join(d, c, &network)
            .map_err(|e| ApiError { message: format!("failed to set up container networking: {}", e.message), ..e })?;
    }
    Ok(())
}

/// After a container joined or left a network: routes, name server, `/etc/hosts`.
pub fn refresh(d: &Rc<Daemon>, c: &Rc<Container>) {
    let Some(sandbox) = c.sandbox.borrow().clone() else { return };
    if sandbox.own {
        sandbox.route(&d.sys, &d.networks);
        serve_names(d, c, &sandbox);
        let _ = files::write(d, c);
    }
}

/// Takes down what [`open`] set up.
pub fn close(d: &Rc<Daemon>, c: &Container) {
    let networks: Vec<String> = c.endpoints.borrow().values().map(|e| e.network_id.clone()).collect();
    for id in networks {
        endpoint::leave(d, c, &id);
    }
    c.ports.borrow_mut().clear();
    let Some(sandbox) = c.sandbox.borrow_mut().take() else { return };
    for forward in sandbox.forwards.take() {
        let _ = d.sys.remove_forward(d.sys.netns(), &forward);
    }
    for held in sandbox.held.take() {
        d.networks.ports.borrow_mut().remove(&held);
    }
    if let Some(server) = sandbox.server.take() {
        server.stop(&d.sys);
    }
    if sandbox.own {
        let _ = d.sys.netns_remove(sandbox.ns);
    }
}
