//! Connections: coming, talking, going.

use super::client::Role;
use super::client_memory::REPLY_BUFFER;
use super::outbox::{self, Outbox};
use super::{Action, Client, Server};
use crate::config::{self, BufferLimit};
use resp::Limits;

/// The largest query buffer that a client keeps while it is empty.
const KEEP: usize = 32 * 1024;

/// Bytes of output beyond the buffer that may wait for a client that has not logged in.
const STRANGERS_OUTPUT: i64 = 1024;

/// The number of the first client. Those before it have the two that scripts and functions call commands with, and the
/// one behind which the module of vector sets was loaded, when the server started.
pub(super) const FIRST_CLIENT: u64 = 4;
/// Where the numbers of connections begin that are no clients: to masters, to nodes, to where keys are moved.
pub(super) const LINKS: u64 = 1 << 62;

/// Which door a connection came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The clients' port.
    Clients,
    /// The Unix socket.
    Unix,
    /// The cluster bus.
    Bus,
}

impl Server {
    /// A new number for a connection that no client is behind, so that clients are numbered without gaps.
    pub fn new_link(&mut self) -> u64 {
        let id = self.next_link;
        self.next_link += 1;
        id
    }

    /// A new number for a client.
    pub fn new_conn(&mut self) -> u64 {
        let id = self.next_conn;
        self.next_conn += 1;
        id
    }

    /// Somebody connected: `peer` and `local` are `ip:port`. Returns the connection's number.
    pub fn accepted(&mut self, door: Door, peer: &str, local: &str, fd: i64) -> u64 {
        self.refresh_time();
        if door == Door::Bus {
            let id = self.new_link();
            self.bus_accepted(id, peer, local);
            return id;
        }
        let id = self.new_conn();
        self.count.connections += 1;
        let now = self.host.mono_us() / 1000;
        let mut client = Box::new(Client {
            id,
            addr: peer.to_owned(),
            laddr: local.to_owned(),
            fd,
            created: now,
            last_seen: now,
            last_cmd: "NULL",
            reply_buffer: REPLY_BUFFER,
            reply_peak: REPLY_BUFFER,
            unix: door == Door::Unix,
            ..Client::default()
        });
        client.authenticated = self.acl.default_needs_no_password();
        client.user = "default".into();
        let full = self.clients.len() >= self.config.size(config::MAXCLIENTS);
        let protected = door == Door::Clients && self.protects_from(peer);
        self.clients.insert(id, client);
        if full {
            self.count.rejected += 1;
            self.refuse(id, "ERR max number of clients reached");
        } else if protected {
            self.count.rejected += 1;
            self.refuse(id, PROTECTED);
        }
        id
    }

    /// Protected mode: no password, and the client is not of this host.
    fn protects_from(&self, peer: &str) -> bool {
        let local = peer.starts_with("127.") || peer.starts_with("::1") || peer.starts_with("[::1]");
        self.config.bool(config::PROTECTED_MODE) && self.acl.default_needs_no_password() && !local
    }

    fn refuse(&mut self, id: u64, text: &str) {
        let client = self.client_mut(id);
        client.out.error(text);
        client.close_after_reply = true;
        self.ready_output.insert(id);
    }

    /// Bytes arrived.
    pub fn received(&mut self, id: u64, data: &[u8]) {
        if self.asleep_for(id) {
            self.hold_received(id, data);
            return;
        }
        self.refresh_time();
        if self.with_fork(id, |copy| copy.received(id, data)) {
            self.count.net_in += data.len() as u64;
            return;
        }
        if self.migrations.owns(id) {
            self.migrate_received(id, data);
            self.after_event();
            return;
        }
        if self.is_bus(id) {
            self.bus_received(id, data);
            return;
        }
        if self.slot_migration.owns(id) {
            self.count.net_repl_in += data.len() as u64;
            self.source_said(id, data);
            self.after_event();
            return;
        }
        if self.sentinel_owns(id) {
            self.sentinel_received(id, data);
            self.after_event();
            return;
        }
        if self.repl.owns(id) {
            self.master_received(id, data);
            return;
        }
        self.count.net_in += data.len() as u64;
        self.count.reads += 1;
        let now = self.mono_us / 1000;
        let limit = self.config.size(config::CLIENT_QUERY_BUFFER_LIMIT);
        let Some(client) = self.clients.get_mut(&id) else { return };
        if client.close_after_reply {
            return;
        }
        client.net_in += data.len() as u64;
        client.last_seen = now;
        if self.debugs(id) {
            self.debug_received(data);
            return;
        }
        let Some(client) = self.clients.get_mut(&id) else { return };
        client.query.extend_from_slice(data);
        if client.query.len() > limit {
            let text = format!("Closing client that reached max query buffer length: {}", self.describe_client(id));
            self.count.query_limit += 1;
            self.warn(&text);
            self.drop_client(id);
            return;
        }
        self.process_input(id);
        self.after_event();
    }

