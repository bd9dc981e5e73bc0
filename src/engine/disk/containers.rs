//! Containers on disk: `config.v2.json` and `hostconfig.json` in the container's folder, and its layers in `layerdb/mounts`.

use machine::Sys;
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use docker_api::time::parse_nanos;
use docker_api::types::{ContainerConfig, ContainerState, Endpoint, HostConfig, Map, MountPoint, PortBinding};
use machine::net::PortForward;
use machine::{Pid, Signal, UnixTime, WaitQueue};
use serde::{Deserialize, Serialize};

use super::images;
use super::json::{read, read_text, write, write_json};
use crate::daemon::Daemon;
use crate::files::tree;
use crate::model::container::{Container, Rootfs, RunState};
use crate::paths::{OVERLAY, ROOT};
use crate::runtime::log::Logger;
use crate::runtime::streams::Streams;
use crate::time::nano_text;

/// The status of a container whose end nobody saw.
const UNKNOWN_END: i64 = 255;

/// `config.v2.json`
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Saved {
    state: ContainerState,
    #[serde(rename = "ID")]
    id: String,
    created: String,
    path: String,
    args: Vec<String>,
    config: ContainerConfig,
    image: String,
    network_settings: SavedNetworks,
    log_path: String,
    name: String,
    driver: String,
    #[serde(rename = "OS")]
    os: String,
    restart_count: i64,
    has_been_started_before: bool,
    has_been_manually_stopped: bool,
    mount_points: Map<MountPoint>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SavedNetworks {
    networks: Map<Endpoint>,
    ports: Map<Option<Vec<PortBinding>>>,
}

fn mounts_of(id: &str) -> String {
    format!("{ROOT}/image/overlay2/layerdb/mounts/{id}")
}

/// Writes a container down.
pub fn save(sys: &Sys, c: &Container) {
    let state = c.state.borrow();
    let networks = SavedNetworks { networks: c.endpoints.borrow().clone(), ports: c.ports.borrow().clone() };
    let saved = Saved {
        state: state.shown(),
        id: c.id.clone(),
        created: nano_text(c.created),
        path: c.path.clone(),
        args: c.args.clone(),
        config: c.config.borrow().clone(),
        image: c.image_id.clone(),
        network_settings: networks,
        log_path: c.log.path().into(),
        name: format!("/{}", c.name.borrow()),
        driver: "overlay2".into(),
        os: "linux".into(),
        restart_count: c.restarts.get(),
        has_been_started_before: state.started.is_some(),
        has_been_manually_stopped: c.stopped_by_hand.get(),
        mount_points: c.mounts.borrow().iter().map(|m| (m.destination.clone(), m.clone())).collect(),
    };
    let dir = c.dir();
    write_json(sys, &format!("{dir}/config.v2.json"), &saved);
    write_json(sys, &format!("{dir}/hostconfig.json"), &*c.host.borrow());
    let mounts = mounts_of(&c.id);
    if sys.stat(&mounts).is_err() {
        let init = format!("{}-init", c.rootfs.id);
        let parent = c.chain.last().map_or("", String::as_str);
        for (name, text) in [("mount-id", c.rootfs.id.as_str()), ("init-id", &init), ("parent", parent)] {
            write(sys, &format!("{mounts}/{name}"), text.as_bytes().to_vec());
        }
    }
}

/// A container is gone.
pub fn forget(sys: &Sys, id: &str) {
    tree::remove_tree(sys, &mounts_of(id));
}

/// Finds all containers again. What still ran when the daemon was killed is ended: nobody holds its streams any more.
pub fn restore(d: &Rc<Daemon>) {
    for entry in d.sys.read_dir(&format!("{ROOT}/containers")).unwrap_or_default() {
        let dir = format!("{ROOT}/containers/{}", entry.name);
        let saved: Option<Saved> = read(&d.sys, &format!("{dir}/config.v2.json"));
        let host: Option<HostConfig> = read(&d.sys, &format!("{dir}/hostconfig.json"));
        let (Some(saved), Some(host)) = (saved, host) else { continue };
        if saved.id != entry.name {
            continue;
        }
        let ran = saved.state.running;
        if ran {
            clean_up(&d.sys, &saved);
        }
        if let Some(container) = container(d, saved, host) {
            if ran {
                save(&d.sys, &container);
            }
            d.containers.borrow_mut().insert(container.id.clone(), Rc::new(container));
        }
    }
}

fn container(d: &Daemon, saved: Saved, host: HostConfig) -> Option<Container> {
    let mounts = mounts_of(&saved.id);
    let id = read_text(&d.sys, &format!("{mounts}/mount-id"))?;
    let chain = match read_text(&d.sys, &format!("{mounts}/parent")).filter(|top| !top.is_empty()) {
        Some(top) => images::chain_to(&d.sys, &top),
        None => Vec::new(),
    };
    let rootfs = Rootfs::new(id, &chain, &d.images.borrow());
    let time = |text: &str| parse_nanos(text).and_then(|n| i64::try_from(n).ok()).map(UnixTime);
    let past = |text: &str| time(text).filter(|t| t.0 > 0);
    let off = host.log_config.kind == "none";
    let state = RunState {
        oom_killed: saved.state.oom_killed,
        dead: saved.state.dead,
        exit_code: if saved.state.running { UNKNOWN_END } else { saved.state.exit_code },
        error: saved.state.error,
        started: past(&saved.state.started_at),
        finished: if saved.state.running { Some(d.sys.wall_clock()) } else { past(&saved.state.finished_at) },
        ..RunState::default()
    };
    Some(Container {
        created: time(&saved.created)?,
        name: RefCell::new(saved.name.trim_start_matches('/').to_string()),
        config: RefCell::new(saved.config),
        host: RefCell::new(host),
        image_id: saved.image,
        chain,
        path: saved.path,
        args: saved.args,
        rootfs,
        mounted: Cell::default(),
        mounts: RefCell::new(saved.mount_points.into_values().collect()),
        endpoints: RefCell::new(endpoints(d, saved.network_settings.networks)),
        ports: RefCell::default(),
        sandbox: RefCell::default(),
        state: RefCell::new(state),
        streams: RefCell::new(Rc::new(Streams::default())),
        log: Rc::new(Logger::new(format!("{ROOT}/containers/{0}/{0}-json.log", saved.id), off)),
        changed: WaitQueue::new(),
        busy: Cell::default(),
        exits: Cell::default(),
        restarts: Cell::new(saved.restart_count),
        stopped_by_hand: Cell::new(saved.has_been_manually_stopped),
        cgroup: Cell::default(),
        execs: RefCell::default(),
        ending: Cell::default(),
        removed: Cell::default(),
        id: saved.id,
    })
}

/// The endpoints, in the networks as they are now: the default bridge is another one after each start.
fn endpoints(d: &Daemon, saved: Map<Endpoint>) -> Map<Endpoint> {
    let all = d.networks.all.borrow();
    let mut endpoints = saved;
    for (name, endpoint) in &mut endpoints {
        if let Some(network) = all.values().find(|n| n.name == *name && n.predefined()) {
            endpoint.network_id.clone_from(&network.id);
        }
    }
    endpoints
}

/// Ends what a daemon that was killed left behind of a container.
fn clean_up(sys: &Sys, saved: &Saved) {
    if let Ok(pid) = i32::try_from(saved.state.pid)
        && pid > 1
    {
        let _ = sys.kill(Pid(pid), Some(Signal::KILL));
    }
    if let Some(id) = read_text(sys, &format!("{}/mount-id", mounts_of(&saved.id))) {
        let _ = sys.umount_detach(&format!("{OVERLAY}/{id}/merged"));
    }
    let addresses = saved.network_settings.networks.values().filter_map(|e| e.ip_address.parse::<IpAddr>().ok());
    for ip in addresses {
        for (port, bindings) in &saved.network_settings.ports {
            let (proto, number) = docker_api::ports::split_proto(port);
            for binding in bindings.iter().flatten() {
                let parts = (binding.host_ip.parse(), binding.host_port.parse(), number.parse());
                if let (Ok(address), Ok(port), Ok(number)) = parts {
                    let to = SocketAddr::new(ip, number);
                    let forward = PortForward { address, tcp: proto == "tcp", port, to };
                    let _ = sys.remove_forward(sys.netns(), &forward);
                }
            }
        }
    }
}
