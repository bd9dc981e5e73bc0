//! Names of containers.

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::text::random_name;

fn valid_name(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// The name of a new container, or of one being renamed; errors are the daemon's.
pub fn reserve(d: &Daemon, name: &str) -> ApiResult<String> {
    let bare = name.strip_prefix('/').unwrap_or(name);
    if !valid_name(bare) {
        return Err(ApiError::bad(format!(
            "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
        )));
    }
    let all = d.containers.borrow();
    match all.values().find(|c| *c.name.borrow() == bare) {
        Some(other) => Err(ApiError::conflict(format!(
            "Conflict. The container name \"/{bare}\" is already in use by container \"{}\". You have to remove (or rename) that container to be able to reuse that name.",
            other.id
        ))),
        None => Ok(bare.to_string()),
    }
}

/// A name for a container that was given none.
pub fn generate(d: &Daemon) -> String {
    loop {
        let name = random_name(d.sys.random_u64());
        if d.containers.borrow().values().all(|c| *c.name.borrow() != name) {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert!(valid_name("web-1") && valid_name("a.b_c"));
        assert!(!valid_name("a") && !valid_name("-x") && !valid_name("a b") && !valid_name(""));
    }
}
