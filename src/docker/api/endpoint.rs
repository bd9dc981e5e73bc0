//! Where the daemon listens: `-H`, `DOCKER_HOST`, `--context`, or the default socket.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use docker_api::DEFAULT_SOCKET;
use machine::Sys;

use super::contexts;
use crate::cli::{Failure, Matches, fail};

const DEFAULT_PORT: u16 = 2375;

/// The daemon's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A Unix socket's path.
    Unix(String),
    /// Host name and port.
    Tcp(String, u16),
}

impl Endpoint {
    /// The endpoint that the global flags and the environment ask for.
    pub fn resolve(sys: &Sys, global: &Matches) -> Result<Endpoint, Failure> {
        let hosts = global.all("host");
        let context = global.given("context").map(str::to_string);
        if context.is_some() && !hosts.is_empty() {
            return fail("conflicting options: either specify --host or --context, not both");
        }
        if let Some(host) = hosts.last() {
            return Endpoint::parse(host);
        }
        if context.is_none()
            && let Some(host) = sys.env_var("DOCKER_HOST").filter(|h| !h.is_empty())
        {
            return Endpoint::parse(&host);
        }
        let context = contexts::current(sys, global);
        if context != contexts::DEFAULT {
            return match contexts::find(sys, &context) {
                Some(found) => Endpoint::parse(&found.host),
                None => fail(format!(
                    "Failed to initialize: unable to resolve docker endpoint: {}",
                    contexts::missing(sys, &context)
                )),
            };
        }
        Ok(Endpoint::Unix(DEFAULT_SOCKET.to_string()))
    }

    /// Reads `unix:///path`, `tcp://host:port` or a bare host.
    pub fn parse(text: &str) -> Result<Endpoint, Failure> {
        let bad = || fail(format!("unable to parse docker host `{text}`"));
        let (scheme, rest) = text.split_once("://").unwrap_or(("tcp", text));
        match scheme {
            "unix" => {
                let path = if rest.is_empty() { DEFAULT_SOCKET } else { rest };
                Ok(Endpoint::Unix(path.to_string()))
            }
            "tcp" | "http" => {
                let rest = rest.trim_end_matches('/');
                let (host, port) = rest.rsplit_once(':').unwrap_or((rest, ""));
                let port = if port.is_empty() { Ok(DEFAULT_PORT) } else { port.parse() };
                match port {
                    Ok(port) => Ok(Endpoint::Tcp(host.to_string(), port)),
                    Err(_) => bad(),
                }
            }
            "ssh" | "npipe" | "fd" => {
                fail(format!("drydock: connecting to the daemon by {scheme} is not emulated here"))
            }
            _ => fail(format!(
                "Failed to initialize: unable to resolve docker endpoint: invalid bind address format: {text}"
            )),
        }
    }

    /// The endpoint as a URL.
    pub fn url(&self) -> String {
        match self {
            Endpoint::Unix(path) => format!("unix://{path}"),
            Endpoint::Tcp(host, port) => format!("tcp://{host}:{port}"),
        }
    }

    /// The numeric address of a TCP endpoint.
    pub fn socket_address(host: &str, port: u16) -> Option<SocketAddr> {
        let ip = match host {
            "localhost" | "" => IpAddr::V4(Ipv4Addr::LOCALHOST),
            other => other.trim_matches(['[', ']']).parse().ok()?,
        };
        Some(SocketAddr::new(ip, port))
    }
}
