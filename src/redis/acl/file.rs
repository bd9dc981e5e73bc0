//! Users from the configuration and from the ACL file, and the way back.

use super::rules::{RuleError, has_spaces, merge};
use super::{DEFAULT, User};
use crate::config;
use crate::server::Server;
use machine::text::{from_bytes, to_bytes};
use std::collections::BTreeMap;

/// Checks a `user` line of a configuration file: the name and its rules. `before` are the lines read
/// already. Returns the line with selectors put together.
///
/// # Errors
/// The message for the line; unknown commands are found out later.
pub fn check_user_line(words: &[Vec<u8>], before: &[Vec<Vec<u8>>]) -> Result<Vec<Vec<u8>>, String> {
    let wrong = |at: usize, error: &str| {
        let word = at.checked_sub(1).and_then(|n| words.get(n)).map_or("user".into(), |w| String::from_utf8_lossy(w));
        Err(format!("Error in user declaration '{word}': {error}"))
    };
    let Some((name, rules)) = words.split_first() else { return wrong(0, "Wrong format") };
    if before.iter().any(|line| line.first() == Some(name)) {
        return wrong(1, &RuleError::Duplicate.to_string());
    }
    let refs: Vec<&[u8]> = rules.iter().map(Vec::as_slice).collect();
    let merged = match merge(&refs) {
        Ok(merged) => merged,
        Err(at) => return wrong(at, "Wrong format"),
    };
    let mut user = User::new(false);
    for (n, rule) in merged.iter().enumerate() {
        match user.apply(rule, false) {
            Ok(()) | Err(RuleError::Unknown) => {}
            Err(error) => return wrong(n, &error.to_string()),
        }
    }
    Ok(std::iter::once(name.clone()).chain(merged).collect())
}

impl Server {
    /// Users of the configuration, or of the ACL file, before the first connection. `false` if the
    /// server can't start; the log says why.
    pub fn load_users(&mut self) -> bool {
        let path = self.config.text(config::ACLFILE).to_owned();
        if !path.is_empty() && !self.config.users.is_empty() {
            self.warn("Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. This setup is very likely to lead to configuration errors and security holes, please define either an ACL file or declare users directly in your redis.conf, but not both.");
            return false;
        }
        if !self.load_configured_users() {
            self.warn("Critical error while loading ACLs. Exiting.");
            return false;
        }
        if !path.is_empty()
            && let Err(errors) = self.load_acl_file(0)
        {
            self.warn(&format!("Aborting Redis startup because of ACL errors: {errors}"));
            return false;
        }
        true
    }

    fn load_configured_users(&mut self) -> bool {
        let all_channels = self.all_channels_by_default();
        for line in self.config.users.clone() {
            let Some((name, rules)) = line.split_first() else { continue };
            if has_spaces(name) {
                self.warn("Spaces not allowed in ACL usernames");
                return false;
            }
            let name = from_bytes(name);
            let mut user = User::new(all_channels);
            for rule in rules {
                if let Err(error) = user.apply_in(rule, all_channels, self.sentinel_mode) {
                    let rule = from_bytes(rule);
                    self.warn(&format!("Error loading ACL rule '{rule}' for the user named '{name}': {error}"));
                    return false;
                }
            }
            if !user.on {
                self.notice(&format!("The user '{name}' is disabled (there is no 'on' modifier in the user description). Make sure this is not a configuration error."));
            }
            self.acl.put(&name, user);
        }
        true
    }

    /// ACL LOAD: all users from the file, or none. `by` is the client that asks for it.
    ///
    /// # Errors
    /// All that is wrong with the file.
    pub fn load_acl_file(&mut self, by: u64) -> Result<(), String> {
        let path = self.config.text(config::ACLFILE).to_owned();
        let text = match self.host.read_file(&path) {
            Ok(Some(text)) => text,
            Ok(None) => {
                return Err(format!("Error loading ACLs, opening file '{path}': No such file or directory"));
            }
            Err(error) => return Err(format!("Error loading ACLs, opening file '{path}': {error}")),
        };
        let (mut users, errors) = self.parse_acl_file(&path, &text);
        if !errors.is_empty() {
            return Err(format!(
                "{errors}WARNING: ACL errors detected, no change to the previously active ACL rules was performed"
            ));
        }
        users.entry(DEFAULT.into()).or_insert_with(User::unrestricted);
        let old = self.acl.users().clone();
        self.acl.replace(users);
        self.follow_new_users(by, &old);
        Ok(())
    }

