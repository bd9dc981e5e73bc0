//! Snapshots and rewrites that are written while clients go on.

use super::child::Plan;
use crate::keyspace::frozen::Budget;
use crate::server::Action;
use crate::server::random::Rng;
use crate::testing::Bench;

/// A change of any kind to one of a few hundred keys. `life`: milliseconds that what expires lives at least.
fn change(random: &mut Rng, life: usize) -> String {
    let mut key = |kind: char| format!("{kind}{}", random.below(200));
    let (string, list, set, hash, zset, stream, to) =
        (key('s'), key('l'), key('e'), key('h'), key('z'), key('x'), key('t'));
    let n = random.below(1000);
    let all = [&string, &list, &set, &hash, &zset, &stream, &to];
    let any = all[random.below(7)];
    match random.below(30) {
        0 => format!("SET {string} {n}"),
        1 => format!("APPEND {string} abc{n}"),
        2 => format!("SETRANGE {string} {} xyz", n % 60),
        3 => format!("INCRBYFLOAT {string} 1"),
        4 | 5 => format!("RPUSH {list} a{n} {n} b{n}"),
        6 => format!("LPOP {list} 2"),
        7 => format!("LMOVE {list} l{} LEFT RIGHT", n % 200),
        8 | 9 => format!("SADD {set} {n} {}", n * 7),
        10 => format!("SADD {set} word{n}"),
        11 => format!("SPOP {set} 2"),
        12 | 13 => format!("HSET {hash} f{} v{n} g{n} w", n % 20),
        14 => format!("HPEXPIRE {hash} {} FIELDS 1 f{}", life + n % 3, n % 20),
        15 => format!("HDEL {hash} f{} g{}", n % 20, n % 20 + 1),
        16 | 17 => format!("ZADD {zset} {n} m{} {} k", n % 50, n % 7),
        18 => format!("ZPOPMIN {zset}"),
        19 | 20 => format!("XADD {stream} * f v{n}"),
        21 => format!("XTRIM {stream} MAXLEN 2"),
        22 => format!("XGROUP CREATE {stream} g{} 0 MKSTREAM", n % 3),
        23 => format!("XREADGROUP GROUP g{} c COUNT 2 STREAMS {stream} >", n % 3),
        24 => format!("RENAME {any} {to}"),
        25 => format!("DEL {any}"),
        26 => format!("PEXPIRE {any} {}", life + n % 4),
        27 => format!("COPY {any} {to} REPLACE"),
        28 => format!("MOVE {any} {}", n % 3),
        _ => format!("PERSIST {any}"),
    }
}

/// The child that the server asked for, if it did.
fn asked(bench: &mut Bench) -> Option<Plan> {
    bench.server.take_actions().into_iter().find_map(|action| match action {
        Action::StartChild(plan) => Some(plan),
        _ => None,
    })
}

/// A slice that is small, so that there are many.
const SMALL: Budget = Budget { keys: 50, bytes: 10_000 };

/// Milliseconds that are not over before the test is.
const LONG: usize = 1_000_000_000;

/// What the data are: their digest, and how many keys each database has.
fn data(bench: &mut Bench) -> String {
    let mut text = bench.run("DEBUG DIGEST");
    for db in 0..3 {
        bench.run(&format!("SELECT {db}"));
        text += &format!(" {}", bench.run("DBSIZE"));
    }
    bench.run("SELECT 0");
    text
}

/// A server with many keys.
fn filled(seed: u64, settings: &str) -> (Bench, Rng) {
    let mut bench = Bench::start(settings);
    let mut random = Rng::new(seed);
    for n in 0..1500 {
        bench.run(&format!("SELECT {}", n / 300 % 3));
        let command = change(&mut random, LONG);
        bench.run(&command);
    }
    for n in 0..600 {
        bench.run(&format!("SET more{n} {n}"));
    }
    bench.run("SELECT 0");
    (bench, random)
}

/// Writes the child's file while clients change everything.
fn write_meanwhile(bench: &mut Bench, random: &mut Rng, plan: &Plan, life: usize) -> usize {
    let (mut slices, mut file) = (0, Vec::new());
    bench.server.child_started(7);
    loop {
        let slice = bench.server.child_slice_of(SMALL);
        slices += 1;
        file.extend(slice.data);
        if slice.last.is_some() {
            break;
        }
        for _ in 0..random.below(60) {
            let command = match random.below(3000) {
                0 => "FLUSHDB".to_owned(),
                1..5 => format!("SWAPDB 0 {}", random.below(3)),
                5..1000 => format!("SELECT {}", random.below(3)),
                _ => change(random, life),
            };
            bench.run(&command);
        }
        bench.pass(1);
    }
    let path = plan.path.clone().or_else(|| plan.purpose.file(7)).expect("a file");
    bench.world.borrow_mut().files.insert(path, file);
    bench.server.child_done(true);
    bench.run("SELECT 0");
    slices
}

