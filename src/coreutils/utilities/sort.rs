//! `sort`: lines in order.

use std::cmp::Ordering;

use machine::ExitCode;
use machine::fs::OpenFlags;

use crate::context::Context;
use crate::lines::Lines;
use crate::options::{HELP, Parsed, Spec, VERSION, Value};

/// What a line takes besides its bytes.
const LINE: usize = 32;
/// The machine is told each time that so many bytes more are kept.
const MEGABYTE: usize = 1 << 20;

const SPEC: Spec = Spec {
    short: "bcCdfghik:mMno:rRsS:t:T:uVz",
    long: &[
        ("check", 'c', Value::Optional),
        ("dictionary-order", 'd', Value::None),
        ("field-separator", 't', Value::Required),
        ("general-numeric-sort", 'g', Value::None),
        ("human-numeric-sort", 'h', Value::None),
        ("ignore-case", 'f', Value::None),
        ("ignore-leading-blanks", 'b', Value::None),
        ("key", 'k', Value::Required),
        ("merge", 'm', Value::None),
        ("month-sort", 'M', Value::None),
        ("numeric-sort", 'n', Value::None),
        ("output", 'o', Value::Required),
        ("reverse", 'r', Value::None),
        ("stable", 's', Value::None),
        ("unique", 'u', Value::None),
        ("version-sort", 'V', Value::None),
        ("zero-terminated", 'z', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: sort [OPTION]... [FILE]...
  or:  sort [OPTION]... --files0-from=F
Write sorted concatenation of all FILE(s) to standard output.

With no FILE, or when FILE is -, read standard input.

Ordering options:

  -b, --ignore-leading-blanks  ignore leading blanks
  -d, --dictionary-order      consider only blanks and alphanumeric characters
  -f, --ignore-case           fold lower case to upper case characters
  -g, --general-numeric-sort  compare according to general numerical value
  -h, --human-numeric-sort    compare human readable numbers (e.g., 2K 1G)
  -M, --month-sort            compare (unknown) < 'JAN' < ... < 'DEC'
  -n, --numeric-sort          compare according to string numerical value
  -r, --reverse               reverse the result of comparisons
  -V, --version-sort          natural sort of (version) numbers within text

Other options:

  -c, --check  check for sorted input; do not sort
  -k, --key=KEYDEF          sort via a key; KEYDEF gives location and type
  -m, --merge               merge already sorted files; do not sort
  -o, --output=FILE         write result to FILE instead of standard output
  -s, --stable              stabilize sort by disabling last-resort comparison
  -t, --field-separator=SEP  use SEP instead of non-blank to blank transition
  -u, --unique              with -c, check for strict ordering;
                              without -c, output only the first of an equal run
  -z, --zero-terminated     line delimiter is NUL, not newline
      --help        display this help and exit
      --version     output version information and exit
";

/// How lines or keys compare.
#[derive(Clone, Copy, Default)]
struct Order {
    kind: Kind,
    reverse: bool,
    fold: bool,
    dictionary: bool,
    blanks: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Text,
    Numeric,
    General,
    Human,
    Month,
    Version,
}

impl Order {
    fn add(&mut self, letter: char) -> bool {
        match letter {
            'b' => self.blanks = true,
            'd' | 'i' => self.dictionary = true,
            'f' => self.fold = true,
            'g' => self.kind = Kind::General,
            'h' => self.kind = Kind::Human,
            'M' => self.kind = Kind::Month,
            'n' => self.kind = Kind::Numeric,
            'r' => self.reverse = true,
            'V' => self.kind = Kind::Version,
            _ => return false,
        }
        true
    }

    fn is_default(&self) -> bool {
        self.kind == Kind::Text && !self.reverse && !self.fold && !self.dictionary && !self.blanks
    }
}

/// `-k F.C,F.C`: fields and characters count from 1; an end without a character is the field's end.
struct Key {
    start: (usize, usize),
    end: Option<(usize, usize)>,
    order: Order,
}

struct Sorter {
    keys: Vec<Key>,
    order: Order,
    separator: Option<u8>,
    stable: bool,
    unique: bool,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return ExitCode(if status == ExitCode::SUCCESS { 0 } else { 2 }),
    };
    let sorter = match Sorter::new(cx, &parsed) {
        Ok(sorter) => sorter,
        Err(text) => {
            cx.error(text).await;
            return ExitCode(2);
        }
    };
    let end = if parsed.has('z') { b'\0' } else { b'\n' };
    let operands = if parsed.operands.is_empty() { vec!["-".to_string()] } else { parsed.operands.clone() };
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for path in &operands {
        if let Err(error) = read(cx, path, end, &mut lines).await {
            let what = if error == machine::Errno::EISDIR { "read failed" } else { "cannot read" };
            let shown = if cx.is_busybox() { format!("{path}: {error}") } else { format!("{what}: {path}: {error}") };
            cx.error(shown).await;
            return ExitCode(2);
        }
    }
    if parsed.has('c') || parsed.has('C') {
        return sorter.check(cx, &operands[0], &lines, parsed.has('C')).await;
    }
    cx.sys.tick(lines.len() as u64 * 400).await;
    lines.sort_by(|a, b| sorter.compare(a, b));
    if sorter.unique {
        lines.dedup_by(|a, b| sorter.by_keys(a, b) == Ordering::Equal);
    }
    let mut out = Vec::new();
    for line in lines {
        out.extend_from_slice(&line);
        out.push(end);
    }
    let Some(file) = parsed.value('o') else {
        cx.put(&out).await;
        return cx.status();
    };
    let written = match cx.sys.open(file, OpenFlags::CREATE.cloexec(), 0o666).await {
        Ok(fd) => cx.sys.write_all(fd, &out).await,
        Err(error) => Err(error),
    };
    if let Err(error) = written {
        cx.error(format_args!("open failed: {file}: {error}")).await;
        return ExitCode(2);
    }
    cx.status()
}

async fn read(cx: &mut Context, path: &str, end: u8, lines: &mut Vec<Vec<u8>>) -> machine::SysResult<()> {
    let fd = cx.open(path).await?;
    let mut reader = Lines::separated(fd, end);
    let mut kept = 0;
    while let Some(mut line) = reader.next(cx).await? {
        if line.last() == Some(&end) {
            line.pop();
        }
        kept += line.len() + LINE;
        if kept > MEGABYTE {
            cx.sys.hold_memory(kept as u64)?;
            kept = 0;
        }
        lines.push(line);
        cx.sys.tick(200).await;
    }
    cx.close(fd);
    Ok(())
}

impl Sorter {
    fn new(cx: &Context, parsed: &Parsed) -> Result<Sorter, String> {
        let mut order = Order::default();
        for (option, _) in &parsed.options {
            order.add(*option);
        }
        let separator = match parsed.value('t') {
            Some("\\0") => Some(0),
            Some("") => return Err("empty tab".into()),
            Some(text) if text.len() > 1 => return Err(format!("multi-character tab {}", cx.quote(text))),
            Some(text) => text.bytes().next(),
            None => None,
        };
        let mut keys = Vec::new();
        for (_, value) in parsed.options.iter().filter(|(option, _)| *option == 'k') {
            keys.push(key(cx, value.as_deref().unwrap_or(""), order)?);
        }
        Ok(Sorter { keys, order, separator, stable: parsed.has('s'), unique: parsed.has('u') })
    }

    fn compare(&self, a: &[u8], b: &[u8]) -> Ordering {
        let by_keys = self.by_keys(a, b);
        if by_keys != Ordering::Equal || self.stable || self.unique {
            return by_keys;
        }
        // The last resort: the whole lines.
        let whole = a.cmp(b);
        if self.order.reverse { whole.reverse() } else { whole }
    }

    fn by_keys(&self, a: &[u8], b: &[u8]) -> Ordering {
        if self.keys.is_empty() {
            return compare(a, b, self.order);
        }
        let by_key = |key: &Key| compare(self.part(a, key), self.part(b, key), key.order);
        self.keys.iter().map(by_key).find(|o| *o != Ordering::Equal).unwrap_or(Ordering::Equal)
    }

    /// Where each field begins and ends.
    fn fields(&self, line: &[u8]) -> Vec<(usize, usize)> {
        let mut fields = Vec::new();
        let mut at = 0;
        match self.separator {
            Some(separator) => {
                for field in line.split(|b| *b == separator) {
                    fields.push((at, at + field.len()));
                    at += field.len() + 1;
                }
            }
            None => {
                while at < line.len() {
                    let start = at;
                    at += line[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
                    at += line[at..].iter().take_while(|b| !matches!(b, b' ' | b'\t')).count();
                    fields.push((start, at));
                }
            }
        }
        fields
    }

    fn part<'a>(&self, line: &'a [u8], key: &Key) -> &'a [u8] {
        let fields = self.fields(line);
        let field = |number: usize| fields.get(number - 1).copied().unwrap_or((line.len(), line.len()));
        let skip = |at: usize| {
            if key.order.blanks { at + line[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count() } else { at }
        };
        let start = (skip(field(key.start.0).0) + key.start.1 - 1).min(line.len());
        let end = match key.end {
            None => line.len(),
            Some((number, 0)) => field(number).1,
            Some((number, character)) => (skip(field(number).0) + character).min(line.len()),
        };
        line.get(start..end.max(start)).unwrap_or_default()
    }

    async fn check(&self, cx: &mut Context, path: &str, lines: &[Vec<u8>], quiet: bool) -> ExitCode {
        for (at, pair) in lines.windows(2).enumerate() {
            let order = self.compare(&pair[0], &pair[1]);
            if order == Ordering::Greater || (self.unique && order == Ordering::Equal) {
                if !quiet {
                    let line = machine::text::from_bytes(&pair[1]);
                    cx.error(format_args!("{path}:{}: disorder: {line}", at + 2)).await;
                }
                return ExitCode::FAILURE;
            }
        }
        ExitCode::SUCCESS
    }
}

fn key(cx: &Context, text: &str, global: Order) -> Result<Key, String> {
    let (start, end) = match text.split_once(',') {
        Some((start, end)) => (start, Some(end)),
        None => (text, None),
    };
    let mut order = Order::default();
    let invalid = |at: &str| format!("invalid number at field start: invalid count at start of {}", cx.quote(at));
    let mut position = |text: &str, character: usize| -> Result<(usize, usize), String> {
        let letters = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        for letter in letters.chars() {
            if !order.add(letter) {
                return Err(format!("stray character in field spec: invalid field specification {}", cx.quote(text)));
            }
        }
        let numbers = &text[..text.len() - letters.len()];
        let (field, within) = numbers.split_once('.').unwrap_or((numbers, ""));
        let field: usize = field.parse().map_err(|_| invalid(text))?;
        if field == 0 {
            return Err(format!("field number is zero: invalid field specification {}", cx.quote(text)));
        }
        Ok((field, if within.is_empty() { character } else { within.parse().map_err(|_| invalid(text))? }))
    };
    let start = position(start, 1)?;
    let end = end.map(|end| position(end, 0)).transpose()?;
    if order.is_default() {
        order = global;
    }
    Ok(Key { start: (start.0, start.1.max(1)), end, order })
}

fn compare(a: &[u8], b: &[u8], order: Order) -> Ordering {
    let (a, b) = if order.blanks { (trim(a), trim(b)) } else { (a, b) };
    let result = match order.kind {
        Kind::Numeric => numeric(a, b),
        Kind::General => real(a).partial_cmp(&real(b)).unwrap_or(Ordering::Equal),
        Kind::Human => human(a, b),
        Kind::Month => month(a).cmp(&month(b)),
        Kind::Version => version(a, b),
        Kind::Text if order.fold || order.dictionary => folded(a, order).cmp(&folded(b, order)),
        Kind::Text => a.cmp(b),
    };
    if order.reverse { result.reverse() } else { result }
}

fn trim(text: &[u8]) -> &[u8] {
    &text[text.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()..]
}

fn folded(text: &[u8], order: Order) -> Vec<u8> {
    let kept = text.iter().filter(|b| !order.dictionary || b.is_ascii_alphanumeric() || matches!(b, b' ' | b'\t'));
    kept.map(|b| if order.fold { b.to_ascii_uppercase() } else { *b }).collect()
}

/// Sign, digits before the point without leading zeros, digits behind without trailing ones, and the rest.
fn decimal(text: &[u8]) -> (bool, &[u8], &[u8], &[u8]) {
    let text = trim(text);
    let (negative, text) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
    let whole = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(whole);
    let digits = &digits[digits.iter().take_while(|b| **b == b'0').count()..];
    let (fraction, rest) = match rest.strip_prefix(b".") {
        Some(behind) => behind.split_at(behind.iter().take_while(|b| b.is_ascii_digit()).count()),
        None => (&rest[..0], rest),
    };
    let kept = fraction.len() - fraction.iter().rev().take_while(|b| **b == b'0').count();
    (negative && (!digits.is_empty() || kept > 0), digits, &fraction[..kept], rest)
}

/// Numbers of any length.
fn numeric(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (decimal(a), decimal(b));
    let absolute = a.1.len().cmp(&b.1.len()).then_with(|| a.1.cmp(b.1)).then_with(|| a.2.cmp(b.2));
    match (a.0, b.0) {
        (false, false) => absolute,
        (true, true) => absolute.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

fn human(a: &[u8], b: &[u8]) -> Ordering {
    let unit = |text: &[u8]| {
        let (negative, digits, fraction, rest) = decimal(text);
        let at = rest.first().and_then(|c| b"KMGTPEZY".iter().position(|u| *u == c.to_ascii_uppercase()));
        let order = at.map_or(0, |at| at as i32 + 1);
        let zero = digits.is_empty() && fraction.is_empty();
        if zero {
            0
        } else if negative {
            -order - 1
        } else {
            order + 1
        }
    };
    unit(a).cmp(&unit(b)).then_with(|| numeric(a, b))
}

fn real(text: &[u8]) -> f64 {
    let text = String::from_utf8_lossy(trim(text)).into_owned();
    let end = text.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(text.len());
    (1..=end).rev().find_map(|end| text.get(..end)?.parse().ok()).unwrap_or(f64::NEG_INFINITY)
}

fn month(text: &[u8]) -> usize {
    let name = trim(text).get(..3).map(<[u8]>::to_ascii_uppercase).unwrap_or_default();
    let all = [b"JAN", b"FEB", b"MAR", b"APR", b"MAY", b"JUN", b"JUL", b"AUG", b"SEP", b"OCT", b"NOV", b"DEC"];
    all.iter().position(|m| m[..] == name[..]).map_or(0, |at| at + 1)
}

/// Text and numbers by turns.
fn version(mut a: &[u8], mut b: &[u8]) -> Ordering {
    let split = |text: &[u8], digits: bool| text.iter().take_while(|b| b.is_ascii_digit() == digits).count();
    while !a.is_empty() || !b.is_empty() {
        let (at, bt) = (split(a, false), split(b, false));
        // `~` comes before everything, even the end; letters before other characters.
        let weight = |c: Option<&u8>| match c {
            Some(b'~') => -1,
            None => 0,
            Some(c) if c.is_ascii_alphabetic() => i32::from(*c),
            Some(c) => i32::from(*c) + 256,
        };
        for i in 0..at.max(bt) {
            let order = weight(a[..at].get(i)).cmp(&weight(b[..bt].get(i)));
            if order != Ordering::Equal {
                return order;
            }
        }
        (a, b) = (&a[at..], &b[bt..]);
        let (an, bn) = (split(a, true), split(b, true));
        let order = numeric(&a[..an], &b[..bn]);
        if order != Ordering::Equal {
            return order;
        }
        (a, b) = (&a[an..], &b[bn..]);
    }
    Ordering::Equal
}
