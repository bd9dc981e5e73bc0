//! Who a process runs as.

/// User and groups.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Credentials {
    /// Real user.
    pub uid: u32,
    /// Effective user.
    pub euid: u32,
    /// Real group.
    pub gid: u32,
    /// Effective group.
    pub egid: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
    /// Capabilities were dropped: root without `CAP_SYS_ADMIN`, `CAP_NET_ADMIN` and the like, as in a
    /// container that is not privileged.
    pub confined: bool,
}

impl Credentials {
    /// User and group both real and effective.
    pub fn new(uid: u32, gid: u32) -> Credentials {
        Credentials { uid, euid: uid, gid, egid: gid, groups: Vec::new(), confined: false }
    }

    /// Whether permission checks are skipped.
    pub fn is_root(&self) -> bool {
        self.euid == 0
    }

    /// Whether it may mount, set up networks and the like.
    pub fn is_admin(&self) -> bool {
        self.euid == 0 && !self.confined
    }

    /// Whether `gid` is one of its groups.
    pub fn in_group(&self, gid: u32) -> bool {
        self.egid == gid || self.groups.contains(&gid)
    }
}
