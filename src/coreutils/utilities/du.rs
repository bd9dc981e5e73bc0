//! `du`: how much space files take.

use std::collections::BTreeSet;

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Parsed, Spec, VERSION, Value};
use crate::text::{human_size, quote};

const SPEC: Spec = Spec {
    short: "abcd:hHkLmsSx",
    long: &[
        ("all", 'a', Value::None),
        ("apparent-size", '\u{10}', Value::None),
        ("bytes", 'b', Value::None),
        ("human-readable", 'h', Value::None),
        ("max-depth", 'd', Value::Required),
        ("one-file-system", 'x', Value::None),
        ("separate-dirs", 'S', Value::None),
        ("summarize", 's', Value::None),
        ("total", 'c', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: du [OPTION]... [FILE]...
  or:  du [OPTION]... --files0-from=F
Summarize device usage of the set of FILEs, recursively for directories.

Mandatory arguments to long options are mandatory for short options too.
  -a, --all             write counts for all files, not just directories
      --apparent-size   print apparent sizes rather than device usage
  -b, --bytes           equivalent to '--apparent-size --block-size=1'
  -c, --total           produce a grand total
  -d, --max-depth=N     print the total for a directory (or file, with --all)
                          only if it is N or fewer levels below the command
                          line argument;  --max-depth=0 is the same as
                          --summarize
  -h, --human-readable  print sizes in human readable format (e.g., 1K 234M 2G)
  -k                    like --block-size=1K
  -m                    like --block-size=1M
  -S, --separate-dirs   for directories do not include size of subdirectories
  -s, --summarize       display only a total for each argument
  -x, --one-file-system  skip directories on different file systems
      --help        display this help and exit
      --version     output version information and exit
";

/// Deepest folder.
const DEEPEST: usize = 256;

struct Du {
    parsed: Parsed,
    most: usize,
    seen: BTreeSet<(u64, u64)>,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let most = match parsed.value('d').map(str::parse) {
        Some(Ok(most)) => most,
        Some(Err(_)) => {
            let text = format!("invalid maximum depth {}", cx.quote(parsed.value('d').unwrap_or("")));
            cx.error(text).await;
            let name = cx.name.clone();
            cx.complain(&format!("Try '{name} --help' for more information.\n")).await;
            return ExitCode::FAILURE;
        }
        None if parsed.has('s') => 0,
        None => usize::MAX,
    };
    let operands = if parsed.operands.is_empty() { vec![".".to_string()] } else { parsed.operands.clone() };
    let mut du = Du { parsed, most, seen: BTreeSet::new() };
    let mut total = 0;
    for path in operands {
        total += du.count(cx, &path, 0).await.unwrap_or(0);
    }
    if du.parsed.has('c') {
        let line = format!("{}\ttotal", du.shown(total));
        cx.line(&line).await;
    }
    cx.status()
}

impl Du {
    fn shown(&self, bytes: u64) -> String {
        match self.parsed.last_of("hbkm") {
            Some('h') => human_size(bytes),
            Some('b') => bytes.to_string(),
            Some('m') => bytes.div_ceil(1 << 20).to_string(),
            _ => bytes.div_ceil(1024).to_string(),
        }
    }

    /// Counts a file and all below it; `None` where it cannot be read or was counted before.
    async fn count(&mut self, cx: &mut Context, path: &str, depth: usize) -> Option<u64> {
        cx.sys.tick(1500).await;
        let attr = match cx.sys.lstat(path) {
            Ok(attr) => attr,
            Err(error) => {
                let what = if cx.is_busybox() { path.to_string() } else { format!("cannot access {}", quote(path)) };
                cx.error(format_args!("{what}: {error}")).await;
                return None;
            }
        };
        if !self.seen.insert((attr.dev, attr.ino)) {
            return None;
        }
        let apparent = self.parsed.has('\u{10}') || self.parsed.has('b');
        let mut own = if apparent { attr.size } else { attr.blocks * 512 };
        let mut below = 0;
        if attr.is_dir() && depth < DEEPEST {
            match cx.sys.read_dir(path) {
                Ok(entries) => {
                    for entry in entries {
                        let inner = format!("{}/{}", path.trim_end_matches('/'), entry.name);
                        let same = !self.parsed.has('x') || cx.sys.lstat(&inner).is_ok_and(|a| a.dev == attr.dev);
                        if !same {
                            continue;
                        }
                        let size = Box::pin(self.count(cx, &inner, depth + 1)).await.unwrap_or(0);
                        let is_dir = entry.kind == machine::fs::FileKind::Directory;
                        if self.parsed.has('S') && is_dir { below += size } else { own += size }
                    }
                }
                Err(error) => {
                    let what = if cx.is_busybox() {
                        path.to_string()
                    } else {
                        format!("cannot read directory {}", quote(path))
                    };
                    cx.error(format_args!("{what}: {error}")).await;
                }
            }
        }
        if depth <= self.most && (attr.is_dir() || self.parsed.has('a') || depth == 0) {
            let line = format!("{}\t{path}", self.shown(own));
            cx.line(&line).await;
        }
        Some(own + below)
    }
}