    /// The other side closed, or the connection failed.
    pub fn disconnected(&mut self, id: u64) {
        if self.asleep_for(id) {
            self.hold_disconnected(id);
            return;
        }
        self.refresh_time();
        if self.scripting.end_fork(id) {
            // Nobody will ever know what the copy would have done.
        } else if self.migrations.owns(id) {
            self.migrate_closed(id);
        } else if self.is_bus(id) {
            self.bus_closed(id);
        } else if self.slot_migration.owns(id) {
            self.source_lost(id);
        } else if self.sentinel_owns(id) {
            self.sentinel_closed(id);
        } else if self.repl.owns(id) {
            self.master_lost(id);
        } else {
            self.forget_client(id);
        }
        self.after_event();
    }

    /// An attempt to connect succeeded (with the local address) or failed (with the error's text).
    pub fn connected(&mut self, id: u64, result: Result<String, String>) {
        if self.asleep_for(id) {
            self.hold_connected(id, result);
            return;
        }
        self.refresh_time();
        if self.migrations.owns(id) {
            self.migrate_connected(id, result.as_ref().map(drop).map_err(String::as_str));
        } else if self.is_bus(id) {
            self.bus_connected(id, result);
        } else if self.slot_migration.owns(id) {
            self.source_connected(id, result);
        } else if self.sentinel_owns(id) {
            self.sentinel_connected(id, result);
        } else if self.repl.owns(id) {
            self.master_connected(id, result);
        }
        self.after_event();
    }

    /// Bytes to be sent on a connection; the caller says how many it sent.
    pub fn output(&mut self, id: u64) -> Option<&[u8]> {
        if self.asleep_for(id) {
            return None;
        }
        if self.scripting.forked(id) {
            return self.fork_output(id);
        }
        if self.clients.contains_key(&id) {
            return self.clients.get(&id).map(Client::unsent);
        }
        self.link_output(id).map(|out| out.waiting())
    }

    /// The output of a connection to another server.
    fn link_output(&mut self, id: u64) -> Option<&mut Outbox> {
        if self.migrations.owns(id) {
            return self.migrations.output(id);
        }
        if self.is_bus(id) {
            return self.bus_output(id);
        }
        if self.slot_migration.owns(id) {
            return self.slot_migration.output(id);
        }
        if self.sentinel_owns(id) {
            return self.sentinel_output(id);
        }
        if self.repl.owns(id) {
            return self.repl.output(id);
        }
        None
    }

    /// All that is to be sent on a connection, as sent.
    pub fn take_output(&mut self, id: u64) -> Vec<u8> {
        let bytes = self.output(id).unwrap_or_default().to_vec();
        self.sent(id, bytes.len());
        bytes
    }

    /// `n` bytes of a connection's output were sent: they are no longer there.
    pub fn sent(&mut self, id: u64, n: usize) {
        self.count.net_out += n as u64;
        self.count.writes += 1;
        let mut close = false;
        if self.with_fork(id, |copy| copy.sent(id, n)) {
            return;
        }
        if let Some(client) = self.clients.get_mut(&id) {
            outbox::drop_sent(&mut client.out.buf, &mut client.sent, n);
            client.net_out += n as u64;
            close = client.close_after_reply && client.out.buf.is_empty();
            if client.replica.is_some() || client.migrates {
                self.count.net_repl_out += n as u64;
            }
        } else if let Some(out) = self.link_output(id) {
            out.sent(n);
        }
        if self.slot_migration.migrates() {
            self.migration_sent(id);
        }
        if close {
            self.drop_client(id);
        }
    }

