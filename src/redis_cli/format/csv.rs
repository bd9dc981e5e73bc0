//! Comma-separated values; nesting is flattened.

use resp::reply::Reply;

use crate::words;

/// Appends the reply.
pub fn write(out: &mut Vec<u8>, reply: &Reply) {
    match reply {
        Reply::Error(text) => {
            out.extend(b"ERROR,");
            words::quote_into(out, text);
        }
        Reply::Status(text) | Reply::Bulk(text) | Reply::Verbatim(text) => words::quote_into(out, text),
        Reply::Integer(n) => out.extend(n.to_string().bytes()),
        Reply::Double(text) | Reply::BigNumber(text) => out.extend_from_slice(text),
        Reply::Nil => out.extend(b"NULL"),
        Reply::Bool(value) => out.extend(value.to_string().bytes()),
        Reply::Array(items) | Reply::Set(items) | Reply::Push(items) => {
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(out, item);
            }
        }
        Reply::Map(pairs) => {
            for (i, (key, value)) in pairs.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(out, key);
                out.push(b',');
                write(out, value);
            }
        }
    }
}
