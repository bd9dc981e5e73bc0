//! `cut`: parts of lines.

use machine::ExitCode;

use crate::context::Context;
use crate::lines::{Lines, chomp};
use crate::options::{HELP, Parsed, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "b:c:d:f:nsz",
    long: &[
        ("bytes", 'b', Value::Required),
        ("characters", 'c', Value::Required),
        ("complement", '\u{10}', Value::None),
        ("delimiter", 'd', Value::Required),
        ("fields", 'f', Value::Required),
        ("only-delimited", 's', Value::None),
        ("output-delimiter", '\u{11}', Value::Required),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: cut OPTION... [FILE]...
Print selected parts of lines from each FILE to standard output.

With no FILE, or when FILE is -, read standard input.

Mandatory arguments to long options are mandatory for short options too.
  -b, --bytes=LIST        select only these bytes
  -c, --characters=LIST   select only these characters
  -d, --delimiter=DELIM   use DELIM instead of TAB for field delimiter
  -f, --fields=LIST       select only these fields;  also print any line
                            that contains no delimiter character, unless
                            the -s option is specified
      --complement        complement the set of selected bytes, characters
                            or fields
  -s, --only-delimited    do not print lines not containing delimiters
      --output-delimiter=STRING  use STRING as the output delimiter
                            the default is to use the input delimiter
      --help        display this help and exit
      --version     output version information and exit
";

struct Selection {
    ranges: Vec<(usize, usize)>,
    complement: bool,
}

impl Selection {
    fn read(list: &str, fields: bool, complement: bool) -> Result<Selection, String> {
        let what = if fields { "field value" } else { "byte/character position" };
        let mut ranges = Vec::new();
        for item in list.split([',', ' ']) {
            let number = |text: &str| -> Result<usize, String> {
                match text.parse() {
                    Ok(0) if fields => Err("fields are numbered from 1".into()),
                    Ok(0) => Err("byte/character positions are numbered from 1".into()),
                    Ok(n) => Ok(n),
                    Err(_) => Err(format!("invalid {what} ‘{text}’")),
                }
            };
            let range = match item.split_once('-') {
                Some(("", "")) => return Err("invalid range with no endpoint: -".into()),
                Some((from, "")) => (number(from)?, usize::MAX),
                Some(("", to)) => (1, number(to)?),
                Some((from, to)) => (number(from)?, number(to)?),
                None => (number(item)?, number(item)?),
            };
            if range.0 > range.1 {
                return Err("invalid decreasing range".into());
            }
            ranges.push(range);
        }
        Ok(Selection { ranges, complement })
    }

    /// Whether the part with this number, from 1 on, is wanted.
    fn has(&self, number: usize) -> bool {
        self.ranges.iter().any(|(from, to)| (*from..=*to).contains(&number)) != self.complement
    }

    /// Whether a new range begins with this part: there an output delimiter goes.
    fn begins(&self, number: usize) -> bool {
        !self.complement
            && !self.ranges.iter().any(|(from, to)| *from < number && number <= *to)
            && self.ranges.iter().any(|(from, _)| *from == number)
    }
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let mut lists = parsed.options.iter().filter(|(o, _)| matches!(o, 'b' | 'c' | 'f'));
    let (list, another) = (lists.next(), lists.next().is_some());
    let wrong = match list {
        None => Some("you must specify a list of bytes, characters, or fields"),
        Some(_) if another => Some("only one list may be specified"),
        Some(('b' | 'c', _)) if parsed.has('d') => {
            Some("an input delimiter may be specified only when operating on fields")
        }
        Some(('b' | 'c', _)) if parsed.has('s') => {
            Some("suppressing non-delimited lines makes sense\n\tonly when operating on fields")
        }
        _ if parsed.value('d').is_some_and(|d| d.chars().count() > 1) => {
            Some("the delimiter must be a single character")
        }
        _ => None,
    };
    let (Some((kind, Some(list))), None) = (list, wrong) else {
        return cx.usage_error(wrong.unwrap_or("you must specify a list of bytes, characters, or fields")).await;
    };
    let selection = match Selection::read(list, *kind == 'f', parsed.has('\u{10}')) {
        Ok(selection) => selection,
        Err(text) => {
            let text = if cx.is_utf8() { text } else { text.replace(['‘', '’'], "'") };
            return cx.usage_error(&text).await;
        }
    };
    let operands = if parsed.operands.is_empty() { vec!["-".to_string()] } else { parsed.operands.clone() };
    for path in &operands {
        if let Err(error) = cut(cx, path, &parsed, *kind, &selection).await {
            cx.error(format_args!("{path}: {error}")).await;
        }
    }
    cx.status()
}

async fn cut(
    cx: &mut Context,
    path: &str,
    parsed: &Parsed,
    kind: char,
    selection: &Selection,
) -> machine::SysResult<()> {
    let fd = cx.open(path).await?;
    let mut lines = Lines::new(fd);
    let delimiter = parsed.value('d').map_or(vec![b'\t'], machine::text::to_bytes);
    let delimiter = delimiter.first().copied().unwrap_or(0);
    let between = parsed.value('\u{11}').map(machine::text::to_bytes);
    while let Some(line) = lines.next(cx).await? {
        let line = chomp(&line);
        if kind == 'f' {
            if !line.contains(&delimiter) {
                if !parsed.has('s') {
                    cx.put(line).await;
                    cx.put(b"\n").await;
                }
                continue;
            }
            let fields = line.split(|b| *b == delimiter).enumerate().filter(|(at, _)| selection.has(at + 1));
            let fields: Vec<&[u8]> = fields.map(|(_, field)| field).collect();
            let joined = fields.join(between.as_deref().unwrap_or(&[delimiter]));
            cx.put(&joined).await;
        } else {
            let mut out = Vec::new();
            for (at, byte) in line.iter().enumerate().filter(|(at, _)| selection.has(at + 1)) {
                if let Some(between) = between.as_ref().filter(|_| !out.is_empty() && selection.begins(at + 1)) {
                    out.extend_from_slice(between);
                }
                out.push(*byte);
            }
            cx.put(&out).await;
        }
        cx.put(b"\n").await;
        cx.sys.tick(200).await;
    }
    cx.close(fd);
    Ok(())
}
