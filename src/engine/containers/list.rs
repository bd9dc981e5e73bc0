//! `GET /containers/json`.

use std::rc::Rc;

use docker_api::filters::Filters;
use docker_api::types::{ContainerSummary, Port, SummaryHostConfig, SummaryNetworks};
use docker_api::units::human_duration;
use machine::UnixTime;

use super::inspect;
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::model::container::{Container, RunState};
use crate::pattern::name_fits;

/// The filters that the call accepts.
pub const FILTERS: &[&str] = &[
    "ancestor",
    "before",
    "exited",
    "expose",
    "health",
    "id",
    "is-task",
    "isolation",
    "label",
    "name",
    "network",
    "publish",
    "since",
    "status",
    "volume",
];

/// `Up 5 seconds (healthy)`, `Exited (0) 2 minutes ago`.
pub fn status_text(state: &RunState, now: UnixTime) -> String {
    let since = |t: Option<UnixTime>| human_duration(i128::from((now.0 - t.map_or(now.0, |t| t.0)).max(0)));
    if state.running {
        let up = since(state.started);
        if state.paused {
            return format!("Up {up} (Paused)");
        }
        return match state.health.as_ref().map(|h| h.status.as_str()) {
            Some("starting") => format!("Up {up} (health: starting)"),
            Some(health @ ("healthy" | "unhealthy")) => format!("Up {up} ({health})"),
            _ => format!("Up {up}"),
        };
    }
    match () {
        () if state.restarting => format!("Restarting ({}) {} ago", state.exit_code, since(state.finished)),
        () if state.removing => "Removal In Progress".into(),
        () if state.dead => "Dead".into(),
        () if state.started.is_none() => "Created".into(),
        () => format!("Exited ({}) {} ago", state.exit_code, since(state.finished)),
    }
}

/// The command as the list shows it: arguments with spaces in quotes.
fn command_text(c: &Container) -> String {
    let quoted: Vec<String> =
        c.args.iter().map(|a| if a.contains(' ') { format!("'{a}'") } else { a.clone() }).collect();
    if quoted.is_empty() { c.path.clone() } else { format!("{} {}", c.path, quoted.join(" ")) }
}

fn ports(c: &Container) -> Vec<Port> {
    let mut out = Vec::new();
    for (port, bindings) in c.ports.borrow().iter() {
        let (kind, number) = docker_api::ports::split_proto(port);
        let private_port = number.parse().unwrap_or(0);
        match bindings {
            Some(list) if !list.is_empty() => out.extend(list.iter().map(|b| Port {
                ip: b.host_ip.clone(),
                private_port,
                public_port: b.host_port.parse().unwrap_or(0),
                kind: kind.clone(),
            })),
            _ => out.push(Port { ip: String::new(), private_port, public_port: 0, kind }),
        }
    }
    out
}

/// One entry of the list.
pub fn summary(d: &Daemon, c: &Container, size: bool) -> ContainerSummary {
    let (state, config) = (c.state.borrow(), c.config.borrow());
    let (size_rw, below) = if size { inspect::sizes(d, c) } else { (0, 0) };
    let image = {
        // A name that now means another image is not shown.
        let images = d.images.borrow();
        match images.lookup(&config.image) {
            Some(found) if found.id == c.image_id => config.image.clone(),
            _ => c.image_id.clone(),
        }
    };
    ContainerSummary {
        id: c.id.clone(),
        names: vec![format!("/{}", c.name.borrow())],
        image,
        image_id: c.image_id.clone(),
        command: command_text(c),
        created: c.created.seconds(),
        ports: ports(c),
        size_rw,
        size_root_fs: if size { size_rw + below } else { 0 },
        labels: config.labels.clone().unwrap_or_default(),
        state: state.status().into(),
        status: status_text(&state, d.sys.wall_clock()),
        host_config: SummaryHostConfig { network_mode: c.host.borrow().network_mode.clone() },
        network_settings: SummaryNetworks { networks: c.endpoints.borrow().clone() },
        mounts: c.mounts.borrow().clone(),
    }
}

struct Wanted<'a> {
    filters: &'a Filters,
    before: Option<i64>,
    since: Option<i64>,
}

