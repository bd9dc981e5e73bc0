//! Which sockets a server listens on.

use crate::config;
use crate::server::Server;
use crate::server::connections::Door;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where listening sockets are opened. Errors are texts as the log has them: `bind: …`.
pub trait Sockets {
    /// Closes all listening sockets.
    fn close_listeners(&mut self);
    /// Listens on an address; an IPv6 address takes no IPv4 connections.
    fn open_tcp(&mut self, address: SocketAddr, door: Door, backlog: u32) -> Result<(), String>;
    /// Listens on a path; `mode` are its permissions where they are not left to the system.
    fn open_unix(&mut self, path: &str, mode: Option<u32>, backlog: u32) -> Result<(), String>;
}

/// Opens the listening sockets that the configuration names, instead of those that are open. False
/// (after a line in the log) where that is not possible.
pub fn listen(server: &mut Server, sockets: &mut dyn Sockets) -> bool {
    sockets.close_listeners();
    if !without_tls(server) {
        server.warn("Failed to configure TLS. Check logs for more info.");
        return false;
    }
    let port = server.config.int(config::PORT);
    let backlog = server.config.int(config::TCP_BACKLOG).max(0) as u32;
    if port != 0 && !listen_on(server, sockets, port, Door::Clients, backlog) {
        server.warn(&format!("Failed listening on port {port} (tcp), aborting."));
        return false;
    }
    let path = server.config.text(config::UNIXSOCKET).to_owned();
    if !path.is_empty() {
        let _ = server.host.remove_file(&path);
        let mode = u32::try_from(server.config.int(config::UNIXSOCKETPERM)).ok().filter(|m| *m != 0);
        if let Err(reason) = sockets.open_unix(&path, mode, backlog) {
            server.warn(&format!("Failed opening Unix socket: {reason}"));
            return false;
        }
    }
    if (port == 0 || server.config.text(config::BIND).trim().is_empty()) && path.is_empty() {
        server.warn("Configured to not listen anywhere, exiting.");
        return false;
    }
    if !server.hot.cluster {
        return true;
    }
    let bus = match server.config.int(config::CLUSTER_PORT) {
        0 => port + 10_000,
        given => given,
    };
    if bus > 65_535 {
        server.warn("Redis port number too high. Cluster communication port is 10,000 port numbers higher than your Redis port. Your Redis port number must be 55535 or less.");
        return false;
    }
    if !listen_on(server, sockets, bus, Door::Bus, backlog) {
        server.warn(&format!("Failed listening on port {bus} (cluster), aborting."));
        return false;
    }
    true
}

/// Whether TLS is not asked for, which there is not; says so in the log.
pub(crate) fn without_tls(server: &mut Server) -> bool {
    let wanted = server.config.int(config::TLS_PORT) != 0
        || server.config.bool(config::TLS_CLUSTER)
        || server.config.bool(config::TLS_REPLICATION);
    if !wanted {
        return true;
    }
    server.warn(if server.config.text(config::TLS_CERT_FILE).is_empty() {
        "No tls-cert-file configured!"
    } else {
        "drydock: TLS is not emulated here"
    });
    false
}

/// Whether the clients' port could be opened as it is configured now: `port` 0 asks only whether the
/// addresses are this system's. After a line in the log if not.
pub(crate) fn can_listen(server: &mut Server, port: i64) -> bool {
    struct Addresses(Vec<SocketAddr>);
    impl Sockets for Addresses {
        fn close_listeners(&mut self) {}
        fn open_tcp(&mut self, address: SocketAddr, _: Door, _: u32) -> Result<(), String> {
            self.0.push(address);
            Ok(())
        }
        fn open_unix(&mut self, _: &str, _: Option<u32>, _: u32) -> Result<(), String> {
            Ok(())
        }
    }
    let mut addresses = Addresses(Vec::new());
    if !listen_on(server, &mut addresses, port, Door::Clients, 1) {
        return false;
    }
    let optional = server.config.text(config::BIND).contains('-');
    for address in addresses.0 {
        if let Err(reason) = server.host.can_listen(address)
            && !(optional && address.is_ipv6() && !reason.contains("in use"))
        {
            server.warn(&format!("Warning: Could not create server TCP listening socket {address}: {reason}"));
            return false;
        }
    }
    true
}

fn listen_on(server: &mut Server, sockets: &mut dyn Sockets, port: i64, door: Door, backlog: u32) -> bool {
    let binds: Vec<String> = server.config.text(config::BIND).split_whitespace().map(str::to_owned).collect();
    if binds.is_empty() {
        return true;
    }
    let port = u16::try_from(port).unwrap_or_default();
    let mut opened = 0;
    for bind in binds {
        let (optional, name) = match bind.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, bind.as_str()),
        };
        let ip = match name {
            "*" => Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            "::*" => Some(IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
            other => other.parse().ok(),
        };
        let result = match ip {
            Some(ip) => sockets.open_tcp(SocketAddr::new(ip, port), door, backlog),
            None => Err("Name or service not known".to_owned()),
        };
        match result {
            Ok(()) => opened += 1,
            Err(reason) => {
                let ignorable = optional && !reason.contains("in use") && !reason.contains("ermission");
                if !ignorable {
                    server.warn(&format!(
                        "Warning: Could not create server TCP listening socket {name}:{port}: {reason}"
                    ));
                    return false;
                }
            }
        }
    }
    opened > 0
}
