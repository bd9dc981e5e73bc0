//! `diff` and `cmp`: how files differ.

use machine::fs::Attr;
use machine::{ExitCode, SysResult};

use crate::context::Context;
use crate::options::{HELP, HELP_OPTION, Parsed, Spec, VERSION, VERSION_OPTION, Value, parse};

const SPEC: Spec = Spec {
    short: "abBc:eiNpqrstuU:w0123456789",
    long: &[
        ("brief", 'q', Value::None),
        ("color", '\u{10}', Value::Optional),
        ("ignore-all-space", 'w', Value::None),
        ("ignore-blank-lines", 'B', Value::None),
        ("ignore-case", 'i', Value::None),
        ("ignore-space-change", 'b', Value::None),
        ("new-file", 'N', Value::None),
        ("recursive", 'r', Value::None),
        ("report-identical-files", 's', Value::None),
        ("text", 'a', Value::None),
        ("unified", 'U', Value::Optional),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: diff [OPTION]... FILES
Compare FILES line by line.

Mandatory arguments to long options are mandatory for short options too.
  -q, --brief                   report only when files differ
  -s, --report-identical-files  report when two files are the same
  -u, -U NUM, --unified[=NUM]   output NUM (default 3) lines of unified context
  -r, --recursive                 recursively compare any subdirectories found
  -N, --new-file                  treat absent files as empty
  -i, --ignore-case               ignore case differences in file contents
  -b, --ignore-space-change       ignore changes in the amount of white space
  -w, --ignore-all-space          ignore all white space
  -B, --ignore-blank-lines        ignore changes where lines are all blank
  -a, --text                      treat all files as text
      --color[=WHEN]              color output; WHEN is 'never', 'always', or 'auto'
      --help               display this help and exit
  -v, --version            output version information and exit

FILES are 'FILE1 FILE2' or 'DIR1 DIR2' or 'DIR FILE' or 'FILE DIR'.
If a FILE is '-', read standard input.
Exit status is 0 if inputs are the same, 1 if different, 2 if trouble.
";

const TROUBLE: ExitCode = ExitCode(2);
/// Steps that the search for the shortest difference takes at most; then what is left counts as changed.
const MOST_STEPS: usize = 4000;

/// `diff`.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match parse(&SPEC, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.complain(&format!("diff: {text}\ndiff: Try 'diff --help' for more information.\n")).await;
            return TROUBLE;
        }
    };
    if parsed.has(HELP_OPTION) {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if parsed.has(VERSION_OPTION) {
        cx.line("diff (GNU diffutils) 3.8").await;
        return ExitCode::SUCCESS;
    }
    let [old, new] = parsed.operands.as_slice() else {
        let text = match parsed.operands.as_slice() {
            [.., last] if parsed.operands.len() > 2 => format!("extra operand '{last}'"),
            [.., last] => format!("missing operand after '{last}'"),
            [] => "missing operand after 'diff'".to_string(),
        };
        cx.complain(&format!("diff: {text}\ndiff: Try 'diff --help' for more information.\n")).await;
        return TROUBLE;
    };
    let status = compare(cx, &parsed, old, new, 0).await;
    cx.flush().await;
    ExitCode(status)
}

