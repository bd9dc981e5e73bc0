//! Volumes: directories below `/var/lib/docker/volumes`.

use std::rc::Rc;

use docker_api::filters::Filters;
use docker_api::time::rfc3339;
use docker_api::types::{Map, Volume, VolumeCreate, VolumeList, VolumeUsage, VolumesPrune};

use machine::Sys;
use machine::fs::{MountFlags, MountKind};

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::files::tree;
use crate::paths::ROOT;
use crate::{disk, ids};

/// The label of volumes that were not named.
const ANONYMOUS: &str = "com.docker.volume.anonymous";

/// Makes a volume, or gives the one of that name; without a name it is anonymous.
pub fn create(d: &Rc<Daemon>, name: &str, wanted: &VolumeCreate) -> ApiResult<Volume> {
    let driver = if wanted.driver.is_empty() { "local" } else { wanted.driver.as_str() };
    let anonymous = name.is_empty();
    let name = if anonymous { ids::new_id(&d.sys) } else { name.to_string() };
    if driver != "local" {
        return Err(ApiError::not_found(format!(
            "create {name}: error looking up volume plugin {driver}: plugin \"{driver}\" not found"
        )));
    }
    if let Some(volume) = d.volumes.borrow().get(&name) {
        return Ok(volume.clone());
    }
    check_name(&name)?;
    check_options(wanted).map_err(|why| ApiError::bad(format!("create {name}: {why}")))?;
    let mountpoint = format!("{ROOT}/volumes/{name}/_data");
    tree::make_dirs(&d.sys, &mountpoint, 0o755)?;
    let mut labels = wanted.labels.clone().filter(|l| !l.is_empty());
    if anonymous {
        labels.get_or_insert_with(Map::new).insert(ANONYMOUS.into(), String::new());
    }
    let volume = Volume {
        created_at: rfc3339(d.sys.wall_clock().seconds()),
        driver: "local".into(),
        labels,
        mountpoint,
        name: name.clone(),
        options: wanted.driver_opts.clone().filter(|o| !o.is_empty()),
        scope: "local".into(),
        usage_data: None,
    };
    d.volumes.borrow_mut().insert(name.clone(), volume.clone());
    disk::volumes::save(d);
    d.event("volume", "create", &name, &[("driver", "local")]);
    Ok(volume)
}

fn check_name(name: &str) -> ApiResult<()> {
    let ok = |(i, c): (usize, char)| c.is_ascii_alphanumeric() || (i > 0 && matches!(c, '_' | '.' | '-'));
    if name.chars().count() > 1 && name.chars().enumerate().all(ok) {
        return Ok(());
    }
    if name.chars().count() == 1 {
        return Err(ApiError::bad(format!(
            "create {name}: volume name is too short, names should be at least two alphanumeric characters"
        )));
    }
    Err(ApiError::bad(format!(
        "create {name}: {} includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path",
        docker_api::text_quote(name)
    )))
}

/// What the driver `local` takes, and which option needs which others.
fn check_options(wanted: &VolumeCreate) -> Result<(), String> {
    let options = wanted.driver_opts.clone().unwrap_or_default();
    let quoted = docker_api::text_quote;
    if let Some(unknown) = options.keys().find(|k| !matches!(k.as_str(), "type" | "o" | "device" | "size")) {
        return Err(format!("invalid option: {}", quoted(unknown)));
    }
    for (option, needs) in [("device", &["type"][..]), ("o", &["device", "type"]), ("type", &["device"])] {
        if options.contains_key(option)
            && let Some(missing) = needs.iter().find(|n| !options.contains_key(**n))
        {
            return Err(format!("missing required option: {}", quoted(missing)));
        }
    }
    Ok(())
}

/// Mounts what a volume's options ask for at its place, if it is the first to need it.
pub fn mount(d: &Daemon, name: &str) -> ApiResult<()> {
    let Some((place, options)) = mounted_by_options(d, name) else { return Ok(()) };
    let mut uses = d.volume_uses.borrow_mut();
    let count = uses.entry(name.to_string()).or_default();
    if *count == 0 {
        let device = options.get("device").map_or("", String::as_str);
        let given = options.get("o").map_or("", String::as_str);
        mount_at(d, &place, options.get("type").map_or("", String::as_str), device, given)
            .map_err(|why| ApiError::internal(format!("error while mounting volume '{place}': {why}")))?;
    }
    *count += 1;
    Ok(())
}

/// The counterpart of [`mount`].
pub fn unmount(d: &Daemon, name: &str) {
    let Some((place, _)) = mounted_by_options(d, name) else { return };
    let mut uses = d.volume_uses.borrow_mut();
    let Some(count) = uses.get_mut(name) else { return };
    *count -= 1;
    if *count == 0 {
        uses.remove(name);
        let _ = d.sys.umount(&place);
    }
}

/// The place and the options of a volume whose options name a device.
fn mounted_by_options(d: &Daemon, name: &str) -> Option<(String, Map<String>)> {
    let volumes = d.volumes.borrow();
    let volume = volumes.get(name)?;
    let options = volume.options.clone().filter(|o| o.contains_key("device"))?;
    Some((volume.mountpoint.clone(), options))
}

