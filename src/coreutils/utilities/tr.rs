//! `tr`: bytes into other bytes.

use machine::{ExitCode, Fd};

use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};

const SPEC: Spec = Spec {
    short: "cCdst",
    long: &[
        ("complement", 'c', Value::None),
        ("delete", 'd', Value::None),
        ("squeeze-repeats", 's', Value::None),
        ("truncate-set1", 't', Value::None),
        HELP,
        VERSION,
    ],
    posix: true,
};

const USAGE: &str = "\
Usage: tr [OPTION]... STRING1 [STRING2]
Translate, squeeze, and/or delete characters from standard input,
writing to standard output.  STRING1 and STRING2 specify arrays of
characters ARRAY1 and ARRAY2 that control the action.

  -c, -C, --complement    use the complement of ARRAY1
  -d, --delete            delete characters in ARRAY1, do not translate
  -s, --squeeze-repeats   replace each sequence of a repeated character
                            that is listed in the last specified ARRAY,
                            with a single occurrence of that character
  -t, --truncate-set1     first truncate ARRAY1 to length of ARRAY2
      --help        display this help and exit
      --version     output version information and exit
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    let (delete, squeeze) = (parsed.has('d'), parsed.has('s'));
    let complement = parsed.has('c') || parsed.has('C');
    let operands = &parsed.operands;
    if let Some(text) = wrong_operands(cx, operands, delete, squeeze) {
        return cx.usage_error(&text).await;
    }
    let sets = expand(&operands[0], 0).and_then(|first| {
        let second = operands.get(1).map(|text| expand(text, first.len())).transpose()?;
        Ok((first, second))
    });
    let (mut first, second) = match sets {
        Ok(sets) => sets,
        Err(text) => {
            let text = if cx.is_utf8() { text } else { text.replace(['‘', '’'], "'") };
            cx.error(text).await;
            return cx.status();
        }
    };
    if complement {
        first = (0..=255).filter(|b| !first.contains(b)).collect();
    }
    let translate = !delete && second.is_some();
    let map = match &second {
        Some(to) if translate => match to.last() {
            Some(_) => mapping(&first, to, parsed.has('t')),
            None => {
                cx.error("when not truncating set1, string2 must be non-empty").await;
                return cx.status();
            }
        },
        _ => (0..=255).collect(),
    };
    let gone = if delete { first.clone() } else { Vec::new() };
    let squeezed = if squeeze { second.unwrap_or(first) } else { Vec::new() };
    let mut last = None;
    loop {
        cx.flush().await;
        let data = match cx.sys.read_vec(Fd::STDIN, 32 * 1024).await {
            Ok(data) if data.is_empty() => return cx.status(),
            Ok(data) => data,
            Err(error) => {
                cx.error(format_args!("read error: {error}")).await;
                return cx.status();
            }
        };
        let mut out = Vec::with_capacity(data.len());
        for byte in data.into_iter().filter(|b| !gone.contains(b)) {
            let byte = map[usize::from(byte)];
            if last != Some(byte) || !squeezed.contains(&byte) {
                out.push(byte);
            }
            last = Some(byte);
        }
        cx.put(&out).await;
    }
}

/// What is wrong with the number of sets.
fn wrong_operands(cx: &Context, operands: &[String], delete: bool, squeeze: bool) -> Option<String> {
    let Some(first) = operands.first() else { return Some("missing operand".into()) };
    let wanted = if delete == squeeze { 2 } else { 1 };
    if operands.len() < wanted {
        let why = match delete {
            true => "Two strings must be given when both deleting and squeezing repeats.",
            false => "Two strings must be given when translating.",
        };
        return Some(format!("missing operand after {}\n{why}", cx.quote(first)));
    }
    let most = if delete && !squeeze { 1 } else { 2 };
    let extra = operands.get(most)?;
    let why = if most == 1 { "\nOnly one string may be given when deleting without squeezing repeats." } else { "" };
    Some(format!("extra operand {}{why}", cx.quote(extra)))
}

