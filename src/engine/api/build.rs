//! `/build…`

use std::rc::Rc;

use crate::builder;
use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::http::{Reply, Request};

/// `POST /build`
pub async fn build(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    builder::build(d, q, r).await
}

/// `POST /build/prune`
pub async fn prune(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let body = builder::prune(d, q.query.flag("all"));
    r.json(200, &body).await
}
