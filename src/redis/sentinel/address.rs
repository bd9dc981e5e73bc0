//! Where an instance is: a name or address as it was given, and what that resolves to.

use super::{Instance, Sentinel};
use crate::server::host::Found;
use crate::server::{Host, Level, Server};
use std::net::IpAddr;

/// An address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// As given.
    pub hostname: String,
    /// Resolved; empty where that was not possible (yet).
    pub ip: String,
    /// 0 where it is known to be wrong.
    pub port: u16,
}

/// Why an instance could not be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// There is such a one.
    Busy,
    /// The name does not resolve.
    Name,
    /// Not a port.
    Port,
}

impl Unusable {
    /// In words; `busy` where there is such a one.
    pub fn text(self, busy: &'static str) -> &'static str {
        match self {
            Unusable::Busy => busy,
            Unusable::Name => "Can't resolve instance hostname.",
            Unusable::Port => "Invalid port number.",
        }
    }
}

impl Address {
    /// The same place, by address or by name.
    pub fn same(&self, other: &Address) -> bool {
        self.port == other.port && (self.ip == other.ip || self.hostname.eq_ignore_ascii_case(&other.hostname))
    }
}

impl Sentinel {
    /// What a name or address resolves to.
    pub fn resolve(&self, host: &mut dyn Host, name: &str) -> Option<String> {
        match name.parse::<IpAddr>() {
            Ok(ip) => Some(ip.to_string()),
            Err(_) if self.resolve_hostnames => match host.resolve(name) {
                Found::Address(ip) => Some(ip.to_string()),
                Found::Nothing | Found::Later => None,
            },
            Err(_) => None,
        }
    }

    /// An address; `unresolved`: also where the name does not resolve, if names may be used at all.
    pub fn address(&self, host: &mut dyn Host, name: &str, port: i64, unresolved: bool) -> Result<Address, Unusable> {
        let port = u16::try_from(port).map_err(|_| Unusable::Port)?;
        let ip = match self.resolve(host, name) {
            Some(ip) => ip,
            None => {
                host.log('X', Level::Warning, &format!("Failed to resolve hostname '{name}'"));
                if !(self.resolve_hostnames && unresolved) {
                    return Err(Unusable::Name);
                }
                String::new()
            }
        };
        Ok(Address { hostname: name.to_owned(), ip, port })
    }

    /// An address as it is shown and told.
    pub fn shown<'a>(&self, address: &'a Address) -> &'a str {
        if self.announce_hostnames { &address.hostname } else { &address.ip }
    }

    /// With its port, as replicas are called.
    pub fn with_port(&self, address: &Address) -> String {
        let shown = self.shown(address);
        match shown.contains(':') {
            true => format!("[{shown}]:{}", address.port),
            false => format!("{shown}:{}", address.port),
        }
    }

    /// Whether a name or address means this address's host.
    pub fn is_host(&self, host: &mut dyn Host, address: &Address, name: &str) -> bool {
        match self.resolve(host, name) {
            Some(ip) => address.ip.eq_ignore_ascii_case(&ip),
            None if self.resolve_hostnames => address.hostname.eq_ignore_ascii_case(name),
            None => address.ip.eq_ignore_ascii_case(name),
        }
    }

    /// The master's address as clients are told: the new master's once that has taken over.
    pub fn current_address(&self, master: &Instance) -> Address {
        match master.promoted {
            Some(promoted) if master.has(super::flag::FAILOVER) && master.state >= super::State::ReconfReplicas => {
                self.at(promoted).addr.clone()
            }
            _ => master.addr.clone(),
        }
    }
}

impl Server {
    /// Whether the Sentinel has to wait until it is known what a name stands for.
    pub fn sentinel_waits_for(&mut self, name: &str) -> bool {
        let uses_names = self.sentinel.as_ref().is_some_and(|me| me.resolve_hostnames);
        uses_names && name.parse::<IpAddr>().is_err() && self.host.resolve(name) == Found::Later
    }

    /// Names that were asked for are known now: who waited for that goes on.
    pub fn names_are_known(&mut self) {
        self.refresh_time();
        if self.pause.is_none() {
            self.end_pause();
        }
        self.after_event();
    }
}
