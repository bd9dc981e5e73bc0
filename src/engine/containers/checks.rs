//! What `POST /containers/create` refuses before anything is made, and what it warns of.

use docker_api::types::{ContainerConfig, HealthConfig, HostConfig, RestartPolicy};

use super::cpuset;
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::model::image::Image;
use crate::runtime::user;
use crate::text::parse_signal;

/// `Minimum memory limit allowed is 6MB`
const MIN_MEMORY: i64 = 6 * 1024 * 1024;
/// The shortest time that a health check may be given, in nanoseconds.
const MIN_DURATION: i64 = 1_000_000;

/// Options of a tmpfs that have no value, and those that have one.
const TMPFS_FLAGS: &[&str] = &[
    "defaults",
    "ro",
    "rw",
    "suid",
    "nosuid",
    "dev",
    "nodev",
    "exec",
    "noexec",
    "sync",
    "async",
    "dirsync",
    "remount",
    "mand",
    "nomand",
    "atime",
    "noatime",
    "diratime",
    "nodiratime",
    "bind",
    "rbind",
    "unbindable",
    "runbindable",
    "private",
    "rprivate",
    "shared",
    "rshared",
    "slave",
    "rslave",
    "relatime",
    "norelatime",
    "strictatime",
    "nostrictatime",
];
const TMPFS_VALUES: &[&str] = &["size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"];

/// Checks what was asked for; the errors are the daemon's.
pub fn check(config: &ContainerConfig, host: &HostConfig) -> ApiResult<()> {
    container(config)?;
    restart(&host.restart_policy, host.auto_remove)?;
    memory(host)?;
    processors(host)?;
    plugins(host)?;
    modes(host)?;
    shared_network(config, host)?;
    for (field, names) in [("CapAdd", &host.cap_add), ("CapDrop", &host.cap_drop)] {
        if let Some(unknown) = names.iter().flatten().find(|n| !user::is_capability(n)) {
            return Err(ApiError::bad(format!("invalid {field}: unknown capability: \"{unknown}\"")));
        }
    }
    tmpfs(host)
}

fn container(config: &ContainerConfig) -> ApiResult<()> {
    if !config.working_dir.is_empty() && !config.working_dir.starts_with('/') {
        return Err(ApiError::bad(format!(
            "the working directory '{}' is invalid, it needs to be an absolute path",
            config.working_dir
        )));
    }
    if config.hostname.len() > 63 {
        return Err(ApiError::bad(format!("invalid hostname format: {}", config.hostname)));
    }
    if !config.stop_signal.is_empty() {
        parse_signal(&config.stop_signal)?;
    }
    config.healthcheck.as_ref().map_or(Ok(()), health)
}

fn health(health: &HealthConfig) -> ApiResult<()> {
    let times = [
        ("Interval", health.interval),
        ("Timeout", health.timeout),
        ("StartPeriod", health.start_period),
        ("StartInterval", health.start_interval),
    ];
    if let Some((name, _)) = times.iter().find(|(_, time)| *time != 0 && *time < MIN_DURATION) {
        return Err(ApiError::bad(format!("{name} in Healthcheck cannot be less than 1ms")));
    }
    if health.retries < 0 {
        return Err(ApiError::bad("Retries in Healthcheck cannot be negative"));
    }
    Ok(())
}

/// Checks a restart policy.
pub fn restart(policy: &RestartPolicy, auto_remove: bool) -> ApiResult<()> {
    let (policy, count) = (policy.name.as_str(), policy.maximum_retry_count);
    if auto_remove && !matches!(policy, "" | "no") {
        return Err(ApiError::bad("can't create 'AutoRemove' container with restart policy"));
    }
    if !matches!(policy, "" | "no" | "always" | "unless-stopped" | "on-failure") {
        return Err(ApiError::bad(format!(
            "invalid restart policy: unknown policy '{policy}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
        )));
    }
    if policy != "on-failure" && count > 0 {
        return Err(ApiError::bad("invalid restart policy: maximum retry count can only be used with 'on-failure'"));
    }
    Ok(())
}

fn memory(host: &HostConfig) -> ApiResult<()> {
    let why = match () {
        () if host.memory != 0 && host.memory < MIN_MEMORY => "Minimum memory limit allowed is 6MB",
        () if host.memory > 0 && host.memory_swap > 0 && host.memory_swap < host.memory => {
            "Minimum memoryswap limit should be larger than memory limit, see usage"
        }
        () if host.memory == 0 && host.memory_swap > 0 => {
            "You should always set the Memory limit when using Memoryswap limit, see usage"
        }
        () if host.memory_reservation != 0 && host.memory_reservation < MIN_MEMORY => {
            "Minimum memory reservation allowed is 6MB"
        }
        () if host.memory > 0 && host.memory_reservation > host.memory => {
            "Minimum memory limit can not be less than memory reservation limit, see usage"
        }
        () if host.blkio_weight != 0 && !(10..=1000).contains(&host.blkio_weight) => {
            "Range of blkio weight is from 10 to 1000"
        }
        () => return Ok(()),
    };
    Err(ApiError::bad(why))
}

