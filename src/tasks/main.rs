//! What the README's commands do: set up, build, serve, test, measure. `cargo task` runs it.
//!
//! It uses the standard library alone, so that it starts within seconds on a fresh machine.
#![allow(clippy::disallowed_types, reason = "this room runs on the real machine, with its clock")]

mod bench_redis;
mod conformance;
mod page;
mod python;
mod redis;
mod run;
mod sentinel_suite;
mod server;
mod setup;

use run::{Failure, Step};
use setup::Setup;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo task COMMAND [--offline]

  serve [--port N]  set up, build the page, serve it (http://localhost:8080 unless told otherwise)
  test              set up, then pass all tests
  conformance [X]   run Redis's own test suite against drydock redis-server, or its unit files named like X
  bench             set up, build the page, measure it
  bench redis       measure the Redis engine: beside the real server, and as wasm in Node beside ioredis-mock
  build             set up and build the page into dist/
  setup             only install what is missing

  --offline         touch no network; what is missing is an error
";

/// The command line.
struct Options {
    command: String,
    /// What of it: `bench redis`, `conformance geo`.
    of: Option<String>,
    offline: bool,
    port: u16,
}

fn options() -> Result<Options, String> {
    let mut options = Options { command: String::new(), of: None, offline: false, port: 8080 };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--offline" => options.offline = true,
            "--port" => {
                let port = arguments.next().and_then(|value| value.parse().ok());
                options.port = port.ok_or("--port wants a number up to 65535")?;
            }
            "serve" | "test" | "conformance" | "bench" | "build" | "setup" if options.command.is_empty() => {
                options.command = argument;
            }
            "redis" if options.command == "bench" && options.of.is_none() => options.of = Some(argument),
            _ if options.command == "conformance" && options.of.is_none() && !argument.starts_with('-') => {
                options.of = Some(argument);
            }
            other => return Err(format!("unknown argument: {other}")),
        }
    }
    if options.command.is_empty() { Err("which command?".to_owned()) } else { Ok(options) }
}

/// The checkout's root: this room lies two levels below it.
fn root() -> PathBuf {
    let room = Path::new(env!("CARGO_MANIFEST_DIR"));
    room.ancestors().nth(2).unwrap_or(room).to_owned()
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(problem) => {
            eprint!("{problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match perform(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n✗ {failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(options: &Options) -> Result<(), Failure> {
    let setup = Setup::new(root(), options.offline);
    match options.command.as_str() {
        "setup" => {
            redis::Redis::new(&setup).programs();
            setup.page().and_then(|()| setup.browser().map(drop))
        }
        "build" => setup.page().and_then(|()| page::build(&setup)),
        "serve" => serve(&setup, options.port),
        "bench" if options.of.is_some() => bench_redis::bench(&setup),
        "conformance" => conformance::run(&setup, options.of.as_deref()),
        "bench" => bench(&setup),
        _ => test(&setup),
    }
}

fn serve(setup: &Setup, port: u16) -> Result<(), Failure> {
    setup.page()?;
    page::build(setup)?;
    let server = server::Server::bind(&setup.dist(), port)?;
    println!("\nDrydock is at {}  (Ctrl-C ends it)", server.address());
    server.run();
    Ok(())
}

fn bench(setup: &Setup) -> Result<(), Failure> {
    setup.page()?;
    let browser = setup.browser()?;
    page::build(setup)?;
    let address = server::Server::bind(&setup.dist(), 0)?.spawn();
    Step::new("measure").run(
        setup
            .command("node")
            .arg("tests/browser/bench.mjs")
            .env("DRYDOCK_URL", address)
            .env("DRYDOCK_BROWSER", browser),
    )
}

/// Client libraries and the real redis-cli against `drydock redis-server`.
fn test_clients(setup: &Setup) -> Result<(), Failure> {
    let mut node = setup.command("node");
    node.args(["--test", "--test-concurrency=1", "--test-reporter=spec", "tests/clients/"]);
    node.env("DRYDOCK_NATIVE", setup.built("drydock"));
    if let Some(folder) = redis::Redis::new(setup).program("redis-cli").as_deref().and_then(std::path::Path::parent) {
        node.env("DRYDOCK_REDIS", folder);
    }
    if let Some(folder) = python::packages(setup) {
        node.env("DRYDOCK_PYTHON", folder);
    }
    Step::new("test with clients of Redis").run(&mut node)
}

/// All tests: what runs natively, what a reader of the code is promised, what runs in the browser.
fn test(setup: &Setup) -> Result<(), Failure> {
    setup.page()?;
    let browser = setup.browser()?;
    redis::Redis::new(setup).programs();
    Step::new("test natively").run(&mut setup.cargo("test", &["--locked"]))?;
    Step::new("test the page's rooms natively")
        .run(&mut setup.cargo("test", &["--locked", "-p", "app", "-p", "splitter", "-p", "tasks", "-p", "worker"]))?;
    let lint = ["--locked", "--workspace", "--exclude", "bindgen", "--all-targets", "--", "-D", "warnings"];
    Step::new("lint").run(&mut setup.cargo("clippy", &lint))?;
    Step::new("build the native command").run(&mut setup.cargo("build", &["--locked", "-p", "native"]))?;
    test_clients(setup)?;
    page::build(setup)?;
    let address = server::Server::bind(&setup.dist(), 0)?.spawn();
    Step::new("test in the browser").run(
        setup
            .command("node")
            .args(["--test", "--test-concurrency=1", "--test-reporter=spec", "tests/browser/"])
            .env("DRYDOCK_NATIVE", setup.built("drydock"))
            .env("DRYDOCK_URL", address)
            .env("DRYDOCK_BROWSER", browser),
    )?;
    println!("\n✓ all tests passed");
    Ok(())
}
