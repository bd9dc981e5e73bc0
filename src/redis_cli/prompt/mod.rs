//! Reading lines from a person or from a file.

mod editor;
mod history;

use machine::{Errno, Fd, Signal, Sys};

use crate::help::Help;
use editor::{Editor, Outcome};
pub use history::History;

/// Terminals that cannot move their cursor.
const PLAIN_TERMINALS: [&str; 3] = ["dumb", "cons25", "emacs"];

/// Reads standard input line by line.
pub struct LineReader {
    sys: Sys,
    /// Standard input is a terminal.
    pub tty: bool,
    plain: bool,
    /// what was read from a file beyond the last line
    ahead: Vec<u8>,
    /// the lines typed before
    pub history: History,
}

impl LineReader {
    /// A reader of this process's standard input.
    pub fn new(sys: &Sys) -> Self {
        let plain = sys.env_var("TERM").is_some_and(|t| PLAIN_TERMINALS.iter().any(|p| t.eq_ignore_ascii_case(p)));
        Self { sys: sys.clone(), tty: sys.isatty(Fd(0)), plain, ahead: Vec::new(), history: History::default() }
    }

    /// The next line; `None` at the end of a file, on Ctrl-C and on Ctrl-D. Everything printed must be flushed.
    pub async fn line(&mut self, prompt: &str, help: Option<&Help>, hints: bool) -> Option<Vec<u8>> {
        if !self.tty {
            return self.plain_line().await;
        }
        if self.plain {
            _ = self.sys.write_all(Fd(1), prompt.as_bytes()).await;
            return self.plain_line().await;
        }
        self.edited(prompt, help, hints, false).await
    }

    /// Like [`LineReader::line`], with stars for what is typed.
    pub async fn password(&mut self, prompt: &str) -> Option<Vec<u8>> {
        if self.tty { self.edited(prompt, None, false, true).await } else { self.plain_line().await }
    }

    async fn plain_line(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(end) = self.ahead.iter().position(|&b| b == b'\n') {
                let rest = self.ahead.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.ahead, rest);
                line.pop();
                return Some(line);
            }
            match self.sys.read_vec(Fd(0), 4096).await {
                Ok(bytes) if !bytes.is_empty() => self.ahead.extend(bytes),
                Err(Errno::EINTR) if self.sys.take_signal() != Some(Signal::INT) => {}
                Err(_) => return None,
                _ => return Some(std::mem::take(&mut self.ahead)).filter(|rest| !rest.is_empty()),
            }
        }
    }

    async fn edited(&mut self, prompt: &str, help: Option<&Help>, hints: bool, mask: bool) -> Option<Vec<u8>> {
        let cooked = self.sys.tcgetattr(Fd(0)).ok()?;
        let mut raw = cooked;
        (raw.icrnl, raw.ixon, raw.opost) = (false, false, false);
        (raw.echo, raw.icanon, raw.iexten, raw.isig) = (false, false, false, false);
        (raw.vmin, raw.vtime) = (1, 0);
        self.sys.tcsetattr(Fd(0), &raw, false).ok()?;
        let columns = self.sys.winsize(Fd(1)).map_or(80, |size| usize::from(size.columns));
        let mut editor =
            Editor::new(prompt.as_bytes(), if columns == 0 { 80 } else { columns }, &mut self.history, help);
        editor.mask = mask;
        let line = Self::keys(&self.sys, editor, hints).await;
        _ = self.sys.tcsetattr(Fd(0), &cooked, false);
        _ = self.sys.write_all(Fd(1), b"\n").await;
        line
    }

    async fn keys(sys: &Sys, mut editor: Editor<'_>, hints: bool) -> Option<Vec<u8>> {
        loop {
            if editor.beeps > 0 {
                _ = sys.write_all(Fd(2), &b"\x07".repeat(std::mem::take(&mut editor.beeps))).await;
            }
            if !editor.out.is_empty() {
                _ = sys.write_all(Fd(1), &std::mem::take(&mut editor.out)).await;
            }
            // One byte at a time: what is typed ahead belongs to whoever reads next.
            let byte = match sys.read_vec(Fd(0), 1).await {
                Ok(bytes) => bytes.first().copied(),
                Err(Errno::EINTR) => {
                    sys.take_signal();
                    continue;
                }
                Err(_) => None,
            };
            let Some(byte) = byte else {
                // The terminal is gone: what was typed counts, once.
                return Some(editor.abandon()).filter(|line| !line.is_empty());
            };
            match editor.key(byte, hints) {
                Outcome::Editing => {}
                Outcome::Line(line) => {
                    _ = sys.write_all(Fd(1), &editor.out).await;
                    return Some(line);
                }
                Outcome::Quit => return None,
            }
        }
    }
}
