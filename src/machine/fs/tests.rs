//! System calls on files, as Linux answers them.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use crate::errno::Errno;
use crate::fs::{Access, FileKind, MountFlags, MountKind, OpenFlags, SetAttr};
use crate::io::Seek;
use crate::process::Credentials;
use crate::{ExitCode, Fd, Instant, Machine, MachineConfig, Sys, UnixTime};

fn machine() -> Machine {
    let boot = UnixTime(1_700_000_000_000_000_000);
    Machine::boot(&MachineConfig { seed: 1, boot, hostname: "host".into() })
}

/// Runs a process of root's to its end.
fn run<F: Future<Output = ()> + 'static>(body: impl FnOnce(Sys) -> F + 'static) {
    run_as(Credentials::new(0, 0), body);
}

fn run_as<F: Future<Output = ()> + 'static>(who: Credentials, body: impl FnOnce(Sys) -> F + 'static) {
    let machine = machine();
    machine.init().mkdir("/work", 0o777).unwrap();
    machine.init().set_attr("/work", &SetAttr { mode: Some(0o777), ..SetAttr::default() }).unwrap();
    let done = Rc::new(Cell::new(false));
    let flag = done.clone();
    let start = |sys: Sys| async move {
        sys.chdir("/work").unwrap();
        sys.set_credentials(who).unwrap();
        body(sys).await;
        flag.set(true);
        ExitCode::SUCCESS
    };
    machine.start(start).unwrap();
    machine.run(Instant(60_000_000_000), 100_000);
    assert!(done.get(), "the process did not come to its end");
}

async fn write(sys: &Sys, path: &str, text: &str) {
    let fd = sys.open(path, OpenFlags::CREATE, 0o666).await.unwrap();
    sys.write_all(fd, text.as_bytes()).await.unwrap();
    sys.close(fd).unwrap();
}

fn read(sys: &Sys, path: &str) -> String {
    String::from_utf8(sys.read_file(path).unwrap()).unwrap()
}

#[test]
fn open_flags() {
    run(|sys| async move {
        assert_eq!(sys.open("f", OpenFlags::READ, 0).await, Err(Errno::ENOENT));
        write(&sys, "f", "hello").await;
        assert_eq!(sys.stat("f").unwrap().mode, 0o644, "the umask applies");
        let exclusive = OpenFlags { exclusive: true, ..OpenFlags::CREATE };
        assert_eq!(sys.open("f", exclusive, 0o666).await, Err(Errno::EEXIST));
        let fd = sys.open("f", OpenFlags::APPEND, 0o666).await.unwrap();
        sys.write_all(fd, b" world").await.unwrap();
        assert_eq!(sys.read_vec(fd, 1).await, Err(Errno::EBADF));
        let fd = sys.open("f", OpenFlags::READ, 0).await.unwrap();
        assert_eq!(sys.seek(fd, Seek::End(-5)), Ok(6));
        assert_eq!(sys.read_vec(fd, 9).await.unwrap(), b"world");
        assert_eq!(sys.read_vec(fd, 9).await.unwrap(), b"");
        assert_eq!(sys.seek(fd, Seek::Current(-99)), Err(Errno::EINVAL));
        assert_eq!(sys.open(".", OpenFlags::WRITE, 0).await, Err(Errno::EISDIR));
        assert_eq!(sys.open("f", OpenFlags { directory: true, ..OpenFlags::READ }, 0).await, Err(Errno::ENOTDIR));
        assert_eq!(sys.open("f/", OpenFlags::READ, 0).await, Err(Errno::ENOTDIR));
        assert_eq!(sys.open("new/", OpenFlags::CREATE, 0o666).await, Err(Errno::EISDIR));
        assert_eq!(sys.open("f/x", OpenFlags::READ, 0).await, Err(Errno::ENOTDIR));
        sys.symlink("made", "dangling").unwrap();
        assert_eq!(sys.open("dangling", OpenFlags { no_follow: true, ..OpenFlags::READ }, 0).await, Err(Errno::ELOOP));
        write(&sys, "dangling", "through the link").await;
        assert_eq!(read(&sys, "made"), "through the link");
        let dir = sys.open(".", OpenFlags::READ, 0).await.unwrap();
        assert_eq!(sys.read_vec(dir, 1).await, Err(Errno::EISDIR));
    });
}

