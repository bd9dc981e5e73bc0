//! `nodes.conf`: what a node remembers of the cluster, in Redis's own format; and the lines of
//! CLUSTER NODES, which are nearly the same.

use super::message::node_flag;
use super::{Cluster, Nid, Node};
use crate::keyspace::slots::SLOTS;
use crate::server::Server;
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
}

impl Cluster {
    /// The line of a node. `file`: as the file has it, with everything that CLUSTER NODES leaves out.
    pub fn line(&self, id: Nid, file: bool, port: u16) -> String {
        let Some(node) = self.nodes.get(&id) else { return String::new() };
        let mut line = String::new();
        let (shown_port, shown_cport) = if id == self.myself && !file {
            (port, node.cport.max(port.wrapping_add(10_000)))
        } else {
            (node.port, node.cport)
        };
        let (shown_port, shown_cport) =
            if id == self.myself && file && node.ip.is_empty() { (0, 0) } else { (shown_port, shown_cport) };
        let _ = write!(line, "{} {}:{shown_port}@{shown_cport}", node.name, node.ip);
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
    pub fn lines(&self, except: u16, file: bool, port: u16) -> String {
        let mut ids: Vec<&Nid> = self.nodes.iter().filter(|(_, n)| !n.has(except)).map(|(id, _)| id).collect();
        ids.sort_by(|a, b| self.nodes[a].name.cmp(&self.nodes[b].name));
        ids.iter().map(|id| self.line(**id, file, port) + "\n").collect()
    }

    /// Reads the file's text; the line that makes no sense where one does not, the last one where the whole lacks
    /// something.
    fn read<'a>(&mut self, text: &'a str, now: i64) -> Result<(), &'a str> {
        let mut read = Read::default();
        let mut last = "";
        for line in text.split_inclusive('\n').filter(|l| !l.starts_with('\n')) {
            self.read_line(line, &mut read, now).ok_or(line)?;
            last = line;
        }
        self.tie(read).ok_or(last)
    }

    fn read_line(&mut self, line: &str, read: &mut Read, now: i64) -> Option<()> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        if words.first()?.eq_ignore_ascii_case("vars") {
            if words.len().is_multiple_of(2) {
                return None;
            }
            for pair in words[1..].chunks_exact(2) {
                match pair[0] {
                    "currentEpoch" => self.epoch = pair[1].parse().ok()?,
                    "lastVoteEpoch" => self.last_vote = pair[1].parse().ok()?,
                    _ => {}
                }
            }
            return Some(());
        }
        let id = self.read_node(&words, read, now)?;
        for word in &words[8..] {
            if let Some(inner) = word.strip_prefix('[').and_then(|w| w.strip_suffix(']')) {
                let (slot, rest) = inner.split_once('-')?;
                read.open.push((slot.parse().ok()?, rest.get(2..)?.to_owned(), rest.starts_with('>')));
                continue;
            }
            let (from, to) = word.split_once('-').unwrap_or((word, word));
            let (from, to): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
            if to >= SLOTS {
                return None;
            }
            for slot in from..=to {
                self.add_slot(id, slot);
            }
        }
        Some(())
    }

    /// Puts the nodes' identifiers in the place of their names. Nothing where a node is missing.
    fn tie(&mut self, read: Read) -> Option<()> {
        for (id, master) in read.masters {
            let master = self.by_name(&master)?;
            if let Some(node) = self.nodes.get_mut(&id) {
                node.master = Some(master);
            }
        }
        for (slot, name, away) in read.open {
            let other = self.by_name(&name)?;
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
        let (port, cport) = ports.split_once('@')?;
        node.ip = ip.to_owned();
        node.port = port.parse().ok()?;
        node.cport = cport.parse().ok()?;
        node.hostname = parts.next().unwrap_or("").to_owned();
        for aux in parts {
            match aux.split_once('=') {
                Some(("shard-id", id)) => node.shard = id.to_owned(),
                Some(("nodename", name)) => node.human_name = name.to_owned(),
                _ => {}
            }
        }
        for flag in words[2].split(',') {
            node.flags |= match flag {
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
        node.config_epoch = words[6].parse().ok()?;
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
                if let Err(line) = cluster.read(&String::from_utf8_lossy(&text), now) {
                    self.warn(&format!("Unrecoverable error: corrupted cluster config file \"{line}\"."));
                    return false;
                }
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
        let mut text = cluster.lines(node_flag::HANDSHAKE, true, 0);
        let _ = writeln!(text, "vars currentEpoch {} lastVoteEpoch {}", cluster.epoch, cluster.last_vote);
        let path = cluster.file.clone();
        if let Err(error) = self.host.write_file(&path, text.as_bytes()) {
            self.warn(&format!("Could not open tmp cluster config file: {error}"));
            return false;
        }
        true
    }
}
