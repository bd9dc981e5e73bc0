//! `stty`: settings of the terminal.

use machine::tty::{Termios, WindowSize};
use machine::{ExitCode, Fd};

use crate::context::Context;

const USAGE: &str = "\
Usage: stty [-F DEVICE | --file=DEVICE] [SETTING]...
  or:  stty [-F DEVICE | --file=DEVICE] [-a|--all]
  or:  stty [-F DEVICE | --file=DEVICE] [-g|--save]
Print or change terminal characteristics.

Mandatory arguments to long options are mandatory for short options too.
  -a, --all          print all current settings in human-readable form
  -g, --save         print all current settings in a stty-readable form
  -F, --file=DEVICE  open and use the specified DEVICE instead of stdin
      --help        display this help and exit
      --version     output version information and exit
";

type Flag = fn(&mut Termios) -> &mut bool;

/// The switches that have an effect.
const FLAGS: &[(&str, Flag)] = &[
    ("echo", |t| &mut t.echo),
    ("echoctl", |t| &mut t.echoctl),
    ("echoe", |t| &mut t.echoe),
    ("echok", |t| &mut t.echok),
    ("echonl", |t| &mut t.echonl),
    ("icanon", |t| &mut t.icanon),
    ("icrnl", |t| &mut t.icrnl),
    ("iexten", |t| &mut t.iexten),
    ("igncr", |t| &mut t.igncr),
    ("inlcr", |t| &mut t.inlcr),
    ("isig", |t| &mut t.isig),
    ("iutf8", |t| &mut t.iutf8),
    ("ixon", |t| &mut t.ixon),
    ("noflsh", |t| &mut t.noflsh),
    ("onlcr", |t| &mut t.onlcr),
    ("opost", |t| &mut t.opost),
    ("tostop", |t| &mut t.tostop),
];

type Key = fn(&mut Termios) -> &mut u8;

