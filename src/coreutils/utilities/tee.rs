//! `tee`: standard input to files and standard output.

use machine::fs::OpenFlags;
use machine::process::Disposition;
use machine::{ExitCode, Fd, Signal};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "ai",
    long: &[("append", 'a', Value::None), ("ignore-interrupts", 'i', Value::None), HELP, VERSION],
    posix: false,
};

const USAGE: &str = "\
Usage: tee [OPTION]... [FILE]...
Copy standard input to each FILE, and also to standard output.

  -a, --append              append to the given FILEs, do not overwrite
  -i, --ignore-interrupts   ignore interrupt signals
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if parsed.has('i') {
        let _ = cx.sys.sigaction(Signal::INT, Disposition::Ignore);
    }
    let flags = if parsed.has('a') { OpenFlags::APPEND } else { OpenFlags::CREATE };
    let mut files = Vec::new();
    for path in &parsed.operands {
        match cx.sys.open(path, flags, 0o666).await {
            Ok(fd) => files.push((path.clone(), fd)),
            Err(error) => cx.error(format_args!("{path}: {error}")).await,
        }
    }
    while let Ok(data) = cx.sys.read_vec(Fd::STDIN, 65536).await {
        if data.is_empty() {
            break;
        }
        cx.put(&data).await;
        cx.flush().await;
        for (path, fd) in &files {
            if let Err(error) = cx.sys.write_all(*fd, &data).await {
                cx.error(format_args!("{path}: {error}")).await;
            }
        }
    }
    cx.status()
}
