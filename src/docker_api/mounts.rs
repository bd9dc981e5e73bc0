//! `-v` specifications, for the client (which decides what is a bind) and the daemon (which
//! checks them). Source: docker/cli's volume grammar and moby's Linux mount parser.

/// What a `-v` asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VolumeSpec {
    /// Host path or volume name; empty for an anonymous volume.
    pub source: String,
    /// The path in the container.
    pub target: String,
    /// `ro`, `z`, …; empty if not given.
    pub mode: String,
}

impl VolumeSpec {
    /// Whether the source is a path rather than a volume's name.
    pub fn is_bind(&self) -> bool {
        self.source.starts_with(['.', '/', '~'])
    }

    /// Whether the mode forbids writing.
    pub fn read_only(&self) -> bool {
        self.mode.split(',').any(|m| m == "ro")
    }
}

/// The client's reading of `-v`.
pub fn parse_client(spec: &str) -> Result<VolumeSpec, String> {
    if spec.is_empty() {
        return Err("invalid empty volume spec".into());
    }
    if spec.len() <= 2 {
        return Ok(VolumeSpec { target: spec.into(), ..VolumeSpec::default() });
    }
    let fail = |why: &str| Err(format!("invalid spec: {spec}: {why}"));
    let parts = split_keeping_drives(spec);
    if parts.iter().any(String::is_empty) {
        return fail("empty section between colons");
    }
    match parts.as_slice() {
        [target] => Ok(VolumeSpec { target: target.clone(), ..VolumeSpec::default() }),
        [source, target] => Ok(VolumeSpec { source: source.clone(), target: target.clone(), mode: String::new() }),
        [source, target, mode] => Ok(VolumeSpec { source: source.clone(), target: target.clone(), mode: mode.clone() }),
        _ => fail("too many colons"),
    }
}

/// Splits at colons, but not after a single letter (`C:\x`).
fn split_keeping_drives(spec: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in spec.chars() {
        let Some(last) = parts.last_mut() else { continue };
        let drive = last.chars().count() == 1 && last.chars().all(char::is_alphabetic);
        if c == ':' && !drive {
            parts.push(String::new());
        } else {
            last.push(c);
        }
    }
    parts
}

const MODES: [&str; 18] = [
    "ro",
    "rw",
    "z",
    "Z",
    "nocopy",
    "shared",
    "rshared",
    "slave",
    "rslave",
    "private",
    "rprivate",
    "consistent",
    "cached",
    "delegated",
    "default",
    "U",
    "ro-non-recursive",
    "ro-force-recursive",
];

fn is_mode(text: &str) -> bool {
    text.split(',').all(|m| MODES.contains(&m))
}

/// The daemon's reading of a bind in `HostConfig.Binds`, with its errors.
pub fn parse_daemon(raw: &str) -> Result<VolumeSpec, String> {
    let invalid = || format!("invalid volume specification: '{raw}'");
    let parts: Vec<&str> = raw.splitn(4, ':').collect();
    if raw.is_empty() || raw.starts_with(':') {
        return Err(invalid());
    }
    let (source, target, mode) = match parts.as_slice() {
        [target] => ("", *target, ""),
        [_, mode] if is_mode(mode) => return Err(invalid()),
        [source, target] => (*source, *target, ""),
        [source, target, mode] => (*source, *target, *mode),
        _ => return Err(invalid()),
    };
    if !mode.is_empty() && !is_mode(mode) {
        return Err(format!("invalid mode: {mode}"));
    }
    let kind = if source.starts_with('/') { "bind" } else { "volume" };
    let config = |why: String| format!("{}: invalid mount config for type \"{kind}\": {why}", invalid());
    if target.is_empty() {
        return Err(config("field Target must not be empty".into()));
    }
    if clean(target) == "/" {
        return Err(config("invalid specification: destination can't be '/'".into()));
    }
    if !target.starts_with('/') {
        return Err(config(format!("invalid mount path: '{target}' mount path must be absolute")));
    }
    Ok(VolumeSpec { source: source.into(), target: clean(target), mode: mode.into() })
}

/// A path without `.`, `..`, doubled and trailing slashes (Go's `path.Clean`).
pub fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".into(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_tells_binds_from_volumes() {
        let spec = parse_client("/a:/b:ro").unwrap();
        assert!(spec.is_bind() && spec.read_only());
        assert_eq!((spec.source.as_str(), spec.target.as_str()), ("/a", "/b"));
        assert!(!parse_client("vol:/data").unwrap().is_bind());
        assert_eq!(parse_client("/data").unwrap().source, "");
        assert_eq!(parse_client("ab::c"), Err("invalid spec: ab::c: empty section between colons".into()));
        assert_eq!(parse_client("/a:/b:ro:x"), Err("invalid spec: /a:/b:ro:x: too many colons".into()));
    }

    #[test]
    fn the_daemon_checks() {
        assert_eq!(parse_daemon("/a:ro"), Err("invalid volume specification: '/a:ro'".into()));
        assert_eq!(parse_daemon("/a:/b:zz"), Err("invalid mode: zz".into()));
        assert_eq!(
            parse_daemon("v:b"),
            Err("invalid volume specification: 'v:b': invalid mount config for type \"volume\": \
                 invalid mount path: 'b' mount path must be absolute"
                .into())
        );
        assert!(parse_daemon("v:/").unwrap_err().ends_with("destination can't be '/'"));
        assert_eq!(parse_daemon("v:/x/../y//z").unwrap().target, "/y/z");
    }

    #[test]
    fn paths_clean() {
        for (raw, cleaned) in [("", "."), ("/", "/"), ("a/../..", ".."), ("/../a", "/a"), ("./a/", "a")] {
            assert_eq!(clean(raw), cleaned);
        }
    }
}
