//! Filters with what jq 1.6 gives for them.

use std::rc::Rc;

use super::eval::{At, Runner, Stop};
use super::json::{Reader, Style, Value, write};
use super::parse::parse;

/// A case a line: filter, input, output (all results, compact, with blanks between), parted by ` ⇒ `.
const CASES: &str = include_str!("cases.txt");

fn run(filter: &str, input: &str) -> String {
    let filter = match parse(filter) {
        Ok(filter) => filter,
        Err(problem) => return format!("compile: {}", problem.lines().next().unwrap_or("")),
    };
    let input = Reader::new(input).next().unwrap_or(Ok(Value::Null)).unwrap();
    let runner = Runner::new(Value::map(vec![(Rc::from("HOME"), Value::text("/root"))]), 0.0);
    let mut results = Vec::new();
    let ended = runner.run(&filter, &None, At::new(input), &mut |at| {
        results.push(write(&at.value, Style::default()));
        Ok(())
    });
    if let Err(Stop::Error(value)) = ended {
        results.push(format!(
            "error: {}",
            if let Value::Text(text) = &value { text.to_string() } else { write(&value, Style::default()) }
        ));
    }
    results.join(" ")
}

#[test]
fn filters_give_what_jq_gives() {
    let mut differ = Vec::new();
    for case in CASES.lines().filter(|line| !line.is_empty()) {
        let parts: Vec<&str> = case.split(" ⇒ ").collect();
        let [filter, input, expected] = parts[..] else { panic!("no case: {case}") };
        let got = run(filter, input);
        if got != expected {
            differ.push(format!("{filter} on {input}\n  expected {expected}\n  got      {got}"));
        }
    }
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
}

#[test]
fn hostile_filters_end() {
    assert!(run("def f: f; f", "null").starts_with("error: drydock"));
    assert!(run("[range(1e9)]", "null").starts_with("error: drydock"));
    assert!(run("def f: 1 + f; f", "null").starts_with("error: drydock"));
    assert!(parse(&"[".repeat(100_000)).is_err());
    assert!(Reader::new(&"[".repeat(100_000)).next().unwrap().is_err());
}
