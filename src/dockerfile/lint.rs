//! The build checks that BuildKit runs on every Dockerfile, as far as they need only the file.

use std::collections::BTreeMap;

use crate::Dockerfile;
use crate::expand::Expander;
use crate::instruction::{Command, Instruction, Kind};
use crate::node::{Lines, Node};

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The check's name.
    pub rule: &'static str,
    /// What it says.
    pub message: String,
    /// Where.
    pub lines: Lines,
}

impl Warning {
    /// `Rule: message (line 3)`
    pub fn short(&self) -> String {
        format!("{}: {} (line {})", self.rule, self.message, self.lines.0)
    }
}

/// Variables that every build knows.
const PREDEFINED: &[&str] = &[
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
    "ALL_PROXY",
    "all_proxy",
];
const PLATFORM: &[&str] = &[
    "BUILDARCH",
    "BUILDOS",
    "BUILDPLATFORM",
    "BUILDVARIANT",
    "TARGETARCH",
    "TARGETOS",
    "TARGETPLATFORM",
    "TARGETSTAGE",
    "TARGETVARIANT",
];
/// Parts of names that smell of secrets.
const SECRET: &[&str] =
    &["apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token"];

type Env = BTreeMap<String, String>;

struct Lint {
    out: Vec<Warning>,
    escape: char,
}

/// All warnings, in the order in which BuildKit gives them.
pub fn check(file: &Dockerfile, nodes: &[Node], empty_continuations: &[u32]) -> Vec<Warning> {
    let mut lint = Lint { out: Vec::new(), escape: file.directives.escape_char() };
    if file.directives.check.as_deref().is_some_and(|c| c.contains("skip=all")) {
        return Vec::new();
    }
    for line in empty_continuations {
        lint.add("NoEmptyContinuation", "Empty continuation line".into(), (*line, *line));
    }
    lint.casing(nodes);
    let mut global = Env::new();
    for argument in &file.arguments {
        if let Kind::Arg(list) = &argument.kind {
            for (name, value) in list {
                let value = value.as_ref().map(|v| lint.expand(v, &global, argument.lines)).unwrap_or_default();
                global.insert(name.clone(), value);
            }
        }
    }
    let mut names: Vec<String> = Vec::new();
    for stage in &file.stages {
        lint.base(stage, &global, &names);
        if let Some(name) = &stage.name {
            if matches!(name.as_str(), "scratch" | "context") {
                lint.add(
                    "ReservedStageName",
                    format!("Stage name should not use the same name as reserved stage \"{name}\""),
                    stage.lines,
                );
            }
            if names.contains(name) {
                lint.add(
                    "DuplicateStageName",
                    format!("Duplicate stage name \"{name}\", stage names should be unique"),
                    stage.lines,
                );
            }
            names.push(name.clone());
        }
        lint.stage(stage, &global);
    }
    lint.out
}

impl Lint {
    fn add(&mut self, rule: &'static str, message: String, lines: Lines) {
        self.out.push(Warning { rule, message, lines });
    }

    fn casing(&mut self, nodes: &[Node]) {
        let upper = nodes.iter().filter(|n| n.keyword == n.keyword.to_uppercase()).count();
        let most_upper = upper * 2 > nodes.len();
        let known = |n: &&Node| crate::instruction::KEYWORDS.iter().any(|k| n.keyword.eq_ignore_ascii_case(k));
        for node in nodes.iter().filter(known) {
            let (is_upper, is_lower) =
                (node.keyword == node.keyword.to_uppercase(), node.keyword == node.keyword.to_lowercase());
            let wanted = if most_upper { "uppercase" } else { "lowercase" };
            if !is_upper && !is_lower || is_upper != most_upper {
                self.add(
                    "ConsistentInstructionCasing",
                    format!("Command '{}' should match the case of the command majority ({wanted})", node.keyword),
                    node.lines,
                );
            }
            let words: Vec<&str> = node.rest.split_whitespace().collect();
            if node.keyword.eq_ignore_ascii_case("from")
                && let [_, word, name] = words.as_slice()
            {
                if node.keyword == "FROM" && *word == "as" || node.keyword == "from" && *word == "AS" {
                    self.add(
                        "FromAsCasing",
                        format!("'{word}' and '{}' keywords' casing do not match", node.keyword),
                        node.lines,
                    );
                }
                if *name != name.to_lowercase() {
                    self.add("StageNameCasing", format!("Stage name '{name}' should be lowercase"), node.lines);
                }
            }
        }
    }

    fn base(&mut self, stage: &crate::Stage, global: &Env, names: &[String]) {
        let known = |name: &str| {
            global.get(name).cloned().or_else(|| PLATFORM.contains(&name).then(|| "linux/amd64".to_string()))
        };
        let expander = Expander::new(self.escape, &known);
        let base = expander.word(&stage.base).unwrap_or_default();
        let unset = expander.unset.take();
        if !names.contains(&base.to_lowercase())
            && (base.is_empty() || base != base.to_lowercase() || base.contains(' '))
        {
            self.add(
                "InvalidDefaultArgInFrom",
                format!("Default value for ARG {} results in empty or invalid base image name", stage.base),
                stage.lines,
            );
        }
        if !stage.platform.is_empty() && !stage.platform.contains('$') {
            self.add(
                "FromPlatformFlagConstDisallowed",
                format!("FROM --platform flag should not use constant value \"{}\"", stage.platform),
                stage.lines,
            );
        }
        for name in unset {
            self.add("UndefinedArgInFrom", format!("FROM argument '{name}' is not declared"), stage.lines);
        }
    }

