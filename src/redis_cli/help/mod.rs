//! `help`, completion and hints: what redis-cli knows about commands.

pub mod arguments;
mod docs;
mod fallback;

use std::collections::BTreeSet;

use resp::reply::Reply;

use crate::options::VERSION;
use crate::words;
use arguments::Argument;

/// A command or subcommand.
#[derive(Clone, Debug)]
pub struct Entry {
    /// its name in capitals: one word, or two for a subcommand
    pub words: Vec<String>,
    /// its arguments as help shows them; `None` prints as C's printf would: `(null)`
    pub params: Option<String>,
    /// its arguments
    pub arguments: Vec<Argument>,
    /// a sentence
    pub summary: String,
    /// the first version that had it
    pub since: Option<String>,
    /// `string`, `list` …
    pub group: String,
}

/// Everything that is known, sorted by name.
#[derive(Clone, Debug)]
pub struct Help {
    entries: Vec<Entry>,
    /// names to complete: groups as `@group`
    names: Vec<(String, bool)>,
    /// The server wants a password before it tells anything: help is there, hints are not.
    refused: bool,
}

impl Help {
    /// From a server's COMMAND DOCS; from the built-in table where there is no such reply.
    pub fn new(docs: Option<&Reply>) -> Self {
        let refused = docs.is_some_and(|d| matches!(d, Reply::Error(text) if text.starts_with(b"NOAUTH")));
        let known = docs.filter(|d| matches!(d, Reply::Map(_) | Reply::Array(_))).map(docs::entries);
        let mut entries = known.filter(|e| !e.is_empty()).unwrap_or_else(fallback::entries);
        entries.sort_by_cached_key(|e| e.words.join(" "));
        let groups: BTreeSet<&str> = entries.iter().map(|e| e.group.as_str()).filter(|g| !g.is_empty()).collect();
        let mut names: Vec<(String, bool)> = groups.iter().map(|g| (format!("@{g}"), true)).collect();
        names.extend(entries.iter().map(|e| (e.words.join(" "), false)));
        names.sort();
        Self { entries, names, refused }
    }

    /// What `help …` prints.
    pub fn show(&self, topic: &[Vec<u8>]) -> String {
        let Some(first) = topic.first() else { return generic() };
        let mut out = String::new();
        if let Some(group) = first.strip_prefix(b"@") {
            for entry in self.entries.iter().filter(|e| words::is(group, &e.group)) {
                entry.show(&mut out, false);
            }
        } else {
            let fits =
                |e: &&Entry| topic.len() <= e.words.len() && e.words.iter().zip(topic).all(|(w, t)| words::is(t, w));
            for entry in self.entries.iter().filter(fits) {
                entry.show(&mut out, true);
            }
        }
        out.push_str("\r\n");
        out
    }

    /// The lines that Tab goes through.
    pub fn completions(&self, line: &[u8]) -> Vec<Vec<u8>> {
        let mut start = 0;
        let help = line.get(..5).is_some_and(|p| words::is(p, "help "));
        if help {
            start = 5 + line.iter().skip(5).take_while(|b| words::is_space(**b)).count();
        }
        let (before, typed) = line.split_at(start.min(line.len()));
        let fits = |name: &str| name.as_bytes().get(..typed.len()).is_some_and(|n| n.eq_ignore_ascii_case(typed));
        self.names
            .iter()
            .filter(|(name, group)| (help || !group) && fits(name))
            .map(|(name, _)| [before, name.as_bytes()].concat())
            .collect()
    }

    /// The grey text behind what is typed.
    pub fn hint(&self, line: &[u8]) -> Option<String> {
        if self.refused {
            return None;
        }
        let typed = words::split(line)?;
        let space = line.last().is_some_and(|b| words::is_space(*b));
        // The last word counts once a space stands behind it.
        let typed = typed.get(..if space { typed.len() } else { typed.len().checked_sub(1)? })?;
        let fits = |e: &&Entry| e.words.len() <= typed.len() && e.words.iter().zip(typed).all(|(w, t)| words::is(t, w));
        let entry = self.entries.iter().filter(fits).max_by_key(|e| e.words.len())?;
        let behind = typed.get(entry.words.len()..).unwrap_or_default();
        let mut hint = if space { String::new() } else { " ".to_owned() };
        if !entry.arguments.is_empty() {
            hint.push_str(&arguments::hint(&entry.arguments, behind));
        } else if behind.is_empty() {
            hint.push_str(entry.params.as_deref().unwrap_or_default());
        }
        Some(hint)
    }
}

