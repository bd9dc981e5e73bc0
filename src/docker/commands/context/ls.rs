//! `docker context ls`.

use crate::cli::{Invocation, Outcome, Spec, fail};
use crate::format::{Column, Listing, Row};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["context ls", "context list"],
    usage: "[OPTIONS]",
    short: "List contexts",
    flags: &[r"
|format|string|Format output using a custom template:
 'table':            Print output in table format with column headers (default)
 'table TEMPLATE':   Print output in table format using the given Go template
 'json':             Print in JSON format
 'TEMPLATE':         Print output using the given Go template.
 Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates
q|quiet||Only show context names
"],
    ..Spec::new(|c| Box::pin(run(c)))
};

const COLUMNS: &[Column] = &[
    ("Name", "NAME"),
    ("Current", "CURRENT"),
    ("Description", "DESCRIPTION"),
    ("DockerEndpoint", "DOCKER ENDPOINT"),
    ("Error", "ERROR"),
];

async fn run(c: Invocation) -> Outcome {
    let format = c.matches.text("format");
    let marked = if format.is_empty() || format == "table" { "default *" } else { "default" };
    let row = Row::new(vec![
        ("Name", marked.to_string()),
        ("Current", "true".to_string()),
        ("Description", "Current DOCKER_HOST based configuration".to_string()),
        ("DockerEndpoint", c.host.url()),
        ("Error", String::new()),
    ]);
    let listing = Listing {
        type_name: "*formatter.clientContextContext",
        columns: COLUMNS,
        default: "{{.Name}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}".to_string(),
        rows: vec![row],
    };
    let format = match format.as_str() {
        "" | "table" if c.matches.on("quiet") => "default",
        other => other,
    };
    match listing.render(format) {
        Ok(text) => {
            c.print(&text).await;
            Ok(())
        }
        Err(why) => fail(why),
    }
}
