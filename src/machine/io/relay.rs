//! Who waits to read from what, and what is relayed to where: so that somebody outside can tell whether a
//! terminal waits for input, be it through `docker exec -it`'s connection and pseudo-terminal.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use super::{Description, FileRef};
use crate::process::Pid;

/// One direction of one byte stream: who reads here gets what somebody else wrote.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct StreamId(pub usize);

/// The book of waiting readers and running relays.
#[derive(Default)]
pub struct Relays {
    inner: Rc<RefCell<Inner>>,
}

#[derive(Default)]
struct Inner {
    next: u64,
    /// Processes that wait to read, by entry.
    readers: BTreeMap<u64, (StreamId, Pid)>,
    /// Running relays: from, to.
    links: BTreeMap<u64, (StreamId, StreamId)>,
}

/// Entries of the book; dropping them takes them out.
pub struct Readers {
    book: Weak<RefCell<Inner>>,
    entries: Vec<u64>,
}

impl Drop for Readers {
    fn drop(&mut self) {
        if let Some(book) = self.book.upgrade() {
            let mut book = book.borrow_mut();
            for entry in &self.entries {
                book.readers.remove(entry);
                book.links.remove(entry);
            }
        }
    }
}

impl Relays {
    /// Notes that `pid` waits to read from `files`.
    pub(crate) fn readers<'a>(&self, pid: Pid, files: impl Iterator<Item = &'a Rc<Description>>) -> Readers {
        let mut inner = self.inner.borrow_mut();
        let mut entries = Vec::new();
        for stream in files.filter_map(|d| read_side(d)) {
            inner.next += 1;
            let entry = inner.next;
            inner.readers.insert(entry, (stream, pid));
            entries.push(entry);
        }
        Readers { book: Rc::downgrade(&self.inner), entries }
    }

    /// Notes that what is read from `from` goes to `to`.
    pub(crate) fn link(&self, from: &Rc<Description>, to: &Rc<Description>) -> Readers {
        let mut entries = Vec::new();
        if let (Some(from), Some(to)) = (read_side(from), write_side(to)) {
            let mut inner = self.inner.borrow_mut();
            inner.next += 1;
            let entry = inner.next;
            inner.links.insert(entry, (from, to));
            entries.push(entry);
        }
        Readers { book: Rc::downgrade(&self.inner), entries }
    }

    /// The processes that wait to read what is written into `stream`, directly or behind relays.
    pub(crate) fn waiting(&self, stream: StreamId) -> Vec<(StreamId, Pid)> {
        let inner = self.inner.borrow();
        let (mut found, mut at) = (Vec::new(), vec![stream]);
        let mut seen = Vec::new();
        while let Some(stream) = at.pop() {
            if seen.contains(&stream) {
                continue;
            }
            seen.push(stream);
            found.extend(inner.readers.values().filter(|(s, _)| *s == stream).copied());
            at.extend(inner.links.values().filter(|(from, _)| *from == stream).map(|(_, to)| *to));
        }
        found
    }
}

/// The stream that reads from this description come from.
pub(crate) fn read_side(description: &Description) -> Option<StreamId> {
    match description.file.kind() {
        FileRef::Tty(tty) => Some(StreamId(Rc::as_ptr(tty).addr())),
        FileRef::Pipe(pipe) => Some(StreamId(Rc::as_ptr(pipe).addr())),
        FileRef::Socket(socket) => socket.read_stream(),
        FileRef::PtyMaster(_) | FileRef::Other => None,
    }
}

/// The stream that writes to this description go into.
fn write_side(description: &Description) -> Option<StreamId> {
    match description.file.kind() {
        FileRef::PtyMaster(tty) => Some(StreamId(Rc::as_ptr(tty).addr())),
        FileRef::Pipe(pipe) => Some(StreamId(Rc::as_ptr(pipe).addr())),
        FileRef::Socket(socket) => socket.write_stream(),
        FileRef::Tty(_) | FileRef::Other => None,
    }
}
