//! Help and usage mistakes against recordings of the real client.

use serde_json::Value;

use super::flags::Stop;
use super::tree::Found;
use super::*;
use crate::commands::TREE;

fn words(line: &str) -> Vec<String> {
    line.split(' ').filter(|w| !w.is_empty()).map(str::to_string).collect()
}

fn help(path: &str, width: usize) -> String {
    match TREE.find(&words(path)) {
        Found::Group(node, _) => group_help(&node, width),
        Found::Command(spec, typed, _) => help_text(spec, &typed, width),
    }
}

#[test]
fn help_equals_the_recorded_help() {
    let recorded: Value = serde_json::from_str(include_str!("fixtures/help.json")).unwrap();
    let mut wrong = Vec::new();
    for (width, texts) in recorded.as_object().unwrap() {
        for (path, text) in texts.as_object().unwrap() {
            let bare = path.strip_prefix("docker").unwrap().trim();
            let shown = help(bare, width.parse().unwrap());
            let differs = shown.lines().zip(text.as_str().unwrap().lines()).find(|(a, b)| a != b);
            if shown != text.as_str().unwrap() {
                wrong.push(format!("{path} at {width}: {differs:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ: {}", wrong.len(), wrong.join(", "));
}

/// What the client prints for a line that it refuses before it asks the daemon.
fn refusal(line: &str) -> (String, i32) {
    let args: Vec<String> = serde_json::from_str(line).unwrap();
    let Found::Command(spec, typed, used) = TREE.find(&args) else { panic!("{line}") };
    let usage = usage_line(spec, &typed);
    match parse(spec, &args[used..]).map_err(|stop| *stop) {
        Err((Stop::Mistake(text), _)) => {
            (format!("{text}\n\nUsage:  {usage}\n\nRun 'docker {typed} --help' for more information"), 125)
        }
        Err((Stop::Help, _)) => ("help".to_string(), 0),
        Ok(matches) => match spec.args.check(matches.args.len(), &format!("docker {typed}"), &usage) {
            Err(failure) => (failure.text, failure.status),
            Ok(()) => ("accepted".to_string(), 0),
        },
    }
}

#[test]
fn usage_mistakes_equal_the_recorded_ones() {
    let recorded: Value = serde_json::from_str(include_str!("fixtures/mistakes.json")).unwrap();
    for case in recorded.as_array().unwrap() {
        let args = case["args"].to_string();
        let (text, status) = refusal(&args);
        assert_eq!(
            (text.as_str(), i64::from(status)),
            (case["text"].as_str().unwrap(), case["status"].as_i64().unwrap()),
            "{args}"
        );
    }
}

#[test]
fn flags_parse_as_pflag_parses_them() {
    let run = |line: &str| {
        let args = words(line);
        let Found::Command(spec, _, used) = TREE.find(&args) else { panic!() };
        parse(spec, &args[used..]).map_err(|stop| stop.0)
    };
    let m = run("run -itd -p80:81 -p=82:83 --name=web -e A=1 -eB=2 --net mynet busybox -x --y").unwrap();
    assert!(m.on("interactive") && m.on("tty") && m.on("detach") && !m.on("rm"));
    assert_eq!(m.all("publish"), ["80:81", "82:83"]);
    assert_eq!(m.all("env"), ["A=1", "B=2"]);
    assert_eq!(m.all("network"), ["mynet"]);
    assert_eq!(m.args, ["busybox", "-x", "--y"]);
    assert_eq!(m.text("pull"), "missing");
    assert!(m.on("sig-proxy"));
    let m = run("ps a -q -- -a").unwrap();
    assert_eq!(m.args, ["a", "-a"]);
    assert_eq!(m.number("last"), -1);
    assert!(matches!(run("ps --help"), Err(Stop::Help)));
    assert_eq!(run("stop --time 1 x").unwrap().number("timeout"), 1);
}

#[test]
fn global_flags_end_at_the_command() {
    for (line, n) in
        [("-H unix:///x ps -a", 2), ("--host=x ps", 1), ("-D -c y ps", 3), ("ps -H x", 0), ("--log-level", 1)]
    {
        assert_eq!(split_global(TREE.root, &words(line)), n, "{line}");
    }
}

#[test]
fn the_registry_is_sorted_and_its_paths_unique() {
    let groups = (TREE.groups)();
    let first: Vec<&str> = groups.iter().map(|g| g.paths[0]).collect();
    assert!(first.is_sorted(), "{first:?}");
    let mut seen = std::collections::BTreeSet::new();
    for spec in (TREE.commands)() {
        for path in spec.paths {
            assert!(seen.insert(path.trim_start_matches('~')), "{path} twice");
        }
    }
}
