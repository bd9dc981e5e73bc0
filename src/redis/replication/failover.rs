//! FAILOVER: a master hands over to one of its replicas once that has everything, and follows it.

use crate::server::Server;

/// A failover that this master coordinates.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The replica; any that has everything where none is named.
    pub target: Option<(String, i64)>,
    /// Until when (ms) the replica may take to have everything.
    pub until: i64,
    /// Whether it takes over then, ready or not.
    pub force: bool,
    /// It was told to take over.
    pub in_progress: bool,
}

impl Plan {
    fn whom(&self) -> String {
        self.target.as_ref().map_or("any replica".to_owned(), |(host, port)| format!("{host}:{port}"))
    }
}

impl Server {
    /// Whether the replica of that address gets the stream already; nothing if there is no such replica.
    pub(crate) fn replica_online(&self, target: &(String, i64)) -> Option<bool> {
        let id = self.repl.replicas.iter().find(|id| self.replica_address(**id) == *target)?;
        Some(self.client(*id).replica.as_ref().is_some_and(|r| r.online))
    }

    /// Host and port of a replica, as it told them.
    fn replica_address(&self, id: u64) -> (String, i64) {
        let client = self.client(id);
        let state = client.replica.as_deref().cloned().unwrap_or_default();
        (if state.ip.is_empty() { client.ip().to_owned() } else { state.ip }, state.port)
    }

    /// Begins: no writes until it is done.
    pub(crate) fn begin_failover(&mut self, plan: Plan) {
        self.notice(&format!("FAILOVER requested to {}.", plan.whom()));
        self.repl.failover = Some(plan);
        self.pause = Some((i64::MAX, true));
        self.ask_replicas();
    }

    /// Ends it: this server stays the master. False if there is none.
    pub(crate) fn abort_failover(&mut self, why: &str) -> bool {
        let Some(plan) = self.repl.failover.take() else { return false };
        self.notice(&format!("FAILOVER to {} aborted: {why}", plan.whom()));
        if plan.in_progress {
            self.stop_following();
        }
        self.end_pause();
        true
    }

    /// The former replica accepted this server as its replica, or did not.
    pub(super) fn failover_answered(&mut self, accepted: bool) {
        if !self.repl.failover.as_ref().is_some_and(|plan| plan.in_progress) {
            return;
        }
        if accepted {
            self.repl.failover = None;
            self.end_pause();
        } else {
            self.abort_failover("Failover target rejected psync request");
        }
    }

    /// Hands over as soon as the replica has everything, or its time is over.
    pub(crate) fn failover_cron(&mut self) {
        let Some(plan) = self.repl.failover.clone().filter(|plan| !plan.in_progress) else { return };
        if plan.until <= self.now_ms {
            match plan.target.filter(|_| plan.force) {
                Some((host, port)) => {
                    self.notice(&format!("FAILOVER to {host}:{port} time out exceeded, failing over."));
                    self.hand_over(host, port);
                }
                None => {
                    self.abort_failover("Replica never caught up before timeout");
                }
            }
            return;
        }
        let offset = self.repl.offset;
        let ready = self.repl.replicas.iter().copied().find(|id| {
            let state = self.client(*id).replica.as_deref();
            state.is_some_and(|r| r.online && r.acked == offset)
                && plan.target.as_ref().is_none_or(|target| self.replica_address(*id) == *target)
        });
        if let Some(id) = ready {
            let (host, port) = self.replica_address(id);
            self.notice(&format!("Failover target {host}:{port} is synced, failing over."));
            self.hand_over(host, port);
        }
    }

    fn hand_over(&mut self, host: String, port: i64) {
        let target = u16::try_from(port).unwrap_or(0);
        if let Some(plan) = &mut self.repl.failover {
            plan.in_progress = true;
            plan.target = Some((host.clone(), port));
        }
        self.follow(&host, target);
    }

    /// PSYNC … FAILOVER: the master of this replica wants to follow it. An error's text if that cannot be.
    pub(crate) fn take_over(&mut self, id: u64, their_id: &[u8]) -> Result<(), &'static str> {
        self.notice(&format!("Failover request received for replid {}.", String::from_utf8_lossy(their_id)));
        if !self.repl.is_replica() {
            return Err("ERR PSYNC FAILOVER can't be sent to a master.");
        }
        if !their_id.eq_ignore_ascii_case(self.repl.id.as_bytes()) {
            return Err("ERR PSYNC FAILOVER replid must match my replid.");
        }
        self.stop_following();
        let client = self.describe_client(id);
        self.notice(&format!("MASTER MODE enabled (failover request from '{client}')"));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::server::Action;
    use crate::testing::Bench;

    #[test]
    fn a_master_hands_over_to_the_replica_that_has_everything() {
        let mut bench = Bench::start("repl-diskless-sync-delay 0");
        assert_eq!(bench.run("FAILOVER"), "ERR FAILOVER requires connected replicas.");
        assert_eq!(bench.run("FAILOVER ABORT"), "ERR No failover in progress.");
        bench.other("REPLCONF listening-port 7001 ip-address 10.0.0.9 capa eof");
        bench.other("PSYNC ? -1");
        bench.run_child();
        bench.other("REPLCONF ACK 0");
        assert_eq!(bench.run("FAILOVER TO 10.0.0.9 7002"), "ERR FAILOVER target HOST and PORT is not a replica.");
        assert_eq!(bench.run("FAILOVER TO 10.0.0.9 7001 TIMEOUT 5000"), "OK");
        assert_eq!(bench.run("FAILOVER"), "ERR FAILOVER already in progress.");
        assert!(bench.run("INFO replication").contains("master_failover_state:waiting-for-sync"));
        let offset = bench.server.repl.offset;
        bench.other(&format!("REPLCONF ACK {offset}"));
        bench.pass(200);
        assert!(bench.run("INFO replication").contains("master_failover_state:failover-in-progress"));
        let connects = bench
            .server
            .take_actions()
            .into_iter()
            .any(|action| matches!(action, Action::Connect { host, port: 7001, .. } if host == "10.0.0.9"));
        assert!(connects && bench.server.repl.is_replica());
        assert_eq!((bench.run("FAILOVER ABORT"), bench.run("SET k v")), ("OK".into(), "OK".into()));
    }

    #[test]
    fn a_replica_that_never_catches_up_ends_it() {
        let mut bench = Bench::start("repl-diskless-sync-delay 0");
        bench.other("REPLCONF capa eof");
        bench.other("PSYNC ? -1");
        bench.run_child();
        bench.other("REPLCONF ACK 0");
        assert_eq!(bench.run("FAILOVER TIMEOUT 100"), "OK");
        bench.pass(300);
        assert!(bench.run("INFO replication").contains("master_failover_state:no-failover"));
        assert_eq!(bench.run("SET k v"), "OK");
    }
}
