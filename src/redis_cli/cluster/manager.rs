//! What the subcommands share: the nodes, talking to them, printing in colour.

use machine::{Fd, Sys};
use resp::reply::Reply;

use super::node::{self, Node, Unreadable, parse_address};
use crate::connection::{Address, Link};
use crate::console::{Console, Run};
use crate::options::ClusterOptions;
use crate::session::Session;
use crate::words::{atoi, atoll};

/// Colours of what is told.
#[derive(Clone, Copy, Debug)]
pub enum Level {
    /// bold
    Info,
    /// yellow
    Warn,
    /// red
    Error,
    /// green
    Ok,
}

/// What a node answered that is no plain reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// an error reply
    Error(String),
    /// nothing: the connection is lost
    Silence,
}

impl Refused {
    /// The error's text; empty where there was no answer.
    pub fn text(&self) -> &str {
        match self {
            Self::Error(text) => text,
            Self::Silence => "",
        }
    }
}

/// The state of the cluster manager.
pub struct Manager<'a> {
    /// the program around it
    pub session: &'a mut Session,
    /// the nodes; the first is the one that was named
    pub nodes: Vec<Node>,
    /// what the check found
    pub errors: usize,
    /// masters that could not be reached
    pub unreachable_masters: usize,
    /// `fix`: problems are not only told
    pub fix: bool,
    color: bool,
}

const INVALID_HOST: &str = "[ERR] Invalid arguments: you need to pass either a valid address (ie. 120.0.0.1:7000) \
                            or space separated IP and port (ie. 120.0.0.1 7000)\n";

impl<'a> Manager<'a> {
    /// A manager that knows no node.
    pub fn new(session: &'a mut Session) -> Self {
        let color = session.sys.env_var("TERM").is_some_and(|t| t.contains("xterm"));
        Self { session, nodes: Vec::new(), errors: 0, unreachable_masters: 0, fix: false, color }
    }

    /// The machine.
    pub fn sys(&self) -> Sys {
        self.session.sys.clone()
    }

    /// Where text goes.
    pub fn out(&mut self) -> &mut Console {
        &mut self.session.out
    }

    /// The options.
    pub fn options(&self) -> &ClusterOptions {
        &self.session.options.cluster
    }

    /// Prints in a level's colour.
    pub fn log(&mut self, level: Level, text: impl AsRef<str>) {
        let text = text.as_ref();
        let code = match level {
            Level::Info => "29;1m",
            Level::Warn => "33;1m",
            Level::Error => "31;1m",
            Level::Ok => "32;1m",
        };
        let line = if self.color { format!("\x1b[{code}{text}\x1b[0m") } else { text.to_owned() };
        self.out().print(line);
    }

    /// A problem of the cluster.
    pub fn problem(&mut self, text: &str) {
        self.errors += 1;
        self.log(Level::Error, format!("{text}\n"));
    }

    /// A node by its place.
    pub fn node(&mut self, place: usize) -> Option<&mut Node> {
        self.nodes.get_mut(place)
    }

    /// A node's `host:port`.
    pub fn address(&self, place: usize) -> String {
        self.nodes.get(place).map(Node::address).unwrap_or_default()
    }

    /// A node's ID.
    pub fn name(&self, place: usize) -> String {
        self.nodes.get(place).map(|n| n.name.clone()).unwrap_or_default()
    }

    /// The places of the masters.
    pub fn masters(&self) -> Vec<usize> {
        self.nodes.iter().enumerate().filter(|(_, n)| n.is_master()).map(|(i, _)| i).collect()
    }

    /// The node with an ID.
    pub fn by_name(&self, name: &str) -> Option<usize> {
        let name = name.to_ascii_lowercase();
        self.nodes.iter().position(|n| n.name == name)
    }

    /// The node whose ID starts so.
    pub fn by_prefix(&self, name: &str) -> Option<usize> {
        let name = name.to_ascii_lowercase();
        self.nodes.iter().position(|n| n.name.starts_with(&name))
    }

    /// The master with the fewest replicas.
    pub fn least_replicated(&self) -> Option<usize> {
        self.masters().into_iter().min_by_key(|&i| self.nodes.get(i).map_or(0, |n| n.replicas))
    }

    /// Host and port from a subcommand's arguments: `host:port`, or two words.
    pub async fn host_argument(&mut self, arguments: &[String]) -> Option<(String, i64)> {
        let found = match arguments {
            [one] => parse_address(one).map(|(host, port, _)| (host.to_owned(), port)),
            [host, port, ..] => Some((host.clone(), atoi(port))),
            [] => None,
        };
        let found = found.filter(|(_, port)| *port != 0);
        if found.is_none() {
            self.out().error(INVALID_HOST).await;
        }
        found
    }

