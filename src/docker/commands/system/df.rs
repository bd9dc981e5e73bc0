//! `docker system df`.

use docker_api::http::Query;
use docker_api::units::{human_size, human_size_with};
use serde_json::Value;

use crate::cli::{Invocation, Outcome, Spec, fail};
use crate::commands::common::{TABLE_FORMAT, ago, ellipsis, int, list, short_id, text};
use crate::commands::{container, image};
use crate::format::{Column, Listing, Row, Table};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["system df"],
    usage: "[OPTIONS]",
    short: "Show docker disk usage",
    flags: &[
        TABLE_FORMAT,
        r"
v|verbose||Show detailed information on space usage
",
    ],
    ..Spec::new(|c| Box::pin(run(c)))
};

const COLUMNS: &[Column] = &[
    ("Type", "TYPE"),
    ("TotalCount", "TOTAL"),
    ("Active", "ACTIVE"),
    ("Size", "SIZE"),
    ("Reclaimable", "RECLAIMABLE"),
];

/// `--format raw`.
const RAW: &str =
    "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\nreclaimable: {{.Reclaimable}}\n";

async fn run(c: Invocation) -> Outcome {
    let format = c.matches.text("format");
    let usage = c.client().get("/system/df", &Query::default()).await?;
    if c.matches.on("verbose") {
        if !format.is_empty() {
            return fail("the verbose option is not supported with custom formatting".to_string());
        }
        c.print(&verbose(&c, &usage)).await;
        return Ok(());
    }
    let rows = vec![images(&usage), containers(&usage), volumes(&usage), cache(&usage)];
    let default = "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}".to_string();
    let listing = Listing { type_name: "*formatter.diskUsageImagesContext", columns: COLUMNS, default, raw: RAW, rows };
    match listing.render(&format) {
        Ok(text) => {
            c.print(&text).await;
            Ok(())
        }
        Err(why) => fail(why),
    }
}

fn line(kind: &str, total: usize, active: usize, size: i64, reclaimable: i64, percent: bool) -> Row {
    let mut free = human_size(reclaimable.max(0) as f64);
    if percent && size > 0 {
        free.push_str(&format!(" ({}%)", reclaimable.max(0) * 100 / size));
    }
    Row::new(vec![
        ("Type", kind.to_string()),
        ("TotalCount", total.to_string()),
        ("Active", active.to_string()),
        ("Size", human_size(size as f64)),
        ("Reclaimable", free),
    ])
}

fn images(usage: &Value) -> Row {
    let images = list(usage, "Images");
    let used = |i: &&Value| int(i, "Containers") > 0;
    let total = int(usage, "LayersSize");
    let in_use: i64 = images.iter().filter(used).map(|i| int(i, "Size") - int(i, "SharedSize").max(0)).sum();
    line("Images", images.len(), images.iter().filter(used).count(), total, total - in_use, true)
}

fn is_active(container: &Value) -> bool {
    matches!(text(container, "State"), "running" | "paused" | "restarting")
}

fn containers(usage: &Value) -> Row {
    let containers = list(usage, "Containers");
    let size = |active: bool| -> i64 {
        containers.iter().filter(|c| !active || !is_active(c)).map(|c| int(c, "SizeRw")).sum()
    };
    let active = containers.iter().filter(|c| is_active(c)).count();
    line("Containers", containers.len(), active, size(false), size(true), true)
}

fn usage_of(volume: &Value, key: &str) -> i64 {
    volume.get("UsageData").map_or(0, |u| int(u, key))
}

fn volumes(usage: &Value) -> Row {
    let volumes = list(usage, "Volumes");
    let active = volumes.iter().filter(|v| usage_of(v, "RefCount") > 0).count();
    let total: i64 = volumes.iter().map(|v| usage_of(v, "Size").max(0)).sum();
    let free: i64 = volumes.iter().filter(|v| usage_of(v, "RefCount") == 0).map(|v| usage_of(v, "Size").max(0)).sum();
    line("Local Volumes", volumes.len(), active, total, free, true)
}