/// Compares two operands; 0: equal, 1: different, 2: trouble.
async fn compare(cx: &mut Context, parsed: &Parsed, old: &str, new: &str, depth: usize) -> u8 {
    let look = |path: &str| if path == "-" { Ok(None) } else { cx.sys.stat(path).map(Some) };
    let (a, b) = (look(old), look(new));
    let mut trouble = false;
    for (path, attr) in [(old, &a), (new, &b)] {
        if let Err(error) = attr
            && !parsed.has('N')
        {
            cx.error(format_args!("{path}: {error}")).await;
            trouble = true;
        }
    }
    if trouble {
        return 2;
    }
    let is_dir = |attr: &SysResult<Option<Attr>>| matches!(attr, Ok(Some(attr)) if attr.is_dir());
    let name = |path: &str| path.trim_end_matches('/').rsplit('/').next().unwrap_or("").to_string();
    match (is_dir(&a), is_dir(&b)) {
        (true, true) => folders(cx, parsed, old, new, depth).await,
        (true, false) if depth == 0 => {
            let inner = format!("{}/{}", old.trim_end_matches('/'), name(new));
            Box::pin(compare(cx, parsed, &inner, new, depth + 1)).await
        }
        (false, true) if depth == 0 => {
            let inner = format!("{}/{}", new.trim_end_matches('/'), name(old));
            Box::pin(compare(cx, parsed, old, &inner, depth + 1)).await
        }
        (true, false) => {
            cx.line(&format!("File {old} is a directory while file {new} is a regular file")).await;
            1
        }
        (false, true) => {
            cx.line(&format!("File {old} is a regular file while file {new} is a directory")).await;
            1
        }
        (false, false) => files(cx, parsed, (old, a.ok().flatten()), (new, b.ok().flatten())).await,
    }
}

async fn folders(cx: &mut Context, parsed: &Parsed, old: &str, new: &str, depth: usize) -> u8 {
    let names =
        |path: &str| cx.sys.read_dir(path).map(|entries| entries.into_iter().map(|e| e.name).collect::<Vec<_>>());
    let (Ok(a), Ok(b)) = (names(old), names(new)) else { return 2 };
    let mut all: Vec<&String> = a.iter().chain(&b).collect();
    all.sort();
    all.dedup();
    let mut status = 0;
    let (old, new) = (old.trim_end_matches('/'), new.trim_end_matches('/'));
    for name in all {
        let (in_old, in_new) = (a.contains(name), b.contains(name));
        if !(in_old && in_new || parsed.has('N')) {
            let folder = if in_old { old } else { new };
            cx.line(&format!("Only in {folder}: {name}")).await;
            status = status.max(1);
            continue;
        }
        let (left, right) = (format!("{old}/{name}"), format!("{new}/{name}"));
        let both_dirs = cx.sys.stat(&left).is_ok_and(|a| a.is_dir()) && cx.sys.stat(&right).is_ok_and(|a| a.is_dir());
        if both_dirs && (!parsed.has('r') || depth > 64) {
            cx.line(&format!("Common subdirectories: {left} and {right}")).await;
            continue;
        }
        let before = cx.args.clone();
        let inner = Box::pin(compare_titled(cx, parsed, &left, &right, depth + 1, &before)).await;
        status = status.max(inner);
    }
    status
}

/// As [`compare`]; where lines will follow, a line says which files.
async fn compare_titled(cx: &mut Context, parsed: &Parsed, old: &str, new: &str, depth: usize, args: &[String]) -> u8 {
    let file = |path: &str| cx.sys.stat(path).is_ok_and(|a| a.is_file());
    if (file(old) || file(new)) && !parsed.has('q') {
        let (a, b) = (cx.read_all(old).await.unwrap_or_default(), cx.read_all(new).await.unwrap_or_default());
        if a != b {
            let options: Vec<&String> = args.iter().filter(|a| a.starts_with('-') && a.len() > 1).collect();
            let options: String = options.iter().map(|o| format!(" {o}")).collect();
            cx.line(&format!("diff{options} {old} {new}")).await;
        }
    }
    compare(cx, parsed, old, new, depth).await
}

