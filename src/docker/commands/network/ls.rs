//! `docker network ls`.

use docker_api::http::Query;
use serde_json::Value;

use crate::cli::{Invocation, Outcome, Spec, fail};
use crate::commands::common::{TABLE_FORMAT, add_filters, filters, label_text, labels, short_id, text};
use crate::format::{Column, Listing, Row};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["network ls", "network list"],
    usage: "[OPTIONS]",
    short: "List networks",
    flags: &[
        TABLE_FORMAT,
        r#"
f|filter|filter|Provide filter values (e.g. "driver=bridge")
|no-trunc||Do not truncate the output
q|quiet||Only display network IDs
"#,
    ],
    ..Spec::new(|c| Box::pin(run(c)))
};

const COLUMNS: &[Column] = &[
    ("ID", "NETWORK ID"),
    ("Name", "NAME"),
    ("Driver", "DRIVER"),
    ("Scope", "SCOPE"),
    ("IPv4", "IPV4"),
    ("IPv6", "IPV6"),
    ("Internal", "INTERNAL"),
    ("Labels", "LABELS"),
    ("CreatedAt", "CREATED AT"),
];

async fn run(c: Invocation) -> Outcome {
    let mut query = Query::default();
    add_filters(&mut query, &filters(&c));
    let answer = c.client().get("/networks", &query).await?;
    let mut networks = answer.as_array().cloned().unwrap_or_default();
    networks.sort_by(|a, b| text(a, "Name").cmp(text(b, "Name")));
    let whole = c.matches.on("no-trunc");
    let listing = Listing {
        type_name: "*network.networkContext",
        columns: COLUMNS,
        default: "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}".to_string(),
        rows: networks.iter().map(|v| row(v, whole)).collect(),
        raw: "network_id: {{.ID}}\nname: {{.Name}}\ndriver: {{.Driver}}\nscope: {{.Scope}}\n",
    };
    let format = c.matches.text("format");
    let format = match format.as_str() {
        "" | "table" if c.matches.on("quiet") => "{{.ID}}",
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

fn row(v: &Value, whole: bool) -> Row {
    let labels = labels(v, "Labels");
    let flag = |key: &str| v.get(key).and_then(Value::as_bool).unwrap_or(false).to_string();
    let mut row = Row::new(vec![
        ("ID", short_id(text(v, "Id"), whole)),
        ("Name", text(v, "Name").to_string()),
        ("Driver", text(v, "Driver").to_string()),
        ("Scope", text(v, "Scope").to_string()),
        ("IPv4", flag("EnableIPv4")),
        ("IPv6", flag("EnableIPv6")),
        ("Internal", flag("Internal")),
        ("Labels", label_text(&labels)),
        ("CreatedAt", text(v, "Created").replace('T', " ").replace('Z', " +0000 UTC")),
    ]);
    row.labels = labels;
    row
}
