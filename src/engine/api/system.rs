//! `/_ping`, `/version`, `/info`, `/system/df`, `/auth`

use std::rc::Rc;

use docker_api::types::{
    Commit, Component, DiskUsage, Info, Map, Platform, PluginsInfo, Runtime, Swarm, VersionResponse,
};
use docker_api::{API_VERSION, DOCKER_VERSION, MIN_API_VERSION};
use machine::hardware::{CPUS, MEMORY};
use serde_json::json;

use crate::containers::list;
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::http::{Reply, Request};
use crate::images::view;
use crate::paths::ROOT;
use crate::volumes;

const KERNEL: &str = "6.12.43+deb13-amd64";
const COMMIT: &str = "89c5e8fd66634b6128fc4c0e6f1236e2540e46e0";
const GO: &str = "go1.25.3";

/// `GET /_ping`
pub async fn ping(_: &Rc<Daemon>, _: &Request, r: &mut Reply) -> ApiResult<()> {
    let extra = [
        ("Builder-Version", "2".to_string()),
        ("Cache-Control", "no-cache, no-store, must-revalidate".to_string()),
        ("Pragma", "no-cache".to_string()),
        ("Swarm", "inactive".to_string()),
    ];
    r.raw(200, "text/plain; charset=utf-8", b"OK", &extra).await
}

/// `/swarm`, `/nodes` and the like: this is no part of a swarm, and cannot become one.
pub async fn swarm(_: &Rc<Daemon>, _: &Request, _: &mut Reply) -> ApiResult<()> {
    Err(ApiError::new(
        503,
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.",
    ))
}

/// `POST /swarm/leave`
pub async fn swarm_leave(_: &Rc<Daemon>, _: &Request, _: &mut Reply) -> ApiResult<()> {
    Err(ApiError::new(503, "This node is not part of a swarm"))
}

/// `GET /plugins`: none are emulated.
pub async fn plugins(_: &Rc<Daemon>, _: &Request, r: &mut Reply) -> ApiResult<()> {
    r.json(200, &json!([])).await
}

/// `GET /plugins/{name}/json`
pub async fn plugin(_: &Rc<Daemon>, q: &Request, _: &mut Reply) -> ApiResult<()> {
    Err(ApiError::not_found(format!("plugin {} not found", docker_api::text_quote(&q.arg))))
}

/// `GET /version`
pub async fn version(_: &Rc<Daemon>, _: &Request, r: &mut Reply) -> ApiResult<()> {
    let details =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect::<Map<String>>();
    let component = |name: &str, version: &str, commit: &str| Component {
        name: name.into(),
        version: version.into(),
        details: details(&[("GitCommit", commit)]),
    };
    let engine = Component {
        name: "Engine".into(),
        version: DOCKER_VERSION.into(),
        details: details(&[
            ("ApiVersion", API_VERSION),
            ("Arch", "amd64"),
            ("BuildTime", "2025-11-05T14:43:25.000000000+00:00"),
            ("Experimental", "false"),
            ("GitCommit", &COMMIT[..7]),
            ("GoVersion", GO),
            ("KernelVersion", KERNEL),
            ("MinAPIVersion", MIN_API_VERSION),
            ("Os", "linux"),
        ]),
    };
    let body = VersionResponse {
        platform: Platform { name: "Docker Engine - Community".into() },
        components: vec![
            engine,
            component("containerd", "v1.7.29", "442cb34bda9a6a0fed82a2ca7cade05c5c749582"),
            component("runc", "1.3.3", "v1.3.3-0-gd842d771"),
            component("docker-init", "0.19.0", "de40ad0"),
        ],
        version: DOCKER_VERSION.into(),
        api_version: API_VERSION.into(),
        min_api_version: MIN_API_VERSION.into(),
        git_commit: COMMIT[..7].into(),
        go_version: GO.into(),
        os: "linux".into(),
        arch: "amd64".into(),
        kernel_version: KERNEL.into(),
        build_time: "2025-11-05T14:43:25.000000000+00:00".into(),
    };
    r.json(200, &body).await
}