async fn files(
    cx: &mut Context,
    parsed: &Parsed,
    (old, a): (&str, Option<Attr>),
    (new, b): (&str, Option<Attr>),
) -> u8 {
    let mut contents = Vec::new();
    for path in [old, new] {
        match cx.read_all(path).await {
            Ok(data) => contents.push(data),
            Err(_) if parsed.has('N') => contents.push(Vec::new()),
            Err(error) => {
                cx.error(format_args!("{path}: {error}")).await;
                return 2;
            }
        }
    }
    let same = contents[0] == contents[1];
    let binary = contents.iter().any(|c| c.iter().take(4096).any(|b| *b == 0)) && !parsed.has('a');
    if !same && (binary || parsed.has('q')) {
        let kind = if binary && !parsed.has('q') { "Binary files" } else { "Files" };
        cx.line(&format!("{kind} {old} and {new} differ")).await;
        return 1;
    }
    let texts: Vec<String> = contents.iter().map(|c| machine::text::from_bytes(c)).collect();
    let lines = |text: &'_ str| text.split_inclusive('\n').map(str::to_string).collect::<Vec<_>>();
    let (left, right) = (lines(&texts[0]), lines(&texts[1]));
    let key = |line: &String| normal(line, parsed);
    let keys: (Vec<String>, Vec<String>) = (left.iter().map(key).collect(), right.iter().map(key).collect());
    cx.sys.tick((left.len() + right.len()) as u64 * 500).await;
    let hunks: Vec<Hunk> =
        changes(&keys.0, &keys.1).into_iter().filter(|h| !parsed.has('B') || !h.is_blank(&left, &right)).collect();
    if hunks.is_empty() {
        if parsed.has('s') {
            cx.line(&format!("Files {old} and {new} are identical")).await;
        }
        return 0;
    }
    let paint = match parsed.options.iter().rev().find(|(o, _)| *o == '\u{10}').map(|(_, v)| v.as_deref()) {
        Some(Some("always")) => true,
        Some(None | Some("auto")) => cx.sys.isatty(machine::Fd::STDOUT),
        _ => false,
    };
    let unified = parsed.last_of("uU");
    let out = match unified {
        Some(_) => {
            let context = parsed.value('U').and_then(|n| n.parse().ok()).unwrap_or(3);
            let time = |attr: Option<Attr>| attr.map_or(cx.sys.wall_clock(), |a| a.mtime);
            let stamp = |attr| super::date::strftime("%Y-%m-%d %H:%M:%S.%N +0000", time(attr));
            let (bold, end) = if paint { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
            let mut out = format!("{bold}--- {old}\t{}{end}\n{bold}+++ {new}\t{}{end}\n", stamp(a), stamp(b));
            unified_text(&left, &right, &hunks, context, paint, &mut out);
            out
        }
        None => normal_text(&left, &right, &hunks, paint),
    };
    cx.put(&machine::text::to_bytes(&out)).await;
    1
}

/// A line as it is compared.
fn normal(line: &str, parsed: &Parsed) -> String {
    let mut text = line.strip_suffix('\n').map_or_else(|| format!("{line}\0"), str::to_string);
    if parsed.has('w') {
        text.retain(|c| !c.is_whitespace());
    } else if parsed.has('b') {
        text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    if parsed.has('i') { text.to_lowercase() } else { text }
}

/// A run of lines that one has and the other has instead: from and to, counted from 0.
struct Hunk {
    old: (usize, usize),
    new: (usize, usize),
}

impl Hunk {
    fn is_blank(&self, left: &[String], right: &[String]) -> bool {
        let (a, b) = (&left[self.old.0..self.old.1], &right[self.new.0..self.new.1]);
        a.iter().chain(b).all(|line| line.trim().is_empty())
    }
}

/// Myers's greedy algorithm, between what both have in common at the ends.
fn changes(a: &[String], b: &[String]) -> Vec<Hunk> {
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = a[head..].iter().rev().zip(b[head..].iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..a.len() - tail], &b[head..b.len() - tail]);
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut add = |old: (usize, usize), new: (usize, usize)| match hunks.last_mut() {
        Some(last) if last.old.1 == old.0 && last.new.1 == new.0 => (last.old.1, last.new.1) = (old.1, new.1),
        _ => hunks.push(Hunk { old, new }),
    };
    match shortest(a, b) {
        Some(path) => {
            for (x, y) in path.windows(2).map(|w| (w[0], w[1])) {
                if !(y.0 > x.0 && y.1 > x.1) {
                    add((head + x.0, head + y.0), (head + x.1, head + y.1));
                }
            }
        }
        None => add((head, head + a.len()), (head, head + b.len())),
    }
    hunks
}

/// The points of a shortest edit path, each step one line long.
fn shortest(a: &[String], b: &[String]) -> Option<Vec<(usize, usize)>> {
    let (n, m) = (a.len() as isize, b.len() as isize);
    let most = (a.len() + b.len()).min(MOST_STEPS);
    let offset = most as isize + 1;
    let mut ends = vec![0isize; 2 * most + 3];
    let mut trace = Vec::new();
    for d in 0..=most as isize {
        trace.push(ends.clone());
        for k in (-d..=d).step_by(2) {
            let at = (k + offset) as usize;
            let mut x =
                if k == -d || (k != d && ends[at - 1] < ends[at + 1]) { ends[at + 1] } else { ends[at - 1] + 1 };
            while x < n && x - k < m && x - k >= 0 && a[x as usize] == b[(x - k) as usize] {
                x += 1;
            }
            ends[at] = x;
            if x >= n && x - k >= m {
                return Some(walk_back(&trace, offset, n, m));
            }
        }
        if trace.len() * ends.len() > 4_000_000 {
            return None;
        }
    }
    None
}

fn walk_back(trace: &[Vec<isize>], offset: isize, n: isize, m: isize) -> Vec<(usize, usize)> {
    let (mut x, mut y) = (n, m);
    let mut path = vec![(x as usize, y as usize)];
    for (d, ends) in trace.iter().enumerate().rev() {
        let (k, d) = (x - y, d as isize);
        let at = |k: isize| ends[(k + offset) as usize];
        let before = if k == -d || (k != d && at(k - 1) < at(k + 1)) { k + 1 } else { k - 1 };
        let (bx, by) = if d == 0 { (0, 0) } else { (at(before), at(before) - before) };
        while x > bx && y > by {
            (x, y) = (x - 1, y - 1);
            path.push((x as usize, y as usize));
        }
        if d > 0 {
            (x, y) = (bx, by);
            path.push((x as usize, y as usize));
        }
    }
    path.reverse();
    path
}

fn span((from, to): (usize, usize)) -> String {
    match to - from {
        0 => from.to_string(),
        1 => (from + 1).to_string(),
        _ => format!("{},{to}", from + 1),
    }
}

fn push_line(out: &mut String, prefix: &str, line: &str, color: &str) {
    let text = line.strip_suffix('\n').unwrap_or(line);
    if color.is_empty() {
        out.push_str(&format!("{prefix}{text}\n"));
    } else {
        out.push_str(&format!("\x1b[{color}m{prefix}{text}\x1b[0m\n"));
    }
    if !line.ends_with('\n') {
        out.push_str("\\ No newline at end of file\n");
    }
}

fn normal_text(left: &[String], right: &[String], hunks: &[Hunk], paint: bool) -> String {
    let color = |code: &'static str| if paint { code } else { "" };
    let mut out = String::new();
    for hunk in hunks {
        let letter = match (hunk.old.1 > hunk.old.0, hunk.new.1 > hunk.new.0) {
            (true, true) => 'c',
            (true, false) => 'd',
            _ => 'a',
        };
        push_line(&mut out, "", &format!("{}{letter}{}\n", span(hunk.old), span(hunk.new)), color("36"));
        left[hunk.old.0..hunk.old.1].iter().for_each(|line| push_line(&mut out, "< ", line, color("31")));
        if letter == 'c' {
            out.push_str("---\n");
        }
        right[hunk.new.0..hunk.new.1].iter().for_each(|line| push_line(&mut out, "> ", line, color("32")));
    }
    out
}

fn unified_text(left: &[String], right: &[String], hunks: &[Hunk], context: usize, paint: bool, out: &mut String) {
    let color = |code: &'static str| if paint { code } else { "" };
    let range = |(from, to): (usize, usize)| match to - from {
        0 => format!("{from},0"),
        1 => (from + 1).to_string(),
        length => format!("{},{length}", from + 1),
    };
    let mut at = 0;
    while at < hunks.len() {
        let mut last = at;
        while last + 1 < hunks.len() && hunks[last + 1].old.0 - hunks[last].old.1 <= 2 * context {
            last += 1;
        }
        let group = &hunks[at..=last];
        let before = group[0].old.0.min(context);
        let after = (left.len() - group[group.len() - 1].old.1).min(context);
        let old = (group[0].old.0 - before, group[group.len() - 1].old.1 + after);
        let new = (group[0].new.0 - before, group[group.len() - 1].new.1 + after);
        push_line(out, "", &format!("@@ -{} +{} @@\n", range(old), range(new)), color("36"));
        let mut position = old.0;
        for hunk in group {
            left[position..hunk.old.0].iter().for_each(|line| push_line(out, " ", line, ""));
            left[hunk.old.0..hunk.old.1].iter().for_each(|line| push_line(out, "-", line, color("31")));
            right[hunk.new.0..hunk.new.1].iter().for_each(|line| push_line(out, "+", line, color("32")));
            position = hunk.old.1;
        }
        left[position..old.1].iter().for_each(|line| push_line(out, " ", line, ""));
        at = last + 1;
    }
}

const CMP: Spec = Spec {
    short: "bi:ln:sv",
    long: &[
        ("quiet", 's', Value::None),
        ("silent", 's', Value::None),
        ("verbose", 'l', Value::None),
        ("bytes", 'n', Value::Required),
        HELP,
        VERSION,
    ],
    posix: false,
};

/// `cmp`.
pub async fn run_cmp(cx: &mut Context) -> ExitCode {
    let parsed = match parse(&CMP, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.complain(&format!("cmp: {text}\ncmp: Try 'cmp --help' for more information.\n")).await;
            return TROUBLE;
        }
    };
    let Some(old) = parsed.operands.first() else {
        cx.complain("cmp: missing operand after 'cmp'\ncmp: Try 'cmp --help' for more information.\n").await;
        return TROUBLE;
    };
    let new = parsed.operands.get(1).map_or("-", |s| s);
    let mut contents = Vec::new();
    for path in [old.as_str(), new] {
        match cx.read_all(path).await {
            Ok(data) => contents.push(data),
            Err(error) => {
                cx.error(format_args!("{path}: {error}")).await;
                return TROUBLE;
            }
        }
    }
    let most = parsed.value('n').and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    let (a, b) = (&contents[0][..contents[0].len().min(most)], &contents[1][..contents[1].len().min(most)]);
    if a == b {
        return ExitCode::SUCCESS;
    }
    if parsed.has('s') {
        return ExitCode::FAILURE;
    }
    let width = a.len().min(b.len()).to_string().len();
    let mut differs = false;
    for (at, (x, y)) in a.iter().zip(b).enumerate().filter(|(_, (x, y))| x != y) {
        differs = true;
        if parsed.has('l') {
            cx.line(&format!("{:>width$} {x:3o} {y:3o}", at + 1)).await;
            continue;
        }
        let line = a[..at].iter().filter(|b| **b == b'\n').count() + 1;
        cx.line(&format!(
            "{old} {new} differ: {} {}, line {line}",
            if cx.is_busybox() { "char" } else { "byte" },
            at + 1
        ))
        .await;
        return ExitCode::FAILURE;
    }
    let (shorter, length) = if a.len() < b.len() { (old.as_str(), a) } else { (new, b) };
    if a.len() != b.len() {
        let lines = length.iter().filter(|b| **b == b'\n').count();
        let place = match length.len() {
            0 => "which is empty".to_string(),
            _ if differs => format!("after byte {}", length.len()),
            count if length.ends_with(b"\n") => format!("after byte {count}, line {lines}"),
            count => format!("after byte {count}, in line {}", lines + 1),
        };
        cx.error(format_args!("EOF on {shorter} {place}")).await;
    }
    ExitCode::FAILURE
}
