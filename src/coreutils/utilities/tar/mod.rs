//! `tar`: GNU tar 1.34 and BusyBox's.

mod create;
mod extract;

use machine::fs::Attr;
use machine::{ExitCode, Fd};

use crate::context::Context;
use crate::options::{HELP, HELP_OPTION, Parsed, Spec, VERSION, VERSION_OPTION, Value, parse};
use crate::utilities::gzip;

const SPEC: Spec = Spec {
    short: "ctxrzjJavkpPOhmoC:f:X:T:Z",
    long: &[
        ("create", 'c', Value::None),
        ("list", 't', Value::None),
        ("extract", 'x', Value::None),
        ("get", 'x', Value::None),
        ("append", 'r', Value::None),
        ("gzip", 'z', Value::None),
        ("gunzip", 'z', Value::None),
        ("bzip2", 'j', Value::None),
        ("xz", 'J', Value::None),
        ("auto-compress", 'a', Value::None),
        ("verbose", 'v', Value::None),
        ("keep-old-files", 'k', Value::None),
        ("preserve-permissions", 'p', Value::None),
        ("same-permissions", 'p', Value::None),
        ("absolute-names", 'P', Value::None),
        ("to-stdout", 'O', Value::None),
        ("dereference", 'h', Value::None),
        ("touch", 'm', Value::None),
        ("no-same-owner", 'o', Value::None),
        ("same-owner", 's', Value::None),
        ("overwrite", 'W', Value::None),
        ("directory", 'C', Value::Required),
        ("file", 'f', Value::Required),
        ("exclude", 'e', Value::Required),
        ("exclude-from", 'X', Value::Required),
        ("files-from", 'T', Value::Required),
        ("strip-components", 'S', Value::Required),
        ("numeric-owner", 'n', Value::None),
        ("no-recursion", 'R', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: tar [OPTION...] [FILE]...
GNU 'tar' saves many files together into a single tape or disk archive, and can
restore individual files from the archive.

Examples:
  tar -cf archive.tar foo bar  # Create archive.tar from files foo and bar.
  tar -tvf archive.tar         # List all files in archive.tar verbosely.
  tar -xf archive.tar          # Extract all files from archive.tar.

 Main operation mode:
  -c, --create               create a new archive
  -r, --append               append files to the end of an archive
  -t, --list                 list the contents of an archive
  -x, --extract, --get       extract files from an archive

 Overwrite control:
  -k, --keep-old-files       don't replace existing files when extracting,
                             treat them as errors
      --overwrite            overwrite existing files when extracting

 Select output stream:
  -O, --to-stdout            extract files to standard output

 Handling of file attributes:
  -m, --touch                don't extract file modified time
      --no-same-owner        extract files as yourself (default for ordinary
                             users)
      --numeric-owner        always use numbers for user/group names
  -p, --preserve-permissions, --same-permissions
                             extract information about file permissions
                             (default for superuser)

 Device selection and switching:
  -f, --file=ARCHIVE         use archive file or device ARCHIVE

 Compression options:
  -a, --auto-compress        use archive suffix to determine the compression
                             program
  -j, --bzip2                filter the archive through bzip2
  -J, --xz                   filter the archive through xz
  -z, --gzip, --gunzip, --ungzip   filter the archive through gzip

 Local file selection:
  -C, --directory=DIR        change to directory DIR
      --exclude=PATTERN      exclude files, given as a PATTERN
  -h, --dereference          follow symlinks; archive and dump the files they
                             point to
      --no-recursion         avoid descending automatically in directories
  -P, --absolute-names       don't strip leading '/'s from file names
      --strip-components=NUMBER   strip NUMBER leading components from file
                             names on extraction
  -T, --files-from=FILE      get names to extract or create from FILE
  -X, --exclude-from=FILE    exclude patterns listed in FILE

 Informative output:
  -v, --verbose              verbosely list files processed

 Other options:
  -?, --help                 give this help list
      --version              print program version
";

const BUSYBOX_USAGE: &str = "\
Usage: tar c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [FILE]...

Create, extract, or list files from a tar file

\tc\tCreate
\tx\tExtract
\tt\tList
\t-f FILE\tName of TARFILE ('-' for stdin/out)
\t-C DIR\tChange to DIR before operation
\t-v\tVerbose
\t-O\tExtract to stdout
\t-m\tDon't restore mtime
\t-o\tDon't restore user:group
\t-k\tDon't replace existing files
\t-z\t(De)compress using gzip
\t-a\t(De)compress based on extension
\t-h\tFollow symlinks
";

/// Trouble that ends it.
const FATAL: ExitCode = ExitCode(2);

/// What all modes need.
struct Job {
    parsed: Parsed,
    /// The archive; `-` is a standard stream.
    file: String,
    /// Where the operands' names begin; `-C`.
    folder: Option<String>,
    excluded: Vec<String>,
    names: Vec<String>,
    failed: bool,
    /// Columns that owner, group and size take in a long list; it only grows.
    width: usize,
    /// A leading `/` was taken away, and that was said.
    stripped: bool,
}

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let mut job = match command_line(cx).await {
        Ok(job) => job,
        Err(status) => return status,
    };
    let other = [('j', "bzip2"), ('J', "xz"), ('Z', "compress")].into_iter().find(|(o, _)| job.parsed.has(*o));
    if let Some((_, program)) = other {
        // Slim images have neither.
        let text = format!(
            "tar (child): {program}: Cannot exec: No such file or directory\ntar (child): Error is not recoverable: exiting now\ntar: Child returned status 2\ntar: Error is not recoverable: exiting now\n"
        );
        cx.complain(&text).await;
        return FATAL;
    }
    let done = match job.parsed.last_of("ctxr") {
        Some('c') => create::create(cx, &mut job).await,
        Some('r') => create::append(cx, &mut job).await,
        Some('t') => extract::list(cx, &mut job).await,
        Some(_) => extract::extract(cx, &mut job).await,
        None if cx.is_busybox() => {
            cx.complain(&format!("{}\n\n{BUSYBOX_USAGE}", crate::context::BUSYBOX_BANNER)).await;
            return ExitCode::FAILURE;
        }
        None => {
            cx.complain("tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar --usage' for more information.\n").await;
            return FATAL;
        }
    };
    cx.flush().await;
    match done {
        Err(status) => status,
        Ok(()) if job.failed && cx.is_busybox() => {
            if job.parsed.has('c') {
                cx.complain("tar: error exit delayed from previous errors\n").await;
            }
            ExitCode::FAILURE
        }
        Ok(()) if job.failed => {
            cx.complain("tar: Exiting with failure status due to previous errors\n").await;
            FATAL
        }
        Ok(()) => ExitCode::SUCCESS,
    }
}

async fn command_line(cx: &mut Context) -> Result<Job, ExitCode> {
    let mut args = cx.args.clone();
    // The oldest form: letters without a dash, values behind them in order.
    if let Some(first) = args.first().filter(|a| !a.starts_with('-') && !a.is_empty()).cloned() {
        let mut rest = args.split_off(1).into_iter();
        args.clear();
        for letter in first.chars() {
            args.push(format!("-{letter}"));
            if "fCXT".contains(letter) {
                args.extend(rest.next());
            }
        }
        args.extend(rest);
    }
    let parsed = match parse(&SPEC, &args) {
        Ok(parsed) => parsed,
        Err(text) if cx.is_busybox() => {
            cx.complain(&format!("tar: {text}\n{}\n\n{BUSYBOX_USAGE}", crate::context::BUSYBOX_BANNER)).await;
            return Err(ExitCode::FAILURE);
        }
        Err(text) => {
            let help = "Try 'tar --help' or 'tar --usage' for more information.";
            let old = cx.args.first().is_some_and(|a| !a.starts_with('-')) && text.contains("requires an argument");
            let (text, status) = match text.rsplit_once("-- ").filter(|_| old) {
                Some((_, option)) => (format!("Old option {option} requires an argument."), FATAL),
                None => (text, ExitCode(64)),
            };
            cx.complain(&format!("tar: {text}\n{help}\n")).await;
            return Err(status);
        }
    };
    if parsed.has(HELP_OPTION) {
        cx.put(if cx.is_busybox() { BUSYBOX_USAGE } else { USAGE }.as_bytes()).await;
        return Err(ExitCode::SUCCESS);
    }
    if parsed.has(VERSION_OPTION) {
        cx.line("tar (GNU tar) 1.34").await;
        return Err(ExitCode::SUCCESS);
    }
    let values = |option: char| {
        parsed.options.iter().filter(move |(o, _)| *o == option).filter_map(|(_, v)| v.clone()).collect::<Vec<_>>()
    };
    let (mut names, mut excluded) = (parsed.operands.clone(), values('e'));
    for (option, list) in [('T', &mut names), ('X', &mut excluded)] {
        for path in values(option) {
            match cx.read_all(&path).await {
                Ok(bytes) => list.extend(machine::text::from_bytes(&bytes).lines().map(String::from)),
                Err(error) => {
                    cx.complain(&format!("tar: {path}: Cannot open: {error}\n{GIVES_UP}\n")).await;
                    return Err(FATAL);
                }
            }
        }
    }
    let file = parsed.value('f').unwrap_or("-").to_string();
    let folder = parsed.value('C').map(String::from);
    Ok(Job { parsed, file, folder, excluded, names, failed: false, width: 19, stripped: false })
}

/// What GNU tar says last before it gives up.
const GIVES_UP: &str = "tar: Error is not recoverable: exiting now";

impl Job {
    /// Says what is wrong and goes on.
    async fn trouble(&mut self, cx: &mut Context, text: &str) {
        self.failed = true;
        cx.complain(&format!("tar: {text}\n")).await;
    }

    /// Says what is wrong and gives up.
    async fn fatal<T>(&mut self, cx: &mut Context, text: &str) -> Result<T, ExitCode> {
        if cx.is_busybox() {
            cx.complain(&format!("tar: {text}\n")).await;
            return Err(ExitCode::FAILURE);
        }
        cx.complain(&format!("tar: {text}\n{GIVES_UP}\n")).await;
        Err(FATAL)
    }

    /// A name as it is on the disk.
    fn on_disk(&self, name: &str) -> String {
        match &self.folder {
            Some(folder) if !name.starts_with('/') => format!("{folder}/{name}"),
            _ => name.to_string(),
        }
    }

    /// Whether a name is to be left out: a pattern fits it or a part of it from some `/` on.
    fn is_excluded(&self, name: &str) -> bool {
        let name = name.trim_end_matches('/');
        let starts = std::iter::once(0).chain(name.match_indices('/').map(|(at, _)| at + 1));
        let parts: Vec<&str> = starts.filter_map(|at| name.get(at..)).collect();
        self.excluded.iter().any(|pattern| {
            let pattern = pattern.trim_end_matches('/');
            parts.iter().any(|part| {
                crate::text::glob(pattern, part)
                    || part.match_indices('/').any(|(at, _)| crate::text::glob(pattern, &part[..at]))
            })
        })
    }

    /// Takes leading parts off a name, as many as `--strip-components` says.
    fn shortened(&self, name: &str) -> String {
        let strip: usize = self.parsed.value('S').and_then(|n| n.parse().ok()).unwrap_or(0);
        if strip == 0 {
            return name.to_string();
        }
        name.split('/').filter(|p| !p.is_empty()).skip(strip).collect::<Vec<_>>().join("/")
    }

    /// Takes away what would lead out of the folder, and says so once.
    async fn relative(&mut self, cx: &mut Context, name: &str, what: &str) -> String {
        if self.parsed.has('P') || !name.starts_with('/') {
            return name.to_string();
        }
        if !std::mem::replace(&mut self.stripped, true) {
            let text = if cx.is_busybox() {
                "tar: removing leading '/' from member names\n".to_string()
            } else {
                format!("tar: Removing leading `/' from {what}\n")
            };
            cx.complain(&text).await;
        }
        let rest = name.trim_start_matches('/');
        if rest.is_empty() { "./".to_string() } else { rest.to_string() }
    }

    /// The archive's bytes, unpacked.
    async fn load(&mut self, cx: &mut Context) -> Result<Vec<u8>, ExitCode> {
        if self.file == "-" && cx.sys.isatty(Fd::STDIN) && !cx.is_busybox() {
            let text = "Refusing to read archive contents from terminal (missing -f option?)";
            return self.fatal(cx, text).await;
        }
        let file = self.file.clone();
        let data = match cx.read_all(&file).await {
            Ok(data) => data,
            Err(error) if cx.is_busybox() => return self.fatal(cx, &format!("can't open '{file}': {error}")).await,
            Err(error) => return self.fatal(cx, &format!("{file}: Cannot open: {error}")).await,
        };
        cx.sys.tick(1000 + data.len() as u64).await;
        if !gzip::is_packed(&data) {
            if self.parsed.has('z') && cx.is_busybox() {
                cx.complain("tar: invalid magic\n").await;
                return self.fatal(cx, "short read").await;
            }
            if self.parsed.has('z') && !data.is_empty() {
                cx.complain("\ngzip: stdin: not in gzip format\ntar: Child returned status 1\n").await;
                cx.complain(&format!("{GIVES_UP}\n")).await;
                return Err(FATAL);
            }
            return Ok(data);
        }
        match gzip::unpack(&data) {
            Ok(data) => Ok(data),
            Err(_) => {
                cx.complain("\ngzip: stdin: unexpected end of file\n").await;
                self.fatal(cx, "Child returned status 1").await
            }
        }
    }

    /// Whether the archive goes through gzip.
    fn is_packed(&self) -> bool {
        let by_name = self.parsed.has('a') && (self.file.ends_with(".gz") || self.file.ends_with(".tgz"));
        self.parsed.has('z') || by_name
    }
}

/// A line of a long list.
struct Line<'a> {
    mode: String,
    owner: String,
    group: String,
    size: u64,
    /// Nanoseconds since 1970.
    time: i64,
    name: &'a str,
    link: Option<String>,
}

impl Job {
    /// A member as `-v` or `-vv` shows it.
    fn listed(&mut self, line: &Line, busybox: bool) -> String {
        let format = if busybox { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M" };
        let time = super::date::strftime(format, machine::UnixTime(line.time));
        let owner = format!("{}/{}", line.owner, line.group);
        let size = line.size.to_string();
        let link = line.link.as_deref().unwrap_or("");
        if busybox {
            return format!("{} {owner} {size:>9} {time} {}{link}", line.mode, line.name);
        }
        self.width = self.width.max(owner.len() + 1 + size.len());
        let gap = self.width - owner.len() - size.len();
        format!("{} {owner}{:gap$}{size} {time} {}{link}", line.mode, "", line.name)
    }
}

/// Names of an owner and a group.
fn owners(cx: &Context, attr: &Attr) -> (String, String) {
    let name = |database: &str, id: u32| {
        let read = cx.sys.read_file(database).unwrap_or_default();
        crate::text::name_of(&String::from_utf8_lossy(&read), id).map(String::from).unwrap_or_default()
    };
    (name("/etc/passwd", attr.uid), name("/etc/group", attr.gid))
}