    /// Connects to a node and logs in; failures are told.
    pub async fn connect(&mut self, node: &mut Node) -> bool {
        self.out().settle().await;
        node.link = None;
        let to = Address::Host(node.ip.clone(), node.port as u16);
        match Link::connect(&self.sys(), &to, self.session.options.timeout).await {
            Ok(link) => node.link = Some(link),
            Err(error) => {
                self.out().error(format!("Could not connect to Redis at {}: {error}\n", node.address())).await;
                return false;
            }
        }
        let Some(password) = self.session.target.password.clone() else { return true };
        let user = self.session.target.user.clone();
        let words: Vec<&[u8]> = [Some(&b"AUTH"[..]), user.as_deref(), Some(&password)].into_iter().flatten().collect();
        match self.command(node, &words).await {
            Ok(_) => true,
            Err(refused) => {
                self.tell(&node.address(), &refused);
                false
            }
        }
    }

    /// Sends a command to a node.
    pub async fn command(&mut self, node: &mut Node, words: &[impl AsRef<[u8]>]) -> Result<Reply, Refused> {
        self.out().settle().await;
        match &mut node.link {
            Some(link) => answer(link, words).await,
            None => Err(Refused::Silence),
        }
    }

    /// Sends a command to the node at a place.
    pub async fn ask(&mut self, place: usize, words: &[impl AsRef<[u8]>]) -> Result<Reply, Refused> {
        self.out().settle().await;
        match self.nodes.get_mut(place).and_then(|node| node.link.as_mut()) {
            Some(link) => answer(link, words).await,
            None => Err(Refused::Silence),
        }
    }

    /// Like [`Manager::ask`]; an error reply is told.
    pub async fn ask_or_tell(&mut self, place: usize, words: &[impl AsRef<[u8]>]) -> Option<Reply> {
        match self.ask(place, words).await {
            Ok(reply) => Some(reply),
            Err(refused) => {
                self.tell(&self.address(place), &refused);
                None
            }
        }
    }

    /// Tells an error reply.
    pub fn tell(&mut self, address: &str, refused: &Refused) {
        if let Refused::Error(text) = refused {
            self.log(Level::Error, format!("Node {address} replied with error:\n{text}\n"));
        }
    }

    /// Whether a node runs in cluster mode; if not, it is told.
    pub async fn is_cluster(&mut self, node: &mut Node) -> bool {
        let answer = self.command(node, &["INFO"]).await;
        let enabled = answer.as_ref().is_ok_and(|info| info_field(info, "cluster_enabled") == Some(1));
        if !enabled {
            let why = match &answer {
                Err(Refused::Error(text)) => text,
                _ => "is not configured as a cluster node.",
            };
            self.log(Level::Error, format!("[ERR] Node {} {why}\n", node.address()));
        }
        enabled
    }

    /// Whether a node knows no other and has no keys; if not, it is told.
    pub async fn is_empty(&mut self, node: &mut Node) -> bool {
        let mut why = "is not empty. Either the node already knows other nodes (check with CLUSTER NODES) or contains \
                       some key in database 0."
            .to_owned();
        match self.command(node, &["INFO"]).await {
            Ok(info) if !info.text().unwrap_or_default().contains("db0:") => {
                match self.command(node, &["CLUSTER", "INFO"]).await {
                    Ok(info) if info_field(&info, "cluster_known_nodes") == Some(1) => return true,
                    Err(Refused::Error(text)) => why = text,
                    _ => {}
                }
            }
            Err(Refused::Error(text)) => why = text,
            _ => {}
        }
        self.log(Level::Error, format!("[ERR] Node {} {why}\n", node.address()));
        false
    }

    /// Asks a node for what it knows; with `friends`, also of the others. Failures are told.
    pub async fn load(&mut self, node: &mut Node, friends: bool) -> Option<Vec<Node>> {
        match self.command(node, &["CLUSTER", "NODES"]).await {
            Ok(reply) => match node::read_nodes(node, &reply.text().unwrap_or_default(), friends) {
                Ok(others) => Some(others),
                Err(Unreadable) => {
                    self.out().error("Error: invalid CLUSTER NODES reply\n").await;
                    None
                }
            },
            Err(refused) => {
                self.tell(&node.address(), &refused);
                None
            }
        }
    }

