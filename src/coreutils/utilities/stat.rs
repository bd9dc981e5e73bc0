//! `stat`: all attributes of files.

use machine::ExitCode;
use machine::fs::{Attr, FileKind, StatFs};

use super::date::strftime;
use super::ls::mode_text;
use crate::context::Context;
use crate::options::{HELP, Spec, VERSION, Value};
use crate::text::{name_of, quote};

const SPEC: Spec = Spec {
    short: "c:fLt",
    long: &[
        ("dereference", 'L', Value::None),
        ("file-system", 'f', Value::None),
        ("format", 'c', Value::Required),
        ("printf", '\u{10}', Value::Required),
        ("terse", 't', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: stat [OPTION]... FILE...
Display file or file system status.

Mandatory arguments to long options are mandatory for short options too.
  -L, --dereference     follow links
  -f, --file-system     display file system status instead of file status
  -c  --format=FORMAT   use the specified FORMAT instead of the default;
                          output a newline after each use of FORMAT
      --printf=FORMAT   like --format, but interpret backslash escapes,
                          and do not output a mandatory trailing newline;
                          if you want a newline, include \\n in FORMAT
  -t, --terse           print the information in terse form
      --help        display this help and exit
      --version     output version information and exit
";

const TIME: &str = "%Y-%m-%d %H:%M:%S.%N +0000";

struct Subject {
    path: String,
    attr: Attr,
    space: StatFs,
    target: Option<String>,
    user: String,
    group: String,
    busybox: bool,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let parsed = match cx.options(&SPEC, USAGE).await {
        Ok(parsed) => parsed,
        Err(status) => return status,
    };
    if parsed.operands.is_empty() {
        return cx.usage_error("missing operand").await;
    }
    let read = |path: &str| String::from_utf8_lossy(&cx.sys.read_file(path).unwrap_or_default()).into_owned();
    let (users, groups) = (read("/etc/passwd"), read("/etc/group"));
    for path in &parsed.operands {
        let follow = parsed.has('L') || parsed.has('f');
        let attr = if follow { cx.sys.stat(path) } else { cx.sys.lstat(path) };
        let attr = match attr {
            Ok(attr) => attr,
            Err(error) => {
                let verb = if parsed.has('f') { "cannot read file system information for" } else { "cannot statx" };
                let what =
                    if cx.is_busybox() { format!("can't stat '{path}'") } else { format!("{verb} {}", quote(path)) };
                cx.error(format_args!("{what}: {error}")).await;
                continue;
            }
        };
        let name = |database: &str, id: u32| name_of(database, id).unwrap_or("UNKNOWN").to_string();
        let subject = Subject {
            path: path.clone(),
            attr,
            space: cx.sys.stat_fs(path).unwrap_or_default(),
            target: cx.sys.read_link(path).ok().filter(|_| attr.kind == FileKind::Symlink),
            user: name(&users, attr.uid),
            group: name(&groups, attr.gid),
            busybox: cx.is_busybox(),
        };
        let format: fn(&Subject, char) -> Option<String> =
            if parsed.has('f') { Subject::space_field } else { Subject::field };
        if let Some(template) = parsed.value('\u{10}') {
            let text = machine::text::from_bytes(&crate::escapes::unescape(template, false).bytes);
            let text = subject.fill(&text, format);
            cx.put(&machine::text::to_bytes(&text)).await;
            continue;
        }
        let template = match parsed.value('c') {
            Some(template) => template,
            None if parsed.has('f') => SPACE,
            None if parsed.has('t') => "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o",
            None => subject.default_template(),
        };
        let text = subject.fill(template, format);
        cx.line(&text).await;
    }
    cx.status()
}

const PLAIN: &str = "  File: %@
  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F
Device: %Hd,%Ld\tInode: %-11i Links: %h
Access: (%04a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)
Access: %x
Modify: %y
Change: %z
 Birth: %w";
const DEVICE: &str = "  File: %@
  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F
Device: %Hd,%Ld\tInode: %-11i Links: %-5h Device type: %Hr,%Lr
Access: (%04a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)
Access: %x
Modify: %y
Change: %z
 Birth: %w";
const BUSYBOX: &str = "  File: %@
  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F
Device: %Dh/%dd\tInode: %-10i  Links: %-5h
Access: (%04a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)
Access: %x
Modify: %y
Change: %z";
const SPACE: &str = "  File: \"%n\"
    ID: %-8i Namelen: %-7l Type: %T
Block size: %-10s Fundamental block size: %S
Blocks: Total: %-10b Free: %-10f Available: %a
Inodes: Total: %-10c Free: %d";

impl Subject {
    fn default_template(&self) -> &'static str {
        match self.attr.kind {
            _ if self.busybox => BUSYBOX,
            FileKind::CharDevice | FileKind::BlockDevice => DEVICE,
            _ => PLAIN,
        }
    }

    fn kind(&self) -> &'static str {
        match self.attr.kind {
            FileKind::Regular if self.attr.size == 0 => "regular empty file",
            FileKind::Regular => "regular file",
            FileKind::Directory => "directory",
            FileKind::Symlink => "symbolic link",
            FileKind::Fifo => "fifo",
            FileKind::Socket => "socket",
            FileKind::CharDevice => "character special file",
            FileKind::BlockDevice => "block special file",
        }
    }

    /// `%x`, `%-10x`, `%04x`, and the halves of device numbers (`%Hd`, `%Ld`).
    fn fill(&self, template: &str, field: fn(&Subject, char) -> Option<String>) -> String {
        let (mut out, mut chars) = (String::new(), template.chars().peekable());
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let mut flags = String::new();
            while let Some(flag) = chars.next_if(|c| "-0#+ ".contains(*c)) {
                flags.push(flag);
            }
            let mut width = String::new();
            while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                width.push(digit);
            }
            let half = chars.next_if(|c| matches!(c, 'H' | 'L'));
            let Some(letter) = chars.next() else {
                out.push('%');
                break;
            };
            let value = match (half, letter) {
                (Some(half), 'd') => Some(self.half(half, self.attr.dev)),
                (Some(half), 'r') => {
                    Some(if half == 'H' { self.attr.rdev.major } else { self.attr.rdev.minor }.to_string())
                }
                (None, '%') => Some("%".into()),
                _ => field(self, letter),
            };
            let value = value.unwrap_or_else(|| "?".into());
            let width: usize = width.parse().unwrap_or(0).min(4096);
            out.push_str(&match () {
                () if flags.contains('-') => format!("{value:<width$}"),
                () if flags.contains('0') => format!("{value:0>width$}"),
                () => format!("{value:>width$}"),
            });
        }
        out
    }

    fn half(&self, half: char, dev: u64) -> String {
        let number = if half == 'H' { (dev >> 8) & 0xfff } else { (dev & 0xff) | ((dev >> 12) & 0xfff00) };
        number.to_string()
    }

    fn field(&self, letter: char) -> Option<String> {
        let attr = &self.attr;
        let bits = match attr.kind {
            FileKind::Fifo => 0o010000,
            FileKind::CharDevice => 0o020000,
            FileKind::Directory => 0o040000,
            FileKind::BlockDevice => 0o060000,
            FileKind::Regular => 0o100000,
            FileKind::Symlink => 0o120000,
            FileKind::Socket => 0o140000,
        };
        Some(match letter {
            'a' => format!("{:o}", attr.mode),
            'A' => mode_text(attr),
            'b' => attr.blocks.to_string(),
            'B' => "512".into(),
            'C' => "?".into(),
            'd' => attr.dev.to_string(),
            'D' => format!("{:x}", attr.dev),
            'f' => format!("{:x}", bits | attr.mode),
            'F' => self.kind().into(),
            'g' => attr.gid.to_string(),
            'G' => self.group.clone(),
            'h' => attr.nlink.to_string(),
            'i' => attr.ino.to_string(),
            'm' => "/".into(),
            'n' => self.path.clone(),
            'N' => match &self.target {
                Some(target) => format!("{} -> {}", quote(&self.path), quote(target)),
                None if self.busybox => self.path.clone(),
                None => quote(&self.path),
            },
            // The default form's: without quotes.
            '@' => match &self.target {
                Some(target) if self.busybox => format!("'{}' -> '{target}'", self.path),
                Some(target) => format!("{} -> {target}", self.path),
                None => self.path.clone(),
            },
            'o' => "4096".into(),
            's' => attr.size.to_string(),
            't' => format!("{:x}", attr.rdev.major),
            'T' => format!("{:x}", attr.rdev.minor),
            'u' => attr.uid.to_string(),
            'U' => self.user.clone(),
            'w' => "-".into(),
            'W' => "0".into(),
            'x' => strftime(TIME, attr.atime),
            'X' => attr.atime.seconds().to_string(),
            'y' => strftime(TIME, attr.mtime),
            'Y' => attr.mtime.seconds().to_string(),
            'z' => strftime(TIME, attr.ctime),
            'Z' => attr.ctime.seconds().to_string(),
            _ => return None,
        })
    }

    fn space_field(&self, letter: char) -> Option<String> {
        let space = &self.space;
        Some(match letter {
            'a' | 'f' => space.free.to_string(),
            'b' => space.blocks.to_string(),
            'c' => space.files.to_string(),
            'd' => space.files_free.to_string(),
            'i' => format!("{:x}", self.attr.dev),
            'l' => "255".into(),
            'n' => self.path.clone(),
            's' | 'S' => space.block_size.to_string(),
            't' => "ef53".into(),
            'T' => "ext2/ext3".into(),
            _ => return None,
        })
    }
}
