//! Commands that the help knows and that are not emulated: they say so.

mod buildx;
mod compose;
mod manifest;
mod swarm;
mod trust;

use crate::cli::{Invocation, Outcome, Spec, fail};

/// All of them.
pub fn specs() -> impl Iterator<Item = &'static Spec> {
    let lists: [&'static [Spec]; 5] = [&buildx::SPECS, &compose::SPECS, &manifest::SPECS, &swarm::SPECS, &trust::SPECS];
    lists.into_iter().flatten()
}

/// Says that the command is not emulated.
pub async fn run(c: Invocation) -> Outcome {
    fail(format!("drydock: docker {} is not emulated here", c.path))
}