#[test]
fn names_and_links() {
    run(|sys| async move {
        assert_eq!(sys.stat(""), Err(Errno::ENOENT));
        assert_eq!(sys.stat(&"x".repeat(256)), Err(Errno::ENAMETOOLONG));
        assert_eq!(sys.stat(&"x/".repeat(2048)), Err(Errno::ENAMETOOLONG));
        sys.mkdir("d", 0o755).unwrap();
        assert_eq!(sys.mkdir("d", 0o755), Err(Errno::EEXIST));
        assert_eq!(sys.mkdir("no/d", 0o755), Err(Errno::ENOENT));
        sys.mkdir("e/", 0o755).unwrap();
        assert_eq!(sys.mkdir(".", 0o755), Err(Errno::EEXIST));
        assert_eq!(sys.rmdir("d/."), Err(Errno::EINVAL));
        assert_eq!(sys.rmdir("d/.."), Err(Errno::ENOTEMPTY));
        assert_eq!(sys.rmdir("/"), Err(Errno::EBUSY));
        assert_eq!(sys.unlink("d"), Err(Errno::EISDIR));
        sys.symlink("loop", "loop").unwrap();
        assert_eq!(sys.stat("loop"), Err(Errno::ELOOP));
        assert_eq!(sys.lstat("loop").unwrap().size, 4);
        assert_eq!(sys.symlink("", "empty"), Err(Errno::ENOENT));
        sys.symlink("d", "ld").unwrap();
        assert_eq!(sys.lstat("ld/").unwrap().kind, FileKind::Directory);
        assert_eq!(sys.rmdir("ld"), Err(Errno::ENOTDIR));
        write(&sys, "d/f", "x").await;
        assert_eq!(sys.read_link("d/f"), Err(Errno::EINVAL));
        assert_eq!(sys.link("d", "hard"), Err(Errno::EPERM));
        sys.link("d/f", "hard").unwrap();
        assert_eq!(sys.stat("hard").unwrap().ino, sys.stat("ld/f").unwrap().ino);
        assert_eq!(sys.rename("d", "d/sub"), Err(Errno::EINVAL));
        assert_eq!(sys.rename("d/f", "e/f/"), Err(Errno::ENOTDIR));
        assert_eq!(sys.rmdir("d"), Err(Errno::ENOTEMPTY));
        assert_eq!(sys.rename("e", "d"), Err(Errno::ENOTEMPTY));
        sys.rename("d", "e").unwrap();
        assert_eq!(read(&sys, "e/f"), "x");
        assert_eq!(sys.real_path("./e/../e/f"), Ok("/work/e/f".into()));
        assert_eq!(sys.stat("/../../work").unwrap().ino, sys.stat("/work").unwrap().ino);
    });
}

#[test]
fn working_directory() {
    run(|sys| async move {
        sys.mkdir("d", 0o755).unwrap();
        sys.chdir("d").unwrap();
        assert_eq!(sys.getcwd(), Ok("/work/d".into()));
        sys.rename("/work/d", "/work/e").unwrap();
        assert_eq!(sys.getcwd(), Ok("/work/e".into()));
        sys.rmdir("/work/e").unwrap();
        assert_eq!(sys.getcwd(), Err(Errno::ENOENT));
        sys.chdir("/").unwrap();
        assert_eq!(sys.getcwd(), Ok("/".into()));
        assert_eq!(sys.chdir("/etc/none"), Err(Errno::ENOENT));
    });
}

#[test]
fn permissions_of_users() {
    let who = Credentials::new(1000, 1000);
    run_as(who, |sys| async move {
        assert_eq!(sys.open("/etc", OpenFlags::CREATE, 0o666).await, Err(Errno::EACCES));
        write(&sys, "f", "x").await;
        let mode = |mode| SetAttr { mode: Some(mode), ..SetAttr::default() };
        sys.set_attr("f", &mode(0)).unwrap();
        assert_eq!(sys.open("f", OpenFlags::READ, 0).await, Err(Errno::EACCES));
        assert_eq!(sys.access("f", Access { read: true, ..Access::default() }), Err(Errno::EACCES));
        assert_eq!(sys.access("f", Access::default()), Ok(()));
        assert_eq!(sys.set_attr("/work", &mode(0o700)), Err(Errno::EPERM));
        let owner = SetAttr { uid: Some(0), ..SetAttr::default() };
        assert_eq!(sys.set_attr("f", &owner), Err(Errno::EPERM));
        sys.mkdir("shut", 0o600).unwrap();
        assert_eq!(sys.stat("shut/f"), Err(Errno::EACCES));
        assert_eq!(sys.mount("/work", MountKind::Proc, MountFlags::default()), Err(Errno::EPERM));
        assert_eq!(sys.mknod("null", 0o666, 1, 3), Err(Errno::EPERM));
        assert_eq!(sys.unlink("/tmp"), Err(Errno::EACCES));
    });
}

