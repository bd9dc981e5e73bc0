//! `docker build` by the classic builder (`DOCKER_BUILDKIT=0`).

use docker_api::http::{Query, TAR};
use docker_api::types::JsonMessage;
use docker_api::units::human_size;
use machine::{Fd, Sys};

use super::request;
use crate::api::{Body, JsonLines};
use crate::cli::{Args, Failure, Invocation, Outcome, Spec, fail, fail_with};
use crate::commands::common::terminal_width;
use crate::progress::Messages;

/// What is told before anything else.
pub const NOTICE: &str = "DEPRECATED: The legacy builder is deprecated and will be removed in a future release.\n            \
                          BuildKit is currently disabled; enable it by removing the DOCKER_BUILDKIT=0\n            \
                          environment-variable.\n\n";

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image build", "build", "builder build"],
    usage: "[OPTIONS] PATH | URL | -",
    short: "Build an image from a Dockerfile",
    flags: &[r#"
|add-host|list|Add a custom host-to-IP mapping ("host:ip")
|build-arg|list|Set build-time variables
|cache-from|strings|Images to consider as cache sources
|cgroup-parent|string|Set the parent cgroup for the "RUN" instructions during build
|compress||Compress the build context using gzip
|cpu-period|int|Limit the CPU CFS (Completely Fair Scheduler) period
|cpu-quota|int|Limit the CPU CFS (Completely Fair Scheduler) quota
c|cpu-shares|int|CPU shares (relative weight)
|cpuset-cpus|string|CPUs in which to allow execution (0-3, 0,1)
|cpuset-mems|string|MEMs in which to allow execution (0-3, 0,1)
|disable-content-trust||Skip image verification (default true)
f|file|string|Name of the Dockerfile (Default is "PATH/Dockerfile")
|force-rm||Always remove intermediate containers
|iidfile|string|Write the image ID to the file
|isolation|string|Container isolation technology
|label|list|Set metadata for an image
m|memory|bytes|Memory limit
|memory-swap|bytes|Swap limit equal to memory plus swap: -1 to enable unlimited swap
|network|string|Set the networking mode for the RUN instructions during build (default "default")
|no-cache||Do not use cache when building the image
|platform|string|Set platform if server is multi-platform capable
|pull||Always attempt to pull a newer version of the image
q|quiet||Suppress the build output and print image ID on success
|rm||Remove intermediate containers after a successful build (default true)
|security-opt|strings|Security options
|shm-size|bytes|Size of "/dev/shm"
t|tag|list|Name and optionally a tag in the "name:tag" format
|target|string|Set the target build stage to build.
|ulimit|ulimit|Ulimit options (default [])
|~squash||Squash newly built layers into a single new layer
"#],
    args: Args::Exactly(1),
    check,
    ..Spec::new(|c| Box::pin(run(c)))
};

fn check(name: &str, value: &str) -> Result<(), String> {
    match name {
        "tag" => docker_api::reference::Reference::parse(value).map(|_| ()),
        "label" => crate::commands::container::option_values::label(value),
        "add-host" => crate::commands::container::option_values::add_host(value).map(|_| ()),
        _ => Ok(()),
    }
}

/// Whether the environment asks for the classic builder.
pub fn is_asked_for(sys: &Sys) -> bool {
    sys.env_var("DOCKER_BUILDKIT").is_some_and(|v| matches!(v.as_str(), "0" | "false" | "f" | "F" | "FALSE" | "False"))
}

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    let file = m.text("file");
    let directory = m.arg(0);
    if directory != "-" && c.sys.stat(directory).is_ok() && file != "-" {
        let wanted = if file.is_empty() { format!("{}/Dockerfile", directory.trim_end_matches('/')) } else { file };
        let here = c.sys.getcwd().unwrap_or_default();
        let wanted = if wanted.starts_with('/') { wanted } else { format!("{here}/{wanted}") };
        if c.sys.stat(&wanted).is_err() {
            let path = docker_api::mounts::clean(&wanted);
            return fail(format!(
                "unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat {path}: no such file or directory"
            ));
        }
    }
    if m.on("squash") {
        return fail("\"--squash\" is only supported on a Docker daemon with experimental features enabled");
    }
    let mut query: Query = request::build_query(&c.sys, m)?;
    let (context, dockerfile) = request::context(&c).await?;
    query.push("dockerfile", dockerfile);
    if m.on("force-rm") {
        query.push("forcerm", "1");
    }
    let quiet = m.on("quiet");
    if !quiet {
        let size = human_size(context.len() as f64);
        c.print(&format!("Sending build context to Docker daemon {size:>8}\r\r\n")).await;
    }
    let response = c.client().send("POST", "/build", &query, Body::Bytes(TAR, context)).await?;
    let mut messages = Messages::new(terminal_width(&c.sys, Fd::STDOUT));
    let (mut lines, mut image) = (JsonLines::new(response), String::new());
    while let Some(line) = lines.next().await? {
        let message: JsonMessage =
            serde_json::from_slice(&line).map_err(|e| Failure { status: 1, text: e.to_string() })?;
        if let Some(id) = message.aux.as_ref().and_then(|a| a.get("ID")).and_then(|v| v.as_str()) {
            image = id.to_string();
            continue;
        }
        if let Some(error) = &message.error_detail {
            let status = if (1..=255).contains(&error.code) { error.code as i32 } else { 1 };
            return fail_with(status, error.message.clone());
        }
        let text = messages.show(&message)?;
        if !quiet {
            c.print(&text).await;
        }
    }
    if quiet {
        c.println(&image).await;
    }
    let file = m.text("iidfile");
    if !file.is_empty() {
        let content = machine::fs::FileContent::from(format!("{image}\n").into_bytes());
        if let Err(errno) = c.sys.put_file(&file, content, 0o644) {
            return fail(format!("open {file}: {}", errno.message().to_lowercase()));
        }
    }
    Ok(())
}
