//! The files that sed reads, one after the other.

use machine::Fd;

use crate::context::Context;
use crate::lines::Lines;

/// The files to read, one after the other.
pub struct Input {
    pub(super) files: Vec<String>,
    pub(super) next_file: usize,
    pub(super) lines: Option<(Fd, Lines)>,
    /// The line ahead, to know which is the last.
    pub(super) ahead: Option<Vec<u8>>,
    pub(super) separate: bool,
    pub(super) separator: u8,
    pub(super) failed: bool,
}

impl Input {
    pub async fn read(&mut self, cx: &mut Context) -> Option<Vec<u8>> {
        loop {
            if self.lines.is_none() {
                let path = self.files.get(self.next_file)?.clone();
                self.next_file += 1;
                let opened = match cx.open(&path).await {
                    Ok(fd) if cx.sys.fstat(fd).is_ok_and(|a| a.is_dir()) => {
                        cx.close(fd);
                        self.failed = true;
                        cx.error(format_args!("couldn't read {path}: Is a directory")).await;
                        continue;
                    }
                    opened => opened,
                };
                match opened {
                    Ok(fd) => self.lines = Some((fd, Lines::separated(fd, self.separator))),
                    Err(error) => {
                        self.failed = true;
                        cx.error(format_args!("can't read {path}: {error}")).await;
                        continue;
                    }
                }
            }
            let Some((fd, lines)) = &mut self.lines else { continue };
            match lines.next(cx).await {
                Ok(Some(line)) => return Some(line),
                Ok(None) | Err(_) => {
                    cx.close(*fd);
                    self.lines = None;
                    if self.separate {
                        return None;
                    }
                }
            }
        }
    }

    /// The next line and whether it is the last.
    pub async fn take(&mut self, cx: &mut Context) -> Option<(Vec<u8>, bool)> {
        let line = match self.ahead.take() {
            Some(line) => line,
            None => self.read(cx).await?,
        };
        self.ahead = self.read(cx).await;
        Some((line, self.ahead.is_none()))
    }
}