/// `GET /info`
pub async fn info(d: &Rc<Daemon>, _: &Request, r: &mut Reply) -> ApiResult<()> {
    let states: Vec<&'static str> = d.containers.borrow().values().map(|c| c.state.borrow().status()).collect();
    let count = |wanted: &str| states.iter().filter(|s| **s == wanted).count() as i64;
    let list = |items: &[&str]| items.iter().map(|s| s.to_string()).collect::<Vec<_>>();
    let pair = |a: &str, b: &str| [a.to_string(), b.to_string()];
    let runtime = || Runtime { path: "runc".into() };
    let (running, paused) = (count("running"), count("paused"));
    let body = Info {
        id: d.id.clone(),
        containers: states.len() as i64,
        containers_running: running,
        containers_paused: paused,
        containers_stopped: states.len() as i64 - running - paused,
        images: d.images.borrow().images.len() as i64,
        driver: "overlay2".into(),
        driver_status: vec![
            pair("Backing Filesystem", "extfs"),
            pair("Supports d_type", "true"),
            pair("Using metacopy", "false"),
            pair("Native Overlay Diff", "true"),
            pair("userxattr", "false"),
        ],
        plugins: PluginsInfo {
            volume: list(&["local"]),
            network: list(&["bridge", "host", "ipvlan", "macvlan", "null", "overlay"]),
            authorization: None,
            log: list(&["awslogs", "fluentd", "gcplogs", "gelf", "journald", "json-file", "local", "splunk", "syslog"]),
        },
        memory_limit: true,
        swap_limit: true,
        cpu_cfs_period: true,
        cpu_cfs_quota: true,
        cpu_shares: true,
        cpu_set: true,
        pids_limit: true,
        ipv4_forwarding: true,
        n_fd: d.sys.open_fds().len() as i64,
        n_goroutines: 40 + 6 * running,
        system_time: d.now_text(),
        logging_driver: "json-file".into(),
        cgroup_driver: "systemd".into(),
        cgroup_version: "2".into(),
        n_events_listener: d.listeners.get(),
        kernel_version: KERNEL.into(),
        operating_system: "Debian GNU/Linux 13 (trixie)".into(),
        os_version: "13".into(),
        os_type: "linux".into(),
        architecture: "x86_64".into(),
        index_server_address: "https://index.docker.io/v1/".into(),
        registry_config: registry_config(),
        ncpu: CPUS as i64,
        mem_total: MEMORY as i64,
        docker_root_dir: ROOT.into(),
        name: d.sys.hostname(),
        server_version: DOCKER_VERSION.into(),
        runtimes: [("io.containerd.runc.v2".to_string(), runtime()), ("runc".to_string(), runtime())].into(),
        default_runtime: "runc".into(),
        swarm: Swarm { local_node_state: "inactive".into(), ..Swarm::default() },
        init_binary: "docker-init".into(),
        containerd_commit: Commit { id: "442cb34bda9a6a0fed82a2ca7cade05c5c749582".into() },
        runc_commit: Commit { id: "v1.3.3-0-gd842d771".into() },
        init_commit: Commit { id: "de40ad0".into() },
        security_options: list(&["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"]),
        cdi_spec_dirs: list(&["/etc/cdi", "/var/run/cdi"]),
        ..Info::default()
    };
    r.json(200, &body).await
}

fn registry_config() -> serde_json::Value {
    json!({
        "IndexConfigs": { "docker.io": { "Mirrors": [], "Name": "docker.io", "Official": true, "Secure": true } },
        "InsecureRegistryCIDRs": ["::1/128", "127.0.0.0/8"],
        "Mirrors": null,
    })
}

/// `GET /system/df`
pub async fn disk_usage(d: &Rc<Daemon>, _: &Request, r: &mut Reply) -> ApiResult<()> {
    let containers: Vec<_> = d.containers.borrow().values().cloned().collect();
    let mut images = Vec::new();
    {
        let store = d.images.borrow();
        for stored in store.images.values() {
            if store.tags_of(&stored.id).is_empty() && store.has_children(&stored.id) {
                continue;
            }
            let mut summary = view::summary(&store, stored);
            let users = containers.iter().filter(|c| c.image_id == stored.id).count();
            summary.containers = users as i64;
            let chain = stored.image.chain_ids();
            let shared = chain
                .iter()
                .filter(|c| store.images.values().any(|o| o.id != stored.id && o.image.chain_ids().contains(c)));
            summary.shared_size = shared.filter_map(|c| store.layers.get(c)).map(|l| l.size as i64).sum();
            images.push(summary);
        }
    }
    let held = d.cache.borrow().layer_ids();
    let layers_size = d
        .images
        .borrow()
        .layers
        .iter()
        .filter(|(id, _)| !held.contains(*id) || in_image(d, id))
        .map(|(_, l)| l.size as i64)
        .sum();
    let body = DiskUsage {
        layers_size,
        images,
        containers: containers.iter().map(|c| list::summary(d, c, true)).collect(),
        volumes: volumes::with_usage(d),
        build_cache: Some(d.cache.borrow().records(&|chain| in_image(d, chain))),
    };
    r.json(200, &body).await
}

fn in_image(d: &Daemon, chain_id: &str) -> bool {
    d.images.borrow().images.values().any(|i| i.image.chain_ids().iter().any(|c| c == chain_id))
}

/// `POST /auth`: no account is known here.
pub async fn auth(_: &Rc<Daemon>, _: &Request, _: &mut Reply) -> ApiResult<()> {
    Err(ApiError::new(401, "Get \"https://registry-1.docker.io/v2/\": unauthorized: incorrect username or password"))
}
