//! The configuration of a new container: what was asked for, what its image says, what the daemon decides.

use docker_api::types::{ContainerConfig, HostConfig, ImageConfig, Map};

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
pub fn complete(host: &mut HostConfig) {
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
}
