//! `/networks/…`

use std::rc::Rc;
use std::time::Duration;

use docker_api::types::{NetworkConnect, NetworkCreate, NetworkCreateResponse, NetworkDisconnect};

use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::http::{Reply, Request};
use crate::networks::{self, connect as joining, view};

/// Setting up or taking down a bridge with its rules takes this long.
const WORK: Duration = Duration::from_millis(100);

/// `GET /networks`
pub async fn list(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let filters = q.filters(&["dangling", "driver", "id", "label", "name", "scope", "type"])?;
    r.json(200, &view::list(d, &filters)?).await
}

/// `GET /networks/{id}`
pub async fn inspect(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let network = d.networks.find(&q.arg)?;
    r.json(200, &view::inspect(&network, true)).await
}

/// `POST /networks/create`
pub async fn create(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let wanted: NetworkCreate = q.json()?;
    let network = networks::create(d, wanted)?;
    let _ = d.sys.sleep(WORK).await;
    r.json(201, &NetworkCreateResponse { id: network.id.clone(), warning: String::new() }).await
}

/// `DELETE /networks/{id}`
pub async fn remove(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    networks::remove(d, &q.arg)?;
    let _ = d.sys.sleep(WORK).await;
    r.empty(204).await
}

/// `POST /networks/{id}/connect`
pub async fn connect(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let body: NetworkConnect = q.json()?;
    d.networks.find(&q.arg)?;
    let c = d.container(&body.container)?;
    joining::connect(d, &q.arg, &c, body.endpoint_config)?;
    r.empty(200).await
}

/// `POST /networks/{id}/disconnect`
pub async fn disconnect(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let body: NetworkDisconnect = q.json()?;
    joining::disconnect(d, &q.arg, &body.container, body.force)?;
    r.empty(200).await
}

/// `POST /networks/prune`
pub async fn prune(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let filters = q.filters(&["label", "label!", "until"])?;
    r.json(200, &networks::prune(d, &filters)?).await
}
