//! Pathname expansion.

use super::pattern::{MatchOptions, Pattern, is_pattern, unescape};
use super::{Field, pattern_of, text_of};
use crate::shell::{Eval, Shell, Unwind};

/// Names that one pattern may give.
const MAX_NAMES: usize = 100_000;

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
        let mut names = self.glob(&pattern).await;
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
    pub async fn glob(&mut self, pattern: &str) -> Vec<String> {
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
                self.sys.tick(2_000).await;
                if next.len() >= MAX_NAMES {
                    break;
                }
                self.glob_segment(&base, segment, last, &mut next);
            }
            bases = next;
        }
        bases
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
        if segment == "**" && self.settings.shopt("globstar") {
            self.glob_deep(base, last, 0, out);
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

    fn glob_deep(&self, base: &str, last: bool, depth: usize, out: &mut Vec<String>) {
        if depth > MAX_DEPTH || out.len() > MAX_NAMES {
            return;
        }
        if !last || (depth == 0 && !base.is_empty()) {
            out.push(base.to_string());
        }
        for name in self.names_in(base, false) {
            let path = format!("{base}{name}");
            let is_dir = self.sys.lstat(&path).is_ok_and(|attr| attr.is_dir());
            if last {
                out.push(path.clone());
            }
            if is_dir {
                let mut inner = Vec::new();
                self.glob_deep(&format!("{path}/"), last, depth + 1, &mut inner);
                out.append(&mut inner);
            }
        }
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
