//! `docker context inspect`.

use serde_json::{Value, json};

use crate::api::contexts::{self, Context, DEFAULT};
use crate::cli::{Args, Invocation, Outcome, Spec};
use crate::commands::common::OBJECT_FORMAT;
use crate::commands::objects::Inspector;

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["context inspect"],
    usage: "[OPTIONS] [CONTEXT] [CONTEXT...]",
    short: "Display detailed information on one or more contexts",
    flags: &[OBJECT_FORMAT],
    args: Args::Any,
    ..Spec::new(|c| Box::pin(run(c)))
};

async fn run(c: Invocation) -> Outcome {
    let mut inspector = Inspector::new(&c.matches.text("format"))?;
    inspector.escape = true;
    let names = if c.matches.args.is_empty() { vec![c.context.clone()] } else { c.matches.args.clone() };
    for name in names {
        inspector.add(if name == DEFAULT {
            Ok(default(&c))
        } else {
            contexts::find(&c.sys, &name).map(|found| view(&c, &found)).ok_or_else(|| contexts::missing(&c.sys, &name))
        });
    }
    inspector.finish(&c).await
}

fn default(c: &Invocation) -> Value {
    json!({
        "Name": DEFAULT, "Metadata": {},
        "Endpoints": { "docker": { "Host": contexts::default_host(&c.sys), "SkipTLSVerify": false } },
        "TLSMaterial": {},
        "Storage": { "MetadataPath": "<IN MEMORY>", "TLSPath": "<IN MEMORY>" },
    })
}

fn view(c: &Invocation, context: &Context) -> Value {
    let metadata = match context.description.as_str() {
        "" => json!({}),
        text => json!({ "Description": text }),
    };
    json!({
        "Name": context.name, "Metadata": metadata,
        "Endpoints": { "docker": { "Host": context.host, "SkipTLSVerify": context.skip_verify } },
        "TLSMaterial": {},
        "Storage": {
            "MetadataPath": contexts::place(&c.sys, "meta", &context.name),
            "TLSPath": contexts::place(&c.sys, "tls", &context.name),
        },
    })
}