fn cache(usage: &Value) -> Row {
    let records = list(usage, "BuildCache");
    let flag = |r: &Value, key: &str| r.get(key).and_then(Value::as_bool).unwrap_or(false);
    let total: i64 = records.iter().filter(|r| !flag(r, "Shared")).map(|r| int(r, "Size")).sum();
    let busy: i64 = records.iter().filter(|r| flag(r, "InUse") && !flag(r, "Shared")).map(|r| int(r, "Size")).sum();
    let active = records.iter().filter(|r| flag(r, "InUse")).count();
    line("Build Cache", records.len(), active, total, total - busy, false)
}

fn verbose(c: &Invocation, usage: &Value) -> String {
    let mut out = "Images space usage:\n\n".to_string();
    let mut table = "REPOSITORY\tTAG\tIMAGE ID\tCREATED\tSIZE\tSHARED SIZE\tUNIQUE SIZE\tCONTAINERS\n".to_string();
    for item in list(usage, "Images") {
        let (size, shared) = (int(item, "Size"), int(item, "SharedSize").max(0));
        for (repository, tag, _) in image::ls::names(item, false).into_iter().take(1) {
            table.push_str(&format!(
                "{repository}\t{tag}\t{}\t{}\t{}\t{}\t{}\t{}\n",
                short_id(text(item, "Id"), false),
                ago(&c.sys, int(item, "Created")),
                human_size_with(size as f64, 3),
                human_size(shared as f64),
                human_size((size - shared) as f64),
                int(item, "Containers").max(0)
            ));
        }
    }
    out.push_str(&Table::LISTS.layout(&table));
    out.push_str("\nContainers space usage:\n\n");
    let mut table = "CONTAINER ID\tIMAGE\tCOMMAND\tLOCAL VOLUMES\tSIZE\tCREATED\tSTATUS\tNAMES\n".to_string();
    for item in list(usage, "Containers") {
        let row = container::ls::row(c, item, false);
        let field = |name: &str| {
            row.fields.iter().find(|(n, _)| *n == name).and_then(|(_, v)| v.as_str()).unwrap_or("").to_string()
        };
        table.push_str(&format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
            field("ID"),
            field("Image"),
            ellipsis(&field("Command"), 24),
            field("LocalVolumes"),
            human_size_with(int(item, "SizeRw") as f64, 3),
            field("RunningFor"),
            field("Status"),
            field("Names")
        ));
    }
    out.push_str(&Table::LISTS.layout(&table));
    out.push_str("\nLocal Volumes space usage:\n\n");
    let mut table = "VOLUME NAME\tLINKS\tSIZE\n".to_string();
    for item in list(usage, "Volumes") {
        let size = human_size(usage_of(item, "Size").max(0) as f64);
        table.push_str(&format!("{}\t{}\t{size}\n", text(item, "Name"), usage_of(item, "RefCount").max(0)));
    }
    out.push_str(&Table::LISTS.layout(&table));
    let records = list(usage, "BuildCache");
    let total: i64 = records.iter().map(|r| int(r, "Size")).sum();
    out.push_str(&format!("\nBuild cache usage: {}\n\n", human_size(total as f64)));
    let mut table = "CACHE ID\tCACHE TYPE\tSIZE\tCREATED\tLAST USED\tUSAGE\tSHARED\n".to_string();
    for item in records {
        let moment = |key: &str| {
            docker_api::time::parse_rfc3339(text(item, key)).map(|(s, _)| ago(&c.sys, s)).unwrap_or_default()
        };
        table.push_str(&format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
            short_id(text(item, "ID"), false),
            text(item, "Type"),
            human_size(int(item, "Size") as f64),
            moment("CreatedAt"),
            moment("LastUsedAt"),
            int(item, "UsageCount"),
            item.get("Shared").and_then(Value::as_bool).unwrap_or(false)
        ));
    }
    out + &Table::LISTS.layout(&table)
}
