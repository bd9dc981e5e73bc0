//! The builder's display on a terminal: a list of steps that is painted again and again. Source: the
//! recorded byte streams of buildx.

use super::trace::{Moment, Step, Trace, status_size};

const OUTPUT_LINES: usize = 6;
const OUTPUT_MARGIN: usize = 10;
const RUN: &str = "\x1b[34m";
const ERROR: &str = "\x1b[31m";
const CANCELLED: &str = "\x1b[33m";
const FAINT: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

/// The painter.
#[derive(Default)]
pub struct TerminalDisplay {
    lines: usize,
    repeated: bool,
}

#[derive(Clone)]
struct Job {
    name: String,
    status: String,
    start: Option<Moment>,
    end: Option<Moment>,
    colour: Option<&'static str>,
    step: Option<usize>,
    screen: Vec<String>,
}

impl TerminalDisplay {
    /// The bytes of one picture. `all` paints the last one, whatever the terminal's height.
    pub fn paint(&mut self, trace: &mut Trace, now: Moment, size: (usize, usize), all: bool) -> String {
        let (width, height) = size;
        let mut out = "\x1b[1A".repeat(self.lines + 1);
        if !self.repeated {
            out.push_str("\x1b[1B");
        }
        self.repeated = true;
        out.push_str("\x1b[0G\x1b[?25l");
        let jobs = arrange(trace, height, all);
        let begin = trace.begun.iter().filter_map(|at| trace.steps.get(*at)?.vertex.started).min().unwrap_or(now);
        let done = trace.steps.iter().filter(|s| s.completed()).count();
        let finished = if done > 0 && done == trace.steps.len() && all { "FINISHED" } else { "" };
        let title = format!("[+] Building {:.1}s ({done}/{}) {finished}", seconds(begin, now), trace.steps.len());
        out.push_str(&align(&title, "docker:default", width.saturating_sub(1)));
        out.push('\n');
        let mut lines = 0;
        for job in &jobs {
            lines += paint_job(&mut out, job, now, width);
        }
        if let Some(less) = self.lines.checked_sub(lines).filter(|n| *n > 0) {
            for _ in 0..less {
                out.push_str(&" ".repeat(width));
                out.push('\n');
            }
            out.push_str(&format!("\x1b[{less}A\x1b[0G"));
        }
        self.lines = lines;
        out + "\x1b[?25h"
    }
}

fn seconds(start: Moment, end: Moment) -> f64 {
    (end - start).max(0) as f64 / 1e9
}

/// Left text, right text, and blanks between them up to the width.
fn align(left: &str, right: &str, width: usize) -> String {
    let room = width.saturating_sub(right.len() + 1);
    format!("{left:room$} {right}")
}

fn paint_job(out: &mut String, job: &Job, now: Moment, width: usize) -> usize {
    const PREFIX: &str = " => ";
    if job.name.trim().is_empty() {
        return 0;
    }
    let timer = format!(" {:.1}s", job.start.map_or(0.0, |start| seconds(start, job.end.unwrap_or(now))));
    let Some(mut left) = width.checked_sub(PREFIX.len() + timer.len() + 2) else { return 0 };
    let show_status = !job.status.is_empty() && left + job.status.len() > 20;
    if show_status {
        left = left.saturating_sub(job.status.len() + 1);
    }
    if left < 12 {
        return 0;
    }
    let mut line = format!("{PREFIX}{}", job.name.chars().take(left).collect::<String>());
    if show_status {
        line.push(' ');
        line.push_str(&job.status);
    }
    let line = align(&line, &timer, width.saturating_sub(1));
    match job.colour {
        Some(colour) if job.end.is_some() => out.push_str(&format!("{colour}{line}\n{RESET}")),
        _ => out.push_str(&format!("{line}\n")),
    }
    let screen = wrapped(&job.screen, width.saturating_sub(OUTPUT_MARGIN));
    for text in &screen {
        out.push_str(&format!("{FAINT} => => # {text}\n{RESET}"));
    }
    1 + screen.len()
}

/// The last rows of a small terminal so wide that shows these lines.
fn wrapped(lines: &[String], width: usize) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for line in lines {
        let chars: Vec<char> = line.chars().collect();
        rows.extend(chars.chunks(width.max(1)).map(|row| row.iter().collect()));
    }
    rows.split_off(rows.len().saturating_sub(OUTPUT_LINES))
}

fn jobs_of(at: usize, step: &Step, jobs: &mut Vec<Job>) {
    let vertex = &step.vertex;
    let cancelled = vertex.error.ends_with("context canceled");
    let (mark, colour) = match () {
        () if vertex.error.is_empty() => ("", RUN),
        () if cancelled => ("CANCELED ", CANCELLED),
        () => ("ERROR ", ERROR),
    };
    let cached = if vertex.cached { "CACHED " } else { "" };
    jobs.push(Job {
        name: format!("{cached}{mark}{}", vertex.name.replace('\t', " ")),
        status: String::new(),
        start: vertex.started,
        end: vertex.completed,
        colour: Some(colour),
        step: Some(at),
        screen: Vec::new(),
    });
    for status in &step.statuses {
        jobs.push(Job {
            name: format!("=> {}", status.id),
            status: status_size(status),
            start: status.started,
            end: status.completed,
            colour: Some(RUN),
            step: None,
            screen: Vec::new(),
        });
    }
    for warning in &step.warnings {
        jobs.push(Job {
            name: format!("WARN: {}", warning.short),
            status: String::new(),
            start: vertex.started,
            end: vertex.completed,
            colour: None,
            step: None,
            screen: Vec::new(),
        });
    }
}

