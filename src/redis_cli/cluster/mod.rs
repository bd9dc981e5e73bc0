//! The cluster manager: `redis-cli --cluster SUBCOMMAND`, one file for each.

mod add_node;
mod allocate;
mod backup;
mod call;
mod check;
mod coverage;
mod create;
mod del_node;
mod import;
mod info;
mod join;
mod manager;
mod moving;
mod node;
mod open_slots;
mod owners;
mod rebalance;
mod reshard;
mod set_timeout;
mod slots;

use std::future::Future;
use std::pin::Pin;

use crate::console::{Exit, Run};
use crate::session::Session;
use manager::Manager;

/// What `--cluster help` prints.
const USAGE: &str = include_str!("usage.txt");

/// A subcommand's work: whether it succeeded.
type Work<'a> = Pin<Box<dyn Future<Output = Run<bool>> + 'a>>;

struct Subcommand {
    name: &'static str,
    /// how many arguments it takes; negative is at least so many
    arity: i32,
    run: for<'a> fn(&'a mut Manager<'_>, &'a [String]) -> Work<'a>,
}

/// The subcommands, sorted.
const SUBCOMMANDS: &[Subcommand] = &[
    Subcommand { name: "add-node", arity: 2, run: |m, a| Box::pin(add_node::run(m, a)) },
    Subcommand { name: "backup", arity: 2, run: |m, a| Box::pin(backup::run(m, a)) },
    Subcommand { name: "call", arity: -2, run: |m, a| Box::pin(call::run(m, a)) },
    Subcommand { name: "check", arity: -1, run: |m, a| Box::pin(check::run(m, a)) },
    Subcommand { name: "create", arity: -1, run: |m, a| Box::pin(create::run(m, a)) },
    Subcommand { name: "del-node", arity: 2, run: |m, a| Box::pin(del_node::run(m, a)) },
    Subcommand { name: "fix", arity: -1, run: |m, a| Box::pin(check::fix(m, a)) },
    Subcommand { name: "help", arity: 0, run: |m, _| Box::pin(help(m)) },
    Subcommand { name: "import", arity: 1, run: |m, a| Box::pin(import::run(m, a)) },
    Subcommand { name: "info", arity: -1, run: |m, a| Box::pin(info::run(m, a)) },
    Subcommand { name: "rebalance", arity: -1, run: |m, a| Box::pin(rebalance::run(m, a)) },
    Subcommand { name: "reshard", arity: -1, run: |m, a| Box::pin(reshard::run(m, a)) },
    Subcommand { name: "set-timeout", arity: 2, run: |m, a| Box::pin(set_timeout::run(m, a)) },
];

/// Runs the subcommand of the command line.
pub async fn run(session: &mut Session) -> Run<()> {
    let name = session.options.cluster.command.clone().unwrap_or_default();
    let arguments = session.options.cluster.arguments.clone();
    let Some(found) = SUBCOMMANDS.iter().find(|s| s.name == name) else {
        return session.out.fail("Unknown --cluster subcommand\n").await;
    };
    let count = arguments.len() as i32;
    if (found.arity > 0 && count != found.arity) || count < -found.arity {
        return session.out.fail("[ERR] Wrong number of arguments for specified --cluster sub command\n").await;
    }
    let mut manager = Manager::new(session);
    if (found.run)(&mut manager, &arguments).await? { Ok(()) } else { Err(Exit(1)) }
}

/// The real one, too, ends with status 1 here.
async fn help(manager: &mut Manager<'_>) -> Run<bool> {
    manager.out().print(USAGE);
    Ok(false)
}

#[cfg(test)]
mod tests {
    #[test]
    fn subcommands_are_sorted() {
        assert!(super::SUBCOMMANDS.is_sorted_by_key(|s| s.name));
    }
}
