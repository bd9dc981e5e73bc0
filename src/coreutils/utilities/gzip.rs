//! `gzip`, `gunzip` and `zcat`: GNU gzip 1.12 and BusyBox's (`RFC 1952`).

use machine::fs::{Attr, SetAttr};
use machine::{Errno, ExitCode, Fd};

use crate::context::Context;
use crate::options::{HELP, Parsed, Spec, VERSION, Value, parse};

const SPEC: Spec = Spec {
    short: "cdfhklLnNqrtvV123456789S:",
    long: &[
        ("stdout", 'c', Value::None),
        ("to-stdout", 'c', Value::None),
        ("decompress", 'd', Value::None),
        ("uncompress", 'd', Value::None),
        ("force", 'f', Value::None),
        ("keep", 'k', Value::None),
        ("list", 'l', Value::None),
        ("no-name", 'n', Value::None),
        ("name", 'N', Value::None),
        ("quiet", 'q', Value::None),
        ("recursive", 'r', Value::None),
        ("test", 't', Value::None),
        ("verbose", 'v', Value::None),
        ("fast", '1', Value::None),
        ("best", '9', Value::None),
        ("suffix", 'S', Value::Required),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: gzip [OPTION]... [FILE]...
Compress or uncompress FILEs (by default, compress FILES in-place).

Mandatory arguments to long options are mandatory for short options too.

  -c, --stdout      write on standard output, keep original files unchanged
  -d, --decompress  decompress
  -f, --force       force overwrite of output file and compress links
  -h, --help        give this help
  -k, --keep        keep (don't delete) input files
  -l, --list        list compressed file contents
  -n, --no-name     do not save or restore the original name and timestamp
  -N, --name        save or restore the original name and timestamp
  -q, --quiet       suppress all warnings
  -r, --recursive   operate recursively on directories
  -S, --suffix=SUF  use suffix SUF on compressed files
  -t, --test        test compressed file integrity
  -v, --verbose     verbose mode
  -V, --version     display version number
  -1, --fast        compress faster
  -9, --best        compress better

With no FILE, or when FILE is -, read standard input.

Report bugs to <bug-gzip@gnu.org>.
";

const BUSYBOX_USAGE: &str = "\
Usage: gzip [-cfkdt] [FILE]...

Compress FILEs (or stdin)

\t-d\tDecompress
\t-c\tWrite to stdout
\t-f\tForce
\t-k\tKeep input files
\t-t\tTest integrity
";

/// A status for what is odd but no error.
const WARNING: u8 = 2;
/// Bytes that unpacking may give.
const LONGEST: usize = 64 << 20;

/// How one run goes.
struct Job {
    parsed: Parsed,
    unpack: bool,
    to_stdout: bool,
    status: u8,
}

/// `gzip`.
pub async fn run(cx: &mut Context) -> ExitCode {
    start(cx, false, false).await
}

/// `gunzip`.
pub async fn run_gunzip(cx: &mut Context) -> ExitCode {
    start(cx, true, false).await
}

/// `zcat`.
pub async fn run_zcat(cx: &mut Context) -> ExitCode {
    start(cx, true, true).await
}

async fn start(cx: &mut Context, unpack: bool, to_stdout: bool) -> ExitCode {
    // The shell scripts gunzip and zcat run gzip, which speaks.
    if !cx.is_busybox() {
        cx.name = "gzip".into();
    }
    let usage = if cx.is_busybox() { BUSYBOX_USAGE } else { USAGE };
    if !cx.is_busybox()
        && let Err(text) = parse(&SPEC, &cx.args)
    {
        cx.complain(&format!("gzip: {text}\nTry `gzip --help' for more information.\n")).await;
        return ExitCode::FAILURE;
    }
    let parsed = match cx.options(&SPEC, usage).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if parsed.has('V') {
        cx.line("gzip 1.12").await;
        return ExitCode::SUCCESS;
    }
    if parsed.has('h') {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    let unpack = unpack || ['d', 't', 'l'].iter().any(|o| parsed.has(*o));
    let to_stdout = to_stdout || parsed.has('c');
    let operands = parsed.operands.clone();
    let mut job = Job { parsed, unpack, to_stdout, status: 0 };
    if job.parsed.has('l') {
        cx.line("         compressed        uncompressed  ratio uncompressed_name").await;
    }
    if operands.is_empty() {
        job.stream(cx, "-").await;
    }
    for path in &operands {
        if path == "-" {
            job.stream(cx, "-").await;
        } else {
            job.file(cx, path).await;
        }
    }
    ExitCode(job.status)
}

impl Job {
    async fn trouble(&mut self, cx: &mut Context, status: u8, text: &str) {
        if !(status == WARNING && self.parsed.has('q')) {
            cx.error(text).await;
        }
        self.status = if cx.is_busybox() { 1 } else { self.status.max(status) };
    }

    /// Standard input to standard output.
    async fn stream(&mut self, cx: &mut Context, path: &str) {
        if !self.unpack && cx.sys.isatty(Fd::STDOUT) && !self.parsed.has('f') {
            let text =
                "compressed data not written to a terminal. Use -f to force compression.\nFor help, type: gzip -h";
            return self.trouble(cx, 1, text).await;
        }
        match cx.read_all(path).await {
            Ok(data) => {
                if let Some(out) = self.convert(cx, "stdin", &data, None).await {
                    cx.put(&out).await;
                }
            }
            Err(error) => self.trouble(cx, 1, &format!("stdin: {error}")).await,
        }
    }

    async fn file(&mut self, cx: &mut Context, named: &str) {
        let suffix = self.parsed.value('S').unwrap_or(".gz").to_string();
        let mut path = named.to_string();
        let mut attr = cx.sys.stat(&path);
        if attr == Err(Errno::ENOENT) && self.unpack && !path.ends_with(&suffix) {
            let with_suffix = format!("{path}{suffix}");
            if let Ok(found) = cx.sys.stat(&with_suffix) {
                (path, attr) = (with_suffix, Ok(found));
            }
        }
        let attr = match attr {
            Ok(attr) => attr,
            Err(error) => {
                let shown = if self.unpack && !named.ends_with(&suffix) && !cx.is_busybox() {
                    format!("{named}{suffix}")
                } else {
                    named.to_string()
                };
                return self.trouble(cx, 1, &format!("{shown}: {error}")).await;
            }
        };
        if attr.is_dir() && cx.is_busybox() {
            return self.trouble(cx, 1, &format!("can't remove file '{path}': Is a directory")).await;
        }
        if attr.is_dir() {
            return self.trouble(cx, WARNING, &format!("{path} is a directory -- ignored")).await;
        }
        let Some(target) = self.target(cx, &path, &suffix).await else { return };
        let data = match cx.read_all(&path).await {
            Ok(data) => data,
            Err(error) => return self.trouble(cx, 1, &format!("{path}: {error}")).await,
        };
        let base = path.rsplit('/').next().unwrap_or(&path).to_string();
        let Some(out) = self.convert(cx, &path, &data, Some((&base, &attr))).await else { return };
        if self.parsed.has('t') || self.parsed.has('l') {
            return self.report(cx, &path, &target, &data, &out).await;
        }
        if self.to_stdout {
            cx.put(&out).await;
            return;
        }
        if cx.sys.lstat(&target).is_ok() && !self.parsed.has('f') && !self.may_replace(cx, &target).await {
            return;
        }
        let (packed, plain) = if self.unpack { (data.len(), out.len()) } else { (out.len(), data.len()) };
        if let Err(error) = cx.sys.put_file(&target, out.into(), 0o600) {
            return self.trouble(cx, 1, &format!("{target}: {error}")).await;
        }
        let set = SetAttr {
            mode: Some(attr.mode & 0o7777),
            uid: Some(attr.uid),
            gid: Some(attr.gid),
            mtime: Some(attr.mtime),
            atime: Some(attr.atime),
            ..SetAttr::default()
        };
        let _ = cx.sys.set_attr(&target, &set);
        let kept = self.parsed.has('k');
        if !kept {
            let _ = cx.sys.unlink(&path);
        }
        if self.parsed.has('v') {
            let what = if kept { "created" } else { "replaced with" };
            cx.complain(&format!("{path}:\t{} -- {what} {target}\n", ratio(packed, plain))).await;
        }
    }

    /// The name of what is made; none where a file is left alone.
    async fn target(&mut self, cx: &mut Context, path: &str, suffix: &str) -> Option<String> {
        let stripped = path.strip_suffix(suffix).map(String::from);
        let stripped = stripped.or_else(|| path.strip_suffix(".tgz").map(|p| format!("{p}.tar")));
        match (self.unpack, stripped) {
            (true, Some(target)) => Some(target),
            (true, None) if self.to_stdout || self.parsed.has('t') || self.parsed.has('l') => Some(path.to_string()),
            (true, None) => {
                let text = if cx.is_busybox() { "unknown suffix - ignored" } else { "unknown suffix -- ignored" };
                self.trouble(cx, WARNING, &format!("{path}: {text}")).await;
                None
            }
            (false, Some(_)) if !self.parsed.has('f') && !self.to_stdout && !cx.is_busybox() => {
                self.trouble(cx, WARNING, &format!("{path} already has {suffix} suffix -- unchanged")).await;
                None
            }
            (false, _) => Some(format!("{path}{suffix}")),
        }
    }

    async fn may_replace(&mut self, cx: &mut Context, target: &str) -> bool {
        if cx.is_busybox() {
            self.trouble(cx, 1, &format!("{target} already exists")).await;
            return false;
        }
        let asks = cx.sys.isatty(Fd::STDIN);
        let question = if asks { "; do you wish to overwrite (y or n)? " } else { ";" };
        cx.complain(&format!("gzip: {target} already exists{question}")).await;
        if asks {
            let line = cx.sys.read_vec(Fd::STDIN, 1024).await.unwrap_or_default();
            if matches!(line.first(), Some(b'y' | b'Y')) {
                return true;
            }
        }
        cx.complain("\tnot overwritten\n").await;
        self.status = self.status.max(WARNING);
        false
    }

    /// Packs or unpacks, and says what is wrong with what is no archive.
    async fn convert(
        &mut self,
        cx: &mut Context,
        path: &str,
        data: &[u8],
        named: Option<(&str, &Attr)>,
    ) -> Option<Vec<u8>> {
        cx.sys.tick(1000 + data.len() as u64 * 20).await;
        if !self.unpack {
            let level = (b'1'..=b'9').rev().map(char::from).find(|l| self.parsed.has(*l)).unwrap_or('6');
            let named = named.filter(|_| !self.parsed.has('n') && !cx.is_busybox());
            return Some(pack(data, level as u8 - b'0', named.map(|(name, a)| (name, a.mtime.seconds() as u32))));
        }
        match unpack(data) {
            Ok(out) => Some(out),
            Err(wrong) if cx.is_busybox() => {
                self.trouble(
                    cx,
                    1,
                    match wrong {
                        Wrong::Format if cx.name == "zcat" => "no gzip/bzip2/xz magic",
                        Wrong::Format => "invalid magic",
                        _ => "corrupted data",
                    },
                )
                .await;
                None
            }
            Err(wrong) => {
                let what = match wrong {
                    Wrong::Format => "not in gzip format",
                    Wrong::Short => "unexpected end of file",
                    Wrong::Data => "invalid compressed data--format violated",
                    Wrong::Sum => "invalid compressed data--crc error",
                };
                cx.complain(&format!("\ngzip: {path}: {what}\n")).await;
                self.status = 1;
                None
            }
        }
    }

    async fn report(&mut self, cx: &mut Context, path: &str, target: &str, data: &[u8], out: &[u8]) {
        if self.parsed.has('l') {
            let line = format!("{:>19} {:>19} {} {target}", data.len(), out.len(), ratio(data.len() - 18, out.len()));
            cx.line(&line).await;
        } else if self.parsed.has('v') {
            cx.complain(&format!("{path}:\t OK\n")).await;
        }
    }
}

/// How much smaller it got, as gzip writes it.
fn ratio(packed: usize, plain: usize) -> String {
    let saved = if plain == 0 { 0.0 } else { 100.0 * (plain as f64 - packed as f64) / plain as f64 };
    format!("{saved:5.1}%")
}

/// A gzip file with one member; `named` are the name and the time (seconds since 1970) that it remembers.
pub fn pack(data: &[u8], level: u8, named: Option<(&str, u32)>) -> Vec<u8> {
    let extra = match level {
        1 => 4,
        9 => 2,
        _ => 0,
    };
    let mut out = vec![0x1f, 0x8b, 8, if named.is_some() { 8 } else { 0 }];
    out.extend(named.map_or(0, |(_, time)| time).to_le_bytes());
    out.extend([extra, 3]);
    if let Some((name, _)) = named {
        out.extend(machine::text::to_bytes(name));
        out.push(0);
    }
    out.extend(miniz_oxide::deflate::compress_to_vec(data, level));
    out.extend(crc32(data).to_le_bytes());
    out.extend((data.len() as u32).to_le_bytes());
    out
}

/// What is wrong with a gzip file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// It is none.
    Format,
    /// It ends too early.
    Short,
    /// It cannot be unpacked.
    Data,
    /// Its sum is another.
    Sum,
}

/// Whether data begins like a gzip file.
pub fn is_packed(data: &[u8]) -> bool {
    data.starts_with(&[0x1f, 0x8b])
}

/// The content of all members of a gzip file.
pub fn unpack(data: &[u8]) -> Result<Vec<u8>, Wrong> {
    let (mut all, mut rest) = (Vec::new(), data);
    if rest.is_empty() {
        return Err(Wrong::Short);
    }
    while is_packed(rest) {
        let body = member(rest).ok_or(Wrong::Short)?;
        let mut inflate = miniz_oxide::inflate::core::DecompressorOxide::new();
        let room = LONGEST - all.len().min(LONGEST);
        let (content, used) = inflate_all(&mut inflate, body, room)?;
        let tail = body.get(used..used + 8).ok_or(Wrong::Short)?;
        let (sum, length) = (crc32(&content).to_le_bytes(), (content.len() as u32).to_le_bytes());
        if tail != [sum, length].concat() {
            return Err(Wrong::Sum);
        }
        all.extend(content);
        rest = body.get(used + 8..).unwrap_or_default();
    }
    if all.is_empty() && rest.len() == data.len() { Err(Wrong::Format) } else { Ok(all) }
}

/// What stands behind a member's header.
fn member(data: &[u8]) -> Option<&[u8]> {
    let flags = *data.get(3)?;
    let mut rest = data.get(10..)?;
    if flags & 4 != 0 {
        let length = usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?]));
        rest = rest.get(2 + length..)?;
    }
    for text in [8, 16] {
        if flags & text != 0 {
            rest = rest.get(rest.iter().position(|b| *b == 0)? + 1..)?;
        }
    }
    if flags & 2 != 0 { rest.get(2..) } else { Some(rest) }
}