impl Wanted<'_> {
    fn fits(&self, d: &Daemon, c: &Container) -> ApiResult<bool> {
        let f = self.filters;
        let any = |key: &str, fits: &dyn Fn(&str) -> bool| !f.has(key) || f.get(key).iter().any(|v| fits(v));
        let (state, config) = (c.state.borrow(), c.config.borrow());
        let name = c.name.borrow();
        let health = state.health.as_ref().map_or("none", |h| h.status.as_str());
        let endpoints = c.endpoints.borrow();
        let ancestor = |v: &str| {
            let images = d.images.borrow();
            let Some(wanted) = images.lookup(v) else { return false };
            let chain = wanted.image.chain_ids();
            c.image_id == wanted.id || (!chain.is_empty() && c.chain.starts_with(&chain))
        };
        // `80`, `80/udp`, `8000-8010`; published is what is reached from outside.
        let port = |v: &str, published: bool| {
            let (range, proto) = v.split_once('/').unwrap_or((v, "tcp"));
            let (low, high) = range.split_once('-').unwrap_or((range, range));
            let (Ok(low), Ok(high)) = (low.parse::<u16>(), high.parse::<u16>()) else { return false };
            ports(c).iter().any(|p| {
                let number = if published { p.public_port } else { p.private_port };
                p.kind == proto && number > 0 && (low..=high).contains(&number)
            })
        };
        Ok(any("id", &|v| c.id.starts_with(v))
            && any("name", &|v| name_fits(v, &name) || name_fits(v, &format!("/{name}")))
            && any("status", &|v| state.status() == v)
            && any("health", &|v| health == v)
            && any("exited", &|v| state.started.is_some() && !state.running && state.exit_code.to_string() == v)
            && any("network", &|v| endpoints.iter().any(|(n, e)| n == v || e.network_id.starts_with(v)))
            && any("volume", &|v| c.mounts.borrow().iter().any(|m| m.name == v || m.destination == v || m.source == v))
            // Nothing here is a task of a swarm.
            && any("is-task", &|v| matches!(v, "false" | "0" | "f" | "F" | "FALSE" | "False"))
            && any("publish", &|v| port(v, true))
            && any("expose", &|v| port(v, false))
            && any("ancestor", &ancestor)
            && f.labels("label", &config.labels.clone().unwrap_or_default())
            && self.before.is_none_or(|b| c.created.0 < b)
            && self.since.is_none_or(|s| c.created.0 > s))
    }
}

/// A filter for ports: a number or a range of them. Source: moby's `portOp`.
fn check_port(key: &str, value: &str) -> Result<(), String> {
    if value.contains(':') {
        return Err(format!("filter for '{key}' should not contain ':': {value}"));
    }
    let port = value.split_once('/').map_or(value, |(port, _)| port);
    match docker_api::ports::parse_range(port) {
        Ok(_) => Ok(()),
        Err(why) => Err(format!("error while looking up for {key} {value}: {why}")),
    }
}

/// The list, the newest first.
pub fn list(
    d: &Rc<Daemon>,
    all: bool,
    limit: usize,
    size: bool,
    filters: &Filters,
) -> ApiResult<Vec<ContainerSummary>> {
    for status in filters.get("status") {
        let known = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
        if !known.contains(&status.as_str()) {
            return Err(ApiError::bad(format!(
                "invalid filter 'status={status}': invalid value for state ({status}): must be one of {}",
                known.join(", ")
            )));
        }
    }
    for health in filters.get("health") {
        let known = ["none", "starting", "healthy", "unhealthy"];
        if !known.contains(&health.as_str()) {
            return Err(ApiError::bad(format!(
                "invalid filter 'health={health}': invalid value for health ({health}): must be one of {}",
                known.join(", ")
            )));
        }
    }
    if let Some(bad) = filters.get("exited").iter().find(|e| e.parse::<i64>().is_err()) {
        let quoted = docker_api::text_quote(bad);
        return Err(ApiError::bad(format!(
            "invalid filter 'exited={bad}': strconv.Atoi: parsing {quoted}: invalid syntax"
        )));
    }
    for key in ["publish", "expose"] {
        filters.get(key).iter().try_for_each(|value| check_port(key, value)).map_err(ApiError::bad)?;
    }
    if filters.has("is-task") {
        filters.boolean("is-task", false).map_err(ApiError::bad)?;
    }
    let bound = |key: &str| -> ApiResult<Option<i64>> {
        filters.get(key).first().map(|name| d.container(name).map(|c| c.created.0)).transpose()
    };
    let (before, since) = (bound("before")?, bound("since")?);
    let wanted = Wanted { filters, before, since };
    let all = all || limit > 0 || before.is_some() || since.is_some() || filters.has("status") || filters.has("exited");
    let mut containers: Vec<Rc<Container>> = d.containers.borrow().values().cloned().collect();
    containers.sort_by(|a, b| b.created.cmp(&a.created).then(a.id.cmp(&b.id)));
    let mut out = Vec::new();
    for c in containers {
        let state_fits = {
            let state = c.state.borrow();
            all || state.running || state.restarting
        };
        if state_fits && wanted.fits(d, &c)? {
            out.push(summary(d, &c, size));
            if limit > 0 && out.len() == limit {
                break;
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_worded() {
        let now = UnixTime(100_000_000_000);
        let mut state = RunState::default();
        assert_eq!(status_text(&state, now), "Created");
        (state.running, state.started) = (true, Some(UnixTime(97_500_000_000)));
        assert_eq!(status_text(&state, now), "Up 2 seconds");
        state.paused = true;
        assert_eq!(status_text(&state, now), "Up 2 seconds (Paused)");
        (state.running, state.paused, state.finished, state.exit_code) = (false, false, Some(now), 137);
        assert_eq!(status_text(&state, now), "Exited (137) Less than a second ago");
    }
}
