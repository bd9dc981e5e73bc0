//! Standard streams of a process in a container: copied to the log and to all who are attached.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use docker_api::stdcopy::{self, Stream};
use machine::{Fd, Sys, WaitQueue};

use super::log::Logger;
use crate::http::Hijacked;

/// Read from a stream at once.
const CHUNK: usize = 32 * 1024;
/// A client that is further behind than this holds up the process, as a full pipe would.
const BEHIND: usize = 1024 * 1024;

/// The daemon's ends of the streams of one process.
#[derive(Default)]
pub struct Streams {
    /// Where input goes; a duplicate of the master for a terminal.
    pub stdin: Cell<Option<Fd>>,
    /// The terminal's master side.
    pub master: Cell<Option<Fd>>,
    followers: RefCell<Vec<Weak<Follower>>>,
    open: Cell<usize>,
    /// Whether the process was started: before that nobody sees the end of the streams.
    ended: Cell<bool>,
    /// Woken when all output was read.
    pub over: WaitQueue,
    /// Woken when the input is there.
    ready: WaitQueue,
}

/// One attached client.
pub struct Follower {
    stdout: bool,
    stderr: bool,
    queue: RefCell<VecDeque<(Stream, Vec<u8>)>>,
    size: Cell<usize>,
    done: Cell<bool>,
    more: WaitQueue,
    less: WaitQueue,
}

impl Streams {
    /// Begins to copy output from `fd`, in a thread of its own.
    pub fn pump(self: &Rc<Self>, sys: &Sys, fd: Fd, stream: Stream, log: Option<Rc<Logger>>) {
        self.open.set(self.open.get() + 1);
        let (streams, own) = (self.clone(), sys.clone());
        sys.thread(async move {
            while let Ok(data) = own.read_vec(fd, CHUNK).await {
                if data.is_empty() {
                    break;
                }
                if let Some(log) = &log {
                    log.write(&own, stream, &data).await;
                }
                streams.tell(&own, stream, data).await;
            }
            if let Some(log) = &log {
                log.flush(&own, stream).await;
            }
            let _ = own.close(fd);
            streams.open.set(streams.open.get() - 1);
            if streams.open.get() == 0 {
                streams.end();
            }
        });
    }

    /// All output was read, or there will be none.
    pub fn end(&self) {
        self.ended.set(true);
        for follower in self.followers.borrow().iter().filter_map(Weak::upgrade) {
            follower.done.set(true);
            follower.more.wake();
        }
        self.over.wake();
        self.ready.wake();
    }

    /// The input of the process that has just been started.
    pub fn connect_stdin(&self, fd: Fd) {
        self.stdin.set(Some(fd));
        self.ready.wake();
    }

    /// The input, once there is one; `None` if the process ends without.
    async fn input(&self, sys: &Sys) -> Option<Fd> {
        loop {
            if let Some(fd) = self.stdin.get() {
                return Some(fd);
            }
            if self.ended.get() || sys.wait_on(&self.ready).await.is_err() {
                return None;
            }
        }
    }

    /// Waits until all output was read.
    pub async fn drained(&self, sys: &Sys) {
        while self.open.get() > 0 {
            if sys.wait_on(&self.over).await.is_err() {
                return;
            }
        }
    }

    /// Closes the input.
    pub fn close_stdin(&self, sys: &Sys) {
        if let Some(fd) = self.stdin.take() {
            let _ = sys.close(fd);
        }
    }

    async fn tell(&self, sys: &Sys, stream: Stream, data: Vec<u8>) {
        let followers: Vec<Rc<Follower>> = {
            let mut all = self.followers.borrow_mut();
            all.retain(|f| f.strong_count() > 0);
            all.iter().filter_map(Weak::upgrade).collect()
        };
        for follower in followers {
            let wanted = if stream == Stream::Stderr { follower.stderr } else { follower.stdout };
            if !wanted {
                continue;
            }
            while follower.size.get() > BEHIND && Rc::strong_count(&follower) > 1 {
                if sys.wait_on(&follower.less).await.is_err() {
                    break;
                }
            }
            follower.size.set(follower.size.get() + data.len());
            follower.queue.borrow_mut().push_back((stream, data.clone()));
            follower.more.wake();
        }
    }

    /// Attaches to the output from now on.
    pub fn follow(&self, stdout: bool, stderr: bool) -> Rc<Follower> {
        let follower = Rc::new(Follower {
            stdout,
            stderr,
            queue: RefCell::default(),
            size: Cell::default(),
            done: Cell::new(self.ended.get()),
            more: WaitQueue::new(),
            less: WaitQueue::new(),
        });
        self.followers.borrow_mut().push(Rc::downgrade(&follower));
        follower
    }
}

