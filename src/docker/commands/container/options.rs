//! The options of `docker create` and `docker run`: their checks, and what they ask of the daemon.

use std::collections::BTreeMap;

use docker_api::types::{
    ContainerConfig, CreateBody, Empty, HealthConfig, HostConfig, LogConfig, Map, NetworkingConfig, PortBinding,
    RestartPolicy,
};
use docker_api::units::ram_in_bytes;
use docker_api::{mounts, ports};
use machine::{Fd, Sys};

use super::option_values as values;
use crate::cli::{Matches, nano_cpus, parse_duration};
use crate::commands::common::read_file;

/// Checks single values.
pub fn check(name: &str, value: &str) -> Result<(), String> {
    match name {
        "attach" => values::attach(value).map(|_| ()),
        "add-host" => values::add_host(value).map(|_| ()),
        "env" => values::env(value),
        "label" => values::label(value),
        "dns" | "link-local-ip" => values::ip(value).map(|_| ()),
        "link" => values::link(value),
        "mount" => values::mount(value, "/").map(|_| ()),
        "network" => super::network_flag::parse(value).map(|_| ()),
        "sysctl" => values::sysctl(value),
        "ulimit" => values::ulimit(value).map(|_| ()),
        _ => Ok(()),
    }
}

/// Reads all options and the arguments.
pub fn create_body(sys: &Sys, m: &Matches) -> Result<CreateBody, String> {
    if !m.on("disable-content-trust") && m.changed("disable-content-trust") {
        return Err("drydock: content trust is not emulated here".to_string());
    }
    let mac = m.text("mac-address");
    if !mac.is_empty() && !values::is_mac(&mac) {
        return Err(format!("{mac} is not a valid mac address"));
    }
    let mut config = ContainerConfig::default();
    attachments(m, &mut config);
    let swappiness = m.number("memory-swappiness");
    if swappiness != -1 && !(0..=100).contains(&swappiness) {
        return Err(format!("invalid value: {swappiness}. Valid memory swappiness range is 0-100"));
    }
    let (binds, volumes) = volumes(sys, m)?;
    let tmpfs = m.all("tmpfs");
    command(m, &mut config);
    let (exposed, bindings) = published(m)?;
    let env = environment(sys, m)?;
    let mut labels = Map::new();
    for path in m.all("label-file") {
        // A line without a value says nothing.
        for line in values::lines(&path, &read_file(sys, &path)?)?.iter().filter(|l| l.contains('=')) {
            insert_label(&mut labels, line);
        }
    }
    for label in m.all("label") {
        insert_label(&mut labels, &label);
    }
    modes(m)?;
    let health = health(m)?;
    config.hostname = m.text("hostname");
    config.domainname = m.text("domainname");
    config.user = m.text("user");
    config.tty = m.on("tty");
    config.open_stdin = m.on("interactive");
    config.stdin_once = config.open_stdin && config.attach_stdin;
    config.exposed_ports = (!exposed.is_empty()).then_some(exposed);
    config.env = (!env.is_empty()).then_some(env);
    config.healthcheck = health;
    config.image = m.arg(0).to_string();
    config.volumes = (!volumes.is_empty()).then_some(volumes);
    config.working_dir = m.text("workdir");
    config.labels = Some(labels);
    config.stop_signal = m.text("stop-signal");
    config.stop_timeout = m.changed("stop-timeout").then(|| m.number("stop-timeout"));
    let mut host = host_config(sys, m, bindings)?;
    host.binds = (!binds.is_empty()).then_some(binds);
    host.tmpfs = (!tmpfs.is_empty()).then(|| tmpfs.iter().map(|t| split_colon(t)).collect());
    let networking_config = networks(m, &mut host, &mut config)?;
    if host.auto_remove && !matches!(host.restart_policy.name.as_str(), "" | "no") {
        return Err("conflicting options: cannot specify both --restart and --rm".to_string());
    }
    Ok(CreateBody { config, host_config: host, networking_config })
}

fn split_colon(text: &str) -> (String, String) {
    let (path, options) = text.split_once(':').unwrap_or((text, ""));
    (path.to_string(), options.to_string())
}

