//! Volumes on disk: `volumes/metadata.db`, JSON here.

use std::rc::Rc;

use docker_api::types::{Map, Volume};

use super::json::{read, write_json};
use crate::daemon::Daemon;
use crate::paths::ROOT;

const VOLUMES: &str = "volumes/metadata.db";

/// Writes down all volumes.
pub fn save(d: &Daemon) {
    write_json(&d.sys, &format!("{ROOT}/{VOLUMES}"), &*d.volumes.borrow());
}

/// Finds the volumes again whose folders are still there.
pub fn restore(d: &Rc<Daemon>) {
    let all: Map<Volume> = read(&d.sys, &format!("{ROOT}/{VOLUMES}")).unwrap_or_default();
    let there = all.into_iter().filter(|(_, volume)| d.sys.stat(&volume.mountpoint).is_ok());
    d.volumes.borrow_mut().extend(there);
}
