//! `docker exec`.

use docker_api::http::Query;
use docker_api::types::{ExecConfig, ExecStart};
use machine::process::Disposition;
use machine::{ExitCode, Fd, Signal};

use super::option_values as values;
use super::options::with_value;
use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail, fail_with};
use crate::commands::common::{int, part, read_file, text};
use crate::term::{Ended, Streams, copy_streams, forward_signals, parse_keys};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["container exec", "exec"],
    usage: "[OPTIONS] CONTAINER COMMAND [ARG...]",
    short: "Execute a command in a running container",
    flags: &[r#"
d|detach||Detached mode: run command in the background
|detach-keys|string|Override the key sequence for detaching a container
e|env|list|Set environment variables
|env-file|list|Read in a file of environment variables
i|interactive||Keep STDIN open even if not attached
|privileged||Give extended privileges to the command
t|tty||Allocate a pseudo-TTY
u|user|string|Username or UID (format: "<name|uid>[:<group|gid>]")
w|workdir|string|Working directory inside the container
"#],
    args: Args::AtLeast(2),
    interspersed: false,
    check,
    ..Spec::new(|c| Box::pin(run(c)))
};

fn check(name: &str, value: &str) -> Result<(), String> {
    if name == "env" { values::env(value) } else { Ok(()) }
}

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    let (tty, interactive, detach) = (m.on("tty"), m.on("interactive"), m.on("detach"));
    let mut env = Vec::new();
    for path in m.all("env-file") {
        for line in values::lines(&path, &read_file(&c.sys, &path)?)? {
            env.extend(with_value(&c.sys, &line));
        }
    }
    env.extend(m.all("env").iter().filter_map(|text| with_value(&c.sys, text)));
    let size = c.sys.winsize(Fd::STDOUT).ok().map(|s| [u32::from(s.rows), u32::from(s.columns)]);
    let config = ExecConfig {
        user: m.text("user"),
        privileged: m.on("privileged"),
        tty,
        console_size: if tty { size } else { None },
        attach_stdin: interactive && !detach,
        attach_stderr: !detach,
        attach_stdout: !detach,
        detach_keys: m.text("detach-keys"),
        env: (!env.is_empty()).then_some(env),
        working_dir: m.text("workdir"),
        cmd: Some(m.args.get(1..).unwrap_or(&[]).to_vec()),
    };
    let client = c.client();
    let name = part(m.arg(0));
    // The container is looked up first: a detached exec must not be created in vain.
    client.get(&format!("/containers/{name}/json"), &Query::default()).await?;
    if !detach && interactive && tty && !c.sys.isatty(Fd::STDIN) {
        return fail("the input device is not a TTY");
    }
    let created = client.post_json(&format!("/containers/{name}/exec"), &Query::default(), &config).await?;
    let id = text(&created, "Id");
    if id.is_empty() {
        return fail("exec ID empty");
    }
    let path = format!("/exec/{id}/start");
    let start = ExecStart { detach, tty, console_size: config.console_size };
    if detach {
        client.send("POST", &path, &Query::default(), Body::json(&start)).await?;
        return Ok(());
    }
    let streams =
        Streams { stdin: interactive, output: true, tty, keys: parse_keys(&config.detach_keys).unwrap_or_default() };
    let hijacked = client.hijack(&path, &Query::default(), Body::json(&start)).await?;
    if tty && !interactive {
        // Nothing is read from the terminal, so Ctrl-C is for this program: it leaves, without complaint.
        leave_on_interrupt(&c);
    } else if tty && c.sys.isatty(Fd::STDOUT) {
        forward_signals(&c.sys, &client, None, Some(format!("/exec/{id}/resize")));
        crate::term::watch_window(&c.sys.for_thread(), &client, &format!("/exec/{id}/resize")).await;
    }
    match copy_streams(&c.sys, hijacked, &streams).await {
        Ended::Detached => return fail("read escape sequence"),
        Ended::Failed(why) => return fail(why),
        Ended::Closed => {}
    }
    let done = client.get(&format!("/exec/{id}/json"), &Query::default()).await?;
    match int(&done, "ExitCode") {
        0 => Ok(()),
        status => fail_with(status as i32, ""),
    }
}

fn leave_on_interrupt(c: &Invocation) {
    let _ = c.sys.sigaction(Signal::INT, Disposition::Catch);
    let (watcher, quiet) = (c.sys.clone(), c.sys.for_thread());
    c.sys.thread(async move {
        while watcher.next_signal().await != Signal::INT {}
        quiet.exit(ExitCode::SUCCESS).await;
    });
}
