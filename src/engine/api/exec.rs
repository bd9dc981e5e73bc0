//! `/exec/…`

use std::rc::Rc;

use docker_api::types::{ExecConfig, ExecStart, IdResponse};

use super::containers::size;
use crate::containers::exec as execs;
use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::http::{Reply, Request};

/// `POST /containers/{id}/exec`
pub async fn create(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    let config: ExecConfig = q.json()?;
    let id = execs::create(d, &c, &q.arg, config)?;
    r.json(201, &IdResponse { id }).await
}

/// `POST /exec/{id}/start`
pub async fn start(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let exec = execs::find(d, &q.arg)?;
    let body: ExecStart = q.json()?;
    execs::start(d, &exec, &body, r).await
}

/// `POST /exec/{id}/resize`
pub async fn resize(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let exec = execs::find(d, &q.arg)?;
    execs::resize(&d.sys, &exec, size(q)?)?;
    r.empty(200).await
}

/// `GET /exec/{id}/json`
pub async fn inspect(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let exec = execs::find(d, &q.arg)?;
    r.json(200, &execs::inspect(&exec)).await
}
