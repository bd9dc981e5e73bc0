//! EXEC

use super::prelude::*;
use crate::acl::{Context, Denial};
use crate::server::Server;
use crate::server::client::{Queued, ReplyMode};

/// The command's description.
pub static COMMAND: Command = Command {
    name: "exec",
    arity: 1,
    flags: flag::NOSCRIPT | flag::LOADING | flag::STALE | flag::SKIP_SLOWLOG,
    acl: acl::SLOW | acl::TRANSACTION,
    first: (0, 0, 0),
    keys: &[],
    tips: &[],
    docs: Docs {
        summary: "Executes all commands in a transaction.",
        since: "1.2.0",
        group: "transactions",
        complexity: "Depends on commands in the transaction",
        args: "",
        history: &[],
        deprecated: None,
        flags: &[],
    },
    subs: &[],
    run,
};

fn run(cx: &mut Cx<'_>) -> Res {
    let id = cx.client;
    let Some(multi) = cx.me().multi.clone() else { return Err("ERR EXEC without MULTI".into()) };
    if multi.broken {
        cx.s.discard(id);
        return Err("EXECABORT Transaction discarded because of previous errors.".into());
    }
    if cx.me().dirty_cas || cx.s.watched_expired(id) {
        cx.s.discard(id);
        cx.out.null_array();
        return Ok(());
    }
    cx.s.discard(id);
    cx.out.array(multi.queue.len());
    cx.s.run_queue(id, &multi.queue, 0, cx.out);
    Ok(())
}

impl Server {
    /// Runs the commands of a transaction from one on. A script that is parked stops it: it goes on later.
    pub(crate) fn run_queue(&mut self, id: u64, queue: &[Queued], from: usize, out: &mut resp::Reply) {
        for (n, words) in queue.iter().enumerate().skip(from) {
            let argv: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
            let command = match self.find_command(&argv) {
                Ok(command) => command,
                Err(text) => {
                    out.error_bytes(&text);
                    continue;
                }
            };
            if let Err(denial) = self.acl_check_in(id, command, &argv, Context::Multi) {
                let text = match denial {
                    Denial::Command => "no permission to execute the command or subcommand",
                    Denial::Key(_) => "no permission to touch the specified keys",
                    Denial::Channel(_) => {
                        "no permission to access one of the channels used as arguments to the command"
                    }
                };
                let text = format!(
                    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. This command is no longer allowed for the following reason: {text}"
                );
                self.count_error(text.as_bytes());
                out.error(&text);
                continue;
            }
            self.in_exec = true;
            self.call(id, command, &argv, out, true);
            self.in_exec = false;
            // CLIENT REPLY OFF takes effect at once, in the middle of the reply.
            out.muted |= self.clients.get(&id).is_some_and(|client| client.reply_mode == ReplyMode::Off);
            if self.is_parking() {
                self.park_rest(queue, n + 1);
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    #[test]
    fn replies_that_are_turned_off_are_missing_in_the_middle() {
        let mut bench = Bench::start("");
        for words in ["MULTI", "SET a 1", "CLIENT REPLY OFF", "GET a"] {
            bench.run(words);
        }
        // Two of three are never sent: the client still waits.
        assert_eq!(bench.run("EXEC"), "");
        bench.run("SET a 2");
        assert_eq!(bench.run("GET a"), "");
    }

    #[test]
    fn who_speaks_http_hears_nothing() {
        let mut bench = Bench::start("");
        assert_eq!(bench.run("POST / HTTP/1.1"), "");
        assert!(bench.server.clients.len() < 2, "the connection is closed");
    }
}
