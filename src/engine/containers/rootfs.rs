//! File systems of containers: their directories, and mounting them on the host.

use machine::fs::{MountFlags, MountKind};
use machine::{Errno, Sys, SysResult};

use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::files::tree;
use crate::ids;
use crate::model::container::{Container, Rootfs};
use crate::paths::OVERLAY;

/// The directories of a new container's file system on an image.
pub fn make(d: &Daemon, chain: &[String]) -> ApiResult<Rootfs> {
    let id = ids::random_id(&d.sys);
    let init = format!("{OVERLAY}/{id}-init/diff");
    let dir = format!("{OVERLAY}/{id}");
    for path in [&init, &format!("{dir}/diff"), &format!("{dir}/work"), &format!("{dir}/merged")] {
        tree::make_dirs(&d.sys, path, 0o755)?;
    }
    make_init_layer(&d.sys, &init)?;
    let link = ids::random_link(&d.sys);
    d.sys.put_file(&format!("{dir}/link"), link.into_bytes().into(), 0o644)?;
    Ok(Rootfs::new(id, chain, &d.images.borrow()))
}

/// Fills the `-init` layer: the places where things are mounted.
fn make_init_layer(sys: &Sys, dir: &str) -> SysResult<()> {
    for sub in ["dev", "dev/pts", "dev/shm", "etc", "proc", "sys"] {
        match sys.mkdir(&format!("{dir}/{sub}"), 0o755) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(error) => return Err(error),
        }
    }
    for (file, mode) in [
        (".dockerenv", 0o755),
        ("dev/console", 0o755),
        ("etc/hostname", 0o755),
        ("etc/hosts", 0o755),
        ("etc/resolv.conf", 0o755),
    ] {
        sys.put_file(&format!("{dir}/{file}"), Vec::new().into(), mode)?;
    }
    match sys.symlink("/proc/mounts", &format!("{dir}/etc/mtab")) {
        Ok(()) | Err(Errno::EEXIST) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Mounts a container's file system on the host, as long as anybody needs it.
pub fn mount(sys: &Sys, c: &Container) -> ApiResult<()> {
    if c.mounted.get() == 0 {
        let kind = MountKind::Overlay { lower: c.rootfs.lower.clone(), upper: Some(c.rootfs.path("diff")) };
        sys.mount(&c.rootfs.path("merged"), kind, MountFlags::default())?;
    }
    c.mounted.set(c.mounted.get() + 1);
    Ok(())
}

/// The counterpart of [`mount`].
pub fn unmount(sys: &Sys, c: &Container) {
    c.mounted.set(c.mounted.get().saturating_sub(1));
    if c.mounted.get() == 0 {
        let _ = sys.umount(&c.rootfs.path("merged"));
    }
}
