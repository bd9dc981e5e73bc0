//! Does the cluster work? Which nodes have failed?

use super::Nid;
use super::message::{Body, Type, node_flag};
use crate::config;
use crate::server::Server;

/// How long a master waits after its start before it serves (ms).
const WRITABLE_DELAY: i64 = 2000;

impl Server {
    /// Looks whether the cluster works from where this node stands.
    pub(crate) fn update_state(&mut self) {
        let now = self.now_ms;
        let timeout = self.node_timeout();
        let full = self.config.bool(config::CLUSTER_REQUIRE_FULL_COVERAGE);
        let Some(cluster) = &mut self.cluster else { return };
        cluster.todo.state = false;
        if cluster.first_state == 0 {
            cluster.first_state = now;
        }
        if cluster.me().is_master() && !cluster.ok && now - cluster.first_state < WRITABLE_DELAY {
            cluster.todo.state = true;
            return;
        }
        let mut ok =
            !full || cluster.owners.iter().all(|o| cluster.nodes.get(o).is_some_and(|n| !n.has(node_flag::FAIL)));
        let masters: Vec<_> = cluster.nodes.values().filter(|n| n.is_master() && n.slot_count > 0).collect();
        let reachable = masters.iter().filter(|n| !n.fails()).count();
        cluster.size = masters.len();
        if reachable < cluster.size / 2 + 1 {
            ok = false;
            cluster.minority_time = now;
        }
        if ok == cluster.ok {
            return;
        }
        let rejoin = timeout.clamp(500, 5000);
        if ok && cluster.me().is_master() && now - cluster.minority_time < rejoin {
            return;
        }
        cluster.ok = ok;
        if ok {
            self.notice("Cluster state changed: ok");
        } else {
            self.warn("Cluster state changed: fail");
        }
    }

    /// A suspected node has failed when most masters say so. A replica that finds it out tells it too, so that the
    /// masters know before they are asked for their votes.
    pub(super) fn mark_failing_if_needed(&mut self, id: Nid) {
        let (now, timeout) = (self.now_ms, self.node_timeout());
        let Some(cluster) = &mut self.cluster else { return };
        let needed = cluster.size / 2 + 1;
        if !cluster.nodes.get(&id).is_some_and(|n| n.has(node_flag::PFAIL) && !n.has(node_flag::FAIL)) {
            return;
        }
        let failures = usize::from(cluster.me().is_master()) + cluster.count_reports(id, now, timeout);
        if failures < needed {
            return;
        }
        let Some(node) = cluster.nodes.get_mut(&id) else { return };
        node.flags &= !node_flag::PFAIL;
        node.flags |= node_flag::FAIL;
        node.fail_time = now;
        let (name, human) = (node.name.clone(), node.human_name.clone());
        cluster.todo.state = true;
        cluster.todo.save = true;
        self.notice(&format!("Marking node {name} ({human}) as failing (quorum reached)."));
        self.broadcast(Type::Fail, &Body::Fail(name));
    }

    /// A failed node that answers again is well, unless it was a master that somebody replaces.
    pub(super) fn clear_failure_if_needed(&mut self, id: Nid) {
        let (now, timeout) = (self.now_ms, self.node_timeout());
        let Some(cluster) = &mut self.cluster else { return };
        let Some(node) = cluster.nodes.get_mut(&id) else { return };
        let why = if !node.is_master() {
            "replica is reachable again."
        } else if node.slot_count == 0 {
            "master without slots is reachable again."
        } else if now - node.fail_time > timeout * 2 {
            " is reachable again and nobody is serving its slots after some time."
        } else {
            return;
        };
        node.flags &= !node_flag::FAIL;
        let text = format!("Clear FAIL state for node {} ({}):{why}", node.name, node.human_name);
        cluster.todo.state = true;
        cluster.todo.save = true;
        self.notice(&text);
    }
}

#[cfg(test)]
mod tests {
    use crate::cluster::message::{Type, node_flag};
    use crate::cluster::{Link, Node};
    use crate::testing::Bench;

    #[test]
    fn a_replica_tells_of_its_failed_master() {
        let mut bench = Bench::start("cluster-enabled yes");
        let now = bench.server.now_ms;
        let cluster = bench.server.cluster.as_mut().unwrap();
        let mut master = |name: &str| cluster.add(Node::new(name.repeat(40), name.repeat(40), node_flag::MASTER, now));
        let (failed, a, b) = (master("f"), master("a"), master("b"));
        for (node, conn) in [(a, 1000), (b, 1001)] {
            cluster.links.insert(conn, Link { up: true, ..Link::default() });
            cluster.nodes.get_mut(&node).unwrap().link = Some(conn);
        }
        let me = cluster.me_mut();
        me.flags = node_flag::MYSELF | node_flag::REPLICA;
        me.master = Some(failed);
        cluster.size = 3;
        let node = cluster.nodes.get_mut(&failed).unwrap();
        node.flags |= node_flag::PFAIL;
        node.reports = vec![(a, now)];
        bench.server.mark_failing_if_needed(failed);
        assert_eq!(bench.server.cluster.as_ref().unwrap().sent[Type::Fail as usize], 0);
        bench.server.cluster.as_mut().unwrap().nodes.get_mut(&failed).unwrap().reports.push((b, now));
        bench.server.mark_failing_if_needed(failed);
        let cluster = bench.server.cluster.as_ref().unwrap();
        assert!(cluster.nodes[&failed].has(node_flag::FAIL));
        assert_eq!(cluster.sent[Type::Fail as usize], 2);
    }
}
