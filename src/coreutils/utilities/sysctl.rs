//! `sysctl`: settings of the kernel (procps-ng 4.0.2).

use machine::{Errno, ExitCode};

use crate::context::Context;

const USAGE: &str = "
Usage:
 sysctl [options] [variable[=value] ...]

Options:
  -a, --all            display all variables
  -e, --ignore         ignore unknown variables errors
  -n, --values         print only values of the given variables
  -N, --names          print only variable names without values
  -q, --quiet          do not echo variable set
  -w, --write          enable writing a value to variable

 -h, --help     display this help and exit
 -V, --version  output version information and exit

For more details see sysctl(8).
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let (mut all, mut ignore, mut values, mut names, mut quiet, mut settings) =
        (false, false, false, false, false, Vec::new());
    for arg in cx.args.clone() {
        match &*arg {
            "-a" | "-A" | "--all" => all = true,
            "-e" | "--ignore" => ignore = true,
            "-n" | "--values" => values = true,
            "-N" | "--names" => names = true,
            "-q" | "--quiet" => quiet = true,
            "-w" | "--write" => {}
            "-h" | "--help" => {
                cx.put(USAGE.as_bytes()).await;
                return ExitCode::SUCCESS;
            }
            "-p" | "--load" => {
                cx.complain("drydock: sysctl -p is not emulated here\n").await;
                return ExitCode::FAILURE;
            }
            option if option.starts_with('-') => {
                let text = format!("sysctl: invalid option -- '{}'\n{USAGE}", option.trim_start_matches('-'));
                cx.complain(&text).await;
                return ExitCode::FAILURE;
            }
            _ => settings.push(arg),
        }
    }
    if all {
        settings = list(cx);
    }
    if settings.is_empty() {
        cx.complain(USAGE).await;
        return ExitCode::FAILURE;
    }
    for setting in settings {
        let (name, value) = match setting.split_once('=') {
            Some((name, value)) => (name.trim().to_string(), Some(value.trim().to_string())),
            None => (setting, None),
        };
        let path = format!("/proc/sys/{}", name.replace('.', "/"));
        let written = match &value {
            Some(value) => write(cx, &path, value).await,
            None => Ok(()),
        };
        if let Err(error) = written {
            let text = match error {
                Errno::ENOENT if ignore => continue,
                Errno::ENOENT => format!("cannot stat {path}: {error}"),
                Errno::EACCES | Errno::EPERM => format!("permission denied on key '{}'", name.replace('/', ".")),
                error => format!("setting key \"{name}\": {error}"),
            };
            cx.error(text).await;
            continue;
        }
        match cx.sys.read_file(&path) {
            Ok(_) if quiet && value.is_some() => {}
            Ok(data) => show(cx, &name, &machine::text::from_bytes(&data), names, values).await,
            Err(Errno::ENOENT) if ignore => {}
            Err(error) => cx.error(format_args!("cannot stat {path}: {error}")).await,
        }
    }
    cx.status()
}

async fn show(cx: &mut Context, name: &str, data: &str, names: bool, values: bool) {
    for line in data.lines() {
        let text = match () {
            () if names => name.to_string(),
            () if values => line.to_string(),
            () => format!("{name} = {line}"),
        };
        cx.line(&text).await;
    }
}

async fn write(cx: &Context, path: &str, value: &str) -> machine::SysResult<()> {
    let fd = cx.sys.open(path, machine::fs::OpenFlags::WRITE.cloexec(), 0).await?;
    let result = cx.sys.write_all(fd, format!("{value}\n").as_bytes()).await;
    let _ = cx.sys.close(fd);
    result
}

/// The names of all settings.
fn list(cx: &Context) -> Vec<String> {
    let (mut found, mut todo) = (Vec::new(), vec![String::new()]);
    while let Some(below) = todo.pop() {
        for entry in cx.sys.read_dir(&format!("/proc/sys{below}")).unwrap_or_default() {
            let path = format!("{below}/{}", entry.name);
            if entry.kind == machine::fs::FileKind::Directory {
                todo.push(path);
            } else {
                found.push(path[1..].replace('/', "."));
            }
        }
    }
    found.sort();
    found
}