fn insert_label(labels: &mut Map<String>, text: &str) {
    let (key, value) = text.split_once('=').unwrap_or((text, ""));
    labels.insert(key.to_string(), value.to_string());
}

fn attachments(m: &Matches, config: &mut ContainerConfig) {
    let attach: Vec<String> = m.all("attach").iter().map(|a| a.to_lowercase()).collect();
    let has = |name: &str| attach.iter().any(|a| a == name);
    if attach.is_empty() {
        config.attach_stdin = m.on("interactive");
        config.attach_stdout = true;
        config.attach_stderr = true;
    } else {
        config.attach_stdin = has("stdin");
        config.attach_stdout = has("stdout");
        config.attach_stderr = has("stderr");
    }
}

fn command(m: &Matches, config: &mut ContainerConfig) {
    let words = m.args.get(1..).unwrap_or(&[]);
    if !words.is_empty() {
        config.cmd = Some(words.to_vec());
    }
    config.entrypoint = m.given("entrypoint").map(|text| vec![text.to_string()]);
}

fn volumes(sys: &Sys, m: &Matches) -> Result<(Vec<String>, Map<Empty>), String> {
    let (mut binds, mut volumes) = (Vec::new(), Map::new());
    for spec in m.all("volume") {
        let parsed = mounts::parse_client(&spec)?;
        if parsed.source.is_empty() {
            volumes.insert(spec, Empty {});
            continue;
        }
        match spec.split_once(':') {
            Some((host, rest)) if parsed.is_bind() && host.starts_with('.') => {
                binds.push(format!("{}:{rest}", values::absolute(host, &sys.getcwd().unwrap_or_default())));
            }
            _ => binds.push(spec),
        }
    }
    Ok((binds, volumes))
}

type Ports = (Map<Empty>, Map<Option<Vec<PortBinding>>>);

fn published(m: &Matches) -> Result<Ports, String> {
    let (mut exposed, mut bindings) = (Map::new(), Map::<Option<Vec<PortBinding>>>::new());
    for raw in m.all("publish") {
        for mapping in ports::parse_spec(&values::long_port(&raw)?)? {
            exposed.insert(mapping.container.clone(), Empty {});
            let binding = PortBinding { host_ip: mapping.host_ip, host_port: mapping.host_port };
            bindings.entry(mapping.container).or_default().get_or_insert_default().push(binding);
        }
    }
    for raw in m.all("expose") {
        if raw.contains(':') {
            return Err(format!("invalid port format for --expose: {raw}"));
        }
        let (proto, port) = ports::split_proto(&raw);
        let (start, end) = ports::parse_range(&port)
            .map_err(|why| format!("invalid range format for --expose: {raw}, error: {why}"))?;
        for number in start..=end {
            exposed.insert(format!("{number}/{proto}"), Empty {});
        }
    }
    Ok((exposed, bindings))
}

fn environment(sys: &Sys, m: &Matches) -> Result<Vec<String>, String> {
    let mut out = Vec::new();
    for path in m.all("env-file") {
        for line in values::lines(&path, &read_file(sys, &path)?)? {
            out.extend(with_value(sys, &line));
        }
    }
    out.extend(m.all("env").iter().filter_map(|text| with_value(sys, text)));
    Ok(out)
}

/// A name without a value takes it from the client's environment, or is left out.
pub fn with_value(sys: &Sys, text: &str) -> Option<String> {
    if text.contains('=') {
        return Some(text.to_string());
    }
    sys.env_var(text).map(|value| format!("{text}={value}"))
}

fn modes(m: &Matches) -> Result<(), String> {
    let container = |text: &str| text.strip_prefix("container:").is_some_and(|n| !n.is_empty());
    let pid = m.text("pid");
    if !(pid.is_empty() || pid == "host" || container(&pid)) {
        return Err("--pid: invalid PID mode".to_string());
    }
    for (flag, label) in [("uts", "UTS"), ("userns", "USER")] {
        if !matches!(m.text(flag).as_str(), "" | "host") {
            return Err(format!("--{flag}: invalid {label} mode"));
        }
    }
    if !matches!(m.text("cgroupns").as_str(), "" | "host" | "private") {
        return Err("--cgroupns: invalid CGROUP mode".to_string());
    }
    Ok(())
}

