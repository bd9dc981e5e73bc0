use super::*;

const LIMITS: StreamLimits = StreamLimits { bytes: 4096, entries: 3, duration: 100, most: 100 };

fn stream(count: u64) -> Stream {
    let mut s = Stream::new(LIMITS);
    for n in 1..=count {
        let id = s.next_id(NewId::Given(StreamId::new(n, 0)), 0).expect("growing");
        assert!(s.append(id, &[b"field", n.to_string().as_bytes()], LIMITS));
    }
    s
}

fn ids(items: Items<'_>) -> Vec<u64> {
    items.map(|item| item.id.ms).collect()
}

#[test]
fn entries_come_back_both_ways() {
    let mut s = stream(10);
    assert_eq!((s.len(), s.nodes().len()), (10, 4));
    let id = |n| StreamId::new(n, 0);
    assert_eq!(ids(s.range(id(3), id(7))), [3, 4, 5, 6, 7]);
    assert_eq!(ids(s.range_back(id(3), id(7))), [7, 6, 5, 4, 3]);
    assert_eq!(ids(s.range(id(8), id(3))), [0u64; 0]);
    let last = s.get(id(10)).expect("there");
    let pairs: Vec<_> = last.pairs().map(|(f, v)| (f.bytes().into_owned(), v.bytes().into_owned())).collect();
    assert_eq!(pairs, [(b"field".to_vec(), b"10".to_vec())]);
    // Other names than the node's first entry has.
    s.append(id(11), &[b"x", b"1", b"y", b"2"], LIMITS);
    let other = s.get(id(11)).expect("there");
    assert_eq!(other.fields(), 2);
    assert!(other.pairs().nth(1).is_some_and(|(f, v)| f.is(b"y") && v.is(b"2")));
    assert_eq!(ids(s.range_back(StreamId::MIN, StreamId::MAX)), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn deleted_entries_are_skipped_and_empty_nodes_go() {
    let mut s = stream(7);
    let id = |n| StreamId::new(n, 0);
    assert!(s.delete(id(1)) && s.delete(id(3)) && !s.delete(id(3)));
    assert_eq!((s.len(), s.nodes().len(), s.first_id, s.max_deleted), (5, 3, id(2), id(3)));
    assert_eq!(ids(s.range(StreamId::MIN, StreamId::MAX)), [2, 4, 5, 6, 7]);
    assert_eq!(ids(s.range_back(StreamId::MIN, StreamId::MAX)), [7, 6, 5, 4, 2]);
    assert_eq!(s.first_with_deleted(), id(1));
    assert!(s.delete(id(2)));
    assert_eq!((s.nodes().len(), s.first_id), (2, id(4)));
    let copy = Stream::from_nodes(s.nodes().map(|(id, pack)| (id, pack.clone())).collect(), s.len()).expect("sound");
    assert_eq!(copy.bytes, s.bytes);
    assert!(Stream::from_nodes(s.nodes().map(|(id, pack)| (id, pack.clone())).collect(), 9).is_none());
}

#[test]
fn trimming_takes_whole_nodes_or_single_entries() {
    let trim = |by, approximate, references| Trim { by, approximate, limit: 0, references };
    let mut s = stream(10);
    assert_eq!(s.trim(&trim(By::Length(5), true, References::Keep)), 3);
    assert_eq!(s.trim(&trim(By::Length(5), false, References::Keep)), 2);
    assert_eq!((s.len(), s.first_id), (5, StreamId::new(6, 0)));
    assert_eq!(s.trim(&trim(By::Id(StreamId::new(9, 0)), false, References::Keep)), 3);
    assert_eq!(ids(s.range(StreamId::MIN, StreamId::MAX)), [9, 10]);
    assert_eq!(s.trim(&trim(By::Length(0), false, References::Keep)), 2);
    assert_eq!((s.nodes().len(), s.bytes, s.first_id), (0, 0, StreamId::MIN));
}

#[test]
fn entries_that_somebody_needs_stay_if_asked() {
    let mut s = stream(6);
    let id = |n| StreamId::new(n, 0);
    let mut group = Group::new(id(4), Some(4));
    let consumer = group.add_consumer(b"c", 0).expect("new");
    group.assign(id(2), consumer, 0, 1);
    s.groups.insert(b"g".to_vec(), group);
    let trim = |references| Trim { by: By::Length(0), approximate: false, limit: 0, references };
    assert_eq!(s.trim(&trim(References::Acknowledged)), 3);
    assert_eq!(ids(s.range(StreamId::MIN, StreamId::MAX)), [2, 5, 6]);
    assert_eq!(s.trim(&trim(References::Delete)), 3);
    assert_eq!(s.groups.values().map(Group::pending_len).sum::<usize>(), 0);
}

#[test]
fn the_next_id_is_larger_than_the_last() {
    let mut s = stream(5);
    assert_eq!(s.next_id(NewId::Given(StreamId::new(5, 0)), 9), None);
    assert_eq!(s.next_id(NewId::Time(5), 9), Some(StreamId::new(5, 1)));
    assert_eq!(s.next_id(NewId::Time(4), 9), None);
    assert_eq!(s.next_id(NewId::Auto, 9), Some(StreamId::new(9, 0)));
    assert_eq!(s.next_id(NewId::Auto, 2), Some(StreamId::new(5, 1)));
    s.last_id = StreamId::MAX;
    assert_eq!(s.next_id(NewId::Auto, 9), None);
}