fn mount_at(d: &Daemon, place: &str, kind: &str, device: &str, options: &str) -> Result<(), String> {
    let mut flags = MountFlags::default();
    let (mut bind, mut size) = (kind == "bind", None);
    for option in options.split(',') {
        match option.split_once('=').unwrap_or((option, "")) {
            ("bind" | "rbind", _) => bind = true,
            ("ro", _) => flags.read_only = true,
            ("size", text) => size = docker_api::units::ram_in_bytes(text).ok().and_then(|s| u64::try_from(s).ok()),
            _ => {}
        }
    }
    let (kind, bits) = match kind {
        _ if bind => (MountKind::Bind { source: device.to_string(), recursive: true }, "0x1000"),
        "tmpfs" => (MountKind::Tmpfs { size }, "0x0"),
        other => return Err(format!("drydock: volumes of type {other} are not emulated here")),
    };
    d.sys.mount(place, kind, flags).map_err(|errno| {
        let why = crate::error::go_errno(errno);
        format!("failed to mount local volume: mount {device}:{place}, flags: {bits}: {why}")
    })
}

/// The containers that use a volume.
fn users(d: &Daemon, name: &str) -> Vec<String> {
    let all = d.containers.borrow();
    all.values().filter(|c| c.mounts.borrow().iter().any(|m| m.name == name)).map(|c| c.id.clone()).collect()
}

/// `GET /volumes`
pub fn list(d: &Daemon, filters: &Filters) -> ApiResult<VolumeList> {
    let dangling =
        filters.has("dangling").then(|| filters.boolean("dangling", false)).transpose().map_err(ApiError::bad)?;
    let volumes = d.volumes.borrow();
    let fits = |v: &&Volume| {
        let names = filters.get("name");
        (names.is_empty() || names.iter().any(|n| v.name.contains(n.as_str())))
            && filters.exact("driver", &v.driver)
            && filters.labels("label", &v.labels.clone().unwrap_or_default())
            && dangling.is_none_or(|want| want == users(d, &v.name).is_empty())
    };
    Ok(VolumeList { volumes: volumes.values().filter(fits).cloned().collect(), warnings: None })
}

/// `GET /volumes/{name}`
pub fn inspect(d: &Daemon, name: &str) -> ApiResult<Volume> {
    let found = d.volumes.borrow().get(name).cloned();
    found.ok_or_else(|| ApiError::not_found(format!("get {name}: no such volume")))
}

/// `DELETE /volumes/{name}`
pub fn remove(d: &Rc<Daemon>, name: &str, force: bool) -> ApiResult<()> {
    if !d.volumes.borrow().contains_key(name) {
        return if force { Ok(()) } else { Err(ApiError::not_found(format!("get {name}: no such volume"))) };
    }
    let users = users(d, name);
    if !users.is_empty() {
        return Err(ApiError::conflict(format!("remove {name}: volume is in use - [{}]", users.join(", "))));
    }
    d.volumes.borrow_mut().remove(name);
    disk::volumes::save(d);
    tree::remove_tree(&d.sys, &format!("{ROOT}/volumes/{name}"));
    d.event("volume", "destroy", name, &[("driver", "local")]);
    Ok(())
}

/// Removes a container's anonymous volumes that nobody else uses.
pub fn remove_anonymous(d: &Rc<Daemon>, names: &[String]) {
    for name in names {
        let anonymous =
            d.volumes.borrow().get(name).is_some_and(|v| v.labels.iter().flatten().any(|(k, _)| k == ANONYMOUS));
        if anonymous && users(d, name).is_empty() {
            let _ = remove(d, name, false);
        }
    }
}

/// `POST /volumes/prune`
pub fn prune(d: &Rc<Daemon>, filters: &Filters) -> ApiResult<VolumesPrune> {
    let all = filters.boolean("all", false).map_err(ApiError::bad)?;
    // What is mounted by options of the driver is left alone.
    let plain = |v: &&Volume| v.options.iter().flatten().next().is_none();
    let names: Vec<(String, Map<String>)> = {
        let volumes = d.volumes.borrow();
        volumes.values().filter(plain).map(|v| (v.name.clone(), v.labels.clone().unwrap_or_default())).collect()
    };
    let (mut gone, mut space) = (Vec::new(), 0);
    for (name, labels) in names {
        let wanted = (all || labels.contains_key(ANONYMOUS)) && filters.prunes(&labels);
        if wanted && users(d, &name).is_empty() {
            space += size(&d.sys, &name);
            remove(d, &name, true)?;
            gone.push(name);
        }
    }
    d.prune_event("volume", space);
    Ok(VolumesPrune { volumes_deleted: (!gone.is_empty()).then_some(gone), space_reclaimed: space })
}

fn size(sys: &Sys, name: &str) -> u64 {
    tree::tree_size(sys, &format!("{ROOT}/volumes/{name}/_data"))
}

/// A volume with its size and use, for `docker system df`.
pub fn with_usage(d: &Daemon) -> Vec<Volume> {
    let volumes: Vec<Volume> = d.volumes.borrow().values().cloned().collect();
    volumes
        .into_iter()
        .map(|mut v| {
            v.usage_data =
                Some(VolumeUsage { ref_count: users(d, &v.name).len() as i64, size: size(&d.sys, &v.name) as i64 });
            v
        })
        .collect()
}
