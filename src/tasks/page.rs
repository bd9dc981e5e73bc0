//! Building the page: Trunk, and www/build/finish.mjs after it. Skipped where the built page is newer than its sources.

use crate::run::{Failure, Step};
use crate::setup::Setup;
use std::path::Path;
use std::time::SystemTime;

/// What the page is made of.
const SOURCES: [&str; 9] = [
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "package-lock.json",
    "src",
    "static",
    "www/build",
    "www/js",
    "www/styles",
];
const INDEX: &str = "www/index.html";
/// Rooms that are no part of it.
const OTHERS: [&str; 3] = ["src/native", "src/tasks", "src/bindgen"];

/// Builds the page into dist/.
pub fn build(setup: &Setup) -> Result<(), Failure> {
    let root = setup.root();
    let built = modified(&setup.dist().join("index.html"));
    let newest = SOURCES.iter().chain([&INDEX]).filter_map(|source| newest(root, &root.join(source))).max();
    if built.is_some() && built > newest {
        return Ok(());
    }
    let mut trunk = setup.command("trunk");
    trunk.args(["build", "--quiet"]).args(setup.offline().then_some("--offline"));
    // Trunk takes any value of NO_COLOR but true and false for an error.
    trunk.env_remove("NO_COLOR");
    Step::new("build the page").run(&mut trunk)
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// When the last change was, below a path.
fn newest(root: &Path, path: &Path) -> Option<SystemTime> {
    if OTHERS.iter().any(|other| path == root.join(other)) {
        return None;
    }
    let own = modified(path);
    let Ok(entries) = path.read_dir() else { return own };
    entries.flatten().filter_map(|entry| newest(root, &entry.path())).chain(own).max()
}
