//! Which processes have which sockets open, from `/proc/PID/fd`.

use std::collections::BTreeMap;

use machine::{Pid, Sys};

/// A process that has a socket open.
pub struct Owner {
    /// Its short name.
    pub comm: String,
    /// Its number.
    pub pid: Pid,
    /// Its descriptor.
    pub fd: String,
}

/// The owners of all sockets that the caller may know, by inode number.
pub fn owners(sys: &Sys) -> BTreeMap<u64, Vec<Owner>> {
    let mut found: BTreeMap<u64, Vec<Owner>> = BTreeMap::new();
    for process in sys.processes() {
        let folder = format!("/proc/{}/fd", process.pid);
        for entry in sys.read_dir(&folder).unwrap_or_default() {
            let target = sys.read_link(&format!("{folder}/{}", entry.name)).unwrap_or_default();
            let ino = target.strip_prefix("socket:[").and_then(|t| t.strip_suffix(']')).and_then(|t| t.parse().ok());
            if let Some(ino) = ino {
                let owner = Owner { comm: process.comm.clone(), pid: process.pid, fd: entry.name };
                found.entry(ino).or_default().push(owner);
            }
        }
    }
    found
}
