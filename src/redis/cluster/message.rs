//! Messages of the cluster bus, in Redis's own binary format: all numbers big-endian, a header of
//! 2256 bytes, then data by type.

/// Bytes of the header.
pub const HEADER: usize = 2256;
/// Bytes of a slot bitmap.
pub const BITMAP: usize = 2048;
/// Bytes of one gossip entry.
const GOSSIP: usize = 104;
/// Bytes of a node's name.
pub const NAME: usize = 40;
/// Bytes of an address as text.
const IP: usize = 46;
/// The largest message that is read.
pub const LARGEST: usize = 64 << 20;

/// Flags of nodes.
#[allow(missing_docs)]
pub mod node_flag {
    pub const MASTER: u16 = 1;
    pub const REPLICA: u16 = 2;
    pub const PFAIL: u16 = 4;
    pub const FAIL: u16 = 8;
    pub const MYSELF: u16 = 16;
    pub const HANDSHAKE: u16 = 32;
    pub const NOADDR: u16 = 64;
    pub const MEET: u16 = 128;
    pub const MIGRATE_TO: u16 = 256;
    pub const NOFAILOVER: u16 = 512;
    pub const EXTENSIONS: u16 = 1024;
}

/// The sender is a master whose clients are paused for a manual failover.
pub const PAUSED: u8 = 1;
/// Votes are to be given although the master is up.
pub const FORCE_ACK: u8 = 2;
/// The sender understands extensions.
pub const EXT_DATA: u8 = 4;

/// The type of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Type {
    Ping,
    Pong,
    Meet,
    Fail,
    Publish,
    AuthRequest,
    AuthAck,
    Update,
    MfStart,
    Module,
    PublishShard,
}

impl Type {
    /// All types, by number.
    pub const ALL: [Type; 11] = [
        Type::Ping,
        Type::Pong,
        Type::Meet,
        Type::Fail,
        Type::Publish,
        Type::AuthRequest,
        Type::AuthAck,
        Type::Update,
        Type::MfStart,
        Type::Module,
        Type::PublishShard,
    ];

    /// The name in CLUSTER INFO.
    pub fn name(self) -> &'static str {
        [
            "ping",
            "pong",
            "meet",
            "fail",
            "publish",
            "auth-req",
            "auth-ack",
            "update",
            "mfstart",
            "module",
            "publishshard",
        ][self as usize]
    }
}

/// What every message says of its sender.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Clients' port.
    pub port: u16,
    /// Bus port.
    pub cport: u16,
    /// The type.
    pub kind: Type,
    /// The cluster's epoch as the sender knows it.
    pub current_epoch: u64,
    /// The epoch of its (or its master's) slots.
    pub config_epoch: u64,
    /// Replication offset.
    pub offset: u64,
    /// Its name.
    pub sender: String,
    /// Its (or its master's) slots.
    pub slots: Box<[u8; BITMAP]>,
    /// Its master.
    pub replica_of: Option<String>,
    /// Its address, where it announces one.
    pub ip: String,
    /// Its flags.
    pub flags: u16,
    /// Whether it finds the cluster failing.
    pub failing: bool,
    /// [`PAUSED`] and others.
    pub mflags: u8,
}

/// What a message says of another node.
#[derive(Clone, Debug, PartialEq)]
pub struct Gossip {
    /// Its name.
    pub name: String,
    /// Seconds.
    pub ping_sent: u32,
    /// Seconds.
    pub pong_received: u32,
    /// Its address.
    pub ip: String,
    /// Clients' port.
    pub port: u16,
    /// Bus port.
    pub cport: u16,
    /// Its flags as the sender sees them.
    pub flags: u16,
}

/// An extension of a ping.
#[derive(Clone, Debug, PartialEq)]
pub enum Extension {
    /// `cluster-announce-hostname`.
    Hostname(String),
    /// `cluster-announce-human-nodename`.
    HumanName(String),
    /// A node that was forgotten, and for how many seconds.
    Forgotten(String, u64),
    /// The shard.
    Shard(String),
    /// The secret of the cluster.
    Secret(String),
    /// Something newer.
    Other,
}

/// The data of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Ping, pong, meet.
    Gossip(Vec<Gossip>, Vec<Extension>),
    /// A node failed.
    Fail(String),
    /// A message for subscribers: channel and message.
    Publish(Vec<u8>, Vec<u8>),
    /// Somebody's slots: epoch, name, bitmap.
    Update(u64, String, Box<[u8; BITMAP]>),
    /// Nothing.
    Empty,
}

fn put_fixed(out: &mut Vec<u8>, text: &str, size: usize) {
    let bytes = text.as_bytes();
    let bytes = &bytes[..bytes.len().min(size)];
    out.extend_from_slice(bytes);
    out.resize(out.len() + size - bytes.len(), 0);
}

