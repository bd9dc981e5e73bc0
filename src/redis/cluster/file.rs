//! `nodes.conf`: what a node remembers of the cluster, in Redis's own format; and the lines of
//! CLUSTER NODES, which are nearly the same.

use super::message::node_flag;
use super::{Cluster, Nid, Node};
use crate::keyspace::slots::SLOTS;
use crate::server::Server;
use crate::server::number::{atoi, atoll};
use std::fmt::Write;

/// What lines said of nodes that may come in later ones.
#[derive(Default)]
struct Read {
    /// Replicas, with the names of their masters.
    masters: Vec<(Nid, String)>,
    /// Slots on their way, with the name of the other node and whether they leave.
    open: Vec<(usize, String, bool)>,
    /// Whether one line was of this node.
    myself: bool,
    /// Variables of other names than those that are known.
    unknown: Vec<String>,
}

/// A number as `strtoull` reads it.
fn epoch(word: &str) -> u64 {
    atoll(word.as_bytes()) as u64
}

/// The number of a slot as `atoi` reads it; nothing where there is no such slot.
fn slot_number(word: &str) -> Option<usize> {
    usize::try_from(atoi(word.as_bytes())).ok().filter(|slot| *slot < SLOTS)
}

/// A port as `atoi` reads it.
fn port(word: &str) -> u16 {
    u16::try_from(atoi(word.as_bytes())).unwrap_or(0)
}

impl Cluster {
    /// The line of a node. `file`: as the file has it, with everything that CLUSTER NODES leaves out.
    pub fn line(&self, id: Nid, file: bool) -> String {
        let Some(node) = self.nodes.get(&id) else { return String::new() };
        let mut line = String::new();
        let _ = write!(line, "{} {}:{}@{}", node.name, node.ip, node.port, node.cport);
        if file {
            let _ = write!(line, ",{},tls-port=0,shard-id={}", node.hostname, node.shard);
            if !node.human_name.is_empty() {
                let _ = write!(line, ",nodename={}", node.human_name);
            }
        } else if !node.hostname.is_empty() {
            let _ = write!(line, ",{}", node.hostname);
        }
        let master = node.master.and_then(|m| self.nodes.get(&m)).map_or("-", |m| m.name.as_str());
        // A replica shows the epoch of its master.
        let epoch = node.master.and_then(|m| self.nodes.get(&m)).map_or(node.config_epoch, |m| m.config_epoch);
        let link = if id == self.myself || node.link.and_then(|l| self.links.get(&l)).is_some() {
            "connected"
        } else {
            "disconnected"
        };
        let _ =
            write!(line, " {} {master} {} {} {epoch} {link}", node.flag_names(), node.ping_sent, node.pong_received);
        for (from, to) in node.ranges() {
            let _ = if from == to { write!(line, " {from}") } else { write!(line, " {from}-{to}") };
        }
        if id == self.myself {
            for (slot, to) in &self.migrating {
                let _ = write!(line, " [{slot}->-{}]", self.nodes.get(to).map_or("", |n| &n.name));
            }
            for (slot, from) in &self.importing {
                let _ = write!(line, " [{slot}-<-{}]", self.nodes.get(from).map_or("", |n| &n.name));
            }
        }
        line
    }

    /// All lines, without nodes of these flags.
    pub fn lines(&self, except: u16, file: bool) -> String {
        let mut ids: Vec<&Nid> = self.nodes.iter().filter(|(_, n)| !n.has(except)).map(|(id, _)| id).collect();
        ids.sort_by(|a, b| self.nodes[a].name.cmp(&self.nodes[b].name));
        ids.iter().map(|id| self.line(**id, file) + "\n").collect()
    }

