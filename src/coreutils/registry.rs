//! The one list of all utilities.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use machine::{ExitCode, Program, Sys};

use crate::context::{BUSYBOX_BANNER, Context, Flavour};
use crate::utilities as u;

type Run = for<'a> fn(&'a mut Context) -> Pin<Box<dyn Future<Output = ExitCode> + 'a>>;

/// A utility: its name, whether BusyBox has it, what runs it.
pub struct Utility {
    name: &'static str,
    in_busybox: bool,
    run: Run,
}

macro_rules! utilities {
    ($($name:literal, $in_busybox:literal, $run:path;)*) => {
        /// All utilities, sorted by name.
        const UTILITIES: &[Utility] = &[
            $(Utility { name: $name, in_busybox: $in_busybox, run: |cx| Box::pin($run(cx)) },)*
        ];
    };
}

utilities! {
    "[", true, u::test::run;
    "addgroup", true, u::accounts::run_addgroup;
    "adduser", true, u::accounts::run_adduser;
    "apk", false, u::packages::run_apk;
    "apt", false, u::packages::run_apt;
    "apt-get", false, u::packages::run_apt;
    "arch", true, u::small::run_arch;
    "awk", true, u::awk::run;
    "base64", true, u::base64::run;
    "basename", true, u::basename::run;
    "cat", true, u::cat::run;
    "chgrp", true, u::chown::run_group;
    "chmod", true, u::chmod::run;
    "chown", true, u::chown::run;
    "chroot", true, u::small::run_chroot;
    "clear", true, u::clear::run;
    "cmp", true, u::diff::run_cmp;
    "column", false, u::column::run;
    "comm", false, u::lines_of::run_comm;
    "cp", true, u::cp::run;
    "curl", false, u::curl::run;
    "cut", true, u::cut::run;
    "date", true, u::date::run;
    "dd", true, u::dd::run;
    "df", true, u::df::run;
    "diff", true, u::diff::run;
    "dirname", true, u::dirname::run;
    "du", true, u::du::run;
    "echo", true, u::echo::run;
    "egrep", true, u::grep::run;
    "env", true, u::env::run;
    "expr", true, u::expr::run;
    "false", true, u::truth::no;
    "fgrep", true, u::grep::run;
    "find", true, u::find::run;
    "fold", true, u::lines_of::run_fold;
    "free", true, u::free::run;
    "getent", false, u::getent::run;
    "gosu", false, u::gosu::run;
    "grep", true, u::grep::run;
    "groupadd", false, u::accounts::run_groupadd;
    "groups", true, u::small::run_groups;
    "gunzip", true, u::gzip::run_gunzip;
    "gzip", true, u::gzip::run;
    "hd", true, u::dump::run_hexdump;
    "head", true, u::head::run;
    "hexdump", true, u::dump::run_hexdump;
    "hostname", true, u::hostname::run;
    "httpd", true, u::httpd::run;
    "id", true, u::id::run;
    "ifconfig", true, u::ifconfig::run;
    "ip", true, u::ip::run;
    "join", false, u::join::run;
    "jq", false, u::jq::run;
    "kill", true, u::kill::run;
    "killall", true, u::nice::run_killall;
    "less", true, u::pager::run;
    "link", true, u::small::run_link;
    "ln", true, u::ln::run;
    "logname", true, u::small::run_logname;
    "ls", true, u::ls::run;
    "mawk", false, u::awk::run;
    "md5sum", true, u::digest::run_md5;
    "mkdir", true, u::mkdir::run;
    "mkfifo", true, u::small::run_mkfifo;
    "mknod", true, u::small::run_mknod;
    "mktemp", true, u::mktemp::run;
    "more", true, u::pager::run;
    "mount", true, u::mount::run;
    "mountpoint", true, u::mount::run_mountpoint;
    "mv", true, u::mv::run;
    "nano", false, u::nano::run;
    "nc", true, u::nc::run;
    "netstat", true, u::netstat::run;
    "nice", true, u::nice::run;
    "nl", true, u::lines_of::run_nl;
    "nohup", true, u::small::run_nohup;
    "nproc", true, u::nproc::run;
    "nslookup", true, u::nslookup::run;
    "od", true, u::dump::run_od;
    "paste", true, u::lines_of::run_paste;
    "pgrep", true, u::pgrep::run;
    "pidof", true, u::pgrep::run_pidof;
    "ping", true, u::ping::run;
    "pkill", true, u::pgrep::run_pkill;
    "printenv", true, u::printenv::run;
    "printf", true, u::printf::run;
    "ps", true, u::ps::run;
    "pwd", true, u::pwd::run;
    "readlink", true, u::realpath::run_readlink;
    "realpath", true, u::realpath::run;
    "rev", true, u::tac::run_rev;
    "rm", true, u::rm::run;
    "rmdir", true, u::rmdir::run;
    "route", true, u::route::run;
    "sed", true, u::sed::run;
    "seq", true, u::seq::run;
    "setpriv", true, u::setpriv::run;
    "setsid", true, u::small::run_setsid;
    "sha1sum", true, u::digest::run_sha1;
    "sha224sum", false, u::digest::run_sha224;
    "sha256sum", true, u::digest::run_sha256;
    "sha384sum", false, u::digest::run_sha384;
    "sha512sum", true, u::digest::run_sha512;
    "shuf", true, u::shuf::run;
    "sleep", true, u::sleep::run;
    "sort", true, u::sort::run;
    "split", true, u::split::run;
    "ss", false, u::ss::run;
    "stat", true, u::stat::run;
    "stty", true, u::stty::run;
    "su", true, u::su::run;
    "sync", true, u::small::run_sync;
    "sysctl", true, u::sysctl::run;
    "tac", true, u::tac::run;
    "tail", true, u::tail::run;
    "tar", true, u::tar::run;
    "tee", true, u::tee::run;
    "test", true, u::test::run;
    "timeout", true, u::timeout::run;
    "top", true, u::top::run;
    "touch", true, u::touch::run;
    "tr", true, u::tr::run;
    "tree", true, u::tree::run;
    "true", true, u::truth::yes;
    "truncate", true, u::small::run_truncate;
    "tty", true, u::tty::run;
    "umount", true, u::mount::run_umount;
    "uname", true, u::uname::run;
    "uniq", true, u::uniq::run;
    "unlink", true, u::small::run_unlink;
    "uptime", true, u::free::run_uptime;
    "useradd", false, u::accounts::run_useradd;
    "vi", true, u::vi::run;
    "vim", false, u::vi::run;
    "watch", true, u::watch::run;
    "wc", true, u::wc::run;
    "wget", true, u::wget::run;
    "which", true, u::which::run;
    "whoami", true, u::whoami::run;
    "xargs", true, u::xargs::run;
    "xxd", true, u::dump::run_xxd;
    "yes", true, u::yes::run;
    "zcat", true, u::gzip::run_zcat;
}

