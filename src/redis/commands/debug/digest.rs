//! DEBUG DIGEST and DIGEST-VALUE: a SHA-1 over data that does not depend on the order in which
//! unordered things are kept. How it is made up: debug.c of redis-server 8.6.3.

use super::super::prelude::*;
use crate::data::stream::StreamId;
use crate::keyspace::Record;
use crate::keyspace::db::FOREVER;
use sha1::{Digest as _, Sha1};

/// A sum of hashes.
#[derive(Clone, Copy, Default)]
struct Digest([u8; 20]);

impl Digest {
    /// Adds something whose place does not matter.
    fn xor(&mut self, data: &[u8]) {
        for (sum, byte) in self.0.iter_mut().zip(Sha1::digest(data)) {
            *sum ^= byte;
        }
    }

    /// Adds something whose place matters.
    fn mix(&mut self, data: &[u8]) {
        self.xor(data);
        self.0 = Sha1::digest(self.0).into();
    }

    fn add_pair(&mut self, a: &[u8], b: &[u8], mark: &[u8]) {
        let mut pair = Digest::default();
        pair.mix(a);
        pair.mix(b);
        if !mark.is_empty() {
            pair.xor(mark);
        }
        self.xor(&pair.0);
    }

    /// Adds parts that belong together.
    fn sequence(&mut self, parts: &[&[u8]]) {
        let mut sum = Digest::default();
        parts.iter().for_each(|part| sum.mix(part));
        self.xor(&sum.0);
    }

    /// Adds a value and whether it expires.
    fn value(&mut self, record: &Record) {
        let number: u32 = match record.value.kind() {
            Kind::Str => 0,
            Kind::List => 1,
            Kind::Set => 2,
            Kind::ZSet => 3,
            Kind::Hash => 4,
            Kind::Vectors => 5,
            Kind::Stream => 6,
        };
        self.mix(&number.to_be_bytes());
        match &record.value {
            Value::List(list) => list.iter().for_each(|entry| self.mix(&entry.bytes())),
            Value::Set(set) => set.iter().for_each(|member| self.xor(&member)),
            Value::ZSet(zset) => {
                zset.iter().for_each(|(m, score)| self.add_pair(&m, resp::format_double(score).as_bytes(), b""));
            }
            Value::Hash(hash) => {
                for (field, value) in hash.iter() {
                    let mark: &[u8] = if hash.ttl(&field).is_some() { b"!!hexpire!!" } else { b"" };
                    self.add_pair(&field, &value, mark);
                }
            }
            Value::Stream(stream) => {
                for item in stream.range(StreamId::MIN, StreamId::MAX) {
                    self.mix(format!("{}.{}", item.id.ms, item.id.seq).as_bytes());
                    for (field, value) in item.pairs() {
                        self.mix(&field.bytes());
                        self.mix(&value.bytes());
                    }
                }
            }
            Value::Vectors(set) => {
                // What a module adds in sequences: the order of the elements is of no matter.
                let mut sum = Digest::default();
                sum.sequence(&[set.len().to_string().as_bytes(), set.dim().to_string().as_bytes()]);
                for (_, node) in set.graph().nodes() {
                    let vector = node.vector.to_bytes();
                    match &node.attribute {
                        Some(attribute) => sum.sequence(&[&vector, &node.name, attribute]),
                        None => sum.sequence(&[&vector, &node.name]),
                    }
                }
                self.xor(&sum.0);
            }
            string => self.mix(&string.bytes().unwrap_or_default()),
        }
        if record.expire() != FOREVER {
            self.xor(b"!!expire!!");
        }
    }

    fn hex(self) -> String {
        crate::server::hex(&self.0)
    }
}

pub(super) fn all(cx: &mut Cx<'_>) -> Res {
    let mut sum = Digest::default();
    for (n, db) in cx.s.dbs.iter().enumerate().filter(|(_, db)| !db.is_empty()) {
        sum.mix(&(n as u32).to_be_bytes());
        for record in db.iter() {
            let mut one = Digest::default();
            one.mix(record.key());
            one.value(record);
            sum.xor(&one.0);
        }
    }
    cx.out.simple(&sum.hex());
    Ok(())
}

pub(super) fn values(cx: &mut Cx<'_>) -> Res {
    cx.out.array(cx.argc() - 2);
    for key in cx.argv.iter().skip(2) {
        let mut sum = Digest::default();
        if let Some(record) = cx.s.dbs.get(cx.db).and_then(|db| db.get(key)) {
            sum.value(record);
        }
        cx.out.simple(&sum.hex());
    }
    Ok(())
}
