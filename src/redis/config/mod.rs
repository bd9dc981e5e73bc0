//! The configuration: a value for every parameter, read from words and shown as words.

pub mod file;
pub mod ids;
pub mod memory;
pub mod params;
pub mod rewrite;
mod special;

pub use ids::*;
pub use params::{Id, Kind, PARAMS, Param};
pub use special::{BufferLimit, SavePoint};

use params::FLAGS;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The value of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// Of a [`Kind::Bool`].
    Bool(bool),
    /// Of the numeric kinds.
    Int(i64),
    /// Of an enumeration: a bit for every word that is set.
    Choice(u32),
    /// Of the others: as it will be shown.
    Text(String),
}

/// All values.
#[derive(Clone, Debug)]
pub struct Config {
    /// The version that the server says it is: that of the executable.
    pub version: String,
    values: Vec<Setting>,
    /// `save` lines.
    pub save: Vec<SavePoint>,
    /// Limits of normal, replica and pubsub clients.
    pub buffer_limits: [BufferLimit; 3],
    /// `rename-command` lines: old name, new name (empty: removed).
    pub renamed: Vec<(String, String)>,
    /// `user` lines.
    pub users: Vec<Vec<Vec<u8>>>,
    /// Sentinel mode.
    pub sentinel_mode: bool,
    /// `sentinel` lines, until they are read.
    pub sentinel_lines: Vec<SentinelLine>,
    /// What they say, until there is a server.
    pub sentinel: Option<Box<crate::sentinel::Sentinel>>,
    /// Lines that no parameter took, for which modules would be asked.
    pub unresolved: Vec<String>,
    /// Paths of modules to be loaded: `loadmodule`.
    pub modules: Vec<String>,
    /// Directives that were set by the file or the command line, in order of first appearance.
    pub touched: BTreeMap<Id, ()>,
}

/// A line that begins with `sentinel`: all such lines are read behind the others.
#[derive(Clone, Debug)]
pub struct SentinelLine {
    /// Counted from 1.
    pub number: usize,
    /// The line, trimmed.
    pub text: String,
    /// Its words but the first.
    pub words: Vec<String>,
}

/// Why a value was refused.
pub type Refusal = Cow<'static, str>;

/// The parameter of that name or older name, in any case.
pub fn find(name: &[u8]) -> Option<Id> {
    let name = std::str::from_utf8(name).ok()?.to_ascii_lowercase();
    if let Ok(at) = PARAMS.binary_search_by(|p| p.name.cmp(name.as_str())) {
        return Some(Id(at));
    }
    PARAMS.iter().position(|p| p.alias == Some(name.as_str())).map(Id)
}

impl Id {
    /// The parameter's description.
    pub fn param(self) -> &'static Param {
        &PARAMS[self.0]
    }

    /// Whether a flag is set.
    pub fn has(self, flag: u8) -> bool {
        self.param().flags & flag != 0
    }
}

impl Default for Config {
    fn default() -> Config {
        let values = PARAMS
            .iter()
            .map(|p| match p.kind {
                Kind::Bool => Setting::Bool(p.default == "yes"),
                Kind::Int { .. } | Kind::Memory { .. } | Kind::MemoryPercent | Kind::Octal { .. } => {
                    Setting::Int(p.default.parse().unwrap_or(0))
                }
                Kind::Enum(words) => Setting::Choice(1 << words.iter().position(|w| *w == p.default).unwrap_or(0)),
                Kind::Text | Kind::Special => Setting::Text(p.default.to_owned()),
            })
            .collect();
        Config {
            version: crate::server::VERSION.to_owned(),
            values,
            save: SavePoint::defaults(),
            buffer_limits: BufferLimit::defaults(),
            renamed: Vec::new(),
            users: Vec::new(),
            sentinel_mode: false,
            sentinel_lines: Vec::new(),
            sentinel: None,
            unresolved: Vec::new(),
            modules: Vec::new(),
            touched: BTreeMap::new(),
        }
    }
}

