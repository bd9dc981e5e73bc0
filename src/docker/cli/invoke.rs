//! From the argument list to a running command.

use machine::process::Disposition;
use machine::{Errno, ExitCode, Fd, Signal, Sys};

use super::flags::Stop;
use super::tree::Found;
use super::{
    Failure, Matches, Outcome, Spec, Tree, fail, fail_with, group_help, help_text, parse, split_global, usage_line,
};
use crate::api::{Endpoint, contexts};

/// What a command is given.
pub struct Invocation {
    /// The machine.
    pub sys: Sys,
    /// Where the daemon listens.
    pub host: Endpoint,
    /// The name of the context in use.
    pub context: String,
    /// The flags and arguments.
    pub matches: Matches,
    /// The path it was typed by, without `docker`.
    pub path: String,
}

impl Invocation {
    /// Writes text to standard output.
    pub async fn print(&self, text: &str) {
        write_out(&self.sys, Fd::STDOUT, text.as_bytes()).await;
    }

    /// Writes text and a line feed to standard output.
    pub async fn println(&self, text: &str) {
        self.print(&format!("{text}\n")).await;
    }

    /// Writes text to standard error.
    pub async fn eprint(&self, text: &str) {
        write_out(&self.sys, Fd::STDERR, text.as_bytes()).await;
    }

    /// The refusal of `docker run` and its kind: `docker: …` and the pointer to the help.
    pub fn refuse<T>(&self, status: i32, text: &str) -> Result<T, Failure> {
        fail_with(status, format!("docker: {text}\n\nRun 'docker {} --help' for more information", self.path))
    }
}

/// Writes to a standard stream. As in Go's runtime, a reader that is gone ends the program by `SIGPIPE`.
pub async fn write_out(sys: &Sys, fd: Fd, data: &[u8]) {
    if sys.for_thread().write_all(fd, data).await == Err(Errno::EPIPE) {
        let _ = sys.sigaction(Signal::PIPE, Disposition::Default);
        let _ = sys.kill(sys.getpid(), Some(Signal::PIPE));
        sys.yield_now().await;
    }
}

/// The width that help is laid out for.
pub fn help_width(sys: &Sys) -> usize {
    match sys.winsize(Fd::STDIN) {
        Ok(size) => usize::from(size.columns),
        Err(_) => super::help::DEFAULT_WIDTH,
    }
}

/// Runs `docker` with its arguments (without the program's name) to its exit status.
pub async fn run_command_line(sys: Sys, tree: Tree, words: Vec<String>) -> ExitCode {
    match dispatch(&sys, tree, &words).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.text.is_empty() {
                let _ = sys.write_all(Fd::STDERR, format!("{}\n", failure.text).as_bytes()).await;
            }
            ExitCode::from(failure.status)
        }
    }
}

async fn dispatch(sys: &Sys, tree: Tree, words: &[String]) -> Outcome {
    let split = split_global(tree.root, words);
    let (global, rest) = words.split_at(split);
    let wants_help = global.iter().any(|w| w == "--help" || w == "-h");
    let global = match parse(tree.root, global).map_err(|stop| *stop) {
        Ok(matches) => matches,
        Err((Stop::Help, matches)) => {
            notices(sys, &matches).await;
            matches
        }
        Err((Stop::Mistake(text), _)) => return usage_mistake(&text, "docker [OPTIONS] COMMAND [ARG...]", "docker"),
    };
    if let [_, second, ..] = global.all("host").as_slice() {
        let text =
            format!("invalid argument {} for \"-H, --host\" flag: specify only one -H", docker_api::text_quote(second));
        return usage_mistake(&text, "docker [OPTIONS] COMMAND [ARG...]", "docker");
    }
    let level = global.text("log-level");
    if !matches!(level.as_str(), "" | "panic" | "fatal" | "error" | "warn" | "warning" | "info" | "debug" | "trace") {
        return fail(format!("Unable to parse logging level: {level}"));
    }
    if global.on("version") {
        return print(sys, &format!("{}\n", crate::commands::version_line())).await;
    }
    if let (true, Found::Command(..)) = (global.on("tls") || global.on("tlsverify"), tree.find(rest)) {
        // Nobody has put keys here unless by hand.
        let home = sys.env_var("HOME").unwrap_or_default();
        let given = global.given("tlscacert").map(str::to_string);
        let key = given.unwrap_or_else(|| format!("{home}/.docker/ca.pem"));
        if let Err(errno) = sys.stat(&key) {
            let why = format!("unable to resolve docker endpoint: open {key}: {}", errno.message().to_lowercase());
            return fail(format!("Failed to initialize: {why}"));
        }
    }
    match rest.first().map(String::as_str) {
        Some("help") => return help_command(sys, tree, &rest[1..]).await,
        Some("__complete" | "__completeNoDesc") => return crate::complete::run(sys, tree, &global, rest).await,
        _ => {}
    }
    match tree.find(rest) {
        Found::Group(node, used) => group(sys, node, &rest[used..], wants_help).await,
        Found::Command(spec, path, used) => {
            let spec = match (tree.instead)(sys, &path) {
                Some((other, notice)) => {
                    let _ = sys.write_all(Fd::STDERR, notice.as_bytes()).await;
                    other
                }
                None => spec,
            };
            if wants_help {
                return print(sys, &help_text(spec, &path, help_width(sys))).await;
            }
            command(sys, &global, spec, path, &rest[used..]).await
        }
    }
}

