//! Flags: their tables, and parsing as pflag does it.

use docker_api::text_quote;

use super::Spec;
use super::values::{check_value, parse_bool};

/// One flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// The letter, if it has one.
    pub letter: Option<char>,
    /// The long name.
    pub name: &'static str,
    /// The name under which values are kept: an old name keeps them under the new one.
    pub keep: &'static str,
    /// The type as help shows it; empty for a switch.
    pub kind: &'static str,
    /// What it does; may hold line feeds.
    pub usage: String,
    /// Not in the help.
    pub hidden: bool,
}

impl Flag {
    fn label(&self) -> String {
        match self.letter {
            Some(letter) => format!("-{letter}, --{}", self.name),
            None => format!("--{}", self.name),
        }
    }
}

/// Reads tables of flags (see [`Spec::flags`]), sorted by name.
pub fn read_tables(tables: &[&'static str]) -> Vec<Flag> {
    let mut flags: Vec<Flag> = Vec::new();
    for line in tables.iter().flat_map(|t| t.lines()) {
        if let Some(more) = line.strip_prefix(' ') {
            if let Some(last) = flags.last_mut() {
                last.usage.push('\n');
                last.usage.push_str(more);
            }
            continue;
        }
        let mut cells = line.splitn(4, '|');
        let (Some(letter), Some(name), Some(kind)) = (cells.next(), cells.next(), cells.next()) else { continue };
        let hidden = name.starts_with('~');
        let usage = cells.next().unwrap_or("").to_string();
        let name = name.trim_start_matches('~');
        let (name, keep) = name.split_once('=').unwrap_or((name, name));
        flags.push(Flag { letter: letter.chars().next(), name, keep, kind, usage, hidden });
    }
    flags.sort_by_key(|f| f.name);
    flags
}

/// All flags of a command.
pub fn flags_of(spec: &Spec) -> Vec<Flag> {
    read_tables(spec.flags)
}

/// What the user gave: flags in their order, and arguments.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    flags: Vec<Flag>,
    given: Vec<(&'static str, String)>,
    /// The arguments.
    pub args: Vec<String>,
    /// How many arguments came before `--`.
    pub before_dashes: Option<usize>,
    /// Texts for standard error about flags that are deprecated.
    pub notices: Vec<String>,
}

impl Matches {
    /// Whether no flag was given at all.
    pub fn nothing_given(&self) -> bool {
        self.given.is_empty()
    }

    /// Whether the flag was given.
    pub fn changed(&self, name: &str) -> bool {
        self.given.iter().any(|(n, _)| *n == name)
    }

    /// The last value given.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.given.iter().rev().find(|(n, _)| *n == name).map(|(_, v)| v.as_str())
    }

    /// The last value given, else the default that the table states, else nothing.
    pub fn text(&self, name: &str) -> String {
        match self.given(name) {
            Some(value) => value.to_string(),
            None => self.default_text(name).unwrap_or_default(),
        }
    }

    fn default_text(&self, name: &str) -> Option<String> {
        let usage = &self.flags.iter().find(|f| f.name == name)?.usage;
        let value = usage.rsplit_once("(default ")?.1.strip_suffix(')')?;
        Some(value.trim_matches('"').to_string())
    }

    /// A switch: given, or on by default.
    pub fn on(&self, name: &str) -> bool {
        parse_bool(&self.text(name)).unwrap_or(false)
    }

    /// A number, zero if neither given nor by default.
    pub fn number(&self, name: &str) -> i64 {
        let text = self.text(name);
        match text.strip_prefix("0x") {
            Some(hex) => i64::from_str_radix(hex, 16).unwrap_or(0),
            None => text.parse().unwrap_or(0),
        }
    }

    /// All values given.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.given.iter().filter(|(n, _)| *n == name).map(|(_, v)| v.clone()).collect()
    }

    /// All flags given, in order.
    pub fn pairs(&self) -> &[(&'static str, String)] {
        &self.given
    }

    /// An argument, empty if there are fewer.
    pub fn arg(&self, index: usize) -> &str {
        self.args.get(index).map_or("", String::as_str)
    }
}

