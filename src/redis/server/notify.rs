//! Keyspace notifications.

use super::Server;

/// `K`: messages on `__keyspace@N__:key`.
pub const KEYSPACE: u32 = 1 << 0;
/// `E`: messages on `__keyevent@N__:event`.
pub const KEYEVENT: u32 = 1 << 1;
/// `g`
pub const GENERIC: u32 = 1 << 2;
/// `$`
pub const STRING: u32 = 1 << 3;
/// `l`
pub const LIST: u32 = 1 << 4;
/// `s`
pub const SET: u32 = 1 << 5;
/// `h`
pub const HASH: u32 = 1 << 6;
/// `z`
pub const ZSET: u32 = 1 << 7;
/// `x`
pub const EXPIRED: u32 = 1 << 8;
/// `e`
pub const EVICTED: u32 = 1 << 9;
/// `t`
pub const STREAM: u32 = 1 << 10;
/// `m`
pub const KEY_MISS: u32 = 1 << 11;
/// `d`
pub const MODULE: u32 = 1 << 13;
/// `n`
pub const NEW: u32 = 1 << 14;
/// `o`
pub const OVERWRITTEN: u32 = 1 << 15;
/// `c`
pub const TYPE_CHANGED: u32 = 1 << 16;

const ALL: u32 = GENERIC | STRING | LIST | SET | HASH | ZSET | EXPIRED | EVICTED | STREAM | MODULE;

const LETTERS: [(u8, u32); 10] = [
    (b'g', GENERIC),
    (b'$', STRING),
    (b'l', LIST),
    (b's', SET),
    (b'h', HASH),
    (b'z', ZSET),
    (b'x', EXPIRED),
    (b'e', EVICTED),
    (b't', STREAM),
    (b'd', MODULE),
];
/// What `A` does not mean.
const OTHERS: [(u8, u32); 6] =
    [(b'K', KEYSPACE), (b'E', KEYEVENT), (b'm', KEY_MISS), (b'n', NEW), (b'o', OVERWRITTEN), (b'c', TYPE_CHANGED)];

/// Reads the letters of `notify-keyspace-events`.
pub fn parse(letters: &[u8]) -> Option<u32> {
    letters.iter().try_fold(0, |flags, c| {
        if *c == b'A' {
            return Some(flags | ALL);
        }
        LETTERS.iter().chain(&OTHERS).find(|(l, _)| l == c).map(|(_, bit)| flags | bit)
    })
}

/// Shows flags as letters.
pub fn show(flags: u32) -> String {
    let mut text = String::new();
    if flags & ALL == ALL {
        text.push('A');
    } else {
        text.extend(LETTERS.iter().filter(|(_, bit)| flags & bit != 0).map(|(c, _)| char::from(*c)));
    }
    text.extend(OTHERS.iter().filter(|(_, bit)| flags & bit != 0).map(|(c, _)| char::from(*c)));
    text
}

impl Server {
    /// Publishes what happened to a key, if somebody asked for such messages.
    pub fn notify(&mut self, class: u32, event: &str, key: &[u8], db: usize) {
        if self.hot.notify & class == 0 {
            return;
        }
        if self.hot.notify & KEYSPACE != 0 {
            let mut channel = format!("__keyspace@{db}__:").into_bytes();
            channel.extend_from_slice(key);
            self.publish(&channel, event.as_bytes(), false);
        }
        if self.hot.notify & KEYEVENT != 0 {
            let channel = format!("__keyevent@{db}__:{event}");
            self.publish(channel.as_bytes(), key, false);
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn letters_read_and_show() {
        assert_eq!(super::show(super::parse(b"KEA").unwrap()), "AKE");
        assert_eq!(super::show(super::parse(b"xK$").unwrap()), "$xK");
        assert_eq!(super::parse(b"Q"), None);
    }

    #[test]
    fn a_key_that_gets_another_value_is_overwritten() {
        let mut bench = crate::testing::Bench::start("");
        bench.run("CONFIG SET notify-keyspace-events Koc");
        bench.listen();
        let rounds = [
            ("SET k v", vec![]),
            ("SET k w", vec!["overwritten"]),
            ("INCRBYFLOAT n 1", vec![]),
            ("INCRBYFLOAT n 1", vec![]),
            ("HSET h f v", vec![]),
            ("RENAME h k", vec!["overwritten", "type_changed"]),
            ("COPY n k REPLACE", vec!["overwritten", "type_changed"]),
            ("SADD s a", vec![]),
            ("SUNIONSTORE n s", vec!["overwritten", "type_changed"]),
        ];
        for (command, events) in rounds {
            bench.run(command);
            assert_eq!(bench.heard(), events, "{command}");
        }
    }
}