fn find(name: &str) -> Option<&'static Utility> {
    UTILITIES.binary_search_by(|u| u.name.cmp(name)).ok().map(|at| &UTILITIES[at])
}

/// The names of all utilities, sorted: for those who fill images.
pub fn names() -> impl Iterator<Item = &'static str> {
    UTILITIES.iter().map(|u| u.name)
}

/// The names that BusyBox answers to, sorted.
pub fn busybox_names() -> impl Iterator<Item = &'static str> {
    UTILITIES.iter().filter(|u| u.in_busybox).map(|u| u.name)
}

/// All utilities as programs, and `busybox`, which is all of its applets.
pub fn programs() -> Vec<Program> {
    let mut programs: Vec<Program> = UTILITIES
        .iter()
        .map(|utility| Program { name: utility.name, main: Rc::new(|sys| Box::pin(run(utility, sys, Flavour::Gnu))) })
        .collect();
    programs.push(machine::program!("busybox", busybox));
    programs
}

async fn run(utility: &'static Utility, sys: Sys, flavour: Flavour) -> ExitCode {
    let args = sys.args();
    let called = args.first().map_or("", |arg| base(arg)).to_string();
    let mut cx = Context::new(sys, &called, args.get(1..).unwrap_or_default().to_vec(), flavour);
    let status = (utility.run)(&mut cx).await;
    cx.flush().await;
    status
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// BusyBox: the applet that it is called as, or that its first argument names.
async fn busybox(sys: Sys) -> ExitCode {
    let args = sys.args();
    let called = args.first().map_or("", |arg| base(arg));
    let (name, rest) = match called {
        "busybox" => match args.get(1) {
            Some(name) => (base(name), args.get(2..).unwrap_or_default()),
            None => return list_applets(sys).await,
        },
        name => (name, args.get(1..).unwrap_or_default()),
    };
    let mut cx = Context::new(sys, name, rest.to_vec(), Flavour::Busybox);
    match find(name).filter(|utility| utility.in_busybox) {
        Some(utility) => {
            let status = (utility.run)(&mut cx).await;
            cx.flush().await;
            status
        }
        None => {
            cx.complain(&format!("{name}: applet not found\n")).await;
            ExitCode(127)
        }
    }
}

async fn list_applets(sys: Sys) -> ExitCode {
    let mut cx = Context::new(sys, "busybox", Vec::new(), Flavour::Busybox);
    cx.line(BUSYBOX_BANNER).await;
    cx.line("\nCurrently defined functions:").await;
    let mut line = String::from("\t");
    for name in busybox_names() {
        if line.len() + name.len() + 2 > 76 {
            cx.line(&line).await;
            line = String::from("\t");
        }
        line.push_str(name);
        line.push_str(", ");
    }
    cx.line(line.trim_end_matches(", ")).await;
    cx.flush().await;
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    #[test]
    fn sorted_by_name() {
        assert!(super::UTILITIES.is_sorted_by(|a, b| a.name < b.name));
    }
}