    /// Connections that have something to be sent. Replicas come first, as in Redis: a client that
    /// has its answer and asks a replica next finds there what it wrote, unless the way is slow.
    pub fn take_ready(&mut self) -> Vec<u64> {
        if self.asleep() {
            return self.served_asleep().filter(|conn| self.ready_output.remove(conn)).into_iter().collect();
        }
        let mut ready = self.ready_output.take();
        if ready.len() > 1 && !self.repl.replicas.is_empty() {
            ready.sort_by_key(|id| !self.repl.replicas.contains(id));
        }
        ready
    }

    /// What the program around has to do.
    pub fn take_actions(&mut self) -> Vec<Action> {
        if self.asleep() && self.served_asleep().is_none() {
            return Vec::new();
        }
        std::mem::take(&mut self.actions)
    }

    /// Closes a client's connection from this side.
    pub fn drop_client(&mut self, id: u64) {
        if self.repl.has_agent(id) {
            // What the master's commands run as is gone with the connection to the master.
            self.close_link();
            self.master_lost(0);
        } else if self.clients.contains_key(&id) {
            self.forget_client(id);
            if self.scripting.forked(id) {
                // The connection belongs to the copy of the server that debugs the client's script.
                self.ready_output.insert(id);
            } else {
                self.actions.push(Action::Close(id));
            }
        }
    }

    /// Closes a client's connection once the current event is dealt with.
    pub fn close_soon(&mut self, id: u64) {
        if let Some(client) = self.clients.get_mut(&id)
            && !client.close_now
        {
            client.close_now = true;
            self.doomed.push(id);
        }
    }

    fn forget_client(&mut self, id: u64) {
        if !self.clients.contains_key(&id) {
            return;
        }
        if self.client(id).role == Role::Replica {
            self.replica_lost(id);
        }
        if self.client(id).migrates || self.client(id).imports {
            self.migration_client_gone(id);
        }
        self.debug_detached(id);
        self.unsubscribe_everything(id);
        self.unwatch_all(id);
        self.unblock(id);
        self.tracking.forget(id);
        self.monitors.remove(&id);
        self.ready_output.remove(&id);
        if let Some(client) = self.clients.remove(&id) {
            self.other_memory = self.other_memory.saturating_sub(client.input_counted);
        }
    }

