//! What of the append only file is on the disk for certain: `appendfsync`, and what WAITAOF waits for.
//!
//! A file of the machine is safe as soon as it is written; when Redis would say so is kept.

use super::aof::{Aof, State};
use crate::config;
use crate::server::Server;

/// With `everysec`, as many milliseconds lie between two calls of fsync.
const PAUSE: i64 = 1000;

/// How far the file is on the disk.
#[derive(Clone, Debug, Default)]
pub(super) struct Sync {
    /// Whether there was anything to be sure of since appending began. Not in [`State::Waiting`].
    begun: bool,
    /// Up to which offset of replication.
    offset: i64,
    /// Bytes appended so far, and how many of them are on the disk.
    written: u64,
    synced: u64,
    /// When fsync was called last, in milliseconds.
    last: i64,
}

impl Sync {
    /// Appending begins at this offset.
    pub(super) fn begin(offset: i64) -> Sync {
        Sync { begun: true, offset, ..Sync::default() }
    }

    /// So many bytes more were appended.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.written += bytes as u64;
    }
}

impl Aof {
    /// The offset of replication up to which all is on the disk for certain. `None` where nothing is appended.
    pub(crate) fn synced(&self) -> Option<i64> {
        match self.state {
            State::Off => None,
            State::Waiting => Some(0),
            State::On => Some(if self.sync.begun { self.sync.offset } else { 0 }),
        }
    }
}

impl Server {
    /// Calls fsync, if that is due.
    pub(super) fn sync_aof(&mut self) {
        let (now, offset) = (self.now_ms, self.repl.offset);
        let policy = self.config.word(config::APPENDFSYNC);
        let aof = &mut self.persist.aof;
        if aof.state != State::On || !aof.buffer.is_empty() {
            return;
        }
        let sync = &mut aof.sync;
        if sync.written != sync.synced {
            let due = match policy {
                "always" => true,
                "everysec" => now - sync.last >= PAUSE,
                _ => false,
            };
            if !due {
                return;
            }
            (sync.synced, sync.last) = (sync.written, now);
        }
        sync.begun = true;
        sync.offset = offset;
    }

    /// Whether all up to an offset is on the disk for certain.
    pub(crate) fn is_synced(&self, offset: i64) -> bool {
        self.persist.aof.synced().is_some_and(|synced| synced >= offset)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    /// What somebody hears who writes and then waits, and how many milliseconds later.
    fn waits(bench: &mut Bench, request: &str) -> (String, i64) {
        let client = bench.connect();
        bench.ask(client, &["SET", "a", "b"]);
        let words: Vec<&str> = request.split(' ').collect();
        let mut heard = bench.ask(client, &words);
        for passed in 0..30 {
            if !heard.is_empty() {
                return (heard, passed * 100);
            }
            bench.pass(100);
            bench.server.tick();
            bench.server.take_ready();
            let bytes = bench.server.take_output(client);
            heard = String::from_utf8_lossy(&bytes).into_owned();
        }
        (heard, i64::MAX)
    }

    const YES: &str = "*2\r\n:1\r\n:0\r\n";
    const NO: &str = "*2\r\n:0\r\n:0\r\n";

    #[test]
    fn what_is_appended_is_on_the_disk_after_a_second() {
        let mut bench = Bench::start("appendonly yes\n");
        bench.pass(1000);
        assert_eq!(waits(&mut bench, "WAITAOF 1 0 0"), (YES.to_owned(), 0), "the last fsync was long ago");
        assert_eq!(waits(&mut bench, "WAITAOF 1 0 0"), (YES.to_owned(), 1000));
        assert_eq!(waits(&mut bench, "WAITAOF 1 0 300"), (NO.to_owned(), 300));
        assert_eq!(waits(&mut bench, "WAITAOF 0 0 0"), (NO.to_owned(), 0));
    }

    #[test]
    fn appendfsync_decides() {
        let mut bench = Bench::start("appendonly yes\nappendfsync always\n");
        assert_eq!(waits(&mut bench, "WAITAOF 1 0 0"), (YES.to_owned(), 0));
        assert_eq!(waits(&mut bench, "WAITAOF 1 0 0"), (YES.to_owned(), 0));
        bench.run("CONFIG SET appendfsync no");
        bench.pass(2000);
        assert_eq!(waits(&mut bench, "WAITAOF 1 0 500"), (NO.to_owned(), 500));
    }

    #[test]
    fn who_waits_hears_that_appending_is_over() {
        let mut bench = Bench::start("appendonly yes\nappendfsync no\n");
        let client = bench.connect();
        bench.ask(client, &["SET", "a", "b"]);
        assert_eq!(bench.ask(client, &["WAITAOF", "1", "0", "0"]), "");
        bench.run("CONFIG SET appendonly no");
        bench.pass(100);
        bench.server.tick();
        let bytes = bench.server.take_output(client);
        let text = "-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.\r\n";
        assert_eq!(String::from_utf8_lossy(&bytes), text);
    }

    #[test]
    fn who_waits_hears_that_the_server_follows_another_now() {
        let mut bench = Bench::start("appendonly yes\nappendfsync no\n");
        let client = bench.connect();
        bench.ask(client, &["SET", "a", "b"]);
        assert_eq!(bench.ask(client, &["WAITAOF", "1", "0", "0"]), "");
        bench.run("REPLICAOF 127.0.0.1 1");
        let bytes = bench.server.take_output(client);
        assert!(bytes.starts_with(b"-UNBLOCKED force unblock"), "{}", bytes.escape_ascii());
    }
}
