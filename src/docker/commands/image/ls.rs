//! `docker images`.

use docker_api::http::Query;
use docker_api::reference::Reference;
use docker_api::time;
use docker_api::units::human_size_with;
use serde_json::Value;

use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{TABLE_FORMAT, add_filters, ago, filters, int, short_id, text, texts};
use crate::format::{Column, Listing, Row};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image ls", "image list", "images"],
    usage: "[OPTIONS] [REPOSITORY[:TAG]]",
    short: "List images",
    flags: &[
        TABLE_FORMAT,
        r"
a|all||Show all images (default hides intermediate images)
|digests||Show digests
f|filter|filter|Filter output based on conditions provided
|no-trunc||Don't truncate output
q|quiet||Only show image IDs
|tree||List multi-platform images as a tree (EXPERIMENTAL)
",
    ],
    args: Args::AtMost(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

const COLUMNS: &[Column] = &[
    ("ID", "IMAGE ID"),
    ("Repository", "REPOSITORY"),
    ("Tag", "TAG"),
    ("Digest", "DIGEST"),
    ("CreatedSince", "CREATED"),
    ("CreatedAt", "CREATED AT"),
    ("Size", "SIZE"),
    ("Containers", "CONTAINERS"),
    ("VirtualSize", "SIZE"),
    ("SharedSize", "SHARED SIZE"),
    ("UniqueSize", "UNIQUE SIZE"),
];
/// `--format raw`, and with `--digests`.
const RAW: &str = "repository: {{.Repository}}\ntag: {{.Tag}}\nimage_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n";
const RAW_DIGESTS: &str = "repository: {{.Repository}}\ntag: {{.Tag}}\ndigest: {{.Digest}}\nimage_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n";
const NONE: &str = "<none>";

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    let mut filters = filters(&c);
    if !m.arg(0).is_empty() {
        filters.add("reference", m.arg(0));
    }
    let mut query = Query::default();
    if m.on("all") {
        query.push("all", "1");
    }
    if m.on("tree") {
        query.push("manifests", "1");
    }
    add_filters(&mut query, &filters);
    let images = c.client().get("/images/json", &query).await?;
    if m.on("tree") {
        return super::tree::show(&c, &images).await;
    }
    let (whole, digests, quiet) = (m.on("no-trunc"), m.on("digests"), m.on("quiet"));
    let mut rows = Vec::new();
    let format = m.text("format");
    let show_digests = digests || format.contains(".Digest");
    for image in images.as_array().into_iter().flatten() {
        for (repository, tag, digest) in names(image, show_digests) {
            rows.push(row(&c, image, whole, [repository, tag, digest]));
        }
    }
    let default = match digests {
        true => "{{.Repository}}\t{{.Tag}}\t{{.Digest}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}",
        false => "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}",
    };
    let raw = if digests { RAW_DIGESTS } else { RAW };
    let default = default.to_string();
    let listing = Listing { type_name: "*formatter.imageContext", columns: COLUMNS, default, raw, rows };
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

fn row(c: &Invocation, image: &Value, whole: bool, [repository, tag, digest]: [String; 3]) -> Row {
    let created = int(image, "Created");
    let size = |bytes: i64| if bytes < 0 { "N/A".to_string() } else { human_size_with(bytes as f64, 3) };
    let (total, shared, containers) = (int(image, "Size"), int(image, "SharedSize"), int(image, "Containers"));
    let unique = if shared < 0 { -1 } else { total - shared };
    Row::new(vec![
        ("ID", short_id(text(image, "Id"), whole)),
        ("Repository", repository),
        ("Tag", tag),
        ("Digest", digest),
        ("CreatedSince", ago(&c.sys, created)),
        ("CreatedAt", time::rfc3339(created).replace('T', " ").replace('Z', " +0000 UTC")),
        ("Size", size(total)),
        ("Containers", if containers < 0 { "N/A".to_string() } else { containers.to_string() }),
        ("VirtualSize", size(total)),
        ("SharedSize", size(shared)),
        ("UniqueSize", size(unique)),
    ])
}

/// The rows of an image: repository, tag, digest.
pub fn names(image: &Value, digests: bool) -> Vec<(String, String, String)> {
    let none = || NONE.to_string();
    let parsed =
        |key: &str| -> Vec<Reference> { texts(image, key).iter().filter_map(|r| Reference::parse(r).ok()).collect() };
    let (tags, by_digest) = (parsed("RepoTags"), parsed("RepoDigests"));
    if tags.is_empty() && by_digest.is_empty() {
        return vec![(none(), none(), none())];
    }
    let mut out = Vec::new();
    for tagged in &tags {
        let (name, tag) = (tagged.familiar_name(), tagged.tag.clone().unwrap_or_else(none));
        let same = by_digest.iter().filter(|d| digests && d.familiar_name() == name);
        let before = out.len();
        out.extend(same.map(|d| (name.clone(), tag.clone(), d.digest.clone().unwrap_or_else(none))));
        if out.len() == before {
            out.push((name, tag, none()));
        }
    }
    for reference in &by_digest {
        let name = reference.familiar_name();
        let tagged = tags.iter().any(|t| t.familiar_name() == name);
        let shown = out.iter().any(|(n, t, _)| *n == name && t == NONE);
        if !tagged && (digests || !shown) {
            let digest = if digests { reference.digest.clone().unwrap_or_else(none) } else { none() };
            out.push((name, none(), digest));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_a_row_for_each_tag() {
        let image = serde_json::json!({"RepoTags": ["redis:8", "redis:latest"], "RepoDigests": ["redis@sha256:80e76439a8267048af200d27adf12a79d4d2a73d38a3d35fff62fd74d68eb104"]});
        let plain: Vec<String> = names(&image, false).into_iter().map(|(n, t, d)| format!("{n} {t} {d}")).collect();
        assert_eq!(plain, ["redis 8 <none>", "redis latest <none>"]);
        assert!(names(&image, true)[0].2.starts_with("sha256:80e"));
        let dangling = serde_json::json!({"RepoTags": [], "RepoDigests": []});
        assert_eq!(names(&dangling, false)[0].0, "<none>");
        let untagged = serde_json::json!({"RepoTags": null, "RepoDigests": image["RepoDigests"]});
        assert_eq!(names(&untagged, false)[0].1, "<none>");
    }
}
