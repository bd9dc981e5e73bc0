//! `docker rmi`.

use docker_api::http::Query;

use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{part, text};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image rm", "image remove", "rmi"],
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    short: "Remove one or more images",
    flags: &[r#"
f|force||Force removal of the image
|no-prune||Do not delete untagged parents
|platform|strings|Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
"#],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let mut query = Query::default();
    let force = c.matches.on("force");
    if force {
        query.push("force", "1");
    }
    if c.matches.on("no-prune") {
        query.push("noprune", "1");
    }
    let (mut errors, mut fatal) = (Vec::new(), false);
    for name in &c.matches.args {
        match c.client().json("DELETE", &format!("/images/{}", part(name)), &query, Body::None).await {
            Ok(report) => {
                for item in report.as_array().into_iter().flatten() {
                    match text(item, "Deleted") {
                        "" => c.println(&format!("Untagged: {}", text(item, "Untagged"))).await,
                        deleted => c.println(&format!("Deleted: {deleted}")).await,
                    }
                }
            }
            Err(error) => {
                fatal |= !error.is_not_found();
                errors.push(error.to_string());
            }
        }
    }
    if errors.is_empty() {
        return Ok(());
    }
    if force && !fatal {
        c.eprint(&format!("{}\n", errors.join("\n"))).await;
        return Ok(());
    }
    fail(errors.join("\n"))
}
