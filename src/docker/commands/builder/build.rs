//! `docker build`, by BuildKit.

use docker_api::http::{Query, TAR};

use super::watch::{CANCELED, Shown, Watch, display_kind};
use super::{instances, output, request};
use crate::api::Body;
use crate::cli::{Args, Invocation, Matches, Outcome, Spec, fail, fail_with};

/// The flags of both `docker build` and `docker buildx build`.
pub(super) const FLAGS: &str = r#"
|add-host|strings|Add a custom host-to-IP mapping (format: "host:ip")
|allow|stringArray|Allow extra privileged entitlement (e.g., "network.host", "security.insecure", "device")
|annotation|stringArray|Add annotation to the image
|attest|stringArray|Attestation parameters (format: "type=sbom,generator=image")
|build-arg|stringArray|Set build-time variables
|build-context|stringArray|Additional build contexts (e.g., name=path)
|builder|string|Override the configured builder instance
|cache-from|stringArray|External cache sources (e.g., "user/app:cache", "type=local,src=path/to/dir")
|cache-to|stringArray|Cache export destinations (e.g., "user/app:cache", "type=local,dest=path/to/dir")
|call|string|Set method for evaluating build ("check", "outline", "targets") (default "build")
|cgroup-parent|string|Set the parent cgroup for the "RUN" instructions during build
|check||Shorthand for "--call=check"
D|debug||Enable debug logging
f|file|string|Name of the Dockerfile (default: "PATH/Dockerfile")
|iidfile|string|Write the image ID to a file
|label|stringArray|Set metadata for an image
|load||Shorthand for "--output=type=docker"
|metadata-file|string|Write build result metadata to a file
|network|string|Set the networking mode for the "RUN" instructions during build (default "default")
|no-cache||Do not use cache when building the image
|no-cache-filter|stringArray|Do not cache specified stages
o|output|stringArray|Output destination (format: "type=local,dest=path")
|platform|stringArray|Set target platform for build
|progress|string|Set type of progress output ("auto", "none",  "plain", "quiet", "rawjson", "tty"). Use plain to show container output (default "auto")
|provenance|string|Shorthand for "--attest=type=provenance"
|pull||Always attempt to pull all referenced images
|push||Shorthand for "--output=type=registry"
q|quiet||Suppress the build output and print image ID on success
|sbom|string|Shorthand for "--attest=type=sbom"
|secret|stringArray|Secret to expose to the build (format: "id=mysecret[,src=/local/secret]")
|shm-size|bytes|Shared memory size for build containers
|ssh|stringArray|SSH agent socket or keys to expose to the build (format: "default|<id>[=<socket>|<key>[,<key>]]")
t|tag|stringArray|Name and optionally a tag (format: "name:tag")
|target|string|Set the target build stage to build
|ulimit|ulimit|Ulimit options (default [])
"#;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["build", "builder build", "image build", "~buildx b"],
    aliases: "docker build, docker builder build, docker image build, docker buildx b",
    shown: "buildx build",
    usage: "[OPTIONS] PATH | URL | -",
    short: "Build an image from a Dockerfile",
    long: "Start a build",
    flags: &[
        FLAGS,
        r#"
|~compress||Compress the build context using gzip
|~cpu-period|int|Limit the CPU CFS (Completely Fair Scheduler) period
|~cpu-quota|int|Limit the CPU CFS (Completely Fair Scheduler) quota
c|~cpu-shares|int|CPU shares (relative weight)
|~cpuset-cpus|string|CPUs in which to allow execution (0-3, 0,1)
|~cpuset-mems|string|MEMs in which to allow execution (0-3, 0,1)
|~force-rm||Always remove intermediate containers
|~isolation|string|Container isolation technology
m|~memory|string|Memory limit
|~memory-swap|string|Swap limit equal to memory plus swap: -1 to enable unlimited swap
|~rm||Remove intermediate containers after a successful build (default true)
|~security-opt|stringArray|Security options
|~squash||Squash newly built layers into a single new layer
"#,
    ],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

/// The status after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Runs a build.
pub async fn run(c: Invocation) -> Outcome {
    match build(&c).await {
        Ok(()) => Ok(()),
        Err(why) if why.is_empty() => fail(""),
        Err(why) if why.ends_with(CANCELED) => fail_with(INTERRUPTED, format!("ERROR: {why}")),
        Err(why) => fail(format!("ERROR: {why}")),
    }
}