    /// Expands for the sake of finding what is not defined.
    fn expand(&mut self, text: &str, env: &Env, lines: Lines) -> String {
        let known = |name: &str| env.get(name).cloned().or_else(|| PREDEFINED.contains(&name).then(String::new));
        let expander = Expander::new(self.escape, &known);
        let value = expander.word(text).unwrap_or_default();
        for name in expander.unset.take() {
            let names: Vec<&str> = env.keys().map(String::as_str).collect();
            let hint =
                crate::suggest::nearest(&name, &names).map_or_else(String::new, |n| format!(" (did you mean ${n}?)"));
            self.add("UndefinedVar", format!("Usage of undefined variable '${name}'{hint}"), lines);
        }
        value
    }

    fn stage(&mut self, stage: &crate::Stage, global: &Env) {
        let mut env = Env::new();
        // What a base image of the registry sets is not known here, but for this.
        env.insert("PATH".into(), String::new());
        let (mut last_cmd, mut last_entry, mut last_health): (Option<Lines>, Option<Lines>, Option<Lines>) =
            (None, None, None);
        let (mut shell, mut workdir) = (false, false);
        for instruction in &stage.instructions {
            let lines = instruction.lines;
            match &instruction.kind {
                Kind::Arg(list) => {
                    for (name, value) in list {
                        self.secret(name, "ARG", lines);
                        let value = match value {
                            Some(value) => self.expand(value, &env, lines),
                            None => global.get(name).cloned().unwrap_or_default(),
                        };
                        env.insert(name.clone(), value);
                    }
                }
                Kind::Env(pairs) => self.env(instruction, pairs, &mut env),
                Kind::Label(pairs) => {
                    if is_legacy(instruction) {
                        self.legacy("LABEL", lines);
                    }
                    pairs.iter().for_each(|(_, v)| drop(self.expand(v, &env, lines)));
                }
                Kind::Maintainer(_) => {
                    self.add(
                        "MaintainerDeprecated",
                        "Maintainer instruction is deprecated in favor of using label".into(),
                        lines,
                    );
                }
                Kind::Cmd(command) => {
                    self.form(&instruction.keyword, command, shell, lines);
                    self.twice("CMD", &mut last_cmd, lines);
                }
                Kind::Entrypoint(command) => {
                    self.form(&instruction.keyword, command, shell, lines);
                    self.twice("ENTRYPOINT", &mut last_entry, lines);
                }
                Kind::Healthcheck(_) => self.twice("HEALTHCHECK", &mut last_health, lines),
                Kind::Shell(_) => shell = true,
                Kind::Workdir(path) => {
                    let path = self.expand(path, &env, lines);
                    if !path.starts_with('/') && !workdir {
                        self.add(
                            "WorkdirRelativePath",
                            format!(
                                "Relative workdir \"{path}\" can have unexpected results if the base image changes"
                            ),
                            lines,
                        );
                    }
                    workdir = true;
                }
                Kind::Copy(copy) => {
                    copy.sources.iter().chain([&copy.destination]).for_each(|w| drop(self.expand(w, &env, lines)));
                }
                Kind::User(text) | Kind::StopSignal(text) => drop(self.expand(text, &env, lines)),
                Kind::Expose(list) | Kind::Volume(list) => list.iter().for_each(|w| drop(self.expand(w, &env, lines))),
                Kind::From { .. } | Kind::OnBuild(_) | Kind::Run { .. } => {}
            }
        }
    }

    fn env(&mut self, instruction: &Instruction, pairs: &[(String, String)], env: &mut Env) {
        if is_legacy(instruction) {
            self.legacy("ENV", instruction.lines);
        }
        // All values of one instruction see what was before it.
        let before = env.clone();
        for (name, value) in pairs {
            let value = self.expand(value, &before, instruction.lines);
            env.insert(name.clone(), value);
        }
        for (name, _) in pairs {
            self.secret(name, "ENV", instruction.lines);
        }
    }

    fn legacy(&mut self, keyword: &str, lines: Lines) {
        self.add(
            "LegacyKeyValueFormat",
            format!("\"{keyword} key=value\" should be used instead of legacy \"{keyword} key value\" format"),
            lines,
        );
    }

    fn secret(&mut self, name: &str, keyword: &str, lines: Lines) {
        let lower = name.to_lowercase();
        let parts: Vec<&str> = lower.split(['_', '-']).collect();
        if SECRET.iter().any(|s| parts.contains(s)) && !parts.contains(&"public") {
            self.add(
                "SecretsUsedInArgOrEnv",
                format!("Do not use ARG or ENV instructions for sensitive data ({keyword} \"{name}\")"),
                lines,
            );
        }
    }

    fn form(&mut self, keyword: &str, command: &Command, shell: bool, lines: Lines) {
        if matches!(command, Command::Shell(_)) && !shell {
            self.add(
                "JSONArgsRecommended",
                format!(
                    "JSON arguments recommended for {keyword} to prevent unintended behavior related to OS signals"
                ),
                lines,
            );
        }
    }

    fn twice(&mut self, keyword: &str, last: &mut Option<Lines>, lines: Lines) {
        if let Some(before) = last.replace(lines) {
            let message = format!(
                "Multiple {keyword} instructions should not be used in the same stage because only the last one will be used"
            );
            // It stands behind what was said about the earlier one.
            let at = self.out.iter().rposition(|w| w.lines == before).map_or(self.out.len(), |n| n + 1);
            let own = self.out.iter().position(|w| w.lines == lines).unwrap_or(self.out.len());
            self.out.insert(at.min(own), Warning { rule: "MultipleInstructionsDisallowed", message, lines: before });
        }
    }
}

fn is_legacy(instruction: &Instruction) -> bool {
    let first = instruction.rest.split_whitespace().next().unwrap_or("");
    !first.contains('=')
}
