//! `md5sum`, `sha1sum`, `sha224sum` to `sha512sum`: checksums of files.

use machine::ExitCode;
use sha2::Digest;

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "bctwz",
    long: &[
        ("binary", 'b', Value::None),
        ("check", 'c', Value::None),
        ("ignore-missing", '\u{10}', Value::None),
        ("quiet", '\u{11}', Value::None),
        ("status", '\u{12}', Value::None),
        ("tag", '\u{13}', Value::None),
        ("text", 't', Value::None),
        ("warn", 'w', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

type Sum = fn(&[u8]) -> String;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// `md5sum`.
pub async fn run_md5(cx: &mut Context) -> ExitCode {
    main(cx, "MD5", |data| hex(&md5(data))).await
}

/// `sha1sum`.
pub async fn run_sha1(cx: &mut Context) -> ExitCode {
    main(cx, "SHA1", |data| hex(&sha1::Sha1::digest(data))).await
}

/// `sha256sum`.
pub async fn run_sha256(cx: &mut Context) -> ExitCode {
    main(cx, "SHA256", |data| hex(&sha2::Sha256::digest(data))).await
}

/// `sha224sum`.
pub async fn run_sha224(cx: &mut Context) -> ExitCode {
    main(cx, "SHA224", |data| hex(&sha2::Sha224::digest(data))).await
}

/// `sha384sum`.
pub async fn run_sha384(cx: &mut Context) -> ExitCode {
    main(cx, "SHA384", |data| hex(&sha2::Sha384::digest(data))).await
}

/// `sha512sum`.
pub async fn run_sha512(cx: &mut Context) -> ExitCode {
    main(cx, "SHA512", |data| hex(&sha2::Sha512::digest(data))).await
}

async fn main(cx: &mut Context, kind: &str, sum: Sum) -> ExitCode {
    let name = cx.name.clone();
    let usage = format!(
        "Usage: {name} [OPTION]... [FILE]...\nPrint or check {kind} checksums.\n\nWith no FILE, or when FILE is -, read standard input.\n\
         \n  -b, --binary         read in binary mode\n  -c, --check          read checksums from the FILEs and check them\n\
         \x20     --tag            create a BSD-style checksum\n  -t, --text           read in text mode (default)\n\
         \x20     --quiet          don't print OK for each successfully verified file\n\
         \x20     --status         don't output anything, status code shows success\n\
         \x20     --help        display this help and exit\n      --version     output version information and exit\n"
    );
    let parsed = match cx.options(&SPEC, &usage).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let operands = if parsed.operands.is_empty() { vec!["-".to_string()] } else { parsed.operands.clone() };
    for path in &operands {
        let data = match cx.read_all(path).await {
            Ok(data) => data,
            Err(error) => {
                let shown = if cx.is_busybox() { format!("can't open '{path}'") } else { path.clone() };
                cx.error(format_args!("{shown}: {error}")).await;
                continue;
            }
        };
        cx.sys.tick(data.len() as u64 * 3).await;
        if parsed.has('c') {
            check(cx, path, &machine::text::from_bytes(&data), sum, parsed.has('\u{11}'), parsed.has('\u{12}')).await;
            continue;
        }
        let mark = if parsed.last_of("bt") == Some('b') { '*' } else { ' ' };
        let line = if parsed.has('\u{13}') {
            format!("{kind} ({path}) = {}", sum(&data))
        } else {
            format!("{} {mark}{path}", sum(&data))
        };
        cx.line(&line).await;
    }
    cx.status()
}

async fn check(cx: &mut Context, list: &str, text: &str, sum: Sum, quiet: bool, silent: bool) {
    let (mut known, mut wrong, mut unread) = (0, 0, 0);
    let length = sum(b"").len();
    for line in text.lines() {
        let Some((digest, path)) = line.split_once("  ").or_else(|| line.split_once(" *")) else { continue };
        if digest.len() != length || !digest.bytes().all(|b| b.is_ascii_hexdigit()) {
            continue;
        }
        known += 1;
        match cx.read_all(path).await {
            Ok(data) if sum(&data) == digest.to_ascii_lowercase() => {
                if !quiet && !silent {
                    cx.line(&format!("{path}: OK")).await;
                }
            }
            Ok(_) => {
                wrong += 1;
                if !silent {
                    cx.line(&format!("{path}: FAILED")).await;
                }
            }
            Err(error) => {
                unread += 1;
                cx.error(format_args!("{path}: {error}")).await;
                if !silent {
                    cx.line(&format!("{path}: FAILED open or read")).await;
                }
            }
        }
    }
    let list = if list == "-" { "'standard input'" } else { list };
    let plural = |n: usize, one: &str, many: &str| if n == 1 { one.to_string() } else { many.to_string() };
    if known == 0 {
        cx.error(format_args!("{list}: no properly formatted checksum lines found")).await;
    }
    for (count, one, many) in [
        (unread, "listed file could not be read", "listed files could not be read"),
        (wrong, "computed checksum did NOT match", "computed checksums did NOT match"),
    ] {
        if count > 0 && !silent {
            cx.error(format_args!("WARNING: {count} {}", plural(count, one, many))).await;
        } else if count > 0 {
            cx.fail();
        }
    }
}

/// MD5 (RFC 1321).
fn md5(data: &[u8]) -> [u8; 16] {
    const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let mut message = data.to_vec();
    message.push(0x80);
    // Room for the length in the last eight bytes.
    message.resize((message.len() + 8).next_multiple_of(64), 0);
    let length = message.len();
    message[length - 8..].copy_from_slice(&(data.len() as u64 * 8).to_le_bytes());
    let mut state: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in message.chunks_exact(64) {
        let word =
            |at: usize| u32::from_le_bytes([block[4 * at], block[4 * at + 1], block[4 * at + 2], block[4 * at + 3]]);
        let [mut a, mut b, mut c, mut d] = state;
        for i in 0..64 {
            let (mix, at) = match i / 16 {
                0 => ((b & c) | (!b & d), i),
                1 => ((d & b) | (!d & c), (5 * i + 1) % 16),
                2 => (b ^ c ^ d, (3 * i + 5) % 16),
                _ => (c ^ (b | !d), (7 * i) % 16),
            };
            let constant = (((i + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
            let sum = a.wrapping_add(mix).wrapping_add(constant).wrapping_add(word(at));
            (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(SHIFTS[i / 16][i % 4])));
        }
        for (sum, part) in state.iter_mut().zip([a, b, c, d]) {
            *sum = sum.wrapping_add(part);
        }
    }
    let mut digest = [0; 16];
    for (to, part) in digest.chunks_exact_mut(4).zip(state) {
        to.copy_from_slice(&part.to_le_bytes());
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::{hex, md5};

    #[test]
    fn md5_of_known_texts() {
        assert_eq!(hex(&md5(b"")), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex(&md5(b"message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
        let long = "1234567890".repeat(8);
        assert_eq!(hex(&md5(long.as_bytes())), "57edf4a22be3c955ac49da2e2107b67a");
    }
}
