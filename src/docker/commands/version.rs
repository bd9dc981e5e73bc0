//! `docker version`.

use docker_api::API_VERSION;
use docker_api::http::Query;
use serde_json::{Value, json};

use super::common::{list, text};
use super::{BUILT, GIT_COMMIT, GO_VERSION, VERSION};
use crate::cli::{Invocation, Outcome, Spec, fail, fail_with};
use crate::commands::common::OBJECT_FORMAT;
use crate::format::template::{Mode, Root, Template};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["version"],
    usage: "[OPTIONS]",
    short: "Show the Docker version information",
    flags: &[OBJECT_FORMAT],
    ..Spec::new(|c| Box::pin(run(c)))
};

const BAD_TEMPLATE: i32 = 64;

async fn run(c: Invocation) -> Outcome {
    let format = c.matches.text("format");
    let source = if format == "json" { "{{json .}}" } else { &format };
    let template = match Template::parse("version", source) {
        Ok(template) => template,
        Err(why) => return fail_with(BAD_TEMPLATE, format!("template parsing error: {why}")),
    };
    let answer = c.client().get("/version", &Query::default()).await;
    if format.is_empty() {
        c.print(&client_text()).await;
        return match answer {
            Ok(server) => {
                c.print(&server_text(&server)).await;
                Ok(())
            }
            Err(error) => fail(error.to_string()),
        };
    }
    let data = json!({ "Client": client_json(), "Server": answer.as_ref().unwrap_or(&Value::Null) });
    match template.execute(&data, &Root::of(Mode::Typed, "system.versionInfo")) {
        Ok(text) => c.println(&text).await,
        Err(why) => {
            c.println("").await;
            return fail(why);
        }
    }
    match answer {
        Ok(_) => Ok(()),
        Err(error) => fail(error.to_string()),
    }
}

fn client_json() -> Value {
    json!({
        "Version": VERSION, "ApiVersion": API_VERSION, "DefaultAPIVersion": API_VERSION, "GitCommit": GIT_COMMIT,
        "GoVersion": GO_VERSION, "Os": "linux", "Arch": "amd64", "BuildTime": BUILT, "Context": "default",
    })
}

fn client_text() -> String {
    format!(
        "Client:\n Version:           {VERSION}\n API version:       {API_VERSION}\n Go version:        {GO_VERSION}\n \
         Git commit:        {GIT_COMMIT}\n Built:             {BUILT}\n OS/Arch:           linux/amd64\n \
         Context:           default\n"
    )
}

fn server_text(server: &Value) -> String {
    let platform = server.pointer("/Platform/Name").and_then(Value::as_str).unwrap_or("");
    let mut out = if platform.is_empty() { "\nServer:\n".to_string() } else { format!("\nServer: {platform}\n") };
    for component in list(server, "Components") {
        out.push_str(&format!(" {}:\n  Version:          {}\n", text(component, "Name"), text(component, "Version")));
        let empty = Value::Null;
        let details = component.get("Details").unwrap_or(&empty);
        let line = |title: &str, value: &str| format!("  {title:<18}{value}\n");
        if text(component, "Name") == "Engine" {
            let api = format!("{} (minimum version {})", text(details, "ApiVersion"), text(details, "MinAPIVersion"));
            out.push_str(&line("API version:", &api));
            out.push_str(&line("Go version:", text(details, "GoVersion")));
            out.push_str(&line("Git commit:", text(details, "GitCommit")));
            out.push_str(&line("Built:", &built(text(details, "BuildTime"))));
            out.push_str(&line("OS/Arch:", &format!("{}/{}", text(details, "Os"), text(details, "Arch"))));
            out.push_str(&line("Experimental:", text(details, "Experimental")));
        } else {
            for (key, value) in details.as_object().into_iter().flatten() {
                out.push_str(&line(&format!("{key}:"), value.as_str().unwrap_or("")));
            }
        }
    }
    out
}

/// A build time of RFC 3339 as C's `asctime` shows it.
fn built(text: &str) -> String {
    let Some((seconds, _)) = docker_api::time::parse_rfc3339(text) else { return text.to_string() };
    machine::calendar::strftime("%a %b %e %H:%M:%S %Y", seconds)
}
