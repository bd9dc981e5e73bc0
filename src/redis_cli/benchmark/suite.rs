//! The default tests: names to select them by, title, command.

/// One test.
pub struct Test {
    /// what `-t` may say
    pub names: &'static [&'static str],
    /// what is printed
    pub title: &'static str,
    /// the command; `DATA` stands for the payload, `SCORE` for a score
    command: &'static str,
}

const fn test(names: &'static [&'static str], title: &'static str, command: &'static str) -> Test {
    Test { names, title, command }
}

/// All of them, in their order.
pub const TESTS: &[Test] = &[
    test(&["ping_inline", "ping"], "PING_INLINE", ""),
    test(&["ping_mbulk", "ping"], "PING_MBULK", "PING"),
    test(&["set"], "SET", "SET key:__rand_int__ DATA"),
    test(&["get"], "GET", "GET key:__rand_int__"),
    test(&["incr"], "INCR", "INCR counter:__rand_int__"),
    test(&["lpush"], "LPUSH", "LPUSH mylist DATA"),
    test(&["rpush"], "RPUSH", "RPUSH mylist DATA"),
    test(&["lpop"], "LPOP", "LPOP mylist"),
    test(&["rpop"], "RPOP", "RPOP mylist"),
    test(&["sadd"], "SADD", "SADD myset element:__rand_int__"),
    test(&["hset"], "HSET", "HSET myhash element:__rand_int__ DATA"),
    test(&["spop"], "SPOP", "SPOP myset"),
    test(&["zadd"], "ZADD", "ZADD myzset SCORE element:__rand_int__"),
    test(&["zpopmin"], "ZPOPMIN", "ZPOPMIN myzset"),
    test(
        &["lrange", "lrange_100", "lrange_300", "lrange_500", "lrange_600"],
        "LPUSH (needed to benchmark LRANGE)",
        "LPUSH mylist DATA",
    ),
    test(&["lrange", "lrange_100"], "LRANGE_100 (first 100 elements)", "LRANGE mylist 0 99"),
    test(&["lrange", "lrange_300"], "LRANGE_300 (first 300 elements)", "LRANGE mylist 0 299"),
    test(&["lrange", "lrange_500"], "LRANGE_500 (first 500 elements)", "LRANGE mylist 0 499"),
    test(&["lrange", "lrange_600"], "LRANGE_600 (first 600 elements)", "LRANGE mylist 0 599"),
    test(&["mset"], "MSET (10 keys)", "MSET"),
    test(&["xadd"], "XADD", "XADD mystream * myfield DATA"),
];

impl Test {
    /// What goes over the wire.
    pub fn request(&self, data: &[u8], random: bool) -> Vec<u8> {
        if self.command.is_empty() {
            return b"PING\r\n".to_vec();
        }
        let score: &[u8] = if random { b"__rand_int__" } else { b"0" };
        let mut words: Vec<&[u8]> = self
            .command
            .split(' ')
            .map(|word| match word {
                "DATA" => data,
                "SCORE" => score,
                other => other.as_bytes(),
            })
            .collect();
        if self.command == "MSET" {
            for _ in 0..10 {
                words.extend([b"key:__rand_int__", data]);
            }
        }
        crate::connection::encode(&words)
    }
}

/// The payload: characters that follow from those before, the same in every run.
pub fn payload(size: usize, state: &mut u32) -> Vec<u8> {
    let mut next = || {
        *state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        b'0' + ((*state >> 16) & 63) as u8
    };
    (0..size).map(|_| next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_carry_the_payload() {
        let data = payload(3, &mut 1234);
        assert_eq!(data, b"VXK");
        let set = TESTS.iter().find(|t| t.title == "SET").unwrap();
        assert_eq!(set.request(&data, false), b"*3\r\n$3\r\nSET\r\n$16\r\nkey:__rand_int__\r\n$3\r\nVXK\r\n");
        let mset = TESTS.iter().find(|t| t.names == ["mset"]).unwrap();
        assert!(mset.request(&data, false).starts_with(b"*21\r\n"));
    }
}
