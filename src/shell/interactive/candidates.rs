//! What can be completed: commands, files, variables, users.

use crate::builtins::REGISTRY;
use crate::shell::Shell;
use crate::syntax::RESERVED;

impl Shell {
    /// The completions of one kind, by `compgen`'s letters.
    pub fn complete_kind(&self, letter: char, prefix: &str) -> Vec<String> {
        let fits = |name: &String| name.starts_with(prefix);
        let mut names: Vec<String> = match letter {
            'a' => self.aliases.keys().filter(|name| fits(name)).cloned().collect(),
            'b' => self.builtin_names().filter(fits).collect(),
            'c' => return self.command_names(prefix),
            'd' => self.path_names(prefix).into_iter().filter(|path| self.is_directory(path)).collect(),
            'e' => {
                self.vars.iter().filter(|(_, var)| var.exported).map(|(name, _)| name.clone()).filter(fits).collect()
            }
            'f' => self.path_names(prefix),
            'g' => self.names_of("/etc/group").into_iter().filter(fits).collect(),
            'j' => self.jobs.list.iter().map(|job| job.text.clone()).filter(fits).collect(),
            'k' => RESERVED.iter().map(|word| word.to_string()).filter(fits).collect(),
            'u' => self.names_of("/etc/passwd").into_iter().filter(fits).collect(),
            'v' => self.vars.iter().map(|(name, _)| name.clone()).filter(fits).collect(),
            'F' => self.functions.keys().filter(|name| fits(name)).cloned().collect(),
            _ => Vec::new(),
        };
        names.sort();
        names.dedup();
        names
    }

    fn builtin_names(&self) -> impl Iterator<Item = String> + '_ {
        REGISTRY.iter().map(|builtin| builtin.name).filter(|name| self.builtin(name).is_some()).map(str::to_string)
    }

    fn names_of(&self, file: &str) -> Vec<String> {
        let bytes = self.sys.read_file(file).unwrap_or_default();
        let text = machine::text::from_bytes(&bytes);
        text.lines().filter_map(|row| row.split(':').next()).map(str::to_string).collect()
    }

    /// Commands of every kind that begin with a prefix.
    pub fn command_names(&self, prefix: &str) -> Vec<String> {
        if prefix.contains('/') {
            let execute = machine::fs::Access { execute: true, ..Default::default() };
            let runs = |path: &String| self.sys.access(path, execute).is_ok();
            return self.path_names(prefix).into_iter().filter(runs).collect();
        }
        let mut names: Vec<String> = self.aliases.keys().chain(self.functions.keys()).cloned().collect();
        names.extend(self.builtin_names());
        names.extend(RESERVED.iter().map(|word| word.to_string()));
        let execute = machine::fs::Access { execute: true, ..Default::default() };
        for dir in self.search_path() {
            let Ok(entries) = self.sys.read_dir(&dir) else { continue };
            for entry in entries.into_iter().filter(|entry| entry.name.starts_with(prefix)) {
                let path = format!("{}/{}", dir.trim_end_matches('/'), entry.name);
                if self.sys.access(&path, execute).is_ok() && !self.is_directory(&path) {
                    names.push(entry.name);
                }
            }
        }
        names.retain(|name| name.starts_with(prefix));
        names.sort();
        names.dedup();
        names
    }

    /// Files whose path begins with a prefix; a tilde in front stands for a home directory.
    pub fn path_names(&self, prefix: &str) -> Vec<String> {
        let (dir, name) = match prefix.rfind('/') {
            Some(slash) => prefix.split_at(slash + 1),
            None => ("", prefix),
        };
        let real = self.real_dir(dir);
        let Ok(entries) = self.sys.read_dir(if real.is_empty() { "." } else { &real }) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .into_iter()
            .map(|entry| entry.name)
            .filter(|entry| entry.starts_with(name) && (name.starts_with('.') || !entry.starts_with('.')))
            .map(|entry| format!("{dir}{entry}"))
            .collect();
        names.sort();
        names
    }

    /// A directory as typed, its tilde replaced.
    pub fn real_dir(&self, dir: &str) -> String {
        match dir.strip_prefix('~').and_then(|rest| rest.split_once('/')) {
            Some((user, rest)) => {
                let home = match user {
                    "" => self.vars.text("HOME").map(str::to_string),
                    user => self.passwd_home(Some(user)),
                };
                home.map_or_else(|| dir.to_string(), |home| format!("{home}/{rest}"))
            }
            None => dir.to_string(),
        }
    }
}
