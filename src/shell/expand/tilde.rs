//! Tilde expansion.

use crate::shell::Shell;
use crate::syntax::ast::Part;

impl Shell {
    /// The parts with tildes replaced: at the beginning and, in assignments, after each colon.
    pub(super) fn expand_tilde(&self, parts: &[Part], assigned: bool) -> Vec<Part> {
        if !parts.iter().any(|part| matches!(part, Part::Literal(text) if text.contains('~'))) {
            return parts.to_vec();
        }
        let mut out = Vec::with_capacity(parts.len() + 1);
        for (i, part) in parts.iter().enumerate() {
            match part {
                Part::Literal(text) if text.contains('~') => {
                    let last = i + 1 == parts.len();
                    self.tilde_in(text, i == 0, last, assigned, &mut out);
                }
                other => out.push(other.clone()),
            }
        }
        out
    }

    fn tilde_in(&self, text: &str, first: bool, last: bool, assigned: bool, out: &mut Vec<Part>) {
        let mut at_start = first;
        let mut rest = text;
        loop {
            let (segment, tail) = match rest.split_once(':') {
                Some((segment, tail)) if assigned => (segment, Some(tail)),
                _ => (rest, None),
            };
            let name_ends = segment.contains('/') || last || tail.is_some();
            match segment.strip_prefix('~') {
                Some(after) if at_start && name_ends => {
                    let (name, path) = match after.find('/') {
                        Some(slash) => after.split_at(slash),
                        None => (after, ""),
                    };
                    match self.home_of(name) {
                        Some(home) => {
                            out.push(Part::Quoted(home));
                            out.push(Part::Literal(path.to_string()));
                        }
                        None => out.push(Part::Literal(segment.to_string())),
                    }
                }
                _ => out.push(Part::Literal(segment.to_string())),
            }
            match tail {
                Some(tail) => {
                    out.push(Part::Literal(":".into()));
                    rest = tail;
                    at_start = true;
                }
                None => return,
            }
        }
    }

    /// What `~name` stands for.
    fn home_of(&self, name: &str) -> Option<String> {
        match name {
            "" => match self.vars.text("HOME") {
                Some(home) => Some(home.to_string()),
                None => Some(self.passwd_home(None).unwrap_or_else(|| "/".to_string())),
            },
            "+" => Some(self.cwd.clone()),
            "-" => self.vars.text("OLDPWD").map(str::to_string),
            name => self.passwd_home(Some(name)),
        }
    }

    /// The home directory of a user, or of whoever runs the shell.
    pub fn passwd_home(&self, name: Option<&str>) -> Option<String> {
        let uid = self.sys.credentials().uid.to_string();
        self.passwd().into_iter().find_map(|row| {
            let fields: Vec<&str> = row.split(':').collect();
            let matches = match name {
                Some(name) => fields.first() == Some(&name),
                None => fields.get(2) == Some(&uid.as_str()),
            };
            if matches { fields.get(5).map(|home| (*home).to_string()) } else { None }
        })
    }

    /// The lines of `/etc/passwd`.
    pub fn passwd(&self) -> Vec<String> {
        let bytes = self.sys.read_file("/etc/passwd").unwrap_or_default();
        machine::text::from_bytes(&bytes).lines().map(str::to_string).collect()
    }
}
