//! `od`, `hexdump`, `xxd`: bytes in numbers.

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, Parsed, Spec, VERSION, Value, parse};

const OD: Spec = Spec {
    short: "A:abcdhij:N:oSst:vw:x",
    long: &[
        ("address-radix", 'A', Value::Required),
        ("format", 't', Value::Required),
        ("output-duplicates", 'v', Value::None),
        ("read-bytes", 'N', Value::Required),
        ("skip-bytes", 'j', Value::Required),
        HELP,
        VERSION,
    ],
    posix: false,
};

const OD_USAGE: &str = "\
Usage: od [OPTION]... [FILE]...
Write an unambiguous representation, octal bytes by default,
of FILE to standard output.

  -A, --address-radix=RADIX   output format for file offsets; RADIX is one
                                of [doxn], for Decimal, Octal, Hex or None
  -j, --skip-bytes=BYTES      skip BYTES input bytes first
  -N, --read-bytes=BYTES      limit dump to BYTES input bytes
  -t, --format=TYPE           select output format or formats
  -v, --output-duplicates     do not use * to mark line suppression
  -b   same as -t o1, select octal bytes
  -c   same as -t c,  select printable characters or backslash escapes
  -d   same as -t u2, select unsigned decimal 2-byte units
  -o   same as -t o2, select octal 2-byte units
  -x   same as -t x2, select hexadecimal 2-byte units
      --help        display this help and exit
      --version     output version information and exit
";

/// One way to show 16 bytes: letter and bytes in a unit.
#[derive(Clone, Copy)]
struct Format {
    letter: char,
    size: usize,
    /// With the printable characters behind the line (`z`).
    text: bool,
}

impl Format {
    /// Columns of one unit, its leading blank included.
    fn width(self) -> usize {
        match (self.letter, self.size) {
            ('c' | 'a', _) => 4,
            ('o', size) => (size * 8).div_ceil(3) + 1,
            ('x', size) => size * 2 + 1,
            ('u', 1) => 4,
            (_, 1) => 5,
            (_, 2) => {
                if self.letter == 'u' {
                    6
                } else {
                    7
                }
            }
            (_, 4) => {
                if self.letter == 'u' {
                    11
                } else {
                    12
                }
            }
            _ => 21,
        }
    }

    fn show(self, unit: &[u8]) -> String {
        let value = unit.iter().rev().fold(0u64, |v, b| (v << 8) | u64::from(*b));
        let signed = (value << (64 - 8 * self.size) as u32) as i64 >> (64 - 8 * self.size) as u32;
        match self.letter {
            'c' => character(unit[0]),
            'a' => named(unit[0]),
            'o' => format!("{value:0w$o}", w = (self.size * 8).div_ceil(3)),
            'x' => format!("{value:0w$x}", w = self.size * 2),
            'u' => value.to_string(),
            _ => signed.to_string(),
        }
    }
}

fn character(byte: u8) -> String {
    match byte {
        0 => "\\0".into(),
        7 => "\\a".into(),
        8 => "\\b".into(),
        9 => "\\t".into(),
        10 => "\\n".into(),
        11 => "\\v".into(),
        12 => "\\f".into(),
        13 => "\\r".into(),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("{byte:03o}"),
    }
}

fn named(byte: u8) -> String {
    const NAMES: [&str; 33] = [
        "nul", "soh", "stx", "etx", "eot", "enq", "ack", "bel", "bs", "ht", "nl", "vt", "ff", "cr", "so", "si", "dle",
        "dc1", "dc2", "dc3", "dc4", "nak", "syn", "etb", "can", "em", "sub", "esc", "fs", "gs", "rs", "us", "sp",
    ];
    match byte & 127 {
        127 => "del".into(),
        low => NAMES.get(usize::from(low)).map_or_else(|| char::from(low).to_string(), |n| n.to_string()),
    }
}

