//! The Linux host's own files: a Debian with Docker, and no Redis.

use engine::registry::LayerKind;
use machine::Sys;
use machine::fs::SetAttr;

use crate::debian;
use crate::files::Files;

/// What the host has beyond a bare Debian: process and network tools.
const MORE: &str = "\
free kill pgrep pidof pidwait pkill pmap ps pwdx skill slabtop snice tload top uptime vmstat w watch \
ip ping ss lsof nc curl wget nslookup dig less nano vi vim tree jq htop man file strace \
column hd hexdump xxd killall pstree";
const MORE_SBIN: &str = "bridge ifconfig iptables netstat route sysctl";

const BASHRC: &str = "\
# ~/.bashrc: executed by bash(1) for interactive shells.
PS1='\\[\\e[1;36m\\]\\u@\\h\\[\\e[0m\\]:\\[\\e[1;34m\\]\\w\\[\\e[0m\\]\\$ '
alias ls='ls --color=auto'
alias ll='ls -alF'
alias grep='grep --color=auto'
";

/// `service NAME COMMAND`: runs the service's script with a fresh environment.
const SERVICE: &str = r#"#!/bin/sh
usage="Usage: service < option > | --status-all | [ service_name [ command | --full-restart ] ]"
case "$1" in
    '' | -h | --h | --help)
        echo "$usage"
        [ -n "$1" ]
        exit
        ;;
    --status-all)
        for script in /etc/init.d/*; do
            if "$script" status >/dev/null 2>&1; then mark=+; else mark=-; fi
            echo " [ $mark ]  ${script##*/}"
        done
        exit
        ;;
esac
name=$1
shift
if [ ! -x "/etc/init.d/$name" ]; then
    echo "$name: unrecognized service" >&2
    exit 1
fi
cd /
run() { env -i PATH="$PATH" TERM="$TERM" "/etc/init.d/$name" "$@"; }
if [ "$1" = --full-restart ]; then
    run stop
    run start
else
    run "$@"
fi
"#;

/// The script of the service `docker`.
const INIT_DOCKER: &str = r#"#!/bin/sh
# Starts and stops the Docker daemon.
pidfile=/var/run/docker.pid
log=/var/log/docker.log

running() { [ -f "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2>/dev/null; }

start() {
    printf 'Starting Docker: docker'
    if ! running; then
        setsid dockerd </dev/null >>"$log" 2>&1 &
        until [ -S /var/run/docker.sock ]; do sleep 0.1; done
    fi
    echo .
}

stop() {
    printf 'Stopping Docker: docker'
    if running; then
        kill "$(cat "$pidfile")"
        while running; do sleep 0.1; done
    fi
    echo .
}

case "$1" in
    start) start ;;
    stop) stop ;;
    restart | force-reload)
        stop
        start
        ;;
    status)
        if running; then
            echo 'Docker is running.'
        else
            echo 'Docker is not running ... failed!'
            exit 3
        fi
        ;;
    *)
        echo 'Usage: service docker {start|stop|restart|status}'
        exit 1
        ;;
esac
"#;

/// Puts the host's files where they belong. Called once, before anything runs.
pub fn install(sys: &Sys) {
    for file in files().list() {
        let path = format!("/{}", file.path);
        // What the machine mounted or made already stays.
        let made = match &file.kind {
            LayerKind::Directory => sys.mkdir(&path, file.mode),
            LayerKind::File(content) => sys.put_file(&path, content.clone(), file.mode),
            LayerKind::Symlink(target) => sys.symlink(target, &path),
        };
        if made.is_ok() && !matches!(file.kind, LayerKind::Symlink(_)) {
            let set = SetAttr { mode: Some(file.mode), uid: Some(file.uid), gid: Some(file.gid), ..SetAttr::default() };
            let _ = sys.set_attr(&path, &set);
        }
    }
}

fn files() -> Files {
    let mut files = debian::base(debian::OS_RELEASE);
    files.utilities("usr/bin", MORE).utilities("usr/sbin", MORE_SBIN);
    files.program("usr/bin/docker", "docker", 43_061_168).program("usr/bin/dockerd", "dockerd", 96_512_896);
    files.program("usr/bin/docker-init", "docker-init", 712_600);
    files.text("etc/hostname", "docker\n").text("etc/debian_version", "12.12\n");
    files.text("etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tdocker\n\n::1     ip6-localhost ip6-loopback\n");
    files.text("etc/resolv.conf", "nameserver 10.0.2.3\n");
    files.text("root/.bashrc", BASHRC).dirs(&["var/lib/docker", "etc/docker", "etc/init.d"]);
    files.text_mode("usr/sbin/service", SERVICE, 0o755).text_mode("etc/init.d/docker", INIT_DOCKER, 0o755);
    files
}

#[cfg(test)]
mod tests {
    use machine::{Machine, MachineConfig, UnixTime};

    #[test]
    fn the_host_has_what_it_should() {
        let machine = Machine::boot(&MachineConfig { seed: 0, boot: UnixTime(0), hostname: "h".into() });
        let sys = machine.init();
        super::install(&sys);
        for path in ["/bin/bash", "/bin/sh", "/usr/bin/docker", "/etc/passwd", "/root/.bashrc", "/usr/bin/ls"] {
            assert!(sys.stat(path).is_ok(), "{path}");
        }
        assert!(sys.stat("/usr/bin/redis-cli").is_err());
        assert_eq!(sys.stat("/tmp").map(|a| a.mode), Ok(0o1777));
    }
}
