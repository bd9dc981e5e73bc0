//! `busybox`: one program under many names.

use engine::registry::{LayerFile, RemoteImage};

use crate::files::Files;
use crate::recipe::Recipe;
use crate::repository::Repository;

/// See [`crate::hub`].
pub const REPOSITORY: Repository = Repository {
    name: "busybox",
    description: "Busybox base image.",
    stars: 3396,
    tags: &[
        ("1", image),
        ("1.37", image),
        ("1.37.0", image),
        ("glibc", image),
        ("latest", image),
        ("musl", image),
        ("stable", image),
        ("uclibc", image),
    ],
};

/// What `/bin/busybox` weighs.
const SIZE: u64 = 1_198_624;

fn image() -> RemoteImage {
    Recipe::new("2024-09-26T21:31:42Z")
        .layer("BusyBox 1.37.0 (glibc), Debian 12", 2_207_176, 4_492_288, layer)
        .command_only(&["sh"])
        .build()
}

/// The applets as links to the one program; the shell, which is another program of ours, apart.
pub fn applets(files: &mut Files, folder: &str, size: u64) {
    files.program(&format!("{folder}/busybox"), "busybox", size);
    files.program(&format!("{folder}/ash"), "ash", size).link(&format!("{folder}/sh"), "ash");
    for name in coreutils::busybox_names() {
        files.link(&format!("{folder}/{name}"), "busybox");
    }
}

const PASSWD: &str = "\
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
bin:x:2:2:bin:/bin:/bin/false
sys:x:3:3:sys:/dev:/bin/false
sync:x:4:100:sync:/bin:/bin/sync
mail:x:8:8:mail:/var/spool/mail:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
operator:x:37:37:Operator:/var:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
";

const GROUP: &str = "\
root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
wheel:x:10:root
mail:x:8:
www-data:x:33:
operator:x:37:
users:x:100:
nobody:x:65534:
";

fn layer() -> Vec<LayerFile> {
    let mut files = Files::new();
    files.dirs(&["bin", "dev", "etc", "etc/network", "home", "lib"]);
    applets(&mut files, "bin", SIZE);
    files.text("etc/passwd", PASSWD).text("etc/group", GROUP);
    files.text_mode("etc/shadow", "root:*:::::::\nnobody:*:::::::\n", 0o600).owned(0, 42);
    files.text("etc/localtime", "TZif2");
    files.text("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n");
    files
        .link("lib64", "lib")
        .blob("lib/libc.so.6", 1_926_256)
        .blob("lib/libm.so.6", 907_784)
        .blob("lib/libresolv.so.2", 60_328);
    files.dir("root", 0o700).dir("tmp", 0o1777).dirs(&["usr", "usr/bin", "usr/sbin"]);
    files.link("usr/bin/env", "../../bin/env");
    files.dirs(&["var", "var/spool", "var/spool/mail", "var/www"]);
    files.list()
}
