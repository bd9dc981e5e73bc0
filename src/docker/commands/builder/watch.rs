//! Follows a build: its progress on the screen, and what is left behind at its end.

use std::time::Duration;

use docker_api::types::{
    BuildResult, BuildSource, IMAGE_ID, JsonMessage, OUTPUT_ID, SOURCE_ID, SolveStatus, TRACE_ID, Vertex, VertexWarning,
};
use machine::process::Disposition;
use machine::{Fd, Instant, Signal};
use serde_json::json;

use super::output::{Output, deliver};
use super::report::{check_report, excerpt};
use crate::api::{JsonLines, Response};
use crate::cli::Invocation;
use crate::commands::common::base64;
use crate::progress::{PlainDisplay, TerminalDisplay, Trace};
use crate::term::{Either, race};

/// A picture at most this often.
const RATE: Duration = Duration::from_millis(100);
/// A picture at least this often.
const TICK: Duration = Duration::from_millis(150);
/// What is said of a build that was interrupted.
pub const CANCELED: &str = "Canceled: context canceled";
/// The size of a terminal that does not tell.
const DEFAULT_SIZE: (usize, usize) = (80, 24);

/// Shows a step that the client does by itself, from its beginning to its end.
pub async fn show_own_step(c: &Invocation, title: &str) -> Result<(), String> {
    let mut watch = Watch::new(display_kind(c)?);
    let now = c.sys.wall_clock().0;
    let mut vertex = Vertex { digest: "own".into(), name: title.into(), started: Some(now), ..Vertex::default() };
    watch.trace.update(SolveStatus { vertexes: vec![vertex.clone()], ..SolveStatus::default() });
    if watch.shown == Shown::Terminal {
        watch.show(c, false).await;
    }
    vertex.completed = Some(now);
    watch.trace.update(SolveStatus { vertexes: vec![vertex], ..SolveStatus::default() });
    watch.show(c, true).await;
    Ok(())
}

/// How progress is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As a picture that is painted again and again.
    Terminal,
    /// Line by line.
    Plain,
    /// Every change as a line of JSON.
    Raw,
    /// Not at all.
    Nothing,
}

/// How this build is to be shown.
pub fn display_kind(c: &Invocation) -> Result<Shown, String> {
    let m = &c.matches;
    let asked = match m.given("progress") {
        Some(asked) => asked.to_string(),
        None => c.sys.env_var("BUILDKIT_PROGRESS").unwrap_or_default(),
    };
    let terminal = c.sys.isatty(Fd::STDERR);
    match asked.as_str() {
        _ if m.on("quiet") => Ok(Shown::Nothing),
        "quiet" | "none" => Ok(Shown::Nothing),
        "plain" => Ok(Shown::Plain),
        "" | "auto" if !terminal => Ok(Shown::Plain),
        "" | "auto" => Ok(Shown::Terminal),
        "tty" if terminal => Ok(Shown::Terminal),
        "tty" => Err("failed to build: failed to get console: provided file is not a console".to_string()),
        "rawjson" => Ok(Shown::Raw),
        other => Err(format!("invalid progress mode {other}")),
    }
}

/// A build that is watched.
pub struct Watch {
    shown: Shown,
    trace: Trace,
    terminal: TerminalDisplay,
    plain: PlainDisplay,
    last: Option<Instant>,
    source: Option<BuildSource>,
    image: String,
    error: Option<String>,
    /// With `--check`: what was found, which is the result and no part of the display.
    pub findings: Option<Vec<VertexWarning>>,
    /// With `--output`: where the result goes, and what came of it.
    pub output: Option<Output>,
    files: Vec<u8>,
    /// Lines of JSON that were not shown yet.
    raw: String,
}

impl Watch {
    /// A build that did nothing yet.
    pub fn new(shown: Shown) -> Watch {
        Watch {
            shown,
            trace: Trace::default(),
            terminal: TerminalDisplay::default(),
            plain: PlainDisplay::default(),
            last: None,
            source: None,
            image: String::new(),
            error: None,
            findings: None,
            output: None,
            files: Vec::new(),
            raw: String::new(),
        }
    }