const KEYS: &[(&str, Key)] = &[
    ("eof", |t| &mut t.veof),
    ("erase", |t| &mut t.verase),
    ("intr", |t| &mut t.vintr),
    ("kill", |t| &mut t.vkill),
    ("lnext", |t| &mut t.vlnext),
    ("quit", |t| &mut t.vquit),
    ("rprnt", |t| &mut t.vreprint),
    ("start", |t| &mut t.vstart),
    ("stop", |t| &mut t.vstop),
    ("susp", |t| &mut t.vsusp),
    ("werase", |t| &mut t.vwerase),
];

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut args = cx.args.clone();
    let mut fd = Fd::STDIN;
    let mut device = if cx.is_busybox() { "standard input".to_string() } else { "'standard input'".to_string() };
    if let Some(at) = args.iter().position(|a| a == "-F") {
        if at + 1 >= args.len() {
            return cx.usage_error("option requires an argument -- 'F'").await;
        }
        args.remove(at);
        device = args.remove(at);
        match cx.sys.open(&device, machine::fs::OpenFlags::READ_WRITE.cloexec(), 0).await {
            Ok(opened) => fd = opened,
            Err(error) => {
                cx.error(format_args!("{device}: {error}")).await;
                return cx.status();
            }
        }
    }
    if args.iter().any(|a| a == "--help") {
        cx.put(USAGE.as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    // Words are checked before the terminal is asked.
    if let Some(word) = args.iter().find(|word| !known(word)) {
        let text = format!("invalid argument {}", cx.quote(word));
        return cx.usage_error(&text).await;
    }
    let (mut termios, mut size) = match (cx.sys.tcgetattr(fd), cx.sys.winsize(fd)) {
        (Ok(termios), Ok(size)) => (termios, size),
        (Err(error), _) | (_, Err(error)) => {
            cx.error(format_args!("{device}: {error}")).await;
            return cx.status();
        }
    };
    match args.first().map(|a| &**a) {
        None => {
            let text = short(termios);
            cx.put(text.as_bytes()).await;
            return cx.status();
        }
        Some("-a" | "--all") => {
            let text = all(termios, size);
            cx.put(text.as_bytes()).await;
            return cx.status();
        }
        Some("-g" | "--save") => {
            let line = saved(termios);
            cx.line(&line).await;
            return cx.status();
        }
        _ => {}
    }
    let (old, old_size) = (termios, size);
    if let Err(word) = change(cx, &args, &mut termios, &mut size).await {
        let text = format!("missing argument to {}", cx.quote(&word));
        return cx.usage_error(&text).await;
    }
    let mut result = Ok(());
    if termios != old {
        result = cx.sys.tcsetattr(fd, &termios, false);
    }
    if size != old_size {
        result = result.and(cx.sys.set_winsize(fd, size));
    }
    if let Err(error) = result {
        cx.error(format_args!("{device}: {error}")).await;
    }
    cx.status()
}

/// Whether a word is a setting, or may be the value of one.
fn known(word: &str) -> bool {
    let words = ["-a", "--all", "-g", "--save", "size", "speed", "rows", "cols", "columns", "min", "time"];
    set(&mut Termios::COOKED.clone(), word)
        || KEYS.iter().any(|(name, _)| *name == word)
        || words.contains(&word)
        || key_byte(word).is_some()
}

/// Does what the words say; the error is the one whose value is missing.
async fn change(cx: &mut Context, args: &[String], termios: &mut Termios, size: &mut WindowSize) -> Result<(), String> {
    let mut words = args.iter();
    while let Some(word) = words.next() {
        match &**word {
            "size" => cx.line(&format!("{} {}", size.rows, size.columns)).await,
            "speed" => cx.line("38400").await,
            "rows" | "cols" | "columns" | "min" | "time" => {
                let number = words.next().and_then(|n| n.parse::<u16>().ok()).ok_or_else(|| word.clone())?;
                match &**word {
                    "rows" => size.rows = number,
                    "min" => termios.vmin = number as u8,
                    "time" => termios.vtime = number as u8,
                    _ => size.columns = number,
                }
            }
            name => match KEYS.iter().find(|(key, _)| *key == name) {
                Some((_, field)) => {
                    let value = words.next().and_then(|v| key_byte(v)).ok_or_else(|| word.clone())?;
                    *field(termios) = value;
                }
                None => drop(set(termios, name)),
            },
        }
    }
    Ok(())
}

/// Switches and their combinations; whether the word is known.
fn set(termios: &mut Termios, word: &str) -> bool {
    match word {
        "sane" => *termios = Termios::COOKED,
        "raw" => termios.make_raw(),
        "-raw" | "cooked" => {
            (termios.icrnl, termios.ixon, termios.opost, termios.isig, termios.icanon) = (true, true, true, true, true);
            (termios.veof, termios.iexten) = (4, true);
        }
        "cbreak" => termios.icanon = false,
        "-cbreak" => termios.icanon = true,
        "ek" => (termios.verase, termios.vkill) = (127, 21),
        _ => {
            if let Some(()) = restore(termios, word) {
                return true;
            }
            let (name, on) = word.strip_prefix('-').map_or((word, true), |name| (name, false));
            match FLAGS.iter().find(|(flag, _)| *flag == name) {
                Some((_, field)) => *field(termios) = on,
                // Known to every terminal, without effect here.
                None => {
                    return OTHERS.iter().any(|line| line.iter().any(|other| other.trim_start_matches('-') == name));
                }
            }
        }
    }
    true
}

/// `^C`, `undef`, `x`, `3`.
fn key_byte(text: &str) -> Option<u8> {
    match text.as_bytes() {
        b"undef" | b"^-" => Some(0),
        b"^?" => Some(127),
        [b'^', c] => Some(c.to_ascii_uppercase() & 0x1f),
        [c] => Some(*c),
        _ => text.parse().ok(),
    }
}

fn key_name(byte: u8) -> String {
    match byte {
        0 => "<undef>".into(),
        127 => "^?".into(),
        1..=31 => format!("^{}", char::from(byte + 64)),
        _ => char::from(byte).to_string(),
    }
}

/// The rows of `stty -a` as they are on a fresh terminal; switches in [`FLAGS`] show their own state.
const OTHERS: &[&[&str]] = &[
    &["-parenb", "-parodd", "-cmspar", "cs8", "-hupcl", "-cstopb", "cread", "-clocal", "-crtscts"],
    &["-ignbrk", "-brkint", "-ignpar", "-parmrk", "-inpck", "-istrip", "inlcr", "igncr", "icrnl", "ixon", "-ixoff"],
    &["-iuclc", "-ixany", "-imaxbel", "iutf8"],
    &[
        "opost", "-olcuc", "-ocrnl", "onlcr", "-onocr", "-onlret", "-ofill", "-ofdel", "nl0", "cr0", "tab0", "bs0",
        "vt0", "ff0",
    ],
    &["isig", "icanon", "iexten", "echo", "echoe", "echok", "echonl", "noflsh", "-xcase", "tostop", "-echoprt"],
    &["echoctl", "echoke", "-flusho", "-extproc"],
];

fn switch(termios: &mut Termios, name: &str) -> String {
    match FLAGS.iter().find(|(flag, _)| *flag == name) {
        Some((_, field)) => format!("{}{name}", if *field(termios) { "" } else { "-" }),
        None => name.to_string(),
    }
}

fn all(mut termios: Termios, size: WindowSize) -> String {
    let mut text = format!("speed 38400 baud; rows {}; columns {}; line = 0;\n", size.rows, size.columns);
    let t = &mut termios;
    let keys = [
        ("intr", t.vintr),
        ("quit", t.vquit),
        ("erase", t.verase),
        ("kill", t.vkill),
        ("eof", t.veof),
        ("eol", 0),
        ("eol2", 0),
        ("swtch", 0),
        ("start", t.vstart),
        ("stop", t.vstop),
        ("susp", t.vsusp),
        ("rprnt", t.vreprint),
        ("werase", t.vwerase),
        ("lnext", t.vlnext),
        ("discard", 15),
    ];
    // Rows break before column 80.
    let mut row = String::new();
    let rest = [format!("min = {};", t.vmin), format!("time = {};", t.vtime)];
    for item in keys.iter().map(|(name, key)| format!("{name} = {};", key_name(*key))).chain(rest) {
        if !row.is_empty() && row.len() + 1 + item.len() > 79 {
            text.push_str(&row);
            text.push('\n');
            row.clear();
        }
        if !row.is_empty() {
            row.push(' ');
        }
        row.push_str(&item);
    }
    text.push_str(&row);
    text.push('\n');
    for line in OTHERS {
        let words: Vec<String> = line.iter().map(|name| switch(&mut termios, name)).collect();
        text.push_str(&words.join(" "));
        text.push('\n');
    }
    text
}

/// Only what differs from the sane state.
fn short(mut termios: Termios) -> String {
    let mut text = String::from("speed 38400 baud; line = 0;\n");
    let mut sane = Termios::COOKED;
    let differs = |(_, field): &&(&str, Flag)| *field(&mut termios) != *field(&mut sane);
    let names: Vec<&str> = FLAGS.iter().filter(differs).map(|(name, _)| *name).collect();
    let words: Vec<String> = ["-brkint".to_string(), "-imaxbel".to_string()]
        .into_iter()
        .chain(names.iter().map(|n| switch(&mut termios, n)))
        .collect();
    text.push_str(&words.join(" "));
    text.push('\n');
    text
}

/// Everything in one word, for [`restore`].
fn saved(mut termios: Termios) -> String {
    let flags =
        FLAGS.iter().enumerate().fold(0u32, |bits, (at, (_, field))| bits | u32::from(*field(&mut termios)) << at);
    let keys: Vec<String> = KEYS.iter().map(|(_, field)| format!("{:x}", field(&mut termios))).collect();
    format!("{flags:x}:{}:{:x}:{:x}", keys.join(":"), termios.vmin, termios.vtime)
}

fn restore(termios: &mut Termios, text: &str) -> Option<()> {
    let parts: Vec<u32> = text.split(':').map(|p| u32::from_str_radix(p, 16).ok()).collect::<Option<_>>()?;
    if parts.len() != KEYS.len() + 3 {
        return None;
    }
    for (at, (_, field)) in FLAGS.iter().enumerate() {
        *field(termios) = parts[0] & (1 << at) != 0;
    }
    for ((_, field), value) in KEYS.iter().zip(&parts[1..]) {
        *field(termios) = *value as u8;
    }
    (termios.vmin, termios.vtime) = (parts[KEYS.len() + 1] as u8, parts[KEYS.len() + 2] as u8);
    Some(())
}
