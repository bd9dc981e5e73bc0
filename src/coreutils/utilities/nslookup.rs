//! `nslookup`: asks name servers. BIND 9.18's, and BusyBox's.

use std::net::IpAddr;
use std::time::Duration;

use machine::ExitCode;
use machine::net::dns::{self, Message, RecordData, RecordType, ResponseCode};
use machine::net::resolve;
use machine::net::resolve::{numeric, query, resolv_conf};

use crate::context::Context;

const BUSYBOX_USAGE: &str = "\
Usage: nslookup [-type=QUERY_TYPE] [-debug] HOST [DNS_SERVER]

Query DNS about HOST

QUERY_TYPE: soa,ns,a,aaaa,cname,mx,txt,ptr,srv,any
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let args = cx.args.clone();
    let kind = args
        .iter()
        .filter_map(|a| a.split_once('='))
        .find(|(k, _)| matches!(*k, "-type" | "-t" | "-q" | "-query" | "-querytype"));
    let kind = kind.map(|(_, kind)| kind.to_ascii_lowercase());
    let words: Vec<&String> = args.iter().filter(|a| !a.starts_with('-')).collect();
    let Some(host) = words.first() else {
        if cx.is_busybox() {
            cx.complain(&format!("{}\n\n{BUSYBOX_USAGE}", crate::context::BUSYBOX_BANNER)).await;
        } else {
            cx.complain("drydock: nslookup without a name is not emulated here\n").await;
        }
        return ExitCode::FAILURE;
    };
    let kind = match kind.as_deref() {
        None => None,
        Some("a") => Some(RecordType::A),
        Some("aaaa") => Some(RecordType::Aaaa),
        Some("ptr") => Some(RecordType::Ptr),
        Some("cname") => Some(RecordType::Cname),
        Some(other) => {
            cx.error(format!("drydock: questions of type {other} are not emulated here")).await;
            return ExitCode::FAILURE;
        }
    };
    let conf = resolv_conf(&cx.sys);
    let servers = match words.get(1) {
        None => conf.servers.clone(),
        Some(server) => match resolve(&cx.sys, server).await {
            Ok(found) => found,
            Err(_) if cx.is_busybox() => {
                cx.error(format!("bad address '{server}'")).await;
                return ExitCode::FAILURE;
            }
            Err(error) => {
                cx.complain(&format!("nslookup: couldn't get address for '{server}': {}\n", not_found(error))).await;
                return ExitCode::FAILURE;
            }
        },
    };
    let questions = questions(cx, host, kind);
    if cx.is_busybox() {
        busybox(cx, &servers, host, &questions).await
    } else {
        bind(cx, &servers, host, &questions, &conf.search).await
    }
}

fn not_found(error: machine::net::ResolveError) -> &'static str {
    match error {
        machine::net::ResolveError::Again => "failure",
        _ => "not found",
    }
}

/// The names and types to ask for.
fn questions(cx: &Context, host: &str, kind: Option<RecordType>) -> Vec<(String, RecordType)> {
    match (numeric(host), kind) {
        (Some(address), None | Some(RecordType::Ptr)) => vec![(dns::reverse_name(address), RecordType::Ptr)],
        (_, Some(kind)) => vec![(host.to_string(), kind)],
        // BusyBox shows the answer about IPv6 first.
        (None, None) if cx.is_busybox() => {
            vec![(host.to_string(), RecordType::Aaaa), (host.to_string(), RecordType::A)]
        }
        (None, None) => vec![(host.to_string(), RecordType::A), (host.to_string(), RecordType::Aaaa)],
    }
}

async fn ask(cx: &Context, servers: &[IpAddr], name: &str, kind: RecordType) -> Option<(IpAddr, Message)> {
    for server in servers {
        if let Some(answer) = query(&cx.sys, *server, name, kind, Duration::from_secs(5)).await {
            return Some((*server, answer));
        }
    }
    None
}

