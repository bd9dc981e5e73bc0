//! A task: slots that come or go, and how far that is.

use super::SlotRanges;
use crate::cluster::Nid;
use crate::server::outbox::Outbox;

/// Which way the slots go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// They come to this node.
    Import,
    /// They leave it.
    Migrate,
}

impl Operation {
    /// The name in STATUS.
    pub fn name(self) -> &'static str {
        match self {
            Operation::Import => "import",
            Operation::Migrate => "migrate",
        }
    }

    /// The name at the beginning of a line in the log.
    pub fn title(self) -> &'static str {
        match self {
            Operation::Import => "Import",
            Operation::Migrate => "Migrate",
        }
    }
}

/// How far a task, or the connection that carries its snapshot, is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names are those of `STATES`
pub enum State {
    #[default]
    None,
    Connecting,
    AuthReply,
    Canceled,
    Failed,
    Completed,
    SendHandshake,
    HandshakeReply,
    SendSyncslots,
    SyncslotsReply,
    InitChannel,
    Accumulate,
    ReadyToStream,
    Streaming,
    WaitStreamEof,
    Takeover,
    WaitChannel,
    WaitSnapshot,
    SendBulkAndStream,
    SendStream,
    HandoffPrep,
    Handoff,
    StreamEof,
    ChannelRequest,
    ChannelReply,
    ChannelTransfer,
}

/// The states with the names that STATUS and the log show.
const STATES: [(State, &str); 26] = [
    (State::None, "none"),
    (State::Connecting, "connecting"),
    (State::AuthReply, "auth-reply"),
    (State::Canceled, "canceled"),
    (State::Failed, "failed"),
    (State::Completed, "completed"),
    (State::SendHandshake, "send-handshake"),
    (State::HandshakeReply, "handshake-reply"),
    (State::SendSyncslots, "send-syncslots"),
    (State::SyncslotsReply, "syncslots-reply"),
    (State::InitChannel, "init-rdbchannel"),
    (State::Accumulate, "accumulate-buffer"),
    (State::ReadyToStream, "ready-to-stream"),
    (State::Streaming, "streaming-buffer"),
    (State::WaitStreamEof, "wait-stream-eof"),
    (State::Takeover, "takeover"),
    (State::WaitChannel, "wait-rdbchannel"),
    (State::WaitSnapshot, "wait-bgsave-start"),
    (State::SendBulkAndStream, "send-bulk-and-stream"),
    (State::SendStream, "send-stream"),
    (State::HandoffPrep, "handoff-prep"),
    (State::Handoff, "handoff"),
    (State::StreamEof, "stream-eof"),
    (State::ChannelRequest, "rdbchannel-request"),
    (State::ChannelReply, "rdbchannel-reply"),
    (State::ChannelTransfer, "rdbchannel-transfer"),
];

impl State {
    /// Its name.
    pub fn name(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("unknown", |(_, name)| name)
    }

    /// The state of that name, in any case.
    pub fn named(name: &[u8]) -> Option<State> {
        STATES.iter().find(|(_, n)| n.as_bytes().eq_ignore_ascii_case(name)).map(|(state, _)| *state)
    }

    /// Whether nothing happens any more, or not until another attempt.
    pub fn is_over(self) -> bool {
        matches!(self, State::Failed | State::Completed)
    }
}

/// A connection that this node opened to the source of slots.
#[derive(Clone, Debug, Default)]
pub struct Conn {
    /// Its number.
    pub id: u64,
    /// What came.
    pub input: Vec<u8>,
    /// How much of it was dealt with.
    pub read: usize,
    /// What is to be sent.
    pub output: Outbox,
    /// The client as which what came is executed; 0: none yet.
    pub agent: u64,
    /// When anything last came (ms).
    pub last_io: i64,
}

impl Conn {
    /// A connection of that number.
    pub fn new(id: u64, now: i64) -> Conn {
        Conn { id, last_io: now, ..Conn::default() }
    }

    /// Bytes that came and were not dealt with.
    pub fn waiting(&self) -> usize {
        self.input.len().saturating_sub(self.read)
    }

    /// The next line, without its end.
    pub fn line(&mut self) -> Option<String> {
        let rest = self.input.get(self.read..)?;
        let end = rest.iter().position(|c| *c == b'\n')?;
        let line = String::from_utf8_lossy(rest.get(..end)?.trim_ascii()).into_owned();
        self.advance(end + 1);
        Some(line)
    }