async fn build(c: &Invocation) -> Result<(), String> {
    let m = &c.matches;
    check_options(m)?;
    let builder = m.given("builder").map_or_else(|| instances::current(&c.sys), str::to_string);
    if builder != "default" {
        return Err(format!("drydock: building with the builder {builder} is not emulated here, only with default"));
    }
    let check = match m.given("call") {
        Some("check") => true,
        None | Some("" | "build") => m.on("check"),
        Some(other) => return Err(format!("drydock: docker build --call={other} is not emulated here")),
    };
    if m.changed("squash") {
        c.eprint("WARNING: experimental flag squash is removed with BuildKit. You should squash inside build using a multi-stage Dockerfile for efficiency.\n").await;
    }
    check_platforms(m)?;
    let network = m.text("network");
    if !matches!(network.as_str(), "" | "default" | "host" | "none") {
        return Err(format!(
            "failed to build: network mode {} not supported by buildkit - you can define a custom network for your builder using the network driver-opt in buildx create",
            docker_api::text_quote(&network)
        ));
    }
    let display = display_kind(c)?;
    let mut watch = Watch::new(display);
    watch.findings = check.then(Vec::new);
    watch.output = output::asked(m)?;
    let asked = request::build_query(&c.sys, m)
        .and_then(|query| request::secrets(&c.sys, m).map(|secrets| request::with_secrets(query, secrets)));
    let wanted = match asked {
        // The builder fetches what is elsewhere.
        Ok(mut query) if request::is_remote(m.arg(0)) => {
            query.push("remote", m.arg(0));
            Ok((query, Vec::new(), m.text("file")))
        }
        Ok(query) => request::context(c).await.map(|(context, dockerfile)| (query, context, dockerfile)),
        Err(why) => Err(why),
    };
    let (mut query, context, dockerfile) = match wanted {
        Ok(wanted) => wanted,
        Err(why) => {
            // The display is up by then: a terminal shows it without a step.
            if display == Shown::Terminal {
                watch.show(c, true).await;
            }
            return Err(format!("failed to build: {why}"));
        }
    };
    query.push("dockerfile", dockerfile);
    query.push("version", "2");
    if let Some(output) = &watch.output {
        query.push("output", output.kind.clone());
    }
    cache_sources(c, &mut query).await;
    if check {
        query.push("call", "check");
    }
    let here = c.sys.getcwd().unwrap_or_default();
    query.push("sharedkey", crate::commands::container::option_values::absolute(m.arg(0), &here));
    let body = Body::Bytes(TAR, context);
    let response =
        c.client().for_thread().send("POST", "/build", &query, body).await.map_err(|e| match e.is_unreachable() {
            true => e.to_string(),
            false => format!(
                "failed to build: failed to solve: {}",
                e.to_string().trim_start_matches("Error response from daemon: ")
            ),
        })?;
    watch.follow(c, response).await?;
    watch.finish(c).await
}

/// `--cache-from`: images; other stores are looked at by the client, and are empty here.
async fn cache_sources(c: &Invocation, query: &mut Query) {
    for text in c.matches.all("cache-from") {
        let field = |key: &str| text.split(',').filter_map(|f| f.split_once('=')).find(|(k, _)| *k == key).map(|f| f.1);
        match (text.contains('='), field("type")) {
            (false, _) => query.push("cachefrom", text.clone()),
            (true, Some("registry")) => query.push("cachefrom", field("ref").unwrap_or("")),
            (true, Some("local")) => {
                let index = format!("{}/index.json", field("src").unwrap_or("").trim_end_matches('/'));
                let why = format!("could not lock {index}.lock: open {index}.lock: no such file or directory");
                let dir = index.trim_end_matches("/index.json");
                c.eprint(&format!("WARNING: local cache import at {dir} not found due to err: {why}\n")).await;
            }
            _ => {}
        }
    }
}

/// Options that are not emulated, and what the daemon's own builder cannot do.
fn check_options(m: &Matches) -> Result<(), String> {
    let attested = m.all("attest").iter().any(|a| !a.is_empty())
        || ["sbom", "provenance"].iter().any(|f| m.given(f).is_some_and(|v| v != "false"));
    if attested {
        return Err(unsupported("Attestation", "attestations"));
    }
    if m.all("ssh").iter().any(|s| s == "default") {
        return Err(
            "failed to build: failed to convert agent config {default [] false}: invalid empty ssh agent socket: make sure SSH_AUTH_SOCK is set"
                .to_string(),
        );
    }
    for flag in ["push", "ssh", "allow"] {
        if m.changed(flag) {
            return Err(format!("drydock: docker build --{flag} is not emulated here"));
        }
    }
    if m.all("cache-to").iter().any(|to| !matches!(to.as_str(), "inline" | "type=inline")) {
        return Err(unsupported("Cache export", "build-cache-backends"));
    }
    let progress = m.given("progress").unwrap_or("auto");
    if m.on("quiet") && !matches!(progress, "auto" | "quiet" | "") {
        return Err(format!("progress={progress} and quiet cannot be used together"));
    }
    Ok(())
}

fn unsupported(what: &str, page: &str) -> String {
    format!(
        "failed to build: {what} is not supported for the docker driver.\nSwitch to a different driver, or turn on the containerd image store, and try again.\nLearn more at https://docs.docker.com/go/{page}/"
    )
}

fn check_platforms(m: &Matches) -> Result<(), String> {
    let all: Vec<String> = m.all("platform").iter().flat_map(|p| p.split(',').map(String::from)).collect();
    for platform in &all {
        docker_api::platform::parse(platform).map_err(|why| format!("failed to build: {why}"))?;
    }
    if all.len() > 1 {
        return Err(unsupported("Multi-platform build", "build-multi-platform"));
    }
    Ok(())
}
