//! `POST /containers/create`: configuration merged with the image's, name, file system, volumes.

use machine::Sys;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use docker_api::types::{CreateBody, Map};
use machine::WaitQueue;
use machine::fs::SetAttr;

use super::{checks, config, mounts, name, remove, rootfs};
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::files::scope::scoped;
use crate::files::tree;
use crate::model::container::{Container, RunState};
use crate::model::image::Image;
use crate::networks::{endpoint, sandbox};
use crate::paths::ROOT;
use crate::runtime::log::Logger;
use crate::runtime::streams::Streams;
use crate::{disk, ids};

/// Allocating the layer and writing the configuration takes this long.
const WORK: Duration = Duration::from_millis(75);
/// The name that a container has for itself.
fn hostname(d: &Daemon, asked: &str, mode: &str, id: &str) -> ApiResult<String> {
    Ok(match mode.strip_prefix("container:") {
        // Who shares the network shares the name in it.
        Some(other) => sandbox::joined(d, other)?.config.borrow().hostname.clone(),
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
    config::merge(&mut config, &image.config);
    config::complete(&mut host);
    let command: Vec<String> = config.entrypoint.iter().flatten().chain(config.cmd.iter().flatten()).cloned().collect();
    let Some((path, args)) = command.split_first() else { return Err(ApiError::bad("no command specified")) };
    let name = match name {
        Some(name) => name::reserve(d, name)?,
        None => name::generate(d),
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
    let rootfs = rootfs::make(d, &image.chain_ids())?;
    let mounts = mounts::collect(d, &config, &host)?;
    let dir = format!("{}/containers/{id}", ROOT);
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
        remove::discard(d, &container);
        return Err(error);
    }
    d.containers.borrow_mut().insert(id, container.clone());
    disk::containers::save(&d.sys, &container);
    d.container_event(&container, "create", &[]);
    Ok(container)
}

/// What needs the file system: the working directory and the content of new volumes.
fn prepare(d: &Daemon, c: &Container) -> ApiResult<()> {
    let workdir = c.config.borrow().working_dir.clone();
    let volumes = c.mounts.borrow().iter().any(|m| m.kind == "volume");
    if workdir.is_empty() && !volumes {
        return Ok(());
    }
    let sys = &d.sys;
    mounts::mount_volumes(d, c)?;
    let result = rootfs::mount(sys, c).and_then(|()| {
        let result = make_workdir(sys, c, &workdir).and_then(|()| mounts::populate(sys, c));
        rootfs::unmount(sys, c);
        result
    });
    mounts::unmount_volumes(d, c);
    result
}

fn make_workdir(sys: &Sys, c: &Container, workdir: &str) -> ApiResult<()> {
    let mut at = String::new();
    for part in workdir.split('/').filter(|p| !p.is_empty()) {
        at.push('/');
        at.push_str(part);
        let path = scoped(sys, &c.rootfs.path("merged"), &at);
        match sys.stat(&path) {
            Ok(attr) if attr.is_dir() => {}
            Ok(_) => return Err(ApiError::bad(format!("Cannot mkdir: {workdir} is not a directory"))),
            Err(_) => {
                sys.mkdir(&path, 0o755)?;
                sys.set_attr(&path, &SetAttr { uid: Some(0), gid: Some(0), ..SetAttr::default() })?;
            }
        }
    }
    Ok(())
}
