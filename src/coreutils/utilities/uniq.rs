//! `uniq`: lines that repeat.

use machine::fs::OpenFlags;
use machine::{ExitCode, Fd};

use crate::context::Context;
use crate::lines::{Lines, chomp};
use crate::options::{HELP, Parsed, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "cdDf:is:uw:z",
    long: &[
        ("check-chars", 'w', Value::Required),
        ("count", 'c', Value::None),
        ("ignore-case", 'i', Value::None),
        ("repeated", 'd', Value::None),
        ("skip-chars", 's', Value::Required),
        ("skip-fields", 'f', Value::Required),
        ("unique", 'u', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: uniq [OPTION]... [INPUT [OUTPUT]]
Filter adjacent matching lines from INPUT (or standard input),
writing to OUTPUT (or standard output).

With no options, matching lines are merged to the first occurrence.

  -c, --count           prefix lines by the number of occurrences
  -d, --repeated        only print duplicate lines, one for each group
  -D                    print all duplicate lines
  -f, --skip-fields=N   avoid comparing the first N fields
  -i, --ignore-case     ignore differences in case when comparing
  -s, --skip-chars=N    avoid comparing the first N characters
  -u, --unique          only print unique lines
  -w, --check-chars=N   compare no more than N characters in lines
      --help        display this help and exit
      --version     output version information and exit
";

struct Rule {
    fields: usize,
    characters: usize,
    most: usize,
    ignore_case: bool,
}

impl Rule {
    fn key(&self, line: &[u8]) -> Vec<u8> {
        let mut rest = chomp(line);
        for _ in 0..self.fields {
            let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            rest = &rest[blanks..];
            rest = &rest[rest.iter().take_while(|b| !matches!(b, b' ' | b'\t')).count()..];
        }
        let key = rest.iter().skip(self.characters).take(self.most);
        key.map(|b| if self.ignore_case { b.to_ascii_lowercase() } else { *b }).collect()
    }
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if let Some(extra) = parsed.operands.get(2) {
        let text = format!("extra operand {}", cx.quote(extra));
        return cx.usage_error(&text).await;
    }
    let number = |option, none: usize| parsed.value(option).map_or(Some(none), |v| v.parse().ok());
    let (Some(fields), Some(characters), Some(most)) = (number('f', 0), number('s', 0), number('w', usize::MAX)) else {
        let bad = "fsw".chars().filter_map(|o| parsed.value(o)).find(|v| v.parse::<usize>().is_err()).unwrap_or("");
        cx.error(format_args!("{bad}: invalid number of fields to skip")).await;
        return cx.status();
    };
    let rule = Rule { fields, characters, most, ignore_case: parsed.has('i') };
    let input = parsed.operands.first().map_or("-", |s| s);
    let fd = match cx.open(input).await {
        Ok(fd) => fd,
        Err(error) => {
            cx.error(format_args!("{input}: {error}")).await;
            return cx.status();
        }
    };
    if let Some(output) = parsed.operands.get(1).filter(|o| *o != "-") {
        let opened = cx.sys.open(output, OpenFlags::CREATE, 0o666).await.and_then(|fd| cx.sys.dup2(fd, Fd::STDOUT));
        if let Err(error) = opened {
            cx.error(format_args!("{output}: {error}")).await;
            return cx.status();
        }
    }
    groups(cx, &parsed, &rule, input, Lines::new(fd)).await;
    cx.status()
}

/// Lines that follow each other and are equal.
#[derive(Default)]
struct Group {
    /// Those that may be shown: the first, or all.
    lines: Vec<Vec<u8>>,
    count: usize,
}

async fn groups(cx: &mut Context, parsed: &Parsed, rule: &Rule, input: &str, mut lines: Lines) {
    let mut group = Group::default();
    loop {
        let line = match lines.next(cx).await {
            Ok(line) => line,
            Err(error) => return cx.error(format_args!("error reading '{input}': {error}")).await,
        };
        let same =
            matches!((&line, group.lines.first()), (Some(line), Some(first)) if rule.key(line) == rule.key(first));
        if !same {
            show(cx, parsed, &std::mem::take(&mut group)).await;
        }
        let Some(line) = line else { return };
        group.count += 1;
        if group.count == 1 || parsed.has('D') {
            group.lines.push(line);
        }
        cx.sys.tick(200).await;
    }
}

async fn show(cx: &mut Context, parsed: &Parsed, group: &Group) {
    let shown = match () {
        () if parsed.has('u') && group.count > 1 => 0,
        () if (parsed.has('d') || parsed.has('D')) && group.count == 1 => 0,
        () if parsed.has('D') => group.lines.len(),
        () => 1,
    };
    for member in group.lines.iter().take(shown) {
        if parsed.has('c') {
            cx.put(format!("{:7} ", group.count).as_bytes()).await;
        }
        cx.put(chomp(member)).await;
        cx.put(b"\n").await;
    }
}