#[test]
fn sticky_directories_and_root() {
    run(|sys| async move {
        write(&sys, "/tmp/mine", "x").await;
        let mode = |mode| SetAttr { mode: Some(mode), ..SetAttr::default() };
        sys.set_attr("/tmp/mine", &mode(0)).unwrap();
        assert_eq!(read(&sys, "/tmp/mine"), "x");
        let execute = Access { execute: true, ..Access::default() };
        assert_eq!(sys.access("/tmp/mine", execute), Err(Errno::EACCES));
        sys.set_attr("/tmp/mine", &mode(0o001)).unwrap();
        assert_eq!(sys.access("/tmp/mine", execute), Ok(()));
        sys.set_credentials(Credentials::new(1000, 1000)).unwrap();
        assert_eq!(sys.unlink("/tmp/mine"), Err(Errno::EPERM));
        assert_eq!(sys.rename("/tmp/mine", "/tmp/yours"), Err(Errno::EPERM));
    });
}

#[test]
fn mounts_bind_and_hide() {
    run(|sys| async move {
        sys.mkdir("a", 0o755).unwrap();
        sys.mkdir("b", 0o755).unwrap();
        write(&sys, "a/f", "x").await;
        let bind = |source: &str| MountKind::Bind { source: source.into(), recursive: true };
        sys.mount("b", bind("a"), MountFlags { read_only: true, ..MountFlags::default() }).unwrap();
        assert_eq!(read(&sys, "b/f"), "x");
        assert_eq!(sys.open("b/f", OpenFlags::WRITE, 0).await, Err(Errno::EROFS));
        assert_eq!(sys.mkdir("b/d", 0o755), Err(Errno::EROFS));
        assert_eq!(sys.unlink("b/f"), Err(Errno::EROFS));
        assert_eq!(sys.rename("b/f", "a/g"), Err(Errno::EXDEV));
        assert_eq!(sys.rmdir("b"), Err(Errno::EBUSY));
        assert_eq!(sys.real_path("b/f"), Ok("/work/b/f".into()));
        sys.chdir("b").unwrap();
        assert_eq!(sys.getcwd(), Ok("/work/b".into()));
        assert_eq!(sys.umount("/work/b"), Err(Errno::EBUSY));
        sys.chdir("..").unwrap();
        assert_eq!(sys.getcwd(), Ok("/work".into()));
        write(&sys, "file", "below").await;
        assert_eq!(sys.mount("file", bind("a"), MountFlags::default()), Err(Errno::ENOTDIR));
        sys.mount("file", bind("a/f"), MountFlags::default()).unwrap();
        assert_eq!(read(&sys, "file"), "x");
        assert!(read(&sys, "/proc/mounts").contains(" /work/file ext4 rw,relatime 0 0\n"));
        assert!(read(&sys, "/proc/self/mountinfo").contains(" /work/a /work/b ro,relatime - ext4 "));
        assert_eq!(sys.unlink("file"), Err(Errno::EBUSY));
        sys.umount("file").unwrap();
        assert_eq!(read(&sys, "file"), "below");
        assert_eq!(sys.umount("a"), Err(Errno::EINVAL));
    });
}

