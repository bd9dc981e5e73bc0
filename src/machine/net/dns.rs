//! DNS messages (RFC 1035, RFC 3596): what resolvers and name servers say to each other over UDP.
//!
//! Reading is bounded and never fails with a panic, whatever the bytes are.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The port of name servers.
pub const PORT: u16 = 53;
/// Longest name, in its written form.
const NAME_MAX: usize = 253;
/// Longest label.
const LABEL_MAX: usize = 63;
/// Records read of one message at most.
const RECORDS_MAX: usize = 64;
/// Bytes of a message's header.
const HEADER: usize = 12;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RecordType {
    /// An IPv4 address.
    A,
    /// An IPv6 address.
    Aaaa,
    /// A name's other name.
    Cname,
    /// The name of an address.
    Ptr,
    /// Any other, by its number.
    Other(u16),
}

impl RecordType {
    /// Its number.
    pub fn number(self) -> u16 {
        match self {
            RecordType::A => 1,
            RecordType::Cname => 5,
            RecordType::Ptr => 12,
            RecordType::Aaaa => 28,
            RecordType::Other(number) => number,
        }
    }

    /// The type with this number.
    pub fn from_number(number: u16) -> RecordType {
        match number {
            1 => RecordType::A,
            5 => RecordType::Cname,
            12 => RecordType::Ptr,
            28 => RecordType::Aaaa,
            other => RecordType::Other(other),
        }
    }
}

/// How a question was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ResponseCode {
    /// `NOERROR`.
    NoError,
    /// `SERVFAIL`.
    ServerFailure,
    /// `NXDOMAIN`: there is no such name.
    NameError,
    /// `REFUSED`.
    Refused,
    /// Any other, by its number.
    Other(u8),
}

impl ResponseCode {
    fn number(self) -> u8 {
        match self {
            ResponseCode::NoError => 0,
            ResponseCode::ServerFailure => 2,
            ResponseCode::NameError => 3,
            ResponseCode::Refused => 5,
            ResponseCode::Other(number) => number & 15,
        }
    }

    fn from_number(number: u8) -> ResponseCode {
        match number {
            0 => ResponseCode::NoError,
            2 => ResponseCode::ServerFailure,
            3 => ResponseCode::NameError,
            5 => ResponseCode::Refused,
            other => ResponseCode::Other(other),
        }
    }
}

/// A question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Question {
    /// The name, without a dot at its end.
    pub name: String,
    /// What is wanted of it.
    pub record_type: RecordType,
}

/// What a record says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordData {
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// Another name for it.
    Cname(String),
    /// The name of the address.
    Ptr(String),
    /// Something else: its type and bytes.
    Other(u16, Vec<u8>),
}

/// A record of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// Whose record it is.
    pub name: String,
    /// Seconds that it may be remembered.
    pub ttl: u32,
    /// What it says.
    pub data: RecordData,
}

/// A question or an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// Chosen by who asks, repeated in the answer.
    pub id: u16,
    /// It is an answer.
    pub response: bool,
    /// The answer comes from who is in charge of the name.
    pub authoritative: bool,
    /// Recursion is desired.
    pub recursion_desired: bool,
    /// The server does recursion.
    pub recursion_available: bool,
    /// How it was answered.
    pub code: ResponseCode,
    /// What was asked. Servers answer one question a message.
    pub questions: Vec<Question>,
    /// The answers.
    pub answers: Vec<Record>,
}

impl Message {
    /// A question to a resolver.
    pub fn query(id: u16, name: &str, record_type: RecordType) -> Message {
        Message {
            id,
            response: false,
            authoritative: false,
            recursion_desired: true,
            recursion_available: false,
            code: ResponseCode::NoError,
            questions: vec![Question { name: name.trim_end_matches('.').into(), record_type }],
            answers: Vec::new(),
        }
    }

    /// The answer to this question.
    pub fn answer(&self, code: ResponseCode, answers: Vec<Record>) -> Message {
        Message { response: true, recursion_available: true, code, questions: self.questions.clone(), answers, ..*self }
    }

