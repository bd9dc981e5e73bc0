//! What containerd's shim does: it starts a process, holds its streams, and hears whether it runs its program.

use std::rc::Rc;

use docker_api::stdcopy::Stream;
use machine::fs::OpenFlags;
use machine::process::{WaitFor, WaitOptions};
use machine::{Fd, Pid, Sys};

use super::init::Ends;
use super::log::Logger;
use super::streams::Streams;

/// The exit status that a failure to start stands for.
pub fn exit_code_of(message: &str) -> i64 {
    let lower = message.to_lowercase();
    let has = |text: &str| lower.contains(text);
    match () {
        () if has("is a directory") || has("permission denied") => 126,
        () if has("executable file not found") || has("no such file or directory") || has("system cannot find") => 127,
        () => 128,
    }
}

/// Clones a process, connects its streams, and waits until it runs its program or says why not.
pub async fn spawn(
    sys: &Sys,
    streams: &Rc<Streams>,
    tty: bool,
    stdin: bool,
    log: Option<Rc<Logger>>,
    clone: impl FnOnce(&Sys, Ends) -> machine::SysResult<Pid>,
) -> Result<Pid, String> {
    let plain = |e: machine::Errno| crate::error::go_errno(e);
    let null = sys.open("/dev/null", OpenFlags::READ_WRITE.cloexec(), 0).await.map_err(plain)?;
    let (report, child_report) = sys.pipe(true).map_err(plain)?;
    let (child_go, go) = sys.pipe(true).map_err(plain)?;
    let mut stdio = [null; 3];
    let (mut input, mut outputs) = (None, Vec::new());
    if !tty {
        if stdin {
            let (read, write) = sys.pipe(true).map_err(plain)?;
            stdio[0] = read;
            input = Some(write);
        }
        for (i, stream) in [(1, Stream::Stdout), (2, Stream::Stderr)] {
            let (read, write) = sys.pipe(true).map_err(plain)?;
            stdio[i] = write;
            outputs.push((read, stream));
        }
    }
    let pid = clone(sys, Ends { stdio, report: child_report, go: child_go });
    for fd in stdio.into_iter().filter(|fd| *fd != null).chain([null, child_report, child_go]) {
        let _ = sys.close(fd);
    }
    let result = match pid {
        Ok(pid) => listen(sys, streams, pid, report, go, stdin).await.map(|()| pid),
        Err(error) => Err(plain(error)),
    };
    let _ = sys.close(report);
    let _ = sys.close(go);
    match &result {
        Ok(_) => {
            if let Some(fd) = input {
                streams.connect_stdin(fd);
            }
            for (fd, stream) in outputs {
                streams.pump(sys, fd, stream, log.clone());
            }
            if let Some(master) = streams.master.get() {
                streams.pump(sys, master, Stream::Stdout, log);
            }
        }
        Err(_) => {
            for fd in outputs.into_iter().map(|(fd, _)| fd).chain(input).chain(streams.master.take()) {
                let _ = sys.close(fd);
            }
            if let Ok(pid) = pid {
                let _ = sys.waitpid(WaitFor::Process(pid), WaitOptions::default()).await;
            }
        }
    }
    result
}

/// Reads what the child reports until it runs its program.
async fn listen(sys: &Sys, streams: &Streams, pid: Pid, report: Fd, go: Fd, stdin: bool) -> Result<(), String> {
    let mut text = String::new();
    loop {
        let data = sys.read_vec(report, 4096).await.unwrap_or_default();
        text.push_str(&machine::text::from_bytes(&data));
        if let Some(rest) = text.strip_prefix("master ")
            && let Some((number, rest)) = rest.split_once('\n')
        {
            let fd = number.parse().map(Fd).map_err(|_| "bad report".to_string())?;
            let master = sys.fetch_fd(pid, fd).map_err(crate::error::go_errno)?;
            streams.master.set(Some(master));
            if stdin && let Ok(fd) = sys.dup(master, Fd(3), true) {
                streams.connect_stdin(fd);
            }
            let _ = sys.write_all(go, b"g").await;
            text = rest.to_string();
        }
        if text.starts_with("started\n") {
            return Ok(());
        }
        if data.is_empty() {
            return Err(text
                .strip_prefix("error ")
                .unwrap_or("the process ended before it ran its program")
                .to_string());
        }
    }
}
#[cfg(test)]
mod tests {
    use super::exit_code_of;

    #[test]
    fn failures_have_exit_codes() {
        assert_eq!(exit_code_of("exec: \"x\": executable file not found in $PATH"), 127);
        assert_eq!(exit_code_of("exec: \"/x\": stat /x: no such file or directory"), 127);
        assert_eq!(exit_code_of("exec: \"/etc\": is a directory: permission denied"), 126);
        assert_eq!(exit_code_of("Bind for 0.0.0.0:80 failed"), 128);
    }
}
