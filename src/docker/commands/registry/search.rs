//! `docker search`.

use docker_api::http::Query;
use serde_json::Value;

use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{add_filters, ellipsis, filters, int, text};
use crate::format::{Column, Listing, Row};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["search"],
    usage: "[OPTIONS] TERM",
    short: "Search Docker Hub for images",
    flags: &[r"
f|filter|filter|Filter output based on conditions provided
|format|string|Pretty-print search using a Go template
|limit|int|Max number of search results
|no-trunc||Don't truncate output
"],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

const COLUMNS: &[Column] = &[
    ("Name", "NAME"),
    ("Description", "DESCRIPTION"),
    ("StarCount", "STARS"),
    ("IsOfficial", "OFFICIAL"),
    ("IsAutomated", "AUTOMATED"),
];
const DESCRIPTION_WIDTH: usize = 45;

async fn run(c: Invocation) -> Outcome {
    let mut query = Query::default();
    query.push("term", c.matches.arg(0));
    let limit = c.matches.number("limit");
    if limit > 0 {
        query.push("limit", limit.to_string());
    }
    add_filters(&mut query, &filters(&c));
    let results = c.client().get("/images/search", &query).await?;
    let whole = c.matches.on("no-trunc");
    let mark = |v: &Value, key: &str| match v.get(key).and_then(Value::as_bool) {
        Some(true) => "[OK]".to_string(),
        _ => String::new(),
    };
    let row = |v: &Value| {
        let description = text(v, "description").replace(['\n', '\r'], " ");
        Row::new(vec![
            ("Name", text(v, "name").to_string()),
            ("Description", if whole { description } else { ellipsis(&description, DESCRIPTION_WIDTH) }),
            ("StarCount", int(v, "star_count").to_string()),
            ("IsOfficial", mark(v, "is_official")),
            ("IsAutomated", mark(v, "is_automated")),
        ])
    };
    let listing = Listing {
        type_name: "*search.searchContext",
        columns: COLUMNS,
        default: "{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}".to_string(),
        rows: results.as_array().into_iter().flatten().map(row).collect(),
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
