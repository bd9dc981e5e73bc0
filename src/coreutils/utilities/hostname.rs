//! `hostname`: the host's name.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{Spec, Value};

const SPEC: Spec = Spec {
    short: "sfiId",
    long: &[
        ("short", 's', Value::None),
        ("fqdn", 'f', Value::None),
        ("ip-address", 'i', Value::None),
        ("all-ip-addresses", 'I', Value::None),
        ("domain", 'd', Value::None),
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: hostname [-s|-f|-i|-I] [NAME]
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if let Some(name) = parsed.operands.first() {
        if cx.sys.set_hostname(name).is_err() {
            let text = if cx.is_busybox() {
                "sethostname: Operation not permitted"
            } else {
                "you must be root to change the host name"
            };
            cx.error(text).await;
        }
        return cx.status();
    }
    let name = cx.sys.hostname();
    let line = match parsed.last_of("sfiId") {
        Some('s') => name.split('.').next().unwrap_or("").to_string(),
        Some('i') => addresses(cx, &name).await,
        Some('I') => own_addresses(cx),
        Some('f') => whole_name(cx, name),
        Some('d') => name.split_once('.').map_or("", |(_, d)| d).to_string(),
        _ => name,
    };
    cx.line(&line).await;
    cx.status()
}

/// The first name that `/etc/hosts` has on a line with this one.
fn whole_name(cx: &Context, name: String) -> String {
    let hosts = machine::text::from_bytes(&cx.sys.read_file("/etc/hosts").unwrap_or_default());
    let named = |line: &str| {
        let names: Vec<&str> = line.split('#').next()?.split_whitespace().skip(1).collect();
        names.contains(&name.as_str()).then(|| names.first().map(ToString::to_string))?
    };
    hosts.lines().find_map(named).unwrap_or(name)
}

async fn addresses(cx: &Context, name: &str) -> String {
    let found = machine::net::resolve(&cx.sys, name).await.unwrap_or_default();
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn own_addresses(cx: &Context) -> String {
    let interfaces = cx.sys.interfaces(cx.sys.netns()).unwrap_or_default();
    let all = interfaces.iter().flat_map(|i| &i.addresses).filter(|(a, _)| !a.is_loopback());
    all.map(|(a, _)| format!("{a} ")).collect()
}
