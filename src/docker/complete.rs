//! `docker __complete`: what the shell's completion asks, as cobra's hidden command answers: one candidate a
//! line with its description behind a tab, then a directive.

use docker_api::http::Query;
use machine::{Fd, Sys};
use serde_json::Value;

use crate::api::{Client, Endpoint};
use crate::cli::{Flag, Found, Matches, Outcome, Spec, Tree, flags_of};

/// No file names after the candidates.
const NO_FILES: u8 = 4;
/// Files, as the shell completes them by itself.
const FILES: u8 = 0;
/// Something went wrong.
const ERROR: u8 = 1;

/// What the arguments of a command name.
#[derive(Clone, Copy, PartialEq)]
enum Objects {
    AllContainers,
    Running,
    Stopped,
    Images,
    Networks,
    Volumes,
    Files,
    Nothing,
}

struct Answer {
    candidates: Vec<(String, String)>,
    directive: u8,
}

impl Answer {
    fn of(candidates: Vec<(String, String)>, directive: u8) -> Answer {
        Answer { candidates, directive }
    }
}

/// Runs `docker __complete WORD…`.
pub async fn run(sys: &Sys, tree: Tree, global: &Matches, words: &[String]) -> Outcome {
    let describe = words.first().is_some_and(|w| w == "__complete");
    let words = words.get(1..).unwrap_or(&[]);
    let (last, before) = words.split_last().map_or((String::new(), &[][..]), |(l, b)| (l.clone(), b));
    let answer = complete(sys, tree, global, before, &last).await;
    let mut out = String::new();
    for (name, text) in &answer.candidates {
        if name.starts_with(&last) || last.contains('=') {
            out.push_str(name);
            if describe && !text.is_empty() {
                out.push('\t');
                out.push_str(text.lines().next().unwrap_or(""));
            }
            out.push('\n');
        }
    }
    out.push_str(&format!(":{}\n", answer.directive));
    let _ = sys.write_all(Fd::STDOUT, out.as_bytes()).await;
    let name = match answer.directive {
        ERROR => "ShellCompDirectiveError",
        FILES => "ShellCompDirectiveDefault",
        _ => "ShellCompDirectiveNoFileComp",
    };
    let _ = sys.write_all(Fd::STDERR, format!("Completion ended with directive: {name}\n").as_bytes()).await;
    Ok(())
}

async fn complete(sys: &Sys, tree: Tree, global: &Matches, before: &[String], last: &str) -> Answer {
    let (spec, path, used) = match tree.find(before) {
        Found::Group(node, used) => {
            if last.starts_with('-') {
                return Answer::of(flag_names(node.spec), NO_FILES);
            }
            if used < before.len() {
                return Answer::of(Vec::new(), NO_FILES);
            }
            let listed = node.sections.into_iter().flat_map(|(_, l)| l);
            let mut names: Vec<_> =
                listed.map(|(n, short)| (n.trim_end_matches('*').to_string(), short.to_string())).collect();
            names.sort();
            return Answer::of(names, NO_FILES);
        }
        Found::Command(spec, path, used) => (spec, path, used),
    };
    let rest = before.get(used..).unwrap_or(&[]);
    let flags = flags_of(spec);
    if let Some(flag) = rest.last().and_then(|word| wants_value(&flags, word)) {
        return flag_values(sys, global, flag).await;
    }
    let arguments = count_arguments(&flags, rest);
    if last.starts_with('-') && (spec.interspersed || arguments == 0) {
        return Answer::of(flag_names(spec), NO_FILES);
    }
    let objects = argument_objects(&path, arguments);
    let mut answer = list(sys, global, objects).await;
    // What was already given is not offered again.
    answer.candidates.retain(|(name, _)| !rest.contains(name));
    answer
}

fn wants_value<'f>(flags: &'f [Flag], word: &str) -> Option<&'f Flag> {
    let takes = |f: &&Flag| !f.kind.is_empty();
    match word.strip_prefix("--") {
        Some(long) => flags.iter().find(|f| f.name == long).filter(takes),
        None => {
            let letters = word.strip_prefix('-').filter(|l| !l.is_empty() && !l.contains('='))?;
            let last = letters.chars().last();
            flags.iter().find(|f| f.letter.is_some() && f.letter == last).filter(takes)
        }
    }
}

fn count_arguments(flags: &[Flag], words: &[String]) -> usize {
    let (mut count, mut skip) = (0, false);
    for word in words {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with('-') && word.len() > 1 {
            skip = wants_value(flags, word).is_some();
        } else {
            count += 1;
        }
    }
    count
}