/// The bytes of a message.
pub fn encode(header: &Header, body: &Body) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + 512);
    let (count, extensions) = match body {
        Body::Gossip(entries, extensions) => (entries.len() as u16, extensions.len() as u16),
        _ => (0, 0),
    };
    out.extend_from_slice(b"RCmb");
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&1u16.to_be_bytes());
    out.extend_from_slice(&header.port.to_be_bytes());
    out.extend_from_slice(&(header.kind as u16).to_be_bytes());
    out.extend_from_slice(&count.to_be_bytes());
    out.extend_from_slice(&header.current_epoch.to_be_bytes());
    out.extend_from_slice(&header.config_epoch.to_be_bytes());
    out.extend_from_slice(&header.offset.to_be_bytes());
    put_fixed(&mut out, &header.sender, NAME);
    out.extend_from_slice(header.slots.as_slice());
    put_fixed(&mut out, header.replica_of.as_deref().unwrap_or(""), NAME);
    put_fixed(&mut out, &header.ip, IP);
    out.extend_from_slice(&extensions.to_be_bytes());
    out.extend_from_slice(&[0; 30]);
    out.extend_from_slice(&0u16.to_be_bytes());
    out.extend_from_slice(&header.cport.to_be_bytes());
    out.extend_from_slice(&header.flags.to_be_bytes());
    out.push(u8::from(header.failing));
    out.extend_from_slice(&[header.mflags, 0, 0]);
    encode_body(&mut out, body);
    let total = (out.len() as u32).to_be_bytes();
    out[4..8].copy_from_slice(&total);
    out
}

fn encode_body(out: &mut Vec<u8>, body: &Body) {
    match body {
        Body::Gossip(entries, extensions) => {
            for entry in entries {
                put_fixed(out, &entry.name, NAME);
                out.extend_from_slice(&entry.ping_sent.to_be_bytes());
                out.extend_from_slice(&entry.pong_received.to_be_bytes());
                put_fixed(out, &entry.ip, IP);
                for n in [entry.port, entry.cport, entry.flags, 0, 0] {
                    out.extend_from_slice(&n.to_be_bytes());
                }
            }
            for extension in extensions {
                encode_extension(out, extension);
            }
        }
        Body::Fail(name) => put_fixed(out, name, NAME),
        Body::Publish(channel, message) => {
            out.extend_from_slice(&(channel.len() as u32).to_be_bytes());
            out.extend_from_slice(&(message.len() as u32).to_be_bytes());
            out.extend_from_slice(channel);
            out.extend_from_slice(message);
        }
        Body::Update(epoch, name, slots) => {
            out.extend_from_slice(&epoch.to_be_bytes());
            put_fixed(out, name, NAME);
            out.extend_from_slice(slots.as_slice());
        }
        Body::Empty => {}
    }
}

fn encode_extension(out: &mut Vec<u8>, extension: &Extension) {
    let (kind, mut data): (u16, Vec<u8>) = match extension {
        Extension::Hostname(name) => (0, [name.as_bytes(), &[0]].concat()),
        Extension::HumanName(name) => (1, [name.as_bytes(), &[0]].concat()),
        Extension::Forgotten(name, ttl) => (2, [name.as_bytes(), &ttl.to_be_bytes()].concat()),
        Extension::Shard(id) => (3, id.as_bytes().to_vec()),
        Extension::Secret(secret) => (4, secret.as_bytes().to_vec()),
        Extension::Other => return,
    };
    data.resize(data.len().next_multiple_of(8), 0);
    out.extend_from_slice(&(data.len() as u32 + 8).to_be_bytes());
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&data);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }
    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }
    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }
    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_be_bytes(self.take(8)?.try_into().ok()?))
    }
    fn text(&mut self, n: usize) -> Option<String> {
        let bytes = self.take(n)?;
        let end = bytes.iter().position(|c| *c == 0).unwrap_or(bytes.len());
        Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }
    fn bitmap(&mut self) -> Option<Box<[u8; BITMAP]>> {
        let mut map = Box::new([0; BITMAP]);
        map.copy_from_slice(self.take(BITMAP)?);
        Some(map)
    }
}

/// The bytes begin no message of the bus.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotAMessage;

/// How long the message is whose first bytes these are; `None` if that can't be said yet, `Err` if
/// they are no message.
pub fn length(bytes: &[u8]) -> Result<Option<usize>, NotAMessage> {
    let Some(start) = bytes.get(..8) else { return Ok(None) };
    let total = u32::from_be_bytes([start[4], start[5], start[6], start[7]]) as usize;
    if &start[..4] != b"RCmb" || !(HEADER..=LARGEST).contains(&total) {
        return Err(NotAMessage);
    }
    Ok(Some(total))
}

