//! `su`: a shell or a command as another user (util-linux; BusyBox's).

use machine::{Errno, ExitCode};

use crate::context::Context;
use crate::options::{HELP, HELP_OPTION, Spec, VERSION, VERSION_OPTION, Value, parse};
use crate::text::id_of;

const SPEC: Spec = Spec {
    short: "c:flmpPg:G:s:hV",
    long: &[
        ("command", 'c', Value::Required),
        ("session-command", 'c', Value::Required),
        ("fast", 'f', Value::None),
        ("login", 'l', Value::None),
        ("preserve-environment", 'm', Value::None),
        ("group", 'g', Value::Required),
        ("supp-group", 'G', Value::Required),
        ("shell", 's', Value::Required),
        ("pty", 'P', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "
Usage:
 su [options] [-] [<user> [<argument>...]]

Change the effective user ID and group ID to that of <user>.
A mere - implies -l.  If <user> is not given, root is assumed.

Options:
 -m, -p, --preserve-environment      do not reset environment variables

 -g, --group <group>             specify the primary group
 -G, --supp-group <group>        specify a supplemental group

 -, -l, --login                  make the shell a login shell
 -c, --command <command>         pass a single command to the shell with -c
 --session-command <command>     pass a single command to the shell with -c
                                   and do not create a new session
 -f, --fast                      pass -f to the shell (for csh or tcsh)
 -s, --shell <shell>             run <shell> if /etc/shells allows it
 -P, --pty                       create a new pseudo-terminal

 -h, --help                      display this help
 -V, --version                   display version

For more details see su(1).
";

/// A line of `/etc/passwd`.
struct User {
    name: String,
    uid: u32,
    gid: u32,
    home: String,
    shell: String,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match parse(&SPEC, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.complain(&format!("su: {text}\nTry 'su --help' for more information.\n")).await;
            return ExitCode::FAILURE;
        }
    };
    if parsed.has(HELP_OPTION) || parsed.has('h') {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if parsed.has(VERSION_OPTION) || parsed.has('V') {
        cx.line("su from util-linux 2.38.1").await;
        return ExitCode::SUCCESS;
    }
    let mut operands = parsed.operands.iter();
    let mut name = operands.next();
    let login = parsed.has('l') || name.is_some_and(|n| n == "-");
    if name.is_some_and(|n| n == "-") {
        name = operands.next();
    }
    let name = name.map_or("root", |n| n);
    let Some(user) = find(cx, name) else {
        let text = if cx.is_busybox() {
            format!("unknown user {name}")
        } else {
            format!("user {name} does not exist or the user entry does not contain all the required fields")
        };
        cx.error(text).await;
        return cx.status();
    };
    if cx.sys.credentials().euid != 0 {
        // No account here has a password: none is right.
        let text = if cx.is_busybox() { "must be suid to work properly" } else { "Authentication failure" };
        cx.error(text).await;
        return cx.status();
    }
    let shell = parsed.value('s').map_or_else(|| user.shell.clone(), String::from);
    let env = environment(cx, &user, &shell, login, parsed.has('m') || parsed.has('p'));
    if let Err(error) = become_user(cx, &user) {
        cx.error(format_args!("cannot set user id: {error}")).await;
        return cx.status();
    }
    if login && cx.sys.chdir(&user.home).is_err() {
        let text = format!("su: warning: cannot change directory to {}: No such file or directory\n", user.home);
        cx.complain(&text).await;
    }
    let base = shell.rsplit('/').next().unwrap_or("sh");
    let mut args = vec![if login { format!("-{base}") } else { base.to_string() }];
    if let Some(command) = parsed.value('c') {
        args.extend(["-c".to_string(), command.to_string()]);
    }
    args.extend(operands.cloned());
    cx.flush().await;
    let error = cx.sys.execve(&shell, args, env).await;
    cx.error(format_args!("failed to execute {shell}: {error}")).await;
    ExitCode(if error == Errno::ENOENT { 127 } else { 126 })
}

fn find(cx: &Context, name: &str) -> Option<User> {
    let read = cx.sys.read_file("/etc/passwd").unwrap_or_default();
    let text = String::from_utf8_lossy(&read).into_owned();
    let fields: Vec<&str> =
        text.lines().map(|l| l.split(':').collect::<Vec<_>>()).find(|f| f.first() == Some(&name))?;
    let [name, _, uid, gid, _, home, shell] = fields[..] else { return None };
    let shell = if shell.is_empty() { "/bin/sh" } else { shell };
    Some(User {
        name: name.into(),
        uid: uid.parse().ok()?,
        gid: gid.parse().ok()?,
        home: home.into(),
        shell: shell.into(),
    })
}

fn environment(cx: &Context, user: &User, shell: &str, login: bool, keep: bool) -> Vec<String> {
    let mut env = cx.sys.env().to_vec();
    if keep && !login {
        return env;
    }
    let mut set = |name: &str, value: &str| {
        env.retain(|e| e.split('=').next() != Some(name));
        env.push(format!("{name}={value}"));
    };
    set("HOME", &user.home);
    set("SHELL", shell);
    if login || user.uid != 0 {
        set("USER", &user.name);
        set("LOGNAME", &user.name);
    }
    if login {
        let path = if user.uid == 0 {
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        } else {
            "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"
        };
        set("PATH", path);
        env.retain(|e| {
            ["HOME", "SHELL", "USER", "LOGNAME", "PATH", "TERM"].contains(&e.split('=').next().unwrap_or(""))
        });
    }
    env
}

fn become_user(cx: &Context, user: &User) -> machine::SysResult<()> {
    let read = cx.sys.read_file("/etc/group").unwrap_or_default();
    let groups = String::from_utf8_lossy(&read).into_owned();
    let member = |line: &&str| line.rsplit(':').next().is_some_and(|m| m.split(',').any(|n| n == user.name));
    let mut new = (*cx.sys.credentials()).clone();
    (new.uid, new.euid, new.gid, new.egid) = (user.uid, user.uid, user.gid, user.gid);
    new.groups = groups.lines().filter(member).filter_map(|l| id_of(&groups, l.split(':').next()?)).collect();
    cx.sys.set_credentials(new)
}
