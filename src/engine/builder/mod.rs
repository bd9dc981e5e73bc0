//! Building images: BuildKit's way (`version=2`) and the classic builder's.

mod classic;
mod context;
mod convert;
mod copy;
pub mod options;
mod progress;
pub mod remote;
mod run;
mod solve;

use std::rc::Rc;

use docker_api::reference::Reference;
use docker_api::types::BuildPrune;
use options::Options;

use crate::daemon::Daemon;
use crate::disk;
use crate::error::{ApiError, ApiResult};
use crate::http::Reply;
use crate::images::remove;

/// `POST /build`: `archive` is the context, `buildkit` says who builds.
pub async fn build(d: &Rc<Daemon>, r: &mut Reply, options: &Options, archive: &[u8], buildkit: bool) -> ApiResult<()> {
    for tag in &options.tags {
        Reference::parse(tag).map_err(ApiError::bad)?;
    }
    let context = context::Context::unpack(&d.sys, archive).await?;
    let result = if buildkit {
        solve::build(d, r, options, &context).await
    } else {
        classic::build(d, r, options, &context).await
    };
    context.remove(&d.sys);
    disk::images::save(d);
    result
}

/// `POST /build/prune`
pub fn prune(d: &Rc<Daemon>, all: bool) -> BuildPrune {
    let (records, space) = {
        let images = d.images.borrow();
        let used: Vec<String> = images.images.values().flat_map(|i| i.image.chain_ids()).collect();
        d.cache.borrow_mut().prune(all, &|chain| used.iter().any(|u| u == chain))
    };
    for record in &records {
        remove::release_layers(d, &record.chain);
    }
    disk::images::save(d);
    d.prune_event("builder", space);
    let ids: Vec<String> = records.into_iter().map(|r| r.id).collect();
    BuildPrune { caches_deleted: (!ids.is_empty()).then_some(ids), space_reclaimed: space }
}
