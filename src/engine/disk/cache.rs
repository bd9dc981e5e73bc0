//! What the builder remembers, on disk: `buildkit/cache.db`, JSON here.

use super::json::{read, write_json};
use crate::daemon::Daemon;
use crate::model::cache::BuildCache;
use crate::paths::ROOT;

const BUILD_CACHE: &str = "buildkit/cache.db";

/// Writes down what the builder remembers.
pub fn save(d: &Daemon) {
    write_json(&d.sys, &format!("{ROOT}/{BUILD_CACHE}"), &*d.cache.borrow());
}

/// Finds it again.
pub fn restore(d: &Daemon) {
    if let Some(cache) = read::<BuildCache>(&d.sys, &format!("{ROOT}/{BUILD_CACHE}")) {
        *d.cache.borrow_mut() = cache;
    }
}
