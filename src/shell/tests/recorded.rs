//! Scripts with what bash 5.2.15, dash 0.5.12 and busybox 1.35's ash printed for them (both outputs, in
//! `/tmp`, standard input empty) and the status.
//!
//! A record is the script, a line `----- STATUS` and the output; a line `=====` ends it.

use super::harness::run;

fn replay(shell: &str, records: &str) {
    let mut failures = Vec::new();
    for record in records.split("\n=====\n").filter(|record| !record.trim().is_empty()) {
        let Some((script, rest)) = record.split_once("\n----- ") else { panic!("no result in {record:?}") };
        let (status, expected) = rest.split_once('\n').unwrap_or((rest, ""));
        let (output, code) = run(shell, &["-c", script]);
        if output != expected || code.to_string() != status {
            failures.push(format!("{script}\nexpected {status}: {expected}\ngot {code}: {output}"));
        }
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n-----\n"));
}

#[test]
fn bash_scripts_give_what_bash_gives() {
    replay("bash", include_str!("bash.txt"));
}

#[test]
fn dash_scripts_give_what_dash_gives() {
    replay("dash", include_str!("dash.txt"));
}

#[test]
fn ash_scripts_give_what_ash_gives() {
    replay("ash", include_str!("ash.txt"));
}
