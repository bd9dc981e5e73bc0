//! `--cluster add-node`: takes a new node in, as a master without slots or as a replica.

use std::time::Duration;

use super::manager::{Level, Manager};
use super::node::Node;
use super::{check, join};
use crate::console::Run;

/// Runs the subcommand.
pub async fn run(m: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    let Some((host, port)) = m.host_argument(arguments.get(1..).unwrap_or_default()).await else { return Ok(false) };
    let Some((new_host, new_port)) = m.host_argument(arguments.get(..1).unwrap_or_default()).await else {
        return Ok(false);
    };
    m.log(Level::Info, format!(">>> Adding node {new_host}:{new_port} to cluster {host}:{port}\n"));
    if !m.load_cluster(Node::new(&host, port)).await || !check::cluster(m, false).await? {
        return Ok(false);
    }
    let master = match choose_master(m) {
        Ok(master) => master,
        Err(id) => {
            m.log(Level::Error, format!("[ERR] No such master ID {id}\n"));
            return Ok(false);
        }
    };
    let mut node = Node::new(&new_host, new_port);
    if !m.connect(&mut node).await {
        m.log(Level::Error, format!("[ERR] Sorry, can't connect to node {new_host}:{new_port}\n"));
        return Ok(false);
    }
    if !m.is_cluster(&mut node).await || m.load(&mut node, false).await.is_none() || !m.is_empty(&mut node).await {
        return Ok(false);
    }
    m.nodes.push(node);
    let new = m.nodes.len() - 1;
    if master.is_none() && !copy_functions(m, new).await {
        return Ok(false);
    }
    let address = m.address(new);
    m.log(Level::Info, format!(">>> Send CLUSTER MEET to node {address} to make it join the cluster.\n"));
    let first = m.nodes.first().map(|n| n.ip.clone()).unwrap_or_default();
    let Some(ip) = m.resolve(&first).await else { return Ok(false) };
    if let Err(refused) = m.meet(new, &ip).await {
        m.tell(&address, &refused);
        return Ok(false);
    }
    if let Some(master) = master {
        m.out().settle().await;
        _ = m.sys().sleep(Duration::from_secs(1)).await;
        join::wait(m).await;
        let text = format!(">>> Configure node as replica of {}.\n", m.address(master));
        m.log(Level::Info, text);
        let id = m.name(master);
        if m.ask_or_tell(new, &["CLUSTER", "REPLICATE", &id]).await.is_none() {
            return Ok(false);
        }
    }
    m.log(Level::Ok, "[OK] New node added correctly.\n");
    Ok(true)
}

/// The master of the new replica; none for a new master. An ID that nobody has is an error.
fn choose_master(m: &mut Manager<'_>) -> Result<Option<usize>, String> {
    if !m.options().slave {
        return Ok(None);
    }
    if let Some(id) = m.options().master_id.clone() {
        return m.by_name(&id).map(Some).ok_or(id);
    }
    let chosen = m.least_replicated();
    if let Some(master) = chosen {
        let line = format!("Automatically selected master {}\n", m.address(master));
        m.out().print(line);
    }
    Ok(chosen)
}

/// Functions are on every master: a new one gets them, too.
async fn copy_functions(m: &mut Manager<'_>, new: usize) -> bool {
    m.log(Level::Info, ">>> Getting functions from cluster\n");
    let functions = match m.ask(0, &["FUNCTION", "DUMP"]).await {
        Ok(dump) => dump.bytes().unwrap_or_default().to_vec(),
        Err(refused) => {
            let why = if refused.text().is_empty() { "NULL reply" } else { refused.text() };
            let text = format!(
                ">>> Failed retrieving Functions from the cluster, skip this step as Redis version do not support \
                 function command (error = '{why}')\n"
            );
            m.log(Level::Info, text);
            return true;
        }
    };
    let address = m.address(new);
    m.log(Level::Info, format!(">>> Send FUNCTION LIST to {address} to verify there is no functions in it\n"));
    match m.ask(new, &["FUNCTION", "LIST"]).await {
        Ok(list) if list.elements().is_none_or(<[_]>::is_empty) => {}
        Ok(_) => {
            m.log(
                Level::Error,
                ">>> New node already contains functions and can not be added to the cluster. Use FUNCTION FLUSH and try \
                 again.\r\n",
            );
            return false;
        }
        Err(refused) => {
            m.log(Level::Error, format!(">>> Failed on CLUSTER LIST (error = '{}')\r\n", refused.text()));
            return false;
        }
    }
    m.log(Level::Info, format!(">>> Send FUNCTION RESTORE to {address}\n"));
    if let Err(refused) = m.ask(new, &[b"FUNCTION".as_slice(), b"RESTORE", &functions]).await {
        m.log(Level::Error, format!(">>> Failed loading functions to the new node (error = '{}')\r\n", refused.text()));
        return false;
    }
    true
}
