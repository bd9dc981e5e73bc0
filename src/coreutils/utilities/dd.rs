//! `dd`: copies blocks.

use machine::fs::OpenFlags;
use machine::io::Seek;
use machine::{ExitCode, Fd};

use crate::context::Context;
use crate::text::quote;

/// The largest block that there is memory for.
const LARGEST: u64 = 256 << 20;

struct Plan {
    input: Option<String>,
    output: Option<String>,
    read: u64,
    write: u64,
    count: u64,
    skip: u64,
    seek: u64,
    status: String,
    conversions: Vec<String>,
    append: bool,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut plan = Plan {
        input: None,
        output: None,
        read: 512,
        write: 512,
        count: u64::MAX,
        skip: 0,
        seek: 0,
        status: String::new(),
        conversions: Vec::new(),
        append: false,
    };
    for arg in cx.args.clone() {
        if let Err(text) = plan.take(cx, &arg) {
            if text.starts_with("invalid") {
                cx.error(text).await;
                return cx.status();
            }
            return cx.usage_error(&text).await;
        }
    }
    let started = cx.sys.now();
    let Some((input, output)) = plan.open(cx).await else { return cx.status() };
    let block = plan.read.max(plan.write);
    if block > LARGEST {
        let size = binary(block as f64);
        cx.error(format_args!("memory exhausted by input buffer of size {block} bytes ({size})")).await;
        return cx.status();
    }
    let (blocks_in, blocks_out, bytes) = plan.copy(cx, input, output).await;
    let nanos = cx.sys.now().since(started).as_nanos().max(1) as f64;
    plan.report(cx, blocks_in, blocks_out, bytes, nanos / 1e9).await;
    cx.status()
}

impl Plan {
    /// Opens both ends, at their places.
    async fn open(&self, cx: &mut Context) -> Option<(Fd, Fd)> {
        let keep = self.conversions.iter().any(|c| c == "notrunc") || self.seek > 0;
        let write = OpenFlags { truncate: !keep, append: self.append, ..OpenFlags::CREATE.cloexec() };
        let mut ends = [Fd::STDIN, Fd::STDOUT];
        for (end, path, flags) in [(0, &self.input, OpenFlags::READ.cloexec()), (1, &self.output, write)] {
            let Some(path) = path else { continue };
            match cx.sys.open(path, flags, 0o666).await {
                Ok(fd) => ends[end] = fd,
                Err(error) => {
                    let what = if cx.is_busybox() {
                        format!("can't open '{path}'")
                    } else {
                        format!("failed to open {}", quote(path))
                    };
                    cx.error(format_args!("{what}: {error}")).await;
                    return None;
                }
            }
        }
        let [input, output] = ends;
        if self.skip > 0 && cx.sys.seek(input, Seek::Set(self.skip.saturating_mul(self.read))).is_err() {
            for _ in 0..self.skip {
                if cx.sys.read_vec(input, self.read as usize).await.is_ok_and(|d| d.is_empty()) {
                    break;
                }
            }
        }
        if self.seek > 0 {
            let _ = cx.sys.seek(output, Seek::Set(self.seek.saturating_mul(self.write)));
        }
        Some((input, output))
    }

    /// Copies; whole and partial blocks in, those out, bytes.
    async fn copy(&self, cx: &mut Context, input: Fd, output: Fd) -> ([u64; 2], [u64; 2], u64) {
        let plan = self;
        let (mut blocks_in, mut blocks_out, mut bytes) = ([0u64; 2], [0u64; 2], 0u64);
        while blocks_in[0] + blocks_in[1] < plan.count {
            let mut data = match cx.sys.read_vec(input, plan.read as usize).await {
                Ok(data) => data,
                Err(error) => {
                    let name = quote(plan.input.as_deref().unwrap_or("standard input"));
                    cx.error(format_args!("error reading {name}: {error}")).await;
                    break;
                }
            };
            if data.is_empty() {
                break;
            }
            blocks_in[usize::from((data.len() as u64) < plan.read)] += 1;
            for conversion in &plan.conversions {
                match &**conversion {
                    "ucase" => data.make_ascii_uppercase(),
                    "lcase" => data.make_ascii_lowercase(),
                    "swab" => data.chunks_exact_mut(2).for_each(|pair| pair.swap(0, 1)),
                    "sync" => data.resize(plan.read as usize, 0),
                    _ => {}
                }
            }
            if let Err(error) = cx.sys.write_all(output, &data).await {
                let name = quote(plan.output.as_deref().unwrap_or("standard output"));
                cx.error(format_args!("error writing {name}: {error}")).await;
                break;
            }
            bytes += data.len() as u64;
            blocks_out[usize::from((data.len() as u64) < plan.write)] += 1;
            cx.sys.tick(1000).await;
        }
        (blocks_in, blocks_out, bytes)
    }

