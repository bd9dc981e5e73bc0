//! `base64`: bytes as letters, and back (RFC 4648).

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "diw:",
    long: &[
        ("decode", 'd', Value::None),
        ("ignore-garbage", 'i', Value::None),
        ("wrap", 'w', Value::Required),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: base64 [OPTION]... [FILE]
Base64 encode or decode FILE, or standard input, to standard output.

With no FILE, or when FILE is -, read standard input.

Mandatory arguments to long options are mandatory for short options too.
  -d, --decode          decode data
  -i, --ignore-garbage  when decoding, ignore non-alphabet characters
  -w, --wrap=COLS       wrap encoded lines after COLS character (default 76).
                          Use 0 to disable line wrapping
      --help        display this help and exit
      --version     output version information and exit
";

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if let Some(extra) = parsed.operands.get(1) {
        let text = format!("extra operand {}", cx.quote(extra));
        return cx.usage_error(&text).await;
    }
    let wrap = match parsed.value('w').map(str::parse::<usize>) {
        None => 76,
        Some(Ok(wrap)) => wrap,
        Some(Err(_)) => {
            let text = format!("invalid wrap size: {}", cx.quote(parsed.value('w').unwrap_or("")));
            cx.error(text).await;
            return cx.status();
        }
    };
    let path = parsed.operands.first().map_or("-", |p| p);
    let data = match cx.read_all(path).await {
        Ok(data) => data,
        Err(error) => {
            cx.error(format_args!("{path}: {error}")).await;
            return cx.status();
        }
    };
    if parsed.has('d') {
        let (bytes, valid) = decode(&data, parsed.has('i'));
        cx.put(&bytes).await;
        if !valid {
            cx.error("invalid input").await;
        }
        return cx.status();
    }
    let text = encode(&data);
    for line in text.chunks(if wrap == 0 { text.len().max(1) } else { wrap }) {
        cx.put(line).await;
        if wrap > 0 {
            cx.put(b"\n").await;
        }
    }
    cx.status()
}

/// Bytes in the alphabet of RFC 4648, on one line.
pub fn encode(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len().div_ceil(3) * 4);
    for group in data.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, b| (bits << 8) | u32::from(*b)) << (8 * (3 - group.len()));
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at)) as usize & 63];
            out.push(if at <= group.len() { letter } else { b'=' });
        }
    }
    out
}

/// The bytes, and whether all of it was valid.
pub fn decode(text: &[u8], ignore: bool) -> (Vec<u8>, bool) {
    let (mut out, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for byte in text.iter().filter(|b| !b.is_ascii_whitespace()) {
        match LETTERS.iter().position(|l| l == byte) {
            Some(value) => {
                bits = (bits << 6) | value as u32;
                count += 1;
            }
            None if *byte == b'=' => break,
            None if ignore => continue,
            None => {
                out.extend_from_slice(&leftover(bits, count));
                return (out, false);
            }
        }
        if count == 4 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            (bits, count) = (0, 0);
        }
    }
    out.extend_from_slice(&leftover(bits, count));
    (out, count != 1)
}

/// The bytes of a group that is not full.
fn leftover(bits: u32, count: usize) -> Vec<u8> {
    match count {
        2 => vec![(bits >> 4) as u8],
        3 => vec![(bits >> 10) as u8, (bits >> 2) as u8],
        _ => Vec::new(),
    }
}