#[test]
fn a_snapshot_holds_the_data_of_its_start() {
    for seed in 0..8 {
        let settings = if seed % 2 == 0 { "maxmemory-policy allkeys-lru" } else { "rdbcompression no" };
        let (mut bench, mut random) = filled(seed, settings);
        let before = data(&mut bench);
        assert_eq!(bench.run("BGSAVE"), "Background saving started");
        let plan = asked(&mut bench).expect("a child");
        assert!(write_meanwhile(&mut bench, &mut random, &plan, 1) > 20);
        assert_ne!(data(&mut bench), before);
        assert_eq!(bench.run("DEBUG RELOAD NOSAVE"), "OK");
        assert_eq!(data(&mut bench), before, "seed {seed}");
    }
}

/// Slices until a large value is written in part.
fn begin_writing(bench: &mut Bench, file: &mut Vec<u8>) {
    bench.server.child_started(7);
    while file.len() < 4_000 {
        let slice = bench.server.child_slice_of(SMALL);
        assert!(slice.last.is_none(), "a large value is not written in one slice");
        file.extend(slice.data);
    }
}

#[test]
fn a_large_value_is_written_in_parts_and_whole_as_it_was() {
    let fill: [fn(usize) -> String; 4] = [
        |n| format!("RPUSH big element{n}"),
        |n| format!("SADD big member{n}"),
        |n| format!("HSET big f{n} {n}"),
        |n| format!("ZADD big {} member{n}", n % 977),
    ];
    let changes = ["LPOP big", "SPOP big", "HDEL big f2999", "ZADD big 0 member1", "DEL big", "RENAME big moved"];
    // Whoever takes the first key away moves the last one to its place.
    let others = ["DEL first", "FLUSHDB", "SWAPDB 0 1", "SET first other", "HPEXPIRE big 5 FIELDS 1 f10"];
    for (n, add) in fill.iter().enumerate() {
        for (k, change) in changes.iter().chain(&others).enumerate() {
            let rdb = (n + k) % 2 == 0;
            let settings = if rdb { "rdbcompression no" } else { "aof-use-rdb-preamble no" };
            let mut bench = Bench::start(settings);
            bench.run("SET first 1");
            bench.run("SET second 2");
            (0..3000).for_each(|n| drop(bench.run(&add(n))));
            for n in (0..3000).step_by(50) {
                bench.run(&format!("HPEXPIRE big {} FIELDS 1 f{n}", LONG + n));
            }
            let (before, mut file) = (data(&mut bench), Vec::new());
            bench.run(if rdb { "BGSAVE" } else { "BGREWRITEAOF" });
            let plan = asked(&mut bench).expect("a child");
            begin_writing(&mut bench, &mut file);
            bench.run(change);
            bench.pass(20);
            bench.run("SET second changed");
            write_rest(&mut bench, &mut file);
            bench = read_again(bench, plan.path, file, "");
            assert_eq!(data(&mut bench), before, "{}: {change}", add(0));
        }
    }
}

/// Has what a child wrote read again: a snapshot by the server itself, commands by a new one with these settings.
fn read_again(mut bench: Bench, path: Option<String>, file: Vec<u8>, settings: &str) -> Bench {
    if let Some(path) = path {
        bench.world.borrow_mut().files.insert(path, file);
        bench.server.child_done(true);
        assert_eq!(bench.run("DEBUG RELOAD NOSAVE"), "OK");
        return bench;
    }
    bench.server.child_done(false);
    let mut bench = Bench::start(settings);
    let conn = bench.connect();
    bench.server.received(conn, &file);
    bench
}

/// What the child writes from where `file` ends, in small slices; how many.
fn write_rest(bench: &mut Bench, file: &mut Vec<u8>) -> usize {
    let mut slices = 0;
    loop {
        let slice = bench.server.child_slice_of(SMALL);
        file.extend(slice.data);
        slices += 1;
        if slice.last.is_some() {
            return slices;
        }
    }
}

