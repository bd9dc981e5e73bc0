//! `getent`: entries of the system's databases. glibc 2.36.

use std::net::IpAddr;

use machine::ExitCode;
use machine::net::resolve;
use machine::net::resolve::{hosts, numeric, reverse};

use crate::context::Context;
use crate::net::services;

/// Not found.
const MISSING: ExitCode = ExitCode(2);

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let args: Vec<String> = cx.args.iter().filter(|a| !a.starts_with('-')).cloned().collect();
    let Some((database, keys)) = args.split_first() else {
        cx.error("wrong number of arguments").await;
        cx.complain("Try `getent --help' or `getent --usage' for more information.\n").await;
        return ExitCode::FAILURE;
    };
    match database.as_str() {
        "hosts" if keys.is_empty() => all_hosts(cx).await,
        "hosts" => each(cx, keys, Lookup::Hosts).await,
        "ahosts" | "ahostsv4" if keys.is_empty() => all_hosts(cx).await,
        "ahosts" | "ahostsv4" => each(cx, keys, Lookup::Ahosts).await,
        "passwd" => table(cx, "/etc/passwd", keys, 2).await,
        "group" => table(cx, "/etc/group", keys, 2).await,
        "shadow" => table(cx, "/etc/shadow", keys, usize::MAX).await,
        "services" => service_lines(cx, keys).await,
        _ => {
            cx.complain(&format!(
                "Unknown database: {database}\nTry `getent --help' or `getent --usage' for more information.\n"
            ))
            .await;
            ExitCode::FAILURE
        }
    }
}

#[derive(Clone, Copy)]
enum Lookup {
    Hosts,
    Ahosts,
}

async fn all_hosts(cx: &mut Context) -> ExitCode {
    for (address, names) in hosts(&cx.sys) {
        if address.is_ipv4() {
            cx.line(&format!("{address:<15} {}", names.join(" "))).await;
        }
    }
    cx.status()
}

async fn each(cx: &mut Context, keys: &[String], lookup: Lookup) -> ExitCode {
    let mut status = ExitCode::SUCCESS;
    for key in keys {
        let lines = match lookup {
            Lookup::Hosts => host_lines(cx, key).await,
            Lookup::Ahosts => ahosts_lines(cx, key).await,
        };
        if lines.is_empty() {
            status = MISSING;
        }
        for line in lines {
            cx.line(&line).await;
        }
    }
    status
}

/// `getent hosts` asks for IPv6 addresses first, and for IPv4 where there are none.
async fn host_lines(cx: &Context, key: &str) -> Vec<String> {
    let known = hosts(&cx.sys);
    if let Some(address) = numeric(key) {
        let listed =
            known.into_iter().find(|(a, names)| *a == address && !names.is_empty()).map(|(_, names)| names.join(" "));
        let name = match listed {
            Some(names) => Some(names),
            None => reverse(&cx.sys, address).await,
        };
        return name.into_iter().map(|name| format!("{address:<15} {name}")).collect();
    }
    let listed: Vec<_> =
        known.into_iter().filter(|(_, names)| names.iter().any(|n| n.eq_ignore_ascii_case(key))).collect();
    for v6 in [true, false] {
        let lines: Vec<String> = listed
            .iter()
            .filter(|(a, _)| a.is_ipv6() == v6)
            .map(|(a, names)| format!("{a:<15} {}", names.join(" ")))
            .collect();
        if !lines.is_empty() {
            return lines;
        }
    }
    let found = resolve(&cx.sys, key).await.unwrap_or_default();
    let wanted = found.iter().any(IpAddr::is_ipv6);
    found.iter().filter(|a| a.is_ipv6() == wanted).map(|a| format!("{a:<15} {key}")).collect()
}

async fn ahosts_lines(cx: &Context, key: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for address in resolve(&cx.sys, key).await.unwrap_or_default() {
        let name = if lines.is_empty() { key } else { "" };
        lines.extend([
            format!("{address:<15} STREAM {name}"),
            format!("{address:<15} DGRAM  "),
            format!("{address:<15} RAW    "),
        ]);
    }
    lines
}

/// Lines of a file with fields between colons, found by name or by the number in field `number`.
async fn table(cx: &mut Context, path: &str, keys: &[String], number: usize) -> ExitCode {
    let text = String::from_utf8_lossy(&cx.sys.read_file(path).unwrap_or_default()).into_owned();
    if keys.is_empty() {
        cx.put(text.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    let mut status = ExitCode::SUCCESS;
    for key in keys {
        let matches = |line: &&str| {
            let mut fields = line.split(':');
            fields.clone().next() == Some(key) || (key.parse::<u32>().is_ok() && fields.nth(number) == Some(key))
        };
        match text.lines().find(matches) {
            Some(line) => cx.line(line).await,
            None => status = MISSING,
        }
    }
    status
}

async fn service_lines(cx: &mut Context, keys: &[String]) -> ExitCode {
    let all = services(&cx.sys);
    let show = |(name, port, protocol): &(String, u16, String)| format!("{name:<21} {port}/{protocol}");
    if keys.is_empty() {
        for service in &all {
            cx.line(&show(service)).await;
        }
        return ExitCode::SUCCESS;
    }
    let mut status = ExitCode::SUCCESS;
    for key in keys {
        let (name, protocol) = key.split_once('/').map_or((key.as_str(), None), |(n, p)| (n, Some(p)));
        let port = name.parse::<u16>().ok();
        let found = all.iter().find(|s| (s.0 == name || Some(s.1) == port) && protocol.is_none_or(|p| p == s.2));
        match found {
            Some(service) => cx.line(&show(service)).await,
            None => status = MISSING,
        }
    }
    status
}