fn processors(host: &HostConfig) -> ApiResult<()> {
    let cpus = machine::hardware::CPUS;
    let most = cpus as i64 * 1_000_000_000;
    if host.nano_cpus < 0 || host.nano_cpus > most {
        return Err(ApiError::bad(format!(
            "range of CPUs is from 0.01 to {cpus}.00, as there are only {cpus} CPUs available"
        )));
    }
    if host.nano_cpus > 0 && host.cpu_period > 0 {
        return Err(ApiError::bad("Conflicting options: Nano CPUs and CPU Period cannot both be set"));
    }
    if host.nano_cpus > 0 && host.cpu_quota > 0 {
        return Err(ApiError::bad("Conflicting options: Nano CPUs and CPU Quota cannot both be set"));
    }
    if host.cpuset_cpus.is_empty() {
        return Ok(());
    }
    let Some(set) = cpuset::parse(&host.cpuset_cpus) else {
        return Err(ApiError::bad(format!("Invalid value {} for cpuset cpus", host.cpuset_cpus)));
    };
    if set >> cpus != 0 {
        return Err(ApiError::bad(format!(
            "Requested CPUs are not available - requested {}, available: 0-{}",
            host.cpuset_cpus,
            cpus.saturating_sub(1)
        )));
    }
    Ok(())
}

fn plugins(host: &HostConfig) -> ApiResult<()> {
    let log = host.log_config.kind.as_str();
    if matches!(log, "awslogs" | "fluentd" | "gcplogs" | "gelf" | "journald" | "splunk" | "syslog") {
        return Err(ApiError::not_emulated(&format!("the log driver {log}")));
    }
    if !matches!(log, "" | "json-file" | "local" | "none") {
        return Err(ApiError::bad(format!("error looking up logging plugin {log}: plugin \"{log}\" not found")));
    }
    let common = ["max-file", "max-size", "compress"];
    let more = ["labels", "labels-regex", "env", "env-regex", "tag"];
    let known = |option: &str| common.contains(&option) || log != "local" && more.contains(&option);
    if let Some(option) =
        host.log_config.config.keys().find(|o| !matches!(o.as_str(), "mode" | "max-buffer-size") && !known(o))
    {
        let driver = if log.is_empty() { "json-file" } else { log };
        return Err(ApiError::bad(format!("unknown log opt '{option}' for {driver} log driver")));
    }
    if !matches!(host.runtime.as_str(), "" | "runc" | "io.containerd.runc.v2") {
        return Err(ApiError::bad(format!("unknown or invalid runtime name: {}", host.runtime)));
    }
    Ok(())
}

fn modes(host: &HostConfig) -> ApiResult<()> {
    for extra in host.extra_hosts.iter().flatten() {
        if !extra.contains([':', '=']) {
            return Err(ApiError::bad(format!("bad format for add-host: {}", docker_api::text_quote(extra))));
        }
    }
    if !matches!(host.isolation.as_str(), "" | "default") {
        return Err(ApiError::bad(format!("invalid isolation ({}): linux only supports 'default'", host.isolation)));
    }
    let ipc = host.ipc_mode.as_str();
    let of_container = ipc.strip_prefix("container:").is_some_and(|name| !name.is_empty());
    if !matches!(ipc, "" | "none" | "private" | "shareable" | "host") && !of_container {
        return Err(ApiError::bad(format!("invalid IPC mode: {ipc}")));
    }
    if !(-1000..=1000).contains(&host.oom_score_adj) {
        return Err(ApiError::bad(format!(
            "Invalid value {}, range for oom score adj is [-1000, 1000]",
            host.oom_score_adj
        )));
    }
    Ok(())
}

