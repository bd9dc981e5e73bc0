//! What the server's connections bring for the Sentinel.

use super::link::{Expect, Line, Way};
use super::{Sentinel, Watch};
use crate::server::Server;
use crate::server::outbox::Outbox;
use resp::{Value, decode};

/// An instance that answers with more than that is not listened to any further.
const MOST_INPUT: usize = 16 << 20;

impl Line {
    /// Requests whose replies do not matter.
    fn forgettable(&self) -> i64 {
        self.expects.iter().filter(|expect| matches!(expect, Expect::Nothing)).count() as i64
    }
}

impl Sentinel {
    fn line(&mut self, conn: u64) -> Option<&mut Line> {
        let (link, way) = self.sockets.get(&conn).copied()?;
        self.links.get_mut(&link)?.line(way).as_mut()
    }
}

impl Server {
    /// Whether a connection is one of the Sentinel's own.
    pub fn sentinel_owns(&self, conn: u64) -> bool {
        self.sentinel.as_ref().is_some_and(|me| me.sockets.contains_key(&conn))
    }

    /// Bytes for an instance.
    pub fn sentinel_output(&mut self, conn: u64) -> Option<&mut Outbox> {
        let line = self.sentinel.as_mut()?.line(conn)?;
        line.up.then_some(&mut line.output)
    }

    /// A connection is established, or not.
    pub fn sentinel_connected(&mut self, conn: u64, result: Result<String, String>) {
        let Ok(local) = result else { return self.sentinel_closed(conn) };
        let Some(line) = self.sentinel.as_mut().and_then(|me| me.line(conn)) else { return };
        line.up = true;
        line.local = local;
        self.ready_output.insert(conn);
    }

    /// An instance closed a connection.
    pub fn sentinel_closed(&mut self, conn: u64) {
        let Some(me) = &mut self.sentinel else { return };
        let Some((link, way)) = me.sockets.remove(&conn) else { return };
        if let Some(link) = me.links.get_mut(&link) {
            let lost = link.line(way).take().map_or(0, |line| line.forgettable());
            // The other requests count as waiting until there is a new connection, as in the original.
            link.pending = (link.pending - lost).max(0);
            link.disconnected = true;
        }
    }

    /// Bytes came from an instance.
    pub fn sentinel_received(&mut self, conn: u64, data: &[u8]) {
        self.as_sentinel(|watch| watch.received(conn, data));
    }
}

impl Watch<'_> {
    fn received(&mut self, conn: u64, data: &[u8]) {
        let Some(line) = self.me.line(conn) else { return };
        line.input.extend_from_slice(data);
        loop {
            let Some((link, way)) = self.me.sockets.get(&conn).copied() else { return };
            let Some(line) = self.me.line(conn) else { return };
            match decode(&line.input) {
                Ok(Some((value, used))) => {
                    line.input.drain(..used);
                    let expected = line.expects.pop_front();
                    self.answered(link, way, expected, &value);
                }
                Ok(None) if line.input.len() < MOST_INPUT => return,
                _ => return self.close_line(link, way),
            }
        }
    }

    fn answered(&mut self, link: u32, way: Way, expected: Option<Expect>, value: &Value) {
        let Some(expected) = expected else {
            match value {
                // Listening was refused, or there are too many clients.
                Value::Error(_) => self.close_line(link, way),
                _ if way == Way::Messages => self.heard(link, value),
                _ => {}
            }
            return;
        };
        if let Some(link) = self.me.links.get_mut(&link) {
            link.pending -= 1;
        }
        match expected {
            Expect::Nothing => {}
            Expect::Ping(id) => self.ponged(id, link, value),
            Expect::Info(id) => {
                if let (Value::Bulk(text) | Value::Verbatim(_, text), true) =
                    (value, self.me.instances.contains_key(&id))
                {
                    self.refresh(id, text);
                }
            }
            Expect::Published(id) => {
                if !matches!(value, Value::Error(_)) {
                    let now = self.now();
                    self.me.at_mut(id).last_pub = now;
                }
            }
            Expect::Opinion(id) => self.opinion(id, value),
        }
    }
}
