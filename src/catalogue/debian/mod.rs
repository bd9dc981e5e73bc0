//! `debian`: bookworm, whole and slim. Others build on its files.

use engine::registry::{LayerFile, RemoteImage};

use crate::files::{Files, UNEMULATED};
use crate::recipe::Recipe;
use crate::repository::Repository;

/// See [`crate::hub`].
pub const REPOSITORY: Repository = Repository {
    name: "debian",
    description: "Debian is a Linux distribution that's composed entirely of free and open-source software.",
    stars: 5209,
    tags: &[
        ("12", whole),
        ("12-slim", slim),
        ("bookworm", whole),
        ("bookworm-slim", slim),
        ("latest", whole),
        ("stable", whole),
        ("stable-slim", slim),
    ],
};

fn whole() -> RemoteImage {
    let by = "# debian.sh --arch 'amd64' out/ 'bookworm' '@1761004800'";
    Recipe::new("2025-10-21T00:00:00Z").layer(by, 48_486_112, 116_544_411, layer).command_only(&["bash"]).build()
}

fn slim() -> RemoteImage {
    let by = "# debian.sh --arch 'amd64' out/ 'bookworm' '@1761004800'";
    Recipe::new("2025-10-21T00:00:00Z").layer(by, 28_228_438, 74_780_517, layer).command_only(&["bash"]).build()
}

/// Commands in `/usr/bin` of the packages that every Debian has.
pub const USR_BIN: &str = "\
[ apt apt-cache apt-cdrom apt-config apt-get apt-key apt-mark arch awk b2sum base32 base64 basename basenc captoinfo cat \
chage chattr chfn chgrp chmod choom chown chrt chsh cksum clear clear_console cmp comm cp csplit cut date dd \
debconf deb-systemd-helper df diff diff3 dir dircolors dirname dmesg dnsdomainname domainname dpkg dpkg-deb dpkg-query \
du echo egrep env expand expiry expr factor faillog fallocate false fgrep find findmnt flock fmt fold getconf getent \
getopt gpasswd grep groups gunzip gzexe gzip head hostid hostname iconv id infocmp install ionice ipcmk ipcrm ipcs \
join last lastlog ldd link ln locale localedef logger login logname ls lsattr lsblk lscpu lsipc lslocks lslogins \
lsmem lsns mawk mcookie md5sum mesg mkdir mkfifo mknod mktemp more mount mountpoint mv namei nawk newgrp nice \
nisdomainname nl nohup nproc nsenter numfmt od pager partx passwd paste pathchk perl pinky pldd pr printenv printf \
prlimit ptx pwd rbash readlink realpath rename.ul renice reset resizepart rev rgrep rm rmdir run-parts runcon \
savelog script scriptlive scriptreplay sdiff sed seq setarch setpriv setsid setterm sg sha1sum sha224sum sha256sum \
sha384sum sha512sum shred shuf sleep sort split stat stdbuf stty su sum sync tabs tac tail tar taskset tee tempfile \
test tic timeout toe touch tput tr true truncate tset tsort tty tzselect umount uname uncompress unexpand uniq \
unlink unshare update-alternatives users vdir wall wc wdctl whereis which who whoami xargs yes zcat zcmp zdiff \
zdump zegrep zfgrep zforce zgrep zless zmore znew";

/// Commands in `/usr/sbin`, likewise.
pub const USR_SBIN: &str = "\
add-shell addgroup adduser agetty badblocks blkid blockdev chcpu chgpasswd chpasswd chroot cpgr cppw ctrlaltdel \
debugfs delgroup deluser dumpe2fs e2fsck e4defrag fdformat fsck fsfreeze fstrim getty groupadd groupdel groupmod \
grpck hwclock iconvconfig invoke-rc.d ldconfig losetup mke2fs mkfs mkhomedir_helper mkswap newusers nologin pam-auth-update \
pivot_root pwck pwconv readprofile remove-shell resize2fs rmt runuser service shadowconfig start-stop-daemon sulogin \
swapoff swapon switch_root tune2fs tzconfig unix_chkpwd update-passwd update-rc.d useradd userdel usermod vigr vipw \
wipefs zic";

/// `/etc/os-release`.
pub const OS_RELEASE: &str = "\
PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"
NAME=\"Debian GNU/Linux\"
VERSION_ID=\"12\"
VERSION=\"12 (bookworm)\"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL=\"https://www.debian.org/\"
SUPPORT_URL=\"https://www.debian.org/support\"
BUG_REPORT_URL=\"https://bugs.debian.org/\"
";

/// `/etc/passwd` of a fresh Debian.
pub const PASSWD: &str = "\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
sync:x:4:65534:sync:/bin:/bin/sync
games:x:5:60:games:/usr/games:/usr/sbin/nologin
man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
lp:x:7:7:lp:/var/spool/lpd:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
news:x:9:9:news:/var/spool/news:/usr/sbin/nologin
uucp:x:10:10:uucp:/var/spool/uucp:/usr/sbin/nologin
proxy:x:13:13:proxy:/bin:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
backup:x:34:34:backup:/var/backups:/usr/sbin/nologin
list:x:38:38:Mailing List Manager:/var/list:/usr/sbin/nologin
irc:x:39:39:ircd:/run/ircd:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
";

