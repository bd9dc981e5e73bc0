//! What is mounted into a container: binds, volumes, tmpfs.

use machine::Sys;
use std::rc::Rc;

use docker_api::mounts::{clean, parse_daemon};
use docker_api::types::{ContainerConfig, HostConfig, Mount, MountPoint};
use machine::fs::SetAttr;

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::files::scope::scoped;
use crate::files::tree;
use crate::model::container::Container;
use crate::volumes;

/// The mounts that a new container will have, sorted by destination. Volumes are made.
pub fn collect(d: &Rc<Daemon>, config: &ContainerConfig, host: &HostConfig) -> ApiResult<Vec<MountPoint>> {
    let mut points: Vec<MountPoint> = Vec::new();
    for from in host.volumes_from.iter().flatten() {
        let (name, mode) = from.split_once(':').unwrap_or((from, ""));
        let other = d.container(name).map_err(|error| ApiError::bad(error.message))?;
        for point in other.mounts.borrow().iter() {
            add(&mut points, MountPoint { rw: point.rw && mode != "ro", ..point.clone() });
        }
    }
    let mut seen: Vec<String> = Vec::new();
    let mut given = |target: &str| -> ApiResult<()> {
        if seen.iter().any(|s| s == target) {
            return Err(ApiError::bad(format!("Duplicate mount point: {target}")));
        }
        seen.push(target.to_string());
        Ok(())
    };
    for raw in host.binds.iter().flatten() {
        let spec = parse_daemon(raw).map_err(ApiError::bad)?;
        given(&spec.target)?;
        let point = if spec.source.starts_with('/') {
            bind(&clean(&spec.source), &spec.target, &spec.mode, !spec.read_only())
        } else {
            let mode = if spec.mode.is_empty() { "z" } else { &spec.mode };
            volume(d, (&host.volume_driver, &spec.source), &spec.target, mode, !spec.read_only())?
        };
        add(&mut points, point);
    }
    for mount in host.mounts.iter().flatten() {
        let point = from_mount(d, mount)?;
        given(&point.destination)?;
        add(&mut points, point);
    }
    for target in config.volumes.iter().flatten().map(|(t, _)| clean(t)) {
        let is_tmpfs = host.tmpfs.iter().flatten().any(|(t, _)| clean(t) == target);
        if points.iter().all(|p| p.destination != target) && !is_tmpfs {
            add(&mut points, volume(d, (&host.volume_driver, ""), &target, "", true)?);
        }
    }
    points.sort_by(|a, b| a.destination.cmp(&b.destination));
    Ok(points)
}

fn add(points: &mut Vec<MountPoint>, point: MountPoint) {
    points.retain(|p| p.destination != point.destination);
    points.push(point);
}

fn bind(source: &str, target: &str, mode: &str, rw: bool) -> MountPoint {
    MountPoint {
        kind: "bind".into(),
        source: source.into(),
        destination: target.into(),
        mode: mode.into(),
        rw,
        propagation: "rprivate".into(),
        ..MountPoint::default()
    }
}

/// A volume by its driver (empty for the usual one) and name.
fn volume(d: &Rc<Daemon>, (driver, name): (&str, &str), target: &str, mode: &str, rw: bool) -> ApiResult<MountPoint> {
    let wanted = docker_api::types::VolumeCreate { driver: driver.into(), ..Default::default() };
    let volume = volumes::create(d, name, &wanted)?;
    Ok(MountPoint {
        kind: "volume".into(),
        name: volume.name,
        source: volume.mountpoint,
        destination: target.into(),
        driver: volume.driver,
        mode: mode.into(),
        rw,
        propagation: String::new(),
    })
}