fn formats(text: &str) -> Result<Vec<Format>, char> {
    let (mut formats, mut chars) = (Vec::new(), text.chars().peekable());
    while let Some(letter) = chars.next() {
        let default = if matches!(letter, 'c' | 'a') { 1 } else { 4 };
        let size = match chars.next_if(|c| c.is_ascii_digit() || "CSIL".contains(*c)) {
            Some('C') => 1,
            Some('S') => 2,
            Some('I') => 4,
            Some('L') => 8,
            Some(digit) => digit.to_digit(10).unwrap_or(0) as usize,
            None => default,
        };
        let text = chars.next_if_eq(&'z').is_some();
        if !"acdoux".contains(letter) || !matches!(size, 1 | 2 | 4 | 8) {
            return Err(letter);
        }
        formats.push(Format { letter, size, text });
    }
    Ok(formats)
}

/// The formats that the options ask for, or the letter that is none and the text it stands in.
fn wanted_formats(parsed: &Parsed) -> Result<Vec<Format>, (char, &str)> {
    let mut wanted = Vec::new();
    for (option, value) in &parsed.options {
        let text = match option {
            't' => value.as_deref().unwrap_or(""),
            'b' => "o1",
            'c' => "c",
            'a' => "a",
            'd' => "u2",
            'o' => "o2",
            'x' | 'h' => "x2",
            'i' => "d4",
            's' => "d2",
            _ => continue,
        };
        wanted.extend(formats(text).map_err(|letter| (letter, text))?);
    }
    Ok(wanted)
}

/// `od`.
pub async fn run_od(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&OD, OD_USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let mut wanted = match wanted_formats(&parsed) {
        Ok(wanted) => wanted,
        Err((letter, text)) => {
            let text = format!("invalid character '{letter}' in type string {}", cx.quote(text));
            cx.error(text).await;
            return cx.status();
        }
    };
    if wanted.is_empty() {
        wanted.push(Format { letter: 'o', size: 2, text: false });
    }
    let Some(mut data) = read(cx, &parsed.operands).await else { return ExitCode::FAILURE };
    let number = |option| parsed.value(option).and_then(|n| n.parse::<usize>().ok());
    let skip = number('j').unwrap_or(0).min(data.len());
    data.drain(..skip);
    data.truncate(number('N').unwrap_or(usize::MAX));
    let address = |at: usize| match parsed.value('A') {
        Some("d") => format!("{at:07}"),
        Some("x") => format!("{at:06x}"),
        Some("n") => String::new(),
        _ => format!("{at:07o}"),
    };
    // All formats are as wide as the widest for a byte.
    let byte_width = |f: &Format| f.width() as f64 / f.size as f64;
    let widest = wanted.iter().map(byte_width).fold(0.0, f64::max);
    let mut last: Option<Vec<u8>> = None;
    let mut starred = false;
    for (row, bytes) in data.chunks(16).enumerate() {
        if last.as_deref() == Some(bytes) && !parsed.has('v') {
            if !std::mem::replace(&mut starred, true) {
                cx.line("*").await;
            }
            continue;
        }
        (last, starred) = (Some(bytes.to_vec()), false);
        for (at, format) in wanted.iter().enumerate() {
            let start = if at == 0 { address(skip + row * 16) } else { " ".repeat(address(0).len()) };
            let width = (widest * format.size as f64).round() as usize;
            let mut padded = bytes.to_vec();
            padded.resize(bytes.len().next_multiple_of(format.size), 0);
            let units: String =
                padded.chunks(format.size).map(|unit| format!("{:>width$}", format.show(unit))).collect();
            let full = width * (16 / format.size);
            let text = if format.text {
                format!("{:gap$}  >{}<", "", printable(bytes), gap = full.saturating_sub(units.len()))
            } else {
                String::new()
            };
            cx.line(&format!("{start}{units}{text}")).await;
        }
    }
    if parsed.value('A') != Some("n") {
        cx.line(&address(skip + data.len())).await;
    }
    cx.status()
}

/// All operands one behind the other.
async fn read(cx: &mut Context, operands: &[String]) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    let stdin = ["-".to_string()];
    for path in if operands.is_empty() { &stdin } else { operands } {
        match cx.read_all(path).await {
            Ok(bytes) => data.extend(bytes),
            Err(error) => {
                cx.error(format_args!("{path}: {error}")).await;
                return None;
            }
        }
    }
    Some(data)
}

