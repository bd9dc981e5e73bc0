//! `docker buildx du`.

use docker_api::http::Query;
use docker_api::units::human_size;
use serde_json::Value;

use crate::cli::{Failure, Invocation, Outcome, Spec, fail};
use crate::commands::common::{ago, int, text};
use crate::format::Table;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["buildx du", "~builder du"],
    shown: "buildx du",
    short: "Disk usage",
    flags: &[r#"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
|filter|filter|Provide filter values
|format|string|Format the output
|verbose||Shorthand for "--format=pretty"
"#],
    ..Spec::new(|c| Box::pin(run(c)))
};

/// What the builder keeps.
pub async fn records(c: &Invocation) -> Result<Vec<Value>, Failure> {
    let mut query = Query::default();
    query.push("type", "build-cache");
    let usage = c.client().get("/system/df", &query).await?;
    let mut records = usage.get("BuildCache").and_then(Value::as_array).cloned().unwrap_or_default();
    records.sort_by(|a, b| text(b, "LastUsedAt").cmp(text(a, "LastUsedAt")));
    Ok(records)
}

/// The id as lists show it: with a star where the record may still change.
pub fn shown_id(record: &Value) -> String {
    let star = if text(record, "Type").starts_with("source.local") { "*" } else { "" };
    format!("{}{star}", text(record, "ID"))
}

/// When it was used last.
pub fn last_used(c: &Invocation, record: &Value) -> String {
    docker_api::time::parse_rfc3339(text(record, "LastUsedAt")).map(|(s, _)| ago(&c.sys, s)).unwrap_or_default()
}

fn flag(record: &Value, key: &str) -> bool {
    record.get(key).and_then(Value::as_bool).unwrap_or(false)
}

async fn run(c: Invocation) -> Outcome {
    if c.matches.changed("filter") || c.matches.changed("format") {
        return fail("drydock: filters and formats of docker buildx du are not emulated here");
    }
    let records = records(&c).await?;
    if c.matches.on("verbose") {
        for record in &records {
            c.print(&verbose(&c, record)).await;
        }
    } else {
        let mut table = "ID\tRECLAIMABLE\tSIZE\tLAST ACCESSED\n".to_string();
        for record in &records {
            let star = if flag(record, "Shared") { "*" } else { "" };
            let size = human_size(int(record, "Size") as f64);
            let free = !flag(record, "InUse");
            table.push_str(&format!("{}\t{free}\t{size}{star}\t{}\n", shown_id(record), last_used(&c, record)));
        }
        c.print(&Table::LISTS.layout(&table)).await;
    }
    let sum = |keep: &dyn Fn(&&Value) -> bool| -> f64 {
        records.iter().filter(|r| keep(r)).map(|r| int(r, "Size") as f64).sum()
    };
    let (shared, private) = (sum(&|r| flag(r, "Shared")), sum(&|r| !flag(r, "Shared")));
    if shared > 0.0 {
        c.print(&format!("Shared:\t\t{}\nPrivate:\t{}\n", human_size(shared), human_size(private))).await;
    }
    let free = sum(&|r| !flag(r, "InUse"));
    c.print(&format!("Reclaimable:\t{}\nTotal:\t\t{}\n", human_size(free), human_size(shared + private))).await;
    Ok(())
}

fn verbose(c: &Invocation, record: &Value) -> String {
    let created = docker_api::time::parse_rfc3339(text(record, "CreatedAt")).map(|(s, _)| ago(&c.sys, s));
    format!(
        "ID:\t\t{}\nCreated at:\t{}\nMutable:\t{}\nReclaimable:\t{}\nShared:\t\t{}\nSize:\t\t{}\nDescription:\t{}\nUsage count:\t{}\nLast used:\t{}\nType:\t\t{}\n\n",
        text(record, "ID"),
        created.unwrap_or_default(),
        text(record, "Type").starts_with("source.local"),
        !flag(record, "InUse"),
        flag(record, "Shared"),
        human_size(int(record, "Size") as f64),
        text(record, "Description"),
        int(record, "UsageCount"),
        last_used(c, record),
        text(record, "Type"),
    )
}