    /// The message's bytes; `None` where a name in it is none (empty or too long labels).
    pub fn encode(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(64);
        let flag = |on: bool, bit: u16| if on { 1 << bit } else { 0 };
        let flags: u16 = flag(self.response, 15)
            | flag(self.authoritative, 10)
            | flag(self.recursion_desired, 8)
            | flag(self.recursion_available, 7)
            | u16::from(self.code.number());
        for number in [self.id, flags, self.questions.len() as u16, self.answers.len() as u16, 0, 0] {
            bytes.extend(number.to_be_bytes());
        }
        for question in &self.questions {
            put_name(&mut bytes, &question.name)?;
            bytes.extend(question.record_type.number().to_be_bytes());
            bytes.extend(1u16.to_be_bytes());
        }
        for record in &self.answers {
            put_record(&mut bytes, record)?;
        }
        Some(bytes)
    }

    /// Reads a message; `None` where it is malformed.
    pub fn decode(bytes: &[u8]) -> Option<Message> {
        let number = |at: usize| Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
        let flags = number(2)?;
        let mut reader = Reader { bytes, at: HEADER };
        let mut questions = Vec::new();
        for _ in 0..usize::from(number(4)?).min(RECORDS_MAX) {
            let name = reader.name()?;
            let record_type = RecordType::from_number(reader.u16()?);
            reader.u16()?;
            questions.push(Question { name, record_type });
        }
        let mut answers = Vec::new();
        for _ in 0..usize::from(number(6)?).min(RECORDS_MAX) {
            answers.push(reader.record()?);
        }
        let flag = |bit: u16| flags & (1 << bit) != 0;
        Some(Message {
            id: number(0)?,
            response: flag(15),
            authoritative: flag(10),
            recursion_desired: flag(8),
            recursion_available: flag(7),
            code: ResponseCode::from_number((flags & 15) as u8),
            questions,
            answers,
        })
    }
}

/// The name under which the DNS keeps the name of an address: `2.0.18.172.in-addr.arpa`.
pub fn reverse_name(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(v6) => {
            let digits = v6.octets().into_iter().rev().flat_map(|byte| [byte & 15, byte >> 4]);
            let mut name = String::with_capacity(72);
            for digit in digits {
                name.extend(char::from_digit(digit.into(), 16));
                name.push('.');
            }
            name + "ip6.arpa"
        }
    }
}

/// The IPv4 address that a name below `in-addr.arpa` stands for.
pub fn address_of_reverse_name(name: &str) -> Option<Ipv4Addr> {
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    let reversed: Ipv4Addr = lower.strip_suffix(".in-addr.arpa")?.parse().ok()?;
    let [a, b, c, d] = reversed.octets();
    Some(Ipv4Addr::new(d, c, b, a))
}

fn put_name(bytes: &mut Vec<u8>, name: &str) -> Option<()> {
    let name = name.trim_end_matches('.');
    if name.len() > NAME_MAX {
        return None;
    }
    for label in name.split('.').filter(|_| !name.is_empty()) {
        if label.is_empty() || label.len() > LABEL_MAX {
            return None;
        }
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label.as_bytes());
    }
    bytes.push(0);
    Some(())
}

