//! `cat`: files one after another.

use machine::{Errno, ExitCode};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "AbeEnstTuv",
    long: &[
        ("show-all", 'A', Value::None),
        ("number-nonblank", 'b', Value::None),
        ("show-ends", 'E', Value::None),
        ("number", 'n', Value::None),
        ("squeeze-blank", 's', Value::None),
        ("show-tabs", 'T', Value::None),
        ("show-nonprinting", 'v', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: cat [OPTION]... [FILE]...
Concatenate FILE(s) to standard output.

With no FILE, or when FILE is -, read standard input.

  -A, --show-all           equivalent to -vET
  -b, --number-nonblank    number nonempty output lines, overrides -n
  -e                       equivalent to -vE
  -E, --show-ends          display $ at end of each line
  -n, --number             number all output lines
  -s, --squeeze-blank      suppress repeated empty output lines
  -t                       equivalent to -vT
  -T, --show-tabs          display TAB characters as ^I
  -u                       (ignored)
  -v, --show-nonprinting   use ^ and M- notation, except for LFD and TAB
      --help        display this help and exit
      --version     output version information and exit
";

#[allow(clippy::struct_excessive_bools)]
struct Style {
    number: bool,
    number_nonblank: bool,
    ends: bool,
    squeeze: bool,
    tabs: bool,
    visible: bool,
    line: u64,
    blank_lines: u32,
    at_start: bool,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let has = |letters: &str| letters.chars().any(|l| parsed.has(l));
    let mut style = Style {
        number: has("n") && !has("b"),
        number_nonblank: has("b"),
        ends: has("AeE"),
        squeeze: has("s"),
        tabs: has("AtT"),
        visible: has("Aetv"),
        line: 0,
        blank_lines: 0,
        at_start: true,
    };
    let plain = !(has("bnsAetvET"));
    let operands = if parsed.operands.is_empty() { vec!["-".to_string()] } else { parsed.operands };
    for path in operands {
        if let Err(error) = copy(cx, &path, &mut style, plain).await {
            let prefix = if cx.is_busybox() && error == Errno::ENOENT { "can't open " } else { "" };
            if cx.is_busybox() && error == Errno::EISDIR {
                cx.error(format_args!("read error: {error}")).await;
                continue;
            }
            let shown = if prefix.is_empty() { path } else { format!("'{path}'") };
            cx.error(format_args!("{prefix}{shown}: {error}")).await;
        }
    }
    cx.status()
}

async fn copy(cx: &mut Context, path: &str, style: &mut Style, plain: bool) -> Result<(), Errno> {
    let fd = cx.open(path).await?;
    if cx.sys.fstat(fd)?.is_dir() {
        cx.close(fd);
        return Err(Errno::EISDIR);
    }
    let result = loop {
        match cx.sys.read_vec(fd, 65536).await {
            Ok(data) if data.is_empty() => break Ok(()),
            Ok(data) if plain => cx.put(&data).await,
            Ok(data) => {
                let shown = style.show(&data);
                cx.put(&shown).await;
            }
            Err(error) => break Err(error),
        }
        // What came is shown before more is waited for.
        cx.flush().await;
    };
    cx.close(fd);
    result
}

impl Style {
    fn show(&mut self, data: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(data.len());
        for &byte in data {
            if self.at_start {
                self.blank_lines = if byte == b'\n' { self.blank_lines + 1 } else { 0 };
                if self.squeeze && self.blank_lines > 1 {
                    continue;
                }
                if self.number || (self.number_nonblank && byte != b'\n') {
                    self.line += 1;
                    out.extend_from_slice(format!("{:6}\t", self.line).as_bytes());
                }
            }
            self.at_start = byte == b'\n';
            match byte {
                b'\n' if self.ends => out.extend_from_slice(b"$\n"),
                b'\n' => out.push(byte),
                b'\t' if self.tabs => out.extend_from_slice(b"^I"),
                b'\t' => out.push(byte),
                _ if self.visible => visible(byte, &mut out),
                _ => out.push(byte),
            }
        }
        out
    }
}

fn visible(byte: u8, out: &mut Vec<u8>) {
    if byte >= 128 {
        out.extend_from_slice(b"M-");
    }
    match byte & 127 {
        127 => out.extend_from_slice(b"^?"),
        low @ 0..32 => out.extend_from_slice(&[b'^', low + 64]),
        low => out.push(low),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles() {
        let base = || Style {
            number: false,
            number_nonblank: false,
            ends: false,
            squeeze: false,
            tabs: false,
            visible: false,
            line: 0,
            blank_lines: 0,
            at_start: true,
        };
        assert_eq!(Style { number: true, ..base() }.show(b"a\n\nb"), b"     1\ta\n     2\t\n     3\tb");
        assert_eq!(Style { number_nonblank: true, ..base() }.show(b"a\n\nb"), b"     1\ta\n\n     2\tb");
        assert_eq!(Style { squeeze: true, ..base() }.show(b"a\n\n\n\nb\n"), b"a\n\nb\n");
        assert_eq!(
            Style { ends: true, tabs: true, visible: true, ..base() }.show(b"\ta\x01\x7f\xc1\n"),
            b"^Ia^A^?M-A$\n"
        );
    }
}