/// The jobs to show, with the output of running ones as far as there is room.
fn arrange(trace: &mut Trace, height: usize, all: bool) -> Vec<Job> {
    let mut jobs = Vec::new();
    for at in &trace.begun {
        if let Some(step) = trace.steps.get(*at) {
            jobs_of(*at, step, &mut jobs);
        }
    }
    let running = jobs.iter().filter(|j| j.end.is_none()).count();
    let weight = |j: &Job| j.step.and_then(|at| trace.steps.get(at)).map_or(0, |s| s.bytes + s.shown * 50);
    let mut talking: Vec<usize> = (0..jobs.len())
        .filter(|i| {
            jobs[*i].end.is_none() && jobs[*i].step.and_then(|at| trace.steps.get(at)).is_some_and(|s| s.bytes > 0)
        })
        .collect();
    talking.sort_by_key(|i| std::cmp::Reverse(weight(&jobs[*i])));
    let mut free = height as i64 - 2 - running as i64;
    let mut hidden = 0;
    for i in talking {
        if free <= OUTPUT_LINES as i64 + 3 {
            break;
        }
        let step = jobs[i].step.and_then(|at| trace.steps.get_mut(at));
        if let Some(step) = step {
            step.shown += 1;
            jobs[i].screen = step.screen.iter().filter(|l| !l.trim().is_empty()).cloned().collect();
            hidden += jobs[i].screen.len();
        }
        free -= OUTPUT_LINES as i64 + 3;
    }
    if all {
        return jobs;
    }
    let room = height.saturating_sub(2 + hidden);
    fit(jobs, room)
}

/// The last jobs that fit; running ones that would be cut take the place of finished ones.
fn fit(jobs: Vec<Job>, room: usize) -> Vec<Job> {
    if jobs.len() <= room {
        return jobs;
    }
    let cut = jobs.len() - room;
    let cut_running: Vec<Job> = jobs[..cut].iter().filter(|j| j.end.is_none()).cloned().collect();
    let mut left = cut_running.len();
    let mut kept = Vec::new();
    for job in &jobs[cut..] {
        if job.end.is_none() || left == 0 {
            kept.push(job.clone());
        }
        left = left.saturating_sub(1);
    }
    let free = (room - kept.len()).min(cut_running.len());
    let mut out = cut_running[cut_running.len() - free..].to_vec();
    out.extend(kept);
    out
}

#[cfg(test)]
mod tests {
    use docker_api::types::{SolveStatus, Vertex, VertexStatus};

    use super::*;

    const S: i64 = 1_000_000_000;

    fn vertex(digest: &str, name: &str, started: Option<i64>, completed: Option<i64>) -> Vertex {
        Vertex { digest: digest.into(), name: name.into(), started, completed, ..Vertex::default() }
    }

    #[test]
    fn pictures_equal_the_recorded_ones() {
        let mut trace = Trace::default();
        let mut display = TerminalDisplay::default();
        let load = "[internal] load build definition from Dockerfile";
        trace.update(SolveStatus { vertexes: vec![vertex("a", load, None, None)], ..SolveStatus::default() });
        let blank = format!("[+] Building 0.0s (0/1){}docker:default\n", " ".repeat(82));
        assert_eq!(
            display.paint(&mut trace, 0, (120, 30), false),
            format!("\x1b[1A\x1b[1B\x1b[0G\x1b[?25l{blank}\x1b[?25h")
        );
        let status = VertexStatus {
            id: "transferring dockerfile:".into(),
            vertex: "a".into(),
            current: 104,
            started: Some(0),
            completed: Some(1),
            ..VertexStatus::default()
        };
        trace.update(SolveStatus {
            vertexes: vec![vertex("a", load, Some(0), Some(1)), vertex("b", "[2/2] RUN x", Some(S / 10), None)],
            statuses: vec![status],
            ..SolveStatus::default()
        });
        let shown = display.paint(&mut trace, 3 * S / 10, (120, 30), false);
        let title = format!("[+] Building 0.3s (1/2){}docker:default\n", " ".repeat(82));
        let first = format!("\x1b[34m => {load}{}0.0s\n\x1b[0m", " ".repeat(119 - 4 - load.len() - 4));
        let second =
            format!("\x1b[34m => => transferring dockerfile: 104B{}0.0s\n\x1b[0m", " ".repeat(119 - 7 - 29 - 4));
        let third = format!(" => [2/2] RUN x{}0.2s\n", " ".repeat(119 - 4 - 11 - 4));
        assert_eq!(shown, format!("\x1b[1A\x1b[0G\x1b[?25l{title}{first}{second}{third}\x1b[?25h"));
        let next = display.paint(&mut trace, 3 * S / 10, (120, 30), false);
        assert!(next.starts_with("\x1b[1A\x1b[1A\x1b[1A\x1b[1A\x1b[0G\x1b[?25l[+] Building"));
    }

    #[test]
    fn running_steps_stay_in_sight() {
        let mut trace = Trace::default();
        let mut vertexes = vec![vertex("run", "the running one", Some(0), None)];
        vertexes.extend((0..20).map(|i| vertex(&i.to_string(), &format!("step {i}"), Some(1), Some(2))));
        trace.update(SolveStatus { vertexes, ..SolveStatus::default() });
        let shown = TerminalDisplay::default().paint(&mut trace, 5, (80, 10), false);
        assert!(shown.contains("the running one") && !shown.contains("step 3 ") && shown.contains("step 19"));
        for (width, height) in [(0, 0), (1, 1), (10, 2), (20, 3)] {
            TerminalDisplay::default().paint(&mut trace, 5, (width, height), false);
        }
    }
}
