//! What goes to the page in one block of bytes: for each record a kind, the terminal's name with its length in a
//! byte, then for output a little-endian u32 length and the bytes, for the other kinds columns and rows as u16.

/// What a record says.
#[derive(Clone, Copy)]
pub enum Change {
    /// A replay opened a terminal.
    Opened(u16, u16),
    /// A replay gave a terminal another size.
    Resized(u16, u16),
    /// A terminal's session ended.
    Closed,
}

/// Records not yet taken.
#[derive(Default)]
pub struct Records(Vec<u8>);

impl Records {
    /// Appends bytes that a terminal shows.
    pub fn output(&mut self, tty: &str, bytes: &[u8]) {
        for part in bytes.chunks(u32::MAX as usize) {
            self.head(0, tty);
            self.0.extend_from_slice(&(part.len() as u32).to_le_bytes());
            self.0.extend_from_slice(part);
        }
    }

    /// Appends a change of a terminal.
    pub fn change(&mut self, tty: &str, change: Change) {
        let (kind, cols, rows) = match change {
            Change::Opened(cols, rows) => (1, cols, rows),
            Change::Resized(cols, rows) => (2, cols, rows),
            Change::Closed => (3, 0, 0),
        };
        self.head(kind, tty);
        self.0.extend_from_slice(&cols.to_le_bytes());
        self.0.extend_from_slice(&rows.to_le_bytes());
    }

    fn head(&mut self, kind: u8, tty: &str) {
        let name = &tty.as_bytes()[..tty.len().min(255)];
        self.0.extend_from_slice(&[kind, name.len() as u8]);
        self.0.extend_from_slice(name);
    }

    /// Takes what stands there.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_lie_back_to_back() {
        let mut records = Records::default();
        records.output("1", b"hi");
        records.change("2", Change::Resized(120, 30));
        assert_eq!(records.take(), b"\0\x011\x02\0\0\0hi\x02\x012\x78\0\x1e\0");
        assert!(records.take().is_empty());
    }
}