/// What cannot be said of a network that is another container's.
fn shared_network(config: &ContainerConfig, host: &HostConfig) -> ApiResult<()> {
    let some = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|l| !l.is_empty());
    let shared = host.network_mode.starts_with("container:");
    let why = match () {
        () if (shared || host.uts_mode == "host") && !config.hostname.is_empty() => {
            if shared {
                "hostname and the network mode"
            } else {
                "hostname and the UTS mode"
            }
        }
        () if host.network_mode == "host" && some(&host.links) => {
            "host type networking can't be used with links. This would result in undefined behavior"
        }
        () if !shared => return Ok(()),
        () if some(&host.links) => {
            "container type network can't be used with links. This would result in undefined behavior"
        }
        () if some(&host.dns) => "dns and the network mode",
        () if some(&host.extra_hosts) => "custom host-to-IP mapping and the network mode",
        () if !config.mac_address.is_empty() => "mac-address and the network mode",
        () if !host.port_bindings.is_empty() || host.publish_all_ports => {
            "port publishing and the container type network mode"
        }
        () if config.exposed_ports.as_ref().is_some_and(|p| !p.is_empty()) => {
            "port exposing and the container type network mode"
        }
        () => return Ok(()),
    };
    Err(ApiError::bad(format!("conflicting options: {why}")))
}

fn tmpfs(host: &HostConfig) -> ApiResult<()> {
    for (target, options) in host.tmpfs.iter().flatten() {
        if docker_api::mounts::clean(target) == "/" {
            return Err(ApiError::bad("invalid specification: destination can't be '/'"));
        }
        if !target.starts_with('/') {
            return Err(ApiError::bad(format!("invalid mount path: '{target}' mount path must be absolute")));
        }
        for option in options.split(',').filter(|o| !o.is_empty()) {
            let known = match option.split_once('=') {
                Some((key, _)) => TMPFS_VALUES.contains(&key),
                None => TMPFS_FLAGS.contains(&option),
            };
            if !known {
                return Err(ApiError::bad(format!("invalid tmpfs option {}", docker_api::text_quote(option))));
            }
        }
    }
    Ok(())
}

/// An image is found by its name, whatever it was made for; then it must be what was asked for.
pub fn platform(name: &str, wanted: &str, image: &Image) -> ApiResult<()> {
    if wanted.is_empty() {
        return Ok(());
    }
    let wanted = docker_api::platform::parse(wanted).map_err(ApiError::bad)?;
    match docker_api::platform::mismatch(name, &format!("{}/{}", image.os, image.architecture), &wanted) {
        Some(why) => Err(ApiError::not_found(why)),
        None => Ok(()),
    }
}

/// What depends on the daemon: the containers that `--link` names, and what its storage can do.
pub fn surroundings(d: &Daemon, host: &HostConfig) -> ApiResult<()> {
    if host.storage_opt.is_some() {
        return Err(ApiError::internal(
            "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
        ));
    }
    for link in host.links.iter().flatten() {
        let name = link.split(':').next().unwrap_or("");
        if let Err(error) = d.container(name) {
            return Err(ApiError::bad(format!("could not get container for {name}: {}", error.message)));
        }
    }
    Ok(())
}

/// What the kernel cannot do is left out, and said.
pub fn warnings(host: &mut HostConfig) -> Vec<String> {
    let mut out = Vec::new();
    if host.memory_swappiness.take().is_some_and(|s| s != -1) {
        out.push("Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.".to_string());
    }
    if host.oom_kill_disable == Some(true) {
        host.oom_kill_disable = None;
        out.push("Your kernel does not support OomKillDisable. OomKillDisable discarded.".to_string());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut ContainerConfig, &mut HostConfig)) -> String {
        let (mut config, mut host) = (ContainerConfig::default(), HostConfig::default());
        change(&mut config, &mut host);
        check(&config, &host).map_or_else(|error| error.message, |()| String::new())
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert_eq!(refused(|_, _| {}), "");
        assert_eq!(refused(|c, _| c.stop_signal = "FOO".into()), "invalid signal: FOO");
        assert_eq!(refused(|_, h| h.ipc_mode = "foo".into()), "invalid IPC mode: foo");
        assert_eq!(
            refused(|_, h| h.cpuset_cpus = "0,77".into()),
            "Requested CPUs are not available - requested 0,77, available: 0-1"
        );
        let one = |target: &str, options: &str| [(target.to_string(), options.to_string())].into_iter().collect();
        assert_eq!(refused(|_, h| h.tmpfs = Some(one("/t", "size=1m,ro"))), "");
        assert_eq!(refused(|_, h| h.tmpfs = Some(one("/t", "foo"))), "invalid tmpfs option \"foo\"");
        assert_eq!(refused(|_, h| h.tmpfs = Some(one("t", ""))), "invalid mount path: 't' mount path must be absolute");
        let brief = HealthConfig { interval: 1, ..HealthConfig::default() };
        assert_eq!(refused(|c, _| c.healthcheck = Some(brief)), "Interval in Healthcheck cannot be less than 1ms");
    }
}
