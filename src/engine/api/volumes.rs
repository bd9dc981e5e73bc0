//! `/volumes/…`

use std::rc::Rc;

use docker_api::types::VolumeCreate;

use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::http::{Reply, Request};
use crate::volumes;

/// `GET /volumes`
pub async fn list(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let filters = q.filters(&["dangling", "driver", "label", "name"])?;
    r.json(200, &volumes::list(d, &filters)?).await
}

/// `GET /volumes/{name}`
pub async fn inspect(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    r.json(200, &volumes::inspect(d, &q.arg)?).await
}

/// `POST /volumes/create`
pub async fn create(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let wanted: VolumeCreate = q.json()?;
    r.json(201, &volumes::create(d, &wanted.name, &wanted)?).await
}

/// `DELETE /volumes/{name}`
pub async fn remove(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    volumes::remove(d, &q.arg, q.query.flag("force"))?;
    r.empty(204).await
}

/// `POST /volumes/prune`
pub async fn prune(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let filters = q.filters(&["all", "label", "label!"])?;
    r.json(200, &volumes::prune(d, &filters)?).await
}
