//! `--cluster info`: keys and slots of each master.

use resp::reply::Reply;

use super::manager::{Level, Manager, Refused};
use super::slots::SLOTS;
use crate::console::Run;

/// Runs the subcommand.
pub async fn run(manager: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    if !manager.load_named(arguments).await {
        return Ok(false);
    }
    show(manager).await;
    Ok(true)
}

/// Prints the figures.
pub async fn show(manager: &mut Manager<'_>) {
    let mut total = 0;
    let masters = manager.masters();
    for &place in &masters {
        let refused = match manager.ask(place, &["DBSIZE"]).await {
            Ok(Reply::Integer(keys)) => {
                let name = manager.name(place);
                let replicas = manager.nodes.iter().filter(|n| n.slave && n.replicate.as_ref() == Some(&name)).count();
                let slots = manager.nodes.get(place).map_or(0, |n| n.slots_count);
                let (address, id) = (manager.address(place), name.get(..8).unwrap_or(&name));
                let line = format!("{address} ({id}...) -> {keys} keys | {slots} slots | {replicas} slaves.\n");
                manager.out().print(line);
                total += keys;
                continue;
            }
            Ok(_) => Refused::Silence,
            Err(refused) => refused,
        };
        let text = format!("Node {} replied with error:\n{}\n", manager.address(place), refused.text());
        return manager.log(Level::Error, text);
    }
    manager.log(Level::Ok, format!("[OK] {total} keys in {} masters.\n", masters.len()));
    manager.out().print(format!("{:.2} keys per slot on average.\n", total as f64 / SLOTS as f64));
}
