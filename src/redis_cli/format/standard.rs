//! The form for people: `(integer) 1`, `"text"`, numbered and aligned lists.

use resp::reply::Reply;

use crate::words;

/// Appends the reply. `prefix` is the indentation that lines after the first get.
pub fn write(out: &mut Vec<u8>, reply: &Reply, prefix: &str) {
    match reply {
        Reply::Error(text) => line(out, b"(error) ", text),
        Reply::Status(text) | Reply::Verbatim(text) => line(out, b"", text),
        Reply::Integer(n) => line(out, b"(integer) ", n.to_string().as_bytes()),
        Reply::Double(text) => line(out, b"(double) ", text),
        Reply::BigNumber(text) => line(out, b"", text),
        Reply::Bulk(text) => {
            words::quote_into(out, text);
            out.push(b'\n');
        }
        Reply::Nil => line(out, b"", b"(nil)"),
        Reply::Bool(value) => line(out, b"", if *value { b"(true)" } else { b"(false)" }),
        Reply::Array(items) => list(out, items, prefix, ')', "(empty array)"),
        Reply::Set(items) => list(out, items, prefix, '~', "(empty set)"),
        Reply::Push(items) => list(out, items, prefix, ')', "(empty push)"),
        Reply::Map(pairs) => map(out, pairs, prefix),
    }
}

fn line(out: &mut Vec<u8>, before: &[u8], text: &[u8]) {
    out.extend_from_slice(before);
    out.extend_from_slice(text);
    out.push(b'\n');
}

/// Digits of the largest index.
fn index_width(count: usize) -> usize {
    count.max(1).ilog10() as usize + 1
}

fn list(out: &mut Vec<u8>, items: &[Reply], prefix: &str, mark: char, empty: &str) {
    if items.is_empty() {
        return line(out, empty.as_bytes(), b"");
    }
    let width = index_width(items.len());
    let inner = format!("{prefix}{:1$}", "", width + 2);
    for (i, item) in items.iter().enumerate() {
        // The first line stands behind the number that the parent printed.
        let before = if i == 0 { "" } else { prefix };
        out.extend(format!("{before}{:width$}{mark} ", i + 1).bytes());
        write(out, item, &inner);
    }
}

fn map(out: &mut Vec<u8>, pairs: &[(Reply, Reply)], prefix: &str) {
    if pairs.is_empty() {
        return line(out, b"(empty hash)", b"");
    }
    let width = index_width(pairs.len());
    let inner = format!("{prefix}{:1$}", "", width + 2);
    for (i, (key, value)) in pairs.iter().enumerate() {
        let before = if i == 0 { "" } else { prefix };
        out.extend(format!("{before}{:width$}# ", i + 1).bytes());
        write(out, key, &inner);
        out.pop();
        out.extend(b" => ");
        if is_multiline(value) {
            out.push(b'\n');
            out.extend(inner.bytes());
        }
        write(out, value, &inner);
    }
}

fn is_multiline(reply: &Reply) -> bool {
    match reply {
        Reply::Map(pairs) => match pairs.as_slice() {
            [] => false,
            [(_, value)] => is_multiline(value),
            _ => true,
        },
        other => match other.elements() {
            None | Some([]) => false,
            Some([only]) => is_multiline(only),
            Some(_) => true,
        },
    }
}
