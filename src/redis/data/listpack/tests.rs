use super::*;

fn texts(pack: &Listpack) -> Vec<String> {
    pack.iter().map(|e| String::from_utf8_lossy(&e.bytes()).into_owned()).collect()
}

#[test]
fn keeps_every_kind_of_entry() {
    let mut pack = Listpack::new();
    let long = "x".repeat(5000);
    let values = [
        "0",
        "127",
        "128",
        "-1",
        "4095",
        "-4096",
        "-4097",
        "32767",
        "-32768",
        "8388607",
        "-8388608",
        "2147483647",
        "-2147483649",
        "9223372036854775807",
        "01",
        "hello",
        "",
        &long,
        &long[..100],
    ];
    for value in values {
        pack.push(value.as_bytes());
    }
    assert_eq!(texts(&pack), values);
    let checked = Listpack::from_bytes(&pack.to_bytes()).expect("valid");
    assert_eq!(checked, pack);
    let mut backwards = Vec::new();
    let mut at = pack.last();
    while let Some(offset) = at {
        backwards.push(String::from_utf8_lossy(&pack.get(offset).bytes()).into_owned());
        at = pack.prev(offset);
    }
    backwards.reverse();
    assert_eq!(backwards, values);
    for (n, value) in values.iter().enumerate() {
        assert!(pack.get(pack.seek(n as isize).unwrap()).is(value.as_bytes()));
        assert!(pack.get(pack.seek(n as isize - values.len() as isize).unwrap()).is(value.as_bytes()));
    }
}

#[test]
fn inserts_replaces_and_removes() {
    let mut pack = Listpack::new();
    for value in ["a", "b", "c"] {
        pack.push(value.as_bytes());
    }
    pack.insert(pack.seek(1).unwrap(), b"12345");
    pack.replace(pack.seek(0).unwrap(), &[b'z'; 200]);
    assert_eq!(pack.len(), 4);
    pack.remove(pack.seek(0).unwrap(), 1);
    assert_eq!(texts(&pack), ["12345", "b", "c"]);
    pack.remove(pack.seek(1).unwrap(), 99);
    assert_eq!(texts(&pack), ["12345"]);
    assert_eq!(pack.find(b"12345", 1), Some(0));
    assert_eq!(pack.find(b"x", 1), None);
}

#[test]
fn broken_blocks_are_refused() {
    let mut pack = Listpack::new();
    pack.push(b"hello");
    pack.push(b"70000");
    let good = pack.to_bytes();
    for n in 0..good.len() {
        assert!(Listpack::from_bytes(&good[..n]).is_none());
        for bit in 0..8 {
            let mut bad = good.clone();
            bad[n] ^= 1 << bit;
            if let Some(read) = Listpack::from_bytes(&bad) {
                assert!(read.iter().count() <= 3);
            }
        }
    }
}
