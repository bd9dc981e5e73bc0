//! `docker cp`.

use docker_api::http::{Query, TAR};
use docker_api::mounts::clean;
use docker_api::units::human_size_with;
use machine::Fd;
use serde_json::Value;

use crate::api::{ApiError, Body};
use crate::archive::{EntryKind, Reader, Writer, extract, pack};
use crate::cli::{Args, Failure, Invocation, Outcome, Spec, fail, write_out};
use crate::commands::common::{base64, part, text};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container cp", "cp"],
    usage: "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\tdocker cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
    short: "Copy files/folders between a container and the local filesystem",
    long: r"Copy files/folders between a container and the local filesystem

Use '-' as the source to read a tar archive from stdin
and extract it to a directory destination in a container.
Use '-' as the destination to stream a tar archive of a
container source to stdout.",
    flags: &[r"
a|archive||Archive mode (copy all uid/gid information)
L|follow-link||Always follow symbol link in SRC_PATH
q|quiet||Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached
"],
    args: Args::Exactly(2),
    ..Spec::new(|c| Box::pin(run(c)))
};

const MAX_INPUT: usize = 1024 * 1024 * 1024;

/// `container:path`, or a path of the host.
fn split(argument: &str) -> (Option<&str>, &str) {
    if argument.starts_with(['/', '.']) {
        return (None, argument);
    }
    match argument.split_once(':') {
        Some((container, path)) => (Some(container), path),
        None => (None, argument),
    }
}

async fn run(c: Invocation) -> Outcome {
    let (source, target) = (c.matches.arg(0).to_string(), c.matches.arg(1).to_string());
    if source.is_empty() {
        return fail("source can not be empty");
    }
    if target.is_empty() {
        return fail("destination can not be empty");
    }
    match (split(&source), split(&target)) {
        ((Some(_), _), (Some(_), _)) => fail("copying between containers is not supported"),
        ((None, _), (None, _)) => fail("must specify at least one container source"),
        ((Some(container), path), (None, to)) => from_container(&c, container, path, to).await,
        ((None, path), (Some(container), to)) => to_container(&c, container, path, to).await,
    }
}

async fn told(c: &Invocation, bytes: usize, to: &str) {
    if c.matches.on("quiet") || !c.matches.changed("quiet") && !c.sys.isatty(Fd::STDOUT) {
        return;
    }
    // Progress is shown only where it takes a while.
    c.eprint(&format!("Successfully copied {} to {to}\n", human_size_with(bytes as f64, 3))).await;
}

fn absolute(c: &Invocation, path: &str) -> String {
    let here = c.sys.getcwd().unwrap_or_default();
    if path.starts_with('/') { clean(path) } else { clean(&format!("{here}/{path}")) }
}

fn base(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or("")
}

async fn from_container(c: &Invocation, container: &str, path: &str, to: &str) -> Outcome {
    let place = absolute(c, to);
    let shown = as_typed(&place, to);
    if to != "-" {
        let parent = place.rsplit_once('/').map_or("", |(parent, _)| parent);
        if !parent.is_empty() && c.sys.stat(parent).is_err() {
            return fail(format!("invalid output path: directory \"{parent}\" does not exist"));
        }
    }
    let url = format!("/containers/{}/archive", part(container));
    let mut query = Query::default();
    let path = match c.matches.on("follow-link") {
        true => &followed(c, container, path).await,
        false => path,
    };
    query.push("path", path);
    let mut response = c.client().send("GET", &url, &query, Body::None).await?;
    if to == "-" {
        while let Some(data) = response.chunk().await? {
            write_out(&c.sys, Fd::STDOUT, &data).await;
        }
        return Ok(());
    }
    let archive = response.body().await?;
    let Some(first) = Reader::new(&archive).next() else { return Ok(()) };
    let root = first.path.trim_end_matches('/').split('/').next().unwrap_or("").to_string();
    let there = c.sys.stat(&place).ok();
    let is_directory = there.as_ref().is_some_and(|a| a.is_dir());
    let contents = path.ends_with("/.");
    let from_directory = first.kind == EntryKind::Directory;
    let refusal = match there.is_some() {
        true if !is_directory && from_directory => "cannot copy directory",
        false if !from_directory && to.ends_with(['/', '.']) => "no such directory",
        _ => "",
    };
    if !refusal.is_empty() {
        told(c, 0, &shown).await;
        return fail(refusal);
    }
    // The archive's root becomes the target itself unless the target is a directory to put it into.
    let (under, new_root) = match (is_directory, contents) {
        (true, true) => (place.clone(), String::new()),
        (true, false) => (place.clone(), root.clone()),
        (false, _) => {
            let (parent, name) = place.rsplit_once('/').unwrap_or(("", &place));
            (if parent.is_empty() { "/" } else { parent }.to_string(), name.to_string())
        }
    };
    let rename = |name: &str| {
        let rest = name.strip_prefix(&root)?.trim_start_matches('/');
        Some(match (new_root.as_str(), rest) {
            (root, "") => root.to_string(),
            ("", rest) => rest.to_string(),
            (root, rest) => format!("{root}/{rest}"),
        })
    };
    let unpacked = extract(&c.sys, &archive, &under, &rename).await;
    // That all came over is told even where it could not be written.
    told(c, archive.len(), &shown).await;
    Ok(unpacked?)
}

