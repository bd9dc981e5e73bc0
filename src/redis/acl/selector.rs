//! One set of rights: commands, keys and channels that go together.

use super::rules::{RuleError, has_spaces};
use crate::commands::{self, Command, acl, registry};
use std::collections::{BTreeMap, BTreeSet};

/// Keys that may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPattern {
    /// For reading.
    pub read: bool,
    /// For writing.
    pub write: bool,
    /// Their names, as a glob pattern.
    pub pattern: Vec<u8>,
}

impl KeyPattern {
    fn push_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(match (self.read, self.write) {
            (true, true) => b"~",
            (true, false) => b"%R~",
            _ => b"%W~",
        });
        out.extend_from_slice(&self.pattern);
    }
}

/// One set of rights.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// `~*`
    pub all_keys: bool,
    /// `&*`
    pub all_channels: bool,
    /// It began with `+@all`: commands are allowed unless they are among the exceptions. Otherwise
    /// the exceptions are what is allowed.
    from_all: bool,
    exceptions: BTreeSet<&'static str>,
    /// Commands of which only these first arguments are allowed.
    first_args: BTreeMap<&'static str, Vec<Vec<u8>>>,
    /// Keys.
    pub keys: Vec<KeyPattern>,
    /// Channels, as glob patterns.
    pub channels: Vec<Vec<u8>>,
    /// The rules about commands after the first `+@all` or `-@all`, in lower case.
    rules: Vec<String>,
}

impl Selector {
    /// Nothing is allowed, except perhaps all channels.
    pub fn new(all_channels: bool) -> Selector {
        Selector { all_channels, ..Selector::default() }
    }

    /// Everything is allowed.
    pub fn is_unrestricted(&self) -> bool {
        self.all_keys && self.all_channels && self.from_all && self.exceptions.is_empty()
    }

    /// Whether a command may run, its keys and channels aside.
    pub fn allows_command(&self, command: &Command, argv: &[&[u8]]) -> bool {
        if self.exceptions.contains(command.name) != self.from_all {
            return true;
        }
        let place = if command.name.contains('|') { 2 } else { 1 };
        match (self.first_args.get(command.name), argv.get(place)) {
            (Some(allowed), Some(word)) => allowed.iter().any(|a| a.eq_ignore_ascii_case(word)),
            _ => false,
        }
    }

    /// Applies one rule.
    ///
    /// # Errors
    /// The rule makes no sense here; nothing was changed.
    pub fn apply(&mut self, rule: &[u8]) -> Result<(), RuleError> {
        match rule.to_ascii_lowercase().as_slice() {
            b"allkeys" | b"~*" => {
                self.all_keys = true;
                self.keys.clear();
            }
            b"resetkeys" => {
                self.all_keys = false;
                self.keys.clear();
            }
            b"allchannels" | b"&*" => {
                self.all_channels = true;
                self.channels.clear();
            }
            b"resetchannels" => {
                self.all_channels = false;
                self.channels.clear();
            }
            b"allcommands" | b"+@all" => self.all_commands(true),
            b"nocommands" | b"-@all" => self.all_commands(false),
            _ => return self.apply_pattern(rule),
        }
        Ok(())
    }

    fn all_commands(&mut self, allowed: bool) {
        self.from_all = allowed;
        self.exceptions.clear();
        self.first_args.clear();
        self.rules.clear();
    }

    fn apply_pattern(&mut self, rule: &[u8]) -> Result<(), RuleError> {
        match rule {
            [b'~' | b'%', ..] => self.add_keys(rule),
            [b'&', pattern @ ..] => {
                if self.all_channels {
                    return Err(RuleError::AfterAllChannels);
                }
                if has_spaces(pattern) {
                    return Err(RuleError::Syntax);
                }
                if !self.channels.iter().any(|c| c == pattern) {
                    self.channels.push(pattern.to_vec());
                }
                Ok(())
            }
            [sign @ (b'+' | b'-'), b'@', category @ ..] => self.set_category(category, *sign == b'+'),
            [b'+', name @ ..] => self.allow(name),
            [b'-', name @ ..] => {
                let command = by_full_name(name).ok_or(RuleError::Unknown)?;
                self.set_command(command, false);
                self.note(command.name.to_owned(), false);
                Ok(())
            }
            _ => Err(RuleError::Syntax),
        }
    }

