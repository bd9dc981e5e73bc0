//! Registries other than Docker Hub: there are none in this machine's reach, and asking them fails as it does for a
//! daemon without the network, with the words of Go's HTTP client.

use machine::Sys;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use docker_api::reference::{DEFAULT_DOMAIN, Reference};
use machine::net::{SocketAddress, SocketKind};

use crate::error::{ApiError, ApiResult, go_errno};
use crate::files::resolver::name_server;

/// Registries that many images name; they exist in reality.
const REAL: &[&str] = &[
    "docker.elastic.co",
    "gcr.io",
    "ghcr.io",
    "lscr.io",
    "mcr.microsoft.com",
    "nvcr.io",
    "public.ecr.aws",
    "quay.io",
    "registry.access.redhat.com",
    "registry.gitlab.com",
    "registry.k8s.io",
];

/// Whether the registry of a reference answers; the error is the daemon's.
pub async fn ask(sys: &Sys, reference: &Reference) -> ApiResult<()> {
    let domain = reference.domain.as_str();
    if domain == DEFAULT_DOMAIN {
        return Ok(());
    }
    if REAL.contains(&domain) {
        return Err(ApiError::not_emulated(&format!("the registry {domain}")));
    }
    let (host, port) = match domain.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (domain, None),
    };
    let ip = match host {
        "localhost" => Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        name => name.trim_matches(['[', ']']).parse().ok(),
    };
    // Only the host's own loopback may speak without encryption.
    let plain = ip.is_some_and(|ip| ip.is_loopback());
    let url = format!("\"{}://{domain}/v2/\"", if plain { "http" } else { "https" });
    let Some(ip) = ip else {
        let why = format!("Get {url}: dial tcp: lookup {host}{}: no such host", name_server(sys));
        return Err(ApiError::internal(why));
    };
    let address = SocketAddr::new(ip, port.unwrap_or(if plain { 80 } else { 443 }));
    let fd = sys.socket(if address.is_ipv4() { SocketKind::Tcp4 } else { SocketKind::Tcp6 })?;
    let connected = sys.connect(fd, &SocketAddress::Inet(address)).await;
    let _ = sys.close(fd);
    match connected {
        Ok(()) => Err(ApiError::not_emulated(&format!("the registry {domain}"))),
        Err(error) => Err(ApiError::internal(format!("Get {url}: dial tcp {address}: connect: {}", go_errno(error)))),
    }
}
