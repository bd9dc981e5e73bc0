//! `--name=value` between the keyword and the arguments.

use crate::suggest;

/// Takes the flags from the beginning of the arguments.
pub fn extract(line: &str, escape: char) -> (Vec<String>, String) {
    let mut flags = Vec::new();
    let mut rest = line;
    while let Some(after) = rest.strip_prefix("--") {
        let end = word_end(rest, escape);
        let word = &rest[..end];
        rest = rest[end..].trim_start();
        if after.is_empty() || word == "--" {
            break;
        }
        flags.push(unquote(word, escape));
    }
    (flags, rest.to_string())
}

/// Where a word ends: at white space outside quotes.
fn word_end(text: &str, escape: char) -> usize {
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            _ if c == escape => drop(chars.next()),
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c.is_whitespace() => return at,
            None => {}
        }
    }
    text.len()
}

fn unquote(word: &str, escape: char) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match quote {
            _ if c == escape => out.extend(chars.next()),
            Some(q) if c == q => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => out.push(c),
        }
    }
    out
}

/// The flags of one instruction, by name.
pub struct Flags {
    list: Vec<(String, Option<String>)>,
}

impl Flags {
    /// Checks them against what the instruction knows: names, and whether a flag is a mere switch.
    pub fn check(given: &[String], known: &[(&str, bool)]) -> Result<Flags, String> {
        let mut list: Vec<(String, Option<String>)> = Vec::new();
        for flag in given {
            let bare = flag.trim_start_matches("--");
            let (name, value) = match bare.split_once('=') {
                Some((name, value)) => (name, Some(value.to_string())),
                None => (bare, None),
            };
            let names: Vec<&str> = known.iter().map(|(n, _)| *n).collect();
            let Some((_, switch)) = known.iter().find(|(n, _)| *n == name) else {
                return Err(format!("unknown flag: --{name}{}", suggest::hint(name, &names)));
            };
            let many = matches!(name, "mount" | "exclude");
            if !many && list.iter().any(|(n, _)| n == name) {
                return Err(format!("duplicate flag specified: {name}"));
            }
            match (&value, switch) {
                (None, false) => return Err(format!("missing a value on flag: {name}")),
                (Some(v), true) if !matches!(v.to_lowercase().as_str(), "true" | "false") => {
                    return Err(format!("expecting boolean value for flag {name}, not: {v}"));
                }
                _ => list.push((name.to_string(), value)),
            }
        }
        Ok(Flags { list })
    }

    /// The value of a flag, or nothing.
    pub fn get(&self, name: &str) -> &str {
        self.list.iter().find(|(n, _)| n == name).and_then(|(_, v)| v.as_deref()).unwrap_or("")
    }

    /// All values of a flag.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.list.iter().filter(|(n, _)| n == name).filter_map(|(_, v)| v.clone()).collect()
    }

    /// Whether a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        self.list.iter().any(|(n, v)| n == name && v.as_deref().is_none_or(|v| v.eq_ignore_ascii_case("true")))
    }
}
