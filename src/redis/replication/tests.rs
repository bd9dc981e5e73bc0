//! Two engines with a wire between them.

use crate::server::Action;
use crate::server::connections::Door;
use crate::testing::Bench;
use std::collections::BTreeMap;

/// A master and its replica.
struct Two {
    master: Bench,
    replica: Bench,
    /// The replica's connections and the master's ends of them.
    wires: BTreeMap<u64, u64>,
}

impl Two {
    fn start(master: &str, replica: &str) -> Two {
        let (master, mut replica) = (Bench::start(master), Bench::start(replica));
        // The randomness of tests is all the same.
        replica.server.repl.id = "1".repeat(40);
        Two { master, replica, wires: BTreeMap::new() }
    }

    /// Does what the engines ask for, and carries what they say.
    fn carry(&mut self) {
        for action in self.replica.server.take_actions() {
            match action {
                Action::Connect { conn, .. } => {
                    let end = self.master.server.accepted(Door::Clients, "127.0.0.1:50003", "127.0.0.1:6379", 9);
                    self.wires.insert(conn, end);
                    self.replica.server.connected(conn, Ok("127.0.0.1:50003".to_owned()));
                }
                Action::Close(conn) => {
                    if let Some(end) = self.wires.remove(&conn) {
                        self.master.server.disconnected(end);
                    }
                }
                _ => {}
            }
        }
        for action in self.master.server.take_actions() {
            if let Action::StartChild(plan) = action {
                self.master.server.run_child(&plan, 2);
            }
        }
        for (here, there) in self.wires.clone() {
            let said = self.replica.server.take_output(here);
            if !said.is_empty() {
                self.master.server.received(there, &said);
            }
            let answered = self.master.server.take_output(there);
            if !answered.is_empty() {
                self.replica.server.received(here, &answered);
            }
        }
    }

    fn pass(&mut self, seconds: i64) {
        for _ in 0..seconds * 20 {
            self.carry();
            self.master.pass(50);
            self.replica.pass(50);
        }
        self.carry();
    }

    fn told(&self, text: &str) -> bool {
        [&self.master, &self.replica].iter().any(|b| b.world.borrow().log.iter().any(|line| line.contains(text)))
    }
}

#[test]
fn the_snapshot_comes_over_a_connection_of_its_own_and_the_stream_meanwhile() {
    let mut two = Two::start("repl-diskless-sync-delay 1", "");
    two.master.run("SET a 1");
    two.replica.run("REPLICAOF 127.0.0.1 6379");
    two.pass(3);
    two.master.run("SET b 2");
    two.pass(1);
    assert_eq!(two.replica.run("MGET a b"), "(1 2)");
    assert!(two.told("PSYNC is not possible, initialize RDB channel."));
    assert!(two.told("Starting BGSAVE for SYNC with target: replicas sockets (rdb-channel)"));
    assert!(two.told("Successfully streamed replication buffer into the db (0 bytes in total)"));
    assert_eq!(two.wires.len(), 1, "the second connection is closed");
    assert!(two.master.run("INFO replication").contains("connected_slaves:1"));
    assert_eq!(two.master.run("WAIT 1 100"), "1");
}

#[test]
fn without_it_the_snapshot_has_a_mark_or_is_written_to_disk_first() {
    for (settings, target) in [
        ("repl-rdb-channel no\nrepl-diskless-sync-delay 0", "replicas sockets"),
        ("repl-diskless-sync no\nappendonly no", "disk"),
    ] {
        let mut two = Two::start(settings, "");
        two.master.run("SET a 1");
        two.replica.run("REPLICAOF 127.0.0.1 6379");
        two.pass(2);
        two.master.run("SET b 2");
        two.pass(1);
        assert_eq!(two.replica.run("MGET a b"), "(1 2)", "{target}");
        assert!(two.told(&format!("Starting BGSAVE for SYNC with target: {target}")));
        assert_eq!(two.master.run("WAIT 1 100"), "1", "{target}");
    }
}

#[test]
fn a_lost_second_connection_begins_the_synchronisation_anew() {
    let mut two = Two::start("repl-diskless-sync-delay 1", "");
    two.master.run("SET a 1");
    two.replica.run("REPLICAOF 127.0.0.1 6379");
    for _ in 0..8 {
        two.carry();
    }
    let (channel, end) = two.wires.pop_last().expect("two connections");
    two.master.server.disconnected(end);
    two.replica.server.disconnected(channel);
    two.pass(4);
    assert!(two.told("Aborting rdb channel sync"));
    assert_eq!(two.replica.run("GET a"), "1");
}

#[test]
fn a_snapshot_given_up_while_it_is_loaded_leaves_nothing_behind() {
    let mut two = Two::start("repl-diskless-sync-delay 1", "key-load-delay 10000000");
    two.master.run("MSET a 1 b 2 c 3");
    two.replica.run("REPLICAOF 127.0.0.1 6379");
    two.pass(3);
    assert!(two.replica.run("INFO persistence").contains("loading:1"));
    for setting in ["repl-rdb-channel no", "key-load-delay 0"] {
        assert_eq!(two.replica.run(&format!("CONFIG SET {setting}")), "OK");
    }
    // As a change in the cluster has it.
    two.replica.server.follow("127.0.0.1", 6379);
    assert!(two.replica.run("INFO persistence").contains("loading:0"));
    two.pass(4);
    assert_eq!(two.replica.run("MGET a b c"), "(1 2 3)");
    assert!(!two.told("Starting to stream replication buffer"), "nothing came beside this one");
    assert_eq!(two.master.run("WAIT 1 100"), "1");
}

#[test]
fn a_replica_whose_link_is_killed_goes_on_where_it_was() {
    let mut two = Two::start("repl-diskless-sync-delay 0", "");
    two.replica.run("REPLICAOF 127.0.0.1 6379");
    two.pass(2);
    two.master.run("INCR n");
    two.pass(1);
    assert_eq!(two.replica.run("CLIENT KILL TYPE master"), "1");
    two.master.run("INCR n");
    two.pass(2);
    two.master.run("INCR n");
    two.pass(1);
    assert_eq!(two.replica.run("GET n"), "3");
    assert!(two.told("Successful partial resynchronization with master."));
}

#[test]
fn the_selected_database_outlives_a_lost_link() {
    let mut two = Two::start("repl-diskless-sync-delay 0", "");
    two.replica.run("REPLICAOF 127.0.0.1 6379");
    two.pass(2);
    two.master.run("SELECT 3");
    two.replica.run("SELECT 3");
    two.master.run("INCR n");
    two.pass(1);
    two.replica.run("CLIENT KILL TYPE master");
    two.pass(2);
    two.master.run("INCR n");
    two.pass(1);
    assert_eq!(two.replica.run("GET n"), "2");
}
