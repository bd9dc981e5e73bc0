//! `grep`, `egrep`, `fgrep`: lines that match.

use machine::fs::FileKind;
use machine::{ExitCode, Fd, SysResult};

use crate::context::Context;
use crate::lines::{Lines, chomp};
use crate::options::{HELP, HELP_OPTION, Parsed, Spec, VERSION, VERSION_OPTION, Value, parse};
use crate::regex::{Regex, Syntax};

const SPEC: Spec = Spec {
    short: "A:aB:bC:cD:d:Ee:Ff:GHhIiLlm:noPqRrsTUvVwxyZz0123456789",
    long: &[
        ("after-context", 'A', Value::Required),
        ("basic-regexp", 'G', Value::None),
        ("before-context", 'B', Value::Required),
        ("byte-offset", 'b', Value::None),
        ("color", '\u{10}', Value::Optional),
        ("colour", '\u{10}', Value::Optional),
        ("context", 'C', Value::Required),
        ("count", 'c', Value::None),
        ("exclude", '\u{12}', Value::Required),
        ("exclude-dir", '\u{13}', Value::Required),
        ("extended-regexp", 'E', Value::None),
        ("file", 'f', Value::Required),
        ("files-with-matches", 'l', Value::None),
        ("files-without-match", 'L', Value::None),
        ("fixed-strings", 'F', Value::None),
        ("ignore-case", 'i', Value::None),
        ("include", '\u{11}', Value::Required),
        ("invert-match", 'v', Value::None),
        ("line-buffered", '\u{14}', Value::None),
        ("line-number", 'n', Value::None),
        ("line-regexp", 'x', Value::None),
        ("max-count", 'm', Value::Required),
        ("no-filename", 'h', Value::None),
        ("no-messages", 's', Value::None),
        ("only-matching", 'o', Value::None),
        ("perl-regexp", 'P', Value::None),
        ("quiet", 'q', Value::None),
        ("recursive", 'r', Value::None),
        ("dereference-recursive", 'R', Value::None),
        ("regexp", 'e', Value::Required),
        ("silent", 'q', Value::None),
        ("text", 'a', Value::None),
        ("with-filename", 'H', Value::None),
        ("word-regexp", 'w', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: grep [OPTION]... PATTERNS [FILE]...
Search for PATTERNS in each FILE.
Example: grep -i 'hello world' menu.h main.c
PATTERNS can contain multiple patterns separated by newlines.

Pattern selection and interpretation:
  -E, --extended-regexp     PATTERNS are extended regular expressions
  -F, --fixed-strings       PATTERNS are strings
  -G, --basic-regexp        PATTERNS are basic regular expressions
  -e, --regexp=PATTERNS     use PATTERNS for matching
  -f, --file=FILE           take PATTERNS from FILE
  -i, --ignore-case         ignore case distinctions in patterns and data
  -w, --word-regexp         match only whole words
  -x, --line-regexp         match only whole lines

Miscellaneous:
  -s, --no-messages         suppress error messages
  -v, --invert-match        select non-matching lines
  -V, --version             display version information and exit
      --help                display this help text and exit

Output control:
  -m, --max-count=NUM       stop after NUM selected lines
  -n, --line-number         print line number with output lines
  -H, --with-filename       print file name with output lines
  -h, --no-filename         suppress the file name prefix on output
  -o, --only-matching       show only nonempty parts of lines that match
  -q, --quiet, --silent     suppress all normal output
  -r, --recursive           like --directories=recurse
  -R, --dereference-recursive  likewise, but follow all symlinks
      --include=GLOB        search only files that match GLOB (a file pattern)
      --exclude=GLOB        skip files that match GLOB
      --exclude-dir=GLOB    skip directories that match GLOB
  -L, --files-without-match  print only names of FILEs with no selected lines
  -l, --files-with-matches  print only names of FILEs with selected lines
  -c, --count               print only a count of selected lines per FILE

Context control:
  -B, --before-context=NUM  print NUM lines of leading context
  -A, --after-context=NUM   print NUM lines of trailing context
  -C, --context=NUM         print NUM lines of output context
      --color[=WHEN],
      --colour[=WHEN]       use markers to highlight the matching strings;
                            WHEN is 'always', 'never', or 'auto'

When FILE is '-', read standard input.  With no FILE, read '.' if
recursive, '-' otherwise.  With fewer than two FILEs, assume -h.
Exit status is 0 if any line is selected, 1 otherwise;
if any error occurs and -q is not given, the exit status is 2.
";

const SHORT_USAGE: &str = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n";

/// Deepest folder that `-r` looks into.
const DEEPEST: usize = 64;

struct Grep {
    parsed: Parsed,
    patterns: Vec<Regex>,
    names: bool,
    before: usize,
    after: usize,
    separators: bool,
    most: usize,
    color: bool,
    any: bool,
    trouble: bool,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match parse(&SPEC, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) => {
            let name = cx.name.clone();
            cx.complain(&format!("{name}: {text}\n{SHORT_USAGE}")).await;
            return ExitCode(2);
        }
    };
    if parsed.has(HELP_OPTION) {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if parsed.has(VERSION_OPTION) || parsed.has('V') {
        cx.line("grep (GNU grep) 3.8").await;
        return ExitCode::SUCCESS;
    }
    let mut grep = match Grep::new(cx, parsed).await {
        Ok(grep) => grep,
        Err(text) => {
            cx.complain(&text).await;
            return ExitCode(2);
        }
    };
    let operands = grep.parsed.operands.clone();
    for path in &operands {
        grep.look(cx, path).await;
        if grep.parsed.has('q') && grep.any {
            return ExitCode::SUCCESS;
        }
    }
    cx.flush().await;
    match (grep.trouble, grep.any) {
        (true, _) => ExitCode(2),
        (false, true) => ExitCode::SUCCESS,
        (false, false) => ExitCode::FAILURE,
    }
}

impl Grep {
    async fn new(cx: &mut Context, mut parsed: Parsed) -> Result<Grep, String> {
        let name = cx.name.clone();
        let mut texts: Vec<String> = Vec::new();
        for (option, value) in &parsed.options {
            let value = value.clone().unwrap_or_default();
            match option {
                'e' => texts.push(value),
                'f' => match cx.read_all(&value).await {
                    Ok(data) => texts.extend(machine::text::from_bytes(&data).lines().map(str::to_string)),
                    Err(error) => return Err(format!("{name}: {value}: {error}\n")),
                },
                _ => {}
            }
        }
        if !parsed.has('e') && !parsed.has('f') {
            if parsed.operands.is_empty() {
                return Err(SHORT_USAGE.into());
            }
            texts.push(parsed.operands.remove(0));
        }
        let count = |option, none: usize| match parsed.value(option) {
            Some(text) => text.parse().map_err(|_| match option {
                'm' => format!("{name}: invalid max count\n"),
                _ => format!("{name}: {text}: invalid context length argument\n"),
            }),
            None => Ok(none),
        };
        let digits: String = parsed.options.iter().map(|(o, _)| *o).filter(char::is_ascii_digit).collect();
        let context = count('C', digits.parse().unwrap_or(0))?;
        let (before, after, most) = (count('B', context)?, count('A', context)?, count('m', usize::MAX)?);
        let kind = parsed.last_of("EFGP");
        let perl = kind == Some('P');
        let extended = perl || kind == Some('E') || (name == "egrep" && parsed.last_of("FG").is_none());
        let fixed = kind == Some('F') || name == "fgrep";
        if perl && texts.iter().flat_map(|text| text.split('\n')).nth(1).is_some() {
            return Err(format!("{name}: the -P option only supports a single pattern\n"));
        }
        let syntax = Syntax { extended, perl, ignore_case: parsed.has('i') || parsed.has('y') };
        let mut patterns = Vec::new();
        for text in texts.iter().flat_map(|t| t.split('\n')) {
            let text = if fixed { escape(text) } else { text.to_string() };
            let wrapped = if parsed.has('x') && extended {
                format!("^({text})$")
            } else if parsed.has('x') {
                format!("^\\({text}\\)$")
            } else {
                text
            };
            patterns.push(Regex::new(&wrapped, syntax).map_err(|error| format!("{name}: {error}\n"))?);
        }
        let recursive = parsed.has('r') || parsed.has('R');
        if parsed.operands.is_empty() {
            parsed.operands.push(if recursive { "." } else { "-" }.into());
        }
        let separators = parsed.last_of("ABC0123456789").is_some();
        // A file named alone is shown without its name, even with `-r`.
        let folder = recursive && cx.sys.stat(&parsed.operands[0]).is_ok_and(|a| a.is_dir());
        let many = parsed.operands.len() > 1 || folder;
        let names = parsed.last_of("Hh").map_or(many, |o| o == 'H');
        let color = match parsed.options.iter().rev().find(|(o, _)| *o == '\u{10}').map(|(_, v)| v.as_deref()) {
            Some(None | Some("auto" | "tty" | "if-tty")) => cx.sys.isatty(Fd::STDOUT),
            Some(Some("always" | "yes" | "force")) => true,
            _ => false,
        };
        Ok(Grep { parsed, patterns, names, before, after, separators, most, color, any: false, trouble: false })
    }

    /// Searches an operand, folders too.
    async fn look(&mut self, cx: &mut Context, path: &str) {
        let recursive = self.parsed.has('r') || self.parsed.has('R');
        let mut todo = vec![(path.to_string(), 0)];
        while let Some((path, depth)) = todo.pop() {
            if depth > 0 || path != "-" {
                let attr = if depth > 0 && !self.parsed.has('R') { cx.sys.lstat(&path) } else { cx.sys.stat(&path) };
                match attr {
                    Ok(attr) if attr.is_dir() && recursive => {
                        let entries = cx.sys.read_dir(&path).unwrap_or_default();
                        // As typed, `.` shows in the names; without an operand it does not.
                        let base = if path == "." && cx.args.last().is_none_or(|a| a != ".") {
                            String::new()
                        } else {
                            format!("{}/", path.trim_end_matches('/'))
                        };
                        let below =
                            entries.into_iter().rev().filter(|e| depth < DEEPEST && self.wanted(&e.name, e.kind));
                        todo.extend(below.map(|e| (format!("{base}{}", e.name), depth + 1)));
                        continue;
                    }
                    Ok(attr) if depth > 0 && attr.kind != FileKind::Regular => continue,
                    Ok(attr) if attr.is_dir() => {
                        self.trouble = true;
                        if !self.parsed.has('s') {
                            cx.error(format_args!("{path}: Is a directory")).await;
                        }
                        continue;
                    }
                    _ => {}
                }
            }
            if let Err(error) = self.search(cx, &path).await {
                self.trouble = true;
                if !self.parsed.has('s') {
                    cx.error(format_args!("{path}: {error}")).await;
                }
            }
            if self.parsed.has('q') && self.any {
                return;
            }
        }
    }

    fn wanted(&self, name: &str, kind: FileKind) -> bool {
        let globs = |option: char| {
            self.parsed.options.iter().filter(move |(o, _)| *o == option).filter_map(|(_, v)| v.as_deref())
        };
        let hit = |option| globs(option).any(|glob| crate::text::glob(glob, name));
        if kind == FileKind::Directory {
            return !hit('\u{13}');
        }
        !hit('\u{12}') && (globs('\u{11}').next().is_none() || hit('\u{11}'))
    }

    /// All matches in a line, leftmost first, none empty.
    fn matches(&self, text: &str) -> Vec<(usize, usize)> {
        let (mut found, mut at) = (Vec::new(), 0);
        while at <= text.len() {
            let next = self.patterns.iter().filter_map(|p| self.next_match(p, text, at));
            let Some((from, to)) = next.min_by_key(|(from, to)| (*from, usize::MAX - to)) else { break };
            if to > from {
                found.push((from, to));
            }
            at = if to > from { to } else { to + text[to..].chars().next().map_or(1, char::len_utf8) };
        }
        found
    }

    fn next_match(&self, pattern: &Regex, text: &str, mut at: usize) -> Option<(usize, usize)> {
        loop {
            let (from, to) = pattern.find_at(text, at)?[0]?;
            let word = |c: Option<char>| c.is_some_and(|c| c == '_' || c.is_alphanumeric());
            if !self.parsed.has('w') || !(word(text[..from].chars().next_back()) || word(text[to..].chars().next())) {
                return Some((from, to));
            }
            at = from + text[from..].chars().next()?.len_utf8();
        }
    }

    fn selects(&self, text: &str) -> bool {
        self.patterns.iter().any(|p| self.next_match(p, text, 0).is_some()) != self.parsed.has('v')
    }

    async fn search(&mut self, cx: &mut Context, path: &str) -> SysResult<()> {
        let fd = cx.open(path).await?;
        let shown = if path == "-" { "(standard input)" } else { path };
        let quiet = self.parsed.last_of("qlLc").is_some();
        let (mut lines, mut number, mut count) = (Lines::new(fd), 0, 0);
        let (mut held, mut after, mut last_shown): (Vec<(usize, String)>, usize, usize) = (Vec::new(), 0, 0);
        let mut binary = false;
        while count < self.most {
            let Some(line) = lines.next(cx).await? else { break };
            number += 1;
            let text = machine::text::from_bytes(chomp(&line));
            binary |= text.contains('\0') && !self.parsed.has('a');
            cx.sys.tick(300 + text.len() as u64 * 5).await;
            if self.selects(&text) {
                count += 1;
                self.any = true;
                if self.parsed.has('q') || self.parsed.has('l') {
                    break;
                }
                if quiet {
                    continue;
                }
                if binary {
                    cx.line(&format!("{}: {shown}: binary file matches", "grep")).await;
                    break;
                }
                let gap = self.separators && last_shown > 0 && held.first().map_or(number, |h| h.0) > last_shown + 1;
                if gap {
                    cx.line(&self.paint("36", "--")).await;
                }
                for (at, text) in held.drain(..) {
                    let line = self.line(shown, at, &text, '-');
                    cx.line(&line).await;
                }
                self.show(cx, shown, number, &text).await;
                (after, last_shown) = (self.after, number);
            } else if after > 0 {
                after -= 1;
                last_shown = number;
                if !quiet && !self.parsed.has('o') {
                    let line = self.line(shown, number, &text, '-');
                    cx.line(&line).await;
                }
            } else if self.before > 0 && !self.parsed.has('o') {
                held.push((number, text));
                if held.len() > self.before {
                    held.remove(0);
                }
            }
        }
        cx.close(fd);
        self.sum_up(cx, shown, count).await;
        Ok(())
    }

    async fn sum_up(&mut self, cx: &mut Context, shown: &str, count: usize) {
        if self.parsed.has('q') {
            return;
        }
        if self.parsed.has('c') && !self.parsed.has('l') && !self.parsed.has('L') {
            let name = if self.names {
                format!("{}{}", self.paint("35", shown), self.paint("36", ":"))
            } else {
                String::new()
            };
            cx.line(&format!("{name}{count}")).await;
        }
        if (self.parsed.has('l') && count > 0) || (self.parsed.has('L') && count == 0) {
            cx.line(&self.paint("35", shown)).await;
        }
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.color { format!("\x1b[{code}m\x1b[K{text}\x1b[m\x1b[K") } else { text.to_string() }
    }

    fn prefix(&self, path: &str, number: usize, mark: char) -> String {
        let mut prefix = String::new();
        let mark = self.paint("36", &mark.to_string());
        if self.names {
            prefix += &format!("{}{mark}", self.paint("35", path));
        }
        if self.parsed.has('n') {
            prefix += &format!("{}{mark}", self.paint("32", &number.to_string()));
        }
        prefix
    }

    fn line(&self, path: &str, number: usize, text: &str, mark: char) -> String {
        format!("{}{text}", self.prefix(path, number, mark))
    }

    async fn show(&self, cx: &mut Context, path: &str, number: usize, text: &str) {
        let prefix = self.prefix(path, number, ':');
        let invert = self.parsed.has('v');
        if self.parsed.has('o') {
            for (from, to) in if invert { Vec::new() } else { self.matches(text) } {
                cx.line(&format!("{prefix}{}", self.paint("01;31", &text[from..to]))).await;
            }
            return;
        }
        if !self.color || invert {
            cx.line(&format!("{prefix}{text}")).await;
            return;
        }
        let (mut line, mut at) = (prefix, 0);
        for (from, to) in self.matches(text) {
            line.push_str(&text[at..from]);
            line.push_str(&self.paint("01;31", &text[from..to]));
            at = to;
        }
        line.push_str(&text[at..]);
        cx.line(&line).await;
    }
}

/// A text as a basic expression that matches just it.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if ".[]*^$\\".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
