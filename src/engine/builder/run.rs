//! `RUN`: a process in a file system of its own, whose changes become a layer.

use machine::Sys;
use std::rc::Rc;

use machine::fs::{MountFlags, MountKind};
use machine::process::cgroup::CgroupLimits;
use machine::process::{CloneFlags, WaitFor, WaitOptions};
use machine::{WaitQueue, WaitStatus};

use crate::containers::rootfs;
use crate::daemon::Daemon;
use crate::files::scope::scoped;
use crate::files::tree::remove_tree;
use crate::model::container::Rootfs;
use crate::networks::step;
use crate::paths::OVERLAY;
use crate::runtime::init::{self, BoxSpec, Mounting, ProcessSpec};
use crate::runtime::streams::Streams;
use crate::runtime::{shim, user};

/// What is run.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// Program and arguments.
    pub args: Vec<String>,
    /// Environment.
    pub env: Vec<String>,
    /// `user[:group]`
    pub user: String,
    /// Working directory.
    pub cwd: String,
    /// Directories of the host mounted for the time of the step: target, source, read-only.
    pub binds: Vec<(String, String, bool)>,
    /// Targets of file systems in memory.
    pub tmpfs: Vec<String>,
    /// `none`, `host`, else the bridge.
    pub network: String,
}

/// How it ended.
pub enum Outcome {
    /// Its status.
    Exited(i64),
    /// It did not start: the runtime's words.
    Failed(String),
    /// It did not come to that.
    Refused(String),
}

/// A file system for one step.
pub struct Workspace {
    /// Its directories.
    pub rootfs: Rootfs,
}

impl Workspace {
    /// A new layer above `chain`.
    pub fn new(d: &Daemon, chain: &[String]) -> Result<Workspace, String> {
        Ok(Workspace { rootfs: rootfs::make(d, chain).map_err(|e| e.message)? })
    }

    /// Mounts it; without the files that only running containers see.
    pub fn mount(&self, sys: &Sys, with_init: bool) -> Result<String, String> {
        let skip = usize::from(!with_init);
        let lower = self.rootfs.lower.get(skip..).unwrap_or_default().to_vec();
        let upper = self.rootfs.path("diff");
        // Above nothing there is nothing to lay over: the new layer is all there is.
        let kind = match lower.is_empty() {
            true => MountKind::Bind { source: upper, recursive: false },
            false => MountKind::Overlay { lower, upper: Some(upper) },
        };
        let merged = self.rootfs.path("merged");
        sys.mount(&merged, kind, MountFlags::default()).map_err(crate::error::go_errno)?;
        Ok(merged)
    }

    /// Unmounts it.
    pub fn unmount(&self, sys: &Sys) {
        let _ = sys.umount(&self.rootfs.path("merged"));
    }

    /// Takes it away.
    pub fn remove(&self, sys: &Sys) {
        remove_tree(sys, &format!("{OVERLAY}/{}", self.rootfs.id));
        remove_tree(sys, &format!("{OVERLAY}/{}-init", self.rootfs.id));
    }
}

fn mountings(job: &Job) -> Vec<Mounting> {
    let plain = MountFlags::default();
    let at = |target: &str, kind: MountKind, flags: MountFlags| Mounting { target: target.into(), kind, flags };
    let bind = |source: &str| MountKind::Bind { source: source.into(), recursive: true };
    let mut list = vec![
        at("/proc", MountKind::Proc, plain),
        at("/dev", MountKind::Tmpfs { size: Some(64 << 20) }, plain),
        at("/dev/pts", MountKind::Devpts, plain),
        at("/sys", MountKind::Sysfs, MountFlags { read_only: true, ..plain }),
        at("/dev/shm", MountKind::Tmpfs { size: Some(64 << 20) }, plain),
        at("/etc/resolv.conf", bind("/etc/resolv.conf"), plain),
        at("/etc/hosts", bind("/etc/hosts"), plain),
    ];
    list.extend(job.tmpfs.iter().map(|t| at(t, MountKind::Tmpfs { size: None }, plain)));
    list.extend(job.binds.iter().map(|(t, s, ro)| at(t, bind(s), MountFlags { read_only: *ro, ..plain })));
    list
}

