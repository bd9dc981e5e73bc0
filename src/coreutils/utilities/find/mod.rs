//! `find`: files below folders that fulfil conditions.

mod expression;

use machine::fs::{Attr, FileKind};
use machine::process::WaitStatus;
use machine::{ExitCode, UnixTime};

use crate::children;
use crate::context::Context;
use expression::{Compare, Expression, Options};

const USAGE: &str = "\
Usage: find [-H] [-L] [-P] [-Olevel] [-D debugopts] [path...] [expression]

default path is the current directory; default expression is -print
expression may consist of: operators, options, tests, and actions:
operators (decreasing precedence; -and is implicit where no others are given):
      ( EXPR )   ! EXPR   -not EXPR   EXPR1 -a EXPR2   EXPR1 -and EXPR2
      EXPR1 -o EXPR2   EXPR1 -or EXPR2   EXPR1 , EXPR2
positional options (always true): -daystart -follow -regextype

normal options (always true, specified before other expressions):
      -depth --help -maxdepth LEVELS -mindepth LEVELS -mount -noleaf
      --version -xdev -ignore_readdir_race -noignore_readdir_race
";

/// Deepest folder.
const DEEPEST: usize = 256;

struct Find<'a> {
    expression: &'a Expression,
    options: Options,
    now: UnixTime,
    users: String,
    groups: String,
    failed: bool,
    quit: bool,
    /// `-exec … +`: the paths gathered for each.
    batches: Vec<(Vec<String>, Vec<String>)>,
}

/// A file that is looked at.
struct Found {
    path: String,
    name: String,
    attr: Attr,
    depth: usize,
    start: usize,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut args = cx.args.clone();
    let mut follow = 'P';
    while let Some(option) = args.first().filter(|a| matches!(&***a, "-H" | "-L" | "-P")) {
        follow = option.chars().nth(1).unwrap_or('P');
        args.remove(0);
    }
    if args.iter().any(|a| a == "--help" || a == "-help") {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if args.iter().any(|a| a == "--version" || a == "-version") {
        cx.line("find (GNU findutils) 4.9.0").await;
        return ExitCode::SUCCESS;
    }
    let starts = |a: &String| (a.starts_with('-') && a.len() > 1) || matches!(&**a, "(" | "!");
    let split = args.iter().position(starts).unwrap_or(args.len());
    let mut paths: Vec<String> = args.drain(..split).collect();
    if paths.is_empty() {
        paths.push(".".into());
    }
    let (expression, mut options) = match expression::parse(cx, &args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.error(text).await;
            return ExitCode::FAILURE;
        }
    };
    options.follow |= follow == 'L';
    let read = |path: &str| String::from_utf8_lossy(&cx.sys.read_file(path).unwrap_or_default()).into_owned();
    let mut find = Find {
        expression: &expression,
        now: cx.sys.wall_clock(),
        users: read("/etc/passwd"),
        groups: read("/etc/group"),
        options,
        failed: false,
        quit: false,
        batches: Vec::new(),
    };
    for path in paths {
        find.walk(cx, &path).await;
        if find.quit {
            break;
        }
    }
    for (command, paths) in std::mem::take(&mut find.batches) {
        find.run_batch(cx, &command, paths).await;
    }
    cx.flush().await;
    if find.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

impl Find<'_> {
    async fn walk(&mut self, cx: &mut Context, start: &str) {
        let name = start.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_string();
        let name = if name.is_empty() { "/".to_string() } else { name };
        // Folders wait with `Leave` on the stack where their own turn comes after what is in them.
        enum Step {
            Enter(String, String, usize),
            Leave(Found),
        }
        let mut todo = vec![Step::Enter(start.to_string(), name, 0)];
        let mut device = None;
        while let Some(step) = todo.pop() {
            if self.quit {
                return;
            }
            cx.sys.tick(1500).await;
            let (path, name, depth) = match step {
                Step::Enter(path, name, depth) => (path, name, depth),
                Step::Leave(found) => {
                    self.look(cx, &found).await;
                    continue;
                }
            };
            let attr = match if self.options.follow { cx.sys.stat(&path) } else { Err(machine::Errno::ENOENT) } {
                Ok(attr) => Ok(attr),
                Err(_) => cx.sys.lstat(&path),
            };
            let attr = match attr {
                Ok(attr) => attr,
                Err(error) => {
                    self.failed = true;
                    let text = if cx.is_busybox() {
                        format!("{path}: {error}")
                    } else {
                        format!("{}: {error}", cx.quote(&path))
                    };
                    cx.error(text).await;
                    continue;
                }
            };
            let found = Found { path, name, attr, depth, start: start.len() };
            let mut descend = attr.is_dir() && depth < self.options.max_depth.min(DEEPEST);
            let top = *device.get_or_insert(attr.dev);
            descend &= !(self.options.one_device && attr.dev != top);
            let path = found.path.clone();
            if self.options.depth_first {
                todo.push(Step::Leave(found));
            } else {
                descend &= !self.look(cx, &found).await;
            }
            if !descend {
                continue;
            }
            match cx.sys.read_dir(&path) {
                Ok(entries) => {
                    let base = if path.ends_with('/') { path } else { path + "/" };
                    todo.extend(
                        entries.into_iter().rev().map(|e| Step::Enter(format!("{base}{}", e.name), e.name, depth + 1)),
                    );
                }
                Err(error) => {
                    self.failed = true;
                    let text = if cx.is_busybox() {
                        format!("{path}: {error}")
                    } else {
                        format!("{}: {error}", cx.quote(&path))
                    };
                    cx.error(text).await;
                }
            }
        }
    }