fn flag_names(spec: &Spec) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for flag in flags_of(spec).iter().filter(|f| !f.hidden) {
        let usage = match flag.usage.rsplit_once(" (default ") {
            Some((usage, default)) if !default.starts_with('0') => usage.to_string(),
            _ => flag.usage.clone(),
        };
        out.push((format!("--{}", flag.name), usage.clone()));
        out.extend(flag.letter.map(|letter| (format!("-{letter}"), usage)));
    }
    out
}

fn argument_objects(path: &str, index: usize) -> Objects {
    let name = path.strip_prefix("container ").unwrap_or(path);
    match (name, index) {
        ("rm" | "remove" | "inspect" | "wait", _) => Objects::AllContainers,
        ("logs" | "rename" | "diff" | "export" | "commit", 0) => Objects::AllContainers,
        ("start", _) => Objects::Stopped,
        ("stop" | "kill" | "restart" | "pause" | "unpause" | "update" | "stats", _) => Objects::Running,
        ("attach" | "exec" | "top" | "port", 0) => Objects::Running,
        ("run" | "create", 0) => Objects::Images,
        ("rmi" | "image rm" | "image remove" | "save" | "image save" | "image inspect", _) => Objects::Images,
        ("tag" | "image tag" | "history" | "image history" | "push" | "image push" | "images" | "image ls", 0) => {
            Objects::Images
        }
        ("network rm" | "network remove" | "network inspect", _) => Objects::Networks,
        ("network connect" | "network disconnect", 0) => Objects::Networks,
        ("network connect", 1) => Objects::AllContainers,
        ("network disconnect", 1) => Objects::AllContainers,
        ("volume rm" | "volume remove" | "volume inspect", _) => Objects::Volumes,
        (
            "build" | "image build" | "builder build" | "buildx build" | "cp" | "import" | "run" | "create" | "exec",
            _,
        ) => Objects::Files,
        _ => Objects::Nothing,
    }
}

async fn flag_values(sys: &Sys, global: &Matches, flag: &Flag) -> Answer {
    let fixed: &[&str] = match flag.name {
        "pull" => &["always", "missing", "never"],
        "restart" => &["no", "always", "on-failure", "unless-stopped"],
        "attach" => &["stderr", "stdin", "stdout"],
        "signal" | "stop-signal" => {
            &["SIGABRT", "SIGHUP", "SIGINT", "SIGKILL", "SIGQUIT", "SIGSTOP", "SIGTERM", "SIGUSR1", "SIGUSR2"]
        }
        "driver" => &["bridge", "host", "ipvlan", "macvlan", "none", "overlay"],
        "progress" => &["auto", "plain", "tty", "quiet", "rawjson"],
        "network" | "net" => return list(sys, global, Objects::Networks).await,
        "volumes-from" | "link" => return list(sys, global, Objects::AllContainers).await,
        "type" => &["container", "image", "network", "volume"],
        "cidfile" | "env-file" | "label-file" | "file" | "output" | "input" | "iidfile" | "volume" | "mount"
        | "filter" => {
            return Answer::of(Vec::new(), FILES);
        }
        _ => &[],
    };
    Answer::of(fixed.iter().map(|v| (v.to_string(), String::new())).collect(), NO_FILES)
}

async fn list(sys: &Sys, global: &Matches, objects: Objects) -> Answer {
    let mut query = Query::default();
    let path = match objects {
        Objects::Files => return Answer::of(Vec::new(), FILES),
        Objects::Nothing => return Answer::of(Vec::new(), NO_FILES),
        Objects::AllContainers | Objects::Stopped => {
            query.push("all", "1");
            "/containers/json"
        }
        Objects::Running => "/containers/json",
        Objects::Images => "/images/json",
        Objects::Networks => "/networks",
        Objects::Volumes => "/volumes",
    };
    let Ok(endpoint) = Endpoint::resolve(sys, global) else { return Answer::of(Vec::new(), ERROR) };
    let Ok(value) = Client::new(sys, endpoint).get(path, &query).await else { return Answer::of(Vec::new(), ERROR) };
    let items = value.get("Volumes").unwrap_or(&value).as_array().cloned().unwrap_or_default();
    let kept = items
        .iter()
        .filter(|v| objects != Objects::Stopped || v.get("State").and_then(Value::as_str) != Some("running"));
    let names = kept.flat_map(|v| names_of(v, objects)).map(|name| (name, String::new())).collect();
    Answer::of(names, NO_FILES)
}

fn names_of(value: &Value, objects: Objects) -> Vec<String> {
    let texts = |key: &str| -> Vec<String> {
        let list = value.get(key).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(|n| n.trim_start_matches('/').to_string()).collect()
    };
    match objects {
        Objects::Images => texts("RepoTags"),
        Objects::Networks | Objects::Volumes => {
            value.get("Name").and_then(Value::as_str).map(str::to_string).into_iter().collect()
        }
        _ => texts("Names").into_iter().take(1).collect(),
    }
}
