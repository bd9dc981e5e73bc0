//! `docker volume ls`.

use docker_api::http::Query;

use crate::cli::{Invocation, Outcome, Spec, fail};
use crate::commands::common::{TABLE_FORMAT, add_filters, filters, label_text, labels, list, text};
use crate::format::{Column, Listing, Row};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["volume ls", "volume list"],
    usage: "[OPTIONS]",
    short: "List volumes",
    flags: &[
        TABLE_FORMAT,
        r#"
f|filter|filter|Provide filter values (e.g. "dangling=true")
q|quiet||Only display volume names
"#,
    ],
    ..Spec::new(|c| Box::pin(run(c)))
};

const COLUMNS: &[Column] = &[
    ("Name", "VOLUME NAME"),
    ("Driver", "DRIVER"),
    ("Scope", "SCOPE"),
    ("Availability", "AVAILABILITY"),
    ("Mountpoint", "MOUNTPOINT"),
    ("Labels", "LABELS"),
    ("Links", "LINKS"),
    ("Size", "SIZE"),
    ("Group", "GROUP"),
    ("Status", "STATUS"),
];

async fn run(c: Invocation) -> Outcome {
    if c.matches.on("cluster") {
        return fail("drydock: cluster volumes are not emulated here");
    }
    let mut query = Query::default();
    add_filters(&mut query, &filters(&c));
    let answer = c.client().get("/volumes", &query).await?;
    let mut volumes = list(&answer, "Volumes").to_vec();
    volumes.sort_by(|a, b| text(a, "Name").cmp(text(b, "Name")));
    let rows = volumes.iter().map(|v| {
        let labels = labels(v, "Labels");
        let not_known = || "N/A".to_string();
        let mut row = Row::new(vec![
            ("Name", text(v, "Name").to_string()),
            ("Driver", text(v, "Driver").to_string()),
            ("Scope", text(v, "Scope").to_string()),
            ("Availability", not_known()),
            ("Mountpoint", text(v, "Mountpoint").to_string()),
            ("Labels", label_text(&labels)),
            ("Links", not_known()),
            ("Size", not_known()),
            ("Group", not_known()),
            ("Status", not_known()),
        ]);
        row.labels = labels;
        row
    });
    let listing = Listing {
        type_name: "*formatter.volumeContext",
        columns: COLUMNS,
        default: "{{.Driver}}\t{{.Name}}".to_string(),
        rows: rows.collect(),
        raw: "name: {{.Name}}\ndriver: {{.Driver}}\n",
    };
    let format = c.matches.text("format");
    let format = match format.as_str() {
        "" | "table" if c.matches.on("quiet") => "{{.Name}}",
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
