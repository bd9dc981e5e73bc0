//! `--cluster import`: brings the keys of a server without cluster into the cluster.

use resp::reply::Reply;

use super::manager::{Level, Manager, Refused, info_field};
use super::node::{Node, parse_address};
use super::{check, slots};
use crate::connection::{Address, Link};
use crate::console::Run;

/// Runs the subcommand.
pub async fn run(m: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    let Some((host, port)) = m.host_argument(arguments).await else { return Ok(false) };
    let Some(from) = m.options().from.clone() else {
        m.out().error("[ERR] Option '--cluster-from' is required for subcommand 'import'.\n").await;
        return Ok(false);
    };
    let Some((source_host, source_port)) = parse_address(&from).map(|(h, p, _)| (h, p)).filter(|(_, p)| *p != 0) else {
        m.out()
            .error("[ERR] Invalid --cluster-from host. You need to pass a valid address (ie. 120.0.0.1:7000).\n")
            .await;
        return Ok(false);
    };
    m.log(Level::Info, format!(">>> Importing data from {source_host}:{source_port} to cluster {host}:{port}\n"));
    if !m.load_cluster(Node::new(&host, port)).await || !check::cluster(m, false).await? {
        return Ok(false);
    }
    let mut source = Node::new(source_host, source_port);
    m.out().settle().await;
    let to = Address::Host(source.ip.clone(), source.port as u16);
    match Link::connect(&m.sys(), &to, m.session.options.timeout).await {
        Ok(link) => source.link = Some(link),
        Err(error) => {
            m.out().error(format!("Could not connect to Redis at {}: {error}.\n", source.address())).await;
            return Ok(false);
        }
    }
    match copy(m, &mut source).await {
        Ok(done) => Ok(done),
        Err(refused) => {
            let text = format!("Source {} replied with error:\n{}\n", source.address(), refused.text());
            m.log(Level::Error, text);
            Ok(false)
        }
    }
}

async fn log_in(m: &mut Manager<'_>, source: &mut Node) -> bool {
    let Some(password) = m.options().from_pass.clone() else { return true };
    let user = m.options().from_user.clone();
    let words: Vec<String> = [Some("AUTH".to_owned()), user, Some(password)].into_iter().flatten().collect();
    match m.command(source, &words).await {
        Ok(_) => true,
        Err(Refused::Error(text)) => {
            m.out().error(format!("AUTH failed: {text}\n")).await;
            false
        }
        Err(Refused::Silence) => {
            m.out().error("\nI/O error\n").await;
            false
        }
    }
}

async fn copy(m: &mut Manager<'_>, source: &mut Node) -> Result<bool, Refused> {
    if !log_in(m, source).await {
        return Ok(false);
    }
    let info = m.command(source, &["INFO"]).await?;
    if info_field(&info, "cluster_enabled").is_some_and(|enabled| enabled != 0) {
        m.log(Level::Error, "[ERR] The source node should not be a cluster node.\n");
        return Ok(false);
    }
    let size = m.command(source, &["DBSIZE"]).await?.integer().unwrap_or(0);
    m.log(Level::Warn, format!("*** Importing {size} keys from DB 0\n"));
    let mut cursor = "0".to_owned();
    loop {
        let reply = m.command(source, &["SCAN", &cursor, "COUNT", "1000"]).await?;
        let (next, keys) = match reply.elements() {
            Some([next, keys]) => (next.text().unwrap_or_default(), keys.elements().unwrap_or_default()),
            _ => return Ok(false),
        };
        for key in keys.iter().filter_map(Reply::bytes) {
            if !migrate(m, source, key).await {
                return Ok(false);
            }
        }
        if next == "0" {
            return Ok(true);
        }
        cursor = next;
    }
}

async fn migrate(m: &mut Manager<'_>, source: &mut Node, key: &[u8]) -> bool {
    let slot = slots::of_key(key);
    let Some(to) = m.nodes.iter().find(|n| n.is_master() && n.slots.has(slot)) else { return false };
    let line = format!("Migrating {} to {}: ", String::from_utf8_lossy(key), to.address());
    let mut words: Vec<Vec<u8>> =
        ["MIGRATE", &to.ip, &to.port.to_string()].iter().map(|w| w.as_bytes().to_vec()).collect();
    words.extend([key.to_vec(), b"0".to_vec(), m.options().timeout.to_string().into_bytes()]);
    let target = &m.session.target;
    if let Some(password) = &target.password {
        match &target.user {
            Some(user) => words.extend([b"AUTH2".to_vec(), user.clone(), password.clone()]),
            None => words.extend([b"AUTH".to_vec(), password.clone()]),
        }
    }
    for (wanted, word) in [(m.options().copy, b"COPY".to_vec()), (m.options().replace, b"REPLACE".to_vec())] {
        if wanted {
            words.push(word);
        }
    }
    m.out().print(line);
    match m.command(source, &words).await {
        Ok(_) => {
            m.log(Level::Ok, "OK\n");
            true
        }
        Err(refused) => {
            if let Refused::Error(text) = refused {
                let text = format!("Source {} replied with error:\n{text}\n", source.address());
                m.log(Level::Error, text);
            }
            false
        }
    }
}
