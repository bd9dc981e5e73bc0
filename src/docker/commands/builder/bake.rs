//! `docker buildx bake`: where there is nothing to bake it says so; definitions are not emulated.

use super::watch::show_own_step;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};

/// The command's table.
pub const SPEC: Spec = Spec {
    shown: "buildx bake",
    paths: &["buildx bake", "bake", "~buildx f", "~builder bake"],
    aliases: "docker buildx bake, docker buildx f",
    usage: "[OPTIONS] [TARGET...]",
    short: "Build from a file",
    flags: &[r#"
|allow|stringArray|Allow build to access specified resources
|builder|string|Override the configured builder instance
|call|string|Set method for evaluating build ("check", "outline", "targets") (default "build")
|check||Shorthand for "--call=check"
D|debug||Enable debug logging
f|file|stringArray|Build definition file
|list|string|List targets or variables
|load||Shorthand for "--set=*.output=type=docker". Conditional.
|metadata-file|string|Write build result metadata to a file
|no-cache||Do not use cache when building the image
|print||Print the options without building
|progress|string|Set type of progress output ("auto", "none",  "plain", "quiet", "rawjson", "tty"). Use plain to show container output (default "auto")
|provenance|string|Shorthand for "--set=*.attest=type=provenance"
|pull||Always attempt to pull all referenced images
|push||Shorthand for "--set=*.output=type=registry". Conditional.
|sbom|string|Shorthand for "--set=*.attest=type=sbom"
|set|stringArray|Override target value (e.g., "targetpattern.key=value")
"#],
    args: Args::Any,
    ..Spec::new(|c| Box::pin(bake(c)))
};

/// The files in which definitions are looked for.
const FILES: [&str; 8] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
    "docker-bake.json",
    "docker-bake.hcl",
    "docker-bake.override.json",
    "docker-bake.override.hcl",
];

async fn bake(c: Invocation) -> Outcome {
    if c.matches.changed("file") || FILES.iter().any(|file| c.sys.stat(file).is_ok()) {
        return fail("ERROR: drydock: docker buildx bake is not emulated here");
    }
    show_own_step(&c, "[internal] load local bake definitions").await.map_err(|why| format!("ERROR: {why}"))?;
    fail("ERROR: couldn't find a bake definition")
}
