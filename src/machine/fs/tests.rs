//! System calls on files, as Linux answers them.

use crate::errno::Errno;
use crate::fs::{MountFlags, MountKind, OpenFlags, SetAttr};
use crate::process::Credentials;
use crate::{ExitCode, Fd, Instant, Machine, MachineConfig, Sys, UnixTime};

fn machine() -> Machine {
    let boot = UnixTime(1_700_000_000_000_000_000);
    Machine::boot(MachineConfig { seed: 1, boot, hostname: "host".into() })
}

#[test]
fn smoke() {
    let m = machine();
    let sys = m.init();
    sys.mkdir("/a", 0o755).unwrap();
    assert_eq!(sys.stat("/a/../a/.").unwrap().nlink, 2);
}
