//! Programs that a utility starts: found on `PATH`, run, waited for.

use machine::fs::Access;
use machine::process::{WaitFor, WaitOptions, WaitStatus};
use machine::sys::Spawn;
use machine::{Errno, Fd, Pid, SysResult};

use crate::context::Context;

/// Where `execvp(3)` finds a program.
pub fn find_program(cx: &Context, name: &str) -> SysResult<String> {
    if name.contains('/') {
        return cx.sys.stat(name).map(|_| name.to_string());
    }
    let path = cx.sys.env_var("PATH").unwrap_or_else(|| "/bin:/usr/bin".into());
    let mut result = Errno::ENOENT;
    for folder in path.split(':') {
        let file = format!("{}/{name}", if folder.is_empty() { "." } else { folder });
        let execute = Access { execute: true, ..Access::default() };
        match cx.sys.stat(&file) {
            Ok(attr) if attr.is_file() => match cx.sys.access(&file, execute) {
                Ok(()) => return Ok(file),
                Err(error) => result = error,
            },
            _ => {}
        }
    }
    Err(result)
}

/// Starts a program with this utility's standard descriptors; a script without `#!` goes to `/bin/sh`.
pub async fn start(cx: &mut Context, args: &[String], stdin: Option<Fd>) -> SysResult<Pid> {
    cx.flush().await;
    let path = find_program(cx, args.first().map_or("", |a| a))?;
    let fds = vec![(Fd::STDIN, stdin.unwrap_or(Fd::STDIN)), (Fd::STDOUT, Fd::STDOUT), (Fd::STDERR, Fd::STDERR)];
    let spawn = Spawn { path: path.clone(), args: args.to_vec(), fds, ..Spawn::default() };
    match cx.sys.spawn(spawn.clone()) {
        Err(Errno::ENOEXEC) => {
            let mut words = vec!["/bin/sh".to_string(), path];
            words.extend(args.iter().skip(1).cloned());
            cx.sys.spawn(Spawn { path: "/bin/sh".into(), args: words, ..spawn })
        }
        result => result,
    }
}

/// Waits for a child's end, whatever signals come.
pub async fn wait(cx: &Context, pid: Pid) -> WaitStatus {
    loop {
        match cx.sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await {
            Ok(Some((_, status))) => return status,
            Ok(None) | Err(Errno::EINTR) => {}
            Err(_) => return WaitStatus::Exited(127),
        }
    }
}

/// Runs a program to its end.
pub async fn run(cx: &mut Context, args: &[String], stdin: Option<Fd>) -> SysResult<WaitStatus> {
    let pid = start(cx, args, stdin).await?;
    Ok(wait(cx, pid).await)
}
