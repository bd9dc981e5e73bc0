//! The builder's display elsewhere: lines with the step's number in front. Source: buildx's plain output.

use std::collections::BTreeMap;

use super::trace::{Moment, Trace, status_size};

/// A status that moves is printed again after so long, or after so much of its total.
const STATUS_DELAY: Moment = 5_000_000_000;
const STATUS_SHARE: f64 = 0.05;

/// The printer.
#[derive(Default)]
pub struct PlainDisplay {
    current: Option<usize>,
    next_index: usize,
    not_first: bool,
    statuses: BTreeMap<String, (Moment, i64)>,
}

impl PlainDisplay {
    /// What is new.
    pub fn print(&mut self, trace: &mut Trace) -> String {
        let mut out = String::new();
        let updated: Vec<usize> =
            (0..trace.steps.len()).filter(|at| trace.steps[*at].updated && trace.steps[*at].started()).collect();
        let (mut done, open): (Vec<usize>, Vec<usize>) =
            updated.into_iter().partition(|at| trace.steps[*at].completed());
        // The step whose lines were printed last is finished first, so that its lines stay together.
        done.sort_by_key(|at| Some(*at) != self.current);
        for at in done {
            self.step(trace, at, &mut out);
        }
        let current_open = self.current.is_some_and(|at| !trace.steps[at].completed());
        match self.current {
            Some(at) if current_open => {
                if open.contains(&at) {
                    self.step(trace, at, &mut out);
                }
            }
            _ => {
                let loudest = open.into_iter().max_by_key(|at| (trace.steps[*at].bytes, std::cmp::Reverse(*at)));
                let waiting =
                    || (0..trace.steps.len()).find(|at| trace.steps[*at].started() && !trace.steps[*at].completed());
                if let Some(at) = loudest.or_else(waiting) {
                    self.step(trace, at, &mut out);
                }
            }
        }
        out
    }

    fn step(&mut self, trace: &mut Trace, at: usize, out: &mut String) {
        if trace.steps[at].index == 0 {
            self.next_index += 1;
            trace.steps[at].index = self.next_index;
        }
        if self.current != Some(at) {
            if let Some(old) = self.current.and_then(|c| trace.steps.get(c)) {
                out.push_str(&format!("#{} ...\n", old.index));
            }
            if self.not_first {
                out.push('\n');
            }
            self.not_first = true;
            out.push_str(&format!("#{} {}\n", trace.steps[at].index, trace.steps[at].vertex.name));
        }
        let step = &mut trace.steps[at];
        step.updated = false;
        let mut open_status = false;
        for status in &step.statuses {
            if !step.changed.contains(&status.id) {
                continue;
            }
            let moment = status.timestamp;
            if let (Some((last, current)), None) = (self.statuses.get(&status.id), status.completed) {
                let share =
                    if status.total > 0 { (status.current - current) as f64 / status.total as f64 } else { 0.0 };
                if moment - last < STATUS_DELAY && share < STATUS_SHARE {
                    continue;
                }
            }
            self.statuses.insert(status.id.clone(), (moment, status.current));
            let size = status_size(status);
            let size = if size.is_empty() { size } else { format!(" {size}") };
            let took = status.started.map_or(0, |s| status.completed.unwrap_or(moment) - s);
            let time = if took > 10_000_000 { format!(" {:.1}s", took as f64 / 1e9) } else { String::new() };
            let done = if status.completed.is_some() { " done" } else { "" };
            open_status |= status.completed.is_none();
            out.push_str(&format!("#{} {}{size}{time}{done}\n", step.index, status.id));
        }
        step.changed.clear();
        for warning in step.warnings.iter().skip(step.warnings_printed) {
            out.push_str(&format!("#{} WARN: {}\n", step.index, warning.short));
        }
        step.warnings_printed = step.warnings.len();
        let whole = step.lines.len() - usize::from(step.partial && !step.completed());
        for line in step.lines.iter().take(whole).skip(step.lines_printed) {
            out.push_str(&format!("#{} {line}\n", step.index));
        }
        step.lines_printed = step.lines_printed.max(whole);
        self.current = Some(at);
        if let (Some(end), false) = (step.vertex.completed, open_status) {
            self.current = None;
            let vertex = &step.vertex;
            let text = match () {
                () if vertex.error.ends_with("context canceled") => "CANCELED".to_string(),
                () if !vertex.error.is_empty() => format!("ERROR: {}", vertex.error),
                () if vertex.cached => "CACHED".to_string(),
                () => format!("DONE {:.1}s", (end - vertex.started.unwrap_or(end)) as f64 / 1e9),
            };
            out.push_str(&format!("#{} {text}\n", step.index));
        }
    }
}

#[cfg(test)]
mod tests {
    use docker_api::types::{SolveStatus, Vertex, VertexLog, VertexStatus};

    use super::*;

    const S: i64 = 1_000_000_000;

    #[test]
    fn output_equals_the_recorded_one() {
        let mut trace = Trace::default();
        let mut display = PlainDisplay::default();
        let vertex = |d: &str, name: &str, end: Option<i64>| Vertex {
            digest: d.into(),
            name: name.into(),
            started: Some(0),
            completed: end,
            ..Vertex::default()
        };
        let status = VertexStatus {
            id: "transferring dockerfile:".into(),
            vertex: "a".into(),
            current: 99,
            started: Some(0),
            completed: Some(1),
            ..VertexStatus::default()
        };
        trace.update(SolveStatus {
            vertexes: vec![vertex("a", "[internal] load build definition from Dockerfile", Some(1))],
            statuses: vec![status],
            ..SolveStatus::default()
        });
        let mut out = display.print(&mut trace);
        let mut cached = vertex("b", "[1/3] FROM docker.io/library/busybox:latest", Some(1));
        cached.cached = true;
        let log = |data: &str, at: i64| VertexLog { vertex: "c".into(), stream: 1, data: data.into(), timestamp: at };
        trace.update(SolveStatus {
            vertexes: vec![cached, vertex("c", "[2/3] RUN echo one", None)],
            logs: vec![log("on", S * 282 / 1000)],
            ..SolveStatus::default()
        });
        out += &display.print(&mut trace);
        trace.update(SolveStatus {
            logs: vec![log("e\n", S / 2)],
            vertexes: vec![vertex("c", "[2/3] RUN echo one", Some(S * 3 / 10))],
            ..SolveStatus::default()
        });
        out += &display.print(&mut trace);
        let mut failed = vertex("d", "[3/3] RUN x", Some(S));
        failed.error = "process \"x\" did not complete successfully: exit code: 127".into();
        trace.update(SolveStatus { vertexes: vec![failed], ..SolveStatus::default() });
        out += &display.print(&mut trace);
        assert_eq!(
            out,
            "#1 [internal] load build definition from Dockerfile\n#1 transferring dockerfile: 99B done\n#1 DONE 0.0s\n\n\
             #2 [1/3] FROM docker.io/library/busybox:latest\n#2 CACHED\n\n\
             #3 [2/3] RUN echo one\n#3 0.282 one\n#3 DONE 0.3s\n\n\
             #4 [3/3] RUN x\n#4 ERROR: process \"x\" did not complete successfully: exit code: 127\n"
        );
        assert_eq!(trace.error_logs(), "------\n > [3/3] RUN x:\n------\n");
    }
}
