//! The part of Redis's own test suite that is about Sentinels: five of them over five real servers, which it starts and
//! kills itself. Ours first, then real ones.

use crate::conformance::{put_script, wait_for_suite, without_colours};
use crate::run::{Failure, Step};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// It takes three minutes or four.
const MOST: Duration = Duration::from_secs(900);

/// Runs it for ours, and for the real one where there is one; says how many cases each passed, and which ours did not.
pub fn run(source: &Path, ours: &Path, real: Option<PathBuf>) -> Result<(), Failure> {
    let Some(real) = real else { return Err(Failure("it needs the real redis-server".into())) };
    let suite = |name: &str, program: String| {
        let step = Step::new(name);
        put_script(&source.join("src/redis-sentinel"), &format!("exec {program} \"$@\" --sentinel"))?;
        let passed = passed(source, name)?;
        step.done();
        Ok::<_, Failure>(passed)
    };
    let mine = suite("Sentinels of Drydock", format!("'{}' redis-server", ours.display()))?;
    let theirs = suite("real Sentinels", format!("'{}'", real.display()))?;
    println!("  {}/{} cases", mine.len(), theirs.len());
    // Ports in the names are those of the server that happened to be chosen.
    let alike = |name: &str| name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    let mine: Vec<String> = mine.iter().map(|name| alike(name)).collect();
    for name in theirs.iter().filter(|name| !mine.contains(&alike(name))) {
        println!("    {name}");
    }
    Ok(())
}

/// The names of the cases that passed.
fn passed(source: &Path, name: &str) -> Result<Vec<String>, Failure> {
    let path = source.join("tests/sentinel/tmp/output");
    let failed = |error: std::io::Error| Failure(format!("{}: {error}", path.display()));
    let output = fs::File::create(&path).map_err(failed)?;
    let mut suite = Command::new("./runtest-sentinel");
    suite.current_dir(source).stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
    wait_for_suite(&mut suite, name, MOST)?;
    let text = fs::read(&path).map_err(failed)?;
    Ok(read(&String::from_utf8_lossy(&text)))
}

fn read(output: &str) -> Vec<String> {
    let lines = output.lines().map(without_colours);
    lines.filter_map(|line| Some(line.split_once("> ")?.1.strip_suffix(": OK")?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn its_lines_are_read() {
        let output =
            "13:12:56> (init) Restart killed instances: \u{1b}[0;32;49mOK\u{1b}[0m\n13:12:57> Other: FAILED: x\n";
        assert_eq!(super::read(output), ["(init) Restart killed instances"]);
    }
}
