//! The commands: one file each, listed in one sorted registry.

mod builder;
mod common;
mod compose;
mod container;
mod context;
mod groups;
mod image;
mod inspect;
mod moments;
mod network;
mod not_emulated;
mod objects;
mod output;
mod plugin;
mod registry;
mod swarm;
mod system;
mod version;
mod volume;

use crate::cli::{Spec, Tree};

/// The client's version.
pub const VERSION: &str = docker_api::DOCKER_VERSION;
/// The revision it was built from.
pub const GIT_COMMIT: &str = "ecc6942";
/// What it was built with.
pub const GO_VERSION: &str = "go1.25.3";
/// When it was built.
pub const BUILT: &str = "Wed Nov  5 14:43:25 2025";
/// The version of the buildx plugin.
pub const BUILDX_VERSION: &str = "v0.29.1";
/// The version of the compose plugin.
pub const COMPOSE_VERSION: &str = "v2.40.3";

/// `docker --version`
pub fn version_line() -> String {
    format!("Docker version {VERSION}, build {GIT_COMMIT}")
}

/// The tree of all commands.
pub const TREE: Tree = Tree { root: &groups::ROOT, commands, groups: all_groups, common: &COMMON, instead, core };

/// What `docker --help` lists first.
const COMMON: [&str; 13] =
    ["run", "exec", "ps", "build", "bake", "pull", "push", "images", "login", "logout", "search", "version", "info"];

/// The commands that are emulated, sorted by file.
static REGISTRY: &[&Spec] = &[
    &builder::bake::SPEC,
    &builder::build::SPEC,
    &builder::buildx_build::SPEC,
    &builder::du::SPEC,
    &builder::inspect::SPEC,
    &builder::instances::CREATE,
    &builder::instances::RM,
    &builder::instances::STOP,
    &builder::instances::USE,
    &builder::ls::SPEC,
    &builder::prune::SPEC,
    &builder::version::SPEC,
    &compose::version::SPEC,
    &container::attach::SPEC,
    &container::commit::SPEC,
    &container::cp::SPEC,
    &container::create::SPEC,
    &container::diff::SPEC,
    &container::exec::SPEC,
    &container::export::SPEC,
    &container::inspect::SPEC,
    &container::kill::SPEC,
    &container::logs::SPEC,
    &container::ls::SPEC,
    &container::pause::SPEC,
    &container::port::SPEC,
    &container::prune::SPEC,
    &container::rename::SPEC,
    &container::restart::SPEC,
    &container::rm::SPEC,
    &container::run::SPEC,
    &container::start::SPEC,
    &container::stats::SPEC,
    &container::stop::SPEC,
    &container::top::SPEC,
    &container::unpause::SPEC,
    &container::update::SPEC,
    &container::wait::SPEC,
    &context::edit::CREATE,
    &context::edit::RM,
    &context::edit::UPDATE,
    &context::edit::USE,
    &context::inspect::SPEC,
    &context::ls::SPEC,
    &context::show::SPEC,
    &context::transfer::EXPORT,
    &context::transfer::IMPORT,
    &image::history::SPEC,
    &image::import::SPEC,
    &image::inspect::SPEC,
    &image::load::SPEC,
    &image::ls::SPEC,
    &image::prune::SPEC,
    &image::pull::SPEC,
    &image::push::SPEC,
    &image::rm::SPEC,
    &image::save::SPEC,
    &image::tag::SPEC,
    &inspect::SPEC,
    &network::connect::SPEC,
    &network::create::SPEC,
    &network::disconnect::SPEC,
    &network::inspect::SPEC,
    &network::ls::SPEC,
    &network::prune::SPEC,
    &network::rm::SPEC,
    &registry::login::SPEC,
    &registry::logout::SPEC,
    &registry::manifest::IMAGETOOLS,
    &registry::manifest::SPEC,
    &registry::search::SPEC,
    &system::df::SPEC,
    &system::events::SPEC,
    &system::info::SPEC,
    &system::prune::SPEC,
    &version::SPEC,
    &volume::create::SPEC,
    &volume::inspect::SPEC,
    &volume::ls::SPEC,
    &volume::prune::SPEC,
    &volume::rm::SPEC,
];

fn commands() -> Vec<&'static Spec> {
    REGISTRY.iter().copied().chain(not_emulated::specs()).chain(&plugin::SPECS).chain(swarm::specs()).collect()
}

/// `DOCKER_BUILDKIT=0` brings the classic builder back.
fn instead(sys: &machine::Sys, path: &str) -> Option<(&'static Spec, &'static str)> {
    let spec = core(path)?;
    builder::legacy::is_asked_for(sys).then_some((spec, builder::legacy::NOTICE))
}

/// What the client can do without its plugin for builds.
fn core(path: &str) -> Option<&'static Spec> {
    match path {
        "build" | "image build" | "builder build" => Some(&LEGACY_BUILD),
        "builder prune" => Some(&LEGACY_PRUNE),
        _ => None,
    }
}

static LEGACY_BUILD: Spec = builder::legacy::SPEC;
static LEGACY_PRUNE: Spec = builder::prune::LEGACY;

fn all_groups() -> Vec<&'static Spec> {
    groups::GROUPS.iter().chain(&swarm::GROUPS).collect()
}
