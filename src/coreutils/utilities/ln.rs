//! `ln`: more names for files, and symbolic links.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::quote;

const SPEC: Spec = Spec {
    short: "finst:Tv",
    long: &[
        ("force", 'f', Value::None),
        ("no-dereference", 'n', Value::None),
        ("symbolic", 's', Value::None),
        ("target-directory", 't', Value::Required),
        ("no-target-directory", 'T', Value::None),
        ("verbose", 'v', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: ln [OPTION]... [-T] TARGET LINK_NAME
  or:  ln [OPTION]... TARGET
  or:  ln [OPTION]... TARGET... DIRECTORY
  or:  ln [OPTION]... -t DIRECTORY TARGET...
In the 1st form, create a link to TARGET with the name LINK_NAME.
In the 2nd form, create a link to TARGET in the current directory.

  -f, --force                 remove existing destination files
  -n, --no-dereference        treat LINK_NAME as a normal file if
                                it is a symbolic link to a directory
  -s, --symbolic              make symbolic links instead of hard links
  -t, --target-directory=DIRECTORY  specify the DIRECTORY in which to create
                                the links
  -T, --no-target-directory   treat LINK_NAME as a normal file always
  -v, --verbose               print name of each linked file
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if parsed.operands.len() == 1 && !parsed.has('t') {
        parsed.operands.push(".".into());
    }
    let last_is_link = parsed.operands.last().is_some_and(|p| cx.sys.read_link(p).is_ok());
    if parsed.has('n') && last_is_link {
        parsed.options.push(('T', None));
    }
    let pairs = match super::cp::targets(cx, &parsed).await {
        Ok(pairs) => pairs,
        Err(status) => return status,
    };
    let symbolic = parsed.has('s');
    for (target, name) in pairs {
        if parsed.has('f') && !cx.sys.lstat(&name).is_ok_and(|a| a.is_dir()) {
            let _ = cx.sys.unlink(&name);
        }
        if !symbolic && cx.sys.stat(&target).is_ok_and(|a| a.is_dir()) {
            cx.error(format_args!("{target}: hard link not allowed for directory")).await;
            continue;
        }
        let result = if symbolic { cx.sys.symlink(&target, &name) } else { cx.sys.link(&target, &name) };
        match result {
            Ok(()) if parsed.has('v') => {
                let arrow = if symbolic { "->" } else { "=>" };
                cx.line(&format!("{} {arrow} {}", quote(&name), quote(&target))).await;
            }
            Ok(()) => {}
            Err(error) if cx.is_busybox() => cx.error(format_args!("{name}: {error}")).await,
            Err(error) if symbolic => {
                cx.error(format_args!("failed to create symbolic link {}: {error}", quote(&name))).await
            }
            Err(error) => {
                let what = if error == machine::Errno::ENOENT {
                    format!("failed to access {}", quote(&target))
                } else {
                    format!("failed to create hard link {}", quote(&name))
                };
                cx.error(format_args!("{what}: {error}")).await;
            }
        }
    }
    cx.status()
}