    /// Reads the builder's messages and shows them until they end.
    pub async fn follow(&mut self, c: &Invocation, response: Response) -> Result<(), String> {
        if self.shown == Shown::Plain {
            c.eprint("#0 building with \"default\" instance using docker driver\n\n").await;
        }
        let mut lines = JsonLines::new(response);
        // Signals are waited for; they interrupt nothing else.
        let quiet = c.sys.for_thread();
        let _ = c.sys.sigaction(Signal::INT, Disposition::Catch);
        loop {
            match race(lines.next(), race(quiet.sleep(TICK), c.sys.next_signal())).await {
                Either::Left(Ok(Some(line))) => self.take(&line)?,
                Either::Left(Ok(None)) => break,
                Either::Left(Err(error)) => {
                    self.error = Some(error.to_string());
                    break;
                }
                Either::Right(Either::Left(_)) => {}
                Either::Right(Either::Right(_)) => {
                    self.trace.cancel(c.sys.wall_clock().0);
                    self.error = Some(CANCELED.to_string());
                    break;
                }
            }
            let now = c.sys.now();
            if self.last.is_none_or(|last| now.since(last) >= RATE) {
                self.last = Some(now);
                self.show(c, false).await;
            }
        }
        self.show(c, true).await;
        Ok(())
    }

    fn take(&mut self, line: &[u8]) -> Result<(), String> {
        let message: JsonMessage = serde_json::from_slice(line).map_err(|e| format!("failed to build: {e}"))?;
        if let Some(error) = message.error_detail {
            self.error = Some(error.message);
        }
        let Some(aux) = message.aux else { return Ok(()) };
        let bad = |e: serde_json::Error| format!("failed to build: {e}");
        match message.id.as_str() {
            TRACE_ID => {
                if self.shown == Shown::Raw {
                    self.raw.push_str(&raw_line(&aux));
                }
                let mut status = serde_json::from_value::<SolveStatus>(aux).map_err(bad)?;
                if let Some(findings) = &mut self.findings {
                    findings.append(&mut status.warnings);
                }
                self.trace.update(status);
            }
            SOURCE_ID => self.source = Some(serde_json::from_value(aux).map_err(bad)?),
            OUTPUT_ID => self.files.extend(base64(aux.as_str().unwrap_or(""))),
            IMAGE_ID => self.image = serde_json::from_value::<BuildResult>(aux).map_err(bad)?.id,
            _ => {}
        }
        Ok(())
    }

    /// Shows what is new; `done`: for the last time.
    pub async fn show(&mut self, c: &Invocation, done: bool) {
        let text = match self.shown {
            Shown::Nothing => return,
            Shown::Raw => std::mem::take(&mut self.raw),
            Shown::Plain => self.plain.print(&mut self.trace),
            Shown::Terminal => {
                let size = c.sys.winsize(Fd::STDERR);
                let size = size.map_or(DEFAULT_SIZE, |s| (usize::from(s.columns), usize::from(s.rows)));
                self.terminal.paint(&mut self.trace, c.sys.wall_clock().0, size, done)
            }
        };
        c.eprint(&text).await;
    }