impl Follower {
    /// The next piece of output; `None` at the end.
    pub async fn next(&self, sys: &Sys) -> Option<(Stream, Vec<u8>)> {
        loop {
            if let Some((stream, data)) = self.queue.borrow_mut().pop_front() {
                self.size.set(self.size.get() - data.len());
                self.less.wake();
                return Some((stream, data));
            }
            if self.done.get() || sys.wait_on(&self.more).await.is_err() {
                return None;
            }
        }
    }

    /// What came so far.
    pub fn collected(&self) -> Vec<u8> {
        self.queue.borrow_mut().drain(..).flat_map(|(_, data)| data).collect()
    }

    /// Ends the following, though more output may come.
    pub fn cut(&self) {
        self.done.set(true);
        self.more.wake();
    }

    /// Writes the output to a connection until it ends or the client is gone.
    pub async fn copy_to(&self, sys: &Sys, fd: Fd, tty: bool) {
        while let Some((stream, data)) = self.next(sys).await {
            let data = if tty { data } else { stdcopy::encode(stream, &data) };
            if sys.write_all(fd, &data).await.is_err() {
                break;
            }
        }
    }
}

/// How a client attaches.
pub struct Attach {
    /// It sends input.
    pub stdin: bool,
    /// Keys that detach.
    pub detach_keys: Vec<u8>,
    /// The stream is not framed.
    pub tty: bool,
    /// Its end of input is the process's.
    pub close_stdin: bool,
}

/// Connects a client with a process: input one way, output the other, until the output ends or the client detaches.
pub async fn attach(sys: &Sys, client: Hijacked, streams: &Rc<Streams>, follower: Rc<Follower>, how: Attach) {
    let fd = client.fd;
    let reader = how.stdin.then(|| {
        let (own, streams, follower) = (sys.clone(), streams.clone(), follower.clone());
        let mut keys = Detach::new(how.detach_keys);
        let close = how.close_stdin;
        sys.thread(async move {
            let Some(to) = streams.input(&own).await else { return };
            let early = keys.filter(&client.early);
            if let Some(early) = &early {
                let _ = own.write_all(to, early).await;
            }
            if early.is_some() {
                let _ = own.relay(fd, to, |data| keys.filter(data)).await;
            }
            // On a terminal the end of a client's input is only its own leaving.
            if keys.detached || how.tty {
                follower.cut();
            } else if close && streams.stdin.get() == Some(to) {
                streams.close_stdin(&own);
            }
        })
    });
    follower.copy_to(sys, fd, how.tty).await;
    if let Some(reader) = reader {
        sys.cancel_thread(reader);
    }
}

/// Looks for the detach keys in the input.
struct Detach {
    keys: Vec<u8>,
    held: usize,
    detached: bool,
}

impl Detach {
    fn new(keys: Vec<u8>) -> Detach {
        Detach { keys, held: 0, detached: false }
    }

    /// What is passed on; `None` when the keys came.
    fn filter(&mut self, data: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(data.len());
        for &byte in data {
            if self.keys.get(self.held) == Some(&byte) {
                self.held += 1;
                if self.held == self.keys.len() {
                    self.detached = true;
                    return None;
                }
                continue;
            }
            out.extend_from_slice(&self.keys[..self.held]);
            self.held = usize::from(self.keys.first() == Some(&byte));
            if self.held == 0 {
                out.push(byte);
            }
        }
        Some(out)
    }
}

/// `ctrl-p,ctrl-q` as bytes; the error is the daemon's.
pub fn parse_keys(text: &str) -> Result<Vec<u8>, String> {
    let key = |part: &str| -> Result<u8, String> {
        let unknown = || format!("Unknown character: '{part}'");
        match part.strip_prefix("ctrl-") {
            Some(name) => match name.as_bytes() {
                [c @ b'a'..=b'z'] => Ok(c - b'a' + 1),
                [b'@'] => Ok(0),
                [c @ b'['..=b'_'] => Ok(c - b'@'),
                _ => Err(unknown()),
            },
            None => match part.as_bytes() {
                [c] => Ok(*c),
                _ => Err(unknown()),
            },
        }
    };
    if text.is_empty() {
        return Ok(vec![16, 17]);
    }
    text.split(',').map(key).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detach_keys_are_found_across_reads() {
        let mut keys = Detach::new(parse_keys("").unwrap());
        assert_eq!(keys.filter(b"ab\x10"), Some(b"ab".to_vec()));
        assert_eq!(keys.filter(b"c"), Some(b"\x10c".to_vec()));
        assert_eq!(keys.filter(b"\x10\x10"), Some(b"\x10".to_vec()));
        assert_eq!(keys.filter(b"\x11"), None);
        assert!(keys.detached);
    }

    #[test]
    fn keys_are_read() {
        assert_eq!(parse_keys("ctrl-a,x"), Ok(vec![1, b'x']));
        assert_eq!(parse_keys("ctrl-[").unwrap(), vec![27]);
        assert!(parse_keys("ctrl-aa").is_err());
    }
}
