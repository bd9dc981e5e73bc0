//! What the API tells about networks.

use docker_api::filters::Filters;
use docker_api::types::{ConfigReference, Ipam, IpamConfig, Map, NetworkInspect, NetworkMember};

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::model::network::Network;
use crate::time::nano_text;

/// `GET /networks/{id}`; the list is without members.
pub fn inspect(network: &Network, members: bool) -> NetworkInspect {
    let mut containers = Map::new();
    for (id, member) in network.members.borrow().iter().filter(|_| members) {
        let prefix = network.subnet.as_ref().map_or(0, |s| s.prefix);
        let entry = NetworkMember {
            name: member.name.clone(),
            endpoint_id: member.endpoint.clone(),
            mac_address: member.mac.clone(),
            ipv4_address: member.ip.map(|ip| format!("{ip}/{prefix}")).unwrap_or_default(),
            ipv6_address: String::new(),
        };
        containers.insert(id.clone(), entry);
    }
    let wanted = &network.wanted;
    NetworkInspect {
        name: network.name.clone(),
        id: network.id.clone(),
        created: nano_text(network.created),
        scope: "local".into(),
        driver: network.driver.clone(),
        enable_ipv4: wanted.enable_ipv4.unwrap_or(true),
        enable_ipv6: wanted.enable_ipv6.unwrap_or(false),
        ipam: ipam_of(network),
        internal: wanted.internal,
        attachable: wanted.attachable,
        ingress: false,
        config_from: ConfigReference::default(),
        config_only: false,
        containers,
        options: wanted.options.clone().unwrap_or_default(),
        labels: wanted.labels.clone().unwrap_or_default(),
    }
}

/// `GET /networks`
pub fn list(d: &Daemon, filters: &Filters) -> ApiResult<Vec<NetworkInspect>> {
    let dangling =
        filters.has("dangling").then(|| filters.boolean("dangling", false)).transpose().map_err(ApiError::bad)?;
    if let Some(kind) = filters.get("type").iter().find(|t| !matches!(t.as_str(), "builtin" | "custom")) {
        return Err(ApiError::bad(format!("invalid filter: 'type'='{kind}'")));
    }
    let any = |key: &str, fits: &dyn Fn(&str) -> bool| !filters.has(key) || filters.get(key).iter().any(|v| fits(v));
    let all = d.networks.all.borrow();
    let mut out: Vec<NetworkInspect> = Vec::new();
    for network in all.values() {
        let kind = if network.predefined() { "builtin" } else { "custom" };
        let fits = any("name", &|v| crate::pattern::name_fits(v, &network.name))
            && any("id", &|v| network.id.starts_with(v))
            && any("driver", &|v| network.driver == v)
            && any("type", &|v| v == kind)
            && any("scope", &|v| v == "local")
            && filters.labels("label", &network.wanted.labels.clone().unwrap_or_default())
            // The list is made without members, so every network of a user's counts as dangling (moby's behaviour).
            && dangling.is_none_or(|want| want != network.predefined());
        if fits {
            out.push(inspect(network, false));
        }
    }
    out.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(out)
}

/// The address management as inspect shows it.
pub fn ipam_of(network: &Network) -> Ipam {
    if !matches!(network.driver.as_str(), "bridge" | "macvlan") {
        return Ipam { driver: "default".into(), options: None, config: None };
    }
    let given = network.wanted.ipam.as_ref().and_then(|i| i.config.clone()).unwrap_or_default();
    let mut config: Vec<IpamConfig> = given.iter().filter(|c| c.subnet.contains(':')).cloned().collect();
    if let Some(subnet) = &network.subnet {
        config.push(subnet.to_config());
    }
    let options = if network.predefined() { None } else { Some(Map::new()) };
    Ipam { driver: "default".into(), options, config: Some(config) }
}
