//! `/containers/…`

use std::rc::Rc;

use docker_api::types::{CreateBody, CreateResponse, UpdateBody};
use machine::tty::WindowSize;

use crate::containers::{
    archive, checks, create as making, diff, inspect as viewing, list as listing, prune as pruning, remove as removing,
    start as starting, stop as stopping, top as processes, update as changing,
};
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::http::{Reply, Request};

/// `GET /containers/json`
pub async fn list(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let filters = q.filters(listing::FILTERS)?;
    let limit = q.number("limit").and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let all = listing::list(d, q.query.flag("all"), limit, q.query.flag("size"), &filters)?;
    r.json(200, &all).await
}

/// `POST /containers/create`
pub async fn create(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let mut body: CreateBody = q.json()?;
    if body.config.image.is_empty() {
        return Err(ApiError::not_found("No such image: "));
    }
    let name = q.query.get("name").filter(|n| !n.is_empty());
    let warnings = checks::warnings(&mut body.host_config);
    let c = making::create(d, name, q.query.get("platform").unwrap_or(""), body).await?;
    r.json(201, &CreateResponse { id: c.id.clone(), warnings }).await
}

/// `GET /containers/{id}/json`
pub async fn inspect(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    r.json(200, &viewing::inspect(d, &c, q.query.flag("size"))).await
}

/// `POST /containers/{id}/start`
pub async fn start(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    starting::start(d, &c).await?;
    r.empty(204).await
}

/// `POST /containers/{id}/stop`
pub async fn stop(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    stopping::stop(d, &c, q.number("t"), q.query.get("signal")).await?;
    r.empty(204).await
}

/// `POST /containers/{id}/restart`
pub async fn restart(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    stopping::restart(d, &c, q.number("t"), q.query.get("signal")).await?;
    r.empty(204).await
}

/// `POST /containers/{id}/kill`
pub async fn kill(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    stopping::kill(d, &c, &q.arg, q.query.get("signal")).await?;
    r.empty(204).await
}

/// `POST /containers/{id}/pause`
pub async fn pause(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    stopping::pause(d, &d.container(&q.arg)?)?;
    r.empty(204).await
}

/// `POST /containers/{id}/unpause`
pub async fn unpause(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    stopping::unpause(d, &d.container(&q.arg)?)?;
    r.empty(204).await
}

/// `DELETE /containers/{id}`
pub async fn remove(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    if q.query.flag("link") {
        return Err(ApiError::not_emulated("removing a link"));
    }
    let c = d.container(&q.arg)?;
    removing::remove_named(d, &c, &q.arg, q.query.flag("force"), q.query.flag("v")).await?;
    r.empty(204).await
}

/// `POST /containers/{id}/rename`
pub async fn rename(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    changing::rename(d, &c, q.query.get("name").unwrap_or(""))?;
    r.empty(204).await
}

/// `POST /containers/{id}/update`
pub async fn update(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    let body: UpdateBody = q.json()?;
    r.json(200, &changing::update(d, &c, &body)?).await
}

/// `h` and `w` of a resize.
pub fn size(q: &Request) -> ApiResult<WindowSize> {
    let number = |key: &str| q.number(key).and_then(|n| u16::try_from(n).ok());
    match (number("w"), number("h")) {
        (Some(columns), Some(rows)) => Ok(WindowSize { columns, rows }),
        _ => Err(ApiError::bad("strconv.ParseUint: parsing \"\": invalid syntax")),
    }
}

/// `POST /containers/{id}/resize`
pub async fn resize(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    changing::resize(&d.sys, &d.container(&q.arg)?, size(q)?)?;
    r.empty(200).await
}

/// `GET /containers/{id}/top`
pub async fn top(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    let body = processes::top(&d.sys, &c, q.query.get("ps_args").unwrap_or("")).await?;
    r.json(200, &body).await
}

/// `GET /containers/{id}/changes`
pub async fn changes(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    r.json(200, &diff::changes(&d.sys, &c)).await
}

/// `GET /containers/{id}/export`
pub async fn export(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    let data = archive::export(&d.sys, &c).await?;
    d.container_event(&c, "export", &[]);
    r.raw(200, docker_api::http::TAR, &data, &[]).await
}

/// `GET /containers/{id}/archive`
pub async fn archive_get(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    let path = q.query.get("path").unwrap_or("");
    let stat = archive::stat(&d.sys, &c, path)?;
    let data = archive::get(&d.sys, &c, path).await?;
    let header = [("X-Docker-Container-Path-Stat", archive::stat_header(&stat))];
    r.raw(200, docker_api::http::TAR, &data, &header).await
}

/// `HEAD /containers/{id}/archive`
pub async fn archive_stat(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    let stat = archive::stat(&d.sys, &c, q.query.get("path").unwrap_or(""))?;
    let header = [("X-Docker-Container-Path-Stat", archive::stat_header(&stat))];
    r.raw(200, docker_api::http::JSON, b"", &header).await
}

/// `PUT /containers/{id}/archive`
pub async fn archive_put(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    archive::put(&d.sys, &c, q.query.get("path").unwrap_or(""), &q.body).await?;
    r.empty(200).await
}

/// `POST /containers/prune`
pub async fn prune(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let filters = q.filters(&["label", "label!", "until"])?;
    r.json(200, &pruning::prune(d, &filters).await?).await
}