fn records(answer: &Message) -> Vec<String> {
    let show = |name: &str, data: &RecordData| match data {
        RecordData::A(address) => Some(format!("Name:\t{name}\nAddress: {address}")),
        RecordData::Aaaa(address) => Some(format!("Name:\t{name}\nAddress: {address}")),
        RecordData::Cname(other) => Some(format!("{name}\tcanonical name = {other}.")),
        RecordData::Ptr(other) => Some(format!("{name}\tname = {other}.")),
        RecordData::Other(..) => None,
    };
    answer.answers.iter().filter_map(|r| show(&r.name, &r.data)).collect()
}

fn code_name(code: ResponseCode) -> &'static str {
    match code {
        ResponseCode::NoError => "NOERROR",
        ResponseCode::ServerFailure => "SERVFAIL",
        ResponseCode::NameError => "NXDOMAIN",
        ResponseCode::Refused => "REFUSED",
        ResponseCode::Other(_) => "FORMERR",
    }
}

async fn bind(
    cx: &mut Context,
    servers: &[IpAddr],
    host: &str,
    questions: &[(String, RecordType)],
    search: &[String],
) -> ExitCode {
    let mut head = false;
    let mut candidates: Vec<String> = Vec::new();
    if !host.contains('.') {
        candidates.extend(search.iter().map(|domain| format!("{host}.{domain}")));
    }
    candidates.push(host.trim_end_matches('.').to_string());
    let mut last = None;
    for candidate in &candidates {
        let mut found = false;
        for (name, kind) in questions {
            let name = if *name == host { candidate } else { name };
            let asked = cx.sys.now();
            let Some((server, answer)) = ask(cx, servers, name, *kind).await else {
                if cx.sys.now().since(asked) >= Duration::from_secs(5) {
                    cx.line(";; connection timed out; no servers could be reached\n").await;
                    return ExitCode::FAILURE;
                }
                for server in servers {
                    for _ in 0..3 {
                        cx.line(&format!(";; communications error to {server}#53: connection refused")).await;
                    }
                }
                cx.line(";; no servers could be reached\n").await;
                return ExitCode::FAILURE;
            };
            if !head {
                cx.line(&format!("Server:\t\t{server}\nAddress:\t{server}#53\n")).await;
                head = true;
            }
            if answer.code != ResponseCode::NoError {
                last = Some((name.clone(), answer.code));
                break;
            }
            let lines = records(&answer);
            if !found && !lines.is_empty() && !answer.authoritative {
                cx.line("Non-authoritative answer:").await;
            }
            found |= !lines.is_empty();
            for line in lines {
                cx.line(&line).await;
            }
        }
        if found {
            cx.line("").await;
            return ExitCode::SUCCESS;
        }
    }
    match last {
        Some((_, code)) => {
            cx.line(&format!("** server can't find {host}: {}\n", code_name(code))).await;
            ExitCode::FAILURE
        }
        None => {
            cx.line(&format!("*** Can't find {host}: No answer\n")).await;
            ExitCode::FAILURE
        }
    }
}

async fn busybox(cx: &mut Context, servers: &[IpAddr], host: &str, questions: &[(String, RecordType)]) -> ExitCode {
    let mut answers = Vec::new();
    for (name, kind) in questions {
        answers.push(ask(cx, servers, name, *kind).await);
    }
    let Some(server) = answers.iter().flatten().map(|(server, _)| *server).next() else {
        cx.line(";; connection timed out; no servers could be reached\n").await;
        return ExitCode::FAILURE;
    };
    cx.line(&format!("Server:\t\t{server}\nAddress:\t{server}:53\n")).await;
    let mut status = ExitCode::SUCCESS;
    for (_, answer) in answers.into_iter().flatten() {
        if answer.code != ResponseCode::NoError {
            cx.line(&format!("** server can't find {host}: {}\n", code_name(answer.code))).await;
            status = ExitCode::FAILURE;
            continue;
        }
        if !answer.authoritative {
            cx.line("Non-authoritative answer:").await;
        }
        for line in records(&answer) {
            cx.line(&line.replace(".\n", "\n")).await;
        }
        cx.line("").await;
    }
    status
}
