//! `--network` in its short and long form, and the flags that belong to the first network.

use docker_api::types::{EndpointConfig, EndpointIpam};

use super::option_values::fields;
use crate::cli::Matches;

/// Reads one `--network`: the name and what is asked of the endpoint.
pub fn parse(value: &str) -> Result<(String, EndpointConfig), String> {
    if !value.contains('=') {
        return Ok((value.to_string(), EndpointConfig::default()));
    }
    let (mut name, mut endpoint) = (String::new(), EndpointConfig::default());
    for field in fields(value) {
        let Some((key, text)) = field.split_once('=') else { return Err(format!("invalid field {field}")) };
        let (key, text) = (key.trim().to_lowercase(), text.trim().to_string());
        match key.as_str() {
            "name" => name = text,
            "alias" => endpoint.aliases.get_or_insert_default().push(text),
            "ip" => endpoint.ipam_config.get_or_insert_default().ipv4_address = text,
            "ip6" => endpoint.ipam_config.get_or_insert_default().ipv6_address = text,
            "mac-address" => endpoint.mac_address = text,
            "link-local-ip" => {
                endpoint.ipam_config.get_or_insert_default().link_local_ips.get_or_insert_default().push(text);
            }
            "driver-opt" => {
                let Some((k, v)) = text.split_once('=') else {
                    return Err("invalid key value pair format in driver options".to_string());
                };
                endpoint.driver_opts.get_or_insert_default().insert(k.to_lowercase(), v.to_string());
            }
            "gw-priority" => {
                endpoint.gw_priority = text.parse().map_err(|_| format!("invalid gw-priority ({text})"))?;
            }
            _ => return Err(format!("invalid field key {key}")),
        }
    }
    if name.is_empty() {
        return Err("network name/id is not specified".to_string());
    }
    Ok((name, endpoint))
}

/// All networks that were asked for, with the flags that describe the first one's endpoint.
pub fn endpoints(m: &Matches) -> Result<Vec<(String, EndpointConfig)>, String> {
    let mut out = m.all("network").iter().map(|v| parse(v)).collect::<Result<Vec<_>, _>>()?;
    let aliases = m.all("network-alias");
    let (ip, ip6, mac) = (m.text("ip"), m.text("ip6"), m.text("mac-address"));
    let local = m.all("link-local-ip");
    if out.is_empty() {
        out.push(("default".to_string(), EndpointConfig::default()));
    }
    let Some((name, first)) = out.first_mut() else { return Ok(out) };
    let user_defined =
        !matches!(name.as_str(), "default" | "bridge" | "host" | "none") && !name.starts_with("container:");
    if !user_defined && name == "host" && (!aliases.is_empty()) {
        return Err("conflicting options: host type networking can't be used with links or network aliases".to_string());
    }
    if !aliases.is_empty() && !user_defined {
        return Err("network-scoped aliases are only supported for user-defined networks".to_string());
    }
    if !aliases.is_empty() {
        if first.aliases.is_some() {
            return Err("conflicting options: cannot specify both --network-alias and per-network alias".to_string());
        }
        first.aliases = Some(aliases);
    }
    if user_defined && !m.all("link").is_empty() {
        first.links = Some(m.all("link"));
    }
    if !ip.is_empty() || !ip6.is_empty() || !local.is_empty() {
        if first.ipam_config.is_some() {
            return Err("conflicting options: cannot specify both --ip and per-network IPv4 address".to_string());
        }
        first.ipam_config = Some(EndpointIpam {
            ipv4_address: ip,
            ipv6_address: ip6,
            link_local_ips: (!local.is_empty()).then_some(local),
        });
    }
    if !mac.is_empty() {
        first.mac_address = mac;
    }
    Ok(out)
}