    fn parse_acl_file(&self, path: &str, text: &[u8]) -> (BTreeMap<String, User>, String) {
        let all_channels = self.all_channels_by_default();
        let (mut users, mut errors) = (BTreeMap::new(), String::new());
        for (n, line) in text.split(|c| *c == b'\n').enumerate() {
            let at = format!("{path}:{}", n + 1);
            let words: Vec<&[u8]> = line.trim_ascii().split(|c| *c == b' ').collect();
            let rules = match words.as_slice() {
                [b""] => continue,
                [b"user", name, rules @ ..] => {
                    let shown = from_bytes(name);
                    if has_spaces(name) {
                        errors.push_str(&format!("'{at}: username '{shown}' contains invalid characters. "));
                        continue;
                    }
                    if users.contains_key(&shown) {
                        errors.push_str(&format!("WARNING: Duplicate user '{shown}' found on line {}. ", n + 1));
                        continue;
                    }
                    users.insert(shown.clone(), User::new(all_channels));
                    (shown, merge(rules))
                }
                _ => {
                    errors.push_str(&format!("{at} should start with user keyword followed by the username. "));
                    continue;
                }
            };
            let (name, Ok(rules)) = rules else {
                errors.push_str(&format!("{at}: Unmatched parenthesis in selector definition."));
                continue;
            };
            if let Some(user) = users.get_mut(&name) {
                apply_line(user, &rules, all_channels, &at, &mut errors);
            }
        }
        (users, errors)
    }

    /// Clients of users that are gone, or that listen to what is no longer allowed, have to go.
    fn follow_new_users(&mut self, by: u64, old: &BTreeMap<String, User>) {
        for (name, before) in old {
            if let Some(now) = self.acl.user(name).cloned() {
                self.end_forbidden_listening(by, name, before, &now);
            }
        }
        let orphans: Vec<u64> = self
            .clients
            .values()
            .filter(|c| !c.user.is_empty() && self.acl.user(&c.user).is_none())
            .map(|c| c.id)
            .collect();
        for id in orphans {
            self.end_session(by, id);
        }
    }

    /// A `user` line for every user.
    pub fn user_lines(&self) -> Vec<Vec<u8>> {
        let line =
            |(name, user): (&String, &User)| [b"user ", to_bytes(name).as_slice(), b" ", &user.describe()].concat();
        self.acl.users().iter().map(line).collect()
    }

    /// ACL SAVE. `false` if the file can't be written; the log says why.
    pub fn save_acl_file(&mut self) -> bool {
        let path = self.config.text(config::ACLFILE).to_owned();
        let mut text = Vec::new();
        for line in self.user_lines() {
            text.extend_from_slice(&line);
            text.push(b'\n');
        }
        let written = self.host.write_file(&path, &text);
        if let Err(error) = &written {
            self.warn(&format!("Opening temp ACL file for ACL SAVE: {error}"));
        }
        written.is_ok()
    }
}

/// Applies the rules of one line; what is wrong is added to `errors`.
fn apply_line(user: &mut User, rules: &[Vec<u8>], all_channels: bool, at: &str, errors: &mut String) {
    let mut told = false;
    for rule in rules {
        let rule = rule.trim_ascii();
        match user.apply(rule, all_channels) {
            Ok(()) => {}
            Err(error @ RuleError::Unknown) => {
                let rule = from_bytes(rule);
                errors.push_str(&format!("{at}: Error in applying operation '{rule}': {error}. "));
            }
            Err(error) => {
                if !told {
                    errors.push_str(&format!("{at}: {error}. "));
                }
                told = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Vec<Vec<u8>> {
        text.split(' ').map(|w| w.as_bytes().to_vec()).collect()
    }

    #[test]
    fn user_lines_are_checked_when_they_are_read() {
        let first = check_user_line(&line("alice on (+get ~a) +nosuch"), &[]).unwrap();
        assert_eq!(first, [b"alice".as_slice(), b"on", b"(+get ~a)", b"+nosuch"]);
        assert_eq!(
            check_user_line(&line("alice on"), &[first]).unwrap_err(),
            "Error in user declaration 'alice': Duplicate user found. A user can only be defined once in config files"
        );
        let wrong = |text: &str| check_user_line(&line(text), &[]).unwrap_err();
        // The word before the wrong one is named.
        assert_eq!(wrong("bob wrong"), "Error in user declaration 'user': Syntax error");
        assert_eq!(wrong("bob on wrong"), "Error in user declaration 'bob': Syntax error");
        assert_eq!(wrong("bob on (+get"), "Error in user declaration 'bob': Wrong format");
    }
}