fn health(m: &Matches) -> Result<Option<HealthConfig>, String> {
    let duration = |name: &str| m.given(name).and_then(|v| parse_duration(v).ok()).unwrap_or(0);
    let command = m.text("health-cmd");
    let times = ["health-interval", "health-timeout", "health-start-period", "health-start-interval"];
    let any = !command.is_empty() || times.iter().any(|t| duration(t) != 0) || m.number("health-retries") != 0;
    if m.on("no-healthcheck") {
        if any {
            return Err("--no-healthcheck conflicts with --health-* options".to_string());
        }
        return Ok(Some(HealthConfig { test: Some(vec!["NONE".to_string()]), ..HealthConfig::default() }));
    }
    if !any {
        return Ok(None);
    }
    if let Some(bad) = times.iter().find(|t| duration(t) < 0) {
        return Err(format!("--{bad} cannot be negative"));
    }
    if m.number("health-retries") < 0 {
        return Err("--health-retries cannot be negative".to_string());
    }
    let test = (!command.is_empty()).then(|| vec!["CMD-SHELL".to_string(), command]);
    Ok(Some(HealthConfig {
        test,
        interval: duration("health-interval"),
        timeout: duration("health-timeout"),
        start_period: duration("health-start-period"),
        start_interval: duration("health-start-interval"),
        retries: m.number("health-retries"),
    }))
}

/// `no`, `always`, `unless-stopped`, `on-failure[:3]`.
pub fn parse_restart(text: &str) -> Result<RestartPolicy, String> {
    if text.is_empty() {
        return Ok(RestartPolicy::default());
    }
    let (name, count) = text.split_once(':').unwrap_or((text, ""));
    if name.is_empty() {
        return Err("invalid restart policy format: no policy provided before colon".to_string());
    }
    let maximum_retry_count = match count {
        "" => 0,
        digits => digits
            .parse()
            .map_err(|_| "invalid restart policy format: maximum retry count must be an integer".to_string())?,
    };
    Ok(RestartPolicy { name: name.to_string(), maximum_retry_count })
}

fn some(list: Vec<String>) -> Option<Vec<String>> {
    (!list.is_empty()).then_some(list)
}

fn pairs(list: &[String]) -> BTreeMap<String, String> {
    list.iter().map(|text| text.split_once('=').unwrap_or((text, ""))).map(|(k, v)| (k.into(), v.into())).collect()
}

/// A size given by a flag; zero if it was not given.
fn bytes(m: &Matches, name: &str) -> i64 {
    m.given(name).map_or(0, |v| if v == "-1" { -1 } else { ram_in_bytes(v).unwrap_or(0) })
}

