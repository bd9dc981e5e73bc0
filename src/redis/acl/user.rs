//! A user: whether it is on, its passwords, its selectors.

use super::digest;
use super::rules::RuleError;
use super::selector::{Selector, by_full_name};
use crate::commands::Command;

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// May log in.
    pub on: bool,
    /// Needs no password.
    pub nopass: bool,
    /// Payloads of RESTORE are not checked in depth.
    pub skip_sanitize: bool,
    /// SHA-256 of the passwords, in hexadecimal.
    pub passwords: Vec<String>,
    /// The user's own rules.
    pub root: Selector,
    /// Further selectors, in order.
    pub selectors: Vec<Selector>,
}

impl User {
    /// A new user, who may do nothing; `all_channels` is what `acl-pubsub-default` says.
    pub fn new(all_channels: bool) -> User {
        User { root: Selector::new(all_channels), ..User::default() }
    }

    /// The default user as it is without configuration.
    pub fn unrestricted() -> User {
        let mut user = User { on: true, nopass: true, ..User::default() };
        for rule in [b"~*", b"&*", b"+@all".as_slice()] {
            let _ = user.root.apply(rule);
        }
        user
    }

    /// Whether this user may do everything.
    pub fn is_unrestricted(&self) -> bool {
        self.root.is_unrestricted()
    }

    /// The root selector and the further ones.
    pub fn all_selectors(&self) -> impl Iterator<Item = &Selector> {
        std::iter::once(&self.root).chain(&self.selectors)
    }

    /// Applies one rule; `all_channels` is what `acl-pubsub-default` says.
    ///
    /// # Errors
    /// The rule makes no sense; nothing was changed.
    pub fn apply(&mut self, rule: &[u8], all_channels: bool) -> Result<(), RuleError> {
        match rule.to_ascii_lowercase().as_slice() {
            b"" => {}
            b"on" => self.on = true,
            b"off" => self.on = false,
            b"skip-sanitize-payload" => self.skip_sanitize = true,
            b"sanitize-payload" => self.skip_sanitize = false,
            b"nopass" => {
                self.nopass = true;
                self.passwords.clear();
            }
            b"resetpass" => {
                self.nopass = false;
                self.passwords.clear();
            }
            b"clearselectors" => self.selectors.clear(),
            b"reset" => *self = User::new(all_channels),
            _ => return self.apply_longer(rule, all_channels),
        }
        Ok(())
    }

    /// The same in a server, or in a Sentinel: what there is only in the other is unknown.
    ///
    /// # Errors
    /// What is wrong with the rule.
    pub fn apply_in(&mut self, rule: &[u8], all_channels: bool, sentinel: bool) -> Result<(), RuleError> {
        let inner = rule.strip_prefix(b"(").and_then(|rule| rule.strip_suffix(b")"));
        let words = inner.map_or_else(|| vec![rule.to_vec()], |inner| resp::split_args(inner).unwrap_or_default());
        if words.iter().any(|word| names_command(word).is_some_and(|command| !command.exists(sentinel))) {
            return Err(RuleError::Unknown);
        }
        self.apply(rule, all_channels)
    }

    fn apply_longer(&mut self, rule: &[u8], all_channels: bool) -> Result<(), RuleError> {
        match rule {
            [sign @ (b'>' | b'#'), rest @ ..] => {
                let hash = hash(*sign == b'>', rest)?;
                if !self.passwords.contains(&hash) {
                    self.passwords.push(hash);
                }
                self.nopass = false;
                Ok(())
            }
            [sign @ (b'<' | b'!'), rest @ ..] => {
                let hash = hash(*sign == b'<', rest)?;
                let at = self.passwords.iter().position(|p| *p == hash).ok_or(RuleError::NoSuchPassword)?;
                self.passwords.remove(at);
                Ok(())
            }
            [b'(', inner @ .., b')'] => {
                let mut selector = Selector::new(all_channels);
                for word in resp::split_args(inner).unwrap_or_default() {
                    selector.apply(&word)?;
                }
                self.selectors.push(selector);
                Ok(())
            }
            _ => self.root.apply(rule),
        }
    }

    /// The flags, as ACL GETUSER shows them.
    pub fn flags(&self) -> Vec<&'static str> {
        let mut flags = vec![if self.on { "on" } else { "off" }];
        if self.nopass {
            flags.push("nopass");
        }
        flags.push(if self.skip_sanitize { "skip-sanitize-payload" } else { "sanitize-payload" });
        flags
    }

    /// All rules in one line, as ACL LIST and files have them.
    pub fn describe(&self) -> Vec<u8> {
        let mut parts: Vec<Vec<u8>> = self.flags().iter().map(|f| f.as_bytes().to_vec()).collect();
        parts.extend(self.passwords.iter().map(|p| format!("#{p}").into_bytes()));
        parts.push(self.root.describe());
        parts.extend(self.selectors.iter().map(|s| [b"(", s.describe().as_slice(), b")"].concat()));
        parts.join(b" ".as_slice())
    }
}

/// The hash that a rule gives or whose password it gives.
fn hash(clear: bool, text: &[u8]) -> Result<String, RuleError> {
    if clear {
        return Ok(digest(text));
    }
    if text.len() == 64 && text.iter().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f')) {
        return Ok(String::from_utf8_lossy(text).into_owned());
    }
    Err(RuleError::BadHash)
}

/// The command that a rule is about, the subcommand where there is such a one.
fn names_command(rule: &[u8]) -> Option<&'static Command> {
    let (b'+' | b'-', name) = rule.split_first()? else { return None };
    let container = name.split(|c| *c == b'|').next().unwrap_or_default();
    by_full_name(name).or_else(|| by_full_name(container))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_described_by_its_rules() {
        let mut user = User::new(false);
        for rule in ["on", ">secret", "~a*", "+@read", "(%R~b +get)"] {
            user.apply(rule.as_bytes(), false).unwrap();
        }
        let hash = digest(b"secret");
        assert_eq!(
            String::from_utf8(user.describe()).unwrap(),
            format!("on sanitize-payload #{hash} ~a* resetchannels -@all +@read (%R~b resetchannels -@all +get)")
        );
        assert_eq!(user.apply(b"<other", false), Err(RuleError::NoSuchPassword));
        assert_eq!(user.apply(b"#abc", false), Err(RuleError::BadHash));
        user.apply(b"reset", true).unwrap();
        assert_eq!(String::from_utf8(user.describe()).unwrap(), "off sanitize-payload &* -@all");
    }
}