/// What parsing can stop with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// `--help` was given.
    Help,
    /// The text of the mistake.
    Mistake(String),
}

struct Parser<'a> {
    spec: &'a Spec,
    out: Matches,
    help: bool,
}

/// Parses `args` by the command's table.
pub fn parse(spec: &Spec, args: &[String]) -> Result<Matches, Box<(Stop, Matches)>> {
    let flags = read_tables(spec.flags);
    let mut parser = Parser { spec, out: Matches { flags, ..Matches::default() }, help: false };
    match parser.run(args) {
        Err(text) => Err(Box::new((Stop::Mistake(text), parser.out))),
        Ok(()) if parser.help => Err(Box::new((Stop::Help, parser.out))),
        Ok(()) => Ok(parser.out),
    }
}

impl Parser<'_> {
    fn run(&mut self, args: &[String]) -> Result<(), String> {
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            if arg == "--" {
                self.out.before_dashes = Some(self.out.args.len());
                self.out.args.extend(rest.cloned());
                return Ok(());
            }
            if let Some(long) = arg.strip_prefix("--") {
                self.long(long, &mut rest)?;
            } else if arg.len() > 1 && arg.starts_with('-') {
                self.short(&arg[1..], &mut rest)?;
            } else {
                self.out.args.push(arg.clone());
                if !self.spec.interspersed {
                    self.out.args.extend(rest.cloned());
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn long(&mut self, text: &str, rest: &mut std::slice::Iter<'_, String>) -> Result<(), String> {
        if text.is_empty() || text.starts_with(['-', '=']) {
            return Err(format!("bad flag syntax: --{text}"));
        }
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_string())),
            None => (text, None),
        };
        let Some(flag) = self.out.flags.iter().find(|f| f.name == name).cloned() else {
            if name == "help" {
                self.help = true;
                return Ok(());
            }
            return Err(format!("unknown flag: --{name}"));
        };
        let value = match value {
            Some(value) => value,
            None if flag.kind.is_empty() => "true".to_string(),
            None => rest.next().cloned().ok_or_else(|| format!("flag needs an argument: --{name}"))?,
        };
        self.set(&flag, value)
    }

    fn short(&mut self, letters: &str, rest: &mut std::slice::Iter<'_, String>) -> Result<(), String> {
        let mut left = letters;
        while let Some(letter) = left.chars().next() {
            let after = &left[letter.len_utf8()..];
            let Some(flag) = self.out.flags.iter().find(|f| f.letter == Some(letter)).cloned() else {
                if letter == 'h' {
                    self.out.notices.push("Flag shorthand -h has been deprecated, use --help".to_string());
                    self.help = true;
                    left = after;
                    continue;
                }
                return Err(format!("unknown shorthand flag: '{letter}' in -{left}"));
            };
            if let Some(value) = after.strip_prefix('=') {
                return self.set(&flag, value.to_string());
            }
            if flag.kind.is_empty() {
                self.set(&flag, "true".to_string())?;
                left = after;
                continue;
            }
            let value = match after {
                "" => rest.next().cloned().ok_or_else(|| format!("flag needs an argument: '{letter}' in -{left}"))?,
                value => value.to_string(),
            };
            return self.set(&flag, value);
        }
        Ok(())
    }

    fn set(&mut self, flag: &Flag, value: String) -> Result<(), String> {
        if flag.keep != flag.name && flag.usage.starts_with("use --") {
            self.out.notices.push(format!("Flag --{} has been deprecated, {}", flag.name, flag.usage));
        }
        if flag.name == "help" {
            self.help = parse_bool(&value).unwrap_or(true);
            return Ok(());
        }
        let checked = check_value(flag.kind, &value).and_then(|()| (self.spec.check)(flag.name, &value));
        if let Err(why) = checked {
            return Err(format!(
                "invalid argument {} for {} flag: {why}",
                text_quote(&value),
                text_quote(&flag.label())
            ));
        }
        if flag.kind == "strings" {
            let pieces = value.split(',').map(|piece| (flag.keep, piece.to_string()));
            self.out.given.extend(pieces);
        } else {
            self.out.given.push((flag.keep, value));
        }
        Ok(())
    }
}
