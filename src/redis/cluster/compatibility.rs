//! Counting, in a server that is no cluster node, what a cluster would refuse: `cluster_incompatible_ops` of INFO.

use crate::commands::{Command, key_specs};
use crate::config;
use crate::keyspace::slots::slot_of;
use crate::server::Server;

/// The slot that a command's keys are in, as far as it is watched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Watched {
    /// Nobody looks: the command was not drawn, or was found wrong already.
    #[default]
    No,
    /// There was no key yet.
    Nothing,
    /// All keys so far.
    Slot(usize),
}

/// Adds the keys and shard channels of a command. False where they are not all in one slot.
fn add(watched: &mut Watched, command: &'static Command, argv: &[&[u8]]) -> bool {
    let channels = matches!(command.name, "ssubscribe" | "sunsubscribe" | "spublish");
    let places = if channels { key_specs::channels(command, argv) } else { key_specs::of(command, argv) };
    places.unwrap_or_default().iter().filter_map(|place| argv.get(place.at)).all(|key| {
        let here = slot_of(key);
        let fits = !matches!(*watched, Watched::Slot(slot) if slot != here);
        *watched = Watched::Slot(here);
        fits
    })
}

impl Watched {
    /// A script's command: its keys are in one slot, that of the keys declared and used before unless the script may go
    /// `across` slots. False where not: nobody looks any more then.
    pub(crate) fn follow(&mut self, command: &'static Command, argv: &[&[u8]], across: bool) -> bool {
        if *self == Watched::No {
            return true;
        }
        let mut own = Watched::Nothing;
        let fits = add(&mut own, command, argv);
        let strays = !across && matches!((*self, own), (Watched::Slot(a), Watched::Slot(b)) if a != b);
        if !fits || strays {
            *self = Watched::No;
            return false;
        }
        if own != Watched::Nothing && !across {
            *self = own;
        }
        true
    }
}

impl Server {
    /// Whether `cluster-compatibility-sample-ratio` draws this look.
    pub(crate) fn draws_for_compatibility(&mut self) -> bool {
        let ratio = self.hot.compatibility;
        ratio > 0 && (ratio == 100 || self.random() % 100 < u64::from(ratio))
    }

    /// A cluster would have refused that.
    pub(crate) fn count_incompatible(&mut self) {
        self.count.incompatible += 1;
    }

    /// A client's command: whether its keys, those of a transaction all together, are in one slot.
    pub(crate) fn watch_slots(&mut self, id: u64, command: &'static Command, argv: &[&[u8]]) {
        self.watched_slot = Watched::No;
        let keyless = command.keys.is_empty() && !key_specs::any(command) && command.name != "exec";
        if keyless || !self.draws_for_compatibility() {
            return;
        }
        let mut watched = Watched::Nothing;
        let mut fits = true;
        if command.name == "exec" {
            let queue = self.client(id).multi.iter().flat_map(|multi| &multi.queue);
            for words in queue {
                let refs: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
                fits &= self.find_command(&refs).is_ok_and(|command| add(&mut watched, command, &refs));
            }
        } else {
            fits = add(&mut watched, command, argv);
        }
        if fits {
            self.watched_slot = watched;
        } else {
            self.count_incompatible();
        }
    }

    /// The line of INFO, where anything is drawn.
    pub(crate) fn info_compatibility(&self, o: &mut String) {
        if !self.hot.cluster && self.config.int(config::CLUSTER_COMPATIBILITY_SAMPLE_RATIO) > 0 {
            o.push_str(&format!("cluster_incompatible_ops:{}\n", self.count.incompatible));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    fn count(bench: &mut Bench) -> Option<u64> {
        let info = bench.run("INFO stats");
        let (_, rest) = info.split_once("cluster_incompatible_ops:")?;
        rest.split("\r\n").next()?.parse().ok()
    }

    #[test]
    fn what_a_cluster_would_refuse_is_counted() {
        let mut bench = Bench::start("cluster-compatibility-sample-ratio 100\n");
        let mut expected = 0;
        for (line, counts) in [
            ("SELECT 0", false),
            ("SELECT 1", true),
            ("SELECT 0", false),
            ("SWAPDB 0 1", true),
            ("MSET a 1 b 2", true),
            ("MSET {x}a 1 {x}b 2", false),
            ("COPY {x}a {x}c", false),
            ("COPY {x}a {x}c DB 1", true),
            ("MOVE {x}a 1", true),
            ("RPUSH l 1", false),
            ("SORT l BY w*", true),
            ("SORT l GET #", false),
            ("SORT {l}l BY {l}* GET {l}*", false),
            ("EVAL return 2 a b", true),
            ("EVAL redis.call('mget','a','b') 0", true),
            ("EVAL redis.call('get','a')redis.call('get','b') 0", false),
        ] {
            bench.run(line);
            expected += u64::from(counts);
            assert_eq!(count(&mut bench), Some(expected), "{line}");
        }
        let client = bench.connect();
        for (flags, key, counts) in [("", "b", true), ("", "{a}b", false), (" flags=allow-cross-slot-keys", "b", false)]
        {
            bench.ask(client, &["EVAL", &format!("#!lua{flags}\nredis.call('get', '{key}')"), "1", "a"]);
            expected += u64::from(counts);
            assert_eq!(count(&mut bench), Some(expected), "{flags} {key}");
        }
        let listener = bench.connect();
        bench.ask(listener, &["SSUBSCRIBE", "a", "b"]);
        expected += 1;
        assert_eq!(count(&mut bench), Some(expected));
        bench.run("MULTI");
        bench.run("SET a 1");
        bench.run("SET b 1");
        bench.run("EXEC");
        assert_eq!(count(&mut bench), Some(expected + 1));
        bench.run("CONFIG SET cluster-compatibility-sample-ratio 0");
        assert_eq!(count(&mut bench), None);
        bench.run("MSET a 1 b 2");
        bench.run("CONFIG SET cluster-compatibility-sample-ratio 100");
        assert_eq!(count(&mut bench), Some(expected + 1));
    }
}