/// `hexdump`.
pub async fn run_hexdump(cx: &mut Context) -> ExitCode {
    let spec = Spec {
        short: "bCcdn:os:vx",
        long: &[
            ("canonical", 'C', Value::None),
            ("length", 'n', Value::Required),
            ("skip", 's', Value::Required),
            HELP,
            VERSION,
        ],
        posix: false,
    };
    let parsed = match parse(&spec, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.complain(&format!("hexdump: {text}\nTry 'hexdump --help' for more information.\n")).await;
            return ExitCode::FAILURE;
        }
    };
    let Some(mut data) = read(cx, &parsed.operands).await else { return ExitCode::FAILURE };
    let number = |option| parsed.value(option).and_then(|n| n.parse::<usize>().ok());
    let skip = number('s').unwrap_or(0).min(data.len());
    data.drain(..skip);
    data.truncate(number('n').unwrap_or(usize::MAX));
    let canonical = parsed.has('C') || cx.name == "hd";
    let address = |at: usize| if canonical { format!("{at:08x}") } else { format!("{at:07x}") };
    let mut last: Option<Vec<u8>> = None;
    let mut starred = false;
    for (row, bytes) in data.chunks(16).enumerate() {
        if last.as_deref() == Some(bytes) && !parsed.has('v') {
            if !std::mem::replace(&mut starred, true) {
                cx.line("*").await;
            }
            continue;
        }
        (last, starred) = (Some(bytes.to_vec()), false);
        let body = match () {
            () if canonical => {
                let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x} ")).collect::<String>();
                let (first, second) = bytes.split_at(bytes.len().min(8));
                format!("  {:<24} {:<24} |{}|", hex(first), hex(second), printable(bytes))
            }
            () if parsed.has('c') => {
                format!("{:<64}", bytes.iter().map(|b| format!(" {:>3}", character(*b))).collect::<String>())
            }
            () if parsed.has('b') => format!("{:<64}", bytes.iter().map(|b| format!(" {b:03o}")).collect::<String>()),
            () => {
                let word = |pair: &[u8]| u16::from_le_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]);
                let words: String = bytes.chunks(2).map(|pair| format!(" {:04x}", word(pair))).collect();
                format!("{words:<40}")
            }
        };
        cx.line(&format!("{}{body}", address(skip + row * 16))).await;
    }
    if !data.is_empty() {
        cx.line(&address(skip + data.len())).await;
    }
    cx.status()
}

fn printable(bytes: &[u8]) -> String {
    bytes.iter().map(|b| if (b' '..=b'~').contains(b) { char::from(*b) } else { '.' }).collect()
}

/// `xxd`.
pub async fn run_xxd(cx: &mut Context) -> ExitCode {
    let spec = Spec { short: "c:l:ps:u", long: &[], posix: false };
    let parsed = match parse(&spec, &cx.args) {
        Ok(parsed) => parsed,
        Err(_) => {
            cx.complain("Usage:\n       xxd [options] [infile [outfile]]\n").await;
            return ExitCode::FAILURE;
        }
    };
    let Some(mut data) = read(cx, parsed.operands.get(..1).unwrap_or_default()).await else { return ExitCode(2) };
    let number = |option| parsed.value(option).and_then(|n| n.parse::<usize>().ok());
    let skip = number('s').unwrap_or(0).min(data.len());
    data.drain(..skip);
    data.truncate(number('l').unwrap_or(usize::MAX));
    let hex = |b: &u8| if parsed.has('u') { format!("{b:02X}") } else { format!("{b:02x}") };
    if parsed.has('p') {
        for bytes in data.chunks(number('c').filter(|c| *c > 0).unwrap_or(30)) {
            let line: String = bytes.iter().map(hex).collect();
            cx.line(&line).await;
        }
        return cx.status();
    }
    let columns = number('c').filter(|c| *c > 0).unwrap_or(16).min(256);
    for (row, bytes) in data.chunks(columns).enumerate() {
        let pairs: Vec<String> = bytes.chunks(2).map(|pair| pair.iter().map(hex).collect()).collect();
        let width = columns * 2 + columns.div_ceil(2);
        cx.line(&format!("{:08x}: {:<width$} {}", skip + row * columns, pairs.join(" "), printable(bytes))).await;
    }
    cx.status()
}
