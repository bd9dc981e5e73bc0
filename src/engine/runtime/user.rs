//! Who a process in a container runs as: names are looked up in the container's own files.

use machine::Sys;
use machine::process::{Credentials, capability};

use crate::error::{ApiError, ApiResult};
use crate::files::scope::scoped;

/// A user as the runtime needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Number of the user.
    pub uid: u32,
    /// Number of the group.
    pub gid: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
    /// Home directory.
    pub home: String,
}

impl User {
    /// The process's credentials.
    pub fn credentials(&self, privileged: bool, capabilities: u64) -> Credentials {
        let mut credentials = Credentials::new(self.uid, self.gid);
        credentials.groups.clone_from(&self.groups);
        credentials.confined = !privileged;
        credentials.capabilities = if privileged { capability::ALL } else { capabilities };
        credentials
    }
}

/// Whether there is a capability of this name, `ALL` included.
pub fn is_capability(name: &str) -> bool {
    name == "ALL" || capability::NAMES.contains(&name.strip_prefix("CAP_").unwrap_or(name))
}

/// What Docker leaves to containers that are not privileged.
pub const DEFAULT_CAPABILITIES: u64 = 0xa804_25fb;

/// The capabilities of a container after `--cap-add` and `--cap-drop`; unknown names count for nothing.
pub fn capabilities(added: &[String], dropped: &[String]) -> u64 {
    let bits = |names: &[String]| {
        names.iter().fold(0, |all, name| {
            let name = name.strip_prefix("CAP_").unwrap_or(name);
            match capability::NAMES.iter().position(|n| *n == name) {
                Some(number) => all | 1 << number,
                None if name == "ALL" => capability::ALL,
                None => all,
            }
        })
    };
    let has_all = |names: &[String]| names.iter().any(|n| n == "ALL");
    match (has_all(added), has_all(dropped)) {
        (true, true) => capability::ALL,
        (true, false) => capability::ALL & !bits(dropped),
        (false, true) => bits(added),
        (false, false) => DEFAULT_CAPABILITIES & !bits(dropped) | bits(added),
    }
}

/// Numbers may be at most this.
const MAX_ID: i64 = 2_147_483_647;

/// Finds `user[:group]` in the container's `/etc/passwd` and `/etc/group`.
pub fn find(sys: &Sys, root: &str, spec: &str, more_groups: &[String]) -> ApiResult<User> {
    let read = |path: &str| {
        let bytes = sys.read_file(&scoped(sys, root, path)).unwrap_or_default();
        machine::text::from_bytes(&bytes)
    };
    find_in(&read("/etc/passwd"), &read("/etc/group"), spec, more_groups)
}

fn find_in(passwd: &str, group: &str, spec: &str, more_groups: &[String]) -> ApiResult<User> {
    let (name, group_name) = spec.split_once(':').unwrap_or((spec, ""));
    let number = |text: &str| text.parse::<i64>().ok();
    let mut user = User { home: "/".into(), ..User::default() };
    let mut login = String::new();
    let wanted = if name.is_empty() { "0" } else { name };
    let entry = passwd
        .lines()
        .map(|l| l.split(':').collect::<Vec<_>>())
        .find(|f| f.len() >= 6 && (f[0] == wanted || (number(wanted).is_some() && number(f[2]) == number(wanted))));
    match (entry, number(wanted)) {
        (Some(fields), _) => {
            login = fields[0].to_string();
            user.uid = fields[2].parse().unwrap_or(0);
            user.gid = fields[3].parse().unwrap_or(0);
            user.home = fields[5].to_string();
        }
        (None, Some(n)) if (0..=MAX_ID).contains(&n) => user.uid = n as u32,
        (None, Some(_)) => return Err(ApiError::bad("uids and gids must be in range 0-2147483647")),
        (None, None) => {
            return Err(ApiError::bad(format!("unable to find user {wanted}: no matching entries in passwd file")));
        }
    }
    let groups: Vec<Vec<&str>> =
        group.lines().map(|l| l.split(':').collect()).filter(|f: &Vec<&str>| f.len() >= 4).collect();
    let group_id = |name: &str| -> ApiResult<u32> {
        let found = groups.iter().find(|f| f[0] == name || (number(name).is_some() && number(f[2]) == number(name)));
        match (found, number(name)) {
            (Some(fields), _) => Ok(fields[2].parse().unwrap_or(0)),
            (None, Some(n)) if (0..=MAX_ID).contains(&n) => Ok(n as u32),
            (None, Some(_)) => Err(ApiError::bad("uids and gids must be in range 0-2147483647")),
            (None, None) => {
                Err(ApiError::bad(format!("unable to find group {name}: no matching entries in group file")))
            }
        }
    };
    if group_name.is_empty() {
        user.groups = groups
            .iter()
            .filter(|f| !login.is_empty() && f[3].split(',').any(|m| m == login))
            .filter_map(|f| f[2].parse().ok())
            .collect();
    } else {
        user.gid = group_id(group_name)?;
    }
    user.groups.retain(|g| *g != user.gid);
    user.groups.insert(0, user.gid);
    for name in more_groups {
        let gid = group_id(name)?;
        if !user.groups.contains(&gid) {
            user.groups.push(gid);
        }
    }
    Ok(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\nredis:x:999:1000::/data:/bin/sh\n";
    const GROUP: &str = "root:x:0:\nwheel:x:10:root\nredis:x:1000:\n";

    #[test]
    fn users_are_found_by_name_and_number() {
        let find = |spec: &str| find_in(PASSWD, GROUP, spec, &[]);
        let root = find("").unwrap();
        assert_eq!((root.uid, root.gid, root.groups, root.home), (0, 0, vec![0, 10], "/root".to_string()));
        assert_eq!(find("redis").unwrap().gid, 1000);
        let unknown = find("1234").unwrap();
        assert_eq!((unknown.uid, unknown.gid, unknown.home), (1234, 0, "/".to_string()));
        let both = find("1234:2000").unwrap();
        assert_eq!((both.gid, both.groups), (2000, vec![2000]));
        assert_eq!(
            find("nosuch").unwrap_err().message,
            "unable to find user nosuch: no matching entries in passwd file"
        );
        assert_eq!(find("0:no").unwrap_err().message, "unable to find group no: no matching entries in group file");
    }
}
