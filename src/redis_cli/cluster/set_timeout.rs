//! `--cluster set-timeout`: cluster-node-timeout on every node.

use super::manager::{Level, Manager, Refused};
use crate::console::Run;
use crate::words::atoi;

/// Runs the subcommand.
pub async fn run(m: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    let timeout = arguments.get(1).map_or(0, |t| atoi(t));
    let Some((host, port)) = m.host_argument(arguments.get(..1).unwrap_or_default()).await else { return Ok(false) };
    if timeout < 100 {
        m.out().error("Setting a node timeout of less than 100 milliseconds is a bad idea.\n").await;
        return Ok(false);
    }
    if !m.load_cluster(super::node::Node::new(&host, port)).await {
        return Ok(false);
    }
    m.log(Level::Info, ">>> Reconfiguring node timeout in every cluster node...\n");
    let (mut done, mut failed) = (0, 0);
    for place in 0..m.nodes.len() {
        let address = m.address(place);
        match set(m, place, &timeout.to_string()).await {
            Ok(()) => {
                m.log(Level::Warn, format!("*** New timeout set for {address}\n"));
                done += 1;
            }
            Err(refused) => {
                m.log(Level::Error, format!("ERR setting node-timeout for {address}: {}\n", refused.text()));
                failed += 1;
            }
        }
    }
    m.log(Level::Info, format!(">>> New node timeout set. {done} OK, {failed} ERR.\n"));
    Ok(true)
}

async fn set(m: &mut Manager<'_>, place: usize, timeout: &str) -> Result<(), Refused> {
    m.ask(place, &["CONFIG", "SET", "cluster-node-timeout", timeout]).await?;
    m.ask(place, &["CONFIG", "REWRITE"]).await.map(drop)
}
