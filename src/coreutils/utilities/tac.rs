//! `tac` and `rev`: lines from the last to the first, and lines from right to left.

use machine::ExitCode;

use crate::context::Context;
use crate::lines::{Lines, chomp};
use crate::options::{HELP, Spec, VERSION};

const SPEC: Spec = Spec { short: "", long: &[HELP, VERSION], posix: false };

const USAGE: &str = "\
Usage: tac [OPTION]... [FILE]...
Write each FILE to standard output, last line first.

With no FILE, or when FILE is -, read standard input.

      --help        display this help and exit
      --version     output version information and exit
";

const REV_USAGE: &str = "
Usage:
 rev [options] [file ...]

Reverse lines characterwise.

Options:
 -h, --help     display this help
 -V, --version  display version
";

/// `tac`.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let operands = if parsed.operands.is_empty() { vec!["-".to_string()] } else { parsed.operands };
    for path in operands {
        match cx.read_all(&path).await {
            Ok(data) => {
                let lines: Vec<&[u8]> = data.split_inclusive(|b| *b == b'\n').collect();
                for line in lines.iter().rev() {
                    cx.put(line).await;
                }
            }
            Err(machine::Errno::EISDIR) => {
                cx.error(format_args!("{path}: read error: {}", machine::Errno::EINVAL)).await;
            }
            Err(error) => {
                cx.error(format_args!("failed to open {} for reading: {error}", crate::text::quote(&path))).await;
            }
        }
    }
    cx.status()
}

/// `rev`.
pub async fn run_rev(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, REV_USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let operands = if parsed.operands.is_empty() { vec!["-".to_string()] } else { parsed.operands };
    for path in operands {
        let fd = match cx.open(&path).await {
            Ok(fd) => fd,
            Err(error) => {
                cx.error(format_args!("cannot open {path}: {error}")).await;
                continue;
            }
        };
        let mut lines = Lines::new(fd);
        while let Ok(Some(line)) = lines.next(cx).await {
            let text: String = machine::text::from_bytes(chomp(&line)).chars().rev().collect();
            cx.put(&machine::text::to_bytes(&text)).await;
            if line.ends_with(b"\n") {
                cx.put(b"\n").await;
            }
        }
        cx.close(fd);
    }
    cx.status()
}
