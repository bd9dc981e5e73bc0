//! Containers: their state, and the operations on them.

pub mod archive;
pub mod checks;
mod cpuset;
pub mod create;
pub mod diff;
pub mod exec;
pub mod files;
pub mod health;
pub mod inspect;
pub mod list;
pub mod logs;
pub mod mounts;
pub mod prune;
pub mod remove;
pub mod runtime;
pub mod start;
pub mod stats;
pub mod stop;
pub mod streams;
pub mod top;
pub mod update;
pub mod user;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use docker_api::types::{ContainerConfig, Endpoint, Health, HostConfig, Map, MountPoint, PortBinding};
use machine::process::cgroup::CgroupId;
use machine::{Pid, UnixTime, WaitQueue};

use crate::daemon::Daemon;
use crate::networks::sandbox::Sandbox;
use logs::Logger;
use streams::Streams;

/// Whether and how a container runs.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools)]
pub struct RunState {
    /// Its process runs.
    pub running: bool,
    /// It is frozen.
    pub paused: bool,
    /// It waits for its next start.
    pub restarting: bool,
    /// It was killed for memory.
    pub oom_killed: bool,
    /// It could not be removed.
    pub dead: bool,
    /// It is being removed.
    pub removing: bool,
    /// Its first process.
    pub pid: Option<Pid>,
    /// How the last run ended.
    pub exit_code: i64,
    /// Why the last start failed.
    pub error: String,
    /// When it started last.
    pub started: Option<UnixTime>,
    /// When it ended last.
    pub finished: Option<UnixTime>,
    /// What the probes say.
    pub health: Option<Health>,
}

impl RunState {
    /// `running`, `paused`, `exited`, …
    pub fn status(&self) -> &'static str {
        match () {
            () if self.running && self.paused => "paused",
            () if self.restarting => "restarting",
            () if self.running => "running",
            () if self.removing => "removing",
            () if self.dead => "dead",
            () if self.started.is_none() => "created",
            () => "exited",
        }
    }
}

/// The directories of a container's file system.
#[derive(Clone, Debug, Default)]
pub struct Rootfs {
    /// Its directory's name in `overlay2`.
    pub id: String,
    /// The directories below, the uppermost first.
    pub lower: Vec<String>,
}

impl Rootfs {
    /// A path in its directory.
    pub fn path(&self, name: &str) -> String {
        format!("{}/{}/{name}", crate::paths::OVERLAY, self.id)
    }
}

/// A container.
pub struct Container {
    /// 64 digits.
    pub id: String,
    /// When it was made.
    pub created: UnixTime,
    /// Without the slash.
    pub name: RefCell<String>,
    /// The portable configuration, merged with the image's.
    pub config: RefCell<ContainerConfig>,
    /// The host's part.
    pub host: RefCell<HostConfig>,
    /// The image's id.
    pub image_id: String,
    /// Chain ids of the image's layers.
    pub chain: Vec<String>,
    /// What is run.
    pub path: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// The file system.
    pub rootfs: Rootfs,
    /// How many need the file system mounted.
    pub mounted: Cell<u32>,
    /// Volumes and binds.
    pub mounts: RefCell<Vec<MountPoint>>,
    /// Networks by name.
    pub endpoints: RefCell<Map<Endpoint>>,
    /// Ports while it runs.
    pub ports: RefCell<Map<Option<Vec<PortBinding>>>>,
    /// The network namespace while it runs.
    pub sandbox: RefCell<Option<Rc<Sandbox>>>,
    /// Whether it runs.
    pub state: RefCell<RunState>,
    /// Its standard streams.
    pub streams: RefCell<Rc<Streams>>,
    /// Its log.
    pub log: Rc<Logger>,
    /// Woken when the state changes.
    pub changed: WaitQueue,
    /// An operation that must not be disturbed is under way.
    pub busy: Cell<bool>,
    /// How often it ended.
    pub exits: Cell<u64>,
    /// How often the restart policy started it.
    pub restarts: Cell<i64>,
    /// It was told to stop: the restart policy does not apply.
    pub stopped_by_hand: Cell<bool>,
    /// Its control group while it runs.
    pub cgroup: Cell<Option<CgroupId>>,
    /// Processes started in it by `docker exec`.
    pub execs: RefCell<Vec<String>>,
    /// Its process ended, and what was around it is being taken down.
    pub ending: Cell<bool>,
    /// It is gone.
    pub removed: Cell<bool>,
}

impl Container {
    /// Waits until no other operation is under way, and begins one.
    pub async fn lock(self: &Rc<Self>, d: &Daemon) -> Busy {
        while self.busy.get() {
            if d.sys.wait_on(&self.changed).await.is_err() {
                break;
            }
        }
        self.busy.set(true);
        Busy { container: self.clone() }
    }

    /// Waits until a run that has just ended is dealt with.
    pub async fn settled(&self, d: &Daemon) {
        while self.ending.get() {
            if d.sys.wait_on(&self.changed).await.is_err() {
                break;
            }
        }
    }

    /// Whether its process runs.
    pub fn is_running(&self) -> bool {
        self.state.borrow().running
    }

    /// Its directory.
    pub fn dir(&self) -> String {
        format!("{}/containers/{}", crate::paths::ROOT, self.id)
    }

    /// Its short id.
    pub fn short(&self) -> &str {
        docker_api::ids::truncate(&self.id)
    }

    /// Records an event of this container.
    pub fn event(&self, d: &Daemon, action: &str, more: &[(&str, &str)]) {
        let config = self.config.borrow();
        let mut attributes = config.labels.clone().unwrap_or_default();
        attributes.insert("image".into(), config.image.clone());
        attributes.insert("name".into(), self.name.borrow().clone());
        attributes.extend(more.iter().map(|(k, v)| (k.to_string(), v.to_string())));
        d.events.emit(d.sys.wall_clock(), "container", action, &self.id, attributes);
    }

    /// Writes its configuration where Docker keeps it.
    pub fn save(&self, d: &Daemon) {
        crate::state::save_container(d, self);
    }
}

/// An operation on a container; others wait until it is dropped.
pub struct Busy {
    container: Rc<Container>,
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.container.busy.set(false);
        self.container.changed.wake();
    }
}
