//! Contexts: names for daemons, kept below `~/.docker` as docker/cli keeps them.

use machine::Sys;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::cli::Matches;

/// The context that there always is: the daemon of this host, or whom `DOCKER_HOST` names.
pub const DEFAULT: &str = "default";
/// How the default one is described.
pub const DEFAULT_DESCRIPTION: &str = "Current DOCKER_HOST based configuration";

/// A context.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// For people.
    pub description: String,
    /// `unix:///var/run/docker.sock`
    pub host: String,
    /// Certificates are not looked at.
    pub skip_verify: bool,
}

/// `meta.json`
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Meta {
    name: String,
    metadata: Map<String, Value>,
    endpoints: Map<String, Value>,
}

impl Context {
    /// As it is kept.
    pub fn encode(&self) -> Vec<u8> {
        let mut metadata = Map::new();
        if !self.description.is_empty() {
            metadata.insert("Description".into(), self.description.clone().into());
        }
        let endpoint = json!({ "Host": self.host, "SkipTLSVerify": self.skip_verify });
        let endpoints = [("docker".to_string(), endpoint)].into_iter().collect();
        serde_json::to_vec(&Meta { name: self.name.clone(), metadata, endpoints }).unwrap_or_default()
    }

    /// The counterpart of [`Context::encode`].
    pub fn decode(data: &[u8]) -> Option<Context> {
        let meta: Meta = serde_json::from_slice(data).ok()?;
        let docker = meta.endpoints.get("docker");
        let host = docker.and_then(|d| d.get("Host")?.as_str()).unwrap_or("").to_string();
        let skip_verify = docker.and_then(|d| d.get("SkipTLSVerify")?.as_bool()).unwrap_or(false);
        let description = meta.metadata.get("Description").and_then(Value::as_str).unwrap_or("").to_string();
        Some(Context { name: meta.name, description, host, skip_verify })
    }
}

fn folder(sys: &Sys) -> String {
    let home = sys.env_var("HOME").unwrap_or_else(|| "/root".to_string());
    format!("{}/.docker", home.trim_end_matches('/'))
}

/// The directory of a context: `meta` or `tls`.
pub fn place(sys: &Sys, kind: &str, name: &str) -> String {
    let id = docker_api::ids::hex(&Sha256::digest(name.as_bytes()));
    format!("{}/contexts/{kind}/{id}", folder(sys))
}

/// Where the default context leads.
pub fn default_host(sys: &Sys) -> String {
    let own = sys.env_var("DOCKER_HOST").filter(|v| !v.is_empty());
    own.unwrap_or_else(|| format!("unix://{}", docker_api::DEFAULT_SOCKET))
}

/// The error text for a context that there is not.
pub fn missing(sys: &Sys, name: &str) -> String {
    format!(
        "context {}: context not found: open {}/meta.json: no such file or directory",
        docker_api::text_quote(name),
        place(sys, "meta", name)
    )
}

/// A context that was made.
pub fn find(sys: &Sys, name: &str) -> Option<Context> {
    Context::decode(&sys.read_file(&format!("{}/meta.json", place(sys, "meta", name))).ok()?)
}

/// All that were made, by name.
pub fn all(sys: &Sys) -> Vec<Context> {
    let dir = format!("{}/contexts/meta", folder(sys));
    let entries = sys.read_dir(&dir).unwrap_or_default();
    let read = |name: String| Context::decode(&sys.read_file(&format!("{dir}/{name}/meta.json")).ok()?);
    let mut out: Vec<Context> = entries.into_iter().filter_map(|e| read(e.name)).collect();
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

/// Keeps a context.
pub fn store(sys: &Sys, context: &Context) -> Result<(), String> {
    put(sys, &format!("{}/meta.json", place(sys, "meta", &context.name)), context.encode())
}

/// Forgets one.
pub fn forget(sys: &Sys, name: &str) {
    let dir = place(sys, "meta", name);
    let _ = sys.unlink(&format!("{dir}/meta.json"));
    let _ = sys.rmdir(&dir);
}

/// The context in use by flag, environment or choice.
pub fn current(sys: &Sys, global: &Matches) -> String {
    if let Some(name) = global.given("context") {
        return name.to_string();
    }
    let set = |name: &str| sys.env_var(name).filter(|v| !v.is_empty());
    if global.changed("host") || set("DOCKER_HOST").is_some() {
        return DEFAULT.to_string();
    }
    set("DOCKER_CONTEXT").unwrap_or_else(|| chosen(sys))
}

/// The context that `docker context use` chose.
pub fn chosen(sys: &Sys) -> String {
    let name = settings(sys).get("currentContext").and_then(Value::as_str).unwrap_or("").to_string();
    if name.is_empty() { DEFAULT.to_string() } else { name }
}

fn settings(sys: &Sys) -> Map<String, Value> {
    let data = sys.read_file(&format!("{}/config.json", folder(sys))).unwrap_or_default();
    serde_json::from_slice(&data).unwrap_or_default()
}

/// Chooses a context.
pub fn choose(sys: &Sys, name: &str) -> Result<(), String> {
    let mut settings = settings(sys);
    settings.entry("auths").or_insert_with(|| json!({}));
    match name {
        DEFAULT => drop(settings.remove("currentContext")),
        name => drop(settings.insert("currentContext".into(), name.into())),
    }
    let mut out = Vec::new();
    let indent = serde_json::ser::PrettyFormatter::with_indent(b"\t");
    let mut writer = serde_json::Serializer::with_formatter(&mut out, indent);
    settings.serialize(&mut writer).map_err(|e| e.to_string())?;
    out.push(b'\n');
    put(sys, &format!("{}/config.json", folder(sys)), out)
}

fn put(sys: &Sys, path: &str, data: Vec<u8>) -> Result<(), String> {
    let mut at = String::new();
    for part in path.split('/').filter(|p| !p.is_empty()) {
        if !at.is_empty() && sys.stat(&at).is_err() {
            let _ = sys.mkdir(&at, 0o700);
        }
        at = format!("{at}/{part}");
    }
    sys.put_file(path, data.into(), 0o600).map_err(|e| format!("open {path}: {}", e.message().to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_kept_as_json() {
        let context = Context {
            name: "yy".into(),
            description: "my ctx".into(),
            host: "unix:///var/run/docker.sock".into(),
            skip_verify: false,
        };
        let text = String::from_utf8(context.encode()).unwrap();
        assert_eq!(
            text,
            r#"{"Name":"yy","Metadata":{"Description":"my ctx"},"Endpoints":{"docker":{"Host":"unix:///var/run/docker.sock","SkipTLSVerify":false}}}"#
        );
        assert_eq!(Context::decode(text.as_bytes()), Some(context));
        assert_eq!(Context::decode(b"{"), None);
    }
}
