//! Values of parameters: positional, special, dynamic.

use crate::shell::Shell;
use crate::vars::{Value, Var};

/// What a parameter holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// Nothing.
    Unset,
    /// One string.
    One(String),
    /// Several: `$@`, `${a[@]}`; true for the star forms.
    Many(Vec<String>, bool),
}

impl Shell {
    /// A parameter's value as one string.
    pub fn lookup_text(&mut self, name: &str) -> Option<String> {
        if let Some(text) = self.dynamic(name) {
            return Some(text);
        }
        self.vars.text(name).map(str::to_string)
    }

    /// A parameter without a subscript.
    pub fn lookup(&mut self, name: &str) -> Found {
        let one = |text: Option<String>| text.map_or(Found::Unset, Found::One);
        match name {
            "@" => Found::Many(self.params.to_vec(), false),
            "*" => Found::Many(self.params.to_vec(), true),
            "#" => Found::One(self.params.len().to_string()),
            "?" => Found::One(self.status.to_string()),
            "$" => Found::One(self.pid.to_string()),
            "!" => one(self.last_background.map(|pid| pid.to_string())),
            "-" => Found::One(self.flag_letters()),
            "0" => Found::One(self.arg0.clone()),
            number if number.starts_with(|c: char| c.is_ascii_digit()) => {
                let index = number.parse::<usize>().unwrap_or(usize::MAX);
                one(self.params.get(index.wrapping_sub(1)).cloned())
            }
            name => one(self.lookup_text(name)),
        }
    }

    /// `$-`.
    pub fn flag_letters(&self) -> String {
        let letters = self.settings.letters();
        if !self.is_bash() {
            let mut own: String = letters.chars().filter(|c| !"BHh".contains(*c)).collect();
            if self.interactive {
                own.push('i');
            }
            if self.from_stdin {
                own.push('s');
            }
            return own;
        }
        let mut out = String::new();
        for c in "abefhikmnptuvxBCEHPTcs".chars() {
            let on = match c {
                'i' => self.interactive,
                'c' => self.command_string,
                's' => self.from_stdin,
                c => letters.contains(c),
            };
            if on {
                out.push(c);
            }
        }
        out
    }

    /// Variables whose value is made when it is asked for.
    fn dynamic(&mut self, name: &str) -> Option<String> {
        if !(self.is_bash() || matches!(name, "LINENO" | "PPID")) {
            return None;
        }
        // Where a script took such a name for a local of its own, that counts.
        if self.vars.is_local(name) && self.vars.get(name).is_some_and(|var| var.value != Value::Unset) {
            return None;
        }
        let second = 1_000_000_000;
        Some(match name {
            "RANDOM" => self.next_random().to_string(),
            "SRANDOM" => (self.sys.random_u64() as u32).to_string(),
            "SECONDS" => (self.sys.now().0.wrapping_sub(self.seconds_from.0) / second).to_string(),
            "LINENO" => self.line.to_string(),
            "BASH_COMMAND" => crate::syntax::print::command(self.current.as_ref()?),
            "BASHPID" => self.sys.getpid().to_string(),
            "BASH_SUBSHELL" => self.subshell.to_string(),
            "EPOCHSECONDS" => self.sys.wall_clock().seconds().to_string(),
            "EPOCHREALTIME" => {
                let now = self.sys.wall_clock();
                format!("{}.{:06}", now.seconds(), now.subsec_nanos() / 1000)
            }
            "PPID" => self.vars.text("PPID")?.to_string(),
            "HISTCMD" => (self.interact.history.len() + 1).to_string(),
            "COMP_WORDBREAKS" => " \t\n\"'><=;|&(:".to_string(),
            name => self.dynamic_array(name)?.first()?.clone(),
        })
    }

    /// Arrays that are made when they are asked for.
    pub fn dynamic_array(&self, name: &str) -> Option<Vec<String>> {
        let calls = self.calls.iter().rev();
        match name {
            "FUNCNAME" if self.in_function() => {
                let mut names: Vec<String> = calls.map(|call| call.name.clone()).collect();
                if !self.command_string && !self.interactive {
                    names.push("main".into());
                }
                Some(names)
            }
            "BASH_SOURCE" if !self.calls.is_empty() => {
                let mut sources: Vec<String> = calls.map(|call| call.source.clone()).collect();
                if !self.command_string && !self.interactive {
                    sources.push(self.arg0.clone());
                }
                Some(sources)
            }
            "BASH_SOURCE" if !self.command_string && !self.interactive => Some(vec![self.arg0.clone()]),
            "BASH_LINENO" if !self.calls.is_empty() => {
                let mut lines: Vec<String> = calls.map(|call| call.line.to_string()).collect();
                lines.push("0".into());
                Some(lines)
            }
            "DIRSTACK" => {
                let mut all = vec![self.cwd.clone()];
                all.extend(self.dirs.iter().rev().cloned());
                Some(all)
            }
            "GROUPS" => Some(vec![self.sys.credentials().gid.to_string()]),
            "BASH_VERSINFO" => Some(["5", "2", "15", "1", "release", "x86_64-pc-linux-gnu"].map(String::from).to_vec()),
            _ => None,
        }
    }

    /// bash's generator (a Park-Miller one), with its habit of not giving a number twice in a row.
    fn next_random(&mut self) -> u32 {
        let seed = if self.random == 0 { 123_459_876 } else { self.random };
        let (high, low) = (i64::from(seed) / 127_773, i64::from(seed) % 127_773);
        let next = 16_807 * low - 2_836 * high;
        self.random = (if next < 0 { next + 0x7fff_ffff } else { next }) as u32;
        (self.random >> 16 ^ (self.random & 0xffff)) & 0x7fff
    }

    /// The variable as an array would be listed: dynamic ones included.
    pub fn array_values(&self, name: &str) -> Option<Vec<String>> {
        self.dynamic_array(name).or_else(|| self.vars.get(name).map(Var::values))
    }

    /// Its subscripts.
    pub fn array_keys(&self, name: &str) -> Vec<String> {
        match self.dynamic_array(name) {
            Some(values) => (0..values.len()).map(|i| i.to_string()).collect(),
            None => self.vars.get(name).map(Var::keys).unwrap_or_default(),
        }
    }
}
