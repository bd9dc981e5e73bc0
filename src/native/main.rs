//! The `drydock` command: the same world without a browser.

mod options;
mod play;
mod session;

use std::process::ExitCode;

const USAGE: &str = "\
usage: drydock [--seed N]                                    a session in this terminal
       drydock play STEPS.jsonl [--seed N] [--host linux]    steps in, answers out; - reads standard input
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let run = match args.first().map(String::as_str) {
        Some("-h" | "--help" | "help") => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some("play") => options::parse(&args[1..], 1).and_then(|options| play::run(&options)),
        _ => options::parse(&args, 0).and_then(|options| session::run(&options)),
    };
    match run {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("drydock: {error}");
            ExitCode::from(2)
        }
    }
}
