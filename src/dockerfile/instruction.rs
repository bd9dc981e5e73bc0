//! Nodes to instructions with their arguments checked. The error texts are BuildKit's.

use crate::error::ParseError;
use crate::flags::Flags;
use crate::node::{Heredoc, Lines, Node};
use crate::suggest;
use crate::words::{json_array, mark, pairs, split};

/// A command in exec or shell form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `["a", "b"]`
    Exec(Vec<String>),
    /// For the shell.
    Shell(String),
}

/// `ADD` and `COPY`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)]
pub struct Copy {
    /// It is `ADD`.
    pub add: bool,
    /// What is copied; here-documents are among it by their word.
    pub sources: Vec<String>,
    /// Where to.
    pub destination: String,
    /// `--from`
    pub from: String,
    /// `--chown`
    pub chown: String,
    /// `--chmod`
    pub chmod: String,
    /// `--exclude`
    pub exclude: Vec<String>,
    /// `--link`
    pub link: bool,
    /// `--parents`
    pub parents: bool,
}

/// `RUN --mount`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount {
    /// `bind`, `cache`, `tmpfs`, `secret`, `ssh`; others are refused by [`Mount::check`].
    pub kind: String,
    /// The other options, in order.
    pub options: Vec<(String, String)>,
}

impl Mount {
    /// Refuses a kind that there is not: this is looked at only when the instruction's turn comes.
    pub fn check(&self) -> Result<(), String> {
        let kinds = ["bind", "cache", "tmpfs", "secret", "ssh"];
        if kinds.contains(&self.kind.as_str()) {
            return Ok(());
        }
        let hint = suggest::hint(&self.kind, &kinds);
        Err(format!("unsupported mount type \"{}\"{hint}", self.kind))
    }

    /// An option by any of its names.
    pub fn get(&self, names: &[&str]) -> &str {
        self.options.iter().find(|(k, _)| names.contains(&k.as_str())).map_or("", |(_, v)| v)
    }
}

/// `HEALTHCHECK`; times are Go durations as written, empty if not given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// `None` for `HEALTHCHECK NONE`.
    pub command: Option<Command>,
    /// `--interval`
    pub interval: i64,
    /// `--timeout`
    pub timeout: i64,
    /// `--start-period`
    pub start_period: i64,
    /// `--start-interval`
    pub start_interval: i64,
    /// `--retries`
    pub retries: i64,
}

/// What an instruction says. Text is not expanded yet.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Arg(Vec<(String, Option<String>)>),
    Cmd(Command),
    Copy(Copy),
    Entrypoint(Command),
    Env(Vec<(String, String)>),
    Expose(Vec<String>),
    From { base: String, name: Option<String>, platform: String },
    Healthcheck(Health),
    Label(Vec<(String, String)>),
    Maintainer(String),
    OnBuild(String),
    Run { command: Command, mounts: Vec<Mount>, network: String },
    Shell(Vec<String>),
    StopSignal(String),
    User(String),
    Volume(Vec<String>),
    Workdir(String),
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// What it says.
    pub kind: Kind,
    /// As written, continuation lines joined.
    pub original: String,
    /// The keyword as written.
    pub keyword: String,
    /// What follows the keyword, flags included.
    pub rest: String,
    /// Where it stands.
    pub lines: Lines,
    /// Its here-documents.
    pub heredocs: Vec<Heredoc>,
}

impl Instruction {
    /// As BuildKit names it in its progress: keyword in capitals, a here-document by its beginning.
    pub fn title(&self) -> String {
        let keyword = self.keyword.to_uppercase();
        let text = if self.rest.is_empty() { keyword } else { format!("{keyword} {}", self.rest) };
        let script = matches!(self.kind, Kind::Run { .. })
            && self.rest.trim_start().starts_with("<<")
            && !self.rest.trim().contains(char::is_whitespace);
        match self.heredocs.first() {
            Some(doc) if script => {
                let first = doc.content.lines().next().unwrap_or("");
                let more = if doc.content.lines().count() > 1 { "..." } else { "" };
                format!("{text} ({first}{more})")
            }
            _ => text,
        }
    }
}

