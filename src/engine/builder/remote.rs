//! Addresses in Dockerfiles and build contexts. Outside the machine nothing answers, so fetching them fails as it does
//! anywhere without the network: with the words of Go's HTTP client.

use machine::Sys;
use std::rc::Rc;

use super::progress::Progress;
use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::files::resolver::name_server;
use crate::http::Reply;

/// Whether a source of `ADD` is an address.
pub fn is_address(source: &str) -> bool {
    source.starts_with("http://") || source.starts_with("https://")
}

/// Why it cannot be fetched.
pub fn unreachable(sys: &Sys, address: &str) -> String {
    let host = address.split_once("://").map_or(address, |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or("");
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    format!("Get {}: dial tcp: lookup {host}{}: no such host", docker_api::text_quote(address), name_server(sys))
}

/// A build of a context at an address: it fails at fetching it. Repositories need a program that is not installed.
pub async fn fail(d: &Rc<Daemon>, r: &mut Reply, address: &str) -> ApiResult<()> {
    let mut p = Progress::open(d, r).await?;
    let repository = !is_address(address) || address.split('#').next().is_some_and(|a| a.ends_with(".git"));
    let (title, what, why) = if repository {
        let why = format!(
            "error fetching default branch for repository {address}: git stderr:\n: exec: \"git\": executable file not found in $PATH"
        );
        (format!("[internal] load git source {address}"), "failed to read dockerfile", why)
    } else {
        (
            "[internal] load remote build context".to_string(),
            "failed to read downloaded context",
            unreachable(&d.sys, address),
        )
    };
    let vertex = p.start(&title).await?;
    p.failed(vertex, &why).await?;
    p.fail(&format!("{what}: failed to load cache key: {why}"), None).await
}
