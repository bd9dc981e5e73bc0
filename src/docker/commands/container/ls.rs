//! `docker ps`.

use docker_api::http::Query;
use docker_api::time;
use docker_api::units::human_size_with;
use serde_json::Value;

use crate::cli::{Invocation, Outcome, Spec, fail};
use crate::commands::common::{
    TABLE_FORMAT, add_filters, ago, ellipsis, filters, int, label_text, labels, list, short_id, text,
};
use crate::format::{Column, Listing, Row};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container ls", "container list", "container ps", "ps"],
    usage: "[OPTIONS]",
    short: "List containers",
    flags: &[
        TABLE_FORMAT,
        r"
a|all||Show all containers (default shows just running)
f|filter|filter|Filter output based on conditions provided
n|last|int|Show n last created containers (includes all states) (default -1)
l|latest||Show the latest created container (includes all states)
|no-trunc||Don't truncate output
q|quiet||Only display container IDs
s|size||Display total file sizes
",
    ],
    ..Spec::new(|c| Box::pin(run(c)))
};

const COLUMNS: &[Column] = &[
    ("ID", "CONTAINER ID"),
    ("Image", "IMAGE"),
    ("Command", "COMMAND"),
    ("CreatedAt", "CREATED AT"),
    ("RunningFor", "CREATED"),
    ("Status", "STATUS"),
    ("Ports", "PORTS"),
    ("Names", "NAMES"),
    ("Size", "SIZE"),
    ("Labels", "LABELS"),
    ("Mounts", "MOUNTS"),
    ("LocalVolumes", "LOCAL VOLUMES"),
    ("Networks", "NETWORKS"),
    ("State", "STATE"),
    ("Platform", "PLATFORM"),
];
const TABLE: &str = "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}";
/// `--format raw`.
const RAW: &str = "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: {{- pad .State 1 0}}\nstatus: {{- pad .Status 1 0}}\nnames: {{.Names}}\nlabels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\n";
const COMMAND_WIDTH: usize = 20;
const MOUNT_WIDTH: usize = 15;

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    let format = m.text("format");
    if !format.is_empty() {
        // A mistake in the template is told before the daemon is asked.
        let blank = Row::new(COLUMNS.iter().map(|(name, _)| (*name, String::new())).collect());
        // It is run once before, on its own, and then the errors are worded so.
        let parsed = crate::format::template::Template::parse("", &format).is_ok();
        let what = if parsed { "failed to execute template" } else { "failed to parse template" };
        let tried = listing(TABLE.to_string(), vec![blank]).render(&format);
        tried.map_err(|why| why.replacen("template parsing error", what, 1))?;
    }
    let mut query = Query::default();
    if m.on("all") {
        query.push("all", "1");
    }
    let last = if m.on("latest") { 1 } else { m.number("last") };
    if last > 0 {
        query.push("limit", last.to_string());
    }
    let size = m.on("size");
    if size || (!m.on("quiet") && (format.contains(".Size") || format.contains("{{json .}}"))) {
        query.push("size", "1");
    }
    add_filters(&mut query, &filters(&c));
    let answer = c.client().get("/containers/json", &query).await?;
    let whole = m.on("no-trunc");
    let containers = answer.as_array().map_or(&[][..], Vec::as_slice);
    let rows = containers.iter().map(|v| row(&c, v, whole)).collect();
    let default = match (m.on("quiet"), size) {
        (true, _) => "{{.ID}}".to_string(),
        (_, true) => format!("{TABLE}\t{{{{.Size}}}}"),
        _ => TABLE.to_string(),
    };
    let listing = listing(default, rows);
    let format = match format.as_str() {
        "" | "table" if m.on("quiet") => "{{.ID}}",
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

fn listing(default: String, rows: Vec<Row>) -> Listing {
    Listing { type_name: "*formatter.ContainerContext", columns: COLUMNS, default, raw: RAW, rows }
}

/// The fields of one container.
pub fn row(c: &Invocation, v: &Value, whole: bool) -> Row {
    let names = list(v, "Names").iter().filter_map(Value::as_str).map(|n| n.trim_start_matches('/'));
    let names: Vec<&str> = names.filter(|n| whole || !n.contains('/')).collect();
    let command = if whole { text(v, "Command").to_string() } else { ellipsis(text(v, "Command"), COMMAND_WIDTH) };
    let created = int(v, "Created");
    let labels = labels(v, "Labels");
    let mounts: Vec<String> = list(v, "Mounts").iter().map(|mount| mount_name(mount, whole)).collect();
    let local = list(v, "Mounts").iter().filter(|mount| text(mount, "Driver") == "local").count();
    let networks = v.pointer("/NetworkSettings/Networks").and_then(Value::as_object);
    let networks: Vec<String> = networks.map(|n| n.keys().cloned().collect()).unwrap_or_default();
    let mut row = Row::new(vec![
        ("ID", short_id(text(v, "Id"), whole)),
        ("Image", image(v, whole)),
        ("Command", docker_api::text_quote(&command)),
        ("CreatedAt", time::rfc3339(created).replace('T', " ").replace('Z', " +0000 UTC")),
        ("RunningFor", ago(&c.sys, created)),
        ("Status", text(v, "Status").to_string()),
        ("Ports", super::ports::displayable(list(v, "Ports"))),
        ("Names", names.join(",")),
        ("Size", size_text(v)),
        ("Labels", label_text(&labels)),
        ("Mounts", mounts.join(",")),
        ("LocalVolumes", local.to_string()),
        ("Networks", networks.join(",")),
        ("State", text(v, "State").to_string()),
    ]);
    row.fields.push(("Platform", Value::Null));
    row.labels = labels;
    row
}

fn image(v: &Value, whole: bool) -> String {
    let image = text(v, "Image");
    if image.is_empty() {
        return "<no image>".to_string();
    }
    if !whole && short_id(text(v, "ImageID"), false) == short_id(image, false) {
        return short_id(image, false);
    }
    image.to_string()
}

fn mount_name(mount: &Value, whole: bool) -> String {
    let name = match text(mount, "Name") {
        "" => text(mount, "Source"),
        name => name,
    };
    if whole { name.to_string() } else { ellipsis(name, MOUNT_WIDTH) }
}

/// `0B (virtual 2.31MB)`
pub fn size_text(v: &Value) -> String {
    let written = human_size_with(int(v, "SizeRw") as f64, 3);
    match int(v, "SizeRootFs") {
        0 => written,
        total => format!("{written} (virtual {})", human_size_with(total as f64, 3)),
    }
}
