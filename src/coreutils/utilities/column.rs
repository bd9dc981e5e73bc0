//! `column`: lists in columns, and tables.

use machine::{ExitCode, Fd};
use unicode_width::UnicodeWidthStr;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "c:N:o:s:tx",
    long: &[
        ("output-width", 'c', Value::Required),
        ("table-columns", 'N', Value::Required),
        ("output-separator", 'o', Value::Required),
        ("separator", 's', Value::Required),
        ("table", 't', Value::None),
        ("fillrows", 'x', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "
Usage:
 column [options] [<file>...]

Columnate lists.

Options:
 -t, --table                      create a table
 -N, --table-columns <names>      comma separated columns names
 -c, --output-width <width>       width of output in number of characters
 -o, --output-separator <string>  columns separator for table output (default is two spaces)
 -s, --separator <string>         possible table delimiters
 -x, --fillrows                   fill rows before columns

 -h, --help                       display this help
 -V, --version                    display version
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let operands = if parsed.operands.is_empty() { vec!["-".to_string()] } else { parsed.operands.clone() };
    let mut text = String::new();
    for path in operands {
        match cx.read_all(&path).await {
            Ok(data) => text.push_str(&machine::text::from_bytes(&data)),
            Err(error) => cx.error(format_args!("{path}: {error}")).await,
        }
    }
    cx.sys.tick(text.len() as u64 * 30).await;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let out = if parsed.has('t') || parsed.has('N') {
        let separators = parsed.value('s');
        let mut rows: Vec<Vec<&str>> = lines.iter().map(|line| cells(line, separators)).collect();
        if let Some(names) = parsed.value('N') {
            rows.insert(0, names.split(',').collect());
        }
        table(&rows, parsed.value('o').unwrap_or("  "))
    } else {
        let width = parsed.value('c').and_then(|n| n.parse().ok());
        let width = width.or_else(|| cx.sys.winsize(Fd::STDOUT).ok().map(|size| usize::from(size.columns)));
        list(&lines, width.unwrap_or(80), parsed.has('x'))
    };
    cx.put(&machine::text::to_bytes(&out)).await;
    cx.status()
}

/// With separators each one ends a cell, without them any blanks do.
fn cells<'a>(line: &'a str, separators: Option<&str>) -> Vec<&'a str> {
    match separators {
        Some(separators) => line.split(|c| separators.contains(c)).collect(),
        None => line.split([' ', '\t']).filter(|cell| !cell.is_empty()).collect(),
    }
}

fn table(rows: &[Vec<&str>], separator: &str) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut out = String::new();
    for row in rows {
        for (at, width) in widths.iter().enumerate() {
            let cell = row.get(at).copied().unwrap_or("");
            out.push_str(cell);
            if at + 1 < count {
                out.push_str(&" ".repeat(width - cell.width()));
                out.push_str(separator);
            }
        }
        out.push('\n');
    }
    out
}

/// Columns of equal width with tabs between, filled downwards, or along the rows.
fn list(lines: &[&str], width: usize, rows_first: bool) -> String {
    let longest = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let cell = (longest + 8) / 8 * 8;
    let columns = (width / cell).max(1);
    let rows = lines.len().div_ceil(columns);
    let mut out = String::new();
    for row in 0..rows {
        let mut at = 0;
        let nth = |column: usize| if rows_first { row * columns + column } else { column * rows + row };
        let present: Vec<&str> = (0..columns).map_while(|column| lines.get(nth(column)).copied()).collect();
        for (column, text) in present.iter().enumerate() {
            while at < column * cell {
                out.push('\t');
                at = at / 8 * 8 + 8;
            }
            out.push_str(text);
            at += text.width();
        }
        out.push('\n');
    }
    out
}
