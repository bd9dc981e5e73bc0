//! The commands for swarms, which help shows to managers only. No swarm can be made here, so the daemon refuses them all,
//! as it does anywhere outside a swarm.

mod config;
mod node;
mod secret;
mod service;
mod stack;
mod verbs;

use docker_api::http::Query;

use super::common::read_file;
use super::not_emulated::run;
use crate::api::Body;
use crate::cli::{Invocation, Outcome, Spec, fail, help_text};

/// All of them.
pub fn specs() -> impl Iterator<Item = &'static Spec> {
    let lists: [&'static [Spec]; 6] =
        [&config::SPECS, &node::SPECS, &secret::SPECS, &service::SPECS, &stack::SPECS, &verbs::SPECS];
    lists.into_iter().flatten()
}

/// Their groups.
pub static GROUPS: [Spec; 5] = [
    Spec { paths: &["~config"], short: "Manage Swarm configs", ..Spec::new(|c| Box::pin(run(c))) },
    Spec { paths: &["~node"], short: "Manage Swarm nodes", ..Spec::new(|c| Box::pin(run(c))) },
    Spec { paths: &["~secret"], short: "Manage Swarm secrets", ..Spec::new(|c| Box::pin(run(c))) },
    Spec { paths: &["~service"], short: "Manage Swarm services", ..Spec::new(|c| Box::pin(run(c))) },
    Spec { paths: &["~stack"], short: "Manage Swarm stacks", ..Spec::new(|c| Box::pin(run(c))) },
];

/// Asks the daemon, who refuses.
async fn refused(c: Invocation) -> Outcome {
    let (noun, verb) = c.path.split_once(' ').unwrap_or((&c.path, ""));
    let given = c.matches.args.first().map_or("", String::as_str);
    match (noun, verb) {
        ("swarm", "update") if c.matches.nothing_given() => {
            let spec = verbs::SPECS.iter().find(|s| s.paths == ["~swarm update"]);
            if let Some(spec) = spec {
                c.print(&help_text(spec, &c.path, crate::cli::help_width(&c.sys))).await;
            }
            return Ok(());
        }
        // The client asks whether there is a swarm at all, and words the answer itself.
        ("swarm", "unlock") => return fail("Error: This node is not part of a swarm"),
        ("stack", "deploy") => {
            let files = c.matches.all("compose-file");
            if files.is_empty() {
                return fail("Specify a Compose file (with --compose-file)");
            }
            for file in &files {
                read_file(&c.sys, file)?;
            }
        }
        ("stack", "config") => return run(c).await,
        ("secret" | "config", "create") if c.matches.args.len() == 2 && c.matches.arg(1) != "-" => {
            let file = c.matches.arg(1);
            read_file(&c.sys, file).map_err(|why| format!("error reading from {file}: {why}"))?;
        }
        (_, "inspect") => c.print("[]\n").await,
        _ => {}
    }
    let (method, path) = match (noun, verb) {
        ("swarm", "leave") => ("POST", "/swarm/leave"),
        ("swarm", "unlock-key") => ("GET", "/swarm/unlockkey"),
        ("swarm", _) => ("GET", "/swarm"),
        ("node", _) => ("GET", "/nodes"),
        ("secret", _) => ("GET", "/secrets"),
        ("config", _) => ("GET", "/configs"),
        _ => ("GET", "/services"),
    };
    let Err(error) = c.client().send(method, path, &Query::default(), Body::None).await else { return Ok(()) };
    let why = error.to_string();
    fail(match (noun, verb) {
        ("swarm", "unlock-key") => format!("could not fetch unlock key: {why}"),
        ("service", "scale") => {
            let name = |arg: &String| arg.split('=').next().unwrap_or("").to_string();
            let lines: Vec<String> = c.matches.args.iter().map(|arg| format!("{}: {why}", name(arg))).collect();
            lines.join("\n")
        }
        _ if given.is_empty() || verb != "rm" || noun == "stack" => why,
        _ => vec![why; c.matches.args.len()].join("\n"),
    })
}
