//! `docker info`.

use docker_api::http::Query;
use docker_api::units::bytes_size;
use serde_json::{Value, json};

use crate::api::ApiError;
use crate::cli::{Invocation, Outcome, Spec, fail, fail_with};
use crate::commands::common::{OBJECT_FORMAT, int, list, text, texts};
use crate::commands::{BUILDX_VERSION, COMPOSE_VERSION, VERSION};
use crate::format::template::{Mode, Root, Template};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["system info", "info"],
    usage: "[OPTIONS]",
    short: "Display system-wide information",
    flags: &[OBJECT_FORMAT],
    ..Spec::new(|c| Box::pin(run(c)))
};

const BAD_TEMPLATE: i32 = 64;

async fn run(c: Invocation) -> Outcome {
    let format = c.matches.text("format");
    let answer = c.client().get("/info", &Query::default()).await;
    if format.is_empty() {
        c.print(&client_text()).await;
        c.print("\nServer:\n").await;
        return match answer {
            Ok(info) => {
                c.print(&server_text(&info)).await;
                c.println("").await;
                Ok(())
            }
            Err(error) => fail(error.to_string()),
        };
    }
    let (mut info, problem) = match answer {
        Ok(info) => (info, None),
        Err(error) => (json!({}), Some(error)),
    };
    if let Some(object) = info.as_object_mut() {
        object.insert("ClientInfo".to_string(), client_json());
    }
    render(&c, &format, &info, problem).await
}

async fn render(c: &Invocation, format: &str, info: &Value, problem: Option<ApiError>) -> Outcome {
    let source = if format == "json" { "{{json .}}" } else { format };
    let template = match Template::parse("", source) {
        Ok(template) => template,
        Err(why) => return fail_with(BAD_TEMPLATE, format!("template parsing error: {why}")),
    };
    let shown = template.execute(info, &Root::of(Mode::Typed, "system.dockerInfo"));
    match (shown, problem) {
        (_, Some(problem)) => fail(problem.to_string()),
        (Ok(text), None) => {
            c.println(&text).await;
            Ok(())
        }
        (Err(why), None) => fail(why),
    }
}

fn client_json() -> Value {
    json!({ "Debug": false, "Version": VERSION, "Context": "default", "Plugins": [], "Warnings": null })
}

fn client_text() -> String {
    format!(
        "Client:\n Version:    {VERSION}\n Context:    default\n Debug Mode: false\n Plugins:\n  \
         buildx: Docker Buildx (Docker Inc.)\n    Version:  {BUILDX_VERSION}\n    \
         Path:     /usr/libexec/docker/cli-plugins/docker-buildx\n  \
         compose: Docker Compose (Docker Inc.)\n    Version:  {COMPOSE_VERSION}\n    \
         Path:     /usr/libexec/docker/cli-plugins/docker-compose\n"
    )
}

fn server_text(info: &Value) -> String {
    let mut out = String::new();
    let mut line = |key: &str, value: &str| out.push_str(&format!(" {key}: {value}\n"));
    for (title, key) in [
        ("Containers", "Containers"),
        (" Running", "ContainersRunning"),
        (" Paused", "ContainersPaused"),
        (" Stopped", "ContainersStopped"),
        ("Images", "Images"),
    ] {
        line(title, &int(info, key).to_string());
    }
    line("Server Version", text(info, "ServerVersion"));
    line("Storage Driver", text(info, "Driver"));
    for pair in list(info, "DriverStatus") {
        let cell = |i: usize| pair.get(i).and_then(Value::as_str).unwrap_or("");
        line(&format!(" {}", cell(0)), cell(1));
    }
    line("Logging Driver", text(info, "LoggingDriver"));
    line("Cgroup Driver", text(info, "CgroupDriver"));
    line("Cgroup Version", text(info, "CgroupVersion"));
    out.push_str(" Plugins:\n");
    let empty = Value::Null;
    let plugins = info.get("Plugins").unwrap_or(&empty);
    for key in ["Volume", "Network", "Log"] {
        let names = texts(plugins, key);
        if !names.is_empty() {
            out.push_str(&format!("  {key}: {}\n", names.join(" ")));
        }
    }
    let directories = texts(info, "CDISpecDirs");
    if !directories.is_empty() {
        out.push_str(" CDI spec directories:\n");
        directories.iter().for_each(|d| out.push_str(&format!("  {d}\n")));
    }
    out + &runtime_text(info)
}

fn runtime_text(info: &Value) -> String {
    let mut out = String::new();
    let pointer = |path: &str| info.pointer(path).and_then(Value::as_str).unwrap_or("").to_string();
    let on = |key: &str| info.get(key).and_then(Value::as_bool).unwrap_or(false).to_string();
    let runtimes: Vec<&str> =
        info.get("Runtimes").and_then(Value::as_object).into_iter().flatten().map(|(k, _)| k.as_str()).collect();
    for (key, value) in [
        ("Swarm", pointer("/Swarm/LocalNodeState")),
        ("Runtimes", runtimes.join(" ")),
        ("Default Runtime", pointer("/DefaultRuntime")),
        ("Init Binary", pointer("/InitBinary")),
        ("containerd version", pointer("/ContainerdCommit/ID")),
        ("runc version", pointer("/RuncCommit/ID")),
        ("init version", pointer("/InitCommit/ID")),
    ] {
        out.push_str(&format!(" {key}: {value}\n"));
    }
    let security = texts(info, "SecurityOptions");
    if !security.is_empty() {
        out.push_str(" Security Options:\n");
        for option in security {
            for part in option.split(',') {
                match part.split_once('=') {
                    Some(("name", name)) => out.push_str(&format!("  {name}\n")),
                    Some((key, value)) => out.push_str(&format!("   {}: {value}\n", capital(key))),
                    None => {}
                }
            }
        }
    }
    for (key, value) in [
        ("Kernel Version", pointer("/KernelVersion")),
        ("Operating System", pointer("/OperatingSystem")),
        ("OSType", pointer("/OSType")),
        ("Architecture", pointer("/Architecture")),
        ("CPUs", int(info, "NCPU").to_string()),
        ("Total Memory", bytes_size(int(info, "MemTotal") as f64)),
        ("Name", pointer("/Name")),
        ("ID", pointer("/ID")),
        ("Docker Root Dir", pointer("/DockerRootDir")),
        ("Debug Mode", on("Debug")),
        ("Experimental", on("ExperimentalBuild")),
    ] {
        out.push_str(&format!(" {key}: {value}\n"));
    }
    let registries = info.pointer("/RegistryConfig/InsecureRegistryCIDRs").and_then(Value::as_array);
    if let Some(registries) = registries.filter(|r| !r.is_empty()) {
        out.push_str(" Insecure Registries:\n");
        registries.iter().filter_map(Value::as_str).for_each(|r| out.push_str(&format!("  {r}\n")));
    }
    out + &format!(" Live Restore Enabled: {}\n", on("LiveRestoreEnabled"))
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
