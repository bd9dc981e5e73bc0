//! `POST /containers/create`: configuration merged with the image's, name, file system, volumes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use docker_api::types::{ContainerConfig, CreateBody, HostConfig, ImageConfig, Map};
use machine::WaitQueue;
use machine::fs::SetAttr;

use super::files::make_init_layer;
use super::logs::Logger;
use super::streams::Streams;
use super::{Container, Rootfs, RunState, checks, mounts, start};
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::files::scope::scoped;
use crate::files::tree;
use crate::ids;
use crate::images::Image;
use crate::networks::endpoint;
use crate::paths::OVERLAY;
use crate::text::random_name;

/// Allocating the layer and writing the configuration takes this long.
const WORK: Duration = Duration::from_millis(75);
/// `/dev/shm` of a container.
const SHM_SIZE: i64 = 64 * 1024 * 1024;

/// The configuration of a container: what was asked for, and below it what the image says.
pub fn merge(config: &mut ContainerConfig, image: &ImageConfig) {
    if config.user.is_empty() {
        config.user.clone_from(&image.user);
    }
    if let Some(ports) = &image.exposed_ports {
        let all = config.exposed_ports.get_or_insert_with(Map::new);
        all.extend(ports.clone());
    }
    let mut env = config.env.take().unwrap_or_default();
    let key = |e: &String| e.split('=').next().unwrap_or("").to_string();
    for variable in image.env.iter().flatten() {
        if env.iter().all(|e| key(e) != key(variable)) {
            env.push(variable.clone());
        }
    }
    config.env = Some(env);
    if let Some(labels) = &image.labels {
        let own = config.labels.take().unwrap_or_default();
        let mut all = labels.clone();
        all.extend(own);
        config.labels = Some(all);
    }
    if config.entrypoint.as_ref().is_none_or(Vec::is_empty) {
        if config.cmd.as_ref().is_none_or(Vec::is_empty) {
            config.cmd.clone_from(&image.cmd);
        }
        config.entrypoint.clone_from(&image.entrypoint);
    }
    // A single empty string stands for no entrypoint at all.
    if config.entrypoint.as_ref().is_some_and(|e| e.len() == 1 && e[0].is_empty()) {
        config.entrypoint = None;
    }
    if config.working_dir.is_empty() {
        config.working_dir.clone_from(&image.working_dir);
    }
    if let Some(volumes) = &image.volumes {
        let all = config.volumes.get_or_insert_with(Map::new);
        all.extend(volumes.clone());
    }
    if config.stop_signal.is_empty() {
        config.stop_signal.clone_from(&image.stop_signal);
    }
    match (&mut config.healthcheck, &image.healthcheck) {
        (own @ None, of_image) => own.clone_from(of_image),
        (Some(own), Some(of_image)) => {
            if own.test.as_ref().is_none_or(Vec::is_empty) {
                own.test.clone_from(&of_image.test);
            }
            let fill = |own: &mut i64, of_image: i64| *own = if *own == 0 { of_image } else { *own };
            fill(&mut own.interval, of_image.interval);
            fill(&mut own.timeout, of_image.timeout);
            fill(&mut own.start_period, of_image.start_period);
            fill(&mut own.retries, of_image.retries);
        }
        (Some(_), None) => {}
    }
    if config.shell.is_none() {
        config.shell.clone_from(&image.shell);
    }
}