/// The places that will be made only to mount something there, what lies in others first.
pub fn stubs(sys: &Sys, merged: &str, job: &Job) -> Vec<String> {
    let mut all = Vec::new();
    for target in job.binds.iter().map(|(target, ..)| target).chain(&job.tmpfs) {
        let mut place = scoped(sys, merged, target);
        while place.len() > merged.len() && sys.lstat(&place).is_err() {
            let Some((parent, _)) = place.rsplit_once('/') else { break };
            let parent = parent.to_string();
            all.push(std::mem::replace(&mut place, parent));
        }
    }
    all
}

/// Takes such places away again, if nothing came into them.
pub fn clean_stubs(sys: &Sys, stubs: &[String]) {
    for stub in stubs {
        let _ = match sys.lstat(stub) {
            Ok(attr) if attr.is_dir() => sys.rmdir(stub),
            Ok(attr) if attr.size == 0 => sys.unlink(stub),
            _ => continue,
        };
    }
}

/// Runs a step in a mounted workspace; what it writes comes out of the returned stream.
pub async fn run(d: &Rc<Daemon>, merged: &str, job: Job, streams: Rc<Streams>) -> Outcome {
    let user = match user::find(&d.sys, merged, &job.user, &[]) {
        Ok(user) => user,
        Err(error) => {
            streams.end();
            return Outcome::Refused(error.message);
        }
    };
    let Ok(group) = d.sys.cgroup_create(CgroupLimits::default()) else {
        streams.end();
        return Outcome::Refused("cannot create a control group".into());
    };
    let Ok(network) = step::open(d, &job.network) else {
        streams.end();
        return Outcome::Refused("cannot set up its network".into());
    };
    let own = BoxSpec {
        rootfs: merged.into(),
        mounts: mountings(&job),
        hostname: Some("buildkitsandbox".into()),
        ns: network.ns,
        cgroup: group,
        read_only: false,
    };
    let capabilities = user::DEFAULT_CAPABILITIES;
    let spec = ProcessSpec { args: job.args, env: job.env, cwd: job.cwd, user, capabilities, ..ProcessSpec::default() };
    let flags = CloneFlags { pid: true, mount: true, net: false, uts: true };
    let spawned = shim::spawn(&d.sys, &streams, false, false, None, |sys, ends| {
        sys.clone_process(flags, move |child| init::init(child, spec, own, ends))
    })
    .await;
    let outcome = match spawned {
        Ok(pid) => {
            let status = d.sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await;
            streams.drained(&d.sys).await;
            match status {
                Ok(Some((_, status @ (WaitStatus::Exited(_) | WaitStatus::Signaled(_))))) => {
                    Outcome::Exited(i64::from(status.code()))
                }
                _ => Outcome::Exited(255),
            }
        }
        Err(why) => {
            streams.end();
            Outcome::Failed(why)
        }
    };
    d.sys.cgroup_remove(group);
    network.close(&d.sys);
    outcome
}

/// A step that runs in a thread of its own, so that its output can be passed on meanwhile.
pub struct Running {
    /// How it ended, once it did.
    pub outcome: std::cell::RefCell<Option<Outcome>>,
    /// Woken then.
    pub ended: WaitQueue,
}

/// Starts a step.
pub fn begin(d: &Rc<Daemon>, merged: String, job: Job, streams: Rc<Streams>) -> Rc<Running> {
    let running = Rc::new(Running { outcome: Default::default(), ended: WaitQueue::new() });
    let (daemon, own) = (d.clone(), running.clone());
    d.sys.thread(async move {
        let outcome = run(&daemon, &merged, job, streams).await;
        *own.outcome.borrow_mut() = Some(outcome);
        own.ended.wake();
    });
    running
}
