//! `docker build`, by BuildKit.

use std::time::Duration;

use docker_api::http::TAR;
use docker_api::types::{
    BuildResult, BuildSource, IMAGE_ID, JsonMessage, SOURCE_ID, SolveStatus, TRACE_ID, Vertex, VertexWarning,
};
use machine::{Fd, Instant};
use serde_json::json;

use super::{instances, request};
use crate::api::{Body, JsonLines, Response};
use crate::cli::{Args, Invocation, Matches, Outcome, Spec, fail};
use crate::progress::{PlainDisplay, TerminalDisplay, Trace};
use crate::term::{Either, race};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["build", "builder build", "image build", "~buildx b"],
    aliases: "docker build, docker builder build, docker image build, docker buildx b",
    shown: "buildx build",
    usage: "[OPTIONS] PATH | URL | -",
    short: "Build an image from a Dockerfile",
    long: "Start a build",
    flags: &[r#"
|add-host|strings|Add a custom host-to-IP mapping (format: "host:ip")
|allow|stringArray|Allow extra privileged entitlement (e.g., "network.host", "security.insecure", "device")
|annotation|stringArray|Add annotation to the image
|attest|stringArray|Attestation parameters (format: "type=sbom,generator=image")
|build-arg|stringArray|Set build-time variables
|build-context|stringArray|Additional build contexts (e.g., name=path)
|builder|string|Override the configured builder instance
|cache-from|stringArray|External cache sources (e.g., "user/app:cache", "type=local,src=path/to/dir")
|cache-to|stringArray|Cache export destinations (e.g., "user/app:cache", "type=local,dest=path/to/dir")
|call|string|Set method for evaluating build ("check", "outline", "targets") (default "build")
|cgroup-parent|string|Set the parent cgroup for the "RUN" instructions during build
|check||Shorthand for "--call=check"
D|debug||Enable debug logging
f|file|string|Name of the Dockerfile (default: "PATH/Dockerfile")
|iidfile|string|Write the image ID to a file
|label|stringArray|Set metadata for an image
|load||Shorthand for "--output=type=docker"
|metadata-file|string|Write build result metadata to a file
|network|string|Set the networking mode for the "RUN" instructions during build (default "default")
|no-cache||Do not use cache when building the image
|no-cache-filter|stringArray|Do not cache specified stages
o|output|stringArray|Output destination (format: "type=local,dest=path")
|platform|stringArray|Set target platform for build
|progress|string|Set type of progress output ("auto", "none",  "plain", "quiet", "rawjson", "tty"). Use plain to show container output (default "auto")
|provenance|string|Shorthand for "--attest=type=provenance"
|pull||Always attempt to pull all referenced images
|push||Shorthand for "--output=type=registry"
q|quiet||Suppress the build output and print image ID on success
|sbom|string|Shorthand for "--attest=type=sbom"
|secret|stringArray|Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")
|shm-size|bytes|Shared memory size for build containers
|ssh|stringArray|SSH agent socket or keys to expose to the build (format: "default|<id>[=<socket>|<key>[,<key>]]")
t|tag|stringArray|Name and optionally a tag (format: "name:tag")
|target|string|Set the target build stage to build
|ulimit|ulimit|Ulimit options (default [])
|~compress||Compress the build context using gzip
|~cpu-period|int|Limit the CPU CFS (Completely Fair Scheduler) period
|~cpu-quota|int|Limit the CPU CFS (Completely Fair Scheduler) quota
c|~cpu-shares|int|CPU shares (relative weight)
|~cpuset-cpus|string|CPUs in which to allow execution (0-3, 0,1)
|~cpuset-mems|string|MEMs in which to allow execution (0-3, 0,1)
|~force-rm||Always remove intermediate containers
|~isolation|string|Container isolation technology
m|~memory|string|Memory limit
|~memory-swap|string|Swap limit equal to memory plus swap: -1 to enable unlimited swap
|~rm||Remove intermediate containers after a successful build (default true)
|~security-opt|stringArray|Security options
|~squash||Squash newly built layers into a single new layer
"#],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

/// A picture at most this often.
const RATE: Duration = Duration::from_millis(100);
/// A picture at least this often.
const TICK: Duration = Duration::from_millis(150);
/// The size of a terminal that does not tell.
const DEFAULT_SIZE: (usize, usize) = (80, 24);

/// Runs a build.
pub async fn run(c: Invocation) -> Outcome {
    match build(&c).await {
        Ok(()) => Ok(()),
        Err(why) if why.is_empty() => fail(""),
        Err(why) => fail(format!("ERROR: {why}")),
    }
}

async fn build(c: &Invocation) -> Result<(), String> {
    let m = &c.matches;
    check_options(m)?;
    let builder = m.given("builder").map_or_else(|| instances::current(&c.sys), str::to_string);
    if builder != "default" {
        return Err(format!("drydock: building with the builder {builder} is not emulated here, only with default"));
    }
    let check = match m.given("call") {
        Some("check") => true,
        None | Some("" | "build") => m.on("check"),
        Some(other) => return Err(format!("drydock: docker build --call={other} is not emulated here")),
    };
    if m.changed("squash") {
        c.eprint("WARNING: experimental flag squash is removed with BuildKit. You should squash inside build using a multi-stage Dockerfile for efficiency.\n").await;
    }
    check_platforms(m)?;
    let network = m.text("network");
    if !matches!(network.as_str(), "" | "default" | "host" | "none") {
        return Err(format!(
            "failed to build: network mode {} not supported by buildkit - you can define a custom network for your builder using the network driver-opt in buildx create",
            docker_api::text_quote(&network)
        ));
    }
    let display = display_kind(c)?;
    let mut watch = Watch::new(display);
    watch.findings = check.then(Vec::new);
    let asked = request::build_query(&c.sys, m)
        .and_then(|query| request::secrets(&c.sys, m).map(|secrets| request::with_secrets(query, secrets)));
    let wanted = match asked {
        // The builder fetches what is elsewhere.
        Ok(mut query) if request::is_remote(m.arg(0)) => {
            query.push("remote", m.arg(0));
            Ok((query, Vec::new(), m.text("file")))
        }
        Ok(query) => request::context(c).await.map(|(context, dockerfile)| (query, context, dockerfile)),
        Err(why) => Err(why),
    };
    let (mut query, context, dockerfile) = match wanted {
        Ok(wanted) => wanted,
        Err(why) => {
            // The display is up by then: a terminal shows it without a step.
            if display == Shown::Terminal {
                watch.show(c, true).await;
            }
            return Err(format!("failed to build: {why}"));
        }
    };
    query.push("dockerfile", dockerfile);
    query.push("version", "2");
    if check {
        query.push("call", "check");
    }
    let here = c.sys.getcwd().unwrap_or_default();
    query.push("sharedkey", crate::commands::container::option_values::absolute(m.arg(0), &here));
    let body = Body::Bytes(TAR, context);
    let response = c.client().send("POST", "/build", &query, body).await.map_err(|e| match e.is_unreachable() {
        true => e.to_string(),
        false => format!(
            "failed to build: failed to solve: {}",
            e.to_string().trim_start_matches("Error response from daemon: ")
        ),
    })?;
    watch.follow(c, response).await?;
    watch.finish(c).await
}

/// Options that are not emulated, and what the daemon's own builder cannot do.
fn check_options(m: &Matches) -> Result<(), String> {
    let attested = m.all("attest").iter().any(|a| !a.is_empty())
        || ["sbom", "provenance"].iter().any(|f| m.given(f).is_some_and(|v| v != "false"));
    if attested {
        return Err(unsupported("Attestation", "attestations"));
    }
    let image = |o: &String| o == "type=docker" || o == "type=image";
    if m.changed("output") && !m.all("output").iter().all(image) {
        return Err("drydock: docker build --output is not emulated here".to_string());
    }
    if m.all("ssh").iter().any(|s| s == "default") {
        return Err(
            "failed to build: failed to convert agent config {default [] false}: invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set"
                .to_string(),
        );
    }
    for flag in ["push", "ssh", "cache-from", "cache-to", "allow"] {
        if m.changed(flag) {
            return Err(format!("drydock: docker build --{flag} is not emulated here"));
        }
    }
    let progress = m.given("progress").unwrap_or("auto");
    if m.on("quiet") && !matches!(progress, "auto" | "quiet" | "") {
        return Err(format!("progress={progress} and quiet cannot be used together"));
    }
    Ok(())
}

fn unsupported(what: &str, page: &str) -> String {
    format!(
        "failed to build: {what} is not supported for the docker driver.\nSwitch to a different driver, or turn on the containerd image store, and try again.\nLearn more at https://docs.docker.com/go/{page}/"
    )
}

fn check_platforms(m: &Matches) -> Result<(), String> {
    let all: Vec<String> = m.all("platform").iter().flat_map(|p| p.split(',').map(String::from)).collect();
    for platform in &all {
        docker_api::platform::parse(platform).map_err(|why| format!("failed to build: {why}"))?;
    }
    if all.len() > 1 {
        return Err(unsupported("Multi-platform build", "build-multi-platform"));
    }
    Ok(())
}

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

/// How progress is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Terminal,
    Plain,
    /// Every change as a line of JSON.
    Raw,
    Nothing,
}

