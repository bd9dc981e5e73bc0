//! Image references. Source: the grammar of distribution/reference and its error texts.

use std::fmt;

/// The registry that names without one mean.
pub const DEFAULT_DOMAIN: &str = "docker.io";
const OFFICIAL: &str = "library/";
const MAX_NAME: usize = 255;
const INVALID: &str = "invalid reference format";

/// A parsed, normalised reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// `docker.io`
    pub domain: String,
    /// `library/redis`
    pub path: String,
    /// The tag, if one was given.
    pub tag: Option<String>,
    /// `sha256:…`, if one was given.
    pub digest: Option<String>,
}

impl Reference {
    /// Parses what a user types: `redis`, `me/repo:1`, `host:5000/x@sha256:…`.
    pub fn parse(text: &str) -> Result<Reference, String> {
        if crate::ids::is_full(text) {
            return Err(format!("invalid repository name ({text}), cannot specify 64-byte hexadecimal strings"));
        }
        let (domain, remainder) = split_domain(text);
        let remote = remainder.split(':').next().unwrap_or("");
        if remote.chars().any(char::is_uppercase) {
            return Err(format!("{INVALID}: repository name ({remote}) must be lowercase"));
        }
        let (name_tag, digest) = match remainder.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (remainder.as_str(), None),
        };
        let (path, tag) = match name_tag.split_once(':') {
            Some((name, tag)) => (name, Some(tag)),
            None => (name_tag, None),
        };
        let valid = is_domain(&domain)
            && path.split('/').all(is_path_component)
            && tag.is_none_or(is_tag)
            && digest.is_none_or(is_digest);
        if !valid {
            return Err(INVALID.to_string());
        }
        if path.len() > MAX_NAME {
            return Err(format!("repository name must not be more than {MAX_NAME} characters"));
        }
        let own = |s: &str| s.to_string();
        Ok(Reference { path: own(path), tag: tag.map(own), digest: digest.map(own), domain })
    }

    /// The same with `:latest` if neither tag nor digest was given.
    pub fn or_latest(mut self) -> Reference {
        if self.tag.is_none() && self.digest.is_none() {
            self.tag = Some("latest".into());
        }
        self
    }

    /// `docker.io/library/redis`
    pub fn name(&self) -> String {
        format!("{}/{}", self.domain, self.path)
    }

    /// The name as people write it: `redis`.
    pub fn familiar_name(&self) -> String {
        if self.domain != DEFAULT_DOMAIN {
            return self.name();
        }
        match self.path.strip_prefix(OFFICIAL) {
            Some(rest) if !rest.contains('/') => rest.to_string(),
            _ => self.path.clone(),
        }
    }

    /// Name, tag and digest as people write them: `redis:latest`.
    pub fn familiar(&self) -> String {
        self.familiar_name() + &self.suffix()
    }

    fn suffix(&self) -> String {
        let mut out = String::new();
        if let Some(tag) = &self.tag {
            out.push(':');
            out.push_str(tag);
        }
        if let Some(digest) = &self.digest {
            out.push('@');
            out.push_str(digest);
        }
        out
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name(), self.suffix())
    }
}

fn split_domain(text: &str) -> (String, String) {
    let (mut domain, mut rest) = match text.split_once('/') {
        Some((first, rest))
            if first.contains(['.', ':']) || first == "localhost" || first.chars().any(char::is_uppercase) =>
        {
            (first.to_string(), rest.to_string())
        }
        _ => (DEFAULT_DOMAIN.to_string(), text.to_string()),
    };
    if domain == "index.docker.io" {
        domain = DEFAULT_DOMAIN.to_string();
    }
    if domain == DEFAULT_DOMAIN && !rest.contains('/') {
        rest.insert_str(0, OFFICIAL);
    }
    (domain, rest)
}

fn is_domain(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((v6, port)) => {
                let ok = !v6.is_empty() && v6.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
                return ok && (port.is_empty() || is_port(port.strip_prefix(':')));
            }
            None => return false,
        },
        None => text.split_once(':').map_or((text, None), |(h, p)| (h, Some(p))),
    };
    let component = |c: &str| {
        !c.is_empty()
            && !c.starts_with('-')
            && !c.ends_with('-')
            && c.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.split('.').all(component) && (port.is_none() || is_port(port))
}

fn is_port(port: Option<&str>) -> bool {
    port.is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// Letters and digits, parted by `.`, `_`, `__` or any number of `-`.
pub fn is_path_component(text: &str) -> bool {
    let alnum = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|b| alnum(*b)) || !bytes.last().is_some_and(|b| alnum(*b)) {
        return false;
    }
    text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        .all(|sep| matches!(sep, "" | "." | "_" | "__") || sep.bytes().all(|b| b == b'-'))
}

/// Whether `text` may be a tag.
pub fn is_tag(text: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let mut bytes = text.bytes();
    text.len() <= 128 && bytes.next().is_some_and(word) && bytes.all(|b| word(b) || b == b'.' || b == b'-')
}

/// Whether `text` may be a digest.
pub fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let part =
        |p: &str| p.starts_with(|c: char| c.is_ascii_alphabetic()) && p.bytes().all(|b| b.is_ascii_alphanumeric());
    algorithm.split(['-', '_', '+', '.']).all(part) && hex.len() >= 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed() {
        for (typed, full, familiar) in [
            ("redis", "docker.io/library/redis:latest", "redis:latest"),
            ("docker.io/redis", "docker.io/library/redis:latest", "redis:latest"),
            ("me/repo:1.0", "docker.io/me/repo:1.0", "me/repo:1.0"),
            ("me/repo/project:1.0", "docker.io/me/repo/project:1.0", "me/repo/project:1.0"),
            ("localhost/x", "localhost/x:latest", "localhost/x:latest"),
            ("host:5000/a/b:t", "host:5000/a/b:t", "host:5000/a/b:t"),
            ("ghcr.io/o/i", "ghcr.io/o/i:latest", "ghcr.io/o/i:latest"),
        ] {
            let parsed = Reference::parse(typed).unwrap().or_latest();
            assert_eq!(parsed.to_string(), full);
            assert_eq!(parsed.familiar(), familiar);
        }
        let digest = format!("redis@sha256:{}", "a".repeat(64));
        assert_eq!(Reference::parse(&digest).unwrap().or_latest().familiar(), digest);
    }

    #[test]
    fn bad_names_are_refused_as_docker_does() {
        let error = |t: &str| Reference::parse(t).unwrap_err();
        for bad in ["", ":", "redis:", "-x", "a//b", "redis:!", "a@b", "x y", "a..b", "/x"] {
            assert_eq!(error(bad), "invalid reference format", "{bad}");
        }
        assert_eq!(error("Redis"), "invalid reference format: repository name (library/Redis) must be lowercase");
        let id = "a".repeat(64);
        assert!(error(&id).starts_with("invalid repository name (aaa"));
        assert!(error(&"a".repeat(300)).starts_with("repository name must not be more than 255"));
    }
}
