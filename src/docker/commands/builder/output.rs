//! `--output`: where the result of a build goes, if not to the images.

use machine::Fd;
use machine::fs::FileContent;

use crate::archive::extract;
use crate::cli::{Invocation, Matches, write_out};

/// Where a result goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// `local`, `tar`, or what the daemon is to refuse.
    pub kind: String,
    /// A path; `-` is standard output.
    pub dest: String,
}

/// What the flag asks for; none is an image as usual.
pub fn asked(m: &Matches) -> Result<Option<Output>, String> {
    let mut all = m.all("output").into_iter();
    let Some(text) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(
            "failed to build: multiple outputs currently unsupported by the current BuildKit daemon, please upgrade to version v0.13+ or use a single output"
                .to_string(),
        );
    }
    parse(&text)
}

fn parse(text: &str) -> Result<Option<Output>, String> {
    if !text.contains('=') {
        let kind = if text == "-" { "tar" } else { "local" };
        return Ok(Some(Output { kind: kind.into(), dest: text.to_string() }));
    }
    let (mut kind, mut dest) = (String::new(), String::new());
    for field in text.split(',') {
        match field.split_once('=') {
            Some(("type", value)) => kind = value.to_string(),
            Some(("dest", value)) => dest = value.to_string(),
            Some(_) => {}
            None => return Err(format!("failed to build: invalid value {field}")),
        }
    }
    match kind.as_str() {
        "" => Err("failed to build: type is required for output".to_string()),
        "docker" | "image" if dest.is_empty() => Ok(None),
        "docker" | "image" | "registry" | "oci" => {
            Err(format!("drydock: docker build --output=type={kind} is not emulated here"))
        }
        "local" if dest.is_empty() => Err("failed to build: dest is required for local exporter".to_string()),
        "tar" if dest.is_empty() => Ok(Some(Output { kind, dest: "-".into() })),
        _ => Ok(Some(Output { kind, dest })),
    }
}

/// Puts the archive that came from the builder where it was wanted.
pub async fn deliver(c: &Invocation, output: &Output, archive: &[u8]) -> Result<(), String> {
    match (output.kind.as_str(), output.dest.as_str()) {
        ("local", dest) => {
            make_dirs(c, dest)?;
            extract(&c.sys, archive, dest, &|name| Some(name.to_string())).await
        }
        (_, "-") => {
            write_out(&c.sys, Fd::STDOUT, archive).await;
            Ok(())
        }
        (_, dest) => {
            let content = FileContent::from(archive.to_vec());
            c.sys.put_file(dest, content, 0o644).map_err(|e| format!("open {dest}: {}", e.message().to_lowercase()))
        }
    }
}

fn make_dirs(c: &Invocation, path: &str) -> Result<(), String> {
    let ends = path.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0).chain([path.len()]);
    for part in ends.filter_map(|end| path.get(..end)) {
        if c.sys.stat(part).is_err() {
            c.sys.mkdir(part, 0o755).map_err(|e| format!("mkdir {part}: {}", e.message().to_lowercase()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read() {
        let output = |kind: &str, dest: &str| Ok(Some(Output { kind: kind.into(), dest: dest.into() }));
        assert_eq!(parse("out/dir"), output("local", "out/dir"));
        assert_eq!(parse("-"), output("tar", "-"));
        assert_eq!(parse("type=tar,dest=x.tar"), output("tar", "x.tar"));
        assert_eq!(parse("type=docker"), Ok(None));
        assert!(parse("type=local").is_err() && parse("dest=x").is_err());
    }
}
