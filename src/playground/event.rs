//! What comes into a world.

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A terminal is opened, with a login shell of root on it.
    OpenTty {
        /// Its name; any.
        tty: String,
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// A terminal is closed: its session hears `SIGHUP`.
    CloseTty {
        /// Its name.
        tty: String,
    },
    /// Keys are typed.
    Keys {
        /// The terminal.
        tty: String,
        /// What it sends.
        bytes: Vec<u8>,
    },
    /// A terminal's window changes its size.
    Resize {
        /// The terminal.
        tty: String,
        /// Columns.
        cols: u16,
        /// Rows.
        rows: u16,
    },
    /// A file of the host is written in the page.
    WriteFile {
        /// Absolute path; missing folders are made.
        path: String,
        /// Its new content.
        data: Vec<u8>,
    },
}

/// An input and when it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// The clock when it came, in nanoseconds since boot. The machine stops at one point of its history for any
    /// value of its clock, so running to this instant and giving the input again does the same.
    pub at_ns: u64,
    /// What came.
    pub event: Event,
}