#[test]
fn a_stream_is_written_in_parts_with_all_that_belongs_to_it() {
    for (n, change) in ["XADD big * f v", "XTRIM big MAXLEN 1", "XACK big g 5-0 6-0", "XGROUP DESTROY big g", "DEL big"]
        .iter()
        .chain(&["PING"; 2])
        .enumerate()
    {
        let rdb = n % 2 == 0;
        let settings =
            if rdb { "stream-node-max-entries 5" } else { "stream-node-max-entries 5\naof-use-rdb-preamble no" };
        let mut bench = Bench::start(settings);
        for n in 1..=2000 {
            bench.run(&format!("XADD big {n}-0 field value{n}"));
        }
        for n in 0..20 {
            bench.run(&format!("XADD big IDMP p{} m{n} * f v", n % 7));
        }
        for group in ["g", "h"] {
            bench.run(&format!("XGROUP CREATE big {group} 0"));
            bench.run(&format!("XGROUP CREATECONSUMER big {group} idle"));
            for n in 0..4 {
                bench.run(&format!("XREADGROUP GROUP {group} c{n} COUNT 400 STREAMS big >"));
            }
        }
        bench.run("XDEL big 1700-0 1999-0");
        let questions =
            ["XRANGE big - +", "XPENDING big g - + 2000", "XPENDING big h", "XINFO STREAM big", "XINFO GROUPS big"];
        let answers = |bench: &mut Bench| questions.map(|question| bench.run(question));
        let (before, mut file) = (answers(&mut bench), Vec::new());
        bench.run(if rdb { "BGSAVE" } else { "BGREWRITEAOF" });
        let plan = asked(&mut bench).expect("a child");
        begin_writing(&mut bench, &mut file);
        bench.run(change);
        let slices = write_rest(&mut bench, &mut file);
        assert!(*change != "PING" || slices > 25, "{slices}");
        bench = read_again(bench, plan.path, file, "stream-node-max-entries 5");
        let after = answers(&mut bench);
        for (n, question) in questions.iter().enumerate() {
            assert_eq!(after[n], before[n], "{question} {change}");
        }
    }
}

#[test]
fn a_set_of_vectors_is_written_in_parts() {
    let mut bench = Bench::start("");
    for n in 0..300 {
        bench.run(&format!("VADD big VALUES 3 {} {} {} e{n} SETATTR {{}}", n % 17, n % 29, n % 31));
    }
    let questions = ["VSIM big ELE e5 COUNT 40 WITHSCORES", "VLINKS big e7", "VINFO big", "VEMB big e9"];
    let answers = |bench: &mut Bench| questions.map(|question| bench.run(question));
    let (before, mut file) = (answers(&mut bench), Vec::new());
    bench.run("BGSAVE");
    let plan = asked(&mut bench).expect("a child");
    bench.server.child_started(7);
    let slices = write_rest(&mut bench, &mut file);
    assert!(slices >= 3, "{slices}");
    bench.world.borrow_mut().files.insert(plan.path.expect("a file"), file);
    bench.server.child_done(true);
    assert_eq!(bench.run("DEBUG RELOAD NOSAVE"), "OK");
    assert_eq!(answers(&mut bench), before);
}

#[test]
fn base_and_growing_file_together_are_the_data() {
    for seed in 0..8 {
        let preamble = if seed % 2 == 0 { "yes" } else { "no" };
        let settings = format!("appendonly yes\naof-use-rdb-preamble {preamble}");
        let (mut bench, mut random) = filled(seed, &settings);
        assert_eq!(bench.run("BGREWRITEAOF"), "Background append only file rewriting started");
        let plan = asked(&mut bench).expect("a child");
        assert!(write_meanwhile(&mut bench, &mut random, &plan, LONG) > 20);
        assert!(bench.run("INFO persistence").contains("aof_last_bgrewrite_status:ok"));
        let before = data(&mut bench);
        assert_eq!(bench.run("DEBUG LOADAOF"), "OK");
        assert_eq!(data(&mut bench), before, "seed {seed}");
        let names: Vec<String> = bench.world.borrow().files.keys().cloned().collect();
        let base = if seed % 2 == 0 { "rdb" } else { "aof" };
        let file = |name: &str| format!("appendonlydir/appendonly.aof.{name}");
        assert_eq!(names, [file(&format!("2.base.{base}")), file("2.incr.aof"), file("manifest")]);
    }
}

#[test]
fn a_slot_emptied_and_filled_again_is_no_part_of_the_snapshot() {
    let mut bench = Bench::start("cluster-enabled yes");
    bench.run("CLUSTER ADDSLOTSRANGE 0 16383");
    bench.pass(5000);
    for n in 0..2000 {
        bench.run(&format!("SET k{n} {n}"));
    }
    assert_eq!(bench.run("DBSIZE"), "2000");
    let before = bench.run("DEBUG DIGEST");
    bench.run("BGSAVE");
    let plan = asked(&mut bench).expect("a child");
    for n in 0..2000 {
        bench.run(&format!("DEL k{n}"));
        bench.run(&format!("SET k{} new", (n * 7) % 2500));
    }
    bench.server.run_child(&plan, 7);
    assert_eq!(bench.run("DEBUG RELOAD NOSAVE"), "OK");
    assert_eq!(bench.run("DEBUG DIGEST"), before);
}

