//! JSON; `--quoted-json` shows bytes that are no printable ASCII as `\\x..`.

use resp::reply::Reply;

use crate::words;

/// Appends the reply.
pub fn write(out: &mut Vec<u8>, reply: &Reply, quoted: bool) {
    match reply {
        Reply::Error(text) => {
            out.extend(b"error:");
            string(out, text, quoted);
        }
        Reply::Status(text) | Reply::Bulk(text) | Reply::Verbatim(text) => string(out, text, quoted),
        Reply::Integer(n) => out.extend(n.to_string().bytes()),
        Reply::Double(text) | Reply::BigNumber(text) => out.extend_from_slice(text),
        Reply::Nil => out.extend(b"null"),
        Reply::Bool(value) => out.extend(value.to_string().bytes()),
        Reply::Array(items) | Reply::Set(items) | Reply::Push(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write(out, item, quoted);
            }
            out.push(b']');
        }
        Reply::Map(pairs) => {
            out.push(b'{');
            for (i, (key, value)) in pairs.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                key_into(out, key, quoted);
                out.push(b':');
                write(out, value, quoted);
            }
            out.push(b'}');
        }
    }
}

/// Keys must be strings in JSON; in RESP3 they may be anything.
fn key_into(out: &mut Vec<u8>, key: &Reply, quoted: bool) {
    let mut text = Vec::new();
    write(&mut text, key, quoted);
    if matches!(key, Reply::Error(_)) || text.first() == Some(&b'"') {
        out.extend(text);
    } else {
        out.push(b'"');
        out.extend(text);
        out.push(b'"');
    }
}

fn string(out: &mut Vec<u8>, text: &[u8], quoted: bool) {
    if quoted {
        let mut escaped = Vec::new();
        words::quote_into(&mut escaped, text);
        for byte in escaped {
            if byte == b'\\' {
                out.push(b'\\');
            }
            out.push(byte);
        }
        return;
    }
    out.push(b'"');
    for &byte in text {
        match byte {
            b'\\' | b'"' => out.extend([b'\\', byte]),
            b'\n' => out.extend(b"\\n"),
            12 => out.extend(b"\\f"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            8 => out.extend(b"\\b"),
            0..=0x1f => out.extend(format!("\\u{byte:04x}").bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
