//! `/build…`

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::builder::options::Options;
use crate::builder::{self, remote};
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::http::{Reply, Request};

/// `POST /build`
pub async fn build(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let buildkit = q.query.get("version") == Some("2");
    if let Some(address) = q.query.get("remote").filter(|u| !u.is_empty() && *u != "client-session") {
        if !buildkit {
            return Err(ApiError::not_emulated("building from a URL"));
        }
        return remote::fail(d, r, address).await;
    }
    builder::build(d, r, &options(q)?, &q.body, buildkit).await
}

/// What the parameters of `POST /build` ask for.
fn options(q: &Request) -> ApiResult<Options> {
    let map = |key: &str| -> ApiResult<BTreeMap<String, String>> {
        let text = q.query.get(key).unwrap_or("");
        if text.is_empty() {
            return Ok(BTreeMap::new());
        }
        let all: BTreeMap<String, Option<String>> =
            serde_json::from_str(text).map_err(|e| ApiError::bad(format!("error reading {key}: {e}")))?;
        Ok(all.into_iter().filter_map(|(k, v)| Some((k, v?))).collect())
    };
    let output = q.query.get("output").unwrap_or("").to_string();
    if !matches!(output.as_str(), "" | "local" | "tar") {
        return Err(ApiError::internal(format!("exporter {} could not be found", docker_api::text_quote(&output))));
    }
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
        output,
        cache_from: q.query.all("cachefrom").map(String::from).collect(),
        check: q.query.get("call") == Some("check"),
        no_cache: q.query.flag("nocache"),
        pull: q.query.flag("pull"),
        keep: q.query.get("rm").is_some() && !q.query.flag("rm") && !q.query.flag("forcerm"),
    })
}

/// `POST /build/prune`
pub async fn prune(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let body = builder::prune(d, q.query.flag("all"));
    r.json(200, &body).await
}
