//! What every utility works with: its arguments, buffered output, error messages in its name.

use std::fmt::Display;

use machine::{Errno, ExitCode, Fd, Sys, SysResult};

use crate::options::{HELP_OPTION, Parsed, Spec, VERSION_OPTION, parse};

/// Output is passed on in pieces of this size.
const BUFFER: usize = 8192;

/// The first line of BusyBox's help texts.
pub const BUSYBOX_BANNER: &str = "BusyBox v1.37.0 (2025-12-16 14:19:28 UTC) multi-call binary.";

/// In whose manners a utility speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavour {
    /// GNU coreutils 9.1 and the other packages of Debian 12.
    Gnu,
    /// BusyBox 1.37.
    Busybox,
}

/// A running utility.
pub struct Context {
    /// The machine.
    pub sys: Sys,
    /// The name that messages begin with.
    pub name: String,
    /// Arguments, without the name.
    pub args: Vec<String>,
    /// The manners.
    pub flavour: Flavour,
    out: Vec<u8>,
    failed: bool,
}

impl Context {
    /// A utility called `name`.
    pub fn new(sys: Sys, name: &str, args: Vec<String>, flavour: Flavour) -> Context {
        Context { sys, name: name.to_string(), args, flavour, out: Vec::new(), failed: false }
    }

    /// Whether it speaks as BusyBox.
    pub fn is_busybox(&self) -> bool {
        self.flavour == Flavour::Busybox
    }

    /// Writes to standard output, buffered. Where the reader is gone, `SIGPIPE` ends the process in here.
    pub async fn put(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
        if self.out.len() >= BUFFER {
            self.flush().await;
        }
    }

    /// Writes text (with the bytes it stands for) and a newline.
    pub async fn line(&mut self, text: &str) {
        self.put(&machine::text::to_bytes(text)).await;
        self.put(b"\n").await;
    }

    /// Passes on what is buffered. Where it cannot be written the utility says so and ends: there is nothing left to
    /// work for.
    pub async fn flush(&mut self) {
        let out = std::mem::take(&mut self.out);
        if !out.is_empty()
            && let Err(error) = self.sys.write_all(Fd::STDOUT, &out).await
        {
            let text = format!("{}: write error: {error}\n", self.name);
            let _ = self.sys.write_all(Fd::STDERR, text.as_bytes()).await;
            self.sys.exit(ExitCode::FAILURE).await;
        }
    }

    /// Says `name: text` on standard error and makes the exit status 1.
    pub async fn error(&mut self, text: impl Display) {
        self.failed = true;
        let text = format!("{}: {text}\n", self.name);
        self.complain(&text).await;
    }

    /// Makes the exit status 1 without a word.
    pub fn fail(&mut self) {
        self.failed = true;
    }

    /// Writes to standard error as it is, behind what was put out before.
    pub async fn complain(&mut self, text: &str) {
        self.flush().await;
        let _ = self.sys.write_all(Fd::STDERR, &machine::text::to_bytes(text)).await;
    }

    /// Says what is wrong with the command line.
    pub async fn usage_error(&mut self, text: &str) -> ExitCode {
        let name = self.name.clone();
        self.complain(&format!("{name}: {text}\nTry '{name} --help' for more information.\n")).await;
        ExitCode::FAILURE
    }

    /// Reads the options; `Err` is the status to end with, after everything was said. `usage` is what `--help` shows.
    pub async fn options(&mut self, spec: &Spec, usage: &str) -> Result<Parsed, ExitCode> {
        let parsed = match parse(spec, &self.args) {
            Ok(parsed) => parsed,
            Err(error) if self.is_busybox() => {
                let name = self.name.clone();
                let banner = BUSYBOX_BANNER;
                self.complain(&format!("{name}: {error}\n{banner}\n\n{usage}")).await;
                return Err(ExitCode::FAILURE);
            }
            Err(error) => return Err(self.usage_error(&error).await),
        };
        if parsed.has(HELP_OPTION) {
            self.put(usage.as_bytes()).await;
            if !self.is_busybox() {
                let name = &self.name;
                let help = format!(
                    "\nGNU coreutils online help: <https://www.gnu.org/software/coreutils/>\n\
                     Report any translation bugs to <https://translationproject.org/team/>\n\
                     Full documentation <https://www.gnu.org/software/coreutils/{name}>\n\
                     or available locally via: info '(coreutils) {name} invocation'\n"
                );
                self.put(help.as_bytes()).await;
            }
            return Err(ExitCode::SUCCESS);
        }
        if parsed.has(VERSION_OPTION) {
            let line = format!("{} (GNU coreutils) 9.1", self.name);
            self.line(&line).await;
            return Err(ExitCode::SUCCESS);
        }
        Ok(parsed)
    }

    /// Whether messages use the characters of UTF-8 locales (`LC_ALL`, `LC_CTYPE`, `LANG`).
    pub fn is_utf8(&self) -> bool {
        let set = |name: &str| self.sys.env_var(name).filter(|value| !value.is_empty());
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        locale.ends_with("utf-8") || locale.ends_with("utf8")
    }

    /// A word as the locale quotes it (gnulib's `quote`): `‘word’`, or `'word'` in the C locale.
    pub fn quote(&self, word: &str) -> String {
        if self.is_utf8() { format!("‘{word}’") } else { format!("'{word}'") }
    }

    /// Opens an operand for reading; `-` is standard input.
    pub async fn open(&self, path: &str) -> SysResult<Fd> {
        if path == "-" {
            return Ok(Fd::STDIN);
        }
        self.sys.open(path, machine::fs::OpenFlags::READ.cloexec(), 0).await
    }

    /// Closes what [`Context::open`] gave.
    pub fn close(&self, fd: Fd) {
        if fd != Fd::STDIN {
            let _ = self.sys.close(fd);
        }
    }

    /// Reads an operand whole, up to 64 MiB; a directory gives `EISDIR`.
    pub async fn read_all(&self, path: &str) -> SysResult<Vec<u8>> {
        let fd = self.open(path).await?;
        let result = match self.sys.fstat(fd) {
            Ok(attr) if attr.is_dir() => Err(Errno::EISDIR),
            _ => self.read_to_end(fd).await,
        };
        self.close(fd);
        result
    }

    /// Reads a descriptor to its end, up to 64 MiB (`EFBIG` beyond); what is held counts as the process's memory.
    pub async fn read_to_end(&self, fd: Fd) -> SysResult<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            let chunk = self.sys.read_vec(fd, 64 << 10).await?;
            if chunk.is_empty() {
                return Ok(all);
            }
            if all.len() + chunk.len() > 64 << 20 {
                return Err(Errno::EFBIG);
            }
            let before = all.len() >> 20;
            all.extend_from_slice(&chunk);
            if all.len() >> 20 != before {
                self.sys.set_memory(all.len() as u64)?;
            }
        }
    }

    /// 1 after an error, else 0.
    pub fn status(&self) -> ExitCode {
        if self.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}
