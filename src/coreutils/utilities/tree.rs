//! `tree`: folders as a tree.

use machine::ExitCode;
use machine::fs::FileKind;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::{glob, human_size, mode_string};

const SPEC: Spec = Spec {
    short: "aCdfhiI:L:nP:psF",
    long: &[("noreport", '\u{10}', Value::None), ("dirsfirst", '\u{11}', Value::None), HELP, VERSION],
    posix: false,
};

const USAGE: &str = "\
usage: tree [-acdfghilnpqrstuvxACDFJQNSUX] [-L level [-R]] [-H  baseHREF]
\t[-T title] [-o filename] [-P pattern] [-I pattern] [--gitignore]
\t[--noreport] [--dirsfirst] [directory ...]
  ------- Listing options -------
  -a            All files are listed.
  -d            List directories only.
  -f            Print the full path prefix for each file.
  -L level      Descend only level directories deep.
  -P pattern    List only those files that match the pattern given.
  -I pattern    Do not list files that match the given pattern.
  --noreport    Turn off file/directory count at end of tree listing.
  -p            Print the protections for each file.
  -s            Print the size in bytes of each file.
  -h            Print the size in a more human readable way.
  -F            Appends '/', '=', '*', '@', '|' or '>' as per ls -F.
  --dirsfirst   List directories before files.
";

/// Folders deeper than this are not shown.
const DEEPEST: usize = 100;

struct Tree {
    all: bool,
    folders_only: bool,
    full: bool,
    level: usize,
    wanted: Option<String>,
    unwanted: Option<String>,
    marks: bool,
    modes: bool,
    sizes: Option<bool>,
    folders_first: bool,
    folders: usize,
    files: usize,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let level = match parsed.value('L').map(str::parse::<usize>) {
        Some(Ok(level)) if level > 0 => level,
        None => DEEPEST,
        Some(_) => {
            cx.complain("tree: Invalid level, must be greater than 0.\n").await;
            return ExitCode::FAILURE;
        }
    };
    let mut tree = Tree {
        all: parsed.has('a'),
        folders_only: parsed.has('d'),
        full: parsed.has('f'),
        level: level.min(DEEPEST),
        wanted: parsed.value('P').map(str::to_string),
        unwanted: parsed.value('I').map(str::to_string),
        marks: parsed.has('F'),
        modes: parsed.has('p'),
        sizes: parsed.last_of("sh").map(|option| option == 'h'),
        folders_first: parsed.has('\u{11}'),
        folders: 0,
        files: 0,
    };
    let operands = if parsed.operands.is_empty() { vec![".".to_string()] } else { parsed.operands.clone() };
    for path in &operands {
        if !cx.sys.stat(path).is_ok_and(|attr| attr.is_dir()) {
            cx.line(&format!("{path}  [error opening dir]")).await;
            cx.fail();
            continue;
        }
        cx.line(path).await;
        // The folder itself counts.
        tree.folders += 1;
        tree.show(cx, path).await;
    }
    if !parsed.has('\u{10}') {
        let one = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let folders = one(tree.folders, "directory", "directories");
        let files = if tree.folders_only { String::new() } else { format!(", {}", one(tree.files, "file", "files")) };
        cx.line("").await;
        cx.line(&format!("{folders}{files}")).await;
    }
    if cx.status() == ExitCode::SUCCESS { ExitCode::SUCCESS } else { ExitCode(2) }
}

impl Tree {
    /// What is shown of a folder: names and kinds, sorted.
    fn entries(&self, cx: &Context, path: &str) -> Vec<(String, FileKind)> {
        let hit = |pattern: &str, name: &str| pattern.split('|').any(|pattern| glob(pattern, name));
        let mut entries: Vec<(String, FileKind)> = cx
            .sys
            .read_dir(path)
            .unwrap_or_default()
            .into_iter()
            .filter(|entry| !matches!(&*entry.name, "." | ".."))
            .filter_map(|entry| {
                let kind = cx.sys.lstat(&format!("{path}/{}", entry.name)).ok()?.kind;
                Some((entry.name.to_string(), kind))
            })
            .filter(|(name, kind)| {
                let folder = *kind == FileKind::Directory;
                (self.all || !name.starts_with('.'))
                    && (folder || !self.folders_only)
                    && (folder || self.wanted.as_ref().is_none_or(|pattern| hit(pattern, name)))
                    && self.unwanted.as_ref().is_none_or(|pattern| !hit(pattern, name))
            })
            .collect();
        entries.sort();
        if self.folders_first {
            entries.sort_by_key(|(_, kind)| *kind != FileKind::Directory);
        }
        entries
    }

    async fn show(&mut self, cx: &mut Context, root: &str) {
        // Folders still to be shown: path, what stands before their lines, what is left of them.
        let mut stack = vec![(
            root.to_string(),
            String::new(),
            self.entries(cx, root).into_iter().collect::<std::collections::VecDeque<_>>(),
        )];
        while let Some((path, prefix, left)) = stack.last_mut() {
            let Some((name, kind)) = left.pop_front() else {
                stack.pop();
                continue;
            };
            let (last, path, prefix) = (left.is_empty(), format!("{path}/{name}"), prefix.clone());
            cx.sys.tick(3_000).await;
            let shown = self.shown(cx, &path, &name, kind);
            let branch = if last { "└── " } else { "├── " };
            cx.line(&format!("{prefix}{branch}{shown}")).await;
            if kind != FileKind::Directory {
                self.files += 1;
                continue;
            }
            self.folders += 1;
            if stack.len() < self.level {
                let below = self.entries(cx, &path).into_iter().collect();
                stack.push((path, format!("{prefix}{}", if last { "    " } else { "│\u{a0}\u{a0} " }), below));
            }
        }
    }

    fn shown(&self, cx: &Context, path: &str, name: &str, kind: FileKind) -> String {
        let mut facts = Vec::new();
        let attr = cx.sys.lstat(path).ok();
        if let Some(attr) = attr.filter(|_| self.modes) {
            let letter = match kind {
                FileKind::Directory => 'd',
                FileKind::Symlink => 'l',
                _ => '-',
            };
            facts.push(format!("{letter}{}", mode_string(attr.mode)));
        }
        if let Some((attr, human)) = attr.zip(self.sizes) {
            facts.push(if human { format!("{:>4}", human_size(attr.size)) } else { format!("{:>11}", attr.size) });
        }
        let facts = if facts.is_empty() { String::new() } else { format!("[{}]  ", facts.join(" ")) };
        let name = if self.full { path } else { name };
        let target = match kind {
            FileKind::Symlink => format!(" -> {}", cx.sys.read_link(path).unwrap_or_default()),
            FileKind::Directory if self.marks => "/".to_string(),
            _ if self.marks && attr.is_some_and(|attr| attr.mode & 0o111 != 0) => "*".to_string(),
            _ => String::new(),
        };
        format!("{facts}{name}{target}")
    }
}