/// Reads a whole message.
pub fn decode(bytes: &[u8]) -> Option<(Header, Body)> {
    let mut r = Reader(bytes);
    r.take(8)?;
    if r.u16()? != 1 {
        return None;
    }
    let port = r.u16()?;
    let kind = *Type::ALL.get(usize::from(r.u16()?))?;
    let count = r.u16()?;
    let (current_epoch, config_epoch, offset) = (r.u64()?, r.u64()?, r.u64()?);
    let sender = r.text(NAME)?;
    let slots = r.bitmap()?;
    let replica_of = Some(r.text(NAME)?).filter(|n| !n.is_empty());
    let ip = r.text(IP)?;
    let extensions = r.u16()?;
    r.take(32)?;
    let (cport, flags) = (r.u16()?, r.u16()?);
    let failing = r.take(1)?[0] != 0;
    let mflags = r.take(3)?[0];
    let header = Header {
        port,
        cport,
        kind,
        current_epoch,
        config_epoch,
        offset,
        sender,
        slots,
        replica_of,
        ip,
        flags,
        failing,
        mflags,
    };
    let body = decode_body(&mut r, kind, count, if mflags & EXT_DATA != 0 { extensions } else { 0 })?;
    Some((header, body))
}

fn decode_body(r: &mut Reader<'_>, kind: Type, count: u16, extensions: u16) -> Option<Body> {
    Some(match kind {
        Type::Ping | Type::Pong | Type::Meet => {
            if r.0.len() < usize::from(count) * GOSSIP {
                return None;
            }
            let mut entries = Vec::with_capacity(usize::from(count));
            for _ in 0..count {
                let (name, ping_sent, pong_received, ip) = (r.text(NAME)?, r.u32()?, r.u32()?, r.text(IP)?);
                let (port, cport, flags) = (r.u16()?, r.u16()?, r.u16()?);
                r.take(4)?;
                entries.push(Gossip { name, ping_sent, pong_received, ip, port, cport, flags });
            }
            let mut list = Vec::new();
            for _ in 0..extensions {
                let len = (r.u32()? as usize).checked_sub(8)?;
                let kind = r.u16()?;
                r.take(2)?;
                let mut data = Reader(r.take(len)?);
                list.push(match kind {
                    0 => Extension::Hostname(data.text(len)?),
                    1 => Extension::HumanName(data.text(len)?),
                    2 => Extension::Forgotten(data.text(NAME)?, data.u64()?),
                    3 => Extension::Shard(data.text(NAME)?),
                    4 => Extension::Secret(data.text(NAME)?),
                    _ => Extension::Other,
                });
            }
            Body::Gossip(entries, list)
        }
        Type::Fail => Body::Fail(r.text(NAME)?),
        Type::Publish | Type::PublishShard => {
            let (channel, message) = (r.u32()? as usize, r.u32()? as usize);
            Body::Publish(r.take(channel)?.to_vec(), r.take(message)?.to_vec())
        }
        Type::Update => Body::Update(r.u64()?, r.text(NAME)?, r.bitmap()?),
        _ => Body::Empty,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(kind: Type) -> Header {
        Header {
            port: 7000,
            cport: 17000,
            kind,
            current_epoch: 3,
            config_epoch: 2,
            offset: 9,
            sender: "a".repeat(40),
            slots: Box::new([7; BITMAP]),
            replica_of: None,
            ip: String::new(),
            flags: node_flag::MASTER,
            failing: true,
            mflags: EXT_DATA,
        }
    }

    #[test]
    fn messages_survive_the_wire() {
        let gossip = Gossip {
            name: "b".repeat(40),
            ping_sent: 1,
            pong_received: 2,
            ip: "10.0.0.1".into(),
            port: 1,
            cport: 2,
            flags: 4,
        };
        let bodies = [
            (
                Type::Ping,
                Body::Gossip(
                    vec![gossip],
                    vec![
                        Extension::Shard("c".repeat(40)),
                        Extension::Hostname("h".into()),
                        Extension::Secret("d".repeat(40)),
                    ],
                ),
            ),
            (Type::Fail, Body::Fail("d".repeat(40))),
            (Type::Publish, Body::Publish(b"ch".to_vec(), b"msg".to_vec())),
            (Type::Update, Body::Update(5, "e".repeat(40), Box::new([1; BITMAP]))),
            (Type::AuthRequest, Body::Empty),
        ];
        for (kind, body) in bodies {
            let bytes = encode(&header(kind), &body);
            assert_eq!(length(&bytes), Ok(Some(bytes.len())));
            assert_eq!(decode(&bytes), Some((header(kind), body)));
            for n in 0..bytes.len() {
                let _ = decode(&bytes[..n]);
            }
        }
        assert_eq!(encode(&header(Type::AuthAck), &Body::Empty).len(), HEADER);
    }
}
