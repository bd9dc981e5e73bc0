//! Users and what they may do.
//!
//! A [`User`] has passwords and one or more [`Selector`]s, each of which allows commands, keys and
//! channels; a command may run if one selector allows all of it. Texts and rules: `ACL` and the
//! replies of redis-server 8.6.3.

mod check;
mod clients;
mod file;
mod log;
mod rules;
mod selector;
mod user;

pub use check::Denial;
pub use file::check_user_line;
pub use log::{Context, Entry, Log, Reason};
pub use rules::{RuleError, merge};
pub use selector::{KeyPattern, Selector};
pub use user::User;

use crate::config::{self, Config};
use std::collections::BTreeMap;

/// The user that every connection begins as.
pub const DEFAULT: &str = "default";

/// All users.
#[derive(Clone, Debug)]
pub struct Acl {
    users: BTreeMap<String, User>,
    /// What was refused.
    pub log: Log,
    /// Nobody is restricted in any way: checks can be left out.
    unrestricted: bool,
    /// The default user is on and needs no password.
    open: bool,
}

/// The SHA-256 of a password, in hexadecimal.
pub fn digest(password: &[u8]) -> String {
    use sha2::Digest;
    crate::server::hex(&sha2::Sha256::digest(password))
}

impl Acl {
    /// The default user, with `requirepass` if that is set.
    pub fn new(config: &Config) -> Acl {
        let mut acl = Acl { users: BTreeMap::new(), log: Log::default(), unrestricted: true, open: true };
        acl.users.insert(DEFAULT.into(), User::unrestricted());
        acl.set_requirepass(config.text(config::REQUIREPASS));
        acl
    }

    /// `requirepass`: the default user's only password, or none.
    pub fn set_requirepass(&mut self, password: &str) {
        let mut user = self.users.remove(DEFAULT).unwrap_or_default();
        user.passwords.clear();
        user.nopass = password.is_empty();
        if !password.is_empty() {
            user.passwords.push(digest(&machine::text::to_bytes(password)));
        }
        self.put(DEFAULT, user);
    }

    /// A user.
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.get(name)
    }

    /// All users, by name.
    pub fn users(&self) -> &BTreeMap<String, User> {
        &self.users
    }

    /// Adds or replaces a user.
    pub fn put(&mut self, name: &str, user: User) {
        self.users.insert(name.to_owned(), user);
        self.changed();
    }

    /// Removes a user; whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let gone = self.users.remove(name).is_some();
        self.changed();
        gone
    }

    /// Other users in place of all.
    fn replace(&mut self, users: BTreeMap<String, User>) {
        self.users = users;
        self.changed();
    }

    fn changed(&mut self) {
        self.unrestricted = self.users.values().all(User::is_unrestricted);
        self.open = self.users.get(DEFAULT).is_some_and(|u| u.on && u.nopass);
    }

    /// Whether anybody may give commands without AUTH.
    pub fn default_needs_no_password(&self) -> bool {
        self.open
    }

    /// Whether name and password fit.
    pub fn authenticates(&self, name: &str, password: &[u8]) -> bool {
        let Some(user) = self.users.get(name).filter(|u| u.on) else { return false };
        user.nopass || user.passwords.contains(&digest(password))
    }
}
