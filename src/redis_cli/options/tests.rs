//! Expectations taken from redis-cli 8.6.3.

use super::*;

fn parse(line: &str) -> Result<(Options, usize), Stop> {
    Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), false)
}

#[test]
fn options_end_where_the_command_starts() {
    let (options, at) = parse("-h redis -p 7000 -c -n 2 --no-raw get -p").unwrap();
    assert_eq!((options.target.host.as_str(), options.target.port, options.target.database, at), ("redis", 7000, 2, 8));
    assert!(options.cluster_mode);
    assert_eq!(options.output, Output::Standard);
}

#[test]
fn unknown_or_incomplete_options_are_refused() {
    let text = "Unrecognized option or bad number of args for: '--nosuch'\n";
    assert_eq!(parse("--nosuch").unwrap_err(), Stop::error(text));
    assert_eq!(parse("-p").unwrap_err().stderr, text.replace("--nosuch", "-p"));
    assert_eq!(parse("-p 70000").unwrap_err().stderr, "Invalid server port.\n");
    assert_eq!(parse("-t x").unwrap_err().stderr, "Invalid connection timeout for -t.\n");
    assert_eq!(parse("-2 -3").unwrap_err().stderr, "Options -2 and -3 are mutually exclusive.\n");
}

#[test]
fn help_and_version_stop_at_once() {
    assert!(parse("-h").unwrap_err().stdout.starts_with("redis-cli 8.6.3\n\nUsage: redis-cli [OPTIONS]"));
    assert_eq!(parse("--version").unwrap_err(), Stop { stdout: "redis-cli 8.6.3\n".into(), ..Stop::default() });
    assert_eq!(parse("--cluster").unwrap_err().status, 1);
}

#[test]
fn uris_name_the_target() {
    let (options, _) = parse("-u redis://bob:p%20w@host:7001/3").unwrap();
    let target = options.target;
    assert_eq!((target.host.as_str(), target.port, target.database), ("host", 7001, 3));
    assert_eq!((target.user.unwrap(), target.password.unwrap()), (b"bob".to_vec(), b"p w".to_vec()));
    assert!(options.warnings.starts_with("Warning: Using a password"));
    assert_eq!(parse("-u http://x").unwrap_err().stderr, "Invalid URI scheme\n");
    assert_eq!(parse("-u redis://[::1]:7/1").unwrap().0.target.host, "::1");
}

#[test]
fn the_cluster_manager_takes_words_before_and_after_its_options() {
    let (options, _) = parse("--cluster create a:1 b:2 --cluster-replicas 1 --cluster-yes").unwrap();
    assert_eq!(options.cluster.arguments, ["a:1", "b:2"]);
    assert!(options.cluster.yes && options.cluster.replicas == 1);
    let (options, _) = parse("--cluster create --cluster-replicas 1 a:1 b:2").unwrap();
    assert_eq!(options.cluster.arguments, ["a:1", "b:2"]);
    let (options, _) = parse("--cluster rebalance a:1 --cluster-weight x=0 y=1 --cluster-simulate").unwrap();
    assert_eq!(options.cluster.weights.unwrap(), ["x=0", "y=1"]);
}
