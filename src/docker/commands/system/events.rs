//! `docker events`.

use docker_api::http::Query;
use docker_api::time;
use serde_json::Value;

use crate::api::{Body, JsonLines};
use crate::cli::{Invocation, Outcome, Spec, fail, fail_with};
use crate::commands::common::{add_filters, filters, int, text};
use crate::commands::moments;
use crate::format::template::{Mode, Root, Template};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["system events", "events"],
    usage: "[OPTIONS]",
    short: "Get real time events from the server",
    flags: &[r"
f|filter|filter|Filter output based on conditions provided
|format|string|Format output using a custom template:
 'json':             Print in JSON format
 'TEMPLATE':         Print output using the given Go template.
 Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates
|since|string|Show all events created since timestamp
|until|string|Stream events until this timestamp
"],
    ..Spec::new(|c| Box::pin(run(c)))
};

const BAD_TEMPLATE: i32 = 64;

async fn run(c: Invocation) -> Outcome {
    let source = match c.matches.text("format").as_str() {
        "json" => "{{json .}}".to_string(),
        other => other.to_string(),
    };
    let template = match Template::parse("", &source) {
        Ok(template) => template,
        Err(why) => return fail_with(BAD_TEMPLATE, format!("Error parsing format: {why}")),
    };
    let mut query = Query::default();
    for name in ["since", "until"] {
        let value = c.matches.text(name);
        if !value.is_empty() {
            query.push(name, moments::timestamp(&c.sys, &value)?);
        }
    }
    add_filters(&mut query, &filters(&c));
    let mut lines = JsonLines::new(c.client().send("GET", "/events", &query, Body::None).await?);
    while let Some(line) = lines.next().await? {
        let event: Value = serde_json::from_slice(&line).unwrap_or(Value::Null);
        if source.is_empty() {
            c.print(&plain(&event)).await;
            continue;
        }
        match template.execute(&event, &Root::of(Mode::Typed, "*events.Message")) {
            Ok(text) => c.println(&text).await,
            Err(why) => return fail(why),
        }
    }
    Ok(())
}

fn plain(event: &Value) -> String {
    let nanos = int(event, "timeNano");
    let moment = time::rfc3339_nano_fixed(nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000) as u32);
    let empty = Value::Null;
    let actor = event.get("Actor").unwrap_or(&empty);
    let mut out = format!("{moment} {} {} {}", text(event, "Type"), text(event, "Action"), text(actor, "ID"));
    let attributes = actor.get("Attributes").and_then(Value::as_object);
    if let Some(attributes) = attributes.filter(|a| !a.is_empty()) {
        let mut pairs: Vec<String> =
            attributes.iter().map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or(""))).collect();
        pairs.sort();
        out.push_str(&format!(" ({})", pairs.join(", ")));
    }
    out + "\n"
}
