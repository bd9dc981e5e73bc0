use super::*;

const GRID: u64 = STAMP_GRID_NS;

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

fn link(log: Vec<Entry>) -> Link {
    Link { build: 0xdead_beef, seed: 4_294_967_295, log }
}

/// Types lines as a hand does: keys 64 to 260 ms apart, a pause before each line.
fn type_lines(log: &mut Vec<Entry>, random: &mut Random, tty: &str, lines: &[&str]) {
    for line in lines {
        let mut now = log.last().map_or(0, |entry| entry.at_ns) + (2 + random.below(200)) * GRID;
        for char in line.chars().chain(['\r']) {
            now = (now + (64 + random.below(100) + random.below(100)) * 1_000_000).div_ceil(GRID) * GRID;
            let mut bytes = [0; 4];
            let bytes = char.encode_utf8(&mut bytes).as_bytes().to_vec();
            log.push(Entry { at_ns: now, action: Action::Keys { tty: tty.into(), bytes } });
        }
    }
}

fn second_walk_through() -> Link {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut log = vec![Entry { at_ns: 0, action: Action::Open { tty: "1".into(), cols: 97, rows: 34 } }];
    type_lines(
        &mut log,
        &mut random,
        "1",
        &["docker pull redis", "docker images", "docker network create redis-cluster"],
    );
    for port in 7000..7003 {
        let now = (log.last().map_or(0, |entry| entry.at_ns) + 9_000_000_000).div_ceil(GRID) * GRID;
        let data = format!(
            "port {port}\ncluster-enabled yes\ncluster-config-file nodes.conf\ncluster-node-timeout 5000\nappendonly yes\n"
        );
        let path = format!("/root/redis-cluster/{port}/redis.conf");
        log.push(Entry { at_ns: now, action: Action::Write { path, data: data.into_bytes() } });
    }
    for port in 7000..7003 {
        let line = format!(
            "docker run -d --name redis-{port} --net redis-cluster -v /root/redis-cluster/{port}/redis.conf:/usr/local/etc/redis/redis.conf \
             -p {port}:{port} -p 1{port}:1{port} redis:latest redis-server /usr/local/etc/redis/redis.conf"
        );
        type_lines(&mut log, &mut random, "1", &[&line]);
    }
    type_lines(
        &mut log,
        &mut random,
        "1",
        &[
            "docker ps",
            "docker network inspect redis-cluster",
            "docker exec -it redis-7000 redis-cli --cluster create 172.18.0.2/16:7000 172.18.0.3/16:7001 172.18.0.4/16:7002 --cluster-replicas 0",
            "docker exec -it redis-7000 redis-cli --cluster create 172.18.0.2:7000 172.18.0.3:7001 172.18.0.4:7002 --cluster-replicas 0",
            "yes",
            "docker exec -it redis-7000 redis-cli -c -p 7000",
            "set foo bar",
            "get foo",
            "cluster nodes",
            "exit",
            "docker exec -it redis-7000 redis-cli -p 7000",
            "get foo",
            "set foo bar",
            "exit",
            "docker ps -a",
            "docker logs redis-7000",
        ],
    );
    link(log)
}

#[test]
fn the_second_walk_through_fits_a_thousand_characters() {
    let walked = second_walk_through();
    let text = encode(&walked).unwrap();
    assert!(text.len() < 1000, "{} characters for {} inputs", text.len(), walked.log.len());
    assert_eq!(decode(&text), Ok(walked));
}

fn every_action() -> Link {
    let at = |at_ns, action| Entry { at_ns, action };
    let keys = |tty: &str, bytes: &[u8]| Action::Keys { tty: tty.into(), bytes: bytes.to_vec() };
    link(vec![
        at(0, Action::Open { tty: "1".into(), cols: 80, rows: 24 }),
        at(1, keys("1", b"a")),
        at(GRID, keys("1", b"\x1b[1;5D")),
        at(GRID, keys("1", "한".as_bytes())),
        at(2 * GRID + 7, keys("2", b"\r")),
        at(2 * GRID + 7, keys("1", b"\x1b[200~two\rlines\n\x1b[201~")),
        at(2 * GRID + 8, keys("1", b"")),
        at(2 * GRID + 8, keys("1", &[0xff, 0xfe])),
        at(5 * GRID, keys("1", b"\x1b")),
        at(5 * GRID, keys("1", b"O")),
        at(6 * GRID, keys("1", b"\x1bOA")),
        at(6 * GRID, keys("1", &[0xed])),
        at(6 * GRID, keys("1", b"\x1b[")),
        at(6 * GRID, keys("1", b"\x1b\r")),
        at(6 * GRID, Action::Resize { tty: "1".into(), cols: 65535, rows: 1 }),
        at(7 * GRID, Action::Write { path: "/root/파일".into(), data: vec![0, 13, 10, 255] }),
        at(1 << 50, Action::Close { tty: "1".into() }),
    ])
}

