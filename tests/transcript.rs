//! Sessions recorded from the real thing, and their replay on the machine.

use std::collections::BTreeMap;
use std::path::PathBuf;

use playground::{Answer, BootOptions, Play, Step};
use regex::Regex;
use serde::Deserialize;

use crate::normal::{Normal, alike};

/// A recorded session.
#[derive(Deserialize)]
pub struct Transcript {
    cols: u16,
    rows: u16,
    #[serde(default)]
    images: Vec<String>,
    /// What is typed first: on the first terminal all of it, on others the last line alone.
    #[serde(default)]
    enter: Vec<String>,
    /// What was done, in order.
    pub steps: Vec<Recorded>,
}

/// One recorded step.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct Recorded {
    t: Option<String>,
    #[serde(rename = "type")]
    typed: Option<String>,
    key: Option<String>,
    out: String,
    pre: String,
    exit: Option<u8>,
    ms: u64,
    sleep: Option<f64>,
    file: Option<String>,
    text: String,
}

/// A step that was compared.
pub struct Compared {
    /// Which of the transcript's steps.
    pub index: usize,
    /// What was typed.
    pub typed: String,
    /// Whether it came out equal.
    pub equal: bool,
    /// The real lines, and ours.
    pub want: Vec<String>,
    /// See `want`.
    pub got: Vec<String>,
    /// The real exit status, and ours.
    pub status: (Option<u8>, Option<u8>),
}

/// What the recorder's short names of images mean to `docker pull`.
const IMAGES: &[(&str, &str)] = &[
    ("alpine", "alpine:latest"),
    ("busybox", "busybox:latest"),
    ("debian", "debian:bookworm"),
    ("debian-slim", "debian:bookworm-slim"),
    ("hello", "hello-world:latest"),
    ("nginx", "nginx:latest"),
    ("redis", "redis:latest"),
    ("redis7", "redis:7.0.15"),
    ("ubuntu", "ubuntu:22.04"),
];

/// Where the transcripts lie.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("transcripts")
}

/// Plays a transcript on a fresh machine; the steps that can be compared.
pub fn replay(transcript: &Transcript) -> Vec<Compared> {
    let (mut play, normal) = (Play::new(&BootOptions::default()), Normal::default());
    let ids = Regex::new(r"\b[0-9a-f]{12}(?:[0-9a-f]{28}|[0-9a-f]{52})?\b").expect("a valid pattern");
    let size = [transcript.cols, transcript.rows];
    let enter = &transcript.enter;
    let mut session = Session { play: &mut play, size, enter, seen: Vec::new(), ids, ours: BTreeMap::new() };
    if enter.is_empty() {
        session.open("t1");
    }
    for image in &transcript.images {
        if let Some((_, name)) = IMAGES.iter().find(|(short, _)| short == image) {
            session.line("host", &format!("docker pull -q {name}"), 120_000);
        }
    }
    let steps = transcript.steps.iter().enumerate();
    steps.filter_map(|(index, step)| session.step(index, step, &normal)).collect()
}

struct Session<'a> {
    play: &'a mut Play,
    size: [u16; 2],
    enter: &'a [String],
    seen: Vec<String>,
    /// What an id looks like.
    ids: Regex,
    /// Recorded ids and what stands in their place here: a later line may name them.
    ours: BTreeMap<String, String>,
}

impl Session<'_> {
    fn open(&mut self, tty: &str) {
        if !self.seen.iter().any(|t| t == tty) {
            let others = self.enter.len().saturating_sub(1);
            for line in self.enter.get(if self.seen.is_empty() { 0 } else { others }..).unwrap_or_default() {
                self.line(tty, line, 120_000);
            }
            self.seen.push(tty.to_string());
            self.line(tty, "PS1='$ '; cd", 30_000);
        }
    }

    fn line(&mut self, tty: &str, line: &str, max_ms: u64) -> Answer {
        let (tty, line) = (Some(tty.to_string()), Some(line.to_string()));
        self.run(&Step { tty, line, max_ms: Some(max_ms), size: Some(self.size), ..Step::default() })
    }

    fn run(&mut self, step: &Step) -> Answer {
        // A step that the world refuses shows nothing, which then differs from the recording.
        self.play.step(step).unwrap_or_default()
    }

    /// A recorded line with our ids in it.
    fn translated(&self, line: &str) -> String {
        let ours = |m: &regex::Captures| self.ours.get(&m[0]).cloned().unwrap_or_else(|| m[0].to_string());
        self.ids.replace_all(line, ours).into_owned()
    }

    /// Where two outputs show equally many ids, they are the same ones in the same order.
    fn learn(&mut self, real: &str, here: &str) {
        let find = |text: &str| -> Vec<String> { self.ids.find_iter(text).map(|m| m.as_str().to_string()).collect() };
        let (real, here) = (find(real), find(here));
        if real.len() == here.len() {
            for (real, here) in real.into_iter().zip(here) {
                if real.len() == 64 && here.len() == 64 {
                    self.ours.insert(real[..12].to_string(), here[..12].to_string());
                }
                self.ours.insert(real, here);
            }
        }
    }

    fn step(&mut self, index: usize, step: &Recorded, normal: &Normal) -> Option<Compared> {
        if let Some(seconds) = step.sleep {
            self.run(&Step { wait_ms: Some((seconds * 1000.0) as u64), ..Step::default() });
        }
        if let Some(path) = &step.file {
            self.run(&Step { write: Some(path.clone()), data: Some(step.text.clone()), ..Step::default() });
        }
        let tty = step.t.as_deref()?;
        self.open(tty);
        let longest = if step.exit.is_some() { 60_000 } else { (step.ms + 300).max(300) };
        let answer = match (&step.typed, &step.key) {
            (Some(line), _) => {
                let line = self.translated(line);
                self.line(tty, &line, longest)
            }
            (None, key) => self.run(&Step {
                tty: Some(tty.to_string()),
                keys: Some(key.clone().unwrap_or_default()),
                max_ms: Some(longest),
                ..Step::default()
            }),
        };
        let typed = step.typed.as_deref().map(|line| self.translated(line));
        let real = format!("{}{}", step.pre, step.out);
        // A line that a program reads rather than the shell has its echo in the recording too.
        let echoed = step.typed.as_deref().is_some_and(|line| !line.is_empty() && step.out.starts_with(line));
        let here = shown(&answer.output, if echoed { None } else { typed.as_deref() });
        self.learn(&real, &here);
        let (want, got) = (normal.lines(&real), normal.lines(&here));
        // The status is known of shells of the host alone, not of one behind `enter`.
        let status = step.exit.is_none() || !self.enter.is_empty() || step.exit == answer.status;
        let equal = alike(&want, &got) && status;
        let typed = step.typed.clone().or(step.key.clone()).unwrap_or_else(|| "(wait)".into());
        Some(Compared { index, typed, equal, want, got, status: (step.exit, answer.status) })
    }
}

/// What a command printed: without the echo of the line and the prompt behind it.
fn shown(output: &str, typed: Option<&str>) -> String {
    let output = output.replace("\x1b[?2004h", "").replace("\x1b[?2004l", "");
    let output = match typed.and_then(|typed| output.strip_prefix(typed)) {
        Some(rest) => {
            let rest = rest.trim_start_matches('\r');
            rest.strip_prefix('\n').unwrap_or(rest).to_string()
        }
        None => output,
    };
    output.strip_suffix("$ ").unwrap_or(&output).to_string()
}
