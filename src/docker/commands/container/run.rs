//! `docker run`.

use docker_api::http::Query;
use serde_json::Value;

use super::create::{check_pull, create};
use super::wait::wait_error;
use super::{flags, options};
use crate::api::{Body, Client, Hijacked, Pending};
use crate::cli::{Args, Failure, Invocation, Outcome, Spec, fail, fail_with};
use crate::commands::common::int;
use crate::term::{Ended, RawMode, Streams, copy_streams, forward_signals, hold_signals, parse_keys, watch_window};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container run", "run"],
    usage: "[OPTIONS] IMAGE [COMMAND] [ARG...]",
    short: "Create and run a new container from an image",
    flags: &[
        flags::FLAGS,
        r#"
d|detach||Run container in background and print container ID
|detach-keys|string|Override the key sequence for detaching a container
|pull|string|Pull image before running ("always", "missing", "never") (default "missing")
|sig-proxy||Proxy received signals to the process (default true)
"#,
    ],
    args: Args::AtLeast(1),
    interspersed: false,
    check: options::check,
    ..Spec::new(|c| Box::pin(run(c)))
};

/// How the streams of a container in the foreground are connected.
pub struct Foreground {
    /// The container.
    pub id: String,
    /// The streams.
    pub streams: Streams,
    /// Standard output and error wanted.
    pub outputs: (bool, bool),
}

async fn run(c: Invocation) -> Outcome {
    let pull = c.matches.text("pull");
    if let Err(why) = check_pull(&pull) {
        return c.refuse(125, &why);
    }
    let mut body = match options::create_body(&c.sys, &c.matches) {
        Ok(body) => body,
        Err(why) => return c.refuse(125, &why),
    };
    let detach = c.matches.on("detach");
    let config = &mut body.config;
    if detach {
        if c.matches.changed("attach") {
            return fail("conflicting options: cannot specify both --attach and --detach");
        }
        (config.attach_stdin, config.attach_stdout, config.attach_stderr) = (false, false, false);
        config.stdin_once = false;
    } else if config.attach_stdin && config.tty && !c.sys.isatty(machine::Fd::STDIN) {
        return fail("the input device is not a TTY");
    }
    // Keys that make no sense are the daemon's to refuse.
    let keys = parse_keys(&c.matches.text("detach-keys")).unwrap_or_default();
    let streams = Streams {
        stdin: config.attach_stdin,
        output: config.attach_stdout || config.attach_stderr,
        tty: config.tty,
        keys,
    };
    let outputs = (config.attach_stdout, config.attach_stderr);
    let auto_remove = body.host_config.auto_remove;
    let id = match create(&c, body, &pull).await {
        Ok(id) => id,
        Err(why) => return start_failure(&c, &why),
    };
    let client = c.client();
    if detach || !(streams.stdin || streams.output) {
        let started = start(&client, &id).await;
        c.println(&id).await;
        return started.or_else(|failure| start_failure(&c, &failure.text));
    }
    let foreground = Foreground { id, streams, outputs };
    in_foreground(&c, &client, &foreground, auto_remove).await
}

/// The client's exit status for an error on the way to a running container.
fn start_failure(c: &Invocation, why: &str) -> Outcome {
    let has = |texts: &[&str]| texts.iter().any(|t| why.contains(t));
    let status = match () {
        () if has(&["executable file not found", "no such file or directory"]) => 127,
        () if has(&["permission denied", "is a directory"]) => 126,
        () => 125,
    };
    c.refuse(status, why)
}

/// `POST /containers/{id}/start`
pub async fn start(client: &Client, id: &str) -> Result<(), Failure> {
    client.post(&format!("/containers/{id}/start"), &Query::default()).await.map_err(Failure::from)
}

/// Takes the container's streams over.
pub async fn attach(client: &Client, foreground: &Foreground, keys: &str) -> Result<Hijacked, Failure> {
    let mut query = Query::default();
    query.push("stream", "1");
    let wanted =
        [("stdin", foreground.streams.stdin), ("stdout", foreground.outputs.0), ("stderr", foreground.outputs.1)];
    for (name, wanted) in wanted {
        if wanted {
            query.push(name, "1");
        }
    }
    if !keys.is_empty() {
        query.push("detachKeys", keys);
    }
    let path = format!("/containers/{}/attach", foreground.id);
    client.hijack(&path, &query, Body::None).await.map_err(Failure::from)
}

/// Asks for the exit status before the container starts, so that none is missed.
pub async fn begin_wait(client: &Client, id: &str, auto_remove: bool) -> Result<Pending, Failure> {
    let mut query = Query::default();
    query.push("condition", if auto_remove { "removed" } else { "next-exit" });
    let path = format!("/containers/{id}/wait");
    client.begin("POST", &path, &query, Body::None).await.map_err(Failure::from)
}

/// The exit status that was waited for, as the client's own.
pub async fn finish_wait(pending: Pending) -> Outcome {
    let Ok(mut response) = pending.finish().await else { return fail_with(125, "") };
    let body = response.body().await.unwrap_or_default();
    let value: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    if let Some(message) = wait_error(&value) {
        return fail_with(125, format!("Error waiting for container: {message}"));
    }
    match int(&value, "StatusCode") {
        0 => Ok(()),
        status => fail_with(status as i32, ""),
    }
}

async fn in_foreground(c: &Invocation, client: &Client, foreground: &Foreground, auto_remove: bool) -> Outcome {
    let id = &foreground.id;
    let hijacked = match attach(client, foreground, &c.matches.text("detach-keys")).await {
        Ok(hijacked) => hijacked,
        Err(failure) => return Err(failure),
    };
    let waiting = match begin_wait(client, id, auto_remove).await {
        Ok(waiting) => waiting,
        Err(failure) => return start_failure(c, &failure.text),
    };
    let proxy = c.matches.on("sig-proxy");
    let resize =
        (foreground.streams.tty && c.sys.isatty(machine::Fd::STDOUT)).then(|| format!("/containers/{id}/resize"));
    match proxy || resize.is_some() {
        true => forward_signals(&c.sys, client, proxy.then(|| id.clone()), resize.clone()),
        false => hold_signals(&c.sys),
    }
    // From here on keys are the container's, also those typed while it starts.
    let raw = foreground.streams.takes_keys().then(|| RawMode::enter(&c.sys, machine::Fd::STDIN)).flatten();
    if let Err(failure) = start(client, id).await {
        drop((hijacked, raw));
        if auto_remove {
            let _ = waiting.finish().await;
        }
        return start_failure(c, &failure.text);
    }
    if let Some(path) = &resize {
        watch_window(&c.sys.for_thread(), client, path).await;
    }
    let ended = copy_streams(&c.sys, hijacked, &foreground.streams).await;
    drop(raw);
    match ended {
        Ended::Detached => Ok(()),
        Ended::Failed(why) => fail(why),
        Ended::Closed => finish_wait(waiting).await,
    }
}
