//! Bytes that wait to be sent. What was sent is taken off the front now and then, not each time: a reader who takes
//! a long reply in small pieces would have the rest moved for every one of them.

/// Sent bytes up to this many are not worth moving the rest.
const FEW: usize = 16 * 1024;

/// Notes that `n` more bytes of a buffer were sent, of which `sent` were before.
pub(crate) fn drop_sent(bytes: &mut Vec<u8>, sent: &mut usize, n: usize) {
    *sent = bytes.len().min(*sent + n);
    if *sent == bytes.len() {
        bytes.clear();
        *sent = 0;
    } else if *sent >= FEW && *sent >= bytes.len() / 2 {
        bytes.drain(..*sent);
        *sent = 0;
    }
}

/// A buffer and how much of it was sent.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    sent: usize,
}

impl Outbox {
    /// What waits.
    pub fn waiting(&self) -> &[u8] {
        self.bytes.get(self.sent..).unwrap_or_default()
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.waiting().len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Where bytes are to be added.
    pub fn end(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// So many bytes were sent.
    pub fn sent(&mut self, n: usize) {
        drop_sent(&mut self.bytes, &mut self.sent, n);
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        *self = Outbox::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_any_size_give_the_whole() {
        let all: Vec<u8> = (0..1_000_000u32).map(|n| (n % 251) as u8).collect();
        for piece in [1000, 7777, 600_000] {
            let (mut out, mut got) = (Outbox::default(), Vec::new());
            for part in all.chunks(300_000) {
                out.push(part);
                let n = out.len().min(piece);
                got.extend_from_slice(&out.waiting()[..n]);
                out.sent(n);
            }
            while !out.is_empty() {
                let n = out.len().min(piece);
                got.extend_from_slice(&out.waiting()[..n]);
                out.sent(n);
            }
            assert!(got == all);
        }
    }

    #[test]
    fn a_long_reply_in_small_pieces_is_moved_a_few_times_only() {
        let mut out = Outbox::default();
        out.push(&vec![0; 10_000_000]);
        let mut moved = 0;
        while !out.is_empty() {
            let before = out.bytes.len();
            out.sent(1000);
            moved += if out.bytes.len() < before { out.bytes.len() } else { 0 };
        }
        assert!(moved < 10_000_000, "{moved}");
    }
}
