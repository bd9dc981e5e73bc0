//! `docker history`.

use docker_api::http::Query;
use docker_api::time;
use docker_api::units::human_size_with;

use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{TABLE_FORMAT, ago, ellipsis, int, part, short_id, text};
use crate::format::{Column, Listing, Row};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image history", "history"],
    usage: "[OPTIONS] IMAGE",
    short: "Show the history of an image",
    flags: &[
        TABLE_FORMAT,
        r#"
H|human||Print sizes and dates in human readable format (default true)
|no-trunc||Don't truncate output
|platform|string|Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
q|quiet||Only show image IDs
"#,
    ],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

const COLUMNS: &[Column] = &[
    ("ID", "IMAGE"),
    ("CreatedSince", "CREATED"),
    ("CreatedAt", "CREATED AT"),
    ("CreatedBy", "CREATED BY"),
    ("Size", "SIZE"),
    ("Comment", "COMMENT"),
];
const COMMAND_WIDTH: usize = 45;

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    let (whole, human) = (m.on("no-trunc"), m.on("human"));
    let path = format!("/images/{}/history", part(m.arg(0)));
    let layers = c.client().get(&path, &Query::default()).await?;
    let mut rows = Vec::new();
    for layer in layers.as_array().into_iter().flatten() {
        let (created, size) = (int(layer, "Created"), int(layer, "Size"));
        let by = text(layer, "CreatedBy").replace('\t', " ");
        let at = time::rfc3339(created);
        rows.push(Row::new(vec![
            ("ID", short_id(text(layer, "Id"), whole)),
            ("CreatedSince", if human { ago(&c.sys, created) } else { at.clone() }),
            ("CreatedAt", at),
            ("CreatedBy", if whole { by } else { ellipsis(&by, COMMAND_WIDTH) }),
            ("Size", if human { human_size_with(size as f64, 3) } else { size.to_string() }),
            ("Comment", text(layer, "Comment").to_string()),
        ]));
    }
    let quiet = m.on("quiet");
    let default = "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}".to_string();
    let listing = Listing { type_name: "*image.historyContext", columns: COLUMNS, default, rows, ..Listing::default() };
    let format = m.text("format");
    let format = match format.as_str() {
        "" | "table" if quiet => "{{.ID}}",
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
