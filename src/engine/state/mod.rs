//! What the daemon keeps on disk below `/var/lib/docker`, where Docker keeps it, and finds again when it starts.

mod containers;
mod images;
mod networks;

use std::rc::Rc;
use std::time::Duration;

use machine::{Pid, Sys};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::builder::BuildCache;
use crate::containers::{start, stop};
use crate::daemon::Daemon;
use crate::files::tree;
use crate::paths::ROOT;

pub use containers::{forget as forget_container, save as save_container};
pub use images::save as save_images;
pub use networks::{Kept as KeptNetwork, save as save_networks, save_volumes};

/// Where the process id of the daemon stands.
const PID_FILE: &str = "/var/run/docker.pid";
/// How long containers have to end when the daemon does (`--shutdown-timeout`).
const SHUTDOWN: i64 = 15;
/// How often the end of containers is looked for.
const LOOK: Duration = Duration::from_millis(10);
const BUILD_CACHE: &str = "buildkit/cache.db";

fn read<T: DeserializeOwned>(sys: &Sys, path: &str) -> Option<T> {
    serde_json::from_slice(&sys.file_content(path).ok()?.data).ok()
}

fn read_text(sys: &Sys, path: &str) -> Option<String> {
    String::from_utf8(sys.file_content(path).ok()?.data.to_vec()).ok()
}

/// Writes a file and the folders that lead to it. A disk without room loses what is written, as everything else does.
fn write(sys: &Sys, path: &str, data: Vec<u8>) {
    if let Some((folder, _)) = path.rsplit_once('/') {
        let _ = tree::make_dirs(sys, folder, 0o700);
    }
    let _ = sys.put_file(path, data.into(), 0o600);
}

fn write_json(sys: &Sys, path: &str, value: &impl Serialize) {
    if let Ok(text) = serde_json::to_vec(value) {
        write(sys, path, text);
    }
}

/// Writes down what the builder remembers.
pub fn save_cache(d: &Daemon) {
    write_json(&d.sys, &format!("{ROOT}/{BUILD_CACHE}"), &*d.cache.borrow());
}

/// The id of the daemon, which it keeps.
pub fn engine_id(sys: &Sys, fresh: String) -> String {
    let path = format!("{ROOT}/engine-id");
    read_text(sys, &path).unwrap_or_else(|| {
        write(sys, &path, fresh.clone().into_bytes());
        fresh
    })
}

/// Makes sure that there is one daemon; the error is dockerd's.
pub fn claim(sys: &Sys) -> Result<(), String> {
    let other = read_text(sys, PID_FILE).and_then(|text| text.trim().parse().ok().map(Pid));
    if let Some(pid) = other.filter(|pid| sys.kill(*pid, None).is_ok()) {
        return Err(format!(
            "failed to start daemon, ensure docker is not running or delete {PID_FILE}: process with PID {} is still running\n",
            pid.0
        ));
    }
    let _ = tree::make_dirs(sys, "/var/run", 0o755);
    let _ = sys.put_file(PID_FILE, sys.getpid().0.to_string().into_bytes().into(), 0o644);
    Ok(())
}

/// Finds everything again but the networks, which are needed before.
pub fn restore(d: &Rc<Daemon>) {
    images::restore(d);
    networks::restore_volumes(d);
    if let Some(cache) = read::<BuildCache>(&d.sys, &format!("{ROOT}/{BUILD_CACHE}")) {
        *d.cache.borrow_mut() = cache;
    }
    containers::restore(d);
}

/// The networks of the time before.
pub fn kept_networks(d: &Daemon) -> Vec<KeptNetwork> {
    networks::kept(d)
}

/// Starts the containers whose restart policy wants that.
pub async fn start_again(d: &Rc<Daemon>) {
    let wanted: Vec<_> =
        d.containers.borrow().values().filter(|c| containers::starts_with_daemon(c)).cloned().collect();
    for c in wanted {
        let _ = start::start(d, &c).await;
    }
}

/// Ends all containers, as the daemon's last work.
pub async fn shut_down(d: &Rc<Daemon>) {
    d.shutting_down.set(true);
    let running: Vec<_> = d.containers.borrow().values().filter(|c| c.is_running()).cloned().collect();
    for c in running {
        let d = d.clone();
        let sys = d.sys.clone();
        sys.thread(async move { stop::end_run(&d, &c, stop::stop_signal(&c), SHUTDOWN).await });
    }
    let busy = || d.containers.borrow().values().any(|c| c.is_running() || c.ending.get());
    while busy() {
        let _ = d.sys.sleep(LOOK).await;
    }
    let _ = d.sys.unlink(PID_FILE);
}
