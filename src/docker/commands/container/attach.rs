//! `docker attach`.

use docker_api::http::Query;
use serde_json::Value;

use super::run::{Foreground, attach, finish_wait};
use crate::api::{Body, Client};
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{part, text};
use crate::term::{Ended, Streams, copy_streams, forward_signals, hold_signals, parse_keys};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container attach", "attach"],
    usage: "[OPTIONS] CONTAINER",
    short: "Attach local standard input, output, and error streams to a running container",
    flags: &[r"
|detach-keys|string|Override the key sequence for detaching a container
|no-stdin||Do not attach STDIN
|sig-proxy||Proxy all received signals to the process (default true)
"],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let client = c.client();
    let container = client.get(&format!("/containers/{}/json", part(c.matches.arg(0))), &Query::default()).await?;
    let flag = |path: &str| container.pointer(path).and_then(Value::as_bool).unwrap_or(false);
    for (state, text) in [
        ("/State/Paused", "You cannot attach to a paused container, unpause it first"),
        ("/State/Restarting", "You cannot attach to a restarting container, wait until it is running"),
    ] {
        if flag(state) {
            return fail(text);
        }
    }
    if !flag("/State/Running") {
        return fail("You cannot attach to a stopped container, start it first");
    }
    let (tty, stdin) = (flag("/Config/Tty"), flag("/Config/OpenStdin") && !c.matches.on("no-stdin"));
    if stdin && tty && !c.sys.isatty(machine::Fd::STDIN) {
        return fail("the input device is not a TTY");
    }
    let keys = c.matches.text("detach-keys");
    let streams = Streams { stdin, output: true, tty, keys: parse_keys(&keys).unwrap_or_default() };
    let foreground = Foreground { id: text(&container, "Id").to_string(), streams, outputs: (true, true) };
    let id = foreground.id.clone();
    let proxy = (c.matches.on("sig-proxy") && !tty).then(|| id.clone());
    let waiting = client.begin("POST", &format!("/containers/{id}/wait"), &Query::default(), Body::None).await?;
    let hijacked = attach(&client, &foreground, &keys).await?;
    let resize = (tty && c.sys.isatty(machine::Fd::STDOUT)).then(|| format!("/containers/{id}/resize"));
    match proxy.is_some() || resize.is_some() {
        true => forward_signals(&c.sys, &client, proxy, resize.clone()),
        false => hold_signals(&c.sys),
    }
    if let Some(path) = &resize {
        redraw(&c, &client, path).await;
    }
    match copy_streams(&c.sys, hijacked, &foreground.streams).await {
        Ended::Detached => fail("read escape sequence"),
        Ended::Failed(why) => fail(why),
        Ended::Closed => finish_wait(waiting).await,
    }
}

/// A change of size makes the program in the container paint its screen again: so the size is set to one
/// more row and column first, then to what it is.
async fn redraw(c: &Invocation, client: &Client, path: &str) {
    let Ok(size) = c.sys.winsize(machine::Fd::STDOUT) else { return };
    for more in [1, 0] {
        let mut query = Query::default();
        query.push("h", (size.rows + more).to_string());
        query.push("w", (size.columns + more).to_string());
        let _ = client.post(path, &query).await;
    }
}