#[test]
fn every_action_comes_back() {
    assert_eq!(decode(&encode(&every_action()).unwrap()), Ok(every_action()));
}

#[test]
fn times_may_not_run_backwards() {
    let close = |at_ns| Entry { at_ns, action: Action::Close { tty: "1".into() } };
    assert_eq!(encode(&link(vec![close(5), close(4)])), Err(EncodeError::TimesRunBackwards));
}

#[test]
fn a_session_beyond_the_bounds_makes_no_link() {
    let data = (0..2_000_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let write = Entry { at_ns: 0, action: Action::Write { path: "/a".into(), data } };
    assert_eq!(encode(&link(vec![write])), Err(EncodeError::TooLong));
}

#[test]
fn what_is_wrong_is_told_apart() {
    let good = encode(&second_walk_through()).unwrap();
    assert_eq!(decode(""), Err(DecodeError::Truncated));
    assert_eq!(decode("한국어"), Err(DecodeError::Corrupt));
    assert_eq!(decode("<script>"), Err(DecodeError::Corrupt));
    assert_eq!(decode(&good[..good.len() - 40]), Err(DecodeError::Truncated));
    assert_eq!(decode(&good[..6]), Err(DecodeError::Truncated));
    assert_eq!(decode(&format!("Ag{}", &good[2..])), Err(DecodeError::TooNew));
    assert_eq!(decode(&format!("AA{}", &good[2..])), Err(DecodeError::Corrupt));
    assert_eq!(decode(&"A".repeat(MAX_TEXT + 4)), Err(DecodeError::TooLarge));
    let middle = good.len() / 2;
    let other = if &good[middle..=middle] == "A" { "B" } else { "A" };
    assert!(decode(&format!("{}{other}{}", &good[..middle], &good[middle + 1..])).is_err());
}

/// A link's text around any payload, as an attacker would make it.
fn forge(payload: &[u8]) -> String {
    let mut bytes = vec![VERSION, 0, 0, 0, 0];
    bytes.extend_from_slice(&check(0, payload).to_le_bytes());
    bytes.extend_from_slice(&deflate::compress(dictionary::V1, payload));
    URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn bombs_are_refused() {
    assert_eq!(decode(&forge(&vec![0; MAX_PAYLOAD + 1])), Err(DecodeError::TooLarge));
    // seed, one name of one byte, operations: a run of 200,000 keys; as many times and letters.
    let count = 200_000;
    let mut many = vec![0, 1, 1, b'1'];
    let mut run = vec![4, 0];
    bytes::put(&mut run, count);
    bytes::put(&mut many, run.len() as u64);
    many.extend_from_slice(&run);
    bytes::put(&mut many, count);
    many.extend(std::iter::repeat_n(0, 2 * count as usize));
    assert_eq!(decode(&forge(&many)), Err(DecodeError::TooLarge));
    // A count of names that is not there.
    assert_eq!(decode(&forge(&[0, 0xff, 0xff, 0xff, 0xff, 0x0f])), Err(DecodeError::Corrupt));
}

#[test]
fn no_text_makes_it_panic() {
    let mut random = Random(7);
    let good = encode(&second_walk_through()).unwrap().into_bytes();
    let payload = payload::write(&second_walk_through()).unwrap();
    for _ in 0..3000 {
        let mut text = good.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(text.len() as u64) as usize;
            text[at] = random.below(256) as u8;
        }
        text.truncate(random.below(text.len() as u64 + 1) as usize);
        let _ = decode(&String::from_utf8_lossy(&text));
        // Behind a right check value too: that is where a hostile link gets.
        let mut inner = payload.clone();
        for _ in 0..=random.below(4) {
            let at = random.below(inner.len() as u64) as usize;
            inner[at] = random.below(256) as u8;
        }
        if let Ok(link) = payload::read(0, &inner) {
            let again = payload::write(&link).unwrap();
            assert_eq!(payload::read(0, &again), Ok(link));
        }
    }
}

/// Links that were given away: every later build must read them to the same log. Never written anew.
#[test]
fn frozen_links_still_read() {
    assert_eq!(decode(include_str!("frozen/v1-second-walk-through.txt").trim_end()), Ok(second_walk_through()));
    assert_eq!(decode(include_str!("frozen/v1-every-action.txt").trim_end()), Ok(every_action()));
}