    /// Looks at a file; whether to prune.
    async fn look(&mut self, cx: &mut Context, found: &Found) -> bool {
        if found.depth < self.options.min_depth {
            return false;
        }
        let mut prune = false;
        let expression = self.expression;
        self.eval(cx, expression, found, &mut prune).await;
        prune
    }

    async fn eval(&mut self, cx: &mut Context, expression: &Expression, found: &Found, prune: &mut bool) -> bool {
        match expression {
            Expression::And(parts) => {
                for part in parts {
                    if self.quit || !Box::pin(self.eval(cx, part, found, prune)).await {
                        return false;
                    }
                }
                true
            }
            Expression::Or(parts) => {
                for part in parts {
                    if Box::pin(self.eval(cx, part, found, prune)).await {
                        return true;
                    }
                }
                false
            }
            Expression::Not(inner) => !Box::pin(self.eval(cx, inner, found, prune)).await,
            Expression::Prune => {
                *prune = true;
                true
            }
            Expression::Quit => {
                self.quit = true;
                true
            }
            Expression::Print(end) => {
                cx.put(&machine::text::to_bytes(&found.path)).await;
                cx.put(&[*end]).await;
                true
            }
            Expression::PrintFormat(format) => {
                let text = self.format(cx, format, found);
                cx.put(&text).await;
                true
            }
            Expression::List => {
                let line = self.list(found);
                cx.line(&line).await;
                true
            }
            Expression::Delete => self.delete(cx, found).await,
            Expression::Exec(command) => self.exec(cx, command, found).await,
            Expression::ExecBatch(command) => {
                match self.batches.iter_mut().find(|(c, _)| c == command) {
                    Some((_, paths)) => paths.push(found.path.clone()),
                    None => self.batches.push((command.clone(), vec![found.path.clone()])),
                }
                true
            }
            test => self.test(cx, test, found),
        }
    }

    fn test(&self, cx: &Context, test: &Expression, found: &Found) -> bool {
        let attr = &found.attr;
        let age = |time: UnixTime, unit: i64| (self.now.seconds() - time.seconds()).div_euclid(unit).max(0) as u64;
        match test {
            Expression::True => true,
            Expression::False => false,
            Expression::Name(glob, fold) => matches_glob(glob, &found.name, *fold),
            Expression::Path(glob, fold) => matches_glob(glob, &found.path, *fold),
            Expression::Regex(regex) => {
                let whole = regex.find_at(&found.path, 0).and_then(|c| c[0]);
                whole == Some((0, found.path.len()))
            }
            Expression::Type(kinds) => kinds.contains(&attr.kind),
            Expression::Size(compare, unit) => compare.holds(attr.size.div_ceil(*unit)),
            Expression::Empty if attr.is_dir() => cx.sys.read_dir(&found.path).is_ok_and(|e| e.is_empty()),
            Expression::Empty => attr.is_file() && attr.size == 0,
            Expression::ModifiedDays(compare) => compare.holds(age(attr.mtime, 86400)),
            Expression::ModifiedMinutes(compare) => compare.holds(age(attr.mtime, 60)),
            Expression::ChangedDays(compare) => compare.holds(age(attr.ctime, 86400)),
            Expression::AccessedDays(compare) => compare.holds(age(attr.atime, 86400)),
            Expression::Newer(time) => attr.mtime > *time,
            Expression::User(uid) => attr.uid == *uid,
            Expression::Group(gid) => attr.gid == *gid,
            Expression::Links(compare) => compare.holds(attr.nlink),
            Expression::Inode(compare) => compare.holds(attr.ino),
            Expression::Mode(mode, how) => match how {
                '-' => attr.mode & mode == *mode,
                '/' => *mode == 0 || attr.mode & mode != 0,
                _ => attr.mode == *mode,
            },
            Expression::Access(access) => cx.sys.access(&found.path, *access).is_ok(),
            _ => true,
        }
    }

