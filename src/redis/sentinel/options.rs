//! SENTINEL SET, SENTINEL CONFIG and SENTINEL DEBUG: changing things while it runs.

use super::config::yes_no;
use super::{Id, Watch, periods};
use crate::config;
use crate::server::{Fail, Level, Res, glob};
use resp::Reply;

/// The parameters of SENTINEL CONFIG, in the order in which they are shown.
const PARAMETERS: [&str; 7] = [
    "resolve-hostnames",
    "announce-hostnames",
    "announce-ip",
    "announce-port",
    "sentinel-user",
    "sentinel-pass",
    "loglevel",
];

const LEVELS: [&str; 5] = ["debug", "verbose", "notice", "warning", "nothing"];

const DENIED: &str = "ERR Reconfiguration of scripts path is denied for security reasons. Check the deny-scripts-reconfig configuration directive in your Sentinel configuration";

fn given(word: &str) -> Option<String> {
    Some(word.to_owned()).filter(|word| !word.is_empty())
}

impl Watch<'_> {
    /// Writes the file, and answers whether that worked.
    pub fn save_and_reply(&mut self, out: &mut Reply) -> Res {
        if !self.save() {
            return Err("ERR Failed to save config file. Check server logs.".into());
        }
        out.ok();
        Ok(())
    }

    /// SENTINEL SET; `words` are what stands behind the master's name.
    pub fn set(&mut self, master: Id, words: &[&str], out: &mut Reply) -> Res {
        let mut at = 0;
        let mut changed = false;
        while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
            let used = match self.set_one(master, rest) {
                Ok(used) => used,
                Err(fail) => {
                    if changed {
                        self.save();
                    }
                    return Err(fail);
                }
            };
            changed = true;
            let shown = match rest {
                ["auth-pass", ..] => vec!["auth-pass", "******"],
                [name, ..] if name.eq_ignore_ascii_case("auth-pass") => vec![*name, "******"],
                _ => rest.get(..used).unwrap_or_default().to_vec(),
            };
            self.event(Level::Warning, "+set", master, &format!(" {}", shown.join(" ")));
            at += used;
        }
        if changed { self.save_and_reply(out) } else { Ok(()) }
    }

    /// One option and its values. How many words that was.
    fn set_one(&mut self, id: Id, words: &[&str]) -> Result<usize, Fail> {
        let option = words.first().copied().unwrap_or_default();
        let bad = |value: &str| Fail::from(format!("ERR Invalid argument '{value}' for SENTINEL SET '{option}'"));
        let unknown = || Fail::from(format!("ERR Unknown option or number of arguments for SENTINEL SET '{option}'"));
        let Some(value) = words.get(1).copied() else { return Err(unknown()) };
        let number = |least: i64| resp::parse_i64(value.as_bytes()).filter(|n| *n >= least).ok_or_else(|| bad(value));
        match option.to_ascii_lowercase().as_str() {
            "down-after-milliseconds" => {
                self.me.at_mut(id).down_after = number(1)?;
                self.me.spread_down_after(id);
            }
            "failover-timeout" => self.me.at_mut(id).failover_timeout = number(1)?,
            "parallel-syncs" => self.me.at_mut(id).parallel_syncs = number(1)?,
            "quorum" => self.me.at_mut(id).quorum = number(1)?,
            "master-reboot-down-after-period" => self.me.at_mut(id).reboot_down_after = number(0)?,
            "notification-script" => {
                self.me.at_mut(id).notification_script = self.script(value, "Notification script")?;
            }
            "client-reconfig-script" => {
                self.me.at_mut(id).client_reconfig_script = self.script(value, "Client reconfiguration script")?;
            }
            "auth-pass" => {
                self.me.at_mut(id).auth_pass = given(value);
                self.drop_connections(id);
            }
            "auth-user" => {
                self.me.at_mut(id).auth_user = given(value);
                self.drop_connections(id);
            }
            "rename-command" => {
                let Some(new) = words.get(2).copied() else { return Err(unknown()) };
                if value.is_empty() || new.is_empty() {
                    return Err(bad(""));
                }
                let key = value.to_ascii_lowercase();
                let renamed = &mut self.me.at_mut(id).renamed;
                renamed.remove(&key);
                if !value.eq_ignore_ascii_case(new) {
                    renamed.insert(key, (value.to_owned(), new.to_owned()));
                }
                return Ok(3);
            }
            _ => return Err(unknown()),
        }
        Ok(2)
    }

    /// A script's path, if scripts may be changed and it is one; none where it is empty.
    fn script(&mut self, path: &str, what: &str) -> Result<Option<String>, Fail> {
        if self.me.deny_scripts_reconfig {
            return Err(DENIED.into());
        }
        if !path.is_empty() && !self.server.host.can_execute(path) {
            return Err(format!("ERR {what} seems non existing or non executable").into());
        }
        Ok(given(path))
    }

    fn parameter(&self, name: &str) -> String {
        let word = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        match name {
            "resolve-hostnames" => word(self.me.resolve_hostnames),
            "announce-hostnames" => word(self.me.announce_hostnames),
            "announce-ip" => self.me.announce_ip.clone().unwrap_or_default(),
            "announce-port" => self.me.announce_port.to_string(),
            "sentinel-user" => self.me.auth_user.clone().unwrap_or_default(),
            "sentinel-pass" => self.me.auth_pass.clone().unwrap_or_default(),
            _ => self.server.config.word(config::LOGLEVEL).to_owned(),
        }
    }

    /// SENTINEL CONFIG GET; `patterns` are what stands behind it.
    pub fn config_get(&self, patterns: &[&str], out: &mut Reply) {
        let mut found: Vec<&str> = Vec::new();
        for pattern in patterns {
            for name in PARAMETERS {
                if glob::matches(pattern.as_bytes(), name.as_bytes(), true) && !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        out.map(found.len());
        for name in found {
            out.text(name);
            out.text(&self.parameter(name));
        }
    }

    /// SENTINEL CONFIG SET; `words` are what stands behind it. Nothing is changed where anything is wrong.
    pub fn config_set(&mut self, words: &[&str], out: &mut Reply) -> Res {
        let mut seen: Vec<String> = Vec::new();
        for pair in words.chunks(2) {
            let option = pair.first().copied().unwrap_or_default();
            let name = option.to_ascii_lowercase();
            if !PARAMETERS.contains(&name.as_str()) {
                return Err(format!("ERR Invalid argument '{option}' to SENTINEL CONFIG SET").into());
            }
            if seen.contains(&name) {
                return Err(format!("ERR Duplicate argument '{option}' to SENTINEL CONFIG SET").into());
            }
            let Some(value) = pair.get(1) else {
                return Err(format!("ERR Missing argument '{option}' value").into());
            };
            let right = match name.as_str() {
                "resolve-hostnames" | "announce-hostnames" => yes_no(value).is_some(),
                "announce-port" => resp::parse_i64(value.as_bytes()).is_some_and(|port| (0..=65_535).contains(&port)),
                "loglevel" => LEVELS.contains(&value.to_ascii_lowercase().as_str()),
                _ => true,
            };
            if !right {
                return Err(format!("ERR Invalid value '{value}' to SENTINEL CONFIG SET '{option}'").into());
            }
            seen.push(name);
        }
        let mut reconnect = false;
        for (name, pair) in seen.iter().zip(words.chunks(2)) {
            self.put_parameter(name, pair.get(1).copied().unwrap_or_default());
            reconnect |= matches!(name.as_str(), "sentinel-user" | "sentinel-pass");
        }
        let result = self.save_and_reply(out);
        if reconnect {
            self.drop_sentinels();
        }
        result
    }

    fn put_parameter(&mut self, name: &str, value: &str) {
        match name {
            "resolve-hostnames" => self.me.resolve_hostnames = yes_no(value).unwrap_or_default(),
            "announce-hostnames" => self.me.announce_hostnames = yes_no(value).unwrap_or_default(),
            "announce-ip" => self.me.announce_ip = Some(value.to_owned()),
            "announce-port" => self.me.announce_port = resp::parse_i64(value.as_bytes()).unwrap_or_default(),
            "sentinel-user" => self.me.auth_user = given(value),
            "sentinel-pass" => self.me.auth_pass = given(value),
            _ => {
                let level = value.to_ascii_lowercase();
                let _ = self.server.config.set(config::LOGLEVEL, &[level.as_bytes()]);
            }
        }
    }

    /// SENTINEL DEBUG without words.
    pub fn reply_periods(&mut self, out: &mut Reply) {
        out.map(periods::NAMES.len());
        for (name, value) in periods::NAMES.iter().zip(self.me.periods.all()) {
            out.text(name);
            out.bulk_int(*value);
        }
    }

    /// SENTINEL DEBUG with words: names of periods and their values.
    pub fn set_periods(&mut self, words: &[&str]) -> Res {
        for pair in words.chunks(2) {
            let option = pair.first().copied().unwrap_or_default();
            let at = periods::NAMES.iter().position(|name| name.eq_ignore_ascii_case(option));
            let (Some(at), Some(value)) = (at, pair.get(1)) else {
                return Err(format!("ERR Unknown option or number of arguments for SENTINEL DEBUG '{option}'").into());
            };
            let Some(number) = resp::parse_i64(value.as_bytes()).filter(|n| *n > 0) else {
                return Err(format!("ERR Invalid argument '{value}' for SENTINEL DEBUG '{option}'").into());
            };
            if let Some(period) = self.me.periods.all().into_iter().nth(at) {
                *period = number;
            }
        }
        Ok(())
    }
}
