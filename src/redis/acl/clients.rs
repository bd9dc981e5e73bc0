//! Changes of users, and the connections that have to end because of them.

use super::check::covers;
use super::rules::{RuleError, merge};
use super::{DEFAULT, User};
use crate::config;
use crate::server::Server;

impl Server {
    /// What `acl-pubsub-default` says: new users may use all channels.
    pub(super) fn all_channels_by_default(&self) -> bool {
        self.config.word(config::ACL_PUBSUB_DEFAULT) == "allchannels"
    }

    /// ACL SETUSER: all rules or none. `by` is the client that asks for it.
    ///
    /// # Errors
    /// What is wrong, without `ERR`.
    pub fn set_user(&mut self, by: u64, name: &str, rules: &[&[u8]]) -> Result<(), Vec<u8>> {
        let rules = merge(rules).map_err(|at| {
            [b"Unmatched parenthesis in acl selector starting at '".as_slice(), rules[at], b"'."].concat()
        })?;
        let all_channels = self.all_channels_by_default();
        let old = self.acl.user(name).cloned();
        let mut user = old.clone().unwrap_or_else(|| User::new(all_channels));
        for rule in &rules {
            user.apply_in(rule, all_channels, self.sentinel_mode).map_err(|error: RuleError| {
                [b"Error in ACL SETUSER modifier '".as_slice(), rule, b"': ", error.to_string().as_bytes()].concat()
            })?;
        }
        if let Some(old) = &old {
            self.end_forbidden_listening(by, name, old, &user);
        }
        self.acl.put(name, user);
        Ok(())
    }

    /// ACL DELUSER of one user; whether there was one.
    pub fn delete_user(&mut self, by: u64, name: &str) -> bool {
        if !self.acl.remove(name) {
            return false;
        }
        let ids: Vec<u64> = self.clients.values().filter(|c| c.user == name).map(|c| c.id).collect();
        for id in ids {
            self.end_session(by, id);
        }
        true
    }

    /// A client may not go on as the user it was.
    pub(super) fn end_session(&mut self, by: u64, id: u64) {
        let client = self.client_mut(id);
        client.user = DEFAULT.into();
        client.authenticated = false;
        if id == by {
            client.close_after_reply = true;
        } else {
            self.close_soon(id);
        }
    }

    /// Ends the connections that listen to what the user's new rules do not allow.
    pub(super) fn end_forbidden_listening(&mut self, by: u64, name: &str, old: &User, new: &User) {
        let Some(allowed) = lost_channels(old, new) else { return };
        let ids: Vec<u64> = self
            .clients
            .values()
            .filter(|c| c.user == name && c.in_pubsub())
            .filter(|c| {
                let plain = c.channels.iter().chain(&c.shard_channels).all(|name| covers(&allowed, name, false));
                !plain || !c.patterns.iter().all(|p| covers(&allowed, p, true))
            })
            .map(|c| c.id)
            .collect();
        for id in ids {
            self.end_session(by, id);
        }
    }
}

/// The channels of the new rules, unless they allow all that the old ones did.
fn lost_channels(old: &User, new: &User) -> Option<Vec<Vec<u8>>> {
    if new.all_selectors().any(|s| s.all_channels) {
        return None;
    }
    let allowed: Vec<Vec<u8>> = new.all_selectors().flat_map(|s| s.channels.iter().cloned()).collect();
    let kept = old.all_selectors().all(|s| !s.all_channels && s.channels.iter().all(|c| allowed.contains(c)));
    (!kept).then_some(allowed)
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn what_only_sentinels_have_is_unknown() {
        let mut bench = Bench::start("");
        for rule in ["+sentinel", "-sentinel", "+sentinel|ckquorum", "(+sentinel)"] {
            let answer = bench.run(&format!("ACL SETUSER x {rule}"));
            assert!(answer.contains("Unknown command or category name in ACL"), "{rule}: {answer}");
        }
        assert_eq!(bench.run("ACL SETUSER x +get (+set)"), "OK");
    }
}
