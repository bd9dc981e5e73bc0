//! Looking at objects: what all `inspect` commands share.

use docker_api::http::Query;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::common::part;
use crate::api::{ApiError, Client};
use crate::cli::{Failure, Invocation, Outcome, fail_with};
use crate::format::template::{Mode, Root, Template};

/// The status for a template that does not parse.
const BAD_TEMPLATE: i32 = 64;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A container.
    Container,
    /// An image.
    Image,
    /// A network.
    Network,
    /// A volume.
    Volume,
}

impl Kind {
    /// All, in the order in which `docker inspect` tries them.
    pub const ALL: [Kind; 4] = [Kind::Container, Kind::Image, Kind::Network, Kind::Volume];

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Kind> {
        match name {
            "container" => Some(Kind::Container),
            "image" => Some(Kind::Image),
            "network" => Some(Kind::Network),
            "volume" => Some(Kind::Volume),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Container => "container",
            Kind::Image => "image",
            Kind::Network => "network",
            Kind::Volume => "volume",
        }
    }

    /// Asks the daemon for an object.
    pub async fn get(self, client: &Client, name: &str, size: bool, verbose: bool) -> Result<Value, ApiError> {
        let mut query = Query::default();
        let path = match self {
            Kind::Container => {
                if size {
                    query.push("size", "1");
                }
                format!("/containers/{}/json", part(name))
            }
            Kind::Image => format!("/images/{}/json", part(name)),
            Kind::Network => {
                if verbose {
                    query.push("verbose", "true");
                }
                format!("/networks/{}", part(name))
            }
            Kind::Volume => format!("/volumes/{}", part(name)),
        };
        if name.trim().is_empty() {
            return Err(ApiError::Broken("invalid ID or name: value is empty".to_string()).for_kind(self));
        }
        client.get(&path, &query).await
    }
}

impl ApiError {
    fn for_kind(self, kind: Kind) -> ApiError {
        match kind {
            Kind::Container => ApiError::Broken("invalid container name or ID: value is empty".to_string()),
            _ => ApiError::Daemon(404, "no such object: ".to_string()),
        }
    }
}

/// Finds any object of this name; the error is `docker inspect`'s.
pub async fn find_any(client: &Client, name: &str, size: bool) -> Result<(Kind, Value), String> {
    for kind in Kind::ALL {
        match kind.get(client, name, size, false).await {
            Ok(value) => return Ok((kind, value)),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    Err(format!("Error: No such object: {name}"))
}

/// Shows the objects that `found` gives for each argument, and then the errors.
pub struct Inspector {
    template: Option<Template>,
    json: bool,
    values: Vec<Value>,
    text: String,
    errors: Vec<String>,
    /// Whether the client itself writes the JSON, and so escapes `<`, `>` and `&` as Go does.
    pub escape: bool,
}

impl Inspector {
    /// By `--format`, which may be empty.
    pub fn new(format: &str) -> Result<Inspector, Failure> {
        let template = match format {
            "" | "json" => None,
            source => match Template::parse("", source) {
                Ok(template) => Some(template),
                Err(why) => return fail_with(BAD_TEMPLATE, format!("template parsing error: {why}")),
            },
        };
        let json = format == "json";
        Ok(Inspector { template, json, values: Vec::new(), text: String::new(), errors: Vec::new(), escape: false })
    }

    /// Takes what was found for one argument.
    pub fn add(&mut self, found: Result<Value, String>) {
        let value = match found {
            Ok(value) => value,
            Err(why) => return self.errors.push(why),
        };
        let Some(template) = &self.template else { return self.values.push(value) };
        let known = typed_image(&value);
        let typed = template.execute(known.as_ref().unwrap_or(&value), &Root::of(Mode::Typed, "struct"));
        match typed.or_else(|_| template.execute(&value, &Root::of(Mode::Raw, "interface {}"))) {
            Ok(text) => {
                self.text.push_str(&text);
                self.text.push('\n');
            }
            Err(why) => self.errors.push(format!("template parsing error: {why}")),
        }
    }

    /// Prints everything.
    pub async fn finish(self, c: &Invocation) -> Outcome {
        let text = match &self.template {
            Some(_) if self.text.is_empty() => "\n".to_string(),
            Some(_) => self.text,
            None if self.json => Value::Array(self.values).to_string() + "\n",
            None if self.values.is_empty() => "[]\n".to_string(),
            None => indented(&Value::Array(self.values)) + "\n",
        };
        let text = match self.escape {
            true => text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"),
            false => text,
        };
        c.print(&text).await;
        if self.errors.is_empty() { Ok(()) } else { fail_with(1, self.errors.join("\n")) }
    }
}

/// An image as the client's own type holds it: the configuration in that type's order, without what is empty.
fn typed_image(value: &Value) -> Option<Value> {
    const ORDER: [&str; 13] = [
        "User",
        "ExposedPorts",
        "Env",
        "Entrypoint",
        "Cmd",
        "Volumes",
        "WorkingDir",
        "Labels",
        "StopSignal",
        "ArgsEscaped",
        "Healthcheck",
        "OnBuild",
        "Shell",
    ];
    let image = value.as_object().filter(|o| o.contains_key("RootFS"))?;
    let config = image.get("Config")?.as_object()?;
    let empty = |v: &Value| match v {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(on) => !on,
        Value::Number(_) => false,
    };
    let field = |name: &&str| Some((name.to_string(), config.get(*name).filter(|v| !empty(v))?.clone()));
    let mut config: Option<serde_json::Map<String, Value>> = Some(ORDER.iter().filter_map(field).collect());
    let mut typed = serde_json::Map::new();
    for (name, value) in image.iter().filter(|(name, _)| *name != "Config") {
        if name == "Architecture"
            && let Some(config) = config.take()
        {
            typed.insert("Config".to_string(), Value::Object(config));
        }
        typed.insert(name.clone(), value.clone());
    }
    Some(Value::Object(typed))
}

/// JSON indented by four.
pub fn indented(value: &Value) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut out, PrettyFormatter::with_indent(b"    "));
    let _ = value.serialize(&mut serializer);
    String::from_utf8(out).unwrap_or_default()
}

/// `docker KIND inspect`.
pub async fn inspect_kind(c: Invocation, kind: Kind) -> Outcome {
    let mut inspector = Inspector::new(&c.matches.text("format"))?;
    let (size, verbose) = (c.matches.on("size"), c.matches.on("verbose"));
    for name in &c.matches.args {
        let found = kind.get(&c.client(), name, size, verbose).await;
        inspector.add(found.map_err(|e| e.to_string()));
    }
    inspector.finish(&c).await
}
