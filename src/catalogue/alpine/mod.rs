//! `alpine`: BusyBox on musl, with a package manager.

use engine::registry::{LayerFile, RemoteImage};

use crate::busybox::applets;
use crate::files::{Files, UNEMULATED};
use crate::recipe::Recipe;
use crate::repository::Repository;

/// See [`crate::hub`].
pub const REPOSITORY: Repository = Repository {
    name: "alpine",
    description: "A minimal Docker image based on Alpine Linux with a complete package index and only 5 MB in size!",
    stars: 11_461,
    tags: &[("3", image), ("3.22", image), ("3.22.2", image), ("latest", image)],
};

fn image() -> RemoteImage {
    Recipe::new("2025-10-08T11:04:56Z")
        .layer("ADD alpine-minirootfs-3.22.2-x86_64.tar.gz / # buildkit", 3_802_452, 8_309_956, layer)
        .cmd(&["/bin/sh"])
        .build()
}

const OS_RELEASE: &str = "\
NAME=\"Alpine Linux\"
ID=alpine
VERSION_ID=3.22.2
PRETTY_NAME=\"Alpine Linux v3.22\"
HOME_URL=\"https://alpinelinux.org/\"
BUG_REPORT_URL=\"https://gitlab.alpinelinux.org/alpine/aports/-/issues\"
";

const PASSWD: &str = "\
root:x:0:0:root:/root:/bin/sh
bin:x:1:1:bin:/bin:/sbin/nologin
daemon:x:2:2:daemon:/sbin:/sbin/nologin
lp:x:4:7:lp:/var/spool/lpd:/sbin/nologin
sync:x:5:0:sync:/sbin:/bin/sync
shutdown:x:6:0:shutdown:/sbin:/sbin/shutdown
halt:x:7:0:halt:/sbin:/sbin/halt
mail:x:8:12:mail:/var/mail:/sbin/nologin
news:x:9:13:news:/usr/lib/news:/sbin/nologin
uucp:x:10:14:uucp:/var/spool/uucppublic:/sbin/nologin
cron:x:16:16:cron:/var/spool/cron:/sbin/nologin
ftp:x:21:21::/var/lib/ftp:/sbin/nologin
sshd:x:22:22:sshd:/dev/null:/sbin/nologin
games:x:35:35:games:/usr/games:/sbin/nologin
ntp:x:123:123:NTP:/var/empty:/sbin/nologin
guest:x:405:100:guest:/dev/null:/sbin/nologin
nobody:x:65534:65534:nobody:/:/sbin/nologin
";

const GROUP: &str = "\
root:x:0:root
bin:x:1:root,bin,daemon
daemon:x:2:root,bin,daemon
sys:x:3:root,bin
adm:x:4:root,daemon
tty:x:5:
disk:x:6:root
mail:x:12:mail
wheel:x:10:root
users:x:100:games
nogroup:x:65533:
nobody:x:65534:
";

/// The root file system, which `redis:alpine` builds on too.
pub fn layer() -> Vec<LayerFile> {
    let mut files = Files::new();
    files.dirs(&["bin", "dev", "etc", "etc/apk", "etc/profile.d", "home", "lib", "lib/apk", "media", "mnt", "opt"]);
    applets(&mut files, "bin", 825_200);
    files.program("bin/bbsuid", UNEMULATED, 14_256);
    files.text("etc/alpine-release", "3.22.2\n").text("etc/os-release", OS_RELEASE);
    files.text("etc/passwd", PASSWD).text("etc/group", GROUP);
    files.text("etc/hostname", "localhost\n").text("etc/shells", "# valid login shells\n/bin/sh\n/bin/ash\n");
    files.text("etc/issue", "Welcome to Alpine Linux 3.22\nKernel \\r on \\m (\\l)\n\n");
    files.text("etc/motd", "Welcome to Alpine!\n").text("etc/nsswitch.conf", "hosts: files dns\n");
    files.text("etc/profile", "export PATH=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"\n");
    files.blob("lib/ld-musl-x86_64.so.1", 662_888).link("lib/libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1");
    files.dir("proc", 0o555).dir("root", 0o700).dirs(&["run", "sbin", "srv", "sys"]).dir("tmp", 0o1777);
    files.program("sbin/apk", UNEMULATED, 71_424);
    files.dirs(&["usr", "usr/bin", "usr/lib", "usr/local", "usr/local/bin", "usr/sbin", "usr/share"]);
    files.link("usr/bin/env", "/bin/env");
    files.blob("usr/lib/libcrypto.so.3", 4_697_520).blob("usr/lib/libssl.so.3", 893_960);
    files.dirs(&["var", "var/cache", "var/lib", "var/log", "var/mail", "var/spool"]).dir("var/tmp", 0o1777);
    files.list()
}
