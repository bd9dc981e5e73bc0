//! A queue of bytes that takes and gives whole chunks without copying where it can.

use std::collections::VecDeque;

/// Chunks shorter than this are joined, so that many small writes do not cost a block each.
const JOIN_BELOW: usize = 4096;

/// Bytes waiting in a socket's buffer.
#[derive(Default)]
pub(crate) struct ByteQueue {
    chunks: VecDeque<Vec<u8>>,
    /// How much of the first chunk is taken already.
    taken: usize,
    len: usize,
}

impl ByteQueue {
    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether none wait.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds bytes at the end.
    pub fn push(&mut self, data: Vec<u8>) {
        if data.is_empty() {
            return;
        }
        self.len += data.len();
        match self.chunks.back_mut() {
            Some(last) if last.len() + data.len() <= JOIN_BELOW => last.extend_from_slice(&data),
            _ => self.chunks.push_back(data),
        }
    }

    /// Moves bytes from the front into `buf`; how many.
    pub fn read(&mut self, buf: &mut [u8]) -> usize {
        let mut done = 0;
        while done < buf.len() {
            let Some(first) = self.chunks.front() else { break };
            let rest = &first[self.taken..];
            let n = rest.len().min(buf.len() - done);
            buf[done..done + n].copy_from_slice(&rest[..n]);
            done += n;
            self.taken += n;
            if self.taken == first.len() {
                self.chunks.pop_front();
                self.taken = 0;
            }
        }
        self.len -= done;
        done
    }

    /// Takes at most `most` bytes from the front.
    pub fn take(&mut self, most: usize) -> Vec<u8> {
        if self.taken == 0 && self.chunks.front().is_some_and(|c| c.len() <= most) {
            let first = self.chunks.pop_front().unwrap_or_default();
            self.len -= first.len();
            return first;
        }
        let mut data = vec![0; most.min(self.len)];
        let n = self.read(&mut data);
        data.truncate(n);
        data
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = ByteQueue::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_as_they_went_in() {
        let mut queue = ByteQueue::default();
        queue.push(b"hello ".to_vec());
        queue.push(vec![b'x'; 5000]);
        queue.push(b"end".to_vec());
        assert_eq!(queue.len(), 5009);
        let mut buf = [0; 4];
        assert_eq!(queue.read(&mut buf), 4);
        assert_eq!(&buf, b"hell");
        assert_eq!(queue.take(2), b"o ");
        assert_eq!(queue.take(6000), vec![b'x'; 5000]);
        assert_eq!(queue.take(10), b"end");
        assert!(queue.is_empty());
        assert_eq!(queue.take(10), b"");
    }
}