fn put_record(bytes: &mut Vec<u8>, record: &Record) -> Option<()> {
    put_name(bytes, &record.name)?;
    let mut data = Vec::new();
    let kind = match &record.data {
        RecordData::A(address) => {
            data.extend(address.octets());
            RecordType::A.number()
        }
        RecordData::Aaaa(address) => {
            data.extend(address.octets());
            RecordType::Aaaa.number()
        }
        RecordData::Cname(name) => {
            put_name(&mut data, name)?;
            RecordType::Cname.number()
        }
        RecordData::Ptr(name) => {
            put_name(&mut data, name)?;
            RecordType::Ptr.number()
        }
        RecordData::Other(kind, other) => {
            data.extend_from_slice(other);
            *kind
        }
    };
    bytes.extend(kind.to_be_bytes());
    bytes.extend(1u16.to_be_bytes());
    bytes.extend(record.ttl.to_be_bytes());
    bytes.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
    bytes.extend(data);
    Some(())
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(n)?)?;
        self.at += n;
        Some(taken)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// A name; compressed ones point to an earlier place, so that following them ends.
    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        let mut at = self.at;
        let mut jumped = false;
        loop {
            let length = *self.bytes.get(at)?;
            match length {
                0 => break,
                1..=63 => {
                    let label = self.bytes.get(at + 1..at + 1 + usize::from(length))?;
                    if !name.is_empty() {
                        name.push('.');
                    }
                    name.push_str(std::str::from_utf8(label).ok()?);
                    if name.len() > NAME_MAX {
                        return None;
                    }
                    at += 1 + usize::from(length);
                }
                0xC0.. => {
                    let target = usize::from(length & 0x3F) << 8 | usize::from(*self.bytes.get(at + 1)?);
                    if target >= at {
                        return None;
                    }
                    if !jumped {
                        self.at = at + 2;
                        jumped = true;
                    }
                    at = target;
                }
                _ => return None,
            }
        }
        if !jumped {
            self.at = at + 1;
        }
        Some(name)
    }

    fn record(&mut self) -> Option<Record> {
        let name = self.name()?;
        let kind = self.u16()?;
        self.u16()?;
        let ttl = u32::from_be_bytes(self.take(4)?.try_into().ok()?);
        let length = usize::from(self.u16()?);
        let start = self.at;
        let raw = self.take(length)?;
        let mut inner = Reader { bytes: self.bytes, at: start };
        let data = match RecordType::from_number(kind) {
            RecordType::A => RecordData::A(<[u8; 4]>::try_from(raw).ok()?.into()),
            RecordType::Aaaa => RecordData::Aaaa(<[u8; 16]>::try_from(raw).ok()?.into()),
            RecordType::Cname => RecordData::Cname(inner.name()?),
            RecordType::Ptr => RecordData::Ptr(inner.name()?),
            RecordType::Other(number) => RecordData::Other(number, raw.to_vec()),
        };
        Some(Record { name, ttl, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive() {
        let query = Message::query(7, "redis-1.net.", RecordType::A);
        assert_eq!(Message::decode(&query.encode().unwrap()), Some(query.clone()));
        let records = vec![
            Record { name: "redis-1.net".into(), ttl: 600, data: RecordData::Cname("redis-2".into()) },
            Record { name: "redis-2".into(), ttl: 600, data: RecordData::A([172, 18, 0, 3].into()) },
            Record { name: "redis-2".into(), ttl: 600, data: RecordData::Aaaa(Ipv6Addr::LOCALHOST) },
            Record { name: "x".into(), ttl: 1, data: RecordData::Other(16, b"\x02hi".to_vec()) },
        ];
        for code in [ResponseCode::NoError, ResponseCode::NameError, ResponseCode::ServerFailure] {
            let answer = query.answer(code, records.clone());
            assert_eq!(Message::decode(&answer.encode().unwrap()), Some(answer));
        }
        assert_eq!(Message::query(1, "a..b", RecordType::A).encode(), None);
        assert_eq!(Message::query(1, &"x".repeat(64), RecordType::A).encode(), None);
    }

    #[test]
    fn compressed_names_are_followed_but_not_in_circles() {
        let mut bytes = Message::query(1, "a.bc", RecordType::Ptr).encode().unwrap();
        bytes[7] = 1;
        bytes.extend([0xC0, 12, 0, 12, 0, 1, 0, 0, 0, 9, 0, 4, 1, b'x', 0xC0, 14]);
        let answers = Message::decode(&bytes).unwrap().answers;
        assert_eq!(answers[0], Record { name: "a.bc".into(), ttl: 9, data: RecordData::Ptr("x.bc".into()) });
        let at = bytes.len() - 1;
        bytes[at] = at as u8 - 1;
        assert_eq!(Message::decode(&bytes), None);
    }

    #[test]
    fn any_bytes_are_read_without_panic() {
        let good = Message::query(1, "redis.example", RecordType::A);
        let record = Record { name: "redis.example".into(), ttl: 1, data: RecordData::Ptr("a.b".into()) };
        let good = good.answer(ResponseCode::NoError, vec![record]).encode().unwrap();
        for at in 0..good.len() {
            let _ = Message::decode(&good[..at]);
            for value in [0, 1, 63, 64, 0xC0, 0xFF] {
                let mut bad = good.clone();
                bad[at] = value;
                let _ = Message::decode(&bad);
            }
        }
    }

    #[test]
    fn reverse_names() {
        assert_eq!(reverse_name([172, 18, 0, 2].into()), "2.0.18.172.in-addr.arpa");
        assert_eq!(address_of_reverse_name("2.0.18.172.IN-ADDR.arpa."), Some([172, 18, 0, 2].into()));
        assert_eq!(address_of_reverse_name("x.in-addr.arpa"), None);
        assert!(reverse_name(IpAddr::V6(Ipv6Addr::LOCALHOST)).starts_with("1.0.0.0."));
    }
}
