//! The `drydock` command: the same world without a browser.

#[cfg(feature = "world")]
mod options;
#[cfg(feature = "world")]
mod play;
mod redis_server;
#[cfg(feature = "world")]
mod session;

use std::process::ExitCode;

const USAGE: &str = "\
usage: drydock [--seed N]                                    a session in this terminal
       drydock play STEPS.jsonl [--seed N] [--host linux]    steps in, answers out; - reads standard input
       drydock redis-server [CONFIG] [--port N ...]          one Redis server on real TCP
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let run = match args.first().map(String::as_str) {
        Some("-h" | "--help" | "help") => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some("redis-server") => Ok(redis_server::run(&args)),
        _ => world(&args),
    };
    match run {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("drydock: {error}");
            ExitCode::from(2)
        }
    }
}

#[cfg(feature = "world")]
fn world(args: &[String]) -> Result<u8, String> {
    match args.first().map(String::as_str) {
        Some("play") => options::parse(&args[1..], 1).and_then(|options| play::run(&options)),
        _ => options::parse(args, 0).and_then(|options| session::run(&options)),
    }
}

#[cfg(not(feature = "world"))]
fn world(_: &[String]) -> Result<u8, String> {
    Err("this build has redis-server only".into())
}
