//! `docker volume create`.

use docker_api::http::Query;
use docker_api::types::{Map, VolumeCreate};

use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::text;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["volume create"],
    usage: "[OPTIONS] [VOLUME]",
    short: "Create a volume",
    flags: &[r#"
d|driver|string|Specify volume driver name (default "local")
|label|list|Set metadata for a volume
o|opt|map|Set driver specific options (default map[])
|~name|string|Specify volume name
"#],
    args: Args::AtMost(1),
    check,
    ..Spec::new(|c| Box::pin(run(c)))
};

fn check(name: &str, value: &str) -> Result<(), String> {
    if name == "label" { crate::commands::container::option_values::label(value) } else { Ok(()) }
}

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    let name = match (m.arg(0), m.text("name")) {
        (argument, flag) if !argument.is_empty() && !flag.is_empty() => {
            return fail(
                "conflicting options: cannot specify a volume-name through both --name and as a positional arg",
            );
        }
        ("", flag) => flag,
        (argument, _) => argument.to_string(),
    };
    let pairs = |name: &str| -> Map<String> {
        let split = |t: &String| {
            let (k, v) = t.split_once('=').unwrap_or((t, ""));
            (k.to_string(), v.to_string())
        };
        m.all(name).iter().map(split).collect()
    };
    let body =
        VolumeCreate { driver: m.text("driver"), driver_opts: Some(pairs("opt")), labels: Some(pairs("label")), name };
    let answer = c.client().post_json("/volumes/create", &Query::default(), &body).await?;
    c.println(text(&answer, "Name")).await;
    Ok(())
}