impl Entry {
    fn show(&self, out: &mut String, with_group: bool) {
        let params = self.params.as_deref().unwrap_or("(null)");
        out.push_str(&format!("\r\n  \x1b[1m{}\x1b[0m \x1b[90m{params}\x1b[0m\r\n", self.words.join(" ")));
        out.push_str(&format!("  \x1b[33msummary:\x1b[0m {}\r\n", self.summary));
        if let Some(since) = &self.since {
            out.push_str(&format!("  \x1b[33msince:\x1b[0m {since}\r\n"));
        }
        if with_group {
            out.push_str(&format!("  \x1b[33mgroup:\x1b[0m {}\r\n", self.group));
        }
    }
}

fn generic() -> String {
    format!(
        "redis-cli {VERSION}\n\
         To get help about Redis commands type:\n\
         \x20     \"help @<group>\" to get a list of commands in <group>\n\
         \x20     \"help <command>\" for help on <command>\n\
         \x20     \"help <tab>\" to get a list of possible help topics\n\
         \x20     \"quit\" to exit\n\
         \n\
         To set redis-cli preferences:\n\
         \x20     \":set hints\" enable online hints\n\
         \x20     \":set nohints\" disable online hints\n\
         Set your preferences in ~/.redisclirc\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(line: &str) -> String {
        Help::new(None).hint(line.as_bytes()).unwrap_or_default()
    }

    #[test]
    fn hints_are_those_of_the_real_one() {
        let cases: &[(&str, &str)] = &include!("hints.in");
        for (line, expected) in cases {
            let shown = hint(line);
            let shown = if line.ends_with(' ') { shown.as_str() } else { shown.trim_start() };
            assert_eq!(shown, *expected, "{line:?}");
        }
    }

    #[test]
    fn a_server_that_wants_a_password_first_leaves_no_hints() {
        let help = Help::new(Some(&Reply::Error(b"NOAUTH Authentication required.".to_vec())));
        assert_eq!(help.hint(b"get "), None);
        assert!(help.show(&[b"get".to_vec()]).contains("GET"));
    }

    #[test]
    fn tab_goes_through_the_names() {
        let help = Help::new(None);
        let first =
            |line: &str| help.completions(line.as_bytes()).first().map(|c| String::from_utf8_lossy(c).into_owned());
        assert_eq!(first("z").unwrap(), "ZADD");
        assert_eq!(first("config g").unwrap(), "CONFIG GET");
        assert_eq!(first("help ").unwrap(), "help @bitmap");
        assert_eq!(first("help @s").unwrap(), "help @scripting");
        assert_eq!(first("nosuch"), None);
    }

    #[test]
    fn a_server_may_tell_more_than_the_table() {
        let reply = |text: &str| Reply::Bulk(text.as_bytes().to_vec());
        let argument = Reply::Array(vec![reply("name"), reply("n"), reply("type"), reply("integer")]);
        let specs = Reply::Map(vec![
            (reply("summary"), reply("Does it.")),
            (reply("group"), reply("module")),
            (reply("arguments"), Reply::Array(vec![argument])),
        ]);
        let help = Help::new(Some(&Reply::Map(vec![(reply("my.cmd"), specs)])));
        assert_eq!(help.hint(b"my.cmd ").unwrap(), "n");
        assert_eq!(
            help.show(&[b"MY.CMD".to_vec()]),
            "\r\n  \x1b[1mMY.CMD\x1b[0m \x1b[90mn\x1b[0m\r\n  \x1b[33msummary:\x1b[0m Does it.\r\n  \x1b[33mgroup:\x1b[0m module\r\n\r\n"
        );
    }
}
