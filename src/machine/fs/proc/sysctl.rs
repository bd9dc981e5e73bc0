//! The kernel's settings below `/proc/sys` (`sysctl(8)`).

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::View;
use crate::errno::{Errno, SysResult};

/// `uname -r`.
pub(super) const RELEASE: &str = "6.18.44-drydock";
/// `uname -v`.
pub(super) const VERSION: &str = "#1 SMP PREEMPT_DYNAMIC";

/// Settings that were changed, by their paths below `/proc`.
pub(crate) type Sysctls = RefCell<BTreeMap<String, String>>;

/// Settings that can be written, and what they are at the start.
const WRITABLE: &[(&str, &str)] = &[
    ("sys/fs/file-max", "9223372036854775807"),
    ("sys/kernel/pid_max", "4194304"),
    ("sys/kernel/threads-max", "62889"),
    ("sys/net/core/somaxconn", "4096"),
    ("sys/net/ipv4/ip_forward", "1"),
    ("sys/net/ipv4/ip_local_port_range", "32768\t60999"),
    ("sys/net/ipv4/tcp_max_syn_backlog", "512"),
    ("sys/vm/max_map_count", "65530"),
    ("sys/vm/overcommit_memory", "0"),
    ("sys/vm/overcommit_ratio", "50"),
    ("sys/vm/swappiness", "60"),
];

/// A setting with its newline.
pub(super) fn read(view: &View, path: &str) -> String {
    let value = match path {
        "sys/kernel/hostname" => {
            view.process(view.viewer, |p| p.namespaces.uts.hostname.borrow().clone()).unwrap_or_default()
        }
        "sys/kernel/domainname" => "(none)".into(),
        "sys/kernel/osrelease" => RELEASE.into(),
        "sys/kernel/ostype" => "Linux".into(),
        "sys/kernel/version" => VERSION.into(),
        "sys/kernel/random/entropy_avail" => "256".into(),
        "sys/kernel/random/uuid" => uuid(view.kernel.rng.next_u64(), view.kernel.rng.next_u64()),
        // One for each boot: it follows from when that was.
        "sys/kernel/random/boot_id" => {
            let boot = view.kernel.clock.boot().0 as u64;
            uuid(boot.wrapping_mul(0x9E37_79B9_7F4A_7C15), boot.wrapping_mul(0xBF58_476D_1CE4_E5B9))
        }
        _ => {
            let changed = view.kernel.vfs.sysctls.borrow().get(path).cloned();
            let initial = || WRITABLE.iter().find(|(p, _)| *p == path).map_or("", |(_, value)| value).to_string();
            changed.unwrap_or_else(initial)
        }
    };
    value + "\n"
}

/// Changes a setting.
pub(super) fn write(view: &View, path: &str, bytes: &[u8]) -> SysResult<()> {
    let admin = view.process(view.viewer, |p| p.credentials.is_admin())?;
    if !admin {
        return Err(Errno::EPERM);
    }
    let text = crate::text::from_bytes(bytes);
    let text = text.trim_end_matches('\n');
    if path == "sys/kernel/hostname" {
        return view.process(view.viewer, |p| *p.namespaces.uts.hostname.borrow_mut() = text.to_string());
    }
    if !WRITABLE.iter().any(|(p, _)| *p == path) {
        return Err(Errno::EPERM);
    }
    if text.split_ascii_whitespace().any(|word| word.parse::<i64>().is_err()) || text.is_empty() {
        return Err(Errno::EINVAL);
    }
    view.kernel.vfs.sysctls.borrow_mut().insert(path.into(), text.to_string());
    Ok(())
}

/// A random UUID (version 4).
fn uuid(high: u64, low: u64) -> String {
    let (high, low) = ((high & !0xf000) | 0x4000, (low & !(0b11 << 62)) | (0b10 << 62));
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}