#[test]
fn one_child_at_a_time() {
    let mut bench = Bench::start("");
    bench.run("SET a 1");
    bench.run("BGSAVE");
    let plan = asked(&mut bench).expect("a child");
    bench.server.child_started(7);
    assert_eq!(bench.run("BGSAVE"), "ERR Background save already in progress");
    assert_eq!(bench.run("SAVE"), "ERR Background save already in progress");
    assert_eq!(bench.run("BGREWRITEAOF"), "Background append only file rewriting scheduled");
    let info = bench.run("INFO persistence");
    assert!(info.contains("rdb_bgsave_in_progress:1") && info.contains("aof_rewrite_scheduled:1"));
    assert!(info.contains("current_save_keys_total:1") && info.contains("aof_rewrite_in_progress:0"));
    bench.server.run_child(&plan, 7);
    bench.pass(200);
    let plan = asked(&mut bench).expect("the child that waited");
    bench.server.child_started(8);
    assert_eq!(bench.run("BGREWRITEAOF"), "ERR Background append only file rewriting already in progress");
    assert!(bench.run("BGSAVE").starts_with("ERR Another child process is active (AOF?)"));
    assert_eq!(bench.run("BGSAVE SCHEDULE"), "Background saving scheduled");
    assert!(bench.run("INFO persistence").contains("aof_rewrite_in_progress:1"));
    bench.server.run_child(&plan, 8);
    bench.pass(200);
    assert!(asked(&mut bench).is_some());
}

#[test]
fn what_is_appended_before_the_first_base_is_kept() {
    let mut bench = Bench::start("");
    bench.run("SET a 1");
    bench.run("CONFIG SET appendonly yes");
    let plan = asked(&mut bench).expect("a child");
    bench.run("SET b 2");
    assert_eq!(bench.run("SHUTDOWN"), "ERR Errors trying to SHUTDOWN. Check logs.");
    bench.server.run_child(&plan, 7);
    bench.run("SET c 3");
    let before = bench.run("DEBUG DIGEST");
    assert_eq!(bench.run("DEBUG LOADAOF"), "OK");
    assert_eq!(bench.run("DEBUG DIGEST"), before);
    let manifest = bench.world.borrow().files["appendonlydir/appendonly.aof.manifest"].clone();
    let text =
        "file appendonly.aof.1.base.rdb seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i startoffset 0\n";
    assert_eq!(String::from_utf8_lossy(&manifest), text);
}

#[test]
fn a_child_that_fails_leaves_everything_as_it_was() {
    let mut bench = Bench::start("appendonly yes");
    bench.run("SET a 1");
    bench.run("BGREWRITEAOF");
    asked(&mut bench).expect("a child");
    bench.server.child_started(7);
    bench.run("SET b 2");
    bench.server.child_done(false);
    let info = bench.run("INFO persistence");
    assert!(info.contains("aof_last_bgrewrite_status:err") && info.contains("aof_rewrites_consecutive_failures:1"));
    let before = bench.run("DEBUG DIGEST");
    assert_eq!(bench.run("DEBUG LOADAOF"), "OK");
    assert_eq!(bench.run("DEBUG DIGEST"), before);
    bench.run("BGSAVE");
    asked(&mut bench).expect("a child");
    bench.server.child_started(8);
    bench.server.child_killed(9);
    assert!(bench.run("INFO persistence").contains("rdb_last_bgsave_status:err"));
    assert!(bench.world.borrow().log.iter().any(|line| line == "Background saving terminated by signal 9"));
}

#[test]
fn the_append_only_file_is_rewritten_when_it_has_grown() {
    let mut bench = Bench::start("appendonly yes\nauto-aof-rewrite-min-size 1000");
    for n in 0..50 {
        bench.run(&format!("SET a {n}"));
    }
    bench.pass(200);
    let plan = asked(&mut bench).expect("a child");
    bench.server.run_child(&plan, 7);
    bench.pass(200);
    assert!(asked(&mut bench).is_none());
}

#[test]
fn a_negative_zero_stays_what_it_is() {
    let mut bench = Bench::start("zset-max-listpack-entries 1");
    bench.run("ZADD z 0 a 3 b");
    bench.run("ZUNIONSTORE y 1 z WEIGHTS -1");
    let before = bench.run("ZRANGE y 0 -1 WITHSCORES");
    assert!(before.ends_with("-0)"), "{before}");
    assert_eq!(bench.run("DEBUG RELOAD"), "OK");
    assert_eq!(bench.run("ZRANGE y 0 -1 WITHSCORES"), before);
    bench.run("CONFIG SET zset-max-listpack-entries 8");
    assert_eq!(bench.run("DEBUG RELOAD"), "OK");
    assert_eq!(bench.run("OBJECT ENCODING y"), "listpack");
    assert_eq!(bench.run("ZSCORE y a"), "0");
}
