//! `join`: lines of two sorted files with an equal field.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec =
    Spec { short: "a:e:i1:2:j:o:t:v:", long: &[("ignore-case", 'i', Value::None), HELP, VERSION], posix: false };

const USAGE: &str = "\
Usage: join [OPTION]... FILE1 FILE2
For each pair of input lines with identical join fields, write a line to
standard output.  The default join field is the first, delimited by blanks.

When FILE1 or FILE2 (not both) is -, read standard input.

  -a FILENUM             also print unpairable lines from file FILENUM, where
                           FILENUM is 1 or 2, corresponding to FILE1 or FILE2
  -e STRING              replace missing (empty) input fields with STRING;
  -i, --ignore-case      ignore differences in case when comparing fields
  -j FIELD               equivalent to '-1 FIELD -2 FIELD'
  -o FORMAT              obey FORMAT while constructing output line
  -t CHAR                use CHAR as input and output field separator
  -v FILENUM             like -a FILENUM, but suppress joined output lines
  -1 FIELD               join on this FIELD of file 1
  -2 FIELD               join on this FIELD of file 2
      --help        display this help and exit
      --version     output version information and exit

Unless -t CHAR is given, leading blanks separate fields and are ignored,
else fields are separated by CHAR.
";

struct Join {
    separator: Option<char>,
    fields: [usize; 2],
    ignore_case: bool,
    empty: String,
    /// File (0 or 1) and field, or the field that is joined on.
    format: Option<Vec<Option<(usize, usize)>>>,
}

type Row = Vec<String>;

impl Join {
    fn rows(&self, data: &[u8]) -> Vec<Row> {
        let text = machine::text::from_bytes(data);
        let split = |line: &str| match self.separator {
            Some(separator) => line.split(separator).map(str::to_string).collect(),
            None => line.split([' ', '\t']).filter(|field| !field.is_empty()).map(str::to_string).collect(),
        };
        text.lines().map(split).collect()
    }

    fn key(&self, row: &Row, file: usize) -> String {
        let key = row.get(self.fields[file]).cloned().unwrap_or_default();
        if self.ignore_case { key.to_lowercase() } else { key }
    }

    /// A line of the output, of one row or of both.
    fn line(&self, rows: [Option<&Row>; 2]) -> String {
        let key = (0..2).find_map(|file| rows[file]?.get(self.fields[file])).cloned().unwrap_or_default();
        let filled = |text: Option<&String>| text.filter(|t| !t.is_empty()).unwrap_or(&self.empty).clone();
        let cells: Vec<String> = match &self.format {
            Some(format) => format
                .iter()
                .map(|cell| match cell {
                    None => filled(Some(&key)),
                    Some((file, field)) => filled(rows[*file].and_then(|row| row.get(*field))),
                })
                .collect(),
            None => {
                let rest = (0..2).flat_map(|file| {
                    let fields = rows[file].into_iter().flatten().enumerate();
                    fields.filter(move |(at, _)| *at != self.fields[file]).map(|(_, text)| text.clone())
                });
                std::iter::once(key.clone()).chain(rest).collect()
            }
        };
        cells.join(&self.separator.unwrap_or(' ').to_string())
    }
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let [left, right] = parsed.operands.as_slice() else {
        let text = match parsed.operands.as_slice() {
            [] => "missing operand".to_string(),
            [one] => format!("missing operand after {}", cx.quote(one)),
            more => format!("extra operand {}", cx.quote(&more[2])),
        };
        return cx.usage_error(&text).await;
    };
    let field = |option| {
        let text = parsed.value(option).or(parsed.value('j')).unwrap_or("1");
        text.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).ok_or_else(|| text.to_string())
    };
    let fields = match (field('1'), field('2')) {
        (Ok(first), Ok(second)) => [first, second],
        (Err(text), _) | (_, Err(text)) => {
            let text = format!("invalid field number: {}", cx.quote(&text));
            cx.error(text).await;
            return cx.status();
        }
    };
    let format = parsed.value('o').filter(|text| *text != "auto").map(|text| {
        let cells = text.split([',', ' ']).filter(|cell| !cell.is_empty());
        let cell = |cell: &str| {
            let (file, field) = cell.split_once('.')?;
            Some((file.parse::<usize>().ok()?.clamp(1, 2) - 1, field.parse::<usize>().ok()?.saturating_sub(1)))
        };
        cells.map(cell).collect()
    });
    let join = Join {
        separator: parsed.value('t').and_then(|text| if text == "\\t" { Some('\t') } else { text.chars().next() }),
        fields,
        ignore_case: parsed.has('i'),
        empty: parsed.value('e').unwrap_or("").to_string(),
        format,
    };
    let mut both = Vec::new();
    for path in [left, right] {
        match cx.read_all(path).await {
            Ok(data) => both.push(join.rows(&data)),
            Err(error) => {
                cx.error(format_args!("{path}: {error}")).await;
                return cx.status();
            }
        }
    }
    let wants = |option: char, file: usize| {
        let number = (file + 1).to_string();
        parsed.options.iter().any(|(o, value)| *o == option && value.as_deref() == Some(&number))
    };
    let alone = [0, 1].map(|file| wants('a', file) || wants('v', file));
    pairs(cx, &join, &both, alone, !parsed.has('v')).await;
    cx.status()
}

async fn pairs(cx: &mut Context, join: &Join, both: &[Vec<Row>], alone: [bool; 2], paired: bool) {
    let [left, right] = both else { return };
    let (mut l, mut r) = (0, 0);
    while l < left.len() || r < right.len() {
        cx.sys.tick(2_000).await;
        let keys = (left.get(l).map(|row| join.key(row, 0)), right.get(r).map(|row| join.key(row, 1)));
        match keys {
            (Some(a), Some(b)) if a == b => {
                let many = |rows: &[Row], from: usize, file: usize| {
                    rows[from..].iter().take_while(|row| join.key(row, file) == a).count()
                };
                let (ls, rs) = (many(left, l, 0), many(right, r, 1));
                for first in &left[l..l + ls] {
                    for second in &right[r..r + rs] {
                        if paired {
                            let line = join.line([Some(first), Some(second)]);
                            cx.line(&line).await;
                        }
                    }
                }
                (l, r) = (l + ls, r + rs);
            }
            (Some(a), b) if b.as_ref().is_none_or(|b| a < *b) => {
                if alone[0] {
                    let line = join.line([Some(&left[l]), None]);
                    cx.line(&line).await;
                }
                l += 1;
            }
            _ => {
                if alone[1] {
                    let line = join.line([None, Some(&right[r])]);
                    cx.line(&line).await;
                }
                r += 1;
            }
        }
    }
}
