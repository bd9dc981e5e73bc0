//! `docker buildx ls`.

use super::instances;
use crate::cli::{Invocation, Outcome, Spec, fail};
use crate::format::{Column, Listing, Row};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["buildx ls", "~builder ls"],
    shown: "buildx ls",
    short: "List builder instances",
    flags: &[r#"
D|debug||Enable debug logging
|format|string|Format the output (default "table")
|no-trunc||Don't truncate output
"#],
    ..Spec::new(|c| Box::pin(run(c)))
};

const COLUMNS: &[Column] = &[
    ("Name", "NAME/NODE"),
    ("DriverEndpoint", "DRIVER/ENDPOINT"),
    ("Status", "STATUS"),
    ("Buildkit", "BUILDKIT"),
    ("Platforms", "PLATFORMS"),
];

async fn run(c: Invocation) -> Outcome {
    let row = |name: &str, endpoint: &str, status: &str, buildkit: &str, platforms: &str| {
        Row::new(vec![
            ("Name", name.to_string()),
            ("DriverEndpoint", endpoint.to_string()),
            ("Status", status.to_string()),
            ("Buildkit", buildkit.to_string()),
            ("Platforms", platforms.to_string()),
        ])
    };
    let current = instances::current(&c.sys);
    let mark = |name: &str| if name == current { format!("{name}*") } else { name.to_string() };
    let mut rows = Vec::new();
    for instance in instances::all(&c.sys) {
        rows.push(row(&mark(&instance.name), &instance.driver, "", "", ""));
        let node = format!(" \\_ {}0", instance.name);
        rows.push(row(&node, &format!(" \\_ {}", instances::ENDPOINT), "inactive", "", ""));
    }
    rows.push(row(&mark("default"), "docker", "", "", ""));
    rows.push(row(" \\_ default", " \\_ default", "running", "v0.25.1", "linux/amd64 (+4), linux/386"));
    let listing = Listing {
        type_name: "*commands.lsContext",
        columns: COLUMNS,
        default: "{{.Name}}\t{{.DriverEndpoint}}\t{{.Status}}\t{{.Buildkit}}\t{{.Platforms}}".to_string(),
        rows,
        ..Listing::default()
    };
    match listing.render(&c.matches.text("format")) {
        Ok(text) => {
            c.print(&text).await;
            Ok(())
        }
        Err(why) => fail(why),
    }
}