#[test]
fn a_container_gets_a_root_of_its_own() {
    run(|sys| async move {
        for dir in ["low", "low/etc", "low/proc", "low/data", "up", "up/diff", "merged", "volume"] {
            sys.mkdir(dir, 0o755).unwrap();
        }
        write(&sys, "low/etc/name", "image").await;
        write(&sys, "volume/f", "kept").await;
        let overlay = MountKind::Overlay { lower: vec!["/work/low".into()], upper: Some("/work/up/diff".into()) };
        sys.mount("merged", overlay, MountFlags::default()).unwrap();
        let flags = crate::process::CloneFlags::ALL;
        let child = sys.clone_process(flags, |sys| async move {
            let bind = MountKind::Bind { source: "/work/volume".into(), recursive: true };
            sys.mount("/work/merged/data", bind, MountFlags::default()).unwrap();
            sys.mount("/work/merged/proc", MountKind::Proc, MountFlags::default()).unwrap();
            sys.pivot_root("/work/merged").unwrap();
            assert_eq!(sys.getcwd(), Ok("/".into()));
            assert_eq!(sys.stat("/work"), Err(Errno::ENOENT));
            assert_eq!(read(&sys, "/data/f"), "kept");
            assert_eq!(sys.read_link("/proc/self"), Ok("1".into()));
            assert_eq!(read(&sys, "/proc/mounts").lines().next().unwrap().split(' ').nth(2), Some("overlay"));
            write(&sys, "/etc/name", "container").await;
            write(&sys, "/data/f", "changed").await;
            ExitCode::SUCCESS
        });
        let child = child.unwrap();
        let status = sys.waitpid(crate::process::WaitFor::Process(child), Default::default()).await.unwrap();
        assert_eq!(status, Some((child, crate::WaitStatus::Exited(0))));
        assert_eq!(read(&sys, "low/etc/name"), "image");
        assert_eq!(read(&sys, "up/diff/etc/name"), "container");
        assert_eq!(read(&sys, "merged/etc/name"), "container");
        assert_eq!(read(&sys, "volume/f"), "changed");
        assert_eq!(sys.lstat("up/diff/data"), Err(Errno::ENOENT), "mounts of the child stay in its namespace");
        assert!(sys.read_dir("merged/proc").unwrap().is_empty());
        sys.umount("merged").unwrap();
    });
}

#[test]
fn control_groups_show_their_limits() {
    run(|sys| async move {
        assert_eq!(sys.read_file("/sys/fs/cgroup/memory.max"), Err(Errno::ENOENT), "the root group has no limit");
        let limits = crate::process::cgroup::CgroupLimits { memory: 64 << 20, ..Default::default() };
        let group = sys.cgroup_create(limits).unwrap();
        sys.cgroup_enter(group).unwrap();
        assert_eq!(read(&sys, "/sys/fs/cgroup/memory.max"), "67108864\n");
        assert_eq!(read(&sys, "/sys/fs/cgroup/pids.max"), "max\n");
        assert_eq!(read(&sys, "/sys/fs/cgroup/cgroup.procs"), format!("{}\n", sys.getpid()));
        assert!(read(&sys, "/proc/mounts").contains("cgroup /sys/fs/cgroup cgroup2 "));
    });
}

#[test]
fn mounts_and_links_are_bounded() {
    run(|sys| async move {
        sys.mkdir("m", 0o755).unwrap();
        let stacked = (0..1000).find_map(|_| sys.mount("m", MountKind::Proc, MountFlags::default()).err());
        assert_eq!(stacked, Some(Errno::ENOSPC));
        assert_eq!(sys.symlink(&"x".repeat(4096), "long"), Err(Errno::ENAMETOOLONG));
    });
}

#[test]
fn proc_shows_processes() {
    run(|sys| async move {
        let me = sys.getpid();
        assert_eq!(sys.read_link("/proc/self"), Ok(me.to_string()));
        assert_eq!(sys.read_link("/proc/self/cwd"), Ok("/work".into()));
        write(&sys, "f", "text").await;
        let fd = sys.open("f", OpenFlags::READ, 0).await.unwrap();
        assert_eq!(sys.read_link(&format!("/proc/self/fd/{}", fd.0)), Ok("/work/f".into()));
        assert_eq!(read(&sys, &format!("/proc/self/fd/{}", fd.0)), "text");
        let stat = read(&sys, "/proc/self/stat");
        assert_eq!(stat.split(' ').next(), Some(&*me.to_string()));
        assert_eq!(stat.trim_end().split(' ').count(), 52);
        assert!(read(&sys, "/proc/1/status").starts_with("Name:\tinit\n"));
        assert_eq!(read(&sys, "/proc/1/cmdline"), "/sbin/init\0");
        assert_eq!(sys.stat("/proc/4711"), Err(Errno::ENOENT));
        assert!(sys.read_dir("/proc").unwrap().iter().any(|e| e.name == me.to_string()));
        for path in ["/proc/meminfo", "/proc/cpuinfo", "/proc/uptime", "/proc/loadavg", "/proc/version", "/proc/stat"] {
            assert!(!read(&sys, path).is_empty(), "{path}");
        }
        assert_eq!(read(&sys, "/proc/sys/kernel/hostname"), "host\n");
        write(&sys, "/proc/sys/vm/overcommit_memory", "1\n").await;
        assert_eq!(read(&sys, "/proc/sys/vm/overcommit_memory"), "1\n");
        assert_eq!(sys.open("/proc/none", OpenFlags::CREATE, 0o666).await, Err(Errno::ENOENT));
    });
}

