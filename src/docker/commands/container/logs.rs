//! `docker logs`.

use docker_api::http::Query;
use docker_api::stdcopy::{self, Stream};
use machine::Fd;

use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail, write_out};
use crate::commands::common::{part, text};
use crate::commands::moments;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container logs", "logs"],
    usage: "[OPTIONS] CONTAINER",
    short: "Fetch the logs of a container",
    flags: &[r#"
|details||Show extra details provided to logs
f|follow||Follow log output
|since|string|Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)
n|tail|string|Number of lines to show from the end of the logs (default "all")
t|timestamps||Show timestamps
|until|string|Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)
"#],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let name = c.matches.arg(0);
    let client = c.client();
    let container = client.get(&format!("/containers/{}/json", part(name)), &Query::default()).await?;
    let mut query = Query::default();
    query.push("stdout", "1");
    query.push("stderr", "1");
    for (flag, parameter) in [("since", "since"), ("until", "until")] {
        if let Some(value) = c.matches.given(flag).filter(|v| !v.is_empty()) {
            match moments::timestamp(&c.sys, value) {
                Ok(moment) => query.push(parameter, moment),
                Err(why) => return fail(format!("invalid value for \"{flag}\": {why}")),
            }
        }
    }
    for (flag, parameter) in [("timestamps", "timestamps"), ("follow", "follow"), ("details", "details")] {
        if c.matches.on(flag) {
            query.push(parameter, "1");
        }
    }
    query.push("tail", c.matches.text("tail"));
    let id = text(&container, "Id");
    let mut response = client.send("GET", &format!("/containers/{id}/logs"), &query, Body::None).await?;
    let tty = container.pointer("/Config/Tty").and_then(serde_json::Value::as_bool).unwrap_or(false);
    let mut pending = Vec::new();
    while let Some(data) = response.chunk().await? {
        if tty {
            write_out(&c.sys, Fd::STDOUT, &data).await;
            continue;
        }
        pending.extend_from_slice(&data);
        while let Some((stream, data)) = stdcopy::take(&mut pending)? {
            match stream {
                Stream::SystemErr => {
                    return fail(format!("error from daemon in stream: {}", String::from_utf8_lossy(&data)));
                }
                Stream::Stderr => write_out(&c.sys, Fd::STDERR, &data).await,
                _ => write_out(&c.sys, Fd::STDOUT, &data).await,
            }
        }
    }
    Ok(())
}
