//! `ip route`.

use std::net::{IpAddr, Ipv4Addr};

use machine::Errno;
use machine::net::{Interface, InterfaceKind, NetNamespaceId, Route};

use super::{Failure, device_error, is_show, unknown, word_after, wrong};
use crate::context::Context;
use crate::net::{netmask, parse_prefix};

/// `ip route …`.
pub(super) async fn run(cx: &mut Context, rest: &[&str]) -> Result<(), Failure> {
    let ns = cx.sys.netns();
    match rest.split_first() {
        None => show_routes(cx, &[]).await,
        Some((command, rest)) if is_show(command) => show_routes(cx, rest).await,
        Some((&"get", rest)) => {
            let text = rest.iter().find(|w| **w != "to").copied().unwrap_or("");
            get_route(cx, ns, text).await
        }
        Some((&command, rest)) if matches!(command, "add" | "append" | "replace" | "change" | "del" | "delete") => {
            change_route(cx, ns, command, rest)
        }
        Some((&command, _)) => Err(unknown(command, "route")),
    }
}

async fn show_routes(cx: &mut Context, rest: &[&str]) -> Result<(), Failure> {
    let ns = cx.sys.netns();
    let interfaces = cx.sys.interfaces(ns)?;
    let device = word_after(rest, "dev");
    for route in cx.sys.routes(ns)? {
        if device.is_some_and(|d| d != route.interface) || (rest.contains(&"default") && route.destination.1 != 0) {
            continue;
        }
        let mut line = match route.destination {
            (_, 0) => "default".to_string(),
            (address, 32) => address.to_string(),
            (address, prefix) => format!("{address}/{prefix}"),
        };
        if let Some(gateway) = route.gateway {
            line.push_str(&format!(" via {gateway}"));
        }
        line.push_str(&format!(" dev {}", route.interface));
        match (route.gateway, route.source, cx.is_busybox()) {
            (None, Some(source), false) => line.push_str(&format!(" proto kernel scope link src {source}")),
            (None, Some(source), true) => line.push_str(&format!(" scope link  src {source}")),
            (None, None, _) => line.push_str(" scope link"),
            (Some(_), Some(source), _) => line.push_str(&format!(" src {source}")),
            (Some(_), None, _) => {}
        }
        let down = interfaces.iter().any(|i| i.name == route.interface && !i.carrier);
        cx.line(&format!("{line} {}", if down && !cx.is_busybox() { "linkdown " } else { "" })).await;
    }
    Ok(())
}

async fn get_route(cx: &mut Context, ns: NetNamespaceId, text: &str) -> Result<(), Failure> {
    let Some((IpAddr::V4(to), 32)) = parse_prefix(text) else {
        return Err(wrong(format!("Error: any valid prefix is expected rather than \"{text}\".")));
    };
    let uid = cx.sys.credentials().uid;
    let interfaces = cx.sys.interfaces(ns)?;
    let own = interfaces.iter().any(|i| i.addresses.iter().any(|(a, _)| *a == IpAddr::V4(to)));
    if (own || to.is_loopback()) && interfaces.iter().any(|i| i.kind == InterfaceKind::Loopback && i.up) {
        let source = if to.is_loopback() { Ipv4Addr::LOCALHOST } else { to };
        cx.line(&format!("local {to} dev lo src {source} uid {uid} \n    cache <local> ")).await;
        return Ok(());
    }
    let matches = |r: &Route| u32::from(to) & u32::from(netmask(r.destination.1)) == u32::from(r.destination.0);
    let best = cx.sys.routes(ns)?.into_iter().filter(matches).max_by_key(|r| r.destination.1);
    let Some(route) = best else { return Err(Errno::ENETUNREACH.into()) };
    let via = route.gateway.map(|g| format!("via {g} ")).unwrap_or_default();
    let device = interfaces.iter().find(|i| i.name == route.interface);
    let first = device
        .and_then(|i| i.addresses.iter().find_map(|(a, _)| if let IpAddr::V4(v4) = a { Some(*v4) } else { None }));
    let source = route.source.or(first).map(|s| format!("src {s} ")).unwrap_or_default();
    cx.line(&format!("{to} {via}dev {} {source}uid {uid} \n    cache ", route.interface)).await;
    Ok(())
}

fn change_route(cx: &Context, ns: NetNamespaceId, command: &str, rest: &[&str]) -> Result<(), Failure> {
    let target = rest.iter().find(|w| **w != "to").copied().unwrap_or("");
    let destination = match target {
        "default" => (Ipv4Addr::UNSPECIFIED, 0),
        text => match parse_prefix(text) {
            Some((IpAddr::V4(address), prefix)) => (address, prefix),
            _ => return Err(wrong(format!("Error: any valid prefix is expected rather than \"{text}\"."))),
        },
    };
    if command.starts_with("del") {
        return Ok(cx.sys.remove_route(ns, destination)?);
    }
    let gateway: Option<Ipv4Addr> = match word_after(rest, "via") {
        Some(text) => match text.parse() {
            Ok(gateway) => Some(gateway),
            Err(_) => return Err(wrong(format!("Error: inet address is expected rather than \"{text}\"."))),
        },
        None => None,
    };
    let interfaces = cx.sys.interfaces(ns)?;
    let near = |i: &&Interface| {
        i.addresses.iter().any(|(a, p)| match (a, gateway) {
            (IpAddr::V4(a), Some(g)) => {
                let mask = u32::from(netmask(*p));
                u32::from(*a) & mask == u32::from(g) & mask
            }
            _ => false,
        })
    };
    let device =
        word_after(rest, "dev").map(str::to_string).or_else(|| interfaces.iter().find(near).map(|i| i.name.clone()));
    let Some(interface) = device else {
        return Err(Failure("Error: Nexthop has invalid gateway.".into(), 2));
    };
    let source = word_after(rest, "src").and_then(|s| s.parse().ok());
    if matches!(command, "replace" | "change") {
        let _ = cx.sys.remove_route(ns, destination);
    }
    let result = cx.sys.add_route(ns, Route { destination, gateway, interface: interface.clone(), source });
    result.map_err(|error| match error {
        Errno::ENETUNREACH => Failure("Error: Nexthop has invalid gateway.".into(), 2),
        error => device_error(error, &interface),
    })
}
