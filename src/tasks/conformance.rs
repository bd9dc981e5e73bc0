//! Redis's own test suite against `drydock redis-server`, unit file by unit file, beside the real server's numbers.
//!
//! The suite is run where it was fetched to and is no part of this repository. It runs in external mode: against a
//! server that is there already, a fresh one for each unit file, alone and as a cluster of one node.

use crate::redis::Redis;
use crate::run::{Failure, Step};
use crate::setup::Setup;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Where the servers listen; the suite takes its own ports from 32 further on.
const PORT: u16 = 21_700;
/// A unit file that takes longer counts with what it passed.
const MOST: Duration = Duration::from_secs(300);
/// How long a server may take to listen.
const START: Duration = Duration::from_secs(20);
const TABLE: &str = "tests/redis/CONFORMANCE.md";

/// What a unit file gave.
#[derive(Clone, Default)]
struct Outcome {
    /// Names of the cases that passed.
    passed: Vec<String>,
}

/// One line of the table.
struct Row {
    unit: String,
    /// Ours and the real server, alone and in a cluster.
    results: [[Option<Outcome>; 2]; 2],
}

/// Runs the unit files whose names contain `filter` (all without one) and writes the table if it ran all. `sentinel`
/// is the suite's part for Sentinels.
pub fn run(setup: &Setup, filter: Option<&str>) -> Result<(), Failure> {
    let redis = Redis::new(setup);
    redis.programs();
    let source = redis.source()?;
    link_programs(&redis, &source)?;
    Step::new("build drydock redis-server").run(&mut setup.cargo(
        "build",
        &["--locked", "--release", "-p", "native", "--no-default-features", "--target-dir", "target/conformance"],
    ))?;
    let ours = setup.root().join("target/conformance/release/drydock");
    if filter == Some("sentinel") {
        return crate::sentinel_suite::run(&source, &ours, redis.program("redis-server"));
    }
    let units: Vec<String> = units(&source)?.into_iter().filter(|u| filter.is_none_or(|f| u.contains(f))).collect();
    let folder = setup.root().join("target/conformance/run");
    let mut rows = Vec::new();
    for unit in units {
        let step = Step::new(&unit);
        let mut results: [[Option<Outcome>; 2]; 2] = Default::default();
        for (mode, cluster) in [false, true].into_iter().enumerate() {
            let job = Job { source: &source, folder: &folder, unit: &unit, cluster };
            results[mode][0] = Some(job.run(Command::new(&ours).arg("redis-server"))?);
            if let Some(real) = redis.program("redis-server") {
                results[mode][1] = Some(job.run(&mut Command::new(real))?);
            }
        }
        let row = Row { unit, results };
        println!("  {}", row.text());
        for failed in row.missed() {
            println!("    {failed}");
        }
        rows.push(row);
        step.done();
    }
    if filter.is_none() {
        fs::write(setup.root().join(TABLE), table(&rows)).map_err(|error| Failure(format!("{TABLE}: {error}")))?;
        println!("\nwrote {TABLE}");
    }
    Ok(())
}

/// The suite looks for its helper programs in its own src folder.
fn link_programs(redis: &Redis<'_>, source: &Path) -> Result<(), Failure> {
    for name in ["redis-cli", "redis-benchmark", "redis-server"] {
        let (Some(program), link) = (redis.program(name), source.join("src").join(name)) else { continue };
        put_script(&link, &format!("exec '{}' \"$@\"", program.display()))?;
    }
    Ok(())
}

/// Makes a program of one line of shell.
pub fn put_script(path: &Path, line: &str) -> Result<(), Failure> {
    // Not through a link that somebody put there.
    let _ = fs::remove_file(path);
    fs::write(path, format!("#!/bin/sh\n{line}\n")).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
    let _ = Command::new("chmod").arg("755").arg(path).status();
    Ok(())
}

/// The unit files: `integration/…`, `unit/…` and `unit/type/…`.
fn units(source: &Path) -> Result<Vec<String>, Failure> {
    let mut units = Vec::new();
    for folder in ["integration", "unit", "unit/type"] {
        let path = source.join("tests").join(folder);
        let entries = fs::read_dir(&path).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        units.extend(names.filter_map(|name| Some(format!("{folder}/{}", name.strip_suffix(".tcl")?))));
    }
    units.sort();
    Ok(units)
}

/// A unit file in one of the two modes.
struct Job<'a> {
    source: &'a Path,
    folder: &'a Path,
    unit: &'a str,
    cluster: bool,
}

