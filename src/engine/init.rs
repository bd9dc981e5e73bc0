//! `docker-init` (tini): starts one program as its child, passes signals on, buries what is left over.

use machine::process::{Disposition, WaitFor, WaitOptions};
use machine::sys::Spawn;
use machine::{Errno, ExitCode, Fd, Signal, Sys, WaitStatus};

/// The program.
pub async fn main(sys: Sys) -> ExitCode {
    let args = sys.args();
    let command: Vec<String> = match args.get(1).map(String::as_str) {
        Some("--") => args[2..].to_vec(),
        _ => args.get(1..).unwrap_or_default().to_vec(),
    };
    let Some(name) = command.first().cloned() else {
        let _ = sys.write_all(Fd::STDERR, b"Usage: tini [OPTIONS] PROGRAM -- [ARGS] | --version\n").await;
        return ExitCode(1);
    };
    let path = find(&sys, &name);
    let spawn = Spawn {
        path,
        args: command,
        fds: [Fd::STDIN, Fd::STDOUT, Fd::STDERR].map(|fd| (fd, fd)).to_vec(),
        group: None,
        ..Spawn::default()
    };
    for number in 1..=31 {
        if let Some(signal) = Signal::from_number(number).filter(|s| *s != Signal::CHLD) {
            let _ = sys.sigaction(signal, Disposition::Catch);
        }
    }
    let child = match sys.spawn(spawn) {
        Ok(pid) => pid,
        Err(error) => {
            let text = format!("[FATAL tini (1)] exec {name} failed: {}\n", error.message());
            let _ = sys.write_all(Fd::STDERR, text.as_bytes()).await;
            return ExitCode(if error == Errno::ENOENT { 127 } else { 126 });
        }
    };
    loop {
        match sys.waitpid(WaitFor::Any, WaitOptions::default()).await {
            Ok(Some((pid, status))) if pid == child => match status {
                WaitStatus::Exited(_) | WaitStatus::Signaled(_) => return ExitCode(status.code()),
                _ => {}
            },
            Ok(_) => {}
            Err(Errno::EINTR) => {
                while let Some(signal) = sys.take_signal() {
                    let _ = sys.kill(child, Some(signal));
                }
            }
            Err(_) => return ExitCode(1),
        }
    }
}

fn find(sys: &Sys, name: &str) -> String {
    if name.contains('/') {
        return name.to_string();
    }
    let path = sys.env_var("PATH").unwrap_or_default();
    let found = path.split(':').map(|dir| format!("{dir}/{name}")).find(|p| sys.stat(p).is_ok_and(|a| a.is_file()));
    found.unwrap_or_else(|| name.to_string())
}
