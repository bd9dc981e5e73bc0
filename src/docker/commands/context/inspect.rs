//! `docker context inspect`.

use serde_json::json;

use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::objects::Inspector;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["context inspect"],
    usage: "[OPTIONS] [CONTEXT] [CONTEXT...]",
    short: "Display detailed information on one or more contexts",
    flags: &[r"
f|format|string|Format output using a custom template:
 'json':             Print in JSON format
 'TEMPLATE':         Print output using the given Go template.
 Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates
"],
    args: Args::Any,
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let mut inspector = Inspector::new(&c.matches.text("format"))?;
    inspector.escape = true;
    let names = if c.matches.args.is_empty() { vec!["default".to_string()] } else { c.matches.args.clone() };
    for name in names {
        inspector.add(match name.as_str() {
            "default" => Ok(json!({
                "Name": "default", "Metadata": {},
                "Endpoints": { "docker": { "Host": c.host.url(), "SkipTLSVerify": false } },
                "TLSMaterial": {},
                "Storage": { "MetadataPath": "<IN MEMORY>", "TLSPath": "<IN MEMORY>" },
            })),
            other => Err(format!("context \"{other}\": drydock: contexts other than default are not emulated here")),
        });
    }
    inspector.finish(&c).await
}
