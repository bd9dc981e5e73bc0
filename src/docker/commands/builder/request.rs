//! What both builders are asked: the parameters and the context.

use docker_api::http::Query;
use docker_api::reference::Reference;
use machine::{Fd, Sys};
use serde_json::{Map, Value};

use crate::archive::{build_context, is_tar, lone_dockerfile};
use crate::cli::{Invocation, Matches};

/// A context from standard input may not be larger.
const MAX_INPUT: usize = 256 * 1024 * 1024;

/// The parameters of `POST /build` that both builders share.
pub fn build_query(sys: &Sys, m: &Matches) -> Result<Query, String> {
    let mut query = Query::default();
    for tag in m.all("tag") {
        let bad = |why: &str| format!("invalid tag {}: {why}", docker_api::text_quote(&tag));
        match Reference::parse(&tag) {
            Ok(reference) if reference.digest.is_none() => query.push("t", tag.clone()),
            Ok(_) => return Err(bad("refusing to create a tag with a digest reference")),
            Err(_) if tag.chars().any(char::is_uppercase) => return Err(bad("repository name must be lowercase")),
            Err(why) => return Err(bad(&why)),
        }
    }
    let mut build_args = Map::new();
    for argument in m.all("build-arg") {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) => (name, Value::String(value.to_string())),
            None => (argument.as_str(), sys.env_var(&argument).map_or(Value::Null, Value::String)),
        };
        build_args.insert(name.to_string(), value);
    }
    if !build_args.is_empty() {
        query.push("buildargs", Value::Object(build_args).to_string());
    }
    let label = |text: &String| {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        (key.to_string(), Value::String(value.to_string()))
    };
    let labels: Map<String, Value> = m.all("label").iter().map(label).collect();
    if !labels.is_empty() {
        query.push("labels", Value::Object(labels).to_string());
    }
    for (flag, parameter) in [("no-cache", "nocache"), ("pull", "pull"), ("quiet", "q")] {
        if m.on(flag) {
            query.push(parameter, "1");
        }
    }
    for (flag, parameter) in [("target", "target"), ("platform", "platform"), ("network", "networkmode")] {
        if let Some(value) = m.given(flag) {
            query.push(parameter, value);
        }
    }
    let hosts = m.all("add-host");
    if !hosts.is_empty() {
        query.push("extrahosts", hosts.join(","));
    }
    query.push("rm", "1");
    Ok(query)
}

/// What `--secret` names, with its content: `id=token[,src=FILE|env=NAME]`.
pub fn secrets(sys: &Sys, m: &Matches) -> Result<Map<String, Value>, String> {
    let mut all = Map::new();
    for text in m.all("secret") {
        let (mut id, mut source, mut variable) = (String::new(), String::new(), String::new());
        let mut kind = String::new();
        for field in text.split(',') {
            let Some((key, value)) = field.split_once('=') else {
                return Err(format!("failed to build: invalid field '{field}' must be a key=value pair"));
            };
            match key.to_lowercase().as_str() {
                "type" if matches!(value, "file" | "env") => kind = value.to_string(),
                "type" => {
                    return Err(format!("failed to build: unsupported secret type {}", docker_api::text_quote(value)));
                }
                "id" => id = value.to_string(),
                "source" | "src" => source = value.to_string(),
                "env" => variable = value.to_string(),
                other => {
                    return Err(format!("failed to build: unexpected key '{other}' in '{field}'"));
                }
            }
        }
        if kind == "env" && variable.is_empty() {
            variable = std::mem::take(&mut source);
        }
        // Without a source it is the variable of that name, else the file.
        let from_variable = |name: &str| (!name.is_empty()).then(|| sys.env_var(name)).flatten();
        let value = match (source.as_str(), variable.as_str()) {
            ("", "") => from_variable(&id),
            ("", name) => Some(from_variable(name).unwrap_or_default()),
            _ => None,
        };
        let value = match value {
            Some(value) => value,
            None => {
                let path = if source.is_empty() { &id } else { &source };
                let data = sys.read_file(path).map_err(|errno| {
                    format!("failed to stat {path}: stat {path}: {}", errno.message().to_lowercase())
                })?;
                String::from_utf8_lossy(&data).into_owned()
            }
        };
        all.insert(id, Value::String(value));
    }
    Ok(all)
}

/// The parameters with the secrets. (In reality they travel in the session; what receives them is the same daemon.)
pub fn with_secrets(mut query: Query, secrets: Map<String, Value>) -> Query {
    if !secrets.is_empty() {
        query.push("secrets", Value::Object(secrets).to_string());
    }
    query
}

/// Whether a context is somewhere else.
pub fn is_remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("git@") || path.starts_with("github.com/")
}

/// The context's archive, and the Dockerfile's name in it.
pub async fn context(c: &Invocation) -> Result<(Vec<u8>, String), String> {
    let (path, dockerfile) = (c.matches.arg(0), c.matches.text("file"));
    let input = || async {
        let data = c.sys.read_to_end(Fd::STDIN, MAX_INPUT).await;
        data.map_err(|e| format!("failed to read from STDIN: {}", e.message().to_lowercase()))
    };
    if path == "-" {
        if dockerfile == "-" {
            return Err("invalid argument: can't use stdin for both build context and dockerfile".to_string());
        }
        let data = input().await?;
        if is_tar(&data) {
            return Ok((data, if dockerfile.is_empty() { "Dockerfile".to_string() } else { dockerfile }));
        }
        return Ok((lone_dockerfile(data), "Dockerfile".to_string()));
    }
    if is_remote(path) {
        return Err("drydock: building from a URL is not emulated here".to_string());
    }
    match c.sys.stat(path) {
        Ok(attr) if attr.is_dir() => {}
        Ok(_) => return Err(format!("unable to prepare context: context must be a directory: {path}")),
        Err(_) => return Err(format!("unable to prepare context: path {} not found", docker_api::text_quote(path))),
    }
    let here = c.sys.getcwd().unwrap_or_else(|_| "/".to_string());
    if dockerfile == "-" {
        let written = input().await?;
        let (archive, name) = crate::archive::context_with(&c.sys, path, &here, written).await?;
        return Ok((archive, name));
    }
    build_context(&c.sys, path, &dockerfile, &here).await
}
