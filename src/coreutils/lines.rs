//! Input line by line, as it comes.

use machine::{Errno, Fd, SysResult};

use crate::context::Context;

/// How much is read at once.
const CHUNK: usize = 32 * 1024;
/// A line of more bytes than this is `ENOMEM`: nothing but endless input without a newline has one.
const LONGEST: usize = 64 << 20;

/// Reads a descriptor in lines.
pub struct Lines {
    fd: Fd,
    separator: u8,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Lines {
    /// Lines of `fd`.
    pub fn new(fd: Fd) -> Lines {
        Lines::separated(fd, b'\n')
    }

    /// Records that end in another byte.
    pub fn separated(fd: Fd, separator: u8) -> Lines {
        Lines { fd, separator, buffer: Vec::new(), at: 0, ended: false }
    }

    /// The next line with its newline, which the last one may lack. What `cx` has put out is passed on before it
    /// waits for more.
    pub async fn next(&mut self, cx: &mut Context) -> SysResult<Option<Vec<u8>>> {
        let mut searched = self.at;
        loop {
            if let Some(length) = self.buffer[searched..].iter().position(|b| *b == self.separator) {
                let end = searched + length + 1;
                let line = self.buffer[self.at..end].to_vec();
                self.at = end;
                return Ok(Some(line));
            }
            if self.ended {
                let rest = self.buffer.split_off(self.at);
                self.buffer.clear();
                self.at = 0;
                return Ok((!rest.is_empty()).then_some(rest));
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            searched = self.buffer.len();
            cx.flush().await;
            let more = cx.sys.read_vec(self.fd, CHUNK).await?;
            self.ended = more.is_empty();
            if self.buffer.len() + more.len() > LONGEST {
                return Err(Errno::ENOMEM);
            }
            self.buffer.extend_from_slice(&more);
        }
    }
}

/// A line without its newline.
pub fn chomp(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}
