//! How the daemon starts and ends: alone, with all that was there before, and with no container left behind.

use std::rc::Rc;
use std::time::Duration;

use machine::{Pid, Sys};

use crate::containers::{policy, start, stop};
use crate::daemon::Daemon;
use crate::disk::{self, json};
use crate::files::tree;
use crate::ids;
use crate::networks::sandbox;
use crate::paths::ROOT;

/// Where the process id of the daemon stands.
const PID_FILE: &str = "/var/run/docker.pid";

/// How long containers have to end when the daemon does (`--shutdown-timeout`).
const SHUTDOWN: i64 = 15;

/// How often the end of containers is looked for.
const LOOK: Duration = Duration::from_millis(10);

/// The id of the daemon, which it keeps.
pub fn engine_id(sys: &Sys) -> String {
    let fresh = ids::uuid(sys);
    let path = format!("{ROOT}/engine-id");
    json::read_text(sys, &path).unwrap_or_else(|| {
        json::write(sys, &path, fresh.clone().into_bytes());
        fresh
    })
}

/// Makes sure that there is one daemon; the error is dockerd's.
pub fn claim(sys: &Sys) -> Result<(), String> {
    let other = json::read_text(sys, PID_FILE).and_then(|text| text.trim().parse().ok().map(Pid));
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
    disk::images::restore(d);
    disk::volumes::restore(d);
    disk::cache::restore(d);
    sandbox::clear(&d.sys);
    disk::containers::restore(d);
}

/// Starts the containers whose restart policy wants that.
pub async fn start_again(d: &Rc<Daemon>) {
    let wanted: Vec<_> = d.containers.borrow().values().filter(|c| policy::starts_with_daemon(c)).cloned().collect();
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