fn mapping(from: &[u8], to: &[u8], truncate: bool) -> Vec<u8> {
    let mut map: Vec<u8> = (0..=255).collect();
    for (at, byte) in from.iter().enumerate() {
        match to.get(at).or(if truncate { None } else { to.last() }) {
            Some(target) => map[usize::from(*byte)] = *target,
            None => break,
        }
    }
    map
}

/// The bytes of a set; `[x*]` fills up to `length`.
fn expand(text: &str, length: usize) -> Result<Vec<u8>, String> {
    let source = machine::text::to_bytes(text);
    let (mut set, mut at): (Vec<u8>, usize) = (Vec::new(), 0);
    while at < source.len() {
        let rest = &source[at..];
        if let Some((class, used)) = class(rest)? {
            set.extend(class);
            at += used;
            continue;
        }
        if let Some((byte, count, used)) = repeated(rest) {
            let count = if count == 0 { length.saturating_sub(set.len()) } else { count };
            set.extend(std::iter::repeat_n(byte, count.min(4096)));
            at += used;
            continue;
        }
        let from = one(&source, &mut at);
        if source.get(at) == Some(&b'-') && at + 1 < source.len() {
            at += 1;
            let to = one(&source, &mut at);
            if to < from {
                let (from, to) = (from as char, to as char);
                return Err(format!("range-endpoints of '{from}-{to}' are in reverse collating sequence order"));
            }
            set.extend(from..=to);
        } else {
            set.push(from);
        }
    }
    Ok(set)
}

/// One byte, escaped or not.
fn one(source: &[u8], at: &mut usize) -> u8 {
    let byte = source[*at];
    *at += 1;
    let Some(next) = source.get(*at).copied().filter(|_| byte == b'\\') else { return byte };
    if (b'0'..=b'7').contains(&next) {
        let digits = source[*at..].iter().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
        let value = source[*at..*at + digits].iter().fold(0u32, |v, b| v * 8 + u32::from(b - b'0'));
        *at += digits;
        return value as u8;
    }
    *at += 1;
    match next {
        b'a' => 7,
        b'b' => 8,
        b'f' => 12,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 11,
        other => other,
    }
}

fn class(rest: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    if let Some(inner) = rest.strip_prefix(b"[=")
        && inner.get(1..3) == Some(b"=]")
    {
        return Ok(Some((vec![inner[0]], 5)));
    }
    let Some(inner) = rest.strip_prefix(b"[:") else { return Ok(None) };
    let Some(end) = inner.windows(2).position(|w| w == b":]") else { return Ok(None) };
    let is: fn(&u8) -> bool = match &inner[..end] {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |b| matches!(b, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |b| b.is_ascii_graphic() || *b == b' ',
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |b| b.is_ascii_whitespace() || *b == 11,
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        name => return Err(format!("invalid character class ‘{}’", machine::text::from_bytes(name))),
    };
    Ok(Some(((0..=255).filter(is).collect(), end + 4)))
}

/// `[x*n]`: byte, count (0: as many as needed), length in the text.
fn repeated(rest: &[u8]) -> Option<(u8, usize, usize)> {
    let inner = rest.strip_prefix(b"[")?;
    let mut at = 0;
    let byte = if inner.is_empty() { return None } else { one(inner, &mut at) };
    let count = inner.get(at..)?.strip_prefix(b"*")?;
    let end = count.iter().position(|b| *b == b']')?;
    let digits = std::str::from_utf8(&count[..end]).ok()?;
    let number = match digits.strip_prefix('0') {
        _ if digits.is_empty() => 0,
        Some(octal) if !octal.is_empty() => usize::from_str_radix(octal, 8).ok()?,
        _ => digits.parse().ok()?,
    };
    Some((byte, number, 1 + at + 1 + end + 1))
}
