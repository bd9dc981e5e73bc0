//! `docker inspect`.

use super::objects::{Inspector, Kind, find_any};
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::OBJECT_FORMAT;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["inspect"],
    usage: "[OPTIONS] NAME|ID [NAME|ID...]",
    short: "Return low-level information on Docker objects",
    flags: &[
        OBJECT_FORMAT,
        r"
s|size||Display total file sizes if the type is container
|type|string|Only inspect objects of the given type
",
    ],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

const SWARM: [&str; 6] = ["config", "node", "plugin", "secret", "service", "task"];

async fn run(c: Invocation) -> Outcome {
    let kind_name = c.matches.text("type");
    let size = c.matches.on("size");
    if c.matches.changed("type") && kind_name.is_empty() {
        return fail(
            "type is empty: must be one of \"config\", \"container\", \"image\", \"network\", \"node\", \"plugin\", \"secret\", \"service\", \"task\", \"volume\"",
        );
    }
    let kind = Kind::named(&kind_name);
    if kind.is_none() && !kind_name.is_empty() {
        if SWARM.contains(&kind_name.as_str()) {
            return fail(format!("drydock: inspecting a {kind_name} is not emulated here"));
        }
        return fail(format!(
            "unknown type: {}: must be one of \"config\", \"container\", \"image\", \"network\", \"node\", \"plugin\", \"secret\", \"service\", \"task\", \"volume\"",
            docker_api::text_quote(&kind_name)
        ));
    }
    let mut inspector = Inspector::new(&c.matches.text("format"))?;
    let client = c.client();
    for name in &c.matches.args {
        let found = match kind {
            Some(kind) => kind.get(&client, name, size, false).await.map_err(|e| e.to_string()),
            None => match find_any(&client, name, size).await {
                Ok((kind, value)) => {
                    if size && kind != Kind::Container {
                        c.eprint(&format!("WARNING: --size ignored for {}\n", kind.name())).await;
                    }
                    Ok(value)
                }
                Err(why) => Err(why),
            },
        };
        inspector.add(found);
    }
    inspector.finish(&c).await
}