/// All keywords, sorted.
pub const KEYWORDS: &[&str] = &[
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// The suggestion is written as the mistake was.
fn keyword_hint(word: &str) -> String {
    let hint = suggest::hint(word, KEYWORDS);
    let small = !word.is_empty() && !word.contains(char::is_uppercase);
    if small { hint.to_lowercase() } else { hint }
}

fn command(node: &Node) -> Command {
    json_array(&node.rest).map_or_else(|| Command::Shell(node.rest.clone()), Command::Exec)
}

fn list(node: &Node) -> Vec<String> {
    json_array(&node.rest).unwrap_or_else(|| node.rest.split_whitespace().map(String::from).collect())
}

/// Gives a node its type.
pub fn typed(node: &Node) -> Result<Instruction, ParseError> {
    let upper = node.keyword.to_uppercase();
    let kind = match upper.as_str() {
        // These two are read before the checks: their errors name no line.
        "ENV" | "LABEL" => {
            let pairs = pairs(&node.rest, node.escape, &upper).map_err(|e| ParseError::at(node.lines, e))?;
            named(node, &upper, pairs)
        }
        _ => kind(node, &upper),
    };
    let kind = kind.map_err(|why| ParseError::on_line(node.lines, why))?;
    let rest = node.original.get(node.keyword.len()..).unwrap_or("").trim().to_string();
    Ok(Instruction {
        kind,
        original: node.original.clone(),
        keyword: node.keyword.clone(),
        rest,
        lines: node.lines,
        heredocs: node.heredocs.clone(),
    })
}

fn named(node: &Node, keyword: &str, pairs: Vec<(String, String)>) -> Result<Kind, String> {
    Flags::check(&node.flags, &[])?;
    if pairs.is_empty() {
        return Err(format!("{keyword} requires at least one argument"));
    }
    if pairs.iter().any(|(name, _)| name.is_empty()) {
        return Err(format!("{keyword} names can not be blank"));
    }
    Ok(if keyword == "ENV" { Kind::Env(pairs) } else { Kind::Label(pairs) })
}

fn one(node: &Node, keyword: &str) -> Result<String, String> {
    Flags::check(&node.flags, &[])?;
    if node.rest.is_empty() { Err(format!("{keyword} requires exactly one argument")) } else { Ok(node.rest.clone()) }
}

fn some(node: &Node, keyword: &str, list: Vec<String>) -> Result<Vec<String>, String> {
    Flags::check(&node.flags, &[])?;
    if list.is_empty() { Err(format!("{keyword} requires at least one argument")) } else { Ok(list) }
}

fn kind(node: &Node, keyword: &str) -> Result<Kind, String> {
    Ok(match keyword {
        "ADD" | "COPY" => Kind::Copy(copy(node, keyword)?),
        "ARG" => Kind::Arg(arguments(node)?),
        "CMD" => {
            Flags::check(&node.flags, &[])?;
            Kind::Cmd(command(node))
        }
        "ENTRYPOINT" => {
            Flags::check(&node.flags, &[])?;
            Kind::Entrypoint(command(node))
        }
        "EXPOSE" => Kind::Expose(some(node, keyword, node.rest.split_whitespace().map(String::from).collect())?),
        "FROM" => from(node)?,
        "HEALTHCHECK" => Kind::Healthcheck(health(node)?),
        "MAINTAINER" => Kind::Maintainer(one(node, keyword)?),
        "ONBUILD" => Kind::OnBuild(trigger(node)?),
        "RUN" => run(node)?,
        "SHELL" => {
            Flags::check(&node.flags, &[])?;
            match json_array(&node.rest) {
                Some(list) if list.is_empty() => return Err("SHELL requires at least one argument".into()),
                Some(list) => Kind::Shell(list),
                None if node.rest.is_empty() => return Err("SHELL requires at least one argument".into()),
                None => return Err("SHELL requires the arguments to be in JSON form".into()),
            }
        }
        "STOPSIGNAL" => Kind::StopSignal(one(node, keyword)?),
        "USER" => Kind::User(one(node, keyword)?),
        "VOLUME" => {
            let list = some(node, keyword, list(node))?;
            if list.iter().any(|v| v.trim().is_empty()) {
                return Err("VOLUME specified can not be an empty string".into());
            }
            Kind::Volume(list)
        }
        "WORKDIR" => Kind::Workdir(one(node, keyword)?),
        _ => {
            return Err(format!("unknown instruction: {}{}", node.keyword, keyword_hint(&node.keyword)));
        }
    })
}

fn copy(node: &Node, keyword: &str) -> Result<Copy, String> {
    let add = keyword == "ADD";
    let known: &[(&str, bool)] = if add {
        &[
            ("chmod", false),
            ("chown", false),
            ("checksum", false),
            ("exclude", false),
            ("keep-git-dir", true),
            ("link", true),
        ]
    } else {
        &[("chmod", false), ("chown", false), ("exclude", false), ("from", false), ("link", true), ("parents", true)]
    };
    let flags = Flags::check(&node.flags, known)?;
    let mut list = match json_array(&node.rest) {
        Some(list) => list,
        None => split(&node.rest, node.escape),
    };
    if list.len() < 2 {
        return Err(format!(
            "{keyword} requires at least two arguments, but only one was provided. Destination could not be determined"
        ));
    }
    let destination = list.pop().unwrap_or_default();
    if mark(&destination).is_some() && !node.heredocs.is_empty() {
        return Err(format!("{keyword} cannot accept a heredoc as a destination"));
    }
    Ok(Copy {
        add,
        sources: list,
        destination,
        from: flags.get("from").into(),
        chown: flags.get("chown").into(),
        chmod: flags.get("chmod").into(),
        exclude: flags.all("exclude"),
        link: flags.is_on("link"),
        parents: flags.is_on("parents"),
    })
}

fn arguments(node: &Node) -> Result<Vec<(String, Option<String>)>, String> {
    Flags::check(&node.flags, &[])?;
    let words = split(&node.rest, node.escape);
    if words.is_empty() {
        return Err("ARG requires at least one argument".into());
    }
    words
        .iter()
        .map(|word| match word.split_once('=') {
            Some(("", _)) => Err("ARG names can not be blank".to_string()),
            Some((name, value)) => Ok((name.to_string(), Some(value.to_string()))),
            None => Ok((word.clone(), None)),
        })
        .collect()
}

fn from(node: &Node) -> Result<Kind, String> {
    let flags = Flags::check(&node.flags, &[("platform", false)])?;
    let words: Vec<&str> = node.rest.split_whitespace().collect();
    let (base, name) = match words.as_slice() {
        [base] => (*base, None),
        [base, word, name] if word.eq_ignore_ascii_case("as") => (*base, Some(name.to_lowercase())),
        _ => return Err("FROM requires either one or three arguments".into()),
    };
    if let Some(name) = &name {
        let symbols = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(symbols) {
            return Err(format!(
                "invalid name for build stage: \"{}\", name can't start with a number or contain symbols",
                words.get(2).copied().unwrap_or("")
            ));
        }
    }
    Ok(Kind::From { base: base.to_string(), name, platform: flags.get("platform").into() })
}

fn trigger(node: &Node) -> Result<String, String> {
    Flags::check(&node.flags, &[])?;
    let word = node.rest.split_whitespace().next().unwrap_or("").to_uppercase();
    match word.as_str() {
        "" => Err("ONBUILD requires at least one argument".into()),
        "ONBUILD" => Err("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed".into()),
        "FROM" | "MAINTAINER" => Err(format!("{word} isn't allowed as an ONBUILD trigger")),
        _ => Ok(node.rest.clone()),
    }
}

fn run(node: &Node) -> Result<Kind, String> {
    let flags = Flags::check(&node.flags, &[("device", false), ("mount", false), ("network", false)])?;
    let network = flags.get("network").to_string();
    if !matches!(network.as_str(), "" | "default" | "none" | "host") {
        return Err(format!("unsupported network mode: \"{network}\""));
    }
    let mut mounts = Vec::new();
    for text in flags.all("mount") {
        mounts.push(mount(&text)?);
    }
    Ok(Kind::Run { command: command(node), mounts, network })
}

fn mount(text: &str) -> Result<Mount, String> {
    let mut mount = Mount { kind: "bind".into(), options: Vec::new() };
    for field in text.split(',') {
        let (key, value) = field.split_once('=').unwrap_or((field, ""));
        let key = key.to_lowercase();
        if key == "type" {
            mount.kind = value.to_string();
            continue;
        }
        const KEYS: &[&str] = &[
            "destination",
            "dst",
            "env",
            "from",
            "gid",
            "id",
            "mode",
            "readonly",
            "readwrite",
            "required",
            "ro",
            "rw",
            "sharing",
            "size",
            "source",
            "src",
            "target",
            "uid",
        ];
        if !KEYS.contains(&key.as_str()) {
            return Err(format!("unexpected key '{key}' in '{field}'{}", suggest::hint(&key, KEYS)));
        }
        mount.options.push((key, value.to_string()));
    }
    Ok(mount)
}

fn health(node: &Node) -> Result<Health, String> {
    let known = &[
        ("interval", false),
        ("retries", false),
        ("start-interval", false),
        ("start-period", false),
        ("timeout", false),
    ];
    let (kind, rest) = node.rest.split_once(char::is_whitespace).unwrap_or((&node.rest, ""));
    if kind.is_empty() {
        return Err("HEALTHCHECK requires at least one argument".into());
    }
    let rest = rest.trim();
    match kind.to_uppercase().as_str() {
        "NONE" if !rest.is_empty() => Err("HEALTHCHECK NONE takes no arguments".into()),
        "NONE" => Ok(Health::default()),
        "CMD" => {
            let flags = Flags::check(&node.flags, known)?;
            if rest.is_empty() {
                return Err("Missing command after HEALTHCHECK CMD".into());
            }
            let command = json_array(rest).map_or_else(|| Command::Shell(rest.to_string()), Command::Exec);
            let retries = match flags.get("retries") {
                "" => 0,
                text => text
                    .parse::<i64>()
                    .map_err(|_| format!("strconv.ParseInt: parsing \"{text}\": invalid syntax"))
                    .and_then(|n| if n < 0 { Err(format!("--retries cannot be negative: {n}")) } else { Ok(n) })?,
            };
            Ok(Health {
                command: Some(command),
                interval: duration(&flags, "interval")?,
                timeout: duration(&flags, "timeout")?,
                start_period: duration(&flags, "start-period")?,
                start_interval: duration(&flags, "start-interval")?,
                retries,
            })
        }
        other => Err(format!("Unknown type \"{other}\" in HEALTHCHECK (try CMD)")),
    }
}

fn duration(flags: &Flags, name: &str) -> Result<i64, String> {
    let text = flags.get(name);
    if text.is_empty() {
        return Ok(0);
    }
    let nanos = go_duration(text)?;
    if nanos != 0 && nanos < 1_000_000 {
        return Err(format!("Interval \"{name}\" cannot be less than 1ms"));
    }
    Ok(nanos)
}

/// Go's `time.ParseDuration`.
fn go_duration(text: &str) -> Result<i64, String> {
    let invalid = || format!("time: invalid duration \"{text}\"");
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let value: f64 = rest[..end].parse().map_err(|_| invalid())?;
        rest = &rest[end..];
        let end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += value
            * match &rest[..end] {
                "ns" => 1.0,
                "us" | "µs" => 1e3,
                "ms" => 1e6,
                "s" => 1e9,
                "m" => 6e10,
                "h" => 3.6e12,
                "" => return Err(format!("time: missing unit in duration \"{text}\"")),
                unit => return Err(format!("time: unknown unit \"{unit}\" in duration \"{text}\"")),
            };
        rest = &rest[end..];
    }
    Ok(if text.starts_with('-') { -total as i64 } else { total as i64 })
}