    /// So many bytes more were dealt with.
    pub fn advance(&mut self, bytes: usize) {
        self.read += bytes;
        // What was dealt with is given back once it is most of the buffer, so that this costs little.
        if self.read > self.input.len() / 2 {
            self.input.drain(..self.read.min(self.input.len()));
            self.read = 0;
        }
    }
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    /// 40 hexadecimal digits.
    pub id: String,
    /// Which way.
    pub operation: Operation,
    /// Which slots.
    pub slots: SlotRanges,
    /// How far.
    pub state: State,
    /// How far the snapshot is.
    pub channel_state: State,
    /// On the source: how far the destination is, as it said.
    pub dest_state: State,
    /// Name of the node that the slots come from.
    pub source: String,
    /// Name of the node that they go to.
    pub dest: String,
    /// The source, on the destination.
    pub source_node: Option<Nid>,
    /// The destination's connection for the stream.
    pub main: Option<Conn>,
    /// The destination's connection for the snapshot.
    pub channel: Option<Conn>,
    /// The source's client that gets the stream.
    pub main_client: Option<u64>,
    /// The source's client that gets the snapshot.
    pub channel_client: Option<u64>,
    /// Bytes of the stream that the destination has executed.
    pub dest_offset: u64,
    /// Bytes of the stream that the source has sent.
    pub source_offset: u64,
    /// A change of keys of several slots at once came by.
    pub cross_slot: bool,
    /// The end of the stream was there before all of it was executed.
    pub eof: bool,
    /// How often it was tried again.
    pub retries: u64,
    /// When it was asked for (ms).
    pub created: i64,
    /// When it began, or -1.
    pub started: i64,
    /// When it ended, or -1.
    pub ended: i64,
    /// When writes were paused, or 0.
    pub paused: i64,
    /// On the source: when the snapshot began to be sent, or 0.
    pub snapshot_began: i64,
    /// On the source: when the destination had executed what it had gathered meanwhile, or 0.
    pub applied: i64,
    /// Why it failed.
    pub error: String,
}

impl Task {
    /// A task that nothing was done for yet.
    pub fn new(id: String, operation: Operation, slots: SlotRanges, now: i64) -> Task {
        Task {
            id,
            operation,
            slots,
            state: State::None,
            channel_state: State::None,
            dest_state: State::None,
            source: String::new(),
            dest: String::new(),
            source_node: None,
            main: None,
            channel: None,
            main_client: None,
            channel_client: None,
            dest_offset: 0,
            source_offset: 0,
            cross_slot: false,
            eof: false,
            retries: 0,
            created: now,
            started: -1,
            ended: -1,
            paused: 0,
            snapshot_began: 0,
            applied: 0,
            error: String::new(),
        }
    }

    /// Back to the beginning, for another attempt.
    pub fn reset(&mut self) {
        let fresh = Task::new(std::mem::take(&mut self.id), self.operation, std::mem::take(&mut self.slots), 0);
        let old = std::mem::replace(self, fresh);
        (self.source, self.dest, self.source_node) = (old.source, old.dest, old.source_node);
        (self.retries, self.created, self.error) = (old.retries, old.created, old.error);
        (self.started, self.ended) = (old.started, old.ended);
    }

    /// The task as replicas are told of it.
    pub fn encode(&self) -> String {
        let (operation, state) = (self.operation.name(), self.state.name());
        format!("{}:{}:{}:{operation}:{state}:{}", self.id, self.source, self.dest, self.slots)
    }

    /// The task that a master told of.
    pub fn decode(text: &str, now: i64) -> Option<Task> {
        let mut parts = text.split(':');
        let mut next = || parts.next();
        let (id, source, dest) = (next()?, next()?, next()?);
        if id.is_empty() || source.len() != 40 || dest.len() != 40 {
            return None;
        }
        let operation = match next()?.to_ascii_lowercase().as_str() {
            "import" => Operation::Import,
            "migrate" => Operation::Migrate,
            _ => return None,
        };
        let state = State::named(next()?.as_bytes()).unwrap_or_default();
        let mut task = Task::new(id.to_owned(), operation, SlotRanges::of_text(next()?)?, now);
        task.state = state;
        (task.source, task.dest) = (source.to_owned(), dest.to_owned());
        Some(task)
    }

    /// Whether it is about a node.
    pub fn concerns(&self, name: &str) -> bool {
        self.source == name || self.dest == name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_replicas_are_told_says_the_same_again() {
        let mut task = Task::new("t".repeat(40), Operation::Import, SlotRanges::of_slots([1, 2, 9].into_iter()), 5);
        (task.source, task.dest, task.state) = ("a".repeat(40), "b".repeat(40), State::WaitStreamEof);
        let text = task.encode();
        assert!(text.ends_with(":import:wait-stream-eof:1-2 9-9"), "{text}");
        let back = Task::decode(&text, 5).expect("a task");
        assert_eq!(back.encode(), text);
        for bad in ["", ":", "t:a:b:import:none:1-2", &text.replace("import", "other"), &text.replace("1-2", "x")] {
            assert!(Task::decode(bad, 0).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_connection_gives_lines_and_forgets_them() {
        let mut conn = Conn { input: b"+OK\r\n\n+SLOTS".to_vec(), ..Conn::default() };
        assert_eq!((conn.line(), conn.line(), conn.line()), (Some("+OK".into()), Some(String::new()), None));
        assert_eq!(conn.waiting(), 6);
    }
}
