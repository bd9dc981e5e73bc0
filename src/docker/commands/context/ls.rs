//! `docker context ls`.

use crate::api::contexts::{self, Context, DEFAULT, DEFAULT_DESCRIPTION};
use crate::cli::{Invocation, Outcome, Spec, fail};
use crate::commands::common::TABLE_FORMAT;
use crate::format::{Column, Listing, Row};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["context ls", "context list"],
    usage: "[OPTIONS]",
    short: "List contexts",
    flags: &[
        TABLE_FORMAT,
        r"
q|quiet||Only show context names
",
    ],
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
    let table = format.is_empty() || format == "table";
    let overridden = c.sys.env_var("DOCKER_HOST").is_some_and(|v| !v.is_empty());
    let default = Context {
        name: DEFAULT.into(),
        description: DEFAULT_DESCRIPTION.into(),
        host: contexts::default_host(&c.sys),
        skip_verify: false,
    };
    let mut all = contexts::all(&c.sys);
    all.push(default);
    all.sort_by(|a, b| a.name.cmp(&b.name));
    let row = |context: &Context| {
        let current = context.name == c.context;
        let mark = if current && table && !c.matches.on("quiet") { " *" } else { "" };
        Row::new(vec![
            ("Name", format!("{}{mark}", context.name)),
            ("Current", current.to_string()),
            ("Description", context.description.clone()),
            ("DockerEndpoint", context.host.clone()),
            ("Error", String::new()),
        ])
    };
    let rows = all.iter().map(row).collect();
    let listing = Listing {
        type_name: "*formatter.clientContextContext",
        columns: COLUMNS,
        default: "{{.Name}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}".to_string(),
        rows,
        ..Listing::default()
    };
    let format = match format.as_str() {
        "" | "table" if c.matches.on("quiet") => "{{.Name}}",
        other => other,
    };
    match listing.render(format) {
        Ok(text) => {
            c.print(&text).await;
            if overridden {
                c.eprint("Warning: DOCKER_HOST environment variable overrides the active context. To use a context, either set the global --context flag, or unset DOCKER_HOST environment variable.\n").await;
            }
            Ok(())
        }
        Err(why) => fail(why),
    }
}
