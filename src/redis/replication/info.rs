//! The replication section of INFO, and ROLE.

use super::State;
use crate::config;
use crate::server::Server;
use std::fmt::Write;

impl Server {
    pub(crate) fn info_replication(&mut self, o: &mut String) -> std::fmt::Result {
        let r = &self.repl;
        writeln!(o, "# Replication\nrole:{}", if r.is_replica() { "slave" } else { "master" })?;
        if let Some((host, port)) = &r.master {
            writeln!(o, "master_host:{host}\nmaster_port:{port}")?;
            self.info_master_link(o)?;
        }
        self.info_replicas(o)?;
        let failover = match &r.failover {
            None => "no-failover",
            Some(plan) if plan.in_progress => "failover-in-progress",
            Some(_) => "waiting-for-sync",
        };
        writeln!(o, "master_failover_state:{failover}\nmaster_replid:{}\nmaster_replid2:{}", r.id, r.id2)?;
        let first = if r.backlog.is_some() { r.first_byte() } else { 0 };
        writeln!(
            o,
            "master_repl_offset:{}\nsecond_repl_offset:{}\nrepl_backlog_active:{}\nrepl_backlog_size:{}\nrepl_backlog_first_byte_offset:{first}\nrepl_backlog_histlen:{}",
            r.offset,
            r.second_offset,
            u8::from(r.backlog.is_some()),
            self.config.int(config::REPL_BACKLOG_SIZE),
            r.backlog_memory()
        )
    }

    /// How the connection with the master is.
    fn info_master_link(&self, o: &mut String) -> std::fmt::Result {
        let (r, now) = (&self.repl, self.now_ms);
        let up = r.link_up();
        let ago = if up { (now - r.last_io) / 1000 } else { -1 };
        let syncing = matches!(r.state, State::Transfer(_) | State::Parallel | State::Loading);
        let offset = if up || r.cached { r.offset } else { 1 };
        writeln!(
            o,
            "master_link_status:{}\nmaster_last_io_seconds_ago:{ago}\nmaster_sync_in_progress:{}\nslave_read_repl_offset:{offset}\nslave_repl_offset:{offset}\nreplica_full_sync_buffer_size:0\nreplica_full_sync_buffer_peak:0\nmaster_current_sync_attempts:{}\nmaster_total_sync_attempts:{}",
            if up { "up" } else { "down" },
            u8::from(syncing),
            r.syncs.0,
            r.syncs.1
        )?;
        if syncing {
            let (size, read) = r.progress();
            let part = if size == 0 { 0.0 } else { read as f64 / size as f64 * 100.0 };
            writeln!(
                o,
                "master_sync_total_bytes:{size}\nmaster_sync_read_bytes:{read}\nmaster_sync_left_bytes:{}\nmaster_sync_perc:{part:.2}\nmaster_sync_last_io_seconds_ago:{}",
                size - read,
                (now - r.last_io) / 1000
            )?;
        }
        let down = if r.down_since == 0 { None } else { Some((now - r.down_since) / 1000) };
        if up {
            writeln!(o, "master_link_up_since_seconds:{}\nmaster_client_io_thread:0", (now - r.up_since) / 1000)?;
        } else {
            writeln!(o, "master_link_down_since_seconds:{}", down.unwrap_or(-1))?;
        }
        writeln!(
            o,
            "total_disconnect_time_sec:{}\nslave_priority:{}\nslave_read_only:{}\nreplica_announced:{}",
            r.disconnected / 1000 + down.unwrap_or(0),
            self.config.int(config::REPLICA_PRIORITY),
            u8::from(self.config.bool(config::REPLICA_READ_ONLY)),
            u8::from(self.config.bool(config::REPLICA_ANNOUNCED))
        )
    }

    /// Who follows this server.
    fn info_replicas(&self, o: &mut String) -> std::fmt::Result {
        let (r, now) = (&self.repl, self.now_ms);
        // The second connection of a replica counts only where the first is gone.
        let alone = r.channels.iter().filter(|id| {
            let main = self.client(**id).replica.as_deref().and_then(|r| r.channel_of);
            !main.is_some_and(|main| r.replicas.contains(&main))
        });
        let all: Vec<u64> = r.replicas.iter().chain(alone).copied().collect();
        writeln!(o, "connected_slaves:{}", all.len())?;
        if self.config.int(config::MIN_REPLICAS_TO_WRITE) > 0 && self.config.int(config::MIN_REPLICAS_MAX_LAG) > 0 {
            writeln!(o, "min_slaves_good_slaves:{}", r.good_replicas)?;
        }
        for (n, id) in all.into_iter().enumerate() {
            let client = self.client(id);
            let state = client.replica.as_deref().cloned().unwrap_or_default();
            let ip = if state.ip.is_empty() { client.ip().to_owned() } else { state.ip.clone() };
            let sent = |id: &u64| r.sending.as_ref().is_some_and(|sending| sending.to.contains(id));
            let word = match () {
                () if state.online && state.until_ack => "send_bulk_and_stream",
                () if state.online => "online",
                () if state.held.is_some() && !sent(&id) && r.on_disk.is_none() => "send_bulk",
                () => "wait_bgsave",
            };
            let lag = if word == "online" { (now - state.ack_time) / 1000 } else { 0 };
            writeln!(
                o,
                "slave{n}:ip={ip},port={},state={word},offset={},lag={lag},io-thread=0",
                state.port, state.acked
            )?;
        }
        Ok(())
    }

    pub(crate) fn reply_role(&mut self, out: &mut resp::Reply) {
        if let Some((host, port)) = &self.repl.master {
            out.array(5);
            out.text("slave");
            out.text(host);
            out.int(i64::from(*port));
            out.text(match self.repl.state {
                State::Connect => "connect",
                State::Connecting => "connecting",
                State::Handshake(_) => "handshake",
                State::Transfer(_) | State::Parallel | State::Loading => "sync",
                State::Connected => "connected",
            });
            out.int(if self.repl.link_up() { self.repl.offset } else { -1 });
            return;
        }
        out.array(3);
        out.text("master");
        out.int(self.repl.offset);
        let online: Vec<(String, i64, i64)> = self
            .repl
            .replicas
            .iter()
            .filter_map(|id| {
                let client = self.clients.get(id)?;
                let state = client.replica.as_deref().filter(|r| r.online)?;
                let ip = if state.ip.is_empty() { client.ip().to_owned() } else { state.ip.clone() };
                Some((ip, state.port, state.acked))
            })
            .collect();
        out.array(online.len());
        for (ip, port, acked) in online {
            out.array(3);
            out.text(&ip);
            out.text(&port.to_string());
            out.text(&acked.to_string());
        }
    }
}