    fn add_keys(&mut self, rule: &[u8]) -> Result<(), RuleError> {
        if self.all_keys {
            return Err(RuleError::AfterAllKeys);
        }
        let (mut read, mut write, mut at) = (true, true, 1);
        if rule.first() == Some(&b'%') {
            (read, write) = (false, false);
            while let Some(c) = rule.get(at) {
                at += 1;
                match c.to_ascii_uppercase() {
                    b'R' if !read => read = true,
                    b'W' if !write => write = true,
                    b'~' => break,
                    _ => return Err(RuleError::Syntax),
                }
            }
            if !read && !write {
                return Err(RuleError::Syntax);
            }
        }
        let pattern = rule.get(at..).unwrap_or_default();
        if has_spaces(pattern) {
            return Err(RuleError::Syntax);
        }
        match self.keys.iter_mut().find(|k| k.pattern == pattern) {
            Some(old) => {
                old.read |= read;
                old.write |= write;
            }
            None => self.keys.push(KeyPattern { read, write, pattern: pattern.to_vec() }),
        }
        Ok(())
    }

    /// `+command`, `+container|subcommand`, `+command|argument`.
    fn allow(&mut self, name: &[u8]) -> Result<(), RuleError> {
        let Some(bar) = name.iter().rposition(|c| *c == b'|') else {
            let command = by_full_name(name).ok_or(RuleError::Unknown)?;
            self.set_command(command, true);
            self.note(command.name.to_owned(), true);
            return Ok(());
        };
        let (base, argument) = (&name[..bar], &name[bar + 1..]);
        let command = by_full_name(base).ok_or(RuleError::Unknown)?;
        if command.name.contains('|') {
            return Err(RuleError::FirstArgOfSubcommand);
        }
        if argument.is_empty() {
            return Err(RuleError::Syntax);
        }
        if command.subs.is_empty() {
            let allowed = self.first_args.entry(command.name).or_default();
            if !allowed.iter().any(|a| a.eq_ignore_ascii_case(argument)) {
                allowed.push(argument.to_vec());
            }
        } else {
            self.set_command(by_full_name(name).ok_or(RuleError::Unknown)?, true);
        }
        self.note(String::from_utf8_lossy(name).into_owned(), true);
        Ok(())
    }

    fn set_category(&mut self, category: &[u8], allowed: bool) -> Result<(), RuleError> {
        let at = acl::NAMES.iter().position(|n| n.as_bytes().eq_ignore_ascii_case(category));
        let (name, bit) = at.map(|n| (acl::NAMES[n], 1u32 << n)).ok_or(RuleError::Unknown)?;
        self.note(format!("@{name}"), allowed);
        for command in registry::COMMANDS {
            if command.acl & bit != 0 {
                self.set_command(command, allowed);
            }
            for sub in command.subs.iter().filter(|s| s.acl & bit != 0) {
                self.set_command(sub, allowed);
            }
        }
        Ok(())
    }

    fn set_command(&mut self, command: &'static Command, allowed: bool) {
        self.first_args.remove(command.name);
        for name in std::iter::once(command.name).chain(command.subs.iter().map(|s| s.name)) {
            if allowed == self.from_all {
                self.exceptions.remove(name);
            } else {
                self.exceptions.insert(name);
            }
        }
    }

    /// Remembers a rule about commands; older ones about the same command or its parts go.
    fn note(&mut self, rule: String, allowed: bool) {
        let rule = rule.to_ascii_lowercase();
        self.rules.retain(|old| {
            let about = &old[1..];
            about != rule && !about.strip_prefix(rule.as_str()).is_some_and(|rest| rest.starts_with('|'))
        });
        self.rules.push(format!("{}{rule}", if allowed { '+' } else { '-' }));
    }

    /// The rules about commands, in one line.
    pub fn describe_commands(&self) -> String {
        let mut text = String::from(if self.from_all { "+@all" } else { "-@all" });
        for rule in &self.rules {
            text.push(' ');
            text.push_str(rule);
        }
        text
    }