#[test]
fn devices() {
    run(|sys| async move {
        let fd = sys.open("/dev/null", OpenFlags::READ_WRITE, 0).await.unwrap();
        assert_eq!(sys.read_vec(fd, 5).await.unwrap(), b"");
        assert_eq!(sys.write(fd, b"gone").await, Ok(4));
        let fd = sys.open("/dev/zero", OpenFlags::READ, 0).await.unwrap();
        assert_eq!(sys.read_vec(fd, 3).await.unwrap(), b"\0\0\0");
        let fd = sys.open("/dev/full", OpenFlags::WRITE, 0).await.unwrap();
        assert_eq!(sys.write(fd, b"x").await, Err(Errno::ENOSPC));
        let fd = sys.open("/dev/urandom", OpenFlags::READ, 0).await.unwrap();
        assert_ne!(sys.read_vec(fd, 8).await.unwrap(), [0; 8]);
        assert_eq!(sys.open("/dev/tty", OpenFlags::READ, 0).await, Err(Errno::ENXIO));
        let (read, write) = sys.pipe(false).unwrap();
        sys.dup2(write, Fd(1)).unwrap();
        let out = sys.open("/dev/stdout", OpenFlags::CREATE, 0o666).await.unwrap();
        sys.write_all(out, b"through /proc").await.unwrap();
        assert_eq!(sys.read_vec(read, 99).await.unwrap(), b"through /proc");
    });
}

#[test]
fn fifos_wait_for_their_other_end() {
    run(|sys| async move {
        sys.mkfifo("p", 0o666).unwrap();
        let nonblock = OpenFlags { nonblock: true, ..OpenFlags::WRITE };
        assert_eq!(sys.open("p", nonblock, 0).await, Err(Errno::ENXIO));
        sys.fork(|sys| async move {
            sys.sleep(Duration::from_secs(1)).await.unwrap();
            // Opened, written and closed before the reader runs again.
            let fd = sys.open("p", OpenFlags::WRITE, 0).await.unwrap();
            sys.write_all(fd, b"data").await.unwrap();
            ExitCode::SUCCESS
        })
        .unwrap();
        let before = sys.now();
        let fd = sys.open("p", OpenFlags::READ, 0).await.unwrap();
        assert!(sys.now().since(before) >= Duration::from_secs(1));
        assert_eq!(sys.read_to_end(fd, 99).await.unwrap(), b"data");
    });
}

#[test]
fn a_removed_file_lives_while_it_is_open() {
    run(|sys| async move {
        write(&sys, "f", "still here").await;
        let fd = sys.open("f", OpenFlags::READ_WRITE, 0).await.unwrap();
        sys.unlink("f").unwrap();
        assert_eq!(sys.read_vec(fd, 99).await.unwrap(), b"still here");
        assert_eq!(sys.fstat(fd).unwrap().nlink, 0);
        sys.fset_attr(fd, &SetAttr { size: Some(5), ..SetAttr::default() }).unwrap();
        assert_eq!(sys.fstat(fd).unwrap().size, 5);
    });
}

#[test]
fn ten_thousand_files_in_a_directory() {
    run(|sys| async move {
        for i in 0..10_000 {
            sys.put_file(&format!("f{i}"), b"x"[..].into(), 0o644).unwrap();
        }
        assert_eq!(sys.read_dir(".").unwrap().len(), 10_000);
        let fd = sys.open("log", OpenFlags::APPEND, 0o644).await.unwrap();
        for _ in 0..20_000 {
            sys.write_all(fd, &[b'l'; 100]).await.unwrap();
        }
        assert_eq!(sys.stat("log").unwrap().size, 2_000_000);
    });
}
