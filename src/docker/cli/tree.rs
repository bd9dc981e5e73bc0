//! The tree of commands, derived from the paths in the registry.

use super::Spec;
use super::flags::read_tables;

/// A group of commands: `docker` itself, `docker container`, …
pub struct Node {
    /// The path typed, without `docker`; empty for `docker` itself.
    pub path: String,
    /// Its own table.
    pub spec: &'static Spec,
    /// Titles with the commands under them and their one-line texts.
    pub sections: Vec<(&'static str, Vec<(String, &'static str)>)>,
}

impl Node {
    /// The path as help shows it.
    pub fn shown(&self) -> &str {
        if self.spec.shown.is_empty() { &self.path } else { self.spec.shown }
    }
}

/// All commands and groups.
#[derive(Clone, Copy)]
pub struct Tree {
    /// `docker` itself.
    pub root: &'static Spec,
    /// The commands.
    pub commands: fn() -> Vec<&'static Spec>,
    /// The groups.
    pub groups: fn() -> Vec<&'static Spec>,
    /// The commands that `docker --help` lists first.
    pub common: &'static [&'static str],
    /// The command that takes another one's place in this environment, and what is told of it.
    pub instead: fn(&machine::Sys, &str) -> Option<(&'static Spec, &'static str)>,
    /// The client's own command where a plugin has taken its place: `docker help` knows no plugins.
    pub core: fn(&str) -> Option<&'static Spec>,
}

/// What a path leads to.
pub enum Found {
    /// A command, the path it was typed by, and how many words that took.
    Command(&'static Spec, String, usize),
    /// A group and how many words that took.
    Group(Node, usize),
}

impl Tree {
    /// Follows `words` as far as they name a group or command.
    pub fn find(&self, words: &[String]) -> Found {
        let commands = (self.commands)();
        let mut best = Found::Group(self.node(""), 0);
        let mut path = String::new();
        for (i, word) in words.iter().enumerate() {
            if word.starts_with('-') {
                break;
            }
            if !path.is_empty() {
                path.push(' ');
            }
            path.push_str(word);
            if let Some(spec) = by_path(&commands, &path) {
                best = Found::Command(spec, path.clone(), i + 1);
            } else if self.is_group(&path) {
                best = Found::Group(self.node(&path), i + 1);
            } else {
                break;
            }
        }
        best
    }

    fn is_group(&self, path: &str) -> bool {
        by_path(&(self.groups)(), path).is_some()
    }

    /// The group with this path.
    pub fn node(&self, path: &str) -> Node {
        let groups = (self.groups)();
        let spec = by_path(&groups, path).unwrap_or(self.root);
        let own = if spec.shown.is_empty() { spec.paths.first().copied() } else { Some(spec.shown) };
        let (home, depth) = match own {
            Some(path) => (format!("{path} "), path.split(' ').count()),
            None => (String::new(), 0),
        };
        let child = |s: &&'static Spec| -> Option<(String, &'static str)> {
            let path = s.paths.iter().find(|p| p.starts_with(&home) && p.split(' ').count() == depth + 1)?;
            let name = path.strip_prefix(&home).filter(|name| !name.starts_with('~'))?;
            Some((name.to_string(), s.short))
        };
        let mut commands: Vec<_> = (self.commands)().iter().filter_map(child).collect();
        let mut management: Vec<_> = groups.iter().filter_map(child).collect();
        commands.sort();
        management.sort();
        let mut sections = Vec::new();
        if path.is_empty() {
            let common = |name: &&'static str| commands.iter().find(|(n, _)| n == name).cloned();
            sections.push(("Common Commands", self.common.iter().filter_map(common).collect()));
            commands.retain(|(n, _)| !self.common.contains(&n.as_str()));
            let swarm = management.extract_if(.., |(n, _)| n == "swarm").collect();
            for (name, _) in &mut management {
                if matches!(name.as_str(), "buildx" | "compose") {
                    name.push('*');
                }
            }
            sections.push(("Management Commands", management));
            sections.push(("Swarm Commands", swarm));
        } else {
            sections.push(("Management Commands", management));
        }
        sections.push(("Commands", commands));
        Node { path: path.to_string(), spec, sections }
    }
}

fn by_path(specs: &[&'static Spec], path: &str) -> Option<&'static Spec> {
    specs.iter().copied().find(|s| s.paths.iter().any(|p| p.trim_start_matches('~') == path))
}

/// How many of `words` are flags (with their values) before the command's name.
pub fn split_global(root: &Spec, words: &[String]) -> usize {
    let flags = read_tables(root.flags);
    let mut i = 0;
    while let Some(word) = words.get(i) {
        if !word.starts_with('-') || word == "-" || word == "--" {
            break;
        }
        let takes_value = match word.strip_prefix("--") {
            Some(long) => !long.contains('=') && flags.iter().any(|f| f.name == long && !f.kind.is_empty()),
            None => {
                let last = word.chars().last();
                !word.contains('=') && flags.iter().any(|f| f.letter == last && !f.kind.is_empty())
            }
        };
        i += if takes_value { 2 } else { 1 };
    }
    i.min(words.len())
}
