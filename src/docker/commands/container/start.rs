//! `docker start`.

use docker_api::http::Query;
use serde_json::Value;

use super::run::{Foreground, attach, begin_wait, finish_wait, start};
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{part, text};
use crate::term::{Ended, RawMode, Streams, copy_streams, forward_signals, parse_keys, watch_window};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container start", "start"],
    usage: "[OPTIONS] CONTAINER [CONTAINER...]",
    short: "Start one or more stopped containers",
    flags: &[r"
a|attach||Attach STDOUT/STDERR and forward signals
|detach-keys|string|Override the key sequence for detaching a container
i|interactive||Attach container's STDIN
"],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let (attached, interactive) = (c.matches.on("attach"), c.matches.on("interactive"));
    if attached || interactive {
        if c.matches.args.len() > 1 {
            return fail("you cannot start and attach multiple containers at once");
        }
        return start_attached(&c, interactive).await;
    }
    if !c.matches.text("checkpoint").is_empty() {
        return fail("drydock: checkpoints are not emulated here");
    }
    let mut failed = Vec::new();
    for name in &c.matches.args {
        match c.client().post(&format!("/containers/{}/start", part(name)), &Query::default()).await {
            Ok(()) => c.println(name).await,
            Err(error) => {
                c.eprint(&format!("{error}\n")).await;
                failed.push(name.as_str());
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { fail(format!("Error: failed to start containers: {}", failed.join(", "))) }
}

async fn start_attached(c: &Invocation, interactive: bool) -> Outcome {
    let client = c.client();
    let container = client.get(&format!("/containers/{}/json", part(c.matches.arg(0))), &Query::default()).await?;
    let flag = |path: &str| container.pointer(path).and_then(Value::as_bool).unwrap_or(false);
    let tty = flag("/Config/Tty");
    let keys = c.matches.text("detach-keys");
    let streams =
        Streams { stdin: interactive && flag("/Config/OpenStdin"), output: true, tty, keys: parse_keys(&keys)? };
    let foreground = Foreground { id: text(&container, "Id").to_string(), streams, outputs: (true, true) };
    let id = &foreground.id;
    let proxy = (c.matches.on("sig-proxy") && !tty).then(|| id.clone());
    let hijacked = attach(&client, &foreground, &keys).await?;
    let waiting = begin_wait(&client, id, flag("/HostConfig/AutoRemove")).await?;
    let resize = (tty && c.sys.isatty(machine::Fd::STDOUT)).then(|| format!("/containers/{id}/resize"));
    if proxy.is_some() || resize.is_some() {
        forward_signals(&c.sys, &client, proxy, resize.clone());
    }
    let raw = foreground.streams.takes_keys().then(|| RawMode::enter(&c.sys, machine::Fd::STDIN)).flatten();
    if let Err(failure) = start(&client, id).await {
        drop((hijacked, raw));
        return Err(failure);
    }
    if let Some(path) = &resize {
        watch_window(&c.sys.for_thread(), &client, path).await;
    }
    let ended = copy_streams(&c.sys, hijacked, &foreground.streams).await;
    drop(raw);
    match ended {
        Ended::Detached => Ok(()),
        Ended::Failed(why) => fail(why),
        Ended::Closed => finish_wait(waiting).await,
    }
}
