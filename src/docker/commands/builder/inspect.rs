//! `docker buildx inspect`.

use crate::cli::{Args, Invocation, Outcome, Spec, fail};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["buildx inspect", "~builder inspect"],
    shown: "buildx inspect",
    usage: "[NAME]",
    short: "Inspect current builder instance",
    flags: &[r"
|bootstrap||Ensure builder has booted before inspecting
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
"],
    args: Args::AtMost(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let current = super::instances::current(&c.sys);
    let name = if c.matches.arg(0).is_empty() { current.as_str() } else { c.matches.arg(0) };
    if let Some(instance) = super::instances::all(&c.sys).into_iter().find(|i| i.name == name) {
        c.print(&format!(
            "Name:   {name}\nDriver: {}\n\nNodes:\nName:     {name}0\nEndpoint: {}\nStatus:   inactive\n",
            instance.driver,
            super::instances::ENDPOINT
        ))
        .await;
        return Ok(());
    }
    if name != "default" {
        return fail(format!("ERROR: no builder {} found", docker_api::text_quote(name)));
    }
    let now = c.sys.wall_clock();
    let active = docker_api::time::rfc3339(now.seconds()).replace('T', " ").replace('Z', " +0000 UTC");
    c.print(&format!(
        "Name:          default\nDriver:        docker\nLast Activity: {active}\n\nNodes:\nName:             default\n\
         Endpoint:         default\nStatus:           running\nBuildKit version: v0.25.1\n\
         Platforms:        linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/amd64/v4, linux/386\n\
         Labels:\n org.mobyproject.buildkit.worker.moby.host-gateway-ip: 172.17.0.1\n{GC_POLICY}"
    ))
    .await;
    Ok(())
}

/// What BuildKit would clear away of its cache, on a disk of 64 GiB; here nothing is until it is asked for.
const GC_POLICY: &str = "\
GC Policy rule#0:
 All:            false
 Filters:        type==source.local,type==exec.cachemount,type==source.git.checkout
 Keep Duration:  48h0m0s
 Max Used Space: 488.3MiB
GC Policy rule#1:
 All:            false
 Keep Duration:  1440h0m0s
 Reserved Space: 6.519GiB
 Max Used Space: 48.43GiB
 Min Free Space: 12.11GiB
GC Policy rule#2:
 All:            false
 Reserved Space: 6.519GiB
 Max Used Space: 48.43GiB
 Min Free Space: 12.11GiB
GC Policy rule#3:
 All:            true
 Reserved Space: 6.519GiB
 Max Used Space: 48.43GiB
 Min Free Space: 12.11GiB
";
