//! The form for programs: strings as they are, elements on lines of their own.

use resp::reply::Reply;

use super::Delimiters;

/// Appends the reply.
pub fn write(out: &mut Vec<u8>, reply: &Reply, delimiters: &Delimiters) {
    match reply {
        Reply::Nil => {}
        Reply::Error(text) => {
            out.extend_from_slice(text);
            out.push(b'\n');
        }
        Reply::Bool(value) => out.extend(if *value { &b"(true)"[..] } else { b"(false)" }),
        Reply::Integer(n) => out.extend(n.to_string().bytes()),
        Reply::Map(pairs) => {
            for (i, (key, value)) in pairs.iter().enumerate() {
                if i > 0 {
                    out.extend_from_slice(&delimiters.element);
                }
                write(out, key, delimiters);
                out.push(b' ');
                write(out, value, delimiters);
            }
        }
        Reply::Array(items) | Reply::Set(items) | Reply::Push(items) => {
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.extend_from_slice(&delimiters.element);
                }
                write(out, item, delimiters);
            }
        }
        text => out.extend_from_slice(text.bytes().unwrap_or_default()),
    }
}
