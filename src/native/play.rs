//! `drydock play`.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};

use playground::Play;

use crate::options::Options;

/// Plays the steps of a file; status 1 where one was no step.
pub fn run(options: &Options) -> Result<u8, String> {
    let path = &options.rest[0];
    let steps: Box<dyn BufRead> = if path == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(path).map_err(|e| format!("{path}: {e}"))?))
    };
    let mut play = Play::new(&options.boot);
    let (mut out, mut status) = (std::io::stdout().lock(), 0);
    for line in steps.lines() {
        let line = line.map_err(|e| format!("{path}: {e}"))?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = play.line(&line);
        if answer.starts_with("{\"error\"") {
            status = 1;
        }
        writeln!(out, "{answer}").and_then(|()| out.flush()).map_err(|e| e.to_string())?;
    }
    Ok(status)
}