    async fn delete(&mut self, cx: &mut Context, found: &Found) -> bool {
        if found.path == "." {
            return true;
        }
        let removed = if found.attr.is_dir() { cx.sys.rmdir(&found.path) } else { cx.sys.unlink(&found.path) };
        if let Err(error) = removed {
            self.failed = true;
            let text = format!("cannot delete {}: {error}", cx.quote(&found.path));
            cx.error(text).await;
        }
        removed.is_ok()
    }

    async fn exec(&mut self, cx: &mut Context, command: &[String], found: &Found) -> bool {
        let args: Vec<String> = command.iter().map(|word| word.replace("{}", &found.path)).collect();
        match children::run(cx, &args, None).await {
            Ok(status) => status == WaitStatus::Exited(0),
            Err(error) => {
                let text = format!("{}: {error}", cx.quote(&args[0]));
                cx.error(text).await;
                false
            }
        }
    }

    async fn run_batch(&mut self, cx: &mut Context, command: &[String], paths: Vec<String>) {
        let args: Vec<String> = command.iter().cloned().chain(paths).collect();
        match children::run(cx, &args, None).await {
            Ok(WaitStatus::Exited(0)) => {}
            Ok(_) => self.failed = true,
            Err(error) => {
                self.failed = true;
                let text = format!("{}: {error}", cx.quote(&args[0]));
                cx.error(text).await;
            }
        }
    }

    fn name_of(database: &str, id: u32) -> String {
        crate::text::name_of(database, id).map_or(id.to_string(), str::to_string)
    }

    fn list(&self, found: &Found) -> String {
        let attr = &found.attr;
        format!(
            "{:>9} {:>6} {} {:>3} {:<8} {:<8} {:>8} {} {}",
            attr.ino,
            attr.blocks / 2,
            super::ls::mode_text(attr),
            attr.nlink,
            Self::name_of(&self.users, attr.uid),
            Self::name_of(&self.groups, attr.gid),
            attr.size,
            super::date::strftime("%b %e %H:%M", attr.mtime),
            found.path
        )
    }

    fn format(&self, cx: &Context, format: &str, found: &Found) -> Vec<u8> {
        let (mut out, mut chars) = (String::new(), format.chars());
        let attr = &found.attr;
        while let Some(c) = chars.next() {
            if c == '\\' {
                let mut escape = String::from(c);
                escape.extend(chars.next());
                out.push_str(&machine::text::from_bytes(&crate::escapes::unescape(&escape, true).bytes));
                continue;
            }
            if c != '%' {
                out.push(c);
                continue;
            }
            let kind = || match attr.kind {
                FileKind::Regular => 'f',
                FileKind::Directory => 'd',
                FileKind::Symlink => 'l',
                FileKind::Fifo => 'p',
                FileKind::Socket => 's',
                FileKind::CharDevice => 'c',
                FileKind::BlockDevice => 'b',
            };
            out.push_str(&match chars.next() {
                Some('p') => found.path.clone(),
                Some('P') => found.path.get(found.start..).unwrap_or("").trim_start_matches('/').to_string(),
                Some('f') => found.name.clone(),
                Some('h') => found.path.rsplit_once('/').map_or(".".into(), |(folder, _)| folder.to_string()),
                Some('s') => attr.size.to_string(),
                Some('k') => (attr.blocks / 2).to_string(),
                Some('b') => attr.blocks.to_string(),
                Some('m') => format!("{:o}", attr.mode),
                Some('M') => super::ls::mode_text(attr),
                Some('u') => Self::name_of(&self.users, attr.uid),
                Some('g') => Self::name_of(&self.groups, attr.gid),
                Some('U') => attr.uid.to_string(),
                Some('G') => attr.gid.to_string(),
                Some('i') => attr.ino.to_string(),
                Some('n') => attr.nlink.to_string(),
                Some('d') => found.depth.to_string(),
                Some('y') => kind().to_string(),
                Some('l') => cx.sys.read_link(&found.path).unwrap_or_default(),
                Some('t') => super::date::strftime("%a %b %e %H:%M:%S.%N0 %Y", attr.mtime),
                Some('T') => match chars.next() {
                    Some('@') => format!("{}.{:09}0", attr.mtime.seconds(), attr.mtime.subsec_nanos()),
                    Some(letter) => super::date::strftime(&format!("%{letter}"), attr.mtime),
                    None => String::new(),
                },
                Some('%') => "%".into(),
                Some(other) => format!("%{other}"),
                None => "%".into(),
            });
        }
        machine::text::to_bytes(&out)
    }
}

fn matches_glob(glob: &str, name: &str, fold: bool) -> bool {
    if fold { crate::text::glob(&glob.to_lowercase(), &name.to_lowercase()) } else { crate::text::glob(glob, name) }
}

impl Compare {
    fn holds(self, value: u64) -> bool {
        match self {
            Compare::Less(n) => value < n,
            Compare::Equal(n) => value == n,
            Compare::More(n) => value > n,
        }
    }
}
