//! Users and what they may do.

use crate::commands::Command;
use crate::config::{self, Config};
use crate::server::Server;
use std::collections::BTreeMap;

/// A user.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// May log in.
    pub on: bool,
    /// Needs no password.
    pub nopass: bool,
    /// SHA-256 of the passwords, in hexadecimal.
    pub passwords: Vec<String>,
}

/// All users.
#[derive(Clone, Debug)]
pub struct Acl {
    /// By name.
    pub users: BTreeMap<String, User>,
}

/// The SHA-256 of a password, in hexadecimal.
pub fn digest(password: &[u8]) -> String {
    use sha2::Digest;
    crate::server::hex(&sha2::Sha256::digest(password))
}

impl Acl {
    /// The default user, with `requirepass` if that is set.
    pub fn new(config: &Config) -> Acl {
        let mut acl = Acl { users: BTreeMap::new() };
        acl.users.insert("default".into(), User { on: true, nopass: true, passwords: Vec::new() });
        acl.set_requirepass(config.text(config::REQUIREPASS));
        acl
    }

    /// `requirepass`: the default user's only password, or none.
    pub fn set_requirepass(&mut self, password: &str) {
        let user = self.users.entry("default".into()).or_default();
        user.passwords.clear();
        user.nopass = password.is_empty();
        if !password.is_empty() {
            user.passwords.push(digest(&machine::text::to_bytes(password)));
        }
    }

    /// Whether anybody may give commands without AUTH.
    pub fn default_needs_no_password(&self) -> bool {
        self.users.get("default").is_some_and(|u| u.on && u.nopass)
    }

    /// Whether name and password fit.
    pub fn authenticates(&self, name: &str, password: &[u8]) -> bool {
        let Some(user) = self.users.get(name).filter(|u| u.on) else { return false };
        user.nopass || user.passwords.contains(&digest(password))
    }
}

impl Server {
    /// Whether a client's user may run a command. `Err` holds the error reply.
    pub(crate) fn acl_check(
        &mut self,
        _client: u64,
        _command: &'static Command,
        _argv: &[&[u8]],
    ) -> Result<(), String> {
        Ok(())
    }
}