    /// What stands below the progress, and the outcome.
    pub async fn finish(self, c: &Invocation) -> Result<(), String> {
        let mut out = match self.shown {
            Shown::Nothing => String::new(),
            _ => self.trace.error_logs(),
        };
        let warnings = self.trace.warnings();
        if !warnings.is_empty() && !matches!(self.shown, Shown::Nothing | Shown::Raw) {
            let count = match warnings.len() {
                1 => "1 warning".to_string(),
                n => format!("{n} warnings"),
            };
            out.push_str(&format!("\n \x1b[33m{count} found (use docker --debug to expand):\n\x1b[0m"));
            for warning in &warnings {
                out.push_str(&format!(" - {}\n", warning.short));
            }
            if self.error.is_none() {
                out.push('\n');
            }
        }
        if let Some(source) = &self.source {
            out.push_str(&excerpt(source));
        }
        c.eprint(&out).await;
        if let Some(error) = self.error {
            return Err(format!("failed to build: failed to solve: {error}"));
        }
        if let Some(findings) = &self.findings {
            c.print(&check_report(findings)).await;
            // The report is all that is said of it.
            return if findings.is_empty() { Ok(()) } else { Err(String::new()) };
        }
        if let Some(output) = &self.output {
            deliver(c, output, &self.files).await.map_err(|why| format!("failed to build: failed to solve: {why}"))?;
        }
        let file = c.matches.text("iidfile");
        if !file.is_empty() {
            let content = machine::fs::FileContent::from(self.image.clone().into_bytes());
            c.sys
                .put_file(&file, content, 0o644)
                .map_err(|e| format!("open {file}: {}", e.message().to_lowercase()))?;
        }
        let file = c.matches.text("metadata-file");
        if !file.is_empty() {
            let content = machine::fs::FileContent::from(self.metadata(c).into_bytes());
            c.sys
                .put_file(&file, content, 0o644)
                .map_err(|e| format!("open {file}: {}", e.message().to_lowercase()))?;
        }
        if c.matches.on("quiet") || c.matches.given("progress") == Some("quiet") {
            c.println(&self.image).await;
        }
        Ok(())
    }
}

impl Watch {
    /// What `--metadata-file` gets.
    fn metadata(&self, c: &Invocation) -> String {
        let bases = self.trace.steps.iter().filter_map(|s| s.vertex.name.strip_prefix("[internal] load metadata for "));
        let material = |name: &str| {
            let plain = name.trim_start_matches("docker.io/").trim_start_matches("library/");
            let (name, tag) = plain.rsplit_once(':').unwrap_or((plain, "latest"));
            json!({ "uri": format!("pkg:docker/{name}@{tag}?platform=linux%2Famd64") })
        };
        let file = c.matches.text("file");
        let entry = if file.is_empty() { "Dockerfile" } else { file.rsplit('/').next().unwrap_or("Dockerfile") };
        let mut bytes = [0; 25];
        c.sys.random(&mut bytes);
        let id: String =
            bytes.iter().map(|b| char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::from(*b) % 36])).collect();
        let value = json!({
            "buildx.build.provenance": {
                "builder": { "id": "" },
                "buildType": "https://mobyproject.org/buildkit@v1",
                "materials": bases.map(material).collect::<Vec<_>>(),
                "invocation": {
                    "configSource": { "entryPoint": entry },
                    "parameters": {
                        "frontend": "dockerfile.v0",
                        "locals": [{ "name": "context" }, { "name": "dockerfile" }],
                    },
                    "environment": { "platform": "linux/amd64" },
                },
            },
            "buildx.build.ref": format!("default/default/{id}"),
            "containerimage.config.digest": self.image,
            "containerimage.digest": self.image,
        });
        serde_json::to_string_pretty(&value).unwrap_or_default()
    }
}

/// A change as the builder's own protocol has it: times as text.
fn raw_line(change: &serde_json::Value) -> String {
    fn times(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Array(list) => list.iter_mut().for_each(times),
            serde_json::Value::Object(map) => {
                for (name, value) in map.iter_mut() {
                    match value.as_i64() {
                        Some(nanos) if matches!(name.as_str(), "started" | "completed" | "timestamp") => {
                            let (seconds, rest) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
                            *value = docker_api::time::rfc3339_nano(seconds, rest as u32).into();
                        }
                        _ => times(value),
                    }
                }
                map.retain(|name, value| !(value.is_null() && matches!(name.as_str(), "started" | "completed")));
            }
            _ => {}
        }
    }
    let mut change = change.clone();
    times(&mut change);
    format!("{change}\n")
}