impl Job<'_> {
    fn run(&self, program: &mut Command) -> Result<Outcome, Failure> {
        let _ = fs::remove_dir_all(self.folder);
        fs::create_dir_all(self.folder).map_err(|error| Failure(format!("{}: {error}", self.folder.display())))?;
        let mut server = self.start(program)?;
        let output = self.suite();
        let _ = server.kill();
        let _ = server.wait();
        Ok(Outcome::read(&output?))
    }

    fn start(&self, program: &mut Command) -> Result<Child, Failure> {
        let port = PORT.to_string();
        program.current_dir(self.folder).stdout(Stdio::null()).stderr(Stdio::null());
        program.args(["--port", &port, "--save", "", "--bind", "127.0.0.1"]);
        program.args(["--enable-debug-command", "yes", "--enable-protected-configs", "yes"]);
        if self.cluster {
            program.args(["--cluster-enabled", "yes"]);
        }
        let server = program.spawn().map_err(|error| Failure(format!("the server does not start: {error}")))?;
        if self.cluster {
            wait_for("CLUSTER ADDSLOTSRANGE 0 16383", "+OK")?;
            wait_for("CLUSTER INFO", "cluster_state:ok")?;
        } else {
            wait_for("PING", "+PONG")?;
        }
        Ok(server)
    }

    /// The suite's output for this unit file.
    fn suite(&self) -> Result<String, Failure> {
        let (port, base) = (PORT.to_string(), (PORT + 32).to_string());
        let path = self.folder.join("output");
        let output = fs::File::create(&path).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        let mut suite = Command::new("./runtest");
        suite.current_dir(self.source).stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
        suite.args(["--host", "127.0.0.1", "--port", &port, "--baseport", &base, "--single", self.unit]);
        suite.args(["--durable", "--tags", "-slow"]).args(self.cluster.then_some("--cluster-mode"));
        wait_for_suite(&mut suite, self.unit, MOST)?;
        let bytes = fs::read(&path).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Runs a suite to its end, or for so long at most.
pub fn wait_for_suite(suite: &mut Command, name: &str, most: Duration) -> Result<(), Failure> {
    // It is a script that starts others: they end together.
    suite.process_group(0);
    let mut suite =
        suite.spawn().map_err(|error| Failure(format!("the suite does not run (is tclsh there?): {error}")))?;
    let begun = Instant::now();
    while matches!(suite.try_wait(), Ok(None)) {
        if begun.elapsed() > most {
            println!("! {name} takes longer than {} s: cut short", most.as_secs());
            let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", suite.id())]).status();
            let _ = suite.wait();
            break;
        }
        sleep(Duration::from_millis(50));
    }
    Ok(())
}

/// Asks until the answer holds what is wanted.
fn wait_for(request: &str, wanted: &str) -> Result<(), Failure> {
    let begun = Instant::now();
    while begun.elapsed() < START {
        if ask(request).is_some_and(|answer| answer.contains(wanted)) {
            return Ok(());
        }
        sleep(Duration::from_millis(50));
    }
    Err(Failure(format!("the server on port {PORT} does not answer {request} with {wanted}")))
}

fn ask(request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", PORT)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    stream.write_all(format!("{request}\r\n").as_bytes()).ok()?;
    let mut buffer = [0; 4096];
    let n = stream.read(&mut buffer).ok()?;
    Some(String::from_utf8_lossy(&buffer[..n]).into_owned())
}

impl Outcome {
    /// Reads the suite's lines, colours and all.
    fn read(output: &str) -> Outcome {
        let mut outcome = Outcome::default();
        for line in output.lines().map(without_colours) {
            if let Some(name) = line.strip_prefix("[ok]: ") {
                // Behind the name stands how long it took.
                outcome.passed.push(name.rsplit_once(" (").map_or(name, |(name, _)| name).to_owned());
            }
        }
        outcome
    }
}

/// A line as it is without a terminal.
pub fn without_colours(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once('m').map_or(part, |(_, rest)| rest));
    }
    text
}

impl Row {
    fn figures(&self, mode: usize) -> Option<(usize, usize)> {
        let [ours, real] = &self.results[mode];
        let ours = ours.as_ref().map_or(0, |o| o.passed.len());
        let total = real.as_ref().map_or(ours, |r| r.passed.len());
        (ours + total > 0).then_some((ours, total))
    }

    fn text(&self) -> String {
        let cell = |mode| self.figures(mode).map_or("-".to_owned(), |(ours, real)| format!("{ours}/{real}"));
        format!("{} {} {}", self.unit, cell(0), cell(1))
    }

    /// What the real server passes and ours does not.
    fn missed(&self) -> Vec<String> {
        let mut missed = Vec::new();
        for [ours, real] in &self.results {
            let (Some(ours), Some(real)) = (ours, real) else { continue };
            let lost = real.passed.iter().filter(|name| !ours.passed.contains(name));
            missed.extend(lost.filter(|name| !name.is_empty()).cloned());
        }
        missed.sort();
        missed.dedup();
        missed
    }
}

/// The whole as Markdown.
fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "# Redis's own test suite\n\n\
         `cargo task conformance` runs it against `drydock redis-server`, unit file by unit file in external mode\n\
         (`--single UNIT --durable --tags -slow`), and writes this page. Cases passed by Drydock / by the real server,\n\
         alone and as a cluster of one node. A unit file without a case that runs in this mode is left out.\n\n\
         | unit file | alone | cluster |\n| --- | ---: | ---: |\n",
    );
    let mut sums = [(0, 0), (0, 0)];
    let mut missed = String::new();
    for row in rows {
        let figures = [row.figures(0), row.figures(1)];
        if figures.iter().all(Option::is_none) {
            continue;
        }
        let mut cells = Vec::new();
        for (figure, sum) in figures.iter().zip(&mut sums) {
            let (ours, real) = figure.unwrap_or_default();
            *sum = (sum.0 + ours.min(real), sum.1 + real);
            cells.push(figure.map_or("–".to_owned(), |(ours, real)| format!("{ours} / {real}")));
        }
        let _ = writeln!(text, "| {} | {} |", row.unit, cells.join(" | "));
        for name in row.missed() {
            let _ = writeln!(missed, "- {}: {name}", row.unit);
        }
    }
    let cells: Vec<String> = sums.iter().map(|(ours, real)| format!("**{ours} / {real}**")).collect();
    let _ = writeln!(text, "| all | {} |", cells.join(" | "));
    if !missed.is_empty() {
        let _ = write!(text, "\n## Passed by the real server alone\n\n{missed}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn the_suites_lines_are_read() {
        let output =
            "[\u{1b}[0;32;49mok\u{1b}[0m]: SET (and GET) works (3 ms)\n[err]: INCR in tests/unit/x.tcl\nother\n";
        let outcome = Outcome::read(output);
        assert_eq!(outcome.passed, ["SET (and GET) works"]);
    }
}