fn host_config(sys: &Sys, m: &Matches, port_bindings: Map<Option<Vec<PortBinding>>>) -> Result<HostConfig, String> {
    let driver = m.text("log-driver");
    let log_options = pairs(&m.all("log-opt"));
    if driver == "none" && !log_options.is_empty() {
        return Err("invalid logging opts for driver none".to_string());
    }
    let storage = m.all("storage-opt");
    if storage.iter().any(|s| !s.contains('=')) {
        return Err("invalid storage option".to_string());
    }
    let security = m.all("security-opt");
    for option in &security {
        if !option.contains(['=', ':']) && option != "no-new-privileges" {
            return Err(format!("Invalid --security-opt: \"{option}\""));
        }
    }
    let here = sys.getcwd().unwrap_or_default();
    let mounts: Result<Vec<_>, String> = m.all("mount").iter().map(|v| values::mount(v, &here)).collect();
    let mounts = mounts?;
    let size = sys.winsize(Fd::STDOUT).map_or([0, 0], |s| [u32::from(s.rows), u32::from(s.columns)]);
    let hosts: Result<Vec<_>, String> = m.all("add-host").iter().map(|v| values::add_host(v)).collect();
    Ok(HostConfig {
        container_id_file: m.text("cidfile"),
        log_config: LogConfig { kind: driver, config: log_options },
        port_bindings,
        restart_policy: parse_restart(&m.text("restart"))?,
        auto_remove: m.on("rm"),
        volume_driver: m.text("volume-driver"),
        volumes_from: some(m.all("volumes-from")),
        console_size: size,
        annotations: m.changed("annotation").then(|| pairs(&m.all("annotation"))),
        cap_add: some(values::capabilities(m.all("cap-add"))),
        cap_drop: some(values::capabilities(m.all("cap-drop"))),
        cgroupns_mode: m.text("cgroupns"),
        dns: Some(m.all("dns")),
        dns_options: Some(m.all("dns-option")),
        dns_search: Some(m.all("dns-search")),
        extra_hosts: some(hosts?),
        group_add: some(m.all("group-add")),
        ipc_mode: m.text("ipc"),
        links: some(m.all("link")),
        oom_score_adj: m.number("oom-score-adj"),
        pid_mode: m.text("pid"),
        privileged: m.on("privileged"),
        publish_all_ports: m.on("publish-all"),
        readonly_rootfs: m.on("read-only"),
        security_opt: some(security),
        storage_opt: (!storage.is_empty()).then(|| pairs(&storage)),
        uts_mode: m.text("uts"),
        userns_mode: m.text("userns"),
        shm_size: bytes(m, "shm-size"),
        sysctls: m.changed("sysctl").then(|| pairs(&m.all("sysctl"))),
        runtime: m.text("runtime"),
        isolation: m.text("isolation"),
        mounts: (!mounts.is_empty()).then_some(mounts),
        init: m.changed("init").then(|| m.on("init")),
        ..resources(m)?
    })
}

/// The part of the host configuration that limits what the container may use.
fn resources(m: &Matches) -> Result<HostConfig, String> {
    let ulimits: Result<Vec<_>, String> = m.all("ulimit").iter().map(|v| values::ulimit(v)).collect();
    let devices: Result<Vec<_>, String> = m.all("device").iter().map(|v| values::device(v)).collect();
    Ok(HostConfig {
        cpu_shares: m.number("cpu-shares"),
        memory: bytes(m, "memory"),
        nano_cpus: m.given("cpus").and_then(|v| nano_cpus(v).ok()).unwrap_or(0),
        cgroup_parent: m.text("cgroup-parent"),
        blkio_weight: m.number("blkio-weight") as u16,
        blkio_weight_device: Some(Vec::new()),
        blkio_device_read_bps: Some(Vec::new()),
        blkio_device_write_bps: Some(Vec::new()),
        blkio_device_read_iops: Some(Vec::new()),
        blkio_device_write_iops: Some(Vec::new()),
        cpu_period: m.number("cpu-period"),
        cpu_quota: m.number("cpu-quota"),
        cpuset_cpus: m.text("cpuset-cpus"),
        cpuset_mems: m.text("cpuset-mems"),
        devices: Some(devices?),
        device_requests: m.changed("gpus").then(|| vec![values::gpus(&m.text("gpus"))]),
        memory_reservation: bytes(m, "memory-reservation"),
        memory_swap: bytes(m, "memory-swap"),
        memory_swappiness: m.changed("memory-swappiness").then(|| m.number("memory-swappiness")),
        oom_kill_disable: Some(m.on("oom-kill-disable")),
        pids_limit: m.changed("pids-limit").then(|| m.number("pids-limit")),
        ulimits: Some(ulimits?),
        ..HostConfig::default()
    })
}

fn networks(m: &Matches, host: &mut HostConfig, config: &mut ContainerConfig) -> Result<NetworkingConfig, String> {
    let networks = super::network_flag::endpoints(m)?;
    host.network_mode = networks.first().map_or("bridge".to_string(), |(name, _)| name.clone());
    if let Some((_, first)) = networks.first() {
        config.mac_address = first.mac_address.clone();
    }
    let keep = networks.into_iter().filter(|(name, endpoint)| *endpoint != Default::default() || name != "default");
    let map: Map<_> = keep.collect();
    Ok(NetworkingConfig { endpoints_config: Some(map) })
}