impl Config {
    /// A yes/no parameter.
    pub fn bool(&self, id: Id) -> bool {
        matches!(self.values.get(id.0), Some(Setting::Bool(true)))
    }

    /// A numeric parameter.
    pub fn int(&self, id: Id) -> i64 {
        match self.values.get(id.0) {
            Some(Setting::Int(n)) => *n,
            _ => 0,
        }
    }

    /// A numeric parameter that can't be negative.
    pub fn size(&self, id: Id) -> usize {
        self.int(id).max(0) as usize
    }

    /// A text parameter.
    pub fn text(&self, id: Id) -> &str {
        match self.values.get(id.0) {
            Some(Setting::Text(s)) => s,
            _ => "",
        }
    }

    /// The word of an enumeration; the first one set where several are.
    pub fn word(&self, id: Id) -> &'static str {
        match (self.values.get(id.0), id.param().kind) {
            (Some(Setting::Choice(bits)), Kind::Enum(words)) => {
                words.get(bits.trailing_zeros() as usize).copied().unwrap_or("")
            }
            _ => "",
        }
    }

    /// Whether a word of an enumeration is set.
    pub fn is(&self, id: Id, word: &str) -> bool {
        match (self.values.get(id.0), id.param().kind) {
            (Some(Setting::Choice(bits)), Kind::Enum(words)) => {
                words.iter().position(|w| *w == word).is_some_and(|at| bits & (1 << at) != 0)
            }
            _ => false,
        }
    }

    /// The value itself, to put back.
    pub fn get(&self, id: Id) -> Setting {
        self.values[id.0].clone()
    }

    /// Puts a value without any check.
    pub fn put(&mut self, id: Id, value: Setting) {
        self.values[id.0] = value;
    }

    /// The value as CONFIG GET shows it.
    pub fn show(&self, id: Id) -> String {
        match (id, &self.values[id.0], id.param().kind) {
            (SAVE, ..) => SavePoint::show(&self.save),
            (CLIENT_OUTPUT_BUFFER_LIMIT, ..) => BufferLimit::show(&self.buffer_limits),
            (_, Setting::Bool(b), _) => if *b { "yes" } else { "no" }.to_owned(),
            (_, Setting::Int(n), Kind::Octal { .. }) => format!("{n:o}"),
            (_, Setting::Int(n), Kind::MemoryPercent) if *n < 0 => format!("{}%", -n),
            (_, Setting::Int(n), _) => n.to_string(),
            (_, Setting::Choice(bits), Kind::Enum(words)) => {
                let set: Vec<&str> =
                    words.iter().enumerate().filter(|(n, _)| bits & (1 << n) != 0).map(|(_, w)| *w).collect();
                set.join(" ")
            }
            (_, Setting::Text(s), _) => s.clone(),
            _ => String::new(),
        }
    }

    /// Sets a parameter from words. `true` if that changed something.
    pub fn set(&mut self, id: Id, words: &[&[u8]]) -> Result<bool, Refusal> {
        let before = self.show(id);
        let value = match id.param().kind {
            Kind::Special => {
                special::set(self, id, words)?;
                return Ok(before != self.show(id));
            }
            kind => parse(kind, id.param().flags, words)?,
        };
        special::check(id, &value)?;
        self.values[id.0] = value;
        Ok(before != self.show(id))
    }
}

fn lossy(word: &[u8]) -> String {
    machine::text::from_bytes(word)
}

