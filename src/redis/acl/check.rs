//! Whether a user may run a command with these keys and channels.

use super::Acl;
use super::log::{Context, Entry, Reason};
use super::selector::Selector;
use super::user::User;
use crate::commands::key_specs::{self, KeyAt};
use crate::commands::{Command, flag, key};
use crate::config;
use crate::server::{Server, glob};

/// What is refused. Of several selectors the one that came furthest says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// The command.
    Command,
    /// The key in this place of the command's words.
    Key(usize),
    /// The channel in this place of the command's words.
    Channel(usize),
}

impl Denial {
    /// The reason for the log.
    pub fn reason(self) -> Reason {
        match self {
            Denial::Command => Reason::Command,
            Denial::Key(_) => Reason::Key,
            Denial::Channel(_) => Reason::Channel,
        }
    }

    /// The refusal without its `NOPERM`; `named` says which key or channel.
    pub fn text(self, user: &str, command: &Command, named: Option<&[u8]>) -> Vec<u8> {
        let user = machine::text::to_bytes(user);
        let user = user.as_slice();
        let name = command.name.as_bytes();
        match (self, named) {
            (Denial::Command, _) => {
                [b"User ".as_slice(), user, b" has no permissions to run the '", name, b"' command"].concat()
            }
            (Denial::Key(_), None) => b"No permissions to access a key".to_vec(),
            (Denial::Channel(_), None) => b"No permissions to access a channel".to_vec(),
            (Denial::Key(_), Some(key)) => {
                [b"User ".as_slice(), user, b" has no permissions to access the '", key, b"' key"].concat()
            }
            (Denial::Channel(_), Some(channel)) => {
                [b"User ".as_slice(), user, b" has no permissions to access the '", channel, b"' channel"].concat()
            }
        }
    }
}

/// The channels that a command publishes or listens to: their places, and whether they are patterns.
fn channels(command: &Command, argc: usize) -> (std::ops::Range<usize>, bool) {
    match command.name {
        "subscribe" | "ssubscribe" => (1..argc, false),
        "psubscribe" => (1..argc, true),
        "publish" | "spublish" => (1..2.min(argc), false),
        _ => (0..0, false),
    }
}

/// Whether a list of patterns covers a channel; a pattern has to be on the list itself.
pub(super) fn covers(list: &[Vec<u8>], channel: &[u8], is_pattern: bool) -> bool {
    list.iter().any(|p| if is_pattern { p == channel } else { glob::matches(p, channel, false) })
}

impl Selector {
    fn check(&self, command: &Command, argv: &[&[u8]], keys: &mut Option<Vec<KeyAt>>) -> Result<(), Denial> {
        if !command.has(flag::NO_AUTH) && !self.allows_command(command, argv) {
            return Err(Denial::Command);
        }
        if !self.all_keys && key_specs::any(command) {
            let keys = keys.get_or_insert_with(|| key_specs::of(command, argv).unwrap_or_default());
            for found in keys.iter() {
                if !self.allows_key(argv.get(found.at).copied().unwrap_or_default(), found.flags) {
                    return Err(Denial::Key(found.at));
                }
            }
        }
        if !self.all_channels {
            let (places, is_pattern) = channels(command, argv.len());
            for at in places {
                if !covers(&self.channels, argv[at], is_pattern) {
                    return Err(Denial::Channel(at));
                }
            }
        }
        Ok(())
    }

    /// Whether a key may be used in these ways.
    pub fn allows_key(&self, name: &[u8], flags: u32) -> bool {
        let (read, write) = wanted(flags);
        self.all_keys
            || self
                .keys
                .iter()
                .any(|k| (k.read || !read) && (k.write || !write) && glob::matches(&k.pattern, name, false))
    }

    fn allows_every_key(&self, flags: u32) -> bool {
        let (read, write) = wanted(flags);
        self.all_keys || self.keys.iter().any(|k| (k.read || !read) && (k.write || !write) && k.pattern == b"*")
    }
}

fn wanted(flags: u32) -> (bool, bool) {
    (flags & key::ACCESS != 0, flags & (key::INSERT | key::DELETE | key::UPDATE) != 0)
}

impl User {
    /// Whether this user may run a command.
    ///
    /// # Errors
    /// What is refused.
    pub fn check(&self, command: &Command, argv: &[&[u8]]) -> Result<(), Denial> {
        if self.is_unrestricted() {
            return Ok(());
        }
        let (mut worst, mut keys) = (Denial::Command, None);
        for selector in self.all_selectors() {
            match selector.check(command, argv, &mut keys) {
                Ok(()) => return Ok(()),
                Err(denial) => worst = worst.max(denial),
            }
        }
        Err(worst)
    }

    /// Whether this user may run a command that will use keys which its words do not name.
    pub fn allows_unnamed_keys(&self, command: &Command, argv: &[&[u8]], flags: u32) -> bool {
        let mut keys = None;
        self.all_selectors().any(|s| s.check(command, argv, &mut keys).is_ok() && s.allows_every_key(flags))
    }
}

