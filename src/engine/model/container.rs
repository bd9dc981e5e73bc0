//! Containers: what they were asked to be, and how they are.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use docker_api::types::{ContainerConfig, ContainerState, Endpoint, Health, HostConfig, Map, MountPoint, PortBinding};
use machine::process::cgroup::CgroupId;
use machine::{Pid, Sys, UnixTime, WaitQueue};

use super::image::Images;
use super::sandbox::Sandbox;
use crate::paths::{OVERLAY, ROOT};
use crate::runtime::log::Logger;
use crate::runtime::streams::Streams;
use crate::time::nano_text;

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

    /// The state as the API shows it, and as it is kept.
    pub fn shown(&self) -> ContainerState {
        let time = |t: Option<machine::UnixTime>| t.map_or(docker_api::time::ZERO.into(), nano_text);
        ContainerState {
            status: self.status().into(),
            running: self.running || self.restarting,
            paused: self.paused,
            restarting: self.restarting,
            oom_killed: self.oom_killed,
            dead: self.dead,
            pid: self.pid.map_or(0, |p| i64::from(p.0)),
            exit_code: self.exit_code,
            error: self.error.clone(),
            started_at: time(self.started),
            finished_at: time(self.finished),
            health: self.health.clone(),
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
    /// That of a container or step named `id`, above a chain of layers.
    pub fn new(id: String, chain: &[String], images: &Images) -> Rootfs {
        let layers = chain.iter().rev().filter_map(|c| images.layers.get(c));
        let layers = layers.map(|l| format!("{OVERLAY}/{}/diff", l.cache_id));
        let lower = std::iter::once(format!("{OVERLAY}/{id}-init/diff")).chain(layers).collect();
        Rootfs { id, lower }
    }

    /// A path in its directory.
    pub fn path(&self, name: &str) -> String {
        format!("{}/{}/{name}", OVERLAY, self.id)
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
    pub async fn lock(self: &Rc<Self>, sys: &Sys) -> Busy {
        while self.busy.get() {
            if sys.wait_on(&self.changed).await.is_err() {
                break;
            }
        }
        self.busy.set(true);
        Busy { container: self.clone() }
    }

    /// Waits until a run that has just ended is dealt with.
    pub async fn settled(&self, sys: &Sys) {
        while self.ending.get() {
            if sys.wait_on(&self.changed).await.is_err() {
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
        format!("{}/containers/{}", ROOT, self.id)
    }

    /// Its short id.
    pub fn short(&self) -> &str {
        docker_api::ids::truncate(&self.id)
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
