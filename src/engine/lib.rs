//! The daemon: images, containers, networks, volumes and the builder behind the Docker Engine API v1.51 on
//! `/var/run/docker.sock`.
//!
//! Source of the facts: the Engine API reference, and what Docker 28.5.2 answers and prints.

mod api;
mod base64;
mod builder;
mod containers;
mod daemon;
mod error;
mod events;
mod files;
mod http;
mod ids;
pub mod images;
mod init;
mod networks;
mod paths;
pub mod registry;
mod server;
mod state;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod volumes;

use std::rc::Rc;

use machine::Program;

use registry::Registry;

/// The daemon, with the registry that it pulls from, and the init process that `--init` puts into containers.
pub fn programs(registry: Rc<dyn Registry>) -> Vec<Program> {
    let dockerd = Program { name: "dockerd", main: Rc::new(move |sys| Box::pin(server::main(sys, registry.clone()))) };
    vec![machine::program!("docker-init", init::main), dockerd]
}