    /// Loads the whole cluster, starting from one node. False if that fails; it has been told.
    pub async fn load_cluster(&mut self, mut first: Node) -> bool {
        if first.link.is_none() && !self.connect(&mut first).await {
            return false;
        }
        if !self.is_cluster(&mut first).await {
            return false;
        }
        let Some(friends) = self.load(&mut first, true).await else { return false };
        self.nodes = vec![first];
        for mut friend in friends {
            // Each node tells its own slots.
            let mut usable = friend.port != 0 && !friend.ip.is_empty() && self.connect(&mut friend).await;
            if usable {
                let noted_bad = !friend.is_usable();
                usable = self.load(&mut friend, false).await.is_some();
                if !usable {
                    self.log(Level::Error, format!("[ERR] Unable to load info for node {}\n", friend.address()));
                }
                usable &= !noted_bad && friend.is_usable();
            }
            if usable {
                self.nodes.push(friend);
            } else if friend.is_master() {
                self.unreachable_masters += 1;
            }
        }
        self.count_replicas();
        true
    }

    fn count_replicas(&mut self) {
        for place in 0..self.nodes.len() {
            let Some(master) = self.nodes.get(place).and_then(|n| n.replicate.clone()) else { continue };
            match self.by_name(&master).and_then(|i| self.nodes.get_mut(i)) {
                Some(master) => master.replicas += 1,
                None => {
                    let text = format!(
                        "*** WARNING: {} claims to be slave of unknown node ID {master}.\n",
                        self.address(place)
                    );
                    self.log(Level::Warn, text);
                }
            }
        }
    }

    /// Loads the cluster of the node that the arguments name.
    pub async fn load_named(&mut self, arguments: &[String]) -> bool {
        match self.host_argument(arguments).await {
            Some((host, port)) => self.load_cluster(Node::new(&host, port)).await,
            None => false,
        }
    }

    /// `… (type 'yes' to accept): `
    pub async fn confirm(&mut self, question: &str) -> bool {
        self.out().print(format!("{question} (type 'yes' to accept): "));
        self.out().flush().await;
        self.answer(4).await.is_some_and(|typed| typed.starts_with(b"yes"))
    }

    /// Reads once from the keyboard; `None` at its end.
    pub async fn answer(&mut self, most: usize) -> Option<Vec<u8>> {
        self.sys().read_vec(Fd(0), most).await.ok().filter(|typed| !typed.is_empty())
    }

    /// Asks for a line until there is one; `None` at the end of input.
    pub async fn line(&mut self, question: &str, most: usize) -> Option<String> {
        self.out().print(question);
        self.out().flush().await;
        let mut typed = self.answer(most).await?;
        // What is too long is cut, and the rest of the line thrown away.
        if typed.last() != Some(&b'\n') {
            while self.answer(1).await.is_some_and(|byte| byte != b"\n") {}
        }
        typed.pop();
        Some(String::from_utf8_lossy(&typed).into_owned())
    }

    /// An address for CLUSTER MEET, which takes no names; failures are told.
    pub async fn resolve(&mut self, host: &str) -> Option<String> {
        self.out().settle().await;
        match machine::net::resolve(&self.sys(), host).await.ok().and_then(|found| found.first().copied()) {
            Some(ip) => Some(ip.to_string()),
            None => {
                self.out().error(format!("Invalid IP address or hostname specified: {host}\n")).await;
                None
            }
        }
    }

    /// Lets a node meet the first one.
    pub async fn meet(&mut self, place: usize, ip: &str) -> Result<Reply, Refused> {
        let (port, bus_port) = self.nodes.first().map_or((0, 0), |n| (n.port, n.bus_port));
        let mut words = vec!["CLUSTER".to_owned(), "MEET".into(), ip.into(), port.to_string()];
        if bus_port != 0 && bus_port != port + 10_000 {
            words.push(bus_port.to_string());
        }
        self.ask(place, &words).await
    }

    /// Prints every node.
    pub fn show_nodes(&mut self) {
        let lines: Vec<String> = self.nodes.iter().map(|n| n.describe(0) + "\n").collect();
        self.out().print(lines.concat());
    }
}

async fn answer(link: &mut Link, words: &[impl AsRef<[u8]>]) -> Result<Reply, Refused> {
    match link.command(words).await {
        Ok(Reply::Error(text)) => Err(Refused::Error(String::from_utf8_lossy(&text).into_owned())),
        Ok(reply) => Ok(reply),
        Err(_) => Err(Refused::Silence),
    }
}

/// A number of an INFO text.
pub fn info_field(info: &Reply, name: &str) -> Option<i64> {
    let text = info.text()?;
    text.lines().find_map(|line| Some(atoll(line.strip_prefix(name)?.strip_prefix(':')?)))
}

/// Stops a subcommand where a step has failed and told so.
pub type Step = Run<bool>;