impl Acl {
    /// Whether a user may run a command. The server itself, who has no name, may.
    ///
    /// # Errors
    /// What is refused.
    pub fn permits(&self, user: &str, command: &Command, argv: &[&[u8]]) -> Result<(), Denial> {
        if self.unrestricted {
            return Ok(());
        }
        self.user(user).map_or(Ok(()), |u| u.check(command, argv))
    }
}

impl Server {
    /// Whether a client's user may run a command. `Err` holds the error reply; the refusal was logged.
    pub(crate) fn acl_check(&mut self, client: u64, command: &'static Command, argv: &[&[u8]]) -> Result<(), Vec<u8>> {
        let context = if self.client(client).multi.is_some() { Context::Multi } else { Context::Toplevel };
        let Err(denial) = self.acl_check_in(client, command, argv, context) else { return Ok(()) };
        Err([b"NOPERM ", denial.text(&self.client(client).user, command, None).as_slice()].concat())
    }

    /// Whether a client's user may run a command, given in this context; a refusal is logged.
    pub(crate) fn acl_check_in(
        &mut self,
        client: u64,
        command: &'static Command,
        argv: &[&[u8]],
        context: Context,
    ) -> Result<(), Denial> {
        let denial = match self.acl.permits(&self.client(client).user, command, argv) {
            Ok(()) => return Ok(()),
            Err(denial) => denial,
        };
        let object = match denial {
            Denial::Command => command.name.as_bytes(),
            Denial::Key(at) | Denial::Channel(at) => argv.get(at).copied().unwrap_or_default(),
        };
        self.acl_log(client, denial.reason(), context, None, object);
        Err(denial)
    }

    /// Whether a client's user may run a command that uses keys which its words do not name (SORT BY).
    pub fn acl_unnamed_keys(&self, client: u64, command: &Command, argv: &[&[u8]], flags: u32) -> bool {
        self.acl.user(&self.client(client).user).is_none_or(|u| u.allows_unnamed_keys(command, argv, flags))
    }

    /// Notes a refusal.
    pub(crate) fn acl_log(&mut self, client: u64, reason: Reason, context: Context, user: Option<&str>, object: &[u8]) {
        match reason {
            Reason::Command => self.count.acl_cmd += 1,
            Reason::Key => self.count.acl_key += 1,
            Reason::Channel => self.count.acl_channel += 1,
            Reason::Auth => self.count.acl_auth += 1,
        }
        let entry = Entry {
            count: 1,
            reason,
            context,
            object: object.to_vec(),
            user: user.unwrap_or(&self.client(client).user).to_owned(),
            client: self.describe_client(client),
            id: 0,
            created: self.now_ms,
            updated: self.now_ms,
        };
        let most = self.config.size(config::ACLLOG_MAX_LEN);
        self.acl.log.add(entry, most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acl::selector::by_full_name;

    fn check(rules: &[&str], words: &str) -> Result<(), Denial> {
        let mut user = User::new(false);
        for rule in rules {
            user.apply(rule.as_bytes(), false).unwrap();
        }
        let argv: Vec<&[u8]> = words.split(' ').map(str::as_bytes).collect();
        user.check(by_full_name(argv[0]).unwrap(), &argv)
    }

    #[test]
    fn keys_are_read_or_written() {
        let rules = ["+@all", "%R~r*", "%W~w*", "~both"];
        assert_eq!(check(&rules, "get r1"), Ok(()));
        assert_eq!(check(&rules, "set r1 x"), Err(Denial::Key(1)));
        assert_eq!(check(&rules, "lpush w1 x"), Ok(()));
        assert_eq!(check(&rules, "copy r1 w1"), Ok(()));
        assert_eq!(check(&rules, "copy r1 r2"), Err(Denial::Key(2)));
        assert_eq!(check(&rules, "getdel both"), Ok(()));
        assert_eq!(check(&rules, "getdel w"), Err(Denial::Key(1)));
    }

    #[test]
    fn the_selector_that_came_furthest_says_why() {
        let rules = ["+get", "~a", "(+set ~b)", "(+mget ~c ~d)"];
        assert_eq!(check(&rules, "set b 1"), Ok(()));
        assert_eq!(check(&rules, "set a 1"), Err(Denial::Key(1)));
        assert_eq!(check(&rules, "del a"), Err(Denial::Command));
        assert_eq!(check(&rules, "mget c d e"), Err(Denial::Key(3)));
        // What needs no login needs no permission.
        assert_eq!(check(&rules, "auth x"), Ok(()));
    }

    #[test]
    fn patterns_of_channels_are_compared_literally() {
        let rules = ["+@all", "&news*"];
        assert_eq!(check(&rules, "subscribe news1 news2"), Ok(()));
        assert_eq!(check(&rules, "subscribe news1 other"), Err(Denial::Channel(2)));
        assert_eq!(check(&rules, "psubscribe news*"), Ok(()));
        assert_eq!(check(&rules, "psubscribe news1*"), Err(Denial::Channel(1)));
        assert_eq!(check(&rules, "unsubscribe other"), Ok(()));
        assert_eq!(check(&rules, "publish other news"), Err(Denial::Channel(1)));
    }
}