async fn group(sys: &Sys, node: super::Node, rest: &[String], wants_help: bool) -> Outcome {
    let docker = if node.path.is_empty() { "docker".to_string() } else { format!("docker {}", node.path) };
    let help = |sys: &Sys| group_help(&node, help_width(sys));
    if wants_help && rest.is_empty() {
        return print(sys, &help(sys)).await;
    }
    match parse(node.spec, rest).map_err(|stop| *stop) {
        Err((Stop::Help, matches)) => {
            notices(sys, &matches).await;
            print(sys, &help(sys)).await
        }
        Err((Stop::Mistake(text), _)) => usage_mistake(&text, &docker, &docker),
        Ok(matches) => match matches.args.first() {
            None => print(sys, &help(sys)).await,
            Some(word) if node.path.is_empty() => {
                fail(format!("docker: unknown command: docker {word}\n\nRun 'docker --help' for more information"))
            }
            Some(word) => fail(format!(
                "docker: unknown command: {docker} {word}\n\nUsage:  {docker}{}\n\nRun '{docker} --help' for more information",
                // Three of the groups say in their own usage what is to follow.
                match node.path.as_str() {
                    "manifest" | "volume" => " COMMAND",
                    "stack" => " [OPTIONS]",
                    _ => "",
                }
            )),
        },
    }
}

async fn command(sys: &Sys, global: &Matches, spec: &'static Spec, typed: String, rest: &[String]) -> Outcome {
    // A name of the same group that help does not show (`container list`) is shown by its main name.
    let path = shown_path(spec, &typed);
    let shown = if spec.shown.is_empty() { path.as_str() } else { spec.shown };
    let (usage, docker) = (usage_line(spec, &path), format!("docker {shown}"));
    let matches = match parse(spec, rest).map_err(|stop| *stop) {
        Ok(matches) => matches,
        Err((Stop::Help, matches)) => {
            notices(sys, &matches).await;
            return print(sys, &help_text(spec, &typed, help_width(sys))).await;
        }
        Err((Stop::Mistake(text), _)) => return usage_mistake(&text, &usage, &docker),
    };
    notices(sys, &matches).await;
    if let Err(failure) = spec.args.check(matches.args.len(), &docker, &usage) {
        // buildx is a plugin that words its own errors.
        let prefix = if spec.shown.starts_with("buildx") { "ERROR: " } else { "" };
        return fail_with(failure.status, format!("{prefix}{}", failure.text));
    }
    let host = match Endpoint::resolve(sys, global) {
        // Contexts can be looked after even where the one in use is lost.
        Err(_) if path.starts_with("context ") => Endpoint::Unix(docker_api::DEFAULT_SOCKET.to_string()),
        host => host?,
    };
    let context = contexts::current(sys, global);
    (spec.run)(Invocation { sys: sys.clone(), host, context, matches, path }).await
}

fn shown_path(spec: &Spec, typed: &str) -> String {
    let group = typed.rsplit_once(' ').map_or("", |(g, _)| g);
    let same = |p: &&&str| p.rsplit_once(' ').map_or("", |(g, _)| g) == group;
    spec.paths.iter().find(same).map_or(typed, |p| p.trim_start_matches('~')).to_string()
}

async fn help_command(sys: &Sys, tree: Tree, words: &[String]) -> Outcome {
    let width = help_width(sys);
    match tree.find(words) {
        Found::Group(node, used) if used == words.len() => print(sys, &group_help(&node, width)).await,
        Found::Command(spec, path, used) if used == words.len() => {
            let spec = (tree.core)(&path).unwrap_or(spec);
            print(sys, &help_text(spec, &path, width)).await
        }
        _ => fail(format!("unknown help topic: {}", words.join(" "))),
    }
}

fn usage_mistake(text: &str, usage: &str, docker: &str) -> Outcome {
    fail_with(125, format!("{text}\n\nUsage:  {usage}\n\nRun '{docker} --help' for more information"))
}

async fn notices(sys: &Sys, matches: &Matches) {
    for notice in &matches.notices {
        let _ = sys.write_all(Fd::STDERR, format!("{notice}\n").as_bytes()).await;
    }
}

async fn print(sys: &Sys, text: &str) -> Outcome {
    write_out(sys, Fd::STDOUT, text.as_bytes()).await;
    Ok(())
}