/// Fills in what the daemon decides about the host's part.
fn complete(host: &mut HostConfig) {
    if host.network_mode.is_empty() || host.network_mode == "default" {
        host.network_mode = "bridge".into();
    }
    if host.log_config.kind.is_empty() {
        host.log_config.kind = "json-file".into();
    }
    if host.restart_policy.name.is_empty() {
        host.restart_policy.name = "no".into();
    }
    if host.shm_size == 0 {
        host.shm_size = SHM_SIZE;
    }
    host.runtime = "runc".into();
    host.ipc_mode = if host.ipc_mode.is_empty() { "private".into() } else { host.ipc_mode.clone() };
    if host.cgroupns_mode.is_empty() {
        host.cgroupns_mode = "private".into();
    }
    if host.memory > 0 && host.memory_swap == 0 {
        host.memory_swap = host.memory * 2;
    }
    let list = |paths: &[&str]| Some(paths.iter().map(|p| p.to_string()).collect());
    if !host.privileged {
        host.masked_paths = list(&[
            "/proc/asound",
            "/proc/acpi",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/sys/firmware",
            "/sys/devices/virtual/powercap",
        ]);
        host.readonly_paths = list(&["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]);
    } else {
        host.security_opt = list(&["label=disable"]);
    }
}

fn valid_name(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// The name of a new container, or of one being renamed; errors are the daemon's.
pub fn reserve_name(d: &Daemon, name: &str) -> ApiResult<String> {
    let bare = name.strip_prefix('/').unwrap_or(name);
    if !valid_name(bare) {
        return Err(ApiError::bad(format!(
            "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        )));
    }
    let all = d.containers.borrow();
    match all.values().find(|c| *c.name.borrow() == bare) {
        Some(other) => Err(ApiError::conflict(format!(
            "Conflict. The container name \"/{bare}\" is already in use by container \"{}\". You have to remove (or rename) that container to be able to reuse that name.",
            other.id
        ))),
        None => Ok(bare.to_string()),
    }
}

fn generate_name(d: &Daemon) -> String {
    loop {
        let name = random_name(d.sys.random_u64());
        if d.containers.borrow().values().all(|c| *c.name.borrow() != name) {
            return name;
        }
    }
}

/// The directories of a new container's file system on an image.
pub fn make_rootfs(d: &Daemon, chain: &[String]) -> ApiResult<Rootfs> {
    let id = ids::random_id(&d.sys);
    let init = format!("{OVERLAY}/{id}-init/diff");
    let dir = format!("{OVERLAY}/{id}");
    for path in [&init, &format!("{dir}/diff"), &format!("{dir}/work"), &format!("{dir}/merged")] {
        tree::make_dirs(&d.sys, path, 0o755)?;
    }
    make_init_layer(&d.sys, &init)?;
    let link = ids::random_link(&d.sys);
    d.sys.put_file(&format!("{dir}/link"), link.into_bytes().into(), 0o644)?;
    let lower = lower_dirs(d, &id, chain);
    Ok(Rootfs { id, lower })
}

/// The directories below a container's own, the uppermost first.
pub fn lower_dirs(d: &Daemon, id: &str, chain: &[String]) -> Vec<String> {
    let images = d.images.borrow();
    let layers = chain.iter().rev().filter_map(|c| images.layers.get(c));
    let layers = layers.map(|l| format!("{OVERLAY}/{}/diff", l.cache_id));
    std::iter::once(format!("{OVERLAY}/{id}-init/diff")).chain(layers).collect()
}

/// The name that a container has for itself.
fn hostname(d: &Daemon, asked: &str, mode: &str, id: &str) -> ApiResult<String> {
    Ok(match mode.strip_prefix("container:") {
        // Who shares the network shares the name in it.
        Some(other) => crate::networks::sandbox::joined(d, other)?.config.borrow().hostname.clone(),
        None if !asked.is_empty() => asked.to_string(),
        None if mode == "host" => d.sys.hostname(),
        None => id[..12].to_string(),
    })
}

/// The image of a new container: id and configuration.
fn image_of(d: &Daemon, name: &str) -> ApiResult<(String, Image)> {
    // Only the classic builder asks for a container without an image: its stage began from nothing.
    if name.is_empty() {
        return Ok((String::new(), Image::default()));
    }
    d.images.borrow().find(name).map(|stored| (stored.id.clone(), stored.image.clone()))
}

/// Makes a container.
pub async fn create(d: &Rc<Daemon>, name: Option<&str>, platform: &str, body: CreateBody) -> ApiResult<Rc<Container>> {
    let CreateBody { mut config, host_config: mut host, networking_config } = body;
    checks::check(&config, &host)?;
    let (image_id, image) = image_of(d, &config.image)?;
    checks::platform(&config.image, platform, &image)?;
    merge(&mut config, &image.config);
    complete(&mut host);
    let command: Vec<String> = config.entrypoint.iter().flatten().chain(config.cmd.iter().flatten()).cloned().collect();
    let Some((path, args)) = command.split_first() else { return Err(ApiError::bad("no command specified")) };
    let name = match name {
        Some(name) => reserve_name(d, name)?,
        None => generate_name(d),
    };
    checks::surroundings(d, &host)?;
    let asked = networking_config.endpoints_config.unwrap_or_default();
    let endpoints = endpoint::initial(d, &host.network_mode, &asked)?;
    let id = ids::new_id(&d.sys);
    config.hostname = hostname(d, &config.hostname, &host.network_mode, &id)?;
    for port in host.port_bindings.keys() {
        config.exposed_ports.get_or_insert_with(Map::new).entry(port.clone()).or_default();
    }
    let _ = d.sys.sleep(WORK).await;
    let rootfs = make_rootfs(d, &image.chain_ids())?;
    let mounts = mounts::collect(d, &config, &host)?;
    let dir = format!("{}/containers/{id}", crate::paths::ROOT);
    tree::make_dirs(&d.sys, &dir, 0o710)?;
    let off = host.log_config.kind == "none";
    let container = Rc::new(Container {
        created: d.sys.wall_clock(),
        name: RefCell::new(name),
        image_id,
        chain: image.chain_ids(),
        path: path.clone(),
        args: args.to_vec(),
        rootfs,
        mounted: Cell::default(),
        mounts: RefCell::new(mounts),
        endpoints: RefCell::new(endpoints),
        ports: RefCell::default(),
        sandbox: RefCell::default(),
        state: RefCell::new(RunState::default()),
        streams: RefCell::new(Rc::new(Streams::default())),
        log: Rc::new(Logger::new(format!("{dir}/{id}-json.log"), off)),
        changed: WaitQueue::new(),
        busy: Cell::default(),
        exits: Cell::default(),
        restarts: Cell::default(),
        stopped_by_hand: Cell::default(),
        cgroup: Cell::default(),
        execs: RefCell::default(),
        ending: Cell::default(),
        removed: Cell::default(),
        config: RefCell::new(config),
        host: RefCell::new(host),
        id: id.clone(),
    });
    if let Err(error) = prepare(d, &container) {
        super::remove::discard(d, &container);
        return Err(error);
    }
    d.containers.borrow_mut().insert(id, container.clone());
    container.save(d);
    container.event(d, "create", &[]);
    Ok(container)
}

/// What needs the file system: the working directory and the content of new volumes.
fn prepare(d: &Rc<Daemon>, c: &Rc<Container>) -> ApiResult<()> {
    let workdir = c.config.borrow().working_dir.clone();
    let volumes = c.mounts.borrow().iter().any(|m| m.kind == "volume");
    if workdir.is_empty() && !volumes {
        return Ok(());
    }
    start::mount(d, c)?;
    let result = make_workdir(d, c, &workdir).and_then(|()| mounts::populate(d, c));
    start::unmount(d, c);
    result
}

fn make_workdir(d: &Daemon, c: &Container, workdir: &str) -> ApiResult<()> {
    let mut at = String::new();
    for part in workdir.split('/').filter(|p| !p.is_empty()) {
        at.push('/');
        at.push_str(part);
        let path = scoped(&d.sys, &c.rootfs.path("merged"), &at);
        match d.sys.stat(&path) {
            Ok(attr) if attr.is_dir() => {}
            Ok(_) => return Err(ApiError::bad(format!("Cannot mkdir: {workdir} is not a directory"))),
            Err(_) => {
                d.sys.mkdir(&path, 0o755)?;
                d.sys.set_attr(&path, &SetAttr { uid: Some(0), gid: Some(0), ..SetAttr::default() })?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: &[&str]) -> Option<Vec<String>> {
        Some(items.iter().map(|s| s.to_string()).collect())
    }

    #[test]
    fn the_image_fills_the_gaps() {
        let image = ImageConfig {
            cmd: list(&["redis-server"]),
            entrypoint: list(&["entry.sh"]),
            env: list(&["PATH=/bin", "A=0"]),
            working_dir: "/data".into(),
            ..ImageConfig::default()
        };
        let mut config = ContainerConfig { env: list(&["A=1"]), ..ContainerConfig::default() };
        merge(&mut config, &image);
        assert_eq!(config.env, list(&["A=1", "PATH=/bin"]));
        assert_eq!((config.cmd, config.entrypoint), (list(&["redis-server"]), list(&["entry.sh"])));
        let mut config = ContainerConfig { entrypoint: list(&[""]), cmd: list(&["sh"]), ..ContainerConfig::default() };
        merge(&mut config, &image);
        assert_eq!((config.cmd, config.entrypoint), (list(&["sh"]), None));
        let mut config = ContainerConfig { entrypoint: list(&["x"]), ..ContainerConfig::default() };
        merge(&mut config, &image);
        assert_eq!(config.cmd, None);
    }

    #[test]
    fn names_are_checked() {
        assert!(valid_name("web-1") && valid_name("a.b_c"));
        assert!(!valid_name("a") && !valid_name("-x") && !valid_name("a b") && !valid_name(""));
    }
}
