//! Moving a slot with its keys from one node to another.

use resp::reply::Reply;

use super::manager::{Level, Manager, Refused};
use super::node::Node;

/// How a slot is moved.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// without telling the nodes: only the keys
    pub cold: bool,
    /// the manager's own idea of the slots follows
    pub update: bool,
    /// without a line for the slot and dots for its keys
    pub quiet: bool,
}

/// A step failed. The text is for the caller to tell; it is empty where it has been told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck(pub String);

/// CLUSTER SETSLOT on a node.
pub async fn set_slot(m: &mut Manager<'_>, on: usize, slot: usize, state: &str, other: usize) -> Result<(), Stuck> {
    let (slot, name) = (slot.to_string(), m.name(other));
    match m.ask(on, &["CLUSTER", "SETSLOT", &slot, state, &name]).await {
        Ok(_) => Ok(()),
        Err(Refused::Error(text)) => Err(Stuck(text)),
        Err(Refused::Silence) => Err(Stuck("CLUSTER SETSLOT failed to run".into())),
    }
}

/// The same; a failure is told.
pub async fn set_slot_or_tell(m: &mut Manager<'_>, on: usize, slot: usize, state: &str, other: usize) -> bool {
    match set_slot(m, on, slot, state, other).await {
        Ok(()) => true,
        Err(Stuck(text)) => {
            m.tell(&m.address(on), &Refused::Error(text));
            false
        }
    }
}

/// CLUSTER SETSLOT STABLE; a failure is told.
pub async fn close_slot(m: &mut Manager<'_>, on: usize, slot: usize) -> bool {
    m.ask_or_tell(on, &["CLUSTER", "SETSLOT", &slot.to_string(), "STABLE"]).await.is_some()
}

/// How many keys a node has in a slot; `None` after a failure, which is told.
pub async fn count_keys(m: &mut Manager<'_>, on: usize, slot: usize) -> Option<i64> {
    m.ask_or_tell(on, &["CLUSTER", "COUNTKEYSINSLOT", &slot.to_string()]).await?.integer()
}

/// The master with the most keys in a slot.
pub async fn most_keys(m: &mut Manager<'_>, among: &[usize], slot: usize) -> Option<usize> {
    let mut best = None;
    for &place in among {
        let keys = count_keys(m, place, slot).await?;
        if best.is_none_or(|(_, most)| keys > most) {
            best = Some((place, keys));
        }
    }
    best.map(|(place, _)| place)
}