    /// Reads the file's text: the variables that it does not know. The line that makes no sense where one does not, the
    /// last one where the whole lacks something.
    fn read<'a>(&mut self, text: &'a str, now: i64) -> Result<Vec<String>, &'a str> {
        let mut read = Read::default();
        let mut last = "";
        for line in text.split_inclusive('\n').filter(|l| !l.starts_with('\n')) {
            self.read_line(line, &mut read, now).ok_or(line)?;
            last = line;
        }
        let unknown = std::mem::take(&mut read.unknown);
        self.tie(read, now).ok_or(last)?;
        Ok(unknown)
    }

    fn read_line(&mut self, line: &str, read: &mut Read, now: i64) -> Option<()> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        if words.first()?.eq_ignore_ascii_case("vars") {
            if words.len().is_multiple_of(2) {
                return None;
            }
            for pair in words[1..].chunks_exact(2) {
                match pair[0].to_ascii_lowercase().as_str() {
                    "currentepoch" => self.epoch = epoch(pair[1]),
                    "lastvoteepoch" => self.last_vote = epoch(pair[1]),
                    _ => read.unknown.push(pair[0].to_owned()),
                }
            }
            return Some(());
        }
        let id = self.read_node(&words, read, now)?;
        for word in &words[8..] {
            if let Some(inner) = word.strip_prefix('[').and_then(|w| w.strip_suffix(']')) {
                let (slot, rest) = inner.split_once('-')?;
                read.open.push((slot_number(slot)?, rest.get(2..)?.to_owned(), rest.starts_with('>')));
                continue;
            }
            let (from, to) = word.split_once('-').unwrap_or((word, word));
            for slot in slot_number(from)?..=slot_number(to)? {
                self.add_slot(id, slot);
            }
        }
        Some(())
    }

    /// The node of a name, of which nothing may be known yet; nothing where that is no name.
    fn named(&mut self, name: &str, now: i64) -> Option<Nid> {
        let known = self.by_name(name);
        let is_name = name.len() == 40 && name.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'z'));
        known.or_else(|| is_name.then(|| self.add(Node::new(name.to_owned(), String::new(), 0, now))))
    }

    /// Puts the nodes' identifiers in the place of their names. Nothing where that is no name.
    fn tie(&mut self, read: Read, now: i64) -> Option<()> {
        for (id, master) in read.masters {
            let master = self.named(&master, now)?;
            if let Some(node) = self.nodes.get_mut(&id) {
                node.master = Some(master);
                if node.has(node_flag::REPLICA) {
                    node.config_epoch = 0;
                }
            }
        }
        for (slot, name, away) in read.open {
            let other = self.named(&name, now)?;
            if away {
                self.migrating.insert(slot, other)
            } else {
                self.importing.insert(slot, other)
            };
        }
        let me = self.nodes.get(&self.myself).filter(|_| read.myself)?;
        let replica = me.has(node_flag::REPLICA);
        (me.has(node_flag::MASTER) || replica && me.master.is_some()).then_some(())
    }

    fn read_node(&mut self, words: &[&str], read: &mut Read, now: i64) -> Option<Nid> {
        if words.len() < 8 || words[0].len() != 40 {
            return None;
        }
        let mut node = Node::new(words[0].to_owned(), String::new(), 0, now);
        let mut parts = words[1].split(',');
        let (ip, ports) = parts.next()?.rsplit_once(':')?;
        // Before version 4 the second port was not told.
        let (clients, bus) = ports.split_once('@').map_or((ports, None), |(clients, bus)| (clients, Some(bus)));
        node.ip = ip.to_owned();
        node.port = port(clients);
        node.cport = bus.map_or_else(|| node.port.wrapping_add(10_000), port);
        node.hostname = parts.next().unwrap_or("").to_owned();
        for aux in parts {
            match aux.split_once('=')? {
                ("shard-id", id) if id.len() == 40 => node.shard = id.to_owned(),
                ("nodename", name) => node.human_name = name.to_owned(),
                ("tcp-port", word) => node.port = port(word),
                ("tls-port", _) => {}
                _ => return None,
            }
        }
        for flag in words[2].split(',') {
            node.flags |= match flag.to_ascii_lowercase().as_str() {
                "myself" => node_flag::MYSELF,
                "master" => node_flag::MASTER,
                "slave" => node_flag::REPLICA,
                "fail?" => node_flag::PFAIL,
                "fail" => node_flag::FAIL,
                "handshake" => node_flag::HANDSHAKE,
                "noaddr" => node_flag::NOADDR,
                "nofailover" => node_flag::NOFAILOVER,
                "noflags" => 0,
                _ => return None,
            };
        }
        if node.has(node_flag::FAIL) {
            node.fail_time = now;
        }
        node.config_epoch = epoch(words[6]);
        let id = if node.has(node_flag::MYSELF) {
            read.myself = true;
            node.flags |= node_flag::EXTENSIONS;
            self.nodes.insert(self.myself, node);
            self.myself
        } else {
            self.add(node)
        };
        if words[3] != "-" {
            read.masters.push((id, words[3].to_owned()));
        }
        Some(id)
    }
}

impl Server {
    /// Reads nodes.conf, or makes it. False (after a line in the log) if that is not possible.
    pub fn cluster_load(&mut self) -> bool {
        let now = self.now_ms;
        let Some(path) = self.cluster.as_ref().map(|c| c.file.clone()) else { return true };
        match self.host.read_file(&path) {
            Ok(Some(text)) if !text.is_empty() => {
                let Some(cluster) = &mut self.cluster else { return true };
                let read = cluster.read(&String::from_utf8_lossy(&text), now).map_err(str::to_owned);
                let unknown = match read {
                    Ok(unknown) => unknown,
                    Err(line) => {
                        self.warn(&format!("Unrecoverable error: corrupted cluster config file \"{line}\"."));
                        return false;
                    }
                };
                for name in unknown {
                    self.notice(&format!("Skipping unknown cluster config variable '{name}'"));
                }
                let Some(cluster) = &mut self.cluster else { return true };
                let top = cluster.nodes.values().map(|n| n.config_epoch).max().unwrap_or(0);
                cluster.epoch = cluster.epoch.max(top);
                let name = cluster.me().name.clone();
                self.notice(&format!("Node configuration loaded, I'm {name}"));
            }
            Ok(_) => {
                let name = self.cluster.as_ref().map(|c| c.me().name.clone()).unwrap_or_default();
                self.notice(&format!("No cluster configuration found, I'm {name}"));
                if !self.cluster_save() {
                    return false;
                }
            }
            Err(error) => {
                self.warn(&format!("Loading the cluster node config from {path}: {error}"));
                return false;
            }
        }
        self.cluster_announce_changed();
        if let Some(cluster) = &mut self.cluster {
            cluster.todo.save = false;
        }
        true
    }