/// A path made absolute, with the dot or slash that it was typed with.
fn as_typed(place: &str, typed: &str) -> String {
    let place = place.trim_end_matches('/');
    match typed.rsplit('/').next() {
        Some("") => format!("{place}/"),
        Some(".") => format!("{place}/."),
        _ if place.is_empty() => "/".to_string(),
        _ => place.to_string(),
    }
}

/// Where a link in the container leads; other paths stay as they are.
async fn followed(c: &Invocation, container: &str, path: &str) -> String {
    let mut query = Query::default();
    query.push("path", path);
    let url = format!("/containers/{}/archive", part(container));
    let Ok(response) = c.client().send("HEAD", &url, &query, Body::None).await else { return path.to_string() };
    let stat = path_stat(response.head.headers.get("X-Docker-Container-Path-Stat").unwrap_or(""));
    let target = text(&stat, "linkTarget");
    match (target.is_empty(), target.starts_with('/'), path.trim_end_matches('/').rsplit_once('/')) {
        (true, ..) => path.to_string(),
        (_, true, _) => target.to_string(),
        (_, _, Some((parent, _))) => clean(&format!("{parent}/{target}")),
        _ => target.to_string(),
    }
}

async fn to_container(c: &Invocation, container: &str, path: &str, to: &str) -> Outcome {
    let client = c.client();
    let url = format!("/containers/{}/archive", part(container));
    let mut query = Query::default();
    query.push("path", to);
    let found = match client.send("HEAD", &url, &query, Body::None).await {
        Ok(response) => {
            Some(is_directory(&path_stat(response.head.headers.get("X-Docker-Container-Path-Stat").unwrap_or(""))))
        }
        Err(error @ ApiError::Unreachable(_)) => return fail(error.to_string()),
        // The answer to HEAD has no text: a container that is not there refuses the upload again.
        Err(_) => None,
    };
    let directory = found == Some(true);
    let data;
    let place;
    if path == "-" {
        if !directory {
            return fail(format!("destination \"{container}:{to}\" must be a directory"));
        }
        data = c.sys.read_to_end(Fd::STDIN, MAX_INPUT).await.map_err(|e| e.message().to_lowercase())?;
        place = to.to_string();
    } else {
        let source = absolute(c, path);
        if let Err(errno) = c.sys.lstat(&source) {
            return fail(format!("lstat {source}: {}", errno.message().to_lowercase()));
        }
        let from_directory = c.sys.stat(&source).is_ok_and(|a| a.is_dir());
        let refusal = match found {
            Some(false) if from_directory => "cannot copy directory",
            None if !from_directory && (to.is_empty() || to.ends_with(['/', '.'])) => "no such directory",
            _ => "",
        };
        if !refusal.is_empty() {
            // The archive was begun by then.
            let time = docker_api::time::rfc3339(c.sys.wall_clock().seconds());
            c.eprint(&format!(
                "time=\"{time}\" level=error msg=\"Can't add file {source} to tar: io: read/write on closed pipe\"\n"
            ))
            .await;
            return fail(refusal);
        }
        let whole = clean(&format!("/{to}"));
        let (parent, name) = whole.rsplit_once('/').unwrap_or(("", ""));
        let (under, root) = match directory {
            true if path.ends_with("/.") => (whole.as_str(), String::new()),
            true => (whole.as_str(), base(&source).to_string()),
            false => (if parent.is_empty() { "/" } else { parent }, name.to_string()),
        };
        place = under.to_string();
        let mut writer = Writer::default();
        pack(&c.sys, &mut writer, &source, &root, &|_| true).await?;
        data = writer.finish();
    }
    let size = data.len();
    let mut query = Query::default();
    query.push("path", place);
    query.push("noOverwriteDirNonDir", "true");
    if c.matches.on("archive") {
        query.push("copyUIDGID", "true");
    }
    let sent = client.send("PUT", &url, &query, Body::Bytes(TAR, data)).await;
    // That all was sent is told even where it was refused.
    told(c, size, &format!("{container}:{to}")).await;
    sent.map(|_| ()).map_err(Failure::from)
}

/// Whether a path's stat tells of a directory.
fn is_directory(stat: &Value) -> bool {
    const DIRECTORY: u64 = 1 << 31;
    stat.get("mode").and_then(Value::as_u64).is_some_and(|mode| mode & DIRECTORY != 0)
}

/// Reads the stat header: base64 of JSON.
fn path_stat(header: &str) -> Value {
    serde_json::from_slice(&base64(header)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_split() {
        assert_eq!(split("web:/etc/x"), (Some("web"), "/etc/x"));
        assert_eq!(split("./a:b"), (None, "./a:b"));
        assert_eq!(split("/a:b"), (None, "/a:b"));
        assert_eq!(split("file"), (None, "file"));
    }

    #[test]
    fn the_stat_header_tells_directories() {
        // {"name":"tmp","size":4096,"mode":2147484159}
        assert!(is_directory(&path_stat("eyJuYW1lIjoidG1wIiwic2l6ZSI6NDA5NiwibW9kZSI6MjE0NzQ4NDE1OX0=")));
        // {"mode":420}
        assert!(!is_directory(&path_stat("eyJtb2RlIjo0MjB9")));
        assert!(!is_directory(&path_stat("???")));
    }
}
