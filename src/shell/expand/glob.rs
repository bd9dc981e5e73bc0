//! Pathname expansion.

use super::pattern::{MatchOptions, Pattern, is_pattern, unescape};
use super::{Field, pattern_of, text_of};
use crate::shell::{Eval, Shell, Unwind};

/// Names that one pattern may give.
const MAX_NAMES: usize = 100_000;

/// Reading a directory costs about this much CPU time, in nanoseconds.
const DIRECTORY_COST: u64 = 20_000;

/// Directories inside each other that `**` goes down into.
const MAX_DEPTH: usize = 64;

impl Shell {
    /// Adds the file names that a field's pattern matches, or its text.
    pub(super) async fn expand_pathname(&mut self, field: Field, arguments: &mut Vec<String>) -> Eval<()> {
        let plain = field.iter().all(|p| p.kind == super::Kind::Quoted || !p.text.contains(['*', '?', '[', '(', '\\']));
        let text = text_of(&field);
        if plain || self.settings.is_set("noglob") {
            arguments.push(text);
            return Ok(());
        }
        let pattern = pattern_of(&field);
        if !is_pattern(&pattern, self.settings.shopt("extglob")) {
            arguments.push(text);
            return Ok(());
        }
        let mut names = self.glob(&pattern).await?;
        if names.is_empty() {
            if self.settings.shopt("failglob") {
                self.error(format!("no match: {text}")).await;
                return Err(Unwind::Discard(1));
            }
            if !self.settings.shopt("nullglob") {
                arguments.push(text);
            }
            return Ok(());
        }
        names.sort();
        arguments.append(&mut names);
        Ok(())
    }

    /// The names that match a pattern, unsorted.
    async fn glob(&mut self, pattern: &str) -> Eval<Vec<String>> {
        let (start, rest) = match pattern.strip_prefix('/') {
            Some(rest) => ("/".to_string() + &"/".repeat(rest.len() - rest.trim_start_matches('/').len()), rest),
            None => (String::new(), pattern),
        };
        let segments: Vec<&str> = rest.trim_start_matches('/').split('/').collect();
        let mut bases = vec![start];
        for (i, segment) in segments.iter().enumerate() {
            let last = i + 1 == segments.len();
            let mut next = Vec::new();
            for base in bases {
                self.sys.tick(DIRECTORY_COST).await;
                if next.len() >= MAX_NAMES {
                    break;
                }
                if *segment == "**" && self.settings.shopt("globstar") {
                    self.glob_deep(&base, last, &mut next).await?;
                } else {
                    self.glob_segment(&base, segment, last, &mut next);
                }
            }
            bases = next;
        }
        Ok(bases)
    }

    fn glob_segment(&self, base: &str, segment: &str, last: bool, out: &mut Vec<String>) {
        let slash = if last { "" } else { "/" };
        if segment.is_empty() {
            // Two slashes in a row, or one at the end, which only directories match.
            if last && self.is_directory(base) {
                out.push(base.to_string());
            } else if !last {
                out.push(format!("{base}/"));
            }
            return;
        }
        if !is_pattern(segment, self.settings.shopt("extglob")) {
            let path = format!("{base}{}", unescape(segment));
            let exists = if last { self.sys.lstat(&path).is_ok() } else { self.is_directory(&path) };
            if exists {
                out.push(path + slash);
            }
            return;
        }
        let pattern = Pattern::new(segment, self.match_options("nocaseglob"));
        for name in self.names_in(base, pattern.begins_with_dot()) {
            if pattern.matches(&name) {
                let path = format!("{base}{name}");
                if last || self.is_directory(&path) {
                    out.push(path + slash);
                }
            }
        }
    }

    /// `**`: everything below, or every directory with its slash. Links are not followed.
    async fn glob_deep(&mut self, base: &str, last: bool, out: &mut Vec<String>) -> Eval<()> {
        let mut left = vec![(base.to_string(), 0)];
        while let Some((base, depth)) = left.pop() {
            self.sys.tick(DIRECTORY_COST).await;
            self.check_signals().await?;
            if out.len() >= MAX_NAMES {
                break;
            }
            if !last || (depth == 0 && !base.is_empty()) {
                out.push(base.clone());
            }
            for name in self.names_in(&base, false) {
                let path = format!("{base}{name}");
                if depth < MAX_DEPTH && self.sys.lstat(&path).is_ok_and(|attr| attr.is_dir()) {
                    left.push((format!("{path}/"), depth + 1));
                }
                if last {
                    out.push(path);
                }
            }
        }
        Ok(())
    }

    fn names_in(&self, base: &str, hidden: bool) -> Vec<String> {
        let directory = if base.is_empty() { "." } else { base };
        let Ok(entries) = self.sys.read_dir(directory) else { return Vec::new() };
        let dotglob = self.settings.shopt("dotglob");
        let mut names: Vec<String> = entries.into_iter().map(|entry| entry.name).collect();
        if hidden && !self.settings.shopt("globskipdots") {
            names.extend([".".to_string(), "..".to_string()]);
        }
        names.retain(|name| hidden || dotglob || !name.starts_with('.'));
        names
    }

    /// Whether the path names a directory.
    pub fn is_directory(&self, path: &str) -> bool {
        self.sys.stat(path).is_ok_and(|attr| attr.is_dir())
    }

    /// How patterns are matched now; `nocase` names the option that makes case not matter.
    pub fn match_options(&self, nocase: &str) -> MatchOptions {
        MatchOptions { extglob: self.settings.shopt("extglob"), nocase: self.settings.shopt(nocase) }
    }
}