fn from_mount(d: &Rc<Daemon>, mount: &Mount) -> ApiResult<MountPoint> {
    let target = clean(&mount.target);
    let invalid = |why: &str| Err(ApiError::bad(format!("invalid mount config for type \"{}\": {why}", mount.kind)));
    if mount.target.is_empty() {
        return invalid("field Target must not be empty");
    }
    if target == "/" {
        return invalid("invalid specification: destination can't be '/'");
    }
    if !target.starts_with('/') {
        return invalid(&format!("invalid mount path: '{}' mount path must be absolute", mount.target));
    }
    match mount.kind.as_str() {
        "bind" => {
            if mount.source.is_empty() {
                return invalid("field Source must not be empty");
            }
            if !mount.source.starts_with('/') {
                return invalid(&format!("invalid mount path: '{}' mount path must be absolute", mount.source));
            }
            let create = mount.bind_options.as_ref().is_some_and(|o| o.create_mountpoint);
            if d.sys.stat(&mount.source).is_err() && !create {
                return invalid(&format!("bind source path does not exist: {}", mount.source));
            }
            Ok(bind(&clean(&mount.source), &target, "", !mount.read_only))
        }
        "volume" => volume(d, ("", &mount.source), &target, "z", !mount.read_only),
        "tmpfs" => Ok(MountPoint { kind: "tmpfs".into(), destination: target, rw: true, ..MountPoint::default() }),
        _ => invalid("mount type unknown"),
    }
}

/// The options of the `--mount type=tmpfs` at a place, as `--tmpfs` has them.
pub fn tmpfs_options(host: &HostConfig, destination: &str) -> String {
    let mount = host.mounts.iter().flatten().find(|m| m.kind == "tmpfs" && clean(&m.target) == destination);
    let Some(mount) = mount else { return String::new() };
    let mut out = Vec::new();
    if mount.read_only {
        out.push("ro".to_string());
    }
    if let Some(options) = &mount.tmpfs_options {
        if options.size_bytes > 0 {
            out.push(format!("size={}", options.size_bytes));
        }
        if options.mode != 0 {
            out.push(format!("mode={:o}", options.mode));
        }
    }
    out.join(",")
}

/// Fills new volumes with what the image has at their place. The file system is mounted.
pub fn populate(sys: &Sys, c: &Container) -> ApiResult<()> {
    for point in c.mounts.borrow().iter().filter(|p| p.kind == "volume" && !p.mode.contains("nocopy")) {
        let from = scoped(sys, &c.rootfs.path("merged"), &point.destination);
        let Ok(attr) = sys.stat(&from) else { continue };
        let empty = sys.read_dir(&point.source).is_ok_and(|e| e.is_empty());
        if !attr.is_dir() || !empty {
            continue;
        }
        tree::copy_tree(sys, &from, &point.source)?;
        let set = SetAttr { mode: Some(attr.mode), uid: Some(attr.uid), gid: Some(attr.gid), ..SetAttr::default() };
        sys.set_attr(&point.source, &set)?;
    }
    Ok(())
}

/// Mounts the volumes that are mounted by options of their own.
pub fn mount_volumes(d: &Daemon, c: &Container) -> ApiResult<()> {
    let mounts = c.mounts.borrow();
    let names: Vec<&str> = mounts.iter().filter(|p| p.kind == "volume").map(|p| p.name.as_str()).collect();
    for (i, name) in names.iter().enumerate() {
        if let Err(error) = volumes::mount(d, name) {
            names.iter().take(i).for_each(|name| volumes::unmount(d, name));
            return Err(error);
        }
    }
    Ok(())
}

/// The counterpart of [`mount_volumes`].
pub fn unmount_volumes(d: &Daemon, c: &Container) {
    for point in c.mounts.borrow().iter().filter(|p| p.kind == "volume") {
        volumes::unmount(d, &point.name);
    }
}

/// Makes the sources of binds that are not there: `-v` makes directories.
pub fn make_sources(sys: &Sys, c: &Container) -> ApiResult<()> {
    for point in c.mounts.borrow().iter().filter(|p| p.kind == "bind") {
        if sys.stat(&point.source).is_err() {
            tree::make_dirs(sys, &point.source, 0o755).map_err(|e| {
                ApiError::bad(format!(
                    "error while creating mount source path '{}': mkdir {}: {}",
                    point.source,
                    point.source,
                    crate::error::go_errno(e)
                ))
            })?;
        }
    }
    Ok(())
}
