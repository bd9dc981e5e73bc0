//! Build contexts: a directory as an archive, without what `.dockerignore` names.

use docker_api::mounts::clean;
use docker_api::types::OUTSIDE;
use machine::Sys;

use super::ignore::IgnoreRules;
use super::tree::pack;
use super::ustar::{Entry, EntryKind, Writer};

const IGNORE_FILE: &str = ".dockerignore";

fn plain_file(path: &str, data: Vec<u8>) -> Entry {
    Entry {
        path: path.into(),
        kind: EntryKind::File,
        mode: 0o644,
        owner: (0, 0),
        mtime: 0,
        target: String::new(),
        data,
    }
}

/// The archive of the directory `directory` and the Dockerfile's name in it. `dockerfile` is as given,
/// relative to the working directory `here`, or empty.
pub async fn build_context(
    sys: &Sys,
    directory: &str,
    dockerfile: &str,
    here: &str,
) -> Result<(Vec<u8>, String), String> {
    let root = absolute(directory, here);
    let wanted = if dockerfile.is_empty() { format!("{root}/Dockerfile") } else { absolute(dockerfile, here) };
    let wanted = clean(&wanted);
    let inside = wanted.strip_prefix(&format!("{}/", root.trim_end_matches('/'))).map(str::to_string);
    let rules = ignore_rules(sys, &root, inside.as_deref());
    let mut writer = Writer::default();
    let keep = |name: &str| name == IGNORE_FILE || inside.as_deref() == Some(name) || !rules.ignores(name);
    pack(sys, &mut writer, &root, "", &keep).await?;
    let name = match inside {
        Some(name) => name,
        None => match sys.read_file(&wanted) {
            Ok(data) => {
                let name = format!("{OUTSIDE}/{}", wanted.rsplit('/').next().unwrap_or("Dockerfile"));
                writer.add(&plain_file(&name, data));
                name
            }
            // The builder says that it is not there, by the name that was given.
            Err(_) => wanted.rsplit('/').next().unwrap_or("Dockerfile").to_string(),
        },
    };
    Ok((writer.finish(), name))
}

/// The archive of a directory with a Dockerfile that came from elsewhere.
pub async fn context_with(
    sys: &Sys,
    directory: &str,
    here: &str,
    dockerfile: Vec<u8>,
) -> Result<(Vec<u8>, String), String> {
    let root = absolute(directory, here);
    let rules = ignore_rules(sys, &root, None);
    let mut writer = Writer::default();
    pack(sys, &mut writer, &root, "", &|name| name == IGNORE_FILE || !rules.ignores(name)).await?;
    let name = format!("{OUTSIDE}/Dockerfile");
    writer.add(&plain_file(&name, dockerfile));
    Ok((writer.finish(), name))
}

/// An archive of nothing but a Dockerfile.
pub fn lone_dockerfile(data: Vec<u8>) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.add(&plain_file("Dockerfile", data));
    writer.finish()
}

fn absolute(path: &str, here: &str) -> String {
    if path.starts_with('/') { clean(path) } else { clean(&format!("{here}/{path}")) }
}

fn ignore_rules(sys: &Sys, root: &str, dockerfile: Option<&str>) -> IgnoreRules {
    let own = dockerfile.and_then(|name| sys.read_file(&format!("{root}/{name}.dockerignore")).ok());
    let data = own.or_else(|| sys.read_file(&format!("{root}/{IGNORE_FILE}")).ok());
    data.map(|d| IgnoreRules::parse(&String::from_utf8_lossy(&d))).unwrap_or_default()
}