/// `/etc/group` of a fresh Debian.
pub const GROUP: &str = "\
root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
lp:x:7:
mail:x:8:
news:x:9:
uucp:x:10:
man:x:12:
proxy:x:13:
kmem:x:15:
dialout:x:20:
fax:x:21:
voice:x:22:
cdrom:x:24:
floppy:x:25:
tape:x:26:
sudo:x:27:
audio:x:29:
dip:x:30:
www-data:x:33:
backup:x:34:
operator:x:37:
list:x:38:
irc:x:39:
src:x:40:
shadow:x:42:
utmp:x:43:
video:x:44:
sasl:x:45:
plugdev:x:46:
staff:x:50:
games:x:60:
users:x:100:
nogroup:x:65534:
";

const BASHRC: &str = "\
# System-wide .bashrc file for interactive bash(1) shells.
[ -z \"${PS1-}\" ] && return
shopt -s checkwinsize
PS1='${debian_chroot:+($debian_chroot)}\\u@\\h:\\w\\$ '
";

const PROFILE: &str = "\
# /etc/profile: system-wide .profile file for the Bourne shell (sh(1))
if [ \"$(id -u)\" -eq 0 ]; then
  PATH=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"
else
  PATH=\"/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games\"
fi
export PATH

if [ \"${PS1-}\" ]; then
  if [ \"${BASH-}\" ] && [ \"$BASH\" != \"/bin/sh\" ]; then
    if [ -f /etc/bash.bashrc ]; then
      . /etc/bash.bashrc
    fi
  fi
fi
";

const LIBRARIES: &[(&str, u64)] = &[
    ("ld-linux-x86-64.so.2", 210_968),
    ("libc.so.6", 1_922_136),
    ("libm.so.6", 907_784),
    ("libcrypto.so.3", 4_718_912),
    ("libssl.so.3", 685_904),
    ("libstdc++.so.6.0.30", 2_190_440),
    ("libgcc_s.so.1", 125_312),
    ("libsystemd.so.0.35.0", 823_104),
    ("libpcre2-8.so.0.11.2", 629_384),
    ("libselinux.so.1", 174_312),
    ("libtinfo.so.6.4", 216_368),
    ("libz.so.1.2.13", 121_280),
];

/// Everything that Debian and what builds on it have in common; `os_release` says which it is.
pub fn base(os_release: &'static str) -> Files {
    let mut files = Files::new();
    files.link("bin", "usr/bin").dirs(&["boot", "dev", "etc", "home"]);
    files.link("lib", "usr/lib").link("lib64", "usr/lib64").dirs(&["media", "mnt", "opt"]);
    files
        .dir("proc", 0o555)
        .dir("root", 0o700)
        .dirs(&["run", "run/lock"])
        .link("sbin", "usr/sbin")
        .dirs(&["srv", "sys"]);
    files.dir("tmp", 0o1777).dirs(&["usr", "usr/bin", "usr/games", "usr/include", "usr/lib", "usr/lib64", "usr/local"]);
    files.dirs(&["usr/local/bin", "usr/local/etc", "usr/local/lib", "usr/local/sbin", "usr/local/share", "usr/sbin"]);
    files.dirs(&["usr/share", "usr/src", "var", "var/backups", "var/cache", "var/lib", "var/lib/dpkg", "var/local"]);
    files.dirs(&["var/log", "var/mail", "var/opt", "var/spool"]).link("var/run", "/run").dir("var/tmp", 0o1777);
    files.dirs(&["etc/alternatives", "etc/apt", "etc/cron.daily", "etc/default", "etc/profile.d", "etc/skel"]);
    files.text("etc/passwd", PASSWD).text("etc/group", GROUP).text("etc/os-release", os_release);
    files.text_mode("etc/shadow", "root:*:20382:0:99999:7:::\n", 0o640).owned(0, 42);
    files.text("etc/bash.bashrc", BASHRC).text("etc/profile", PROFILE).text("etc/hostname", "debuerreotype\n");
    files.text("etc/nsswitch.conf", "passwd:         files\ngroup:          files\nhosts:          files dns\n");
    files.text("etc/shells", "# /etc/shells: valid login shells\n/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n");
    files
        .text("etc/environment", "")
        .text("etc/host.conf", "multi on\n")
        .text("etc/issue", "Debian GNU/Linux 12 \\n \\l\n\n");
    files.text("root/.bashrc", "# ~/.bashrc: executed by bash(1) for non-login shells.\n");
    files.text("root/.profile", "if [ \"$BASH\" ]; then\n  if [ -f ~/.bashrc ]; then\n    . ~/.bashrc\n  fi\nfi\n\nmesg n 2> /dev/null || true\n");
    files
        .program("usr/bin/bash", "bash", 1_265_648)
        .program("usr/bin/dash", "dash", 125_640)
        .link("usr/bin/sh", "dash");
    files.utilities("usr/bin", USR_BIN).utilities("usr/sbin", USR_SBIN);
    files.program("usr/sbin/init", UNEMULATED, 96_000);
    files.dirs(&["usr/lib/x86_64-linux-gnu", "usr/lib/apt"]);
    for (name, size) in LIBRARIES {
        files.blob(&format!("usr/lib/x86_64-linux-gnu/{name}"), *size);
    }
    files.link("usr/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2");
    files
}

/// Debian's own layer.
pub fn layer() -> Vec<LayerFile> {
    let mut files = base(OS_RELEASE);
    files.text("etc/debian_version", "12.12\n");
    files.list()
}
