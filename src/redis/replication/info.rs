//! The replication section of INFO, and ROLE.

use super::State;
use crate::config;
use crate::server::Server;
use std::fmt::Write;

impl Server {
    pub(crate) fn info_replication(&mut self, o: &mut String) -> std::fmt::Result {
        let now = self.now_ms;
        let r = &self.repl;
        writeln!(o, "# Replication\nrole:{}", if r.is_replica() { "slave" } else { "master" })?;
        if let Some((host, port)) = &r.master {
            let up = r.link_up();
            let ago = if up { (now - r.last_io) / 1000 } else { -1 };
            let syncing = u8::from(matches!(r.state, State::Transfer(_) | State::Parallel | State::Loading));
            writeln!(
                o,
                "master_host:{host}\nmaster_port:{port}\nmaster_link_status:{}\nmaster_last_io_seconds_ago:{ago}\nmaster_sync_in_progress:{syncing}",
                if up { "up" } else { "down" }
            )?;
            writeln!(o, "slave_read_repl_offset:{0}\nslave_repl_offset:{0}", r.offset)?;
            let attempts = r.syncs.max(1);
            writeln!(
                o,
                "replica_full_sync_buffer_size:0\nreplica_full_sync_buffer_peak:0\nmaster_current_sync_attempts:1\nmaster_total_sync_attempts:{attempts}"
            )?;
            if up {
                writeln!(o, "master_link_up_since_seconds:{}", (now - r.up_since) / 1000)?;
            }
            writeln!(o, "master_client_io_thread:0\ntotal_disconnect_time_sec:0")?;
            if !up {
                writeln!(o, "master_link_down_since_seconds:{}", (now - r.down_since) / 1000)?;
            }
            let read_only = u8::from(self.config.bool(config::REPLICA_READ_ONLY));
            let announced = u8::from(self.config.bool(config::REPLICA_ANNOUNCED));
            writeln!(
                o,
                "slave_priority:{}\nslave_read_only:{read_only}\nreplica_announced:{announced}",
                self.config.int(config::REPLICA_PRIORITY)
            )?;
        }
        writeln!(o, "connected_slaves:{}", r.replicas.len())?;
        for (n, id) in r.replicas.iter().enumerate() {
            let client = self.client(*id);
            let state = client.replica.as_deref().cloned().unwrap_or_default();
            let ip = if state.ip.is_empty() { client.ip().to_owned() } else { state.ip.clone() };
            let word = if state.online { "online" } else { "wait_bgsave" };
            let lag = if state.online { (now - state.ack_time) / 1000 } else { 0 };
            writeln!(
                o,
                "slave{n}:ip={ip},port={},state={word},offset={},lag={lag},type=replica",
                state.port, state.acked
            )?;
        }
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
