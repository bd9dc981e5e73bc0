//! `--cluster call`: one command on every node.

use resp::reply::Reply;

use super::manager::{Level, Manager, Refused};
use crate::console::Run;
use crate::format::{self, Delimiters, Output};

/// Runs the subcommand.
pub async fn run(m: &mut Manager<'_>, arguments: &[String]) -> Run<bool> {
    if !m.load_named(arguments.get(..1).unwrap_or_default()).await {
        return Ok(false);
    }
    let words = arguments.get(1..).unwrap_or_default();
    m.log(Level::Info, ">>> Calling");
    m.out().print(format!(" {}\n", words.join(" ")));
    let command: Vec<Vec<u8>> = words.iter().map(|w| machine::text::to_bytes(w)).collect();
    for place in 0..m.nodes.len() {
        let replica = m.nodes.get(place).is_some_and(|n| n.replicate.is_some());
        if (m.options().only_masters && replica) || (m.options().only_replicas && !replica) {
            continue;
        }
        let shown = match m.ask(place, &command).await {
            Ok(reply) => format::reply(&reply, Output::Raw, &Delimiters::default(), true),
            Err(Refused::Error(text)) => {
                format::reply(&Reply::Error(text.into_bytes()), Output::Raw, &Delimiters::default(), true)
            }
            Err(Refused::Silence) => b"Failed!".to_vec(),
        };
        let address = m.address(place);
        m.out().print([address.as_bytes(), b": ", &shown, b"\n"].concat());
    }
    Ok(true)
}
