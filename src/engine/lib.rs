//! The daemon: images, containers, networks, volumes and the builder behind the Docker Engine API v1.51 on
//! `/var/run/docker.sock`.
//!
//! Its floors, each of which imports only those below: `files`, `text`, `time`, `ids` know no daemon, nor does `runtime`,
//! which runs processes in boxes. `model` holds what the daemon knows, `daemon::Daemon` all of it together; `disk` keeps
//! it. `networks`, `images` and `volumes` act on that, `containers` on those, `builder` on containers, and `api` answers
//! requests with all of them. `lifecycle` starts and ends it all, `server` listens.
//!
//! Source of the facts: the Engine API reference, and what Docker 28.5.2 answers and prints.

mod api;
mod base64;
mod builder;
mod containers;
mod daemon;
mod disk;
mod error;
mod files;
mod http;
mod ids;
mod images;
mod init;
mod lifecycle;
mod model;
mod networks;
mod paths;
mod pattern;
pub mod registry;
mod runtime;
mod server;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod volumes;

use std::rc::Rc;

use machine::Program;

pub use model::image::{History, Image};
use registry::Registry;

/// The daemon, with the registry that it pulls from, and the init process that `--init` puts into containers.
pub fn programs(registry: Rc<dyn Registry>) -> Vec<Program> {
    let dockerd = Program { name: "dockerd", main: Rc::new(move |sys| Box::pin(server::main(sys, registry.clone()))) };
    vec![machine::program!("docker-init", init::main), dockerd]
}