    fn take(&mut self, cx: &Context, arg: &str) -> Result<(), String> {
        let unknown = || format!("unrecognized operand {}", cx.quote(arg));
        let (name, value) = arg.split_once('=').ok_or_else(unknown)?;
        let number = || number(value).ok_or_else(|| format!("invalid number: {}", cx.quote(value)));
        let block =
            || number().and_then(|n| if n == 0 { Err(format!("invalid number: {}", cx.quote(value))) } else { Ok(n) });
        match name {
            "if" => self.input = Some(value.into()),
            "of" => self.output = Some(value.into()),
            "bs" => (self.read, self.write) = (block()?, block()?),
            "ibs" => self.read = block()?,
            "obs" => self.write = block()?,
            "count" => self.count = number()?,
            "skip" | "iseek" => self.skip = number()?,
            "seek" | "oseek" => self.seek = number()?,
            "status" => self.status = value.into(),
            "conv" => self.conversions = value.split(',').map(str::to_string).collect(),
            "oflag" => self.append = value.split(',').any(|f| f == "append"),
            "iflag" | "cbs" => {}
            _ => return Err(unknown()),
        }
        Ok(())
    }

    async fn report(&self, cx: &mut Context, blocks_in: [u64; 2], blocks_out: [u64; 2], bytes: u64, seconds: f64) {
        if self.status == "none" {
            return;
        }
        let mut text =
            format!("{}+{} records in\n{}+{} records out\n", blocks_in[0], blocks_in[1], blocks_out[0], blocks_out[1]);
        if self.status != "noxfer" {
            let shown = match bytes {
                _ if cx.is_busybox() => format!("{bytes} bytes ({}) copied", super::df::busybox_size(bytes) + "B"),
                1 => "1 byte copied".to_string(),
                0..1000 => format!("{bytes} bytes copied"),
                1000..1024 => format!("{bytes} bytes ({}) copied", decimal(bytes as f64)),
                _ => format!("{bytes} bytes ({}, {}) copied", decimal(bytes as f64), binary(bytes as f64)),
            };
            if cx.is_busybox() {
                let seconds = seconds.max(1e-6);
                let speed = super::df::busybox_size((bytes as f64 / seconds) as u64);
                text += &format!("{shown}, {seconds:.6} seconds, {speed}B/s\n");
            } else {
                let time = super::printf::shortest(seconds, 6, false);
                text += &format!("{shown}, {time} s, {}/s\n", decimal(bytes as f64 / seconds));
            }
        }
        cx.complain(&text).await;
    }
}

/// `2.0 kB`.
fn decimal(value: f64) -> String {
    scaled(value, 1000.0, &["B", "kB", "MB", "GB", "TB"])
}

/// `2.0 KiB`.
fn binary(value: f64) -> String {
    scaled(value, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB"])
}

fn scaled(mut value: f64, step: f64, units: &[&str]) -> String {
    let mut unit = 0;
    while value >= step && unit + 1 < units.len() {
        value /= step;
        unit += 1;
    }
    if value < 9.95 { format!("{value:.1} {}", units[unit]) } else { format!("{value:.0} {}", units[unit]) }
}

/// `512`, `4k`, `1M`, `2MB`, `3x4`.
fn number(text: &str) -> Option<u64> {
    if let Some((left, right)) = text.split_once('x') {
        return number(left)?.checked_mul(number(right)?);
    }
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "" | "c" => 1,
        "w" => 2,
        "b" => 512,
        "k" | "K" | "KiB" => 1 << 10,
        "kB" | "KB" => 1000,
        "m" | "M" | "MiB" => 1 << 20,
        "MB" => 1_000_000,
        "g" | "G" | "GiB" => 1 << 30,
        "GB" => 1_000_000_000,
        _ => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}
