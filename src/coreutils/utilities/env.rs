//! `env`: a program in another environment.

use machine::{Errno, ExitCode};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "i0u:C:",
    long: &[
        ("ignore-environment", 'i', Value::None),
        ("null", '0', Value::None),
        ("unset", 'u', Value::Required),
        ("chdir", 'C', Value::Required),
        HELP,
        VERSION,
    ],
    posix: true,
};

const USAGE: &str = "\
Usage: env [OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]
Set each NAME to VALUE in the environment and run COMMAND.

  -i, --ignore-environment  start with an empty environment
  -0, --null           end each output line with NUL, not newline
  -u, --unset=NAME     remove variable from the environment
  -C, --chdir=DIR      change working directory to DIR
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) if status == ExitCode::SUCCESS || cx.is_busybox() => return status,
        Err(_) => return ExitCode(125),
    };
    let mut env: Vec<String> = if parsed.has('i') { Vec::new() } else { cx.sys.env().to_vec() };
    for (option, value) in &parsed.options {
        if let ('u', Some(name)) = (option, value) {
            env.retain(|e| e.split('=').next() != Some(name));
        }
    }
    let mut operands = parsed.operands.as_slice();
    while let Some((first, rest)) = operands.split_first() {
        if first == "-" {
            env.clear();
        } else if let Some((name, _)) = first.split_once('=') {
            match env.iter_mut().find(|e| e.split('=').next() == Some(name)) {
                Some(entry) => entry.clone_from(first),
                None => env.push(first.clone()),
            }
        } else {
            break;
        }
        operands = rest;
    }
    if let Some(Err(error)) = parsed.value('C').map(|dir| cx.sys.chdir(dir)) {
        cx.error(format_args!("cannot change directory to {}: {error}", cx.quote(parsed.value('C').unwrap_or(""))))
            .await;
        return ExitCode(125);
    }
    let Some(program) = operands.first() else {
        let end = if parsed.has('0') { "\0" } else { "\n" };
        for entry in &env {
            cx.put(&machine::text::to_bytes(&format!("{entry}{end}"))).await;
        }
        return cx.status();
    };
    let error = exec_on_path(cx, program, operands.to_vec(), env).await;
    if cx.is_busybox() {
        cx.error(format_args!("can't execute '{program}': {error}")).await;
    } else {
        cx.error(format_args!("{}: {error}", cx.quote(program))).await;
    }
    ExitCode(if error == Errno::ENOENT { 127 } else { 126 })
}

/// `execvp(3)`: comes back only with an error.
pub async fn exec_on_path(cx: &mut Context, program: &str, args: Vec<String>, env: Vec<String>) -> Errno {
    cx.flush().await;
    if program.contains('/') {
        return cx.sys.execve(program, args, env).await;
    }
    let path = env.iter().find_map(|e| e.strip_prefix("PATH=")).unwrap_or("/bin:/usr/bin").to_string();
    let mut result = Errno::ENOENT;
    for folder in path.split(':') {
        let folder = if folder.is_empty() { "." } else { folder };
        match cx.sys.execve(&format!("{folder}/{program}"), args.clone(), env.clone()).await {
            Errno::ENOENT | Errno::ENOTDIR => {}
            Errno::EACCES => result = Errno::EACCES,
            error => return error,
        }
    }
    result
}