    /// Writes nodes.conf.
    pub(crate) fn cluster_save(&mut self) -> bool {
        let Some(cluster) = &self.cluster else { return true };
        let mut text = cluster.lines(node_flag::HANDSHAKE, true);
        let _ = writeln!(text, "vars currentEpoch {} lastVoteEpoch {}", cluster.epoch, cluster.last_vote);
        let path = cluster.file.clone();
        if let Err(error) = self.host.write_file(&path, text.as_bytes()) {
            self.warn(&format!("Could not open tmp cluster config file: {error}"));
            return false;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use crate::memory_host::{self, World};
    use crate::testing::Bench;
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::rc::Rc;

    const NAME: &str = "0123456789abcdef0123456789abcdef01234567";

    /// What the log says of a file, and what CLUSTER NODES and the epoch are; nothing where it is refused.
    fn load(text: &str) -> (String, Option<(String, u64)>) {
        let files = BTreeMap::from([("nodes.conf".to_owned(), text.as_bytes().to_vec())]);
        let world = Rc::new(RefCell::new(World { files, ..World::default() }));
        let server = memory_host::unloaded(&world, "cluster-enabled yes\ncluster-port 7001\n");
        let mut server = server.expect("a server");
        let loaded = server.cluster_load();
        let log = world.borrow().log.join("\n");
        let cluster = server.cluster.as_ref().filter(|_| loaded);
        (log, cluster.map(|cluster| (cluster.lines(0, false), cluster.epoch)))
    }

    fn mine(rest: &str) -> String {
        format!("{NAME} 127.0.0.1:6379@7001 myself,{rest}\n")
    }

    #[test]
    fn what_is_not_known_is_told_and_left() {
        let node = format!("{NAME} 127.0.0.1:7000@17000,,tls-port=0 myself,MASTER - 0 0 1x connected 0-5\n");
        let (log, me) = load(&format!("{node}VARS CURRENTEPOCH 7 speed 3 lastVoteEpoch 0\n"));
        assert!(log.contains("Skipping unknown cluster config variable 'speed'"), "{log}");
        assert_eq!(me, Some((mine("master - 0 0 1 connected 0-5"), 7)));
        let (log, me) = load(&format!("{}vars currentEpoch 1 lastVoteEpoch\n", node.replace("@17000", "")));
        assert!(log.contains("corrupted cluster config file \"vars currentEpoch 1 lastVoteEpoch\n\""), "{log}");
        assert_eq!(me, None);
    }

    #[test]
    fn files_of_older_versions_are_read() {
        let (log, me) = load(&format!("{NAME} 127.0.0.1:7000 myself,master - 0 0 3 connected\n"));
        assert_eq!(me, Some((mine("master - 0 0 3 connected"), 3)), "{log}");
        let (_, me) = load(&format!("{NAME} 127.0.0.1:7000@17000,,speed=3 myself,master - 0 0 3 connected\n"));
        assert_eq!(me, None);
    }

    #[test]
    fn nodes_may_be_named_that_have_no_line() {
        let other = NAME.replace('0', "f");
        let (log, me) = load(&format!("{NAME} 127.0.0.1:7000@17000 myself,master - 0 0 3 connected 5 [5->-{other}]\n"));
        let (lines, _) = me.unwrap_or_else(|| panic!("{log}"));
        assert!(lines.contains(&mine(&format!("master - 0 0 3 connected 5 [5->-{other}]"))), "{lines}");
        assert!(lines.contains(&format!("{other} :0@0 noflags - ")), "{lines}");
        let (_, me) = load(&format!("{NAME} 127.0.0.1:7000@17000 myself,slave nobody 0 0 3 connected\n"));
        assert_eq!(me, None);
    }

    #[test]
    fn a_node_tells_the_ports_that_it_was_given() {
        let address = |bench: &mut Bench| {
            let nodes = bench.run("CLUSTER NODES");
            nodes.split_whitespace().find(|word| word.contains('@')).unwrap_or_default().to_owned()
        };
        let start = |settings: &str| {
            let mut bench = Bench::start(settings);
            assert!(bench.server.cluster_load());
            bench
        };
        let mut bench = start("port 7000\ncluster-enabled yes\ncluster-port 7100");
        assert_eq!(address(&mut bench), ":7000@7100");
        bench.run("CONFIG SET cluster-announce-bus-port 90");
        assert_eq!(address(&mut bench), ":7000@90");
        let mut bench = start("port 7000\ncluster-enabled yes");
        assert_eq!(address(&mut bench), ":7000@17000");
        bench.run("CONFIG SET port 7001");
        assert_eq!(address(&mut bench), ":7001@17001");
        assert!(bench.run("CLUSTER MEET 127.0.0.1 9223372036854775807").contains("Invalid node address"));
    }
}
