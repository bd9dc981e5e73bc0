//! `docker network connect` and `disconnect`.

use std::rc::Rc;

use docker_api::types::Endpoint;

use super::{endpoint, sandbox};
use crate::daemon::Daemon;
use crate::disk;
use crate::error::{ApiError, ApiResult};
use crate::model::container::Container;

/// `POST /networks/{id}/connect`
pub fn connect(d: &Rc<Daemon>, network: &str, c: &Rc<Container>, wanted: Option<Endpoint>) -> ApiResult<()> {
    let network = d.networks.find(network)?;
    let mode = c.host.borrow().network_mode.clone();
    if network.driver == "host" {
        return Err(ApiError::forbidden(
            "cannot connect container to host network - container must be created in host network mode",
        ));
    }
    if network.driver == "null" || mode == "none" {
        return Err(ApiError::forbidden(
            "container cannot be connected to multiple networks with one of the networks in private (none) mode",
        ));
    }
    if mode == "host" {
        return Err(ApiError::forbidden(
            "container sharing network namespace with another container or host cannot be connected to any other network",
        ));
    }
    if c.endpoints.borrow().contains_key(&network.name) {
        return Err(ApiError::forbidden(format!(
            "endpoint with name {} already exists in network {}",
            c.name.borrow(),
            network.name
        )));
    }
    let mut wanted = wanted.unwrap_or_default();
    endpoint::check(&network, &wanted)?;
    wanted.network_id.clone_from(&network.id);
    c.endpoints.borrow_mut().insert(network.name.clone(), wanted);
    if c.is_running() {
        if let Err(error) = endpoint::join(d, c, &network) {
            c.endpoints.borrow_mut().remove(&network.name);
            return Err(error);
        }
        sandbox::refresh(d, c);
    }
    disk::containers::save(&d.sys, c);
    Ok(())
}

/// `POST /networks/{id}/disconnect`
pub fn disconnect(d: &Rc<Daemon>, network: &str, container: &str, force: bool) -> ApiResult<()> {
    let network = d.networks.find(network)?;
    let c = match d.container(container) {
        Ok(c) => c,
        Err(_) if force => return Err(ApiError::not_found(format!("endpoint {container} not found"))),
        Err(error) => return Err(error),
    };
    if network.driver == "host" && c.host.borrow().network_mode == "host" {
        return Err(ApiError::forbidden(
            "cannot disconnect container from host network - container was created in host network mode",
        ));
    }
    if !c.endpoints.borrow().contains_key(&network.name) {
        return Err(ApiError::forbidden(format!("container {} is not connected to network {}", c.id, network.name)));
    }
    endpoint::leave(d, &c, &network.id);
    c.endpoints.borrow_mut().remove(&network.name);
    sandbox::refresh(d, &c);
    disk::containers::save(&d.sys, &c);
    Ok(())
}