fn display_kind(c: &Invocation) -> Result<Shown, String> {
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

struct Watch {
    shown: Shown,
    trace: Trace,
    terminal: TerminalDisplay,
    plain: PlainDisplay,
    last: Option<Instant>,
    source: Option<BuildSource>,
    image: String,
    error: Option<String>,
    /// With `--check`: what was found, which is the result and no part of the display.
    findings: Option<Vec<VertexWarning>>,
    /// Lines of JSON that were not shown yet.
    raw: String,
}

impl Watch {
    fn new(shown: Shown) -> Watch {
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
            raw: String::new(),
        }
    }

    /// Reads the builder's messages and shows them until they end.
    async fn follow(&mut self, c: &Invocation, response: Response) -> Result<(), String> {
        if self.shown == Shown::Plain {
            c.eprint("#0 building with \"default\" instance using docker driver\n\n").await;
        }
        let mut lines = JsonLines::new(response);
        loop {
            match race(lines.next(), c.sys.sleep(TICK)).await {
                Either::Left(Ok(Some(line))) => self.take(&line)?,
                Either::Left(Ok(None)) => break,
                Either::Left(Err(error)) => {
                    self.error = Some(error.to_string());
                    break;
                }
                Either::Right(_) => {}
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
            IMAGE_ID => self.image = serde_json::from_value::<BuildResult>(aux).map_err(bad)?.id,
            _ => {}
        }
        Ok(())
    }

    async fn show(&mut self, c: &Invocation, done: bool) {
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
    async fn finish(self, c: &Invocation) -> Result<(), String> {
        let mut out = self.trace.error_logs();
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

/// What `--check` prints.
fn check_report(findings: &[VertexWarning]) -> String {
    let mut out = match findings.len() {
        0 => return "Check complete, no warnings found.\n".to_string(),
        1 => "Check complete, 1 warning has been found!\n".to_string(),
        n => format!("Check complete, {n} warnings have been found!\n"),
    };
    for finding in findings {
        let (rule, text) = finding.short.split_once(": ").unwrap_or(("", &finding.short));
        let text = text.rsplit_once(" (line ").map_or(text, |(text, _)| text);
        let mut page = String::new();
        for (at, c) in rule.char_indices() {
            // A capital begins a word unless it goes on with others: `JSONArgs` is `json-args`.
            let next_small = rule[at + c.len_utf8()..].starts_with(|c: char| c.is_ascii_lowercase());
            let after_small = rule[..at].ends_with(|c: char| c.is_ascii_lowercase());
            if c.is_ascii_uppercase() && at > 0 && (next_small || after_small) {
                page.push('-');
            }
            page.push(c.to_ascii_lowercase());
        }
        out.push_str(&format!("\nWARNING: {rule} - https://docs.docker.com/go/dockerfile/rule/{page}/\n{text}\n"));
        let source = BuildSource {
            filename: finding.filename.clone(),
            source: finding.source.clone(),
            ranges: finding.ranges.clone(),
        };
        out.push_str(&excerpt(&source));
    }
    out
}

/// The marked lines of the Dockerfile, with some around them.
fn excerpt(source: &BuildSource) -> String {
    let lines: Vec<&str> = source.source.split('\n').collect();
    let count = lines.len() as u32;
    let Some(first) = source.ranges.iter().map(|r| r.0).min().filter(|f| (1..=count).contains(f)) else {
        return String::new();
    };
    let last = source.ranges.iter().map(|r| r.1).max().unwrap_or(first).clamp(first, count);
    let (mut start, mut end) = (first, last);
    let pad = if start == end { 4 } else { 2 };
    let mut padded = 0;
    while padded < pad {
        if start > 1 {
            start -= 1;
            padded += 1;
        }
        if end != count {
            end += 1;
            padded += 1;
        }
        padded += 1;
    }
    let rule = "--------------------\n";
    let mut out = format!("{}:{first}\n{rule}", source.filename);
    for (number, line) in (start..=end).zip(lines.iter().skip(start as usize - 1)) {
        let marked = source.ranges.iter().any(|(low, high)| (*low..=*high).contains(&number));
        out.push_str(&format!(" {number:3} | {} {line}\n", if marked { ">>>" } else { "   " }));
    }
    out + rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_equal_the_recorded_ones() {
        let text = "FROM busybox\nRUN echo one\nRUN nosuchcmd --flag\nRUN echo three\n";
        let source = BuildSource { filename: "Dockerfile".into(), source: text.into(), ranges: vec![(3, 3)] };
        assert_eq!(
            excerpt(&source),
            "Dockerfile:3\n--------------------\n   1 |     FROM busybox\n   2 |     RUN echo one\n   3 | >>> RUN nosuchcmd --flag\n   \
             4 |     RUN echo three\n   5 |     \n--------------------\n"
        );
        let source = BuildSource { filename: "Dockerfile".into(), source: "FROM\n".into(), ranges: vec![(1, 1)] };
        assert_eq!(
            excerpt(&source),
            "Dockerfile:1\n--------------------\n   1 | >>> FROM\n   2 |     \n--------------------\n"
        );
        assert_eq!(excerpt(&BuildSource { ranges: vec![(9, 9)], ..BuildSource::default() }), "");
    }
}