    /// Runs the requests that a client's buffer holds.
    pub fn process_input(&mut self, id: u64) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if client.blocked.is_some() || client.close_after_reply {
            return;
        }
        if self.script_holds(id) {
            self.hold_for_script(id);
            return;
        }
        let Some(client) = self.clients.get_mut(&id) else { return };
        let buf = std::mem::take(&mut client.query);
        client.reading = buf.len();
        let mut parser = std::mem::take(&mut client.parser);
        let (mut at, mut warm) = (0, 0);
        while at < buf.len() {
            // The first request is served at once: most often it is alone.
            if at > 0 && at >= warm {
                warm = self.look_ahead(id, &buf, at);
            }
            let asleep = self.asleep();
            let Some(client) = self.clients.get_mut(&id) else { return };
            if client.blocked.is_some() || client.close_after_reply || client.close_now || asleep {
                break;
            }
            if self.script_holds(id) {
                self.hold_for_script(id);
                break;
            }
            let Some(client) = self.clients.get_mut(&id) else { return };
            let limits = Limits {
                max_bulk: self.hot.max_bulk,
                authenticated: client.authenticated || self.acl.default_needs_no_password(),
            };
            match parser.step(&buf[at..], limits) {
                Ok(None) => break,
                Ok(Some(used)) => {
                    client.request = used;
                    self.run_parsed(id, &parser, &buf[at..]);
                    at += used;
                }
                Err(error) => {
                    let client = self.client_mut(id);
                    client.out.error(&format!("ERR Protocol error: {}", error.0));
                    client.close_after_reply = true;
                    self.count.errors += 1;
                    self.ready_output.insert(id);
                    break;
                }
            }
        }
        if let Some(client) = self.clients.get_mut(&id) {
            client.parser = parser;
            client.reading = 0;
            if at == buf.len() && buf.capacity() > KEEP {
                self.other_memory = self.other_memory.saturating_sub(std::mem::take(&mut client.input_counted));
            }
            // Keeps the memory for the next requests, unless there was an unusual lot.
            if at < buf.len() || buf.capacity() <= KEEP {
                client.query = buf;
                if at == client.query.len() {
                    client.query.clear();
                } else {
                    client.query.drain(..at);
                }
            }
            if client.close_now {
                self.drop_client(id);
            }
        }
    }

    /// Has the keys of the next requests come into the processor's cache, if there are several. Where those
    /// requests end.
    fn look_ahead(&self, id: u64, buf: &[u8], at: usize) -> usize {
        let mut keys: [&[u8]; 16] = [&[]; 16];
        let (found, bytes) = resp::first_arguments(buf.get(at..).unwrap_or_default(), &mut keys);
        if found > 1
            && let Some(db) = self.dbs.get(self.client(id).db)
        {
            db.warm(keys.get(..found).unwrap_or_default());
        }
        // At the end of the buffer, and where somebody writes by hand, there is nothing to look at.
        if bytes > 0 { at + bytes } else { usize::MAX }
    }

    fn run_parsed(&mut self, id: u64, parser: &resp::RequestParser, buf: &[u8]) {
        const FEW: usize = 8;
        let count = parser.arg_count();
        if count == 0 {
            return;
        }
        if count <= FEW {
            let mut few: [&[u8]; FEW] = [&[]; FEW];
            for (n, slot) in few.iter_mut().enumerate().take(count) {
                *slot = parser.arg(n, buf);
            }
            self.execute(id, &few[..count]);
        } else {
            let mut many = Vec::with_capacity(count);
            parser.args(buf, &mut many);
            self.execute(id, &many);
        }
    }

    /// Puts bytes into a client's output, outside of its own command.
    pub fn send(&mut self, id: u64, bytes: &[u8]) {
        if let Some(client) = self.clients.get_mut(&id) {
            client.out.buf.extend_from_slice(bytes);
            self.ready_output.insert(id);
            self.check_output_limit(id);
        }
    }

    /// The limits of a client's output.
    fn output_limits(&self, client: &Client) -> BufferLimit {
        let class = match client.role {
            Role::Replica => 1,
            _ if client.migrates => 1,
            _ if client.in_pubsub() => 2,
            _ => 0,
        };
        let mut limit = self.config.buffer_limits[class];
        if class == 1 && limit.hard > 0 {
            // What the backlog holds anyway is not too much for a replica.
            limit.hard = limit.hard.max(self.config.int(config::REPL_BACKLOG_SIZE));
        }
        limit
    }

    /// The bytes of output at which a client's connection ends at once, if there is such a limit.
    pub fn hard_output_limit(&self, id: u64) -> Option<usize> {
        let limit = self.output_limits(self.clients.get(&id)?).hard;
        usize::try_from(limit).ok().filter(|limit| *limit > REPLY_BUFFER)
    }

    /// Closes clients whose output grew beyond the limits.
    pub fn check_output_limit(&mut self, id: u64) {
        let Some(client) = self.clients.get(&id) else { return };
        let limit = self.output_limits(client);
        // Replies of unknown length begin in blocks: what is too much for the buffer counts whole.
        let total = client.unsent().len();
        let pending = if total > REPLY_BUFFER { total as i64 } else { 0 };
        let now = self.now_ms / 1000;
        let hard = limit.hard > 0 && pending >= limit.hard;
        let over = limit.soft > 0 && pending >= limit.soft;
        let client = self.client_mut(id);
        let soft = if over {
            now - *client.soft_limit_since.get_or_insert(now) > limit.soft_seconds
        } else {
            client.soft_limit_since = None;
            false
        };
        let stranger = !client.authenticated
            && pending > STRANGERS_OUTPUT + REPLY_BUFFER as i64
            && !self.acl.default_needs_no_password();
        if hard || soft || stranger {
            self.close_over_limit(id);
        }
    }

    /// Closes a client that has too much output.
    pub fn close_over_limit(&mut self, id: u64) {
        if !self.client(id).close_now {
            let text = format!(
                "Client {} scheduled to be closed ASAP for overcoming of output buffer limits.",
                self.describe_client(id)
            );
            self.close_soon(id);
            self.count.output_limit += 1;
            self.warn(&text);
        }
    }
}

const PROTECTED: &str = "DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Set up an authentication password for the default user. NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.";