/// The content, and how many bytes of the input it took.
fn inflate_all(
    inflate: &mut miniz_oxide::inflate::core::DecompressorOxide,
    data: &[u8],
    most: usize,
) -> Result<(Vec<u8>, usize), Wrong> {
    use miniz_oxide::inflate::TINFLStatus;
    use miniz_oxide::inflate::core::decompress;
    use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let (mut out, mut read, mut written) = (vec![0; (data.len() * 4).clamp(1024, most.max(1024))], 0, 0);
    loop {
        let rest = data.get(read..).unwrap_or_default();
        let (status, took, gave) =
            decompress(inflate, rest, &mut out, written, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF);
        read += took;
        written += gave;
        match status {
            TINFLStatus::Done => {
                out.truncate(written);
                return Ok((out, read));
            }
            TINFLStatus::HasMoreOutput if out.len() < most => out.resize((out.len() * 2).min(most), 0),
            TINFLStatus::FailedCannotMakeProgress | TINFLStatus::NeedsMoreInput => return Err(Wrong::Short),
            _ => return Err(Wrong::Data),
        }
    }
}

/// The sum of `RFC 1952`, section 8.
fn crc32(data: &[u8]) -> u32 {
    let mut table = [0u32; 256];
    for (number, entry) in table.iter_mut().enumerate() {
        *entry = (0..8).fold(number as u32, |c, _| if c & 1 == 1 { 0xedb8_8320 ^ (c >> 1) } else { c >> 1 });
    }
    !data.iter().fold(!0, |sum: u32, b| table[usize::from(sum as u8 ^ b)] ^ (sum >> 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_and_unpacks() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let data: Vec<u8> = (0..100_000u32).flat_map(|n| (n % 77 * n).to_le_bytes()).collect();
        let packed = pack(&data, 6, Some(("name", 1)));
        assert_eq!(unpack(&packed).as_ref(), Ok(&data));
        assert_eq!(unpack(&[packed.clone(), pack(b"more", 9, None)].concat()).map(|d| d.len()), Ok(data.len() + 4));
        assert_eq!(unpack(b"plain"), Err(Wrong::Format));
        assert_eq!(unpack(&packed[..packed.len() - 3]), Err(Wrong::Short));
        let mut wrong = packed.clone();
        let last = wrong.len() - 5;
        wrong[last] ^= 1;
        assert_eq!(unpack(&wrong), Err(Wrong::Sum));
        // `printf hi | gzip -n` of the real one.
        let real = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 203, 200, 4, 0, 172, 42, 147, 216, 2, 0, 0, 0];
        assert_eq!(unpack(&real), Ok(b"hi".to_vec()));
    }
}
