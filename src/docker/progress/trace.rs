//! What is known of a build while it runs.

use std::collections::BTreeMap;

use docker_api::types::{SolveStatus, Vertex, VertexStatus, VertexWarning};

/// A build's time in nanoseconds since 1970.
pub type Moment = i64;

/// One step.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// What the builder told last.
    pub vertex: Vertex,
    /// Its number in plain output; 0 if it has none yet.
    pub index: usize,
    /// Progress inside, in order.
    pub statuses: Vec<VertexStatus>,
    /// Ids of those that changed since they were printed.
    pub changed: Vec<String>,
    /// Its warnings.
    pub warnings: Vec<VertexWarning>,
    /// How many of them plain output has printed.
    pub warnings_printed: usize,
    /// Its output, line by line with the time in front.
    pub lines: Vec<String>,
    /// How many of them plain output has printed.
    pub lines_printed: usize,
    /// The last line has no end yet.
    pub partial: bool,
    /// Whether plain output has to look at it.
    pub updated: bool,
    /// The last lines as a terminal would show them.
    pub screen: Vec<String>,
    /// Bytes of output.
    pub bytes: usize,
    /// How often its output was shown.
    pub shown: usize,
}

impl Step {
    /// Whether it began.
    pub fn started(&self) -> bool {
        self.vertex.started.is_some()
    }

    /// Whether it ended.
    pub fn completed(&self) -> bool {
        self.vertex.completed.is_some()
    }
}

/// All steps, in the order in which they were heard of.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The steps.
    pub steps: Vec<Step>,
    by_digest: BTreeMap<String, usize>,
    /// Positions in the order in which they began.
    pub begun: Vec<usize>,
}

const SCREEN_LINES: usize = 6;
const MAX_LINES: usize = 100_000;

impl Trace {
    fn step(&mut self, digest: &str) -> &mut Step {
        let at = *self.by_digest.entry(digest.to_string()).or_insert(self.steps.len());
        if at == self.steps.len() {
            self.steps.push(Step::default());
        }
        &mut self.steps[at]
    }

    /// Takes a batch of changes.
    pub fn update(&mut self, status: SolveStatus) {
        for vertex in status.vertexes {
            let digest = vertex.digest.clone();
            let step = self.step(&digest);
            let begins = vertex.started.is_some() && step.vertex.started.is_none();
            step.vertex = vertex;
            step.updated |= step.started();
            if begins && let Some(at) = self.by_digest.get(&digest) {
                self.begun.push(*at);
            }
        }
        for status in status.statuses {
            let step = self.step(&status.vertex.clone());
            step.updated = true;
            if !step.changed.contains(&status.id) {
                step.changed.push(status.id.clone());
            }
            match step.statuses.iter_mut().find(|s| s.id == status.id) {
                Some(known) => *known = status,
                None => step.statuses.push(status),
            }
        }
        for warning in status.warnings {
            let step = self.step(&warning.vertex.clone());
            step.updated = true;
            step.warnings.push(warning);
        }
        for log in status.logs {
            let step = self.step(&log.vertex.clone());
            step.updated = true;
            step.bytes += log.data.len();
            let since = (log.timestamp - step.vertex.started.unwrap_or(log.timestamp)) as f64 / 1e9;
            for piece in log.data.split_inclusive('\n') {
                step.take_output(piece, since);
            }
        }
    }

    /// All warnings.
    pub fn warnings(&self) -> Vec<&VertexWarning> {
        self.steps.iter().flat_map(|s| &s.warnings).collect()
    }

    /// What was under way ends without a result.
    pub fn cancel(&mut self, now: Moment) {
        for step in self.steps.iter_mut().filter(|step| step.started() && !step.completed()) {
            step.vertex.completed = Some(now);
            step.vertex.error = "context canceled".into();
            step.updated = true;
        }
    }

    /// What is printed at the end of steps that failed.
    pub fn error_logs(&self) -> String {
        let mut out = String::new();
        for step in self.begun.iter().filter_map(|at| self.steps.get(*at)) {
            if step.vertex.error.is_empty() || step.vertex.error.ends_with("context canceled") {
                continue;
            }
            out.push_str(&format!("------\n > {}:\n", step.vertex.name));
            for line in &step.lines {
                out.push_str(line);
                out.push('\n');
            }
            out.push_str("------\n");
        }
        out
    }
}

impl Step {
    fn take_output(&mut self, piece: &str, since: f64) {
        let text = piece.trim_end_matches('\n').trim_end_matches('\r');
        let room = self.lines.len() < MAX_LINES;
        match self.lines.last_mut() {
            Some(last) if self.partial => last.push_str(text),
            _ if room => {
                let digits = match since {
                    s if s < 10.0 => 3,
                    s if s < 100.0 => 2,
                    _ => 1,
                };
                self.lines.push(format!("{since:.digits$} {text}"));
            }
            _ => {}
        }
        match self.screen.last_mut() {
            Some(last) if self.partial => last.push_str(text),
            _ => self.screen.push(text.to_string()),
        }
        if self.screen.len() > SCREEN_LINES {
            self.screen.remove(0);
        }
        self.partial = !piece.ends_with('\n');
    }
}

/// `104B`, `2.31MB`.
pub fn size(bytes: i64) -> String {
    let mut value = bytes as f64;
    if value < 1000.0 {
        return format!("{bytes}B");
    }
    for unit in ["kB", "MB", "GB", "TB"] {
        value /= 1000.0;
        if value < 1000.0 || unit == "TB" {
            return format!("{value:.2}{unit}");
        }
    }
    String::new()
}

/// The size of a status: ` 1.2MB / 3.4MB`, ` 104B` or nothing.
pub fn status_size(status: &VertexStatus) -> String {
    match (status.current, status.total) {
        (current, total) if total != 0 => format!("{} / {}", size(current), size(total)),
        (0, _) => String::new(),
        (current, _) => size(current),
    }
}