fn parse(kind: Kind, flags: u8, words: &[&[u8]]) -> Result<Setting, Refusal> {
    let word = words.first().copied().unwrap_or_default();
    let bounded = |n: Option<i64>, min: i64, max: i64, wrong: &'static str| match n {
        None => Err(Cow::Borrowed(wrong)),
        Some(n) if n < min || n > max => Err(Cow::Owned(format!("argument must be between {min} and {max} inclusive"))),
        Some(n) => Ok(Setting::Int(n)),
    };
    match kind {
        Kind::Bool => match word.to_ascii_lowercase().as_slice() {
            b"yes" => Ok(Setting::Bool(true)),
            b"no" => Ok(Setting::Bool(false)),
            _ => Err("argument must be 'yes' or 'no'".into()),
        },
        Kind::Int { min, max } => {
            bounded(resp::parse_i64(word), min, max, "argument couldn't be parsed into an integer")
        }
        Kind::Memory { min, max } => bounded(memory::parse(word), min, max, "argument must be a memory value"),
        Kind::MemoryPercent => {
            if let Some(percent) = word.strip_suffix(b"%") {
                return match resp::parse_i64(percent) {
                    Some(n @ 0..=100) => Ok(Setting::Int(-n)),
                    Some(101..) => Err("percentage argument must be less or equal to 100".into()),
                    _ => Err("argument must be a memory or percent value".into()),
                };
            }
            bounded(memory::parse(word), 0, i64::MAX, "argument must be a memory or percent value")
        }
        Kind::Octal { min, max } => {
            let n = std::str::from_utf8(word).ok().and_then(|w| i64::from_str_radix(w, 8).ok());
            match n {
                None => Err("argument couldn't be parsed as an octal number".into()),
                Some(n) if n < min || n > max => {
                    Err(format!("argument must be between {min:o} and {max:o} inclusive").into())
                }
                Some(n) => Ok(Setting::Int(n)),
            }
        }
        Kind::Enum(choices) => {
            let mut bits = 0u32;
            for word in words {
                for part in word.split(|c| *c == b' ').filter(|p| !p.is_empty()) {
                    let Some(at) = choices.iter().position(|c| c.as_bytes().eq_ignore_ascii_case(part)) else {
                        return Err(format!("argument(s) must be one of the following: {}", choices.join(", ")).into());
                    };
                    bits = if flags & FLAGS != 0 { bits | 1 << at } else { 1 << at };
                }
            }
            if bits == 0 {
                return Err(format!("argument(s) must be one of the following: {}", choices.join(", ")).into());
            }
            Ok(Setting::Choice(bits))
        }
        Kind::Text | Kind::Special => Ok(Setting::Text(lossy(word))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, value: &str) -> Result<String, String> {
        let mut config = Config::default();
        let id = find(name.as_bytes()).ok_or("unknown")?;
        let words: Vec<&[u8]> = value.split(' ').map(str::as_bytes).collect();
        config.set(id, &words).map_err(|e| e.into_owned())?;
        Ok(config.show(id))
    }

    #[test]
    fn values_are_shown_as_redis_shows_them() {
        assert_eq!(set("maxmemory", "1mb").unwrap(), "1048576");
        assert_eq!(set("maxmemory-clients", "5%").unwrap(), "5%");
        assert_eq!(set("SLAVE-read-only", "no").unwrap(), "no");
        assert_eq!(set("unixsocketperm", "755").unwrap(), "755");
        assert_eq!(set("shutdown-on-sigint", "save now").unwrap(), "save now");
        assert_eq!(set("save", "900 1 300 10").unwrap(), "900 1 300 10");
    }

    #[test]
    fn refusals_read_as_redis_writes_them() {
        assert_eq!(set("port", "abc").unwrap_err(), "argument couldn't be parsed into an integer");
        assert_eq!(set("maxclients", "0").unwrap_err(), "argument must be between 1 and 4294967295 inclusive");
        assert_eq!(set("appendonly", "x").unwrap_err(), "argument must be 'yes' or 'no'");
        assert_eq!(
            set("appendfsync", "x").unwrap_err(),
            "argument(s) must be one of the following: everysec, always, no"
        );
        assert_eq!(set("maxmemory", "1x").unwrap_err(), "argument must be a memory value");
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(PARAMS.windows(2).all(|w| w[0].name < w[1].name));
    }
}
