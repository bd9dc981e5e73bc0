//! `docker save`.

use docker_api::http::Query;

use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::output::{check_path, save};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["image save", "save"],
    usage: "[OPTIONS] IMAGE [IMAGE...]",
    short: "Save one or more images to a tar archive (streamed to STDOUT by default)",
    flags: &[r#"
o|output|string|Write to a file, instead of STDOUT
|platform|string|Save only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")
"#],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let output = c.matches.text("output");
    if output.is_empty() && c.sys.isatty(machine::Fd::STDOUT) {
        return fail("cowardly refusing to save to a terminal. Use the -o flag or redirect");
    }
    check_path(&c.sys, &output).map_err(|why| format!("failed to save image: {why}"))?;
    let mut query = Query::default();
    for name in &c.matches.args {
        query.push("names", name.clone());
    }
    let mut response = c.client().send("GET", "/images/get", &query, Body::None).await?;
    Ok(save(&c.sys, &output, &mut response).await?)
}
