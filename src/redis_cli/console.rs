//! Standard output and standard error, buffered as C's stdio buffers them.

use machine::{Fd, Sys};

/// How much C's stdio keeps back when standard output is no terminal.
const BUFFER: usize = 4096;

/// The program ends, with this status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub u8);

/// What may end the program.
pub type Run<T> = Result<T, Exit>;

/// Where text goes. Printing never waits: `settle` and `flush` do.
pub struct Console {
    sys: Sys,
    buffer: Vec<u8>,
    /// Standard output is a terminal.
    pub tty: bool,
}

impl Console {
    /// The console of a process.
    pub fn new(sys: &Sys) -> Self {
        Self { sys: sys.clone(), buffer: Vec::new(), tty: sys.isatty(Fd(1)) }
    }

    /// Puts bytes into the buffer.
    pub fn print(&mut self, text: impl AsRef<[u8]>) {
        self.buffer.extend_from_slice(text.as_ref());
    }

    /// To be called before waiting for anything: a terminal sees the text now, a pipe when there is a bufferful.
    pub async fn settle(&mut self) {
        if self.tty || self.buffer.len() >= BUFFER {
            self.flush().await;
        }
    }

    /// C's `fflush(stdout)`.
    pub async fn flush(&mut self) {
        let text = std::mem::take(&mut self.buffer);
        if !text.is_empty() {
            // Who reads no more gets SIGPIPE to us; any other failure has no place to be told.
            _ = self.sys.write_all(Fd(1), &text).await;
        }
    }

    /// Writes to standard error at once.
    pub async fn error(&mut self, text: impl AsRef<[u8]>) {
        self.settle().await;
        _ = self.sys.write_all(Fd(2), text.as_ref()).await;
    }

    /// Says why and ends the program with status 1.
    pub async fn fail<T>(&mut self, text: impl AsRef<[u8]>) -> Run<T> {
        self.error(text).await;
        Err(Exit(1))
    }
}
