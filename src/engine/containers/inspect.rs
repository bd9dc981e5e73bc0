//! `GET /containers/{id}/json`.

use docker_api::types::{ContainerInspect, GraphDriver, Map, NetworkSettings};

use crate::daemon::Daemon;
use crate::files::tree;
use crate::model::container::Container;
use crate::time::nano_text;

fn network_settings(c: &Container) -> NetworkSettings {
    let endpoints = c.endpoints.borrow();
    let mut settings =
        NetworkSettings { ports: c.ports.borrow().clone(), networks: endpoints.clone(), ..NetworkSettings::default() };
    if let Some(sandbox) = c.sandbox.borrow().as_ref() {
        settings.sandbox_id.clone_from(&sandbox.id);
        settings.sandbox_key = format!("/var/run/docker/netns/{}", &sandbox.id[..12]);
    }
    // The fields of the time before networks: those of the default bridge.
    if let Some(bridge) = endpoints.get("bridge") {
        settings.endpoint_id.clone_from(&bridge.endpoint_id);
        settings.gateway.clone_from(&bridge.gateway);
        settings.ip_address.clone_from(&bridge.ip_address);
        settings.ip_prefix_len = bridge.ip_prefix_len;
        settings.mac_address.clone_from(&bridge.mac_address);
    }
    settings
}

/// All about a container; with its sizes if asked.
pub fn inspect(d: &Daemon, c: &Container, size: bool) -> ContainerInspect {
    let dir = c.dir();
    let mut data = Map::new();
    data.insert("ID".into(), c.id.clone());
    data.insert("LowerDir".into(), c.rootfs.lower.join(":"));
    for (key, name) in [("MergedDir", "merged"), ("UpperDir", "diff"), ("WorkDir", "work")] {
        data.insert(key.into(), c.rootfs.path(name));
    }
    let sizes = size.then(|| sizes(d, c));
    let running: Vec<String> = c.execs.borrow().clone();
    ContainerInspect {
        id: c.id.clone(),
        created: nano_text(c.created),
        path: c.path.clone(),
        args: c.args.clone(),
        state: c.state.borrow().shown(),
        image: c.image_id.clone(),
        resolv_conf_path: format!("{dir}/resolv.conf"),
        hostname_path: format!("{dir}/hostname"),
        hosts_path: format!("{dir}/hosts"),
        log_path: c.log.path().into(),
        name: format!("/{}", c.name.borrow()),
        restart_count: c.restarts.get(),
        driver: "overlay2".into(),
        platform: "linux".into(),
        mount_label: String::new(),
        process_label: String::new(),
        app_armor_profile: String::new(),
        exec_ids: (!running.is_empty()).then_some(running),
        host_config: c.host.borrow().clone(),
        graph_driver: GraphDriver { data, name: "overlay2".into() },
        size_rw: sizes.map(|s| s.0),
        size_root_fs: sizes.map(|s| s.0 + s.1),
        mounts: c.mounts.borrow().clone(),
        config: c.config.borrow().clone(),
        network_settings: network_settings(c),
    }
}

/// Bytes written, and bytes of the image below.
pub fn sizes(d: &Daemon, c: &Container) -> (i64, i64) {
    let own = tree::tree_size(&d.sys, &c.rootfs.path("diff"));
    let images = d.images.borrow();
    let below: u64 = c.chain.iter().filter_map(|l| images.layers.get(l)).map(|l| l.size).sum();
    (own as i64, below as i64)
}