    /// The keys, as ACL GETUSER shows them.
    pub fn describe_keys(&self) -> Vec<u8> {
        if self.all_keys {
            return b"~*".to_vec();
        }
        let mut out = Vec::new();
        for key in &self.keys {
            if !out.is_empty() {
                out.push(b' ');
            }
            key.push_to(&mut out);
        }
        out
    }

    /// The channels, as ACL GETUSER shows them.
    pub fn describe_channels(&self) -> Vec<u8> {
        if self.all_channels {
            return b"&*".to_vec();
        }
        self.channels.iter().map(|c| [b"&".as_slice(), c].concat()).collect::<Vec<_>>().join(b" ".as_slice())
    }

    /// All rules, in one line.
    pub fn describe(&self) -> Vec<u8> {
        let mut parts = Vec::new();
        let keys = self.describe_keys();
        if self.all_keys || !self.keys.is_empty() {
            parts.push(keys);
        }
        if !self.all_channels {
            parts.push(b"resetchannels".to_vec());
        }
        if self.all_channels || !self.channels.is_empty() {
            parts.push(self.describe_channels());
        }
        parts.push(self.describe_commands().into_bytes());
        parts.join(b" ".as_slice())
    }
}

/// The command or subcommand (`container|name`) of that name, whatever it was renamed to.
pub(super) fn by_full_name(name: &[u8]) -> Option<&'static Command> {
    match name.iter().position(|c| *c == b'|') {
        Some(at) => commands::find(&name[..at])?.sub(&name[at + 1..]),
        None => commands::find(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selector(rules: &str) -> Selector {
        let mut selector = Selector::default();
        for rule in rules.split(' ') {
            selector.apply(rule.as_bytes()).unwrap();
        }
        selector
    }

    fn described(rules: &str) -> String {
        String::from_utf8(selector(rules).describe()).unwrap()
    }

    #[test]
    fn rules_are_shown_in_their_shortest_form() {
        assert_eq!(described("~* &* +@all"), "~* &* +@all");
        assert_eq!(described("+get -get +set"), "resetchannels -@all -get +set");
        assert_eq!(described("+client|id +client|info -client"), "resetchannels -@all -client");
        assert_eq!(described("%R~a %W~a %W~b &c"), "~a %W~b resetchannels &c -@all");
        assert_eq!(described("+@ALL -@Admin +CONFIG|Get"), "resetchannels +@all -@admin +config|get");
    }

    #[test]
    fn commands_follow_the_last_rule() {
        let find = |name: &str| by_full_name(name.as_bytes()).unwrap();
        let some = selector("+@read -get +select|0 +config|get");
        assert!(some.allows_command(find("mget"), &[b"mget", b"a"]));
        assert!(!some.allows_command(find("get"), &[b"get", b"a"]));
        assert!(some.allows_command(find("select"), &[b"select", b"0"]));
        assert!(!some.allows_command(find("select"), &[b"select", b"1"]));
        assert!(some.allows_command(find("config|get"), &[b"config", b"get", b"x"]));
        assert!(!some.allows_command(find("config|set"), &[b"config", b"set", b"x", b"y"]));
    }

    #[test]
    fn wrong_rules_are_told_apart() {
        let error = |start: &str, rule: &str| selector(start).apply(rule.as_bytes()).unwrap_err();
        assert_eq!(error("~*", "~a"), RuleError::AfterAllKeys);
        assert_eq!(error("&*", "&a"), RuleError::AfterAllChannels);
        assert_eq!(error("+@all", "+nosuch"), RuleError::Unknown);
        assert_eq!(error("+@all", "+@nosuch"), RuleError::Unknown);
        assert_eq!(error("+@all", "+config|get|x"), RuleError::FirstArgOfSubcommand);
        assert_eq!(error("+@all", "+select|"), RuleError::Syntax);
        assert_eq!(error("+@all", "%X~a"), RuleError::Syntax);
        assert_eq!(error("+@all", "nonsense"), RuleError::Syntax);
    }
}
