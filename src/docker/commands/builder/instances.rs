//! `docker buildx create`, `rm` and `use`: builders that the client knows. They are files below `~/.docker/buildx`;
//! the only builder that builds is the one in the daemon.

use machine::Sys;
use serde_json::{Value, json};

use crate::cli::{Args, Invocation, Outcome, Spec, fail};

/// `docker buildx create`
pub const CREATE: Spec = Spec {
    shown: "buildx create",
    paths: &["buildx create", "~builder create"],
    usage: "[OPTIONS] [CONTEXT|ENDPOINT]",
    short: "Create a new builder instance",
    flags: &[r#"
|append||Append a node to builder instead of changing it
|bootstrap||Boot builder after creation
|buildkitd-config|string|BuildKit daemon config file
|buildkitd-flags|string|BuildKit daemon flags
D|debug||Enable debug logging
|driver|string|Driver to use (available: "docker-container", "kubernetes", "remote")
|driver-opt|stringArray|Options for the driver
|leave||Remove a node from builder instead of changing it
|name|string|Builder instance name
|node|string|Create/modify node with given name
|platform|stringArray|Fixed platforms for current node
|use||Set the current builder instance
"#],
    args: Args::AtMost(1),
    ..Spec::new(|c| Box::pin(create(c)))
};

/// `docker buildx rm`
pub const RM: Spec = Spec {
    shown: "buildx rm",
    paths: &["buildx rm", "~builder rm"],
    usage: "[OPTIONS] [NAME...]",
    short: "Remove one or more builder instances",
    flags: &[r"
|all-inactive||Remove all inactive builders
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
f|force||Do not prompt for confirmation
|keep-daemon||Keep the BuildKit daemon running
|keep-state||Keep BuildKit state
"],
    args: Args::Any,
    ..Spec::new(|c| Box::pin(remove(c)))
};

/// `docker buildx use`
pub const USE: Spec = Spec {
    shown: "buildx use",
    paths: &["buildx use", "~builder use"],
    usage: "[OPTIONS] NAME",
    short: "Set the current builder instance",
    flags: &[r"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
|default||Set builder as default for current context
|global||Builder persists context changes
"],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(switch(c)))
};

/// `docker buildx stop`
pub const STOP: Spec = Spec {
    shown: "buildx stop",
    paths: &["buildx stop", "~builder stop"],
    usage: "[NAME]",
    short: "Stop builder instance",
    flags: &[r"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
"],
    args: Args::AtMost(1),
    ..Spec::new(|c| Box::pin(stop(c)))
};

/// Where a builder that is made here is told to be.
pub const ENDPOINT: &str = "unix:///var/run/docker.sock";
/// What it is made by unless `--driver` says otherwise.
const DRIVER: &str = "docker-container";

/// A builder that was made.
pub struct Instance {
    /// Its name.
    pub name: String,
    /// What runs it.
    pub driver: String,
}

fn folder(sys: &Sys) -> String {
    let home = sys.env_var("HOME").unwrap_or_else(|| "/".into());
    format!("{}/.docker/buildx", home.trim_end_matches('/'))
}

fn path(sys: &Sys, name: &str) -> String {
    format!("{}/instances/{name}", folder(sys))
}

/// The builders that were made, by name.
pub fn all(sys: &Sys) -> Vec<Instance> {
    let names = sys.read_dir(&format!("{}/instances", folder(sys))).unwrap_or_default();
    let mut names: Vec<String> = names.into_iter().map(|e| e.name).filter(|n| !n.starts_with('.')).collect();
    names.sort();
    let read = |name: String| {
        let value: Value = serde_json::from_slice(&sys.read_file(&path(sys, &name)).ok()?).ok()?;
        let driver = value.get("Driver").and_then(Value::as_str).unwrap_or(DRIVER).to_string();
        Some(Instance { name, driver })
    };
    names.into_iter().filter_map(read).collect()
}

/// The builder in use; `default` is the daemon's.
pub fn current(sys: &Sys) -> String {
    let chosen = sys.read_file(&format!("{}/current", folder(sys))).ok();
    let value: Option<Value> = chosen.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let name = value.as_ref().and_then(|v| v.get("Name")?.as_str()).unwrap_or("");
    if all(sys).iter().any(|i| i.name == name) { name.to_string() } else { "default".to_string() }
}

fn choose(sys: &Sys, name: &str) -> Result<(), String> {
    let name = if name == "default" { "" } else { name };
    let text = json!({ "Key": ENDPOINT, "Name": name, "Global": false }).to_string();
    put(sys, &format!("{}/current", folder(sys)), text)
}

fn put(sys: &Sys, path: &str, text: String) -> Result<(), String> {
    let mut at = String::new();
    for part in path.split('/').filter(|p| !p.is_empty()) {
        if !at.is_empty() && sys.stat(&at).is_err() {
            let _ = sys.mkdir(&at, 0o700);
        }
        at = format!("{at}/{part}");
    }
    sys.put_file(path, text.into_bytes().into(), 0o600)
        .map_err(|e| format!("open {path}: {}", e.message().to_lowercase()))
}

fn known(sys: &Sys, name: &str) -> bool {
    name == "default" || all(sys).iter().any(|i| i.name == name)
}

async fn create(c: Invocation) -> Outcome {
    let m = &c.matches;
    for flag in ["append", "leave", "bootstrap", "buildkitd-config", "node"] {
        if m.changed(flag) {
            return fail(format!("ERROR: drydock: docker buildx create --{flag} is not emulated here"));
        }
    }
    let driver = m.given("driver").unwrap_or(DRIVER).to_string();
    if !matches!(driver.as_str(), "docker-container" | "kubernetes" | "remote") {
        return fail(format!("ERROR: failed to find driver {}", docker_api::text_quote(&driver)));
    }
    let name = m.text("name");
    let name = if name.is_empty() { random_name(&c.sys) } else { name };
    if name == "default"
        || name.starts_with('-')
        || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
    {
        let why = if name == "default" {
            "is a reserved name and cannot be used to identify builder instance"
        } else {
            "is not a valid name"
        };
        return fail(format!("ERROR: {name} {why}"));
    }
    if known(&c.sys, &name) {
        return fail(format!(
            "ERROR: existing instance for {} but no append mode, specify the node name to make changes for existing instances",
            docker_api::text_quote(&name)
        ));
    }
    let node = json!({ "Name": format!("{name}0"), "Endpoint": ENDPOINT, "Platforms": null, "Flags": null, "DriverOpts": {}, "Files": null });
    let text = json!({ "Name": name, "Driver": driver, "Nodes": [node], "Dynamic": false }).to_string();
    put(&c.sys, &path(&c.sys, &name), text)?;
    if m.on("use") {
        choose(&c.sys, &name)?;
    }
    c.println(&name).await;
    Ok(())
}

fn random_name(sys: &Sys) -> String {
    let mut bytes = [0; 4];
    sys.random(&mut bytes);
    let hex: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    format!("builder_{hex}")
}

async fn remove(c: Invocation) -> Outcome {
    let mut names = c.matches.args.clone();
    if c.matches.on("all-inactive") {
        names = all(&c.sys).into_iter().map(|i| i.name).collect();
    } else if names.is_empty() {
        names.push(current(&c.sys));
    }
    let mut failed = false;
    for name in names {
        if name == "default" {
            c.eprint(
                "ERROR: context builder cannot be removed, run `docker context rm default` to remove this context\n",
            )
            .await;
            failed = true;
        } else if !known(&c.sys, &name) {
            let quoted = docker_api::text_quote(&name);
            c.eprint(&format!("failed to remove {name}: no builder {quoted} found\n")).await;
            failed = true;
        } else {
            let _ = c.sys.unlink(&path(&c.sys, &name));
            c.eprint(&format!("{name} removed\n")).await;
        }
    }
    if failed { fail("ERROR: failed to remove one or more builders") } else { Ok(()) }
}

/// The daemon's own builder is never stopped, and no other one runs.
async fn stop(c: Invocation) -> Outcome {
    match c.matches.args.first() {
        Some(name) if !known(&c.sys, name) => fail(format!("ERROR: no builder {} found", docker_api::text_quote(name))),
        _ => Ok(()),
    }
}

async fn switch(c: Invocation) -> Outcome {
    let name = c.matches.arg(0);
    if !known(&c.sys, name) {
        return fail(format!(
            "ERROR: failed to find instance {}: open {}: no such file or directory",
            docker_api::text_quote(name),
            path(&c.sys, name)
        ));
    }
    choose(&c.sys, name)?;
    Ok(())
}
