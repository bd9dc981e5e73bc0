//! What a client costs in memory, modelled after Redis's own buffers; and ending the connections of
//! those that cost most when all together cost more than `maxmemory-clients`.

use super::client::Role;
use super::{Client, Level, Server};
use crate::config;

/// The first part of the output of a client: a buffer of its own.
pub const REPLY_BUFFER: usize = 16 * 1024;
/// As small as that buffer becomes when a client is idle.
const SMALL_REPLY_BUFFER: usize = 1024;
/// The buffer that all clients read into while their requests are whole.
const SHARED_QUERY: usize = 20_474;
/// The client itself.
const CLIENT: usize = 1280;
/// Beside the bytes of each block of output that did not fit into the buffer.
const BLOCK: usize = 48;
/// A watched key, a channel or a pattern, a queued command, a prefix.
const WATCHED: usize = 72;
const CHANNEL: usize = 48;
const QUEUED: usize = 88;
const PREFIX: usize = 96;
/// Clients below this size (a power of two) are not told apart when some have to go.
const SMALLEST_CLASS: u32 = 15;
/// `maxmemory-clients` given as a percentage is never less than this.
const SMALLEST_LIMIT: usize = 128 * 1024;

/// Output that waits for a client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Bytes in the client's buffer.
    pub buffered: usize,
    /// Blocks beyond it.
    pub blocks: usize,
    /// Bytes of those.
    pub memory: usize,
}

impl Client {
    /// Length of the query buffer, and what is free in it.
    pub fn query_buffer(&self) -> (usize, usize) {
        let read = self.query.len() + self.reading;
        let before = self.parser.before_large_argument();
        if before > 0 {
            // A large argument gets a buffer of its own at once.
            return (read.saturating_sub(before), self.parser.wanted(read));
        }
        let len = read;
        let free = if self.reading > 0 {
            SHARED_QUERY.saturating_sub(len)
        } else {
            self.query.capacity().min(SHARED_QUERY).saturating_sub(len)
        };
        (len, if len == 0 { 0 } else { free })
    }

    /// The output that waits.
    pub fn output(&self) -> Output {
        let total = self.unsent().len();
        let buffered = total.min(REPLY_BUFFER);
        let rest = total - buffered;
        let blocks = rest.div_ceil(REPLY_BUFFER);
        Output { buffered, blocks, memory: if blocks == 0 { 0 } else { rest.max(REPLY_BUFFER) + blocks * BLOCK } }
    }

    /// Bytes of the words of queued commands.
    pub fn queued_bytes(&self) -> usize {
        self.multi.as_ref().map_or(0, |m| m.queue.iter().flatten().map(Vec::len).sum())
    }

    /// Memory of the transaction being put together and of what is watched.
    pub fn multi_memory(&self) -> usize {
        let queued = self.multi.as_ref().map_or(0, |m| m.queue.len());
        self.queued_bytes() + queued * QUEUED + self.watched.len() * WATCHED
    }

    /// All memory of the client, in bytes.
    pub fn memory(&self) -> usize {
        let (query, free) = self.query_buffer();
        let listening = self.channels.len() + self.patterns.len() + self.shard_channels.len();
        CLIENT
            + self.reply_buffer
            + self.output().memory
            + if query > 0 { query + free + 6 } else { 0 }
            + self.words.0
            + self.words.1 * size_of::<usize>()
            + self.multi_memory()
            + listening * CHANNEL
            + self.tracking.prefixes.len() * PREFIX
    }

    /// What kind of client CLIENT LIST TYPE takes it for.
    pub fn kind(&self) -> &'static str {
        match self.role {
            Role::Replica => "replica",
            Role::Master => "master",
            _ if self.in_pubsub() => "pubsub",
            _ => "normal",
        }
    }

    /// Notes how full the reply buffer was.
    pub fn note_output(&mut self) {
        self.reply_peak = self.reply_peak.max(self.unsent().len().min(self.reply_buffer));
    }
}

impl Server {
    /// Makes the reply buffers of idle clients smaller and those of busy ones larger.
    pub(super) fn resize_reply_buffers(&mut self) {
        let (reset, resizing, now) = (self.debug.reply_peak_reset, self.debug.reply_resizing, self.now_ms);
        let ids: Vec<u64> = self.clients.values().map(|c| c.id).collect();
        for id in ids.into_iter().filter(|_| resizing) {
            let client = self.client_mut(id);
            let (size, peak) = (client.reply_buffer, client.reply_peak);
            let new = if size / 2 >= SMALL_REPLY_BUFFER && peak < size / 2 {
                Some(SMALL_REPLY_BUFFER.max(peak + 1))
            } else if size < REPLY_BUFFER && peak == size {
                Some(REPLY_BUFFER.min(size * 2))
            } else {
                None
            };
            if reset >= 0 && now - client.reply_peak_since >= reset {
                client.reply_peak = client.unsent().len().min(size);
                client.reply_peak_since = now;
            }
            if let Some(new) = new {
                client.reply_buffer = new;
                let counter = if new < size { &mut self.count.reply_shrinks } else { &mut self.count.reply_expands };
                *counter += 1;
            }
        }
    }

    /// Memory of all ordinary and listening clients.
    pub fn clients_memory(&self) -> usize {
        self.clients
            .values()
            .filter(|c| !c.close_now && matches!(c.kind(), "normal" | "pubsub"))
            .map(Client::memory)
            .sum()
    }

    /// `maxmemory-clients` in bytes; 0 for no limit.
    fn clients_limit(&self) -> usize {
        match self.config.int(config::MAXMEMORY_CLIENTS) {
            percent if percent < 0 && self.hot.maxmemory > 0 => {
                let share = self.hot.maxmemory as f64 * -percent as f64 / 100.0;
                (share as usize).max(SMALLEST_LIMIT)
            }
            bytes => bytes.max(0) as usize,
        }
    }

    /// Ends connections, those that cost most first, until all together cost less than the limit.
    pub fn evict_clients(&mut self) {
        let limit = self.clients_limit();
        if limit == 0 {
            return;
        }
        let mut total = self.clients_memory();
        let mut victims: Vec<(u32, u64, usize)> = Vec::new();
        if total >= limit {
            let may_go = |c: &&Client| !c.no_evict && !c.close_now && matches!(c.kind(), "normal" | "pubsub");
            victims.extend(self.clients.values().filter(may_go).map(|c| {
                let memory = c.memory();
                (memory.max(1).ilog2().max(SMALLEST_CLASS), c.id, memory)
            }));
            victims.sort_by_key(|(class, id, _)| (std::cmp::Reverse(*class), *id));
        }
        for (_, id, memory) in victims {
            if total < limit {
                break;
            }
            let text = format!("Evicting client: {}", self.describe_client(id));
            self.log(Level::Notice, &text);
            self.count.evicted_clients += 1;
            self.close_soon(id);
            total = total.saturating_sub(memory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_beyond_the_buffer_is_in_blocks() {
        let mut client = Client { reply_buffer: REPLY_BUFFER, ..Client::default() };
        assert_eq!(client.memory(), 1280 + 16384);
        client.out.buf = vec![0; 16384 + 20_000];
        assert_eq!(client.output(), Output { buffered: 16384, blocks: 2, memory: 20_096 });
        client.out.buf.truncate(10);
        assert_eq!(client.output(), Output { buffered: 10, blocks: 0, memory: 0 });
    }
}
