//! DEBUG PROTOCOL, ERROR and LOG: replies of each type, for tests of clients.

use super::super::prelude::*;

pub(super) fn run(cx: &mut Cx<'_>) -> Res {
    let kind = cx.arg(2).to_ascii_lowercase();
    match kind.as_slice() {
        b"string" => cx.out.text("Hello World"),
        b"integer" => cx.out.int(12345),
        b"double" => cx.out.double(3141.0 / 1000.0),
        b"bignum" => cx.out.big_number(b"1234567999999999999999999999999999999"),
        b"null" => cx.out.null(),
        b"array" => {
            cx.out.array(3);
            (0..3).for_each(|n| cx.out.int(n));
        }
        b"set" => {
            cx.out.set(3);
            (0..3).for_each(|n| cx.out.int(n));
        }
        b"map" => {
            cx.out.map(3);
            for n in 0..3 {
                cx.out.int(n);
                cx.out.boolean(n == 1);
            }
        }
        b"attrib" => {
            if cx.out.resp3 {
                cx.out.raw(b"|1\r\n");
                cx.out.text("key-popularity");
                cx.out.array(2);
                cx.out.text("key:123");
                cx.out.int(90);
            }
            cx.out.text("Some real reply following the attribute");
        }
        b"push" => {
            if !cx.out.resp3 {
                return Err("ERR RESP2 is not supported by this command".into());
            }
            cx.out.push(2);
            cx.out.text("server-cpu-usage");
            cx.out.int(42);
            cx.out.text("Some real reply following the push reply");
        }
        b"true" => cx.out.boolean(true),
        b"false" => cx.out.boolean(false),
        b"verbatim" => cx.out.verbatim("txt", b"This is a verbatim\nstring"),
        _ => return Err("ERR Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false".into()),
    }
    Ok(())
}

/// ERROR: an error reply of the given text. Statistics do not count it.
pub(super) fn error(cx: &mut Cx<'_>) -> Res {
    let text: Vec<u8> = cx.arg(2).iter().map(|c| if matches!(c, b'\n' | b'\r') { b' ' } else { *c }).collect();
    cx.out.raw(&[b"-", text.as_slice(), b"\r\n"].concat());
    Ok(())
}

pub(super) fn log(cx: &mut Cx<'_>) -> Res {
    let text = format!("DEBUG LOG: {}", String::from_utf8_lossy(cx.arg(2)));
    cx.s.warn(&text);
    cx.out.ok();
    Ok(())
}

/// STRINGMATCH-TEST: matches random patterns with random strings, to see that it always ends.
pub(super) fn match_test(cx: &mut Cx<'_>) -> Res {
    for _ in 0..1000 {
        let mut word = |longest: usize| -> Vec<u8> {
            let len = cx.s.random_below(longest);
            (0..len).map(|_| b"*?[]^-\\abc"[cx.s.random_below(10)]).collect()
        };
        let (text, pattern) = (word(32), word(32));
        crate::server::glob::matches(&pattern, &text, false);
    }
    cx.out.simple("Apparently Redis did not crash: test passed");
    Ok(())
}