/// Whom a node takes for the slot's owner; `Ok(None)` if nobody.
async fn owner(m: &mut Manager<'_>, on: usize, slot: usize) -> Result<Option<usize>, Refused> {
    let reply = m.ask(on, &["CLUSTER", "SLOTS"]).await?;
    for range in reply.elements().unwrap_or_default() {
        let Some([first, last, node, ..]) = range.elements() else { continue };
        let holds = first.integer().zip(last.integer()).is_some_and(|(a, b)| (a..=b).contains(&(slot as i64)));
        let name = node.elements().and_then(|n| n.get(2)).and_then(Reply::text);
        if holds && let Some(found) = name.and_then(|n| m.by_name(&n)) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Makes a node the owner of a slot, in one transaction. With `clear`, the slot is closed there, too.
pub async fn take_ownership(m: &mut Manager<'_>, on: usize, slot: usize, clear: bool) -> bool {
    let slot = slot.to_string();
    if m.ask_or_tell(on, &["MULTI"]).await.is_none() {
        return false;
    }
    let mut steps = vec![vec!["CLUSTER", "DELSLOTS", &slot], vec!["CLUSTER", "ADDSLOTS", &slot]];
    if clear {
        steps.push(vec!["CLUSTER", "SETSLOT", &slot, "STABLE"]);
    }
    steps.push(vec!["CLUSTER", "BUMPEPOCH"]);
    for step in steps {
        m.ask_or_tell(on, &step).await;
    }
    let Some(Reply::Array(results)) = m.ask_or_tell(on, &["EXEC"]).await else { return false };
    // That the slot was not assigned before matters nothing.
    match results.get(1) {
        Some(Reply::Error(text)) => {
            let text = String::from_utf8_lossy(text).into_owned();
            m.tell(&m.address(on), &Refused::Error(text));
            false
        }
        _ => true,
    }
}

/// CLUSTER DELSLOTS; that the slot is nobody's is no failure. Failures are told.
pub async fn drop_slot(m: &mut Manager<'_>, on: usize, slot: usize) -> bool {
    match m.ask(on, &["CLUSTER", "DELSLOTS", &slot.to_string()]).await {
        Ok(_) => true,
        Err(refused) => {
            if matches!(refused, Refused::Error(_)) && owner(m, on, slot).await == Ok(None) {
                return true;
            }
            m.tell(&m.address(on), &refused);
            false
        }
    }
}

/// Moves a slot.
pub async fn move_slot(m: &mut Manager<'_>, from: usize, to: usize, slot: usize, how: How) -> Result<(), Stuck> {
    if !how.quiet {
        let line = format!("Moving slot {slot} from {} to {}: ", m.address(from), m.address(to));
        m.out().print(line);
        m.out().flush().await;
    }
    if !how.cold {
        set_slot(m, to, slot, "importing", from).await?;
        set_slot(m, from, slot, "migrating", to).await?;
    }
    let moved = migrate_keys(m, from, to, slot, !how.quiet).await;
    if !how.quiet {
        m.out().print("\n");
    }
    moved?;
    if !how.cold {
        tell_owner(m, from, to, slot).await?;
    }
    if how.update {
        for (place, has) in [(from, false), (to, true)] {
            if let Some(node) = m.node(place) {
                node.slots.set(slot, has);
            }
        }
    }
    Ok(())
}

/// Tells the masters who has the slot now: the new owner first, so that there always is one.
async fn tell_owner(m: &mut Manager<'_>, from: usize, to: usize, slot: usize) -> Result<(), Stuck> {
    set_slot(m, to, slot, "node", to).await?;
    // A node that has lost its last slot may have become a replica by now.
    match set_slot(m, from, slot, "node", to).await {
        Err(Stuck(text)) if !text.starts_with("ERR Please use SETSLOT only with masters.") => return Err(Stuck(text)),
        _ => {}
    }
    for place in m.masters() {
        if place != from && place != to {
            set_slot(m, place, slot, "node", to).await?;
        }
    }
    Ok(())
}

fn migrate_command(m: &Manager<'_>, to: &Node, keys: &[Vec<u8>], replace: bool) -> Vec<Vec<u8>> {
    let timeout = m.options().timeout.to_string();
    let mut words: Vec<Vec<u8>> =
        ["MIGRATE", &to.ip, &to.port.to_string(), "", "0", &timeout].iter().map(|w| w.as_bytes().to_vec()).collect();
    if replace {
        words.push(b"REPLACE".to_vec());
    }
    let target = &m.session.target;
    if let Some(password) = &target.password {
        match &target.user {
            Some(user) => words.extend([b"AUTH2".to_vec(), user.clone(), password.clone()]),
            None => words.extend([b"AUTH".to_vec(), password.clone()]),
        }
    }
    words.push(b"KEYS".to_vec());
    words.extend_from_slice(keys);
    words
}

async fn migrate_keys(m: &mut Manager<'_>, from: usize, to: usize, slot: usize, dots: bool) -> Result<(), Stuck> {
    let (number, batch) = (slot.to_string(), m.options().pipeline.to_string());
    loop {
        let keys = match m.ask(from, &["CLUSTER", "GETKEYSINSLOT", &number, &batch]).await {
            Ok(reply) => reply,
            Err(refused) => {
                m.tell(&m.address(from), &refused);
                return Err(Stuck(refused.text().into()));
            }
        };
        let keys: Vec<Vec<u8>> =
            keys.elements().unwrap_or_default().iter().filter_map(|k| Some(k.bytes()?.to_vec())).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let Some(target) = m.nodes.get(to) else { return Ok(()) };
        let command = migrate_command(m, target, &keys, false);
        if let Err(refused) = m.ask(from, &command).await {
            retry(m, from, to, slot, &keys, refused).await?;
        }
        if dots {
            m.out().print(".".repeat(keys.len()));
            m.out().flush().await;
        }
    }
}

/// After a MIGRATE that was refused: because the key is there already, or because nobody has the slot.
async fn retry(
    m: &mut Manager<'_>,
    from: usize,
    to: usize,
    slot: usize,
    keys: &[Vec<u8>],
    refused: Refused,
) -> Result<(), Stuck> {
    let busy = refused.text().contains("BUSYKEY");
    let unserved = !busy && owner(m, from, slot).await == Ok(None);
    let mut last = refused;
    if busy || unserved {
        if m.fix && unserved {
            let text = format!("*** Slot was not served, setting owner to node {}.\n", m.address(to));
            m.log(Level::Warn, text);
            set_slot_or_tell(m, from, slot, "node", to).await;
        }
        if busy {
            m.log(Level::Warn, "\n*** Target key exists\n");
            if !m.options().replace {
                compare(m, from, to, keys).await?;
            }
            m.log(Level::Warn, "*** Replacing target keys...\n");
        }
        let Some(target) = m.nodes.get(to) else { return Ok(()) };
        let command = migrate_command(m, target, keys, busy);
        match m.ask(from, &command).await {
            Ok(_) => return Ok(()),
            Err(refused) => last = refused,
        }
    }
    if last != Refused::Silence {
        m.out().print("\n");
        m.tell(&m.address(from), &last);
    }
    Err(Stuck(last.text().into()))
}

/// Keys that are on both nodes may be overwritten only where their values are equal.
async fn compare(m: &mut Manager<'_>, from: usize, to: usize, keys: &[Vec<u8>]) -> Result<(), Stuck> {
    m.log(Level::Warn, "*** Checking key values on both nodes...\n");
    let mut words = vec![b"DEBUG".to_vec(), b"DIGEST-VALUE".to_vec()];
    words.extend_from_slice(keys);
    let ours = m.ask_or_tell(from, &words).await;
    let theirs = m.ask_or_tell(to, &words).await;
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        m.log(Level::Error, "*** Value check failed!\n");
        return Err(Stuck(String::new()));
    };
    let zero = "0".repeat(40).into_bytes();
    let pairs = ours.elements().unwrap_or_default().iter().zip(theirs.elements().unwrap_or_default());
    let different: Vec<String> = keys
        .iter()
        .zip(pairs)
        .filter(|(_, (a, b))| a != b && ![a.bytes(), b.bytes()].contains(&Some(&zero)))
        .map(|(key, _)| String::from_utf8_lossy(key).into_owned())
        .collect();
    if different.is_empty() {
        return Ok(());
    }
    let text = format!(
        "*** Found {} key(s) in both source node and target node having different values.\n    Source node: {}\n    \
         Target node: {}\n    Keys(s):\n",
        different.len(),
        m.address(from),
        m.address(to)
    );
    m.log(Level::Error, text);
    for key in different {
        m.log(Level::Error, format!("    - {key}\n"));
    }
    m.log(
        Level::Error,
        "Please fix the above key(s) manually and try again or relaunch the command \nwith --cluster-replace option to \
         force key overriding.\n",
    );
    Err(Stuck(String::new()))
}
