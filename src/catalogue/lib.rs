//! One folder for each image that `docker pull` can bring, and the host's own files.
//!
//! An image is a recipe: configuration, history, layers with the sizes that the real image has, and the files that
//! a learner may look at. An executable of it names one of our programs; one that is there in reality but not
//! emulated says so when it runs.

mod alpine;
mod busybox;
mod debian;
mod files;
mod hello_world;
pub mod host;
mod hub;
mod nginx;
mod recipe;
mod redis;
mod repository;
mod ubuntu;

use std::rc::Rc;

use engine::registry::Registry;
use machine::{ExitCode, Fd, Program, Sys};

/// The registry that dockerd pulls from.
pub fn registry() -> Rc<dyn Registry> {
    Rc::new(hub::Hub)
}

/// Programs that only images have.
pub fn programs() -> Vec<Program> {
    vec![machine::program!("hello-world", hello_world::main), machine::program!(files::UNEMULATED, unemulated)]
}

/// Stands where a real program is that Drydock does not emulate.
async fn unemulated(sys: Sys) -> ExitCode {
    let args = sys.args();
    let called = args.first().map_or("", |arg| arg.rsplit('/').next().unwrap_or(arg));
    let _ = sys.write_all(Fd::STDERR, format!("drydock: {called} is not emulated here\n").as_bytes()).await;
    ExitCode(1)
}
