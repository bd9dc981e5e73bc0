//! `echo`: its arguments.

use machine::ExitCode;

use crate::context::Context;
use crate::escapes::unescape;

const USAGE: &str = "\
Usage: echo [SHORT-OPTION]... [STRING]...
  or:  echo LONG-OPTION
Echo the STRING(s) to standard output.

  -n             do not output the trailing newline
  -e             enable interpretation of backslash escapes
  -E             disable interpretation of backslash escapes (default)
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it. It knows no `getopt`: what is no option of its is text.
pub async fn run(cx: &mut Context) -> ExitCode {
    if cx.args.len() == 1 && !cx.is_busybox() {
        match &*cx.args[0] {
            "--help" => {
                cx.put(USAGE.as_bytes()).await;
                return ExitCode::SUCCESS;
            }
            "--version" => {
                cx.line("echo (GNU coreutils) 9.1").await;
                return ExitCode::SUCCESS;
            }
            _ => {}
        }
    }
    let (mut newline, mut escapes) = (true, false);
    let args = cx.args.clone();
    let mut words = args.as_slice();
    while let Some((first, rest)) = words.split_first()
        && let Some(letters) = first.strip_prefix('-').filter(|l| !l.is_empty())
        && letters.bytes().all(|b| b"neE".contains(&b))
    {
        for letter in letters.bytes() {
            match letter {
                b'n' => newline = false,
                b'e' => escapes = true,
                _ => escapes = false,
            }
        }
        words = rest;
    }
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            cx.put(b" ").await;
        }
        if escapes {
            let unescaped = unescape(word, true);
            cx.put(&unescaped.bytes).await;
            if unescaped.stopped {
                return cx.status();
            }
        } else {
            cx.put(&machine::text::to_bytes(word)).await;
        }
    }
    if newline {
        cx.put(b"\n").await;
    }
    cx.status()
}
