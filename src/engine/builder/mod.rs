//! Building images: BuildKit's way (`version=2`) and the classic builder's.

mod cache;
mod classic;
mod config;
mod context;
mod convert;
mod copy;
mod progress;
pub mod remote;
mod run;
mod solve;

use std::collections::BTreeMap;
use std::rc::Rc;

use docker_api::reference::Reference;
use docker_api::types::BuildPrune;

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::http::{Reply, Request};
use crate::images::{self, Image};

pub use cache::BuildCache;

/// What a build is asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Names of the result, as they were given.
    pub tags: Vec<String>,
    /// `--build-arg`
    pub arguments: BTreeMap<String, String>,
    /// `--label`
    pub labels: BTreeMap<String, String>,
    /// `--target`
    pub target: String,
    /// The Dockerfile's name in the context.
    pub dockerfile: String,
    /// Nothing from the cache.
    pub no_cache: bool,
    /// Base images are fetched again.
    pub pull: bool,
    /// What tells this context from others: the client's name for it.
    pub shared_key: String,
    /// `--network` of all `RUN`s: empty, `default`, `none` or `host`.
    pub network: String,
    /// `--secret`s by their ids.
    pub secrets: BTreeMap<String, String>,
    /// Only the checks.
    pub check: bool,
    /// `--rm=false`: containers of steps stay.
    pub keep: bool,
}

impl Options {
    fn read(q: &Request) -> ApiResult<Options> {
        let map = |key: &str| -> ApiResult<BTreeMap<String, String>> {
            let text = q.query.get(key).unwrap_or("");
            if text.is_empty() {
                return Ok(BTreeMap::new());
            }
            let all: BTreeMap<String, Option<String>> =
                serde_json::from_str(text).map_err(|e| ApiError::bad(format!("error reading {key}: {e}")))?;
            Ok(all.into_iter().filter_map(|(k, v)| Some((k, v?))).collect())
        };
        let dockerfile = q.query.get("dockerfile").filter(|f| !f.is_empty()).unwrap_or("Dockerfile");
        Ok(Options {
            tags: q.query.all("t").filter(|t| !t.is_empty()).map(String::from).collect(),
            arguments: map("buildargs")?,
            labels: map("labels")?,
            target: q.query.get("target").unwrap_or("").to_string(),
            dockerfile: dockerfile.to_string(),
            shared_key: q.query.get("sharedkey").unwrap_or("").to_string(),
            network: q.query.get("networkmode").unwrap_or("").to_string(),
            secrets: map("secrets")?,
            check: q.query.get("call") == Some("check"),
            no_cache: q.query.flag("nocache"),
            pull: q.query.flag("pull"),
            keep: q.query.get("rm").is_some() && !q.query.flag("rm") && !q.query.flag("forcerm"),
        })
    }
}

/// `POST /build`
pub async fn build(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    if let Some(address) = q.query.get("remote").filter(|u| !u.is_empty() && *u != "client-session") {
        if q.query.get("version") != Some("2") {
            return Err(ApiError::not_emulated("building from a URL"));
        }
        return remote::fail(d, r, address).await;
    }
    let options = Options::read(q)?;
    for tag in &options.tags {
        Reference::parse(tag).map_err(ApiError::bad)?;
    }
    let context = context::Context::unpack(d, &q.body).await?;
    let result = if q.query.get("version") == Some("2") {
        solve::build(d, r, &options, &context).await
    } else {
        classic::build(d, r, &options, &context).await
    };
    context.remove(d);
    d.save_images();
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
        images::remove::release_layers(d, &record.chain);
    }
    d.save_images();
    d.prune_event("builder", space);
    let ids: Vec<String> = records.into_iter().map(|r| r.id).collect();
    BuildPrune { caches_deleted: (!ids.is_empty()).then_some(ids), space_reclaimed: space }
}

/// Changes a configuration by instructions (`docker commit --change`).
pub fn apply_changes(image: &mut Image, changes: &[String]) -> Result<(), String> {
    for text in changes.iter().filter(|t| !t.trim().is_empty()) {
        let keyword = text.split_whitespace().next().unwrap_or("").to_uppercase();
        if !matches!(
            keyword.as_str(),
            "CMD"
                | "ENTRYPOINT"
                | "ENV"
                | "EXPOSE"
                | "HEALTHCHECK"
                | "LABEL"
                | "ONBUILD"
                | "STOPSIGNAL"
                | "USER"
                | "VOLUME"
                | "WORKDIR"
        ) {
            return Err(format!("{keyword} is not a valid change command"));
        }
        let instructions = dockerfile::parse_instructions(text).map_err(|e| e.message)?;
        for instruction in instructions {
            let upper = instruction.keyword.to_uppercase();
            if matches!(upper.as_str(), "RUN" | "COPY" | "ADD" | "FROM" | "ARG" | "SHELL" | "MAINTAINER" | "STOPSIGNAL")
            {
                return Err(format!("{upper} is not a valid change command"));
            }
            let env = config::environment(&image.config);
            config::apply(&mut image.config, &instruction, &config::Scope { env: &env, escape: '\\' })?;
        }
    }
    Ok(())
}

/// Gives an image all the names that were asked for.
fn tag_all(d: &Rc<Daemon>, id: &str, tags: &[String]) -> ApiResult<()> {
    for tag in tags {
        let reference = Reference::parse(tag).map_err(ApiError::bad)?.or_latest();
        let now = d.now_text();
        d.images.borrow_mut().tag(id, &reference, &now);
        d.image_event("tag", id, &reference.familiar());
    }
    d.save_images();
    Ok(())
}
