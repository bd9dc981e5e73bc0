//! `mv`: moves and renames.

use machine::{Errno, ExitCode, Fd, SysResult};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::quote;

const SPEC: Spec = Spec {
    short: "finTt:uv",
    long: &[
        ("force", 'f', Value::None),
        ("interactive", 'i', Value::None),
        ("no-clobber", 'n', Value::None),
        ("no-target-directory", 'T', Value::None),
        ("target-directory", 't', Value::Required),
        ("update", 'u', Value::None),
        ("verbose", 'v', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: mv [OPTION]... [-T] SOURCE DEST
  or:  mv [OPTION]... SOURCE... DIRECTORY
  or:  mv [OPTION]... -t DIRECTORY SOURCE...
Rename SOURCE to DEST, or move SOURCE(s) to DIRECTORY.

  -f, --force                  do not prompt before overwriting
  -i, --interactive            prompt before overwrite
  -n, --no-clobber             do not overwrite an existing file
  -t, --target-directory=DIRECTORY  move all SOURCE arguments into DIRECTORY
  -T, --no-target-directory    treat DEST as a normal file
  -u, --update                 move only when the SOURCE file is newer
                                 than the destination file or when the
                                 destination file is missing
  -v, --verbose                explain what is being done
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let pairs = match super::cp::targets(cx, &parsed).await {
        Ok(pairs) => pairs,
        Err(status) => return status,
    };
    for (source, target) in pairs {
        let attr = match cx.sys.lstat(&source) {
            Ok(attr) => attr,
            Err(error) => {
                let what = if cx.is_busybox() {
                    format!("can't rename '{source}'")
                } else {
                    format!("cannot stat {}", quote(&source))
                };
                cx.error(format_args!("{what}: {error}")).await;
                continue;
            }
        };
        if let Ok(old) = cx.sys.lstat(&target) {
            if old.dev == attr.dev && old.ino == attr.ino {
                cx.error(format_args!("{} and {} are the same file", quote(&source), quote(&target))).await;
                continue;
            }
            let keep = parsed.last_of("fin");
            if keep == Some('n') || (parsed.has('u') && old.mtime >= attr.mtime) {
                continue;
            }
            if keep == Some('i') {
                let question = format!("{}: overwrite {}? ", cx.name, quote(&target));
                cx.complain(&question).await;
                let answer = cx.sys.read_vec(Fd::STDIN, 4096).await.unwrap_or_default();
                if !matches!(answer.first(), Some(b'y' | b'Y')) {
                    continue;
                }
            }
        }
        let result = match cx.sys.rename(&source, &target) {
            Err(Errno::EXDEV) => across(cx, &source, &target).await,
            result => result,
        };
        match result {
            Ok(()) if parsed.has('v') => cx.line(&format!("renamed {} -> {}", quote(&source), quote(&target))).await,
            Ok(()) => {}
            Err(Errno::EINVAL) => {
                cx.error(format_args!(
                    "cannot move {} to a subdirectory of itself, {}",
                    quote(&source),
                    quote(&target)
                ))
                .await;
            }
            Err(error) => cx.error(format_args!("cannot move {} to {}: {error}", quote(&source), quote(&target))).await,
        }
    }
    cx.status()
}

/// Between file systems a move is a copy that keeps everything, and a removal.
async fn across(cx: &mut Context, source: &str, target: &str) -> SysResult<()> {
    let mut copy = Context::new(
        cx.sys.clone(),
        &cx.name,
        vec!["-a".into(), "-T".into(), source.into(), target.into()],
        cx.flavour,
    );
    if super::cp::run(&mut copy).await != ExitCode::SUCCESS {
        return Err(Errno::EXDEV);
    }
    let mut remove = Context::new(cx.sys.clone(), &cx.name, vec!["-rf".into(), source.into()], cx.flavour);
    super::rm::run(&mut remove).await;
    Ok(())
}
