//! Who a process runs as.

/// Capabilities by number (`capabilities(7)`), those that something here asks for.
pub mod capability {
    #![allow(missing_docs)]

    pub const CHOWN: u32 = 0;
    pub const DAC_OVERRIDE: u32 = 1;
    pub const FOWNER: u32 = 3;
    pub const KILL: u32 = 5;
    pub const SETUID: u32 = 7;
    pub const NET_ADMIN: u32 = 12;
    pub const SYS_CHROOT: u32 = 18;
    pub const SYS_ADMIN: u32 = 21;
    pub const MKNOD: u32 = 27;

    /// All of them, a bit each.
    pub const ALL: u64 = 0x1ff_ffff_ffff;

    /// Their names without `CAP_`, by number.
    pub const NAMES: [&str; 41] = [
        "CHOWN",
        "DAC_OVERRIDE",
        "DAC_READ_SEARCH",
        "FOWNER",
        "FSETID",
        "KILL",
        "SETGID",
        "SETUID",
        "SETPCAP",
        "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "NET_ADMIN",
        "NET_RAW",
        "IPC_LOCK",
        "IPC_OWNER",
        "SYS_MODULE",
        "SYS_RAWIO",
        "SYS_CHROOT",
        "SYS_PTRACE",
        "SYS_PACCT",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_NICE",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "MKNOD",
        "LEASE",
        "AUDIT_WRITE",
        "AUDIT_CONTROL",
        "SETFCAP",
        "MAC_OVERRIDE",
        "MAC_ADMIN",
        "SYSLOG",
        "WAKE_ALARM",
        "BLOCK_SUSPEND",
        "AUDIT_READ",
        "PERFMON",
        "BPF",
        "CHECKPOINT_RESTORE",
    ];
}

/// User and groups.
#[derive(Clone, PartialEq, Eq, Debug)]
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
    /// What root may do with it, a bit for each number in [`capability`]. Others than root may nothing of it.
    pub capabilities: u64,
    /// System calls are filtered, as in a container that is not privileged.
    pub confined: bool,
    /// `PR_SET_NO_NEW_PRIVS`. Nothing here gains privileges by running a program; it is only told.
    pub no_new_privileges: bool,
}

impl Default for Credentials {
    fn default() -> Credentials {
        Credentials::new(0, 0)
    }
}

impl Credentials {
    /// User and group both real and effective.
    pub fn new(uid: u32, gid: u32) -> Credentials {
        Credentials {
            uid,
            euid: uid,
            gid,
            egid: gid,
            groups: Vec::new(),
            capabilities: capability::ALL,
            confined: false,
            no_new_privileges: false,
        }
    }

    /// The user root.
    pub fn is_root(&self) -> bool {
        self.euid == 0
    }

    /// Whether it has this capability.
    pub fn has(&self, capability: u32) -> bool {
        self.euid == 0 && self.capabilities >> capability & 1 == 1
    }

    /// Whether it may mount, make namespaces and the like.
    pub fn is_admin(&self) -> bool {
        self.has(capability::SYS_ADMIN)
    }

    /// Whether `gid` is one of its groups.
    pub fn in_group(&self, gid: u32) -> bool {
        self.egid == gid || self.groups.contains(&gid)
    }
}
