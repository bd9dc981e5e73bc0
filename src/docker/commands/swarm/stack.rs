//! `docker stack …`: what only a manager of a swarm can do.

use super::refused;
use crate::cli::{Args, Spec};
use crate::commands::common::TABLE_FORMAT;

/// The commands, sorted by path.
pub static SPECS: [Spec; 6] = [
    Spec {
        paths: &["~stack config"],
        usage: "[OPTIONS]",
        short: "Outputs the final config file, after doing merges and interpolations",
        flags: &[r#"
c|compose-file|strings|Path to a Compose file, or "-" to read from stdin
|skip-interpolation||Skip interpolation and output only merged config
"#],
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~stack deploy", "~stack up"],
        aliases: "docker stack deploy, docker stack up",
        usage: "[OPTIONS] STACK",
        short: "Deploy a new stack or update an existing stack",
        flags: &[r#"
c|compose-file|strings|Path to a Compose file, or "-" to read from stdin
d|detach||Exit immediately instead of waiting for the stack services to converge (default true)
|prune||Prune services that are no longer referenced
q|quiet||Suppress progress output
|resolve-image|string|Query the registry to resolve image digest and supported platforms ("always", "changed", "never") (default "always")
|with-registry-auth||Send registry authentication details to Swarm agents
"#],
        args: Args::Exactly(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~stack ls", "~stack list"],
        aliases: "docker stack ls, docker stack list",
        usage: "[OPTIONS]",
        short: "List stacks",
        flags: &[TABLE_FORMAT],
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~stack ps"],
        usage: "[OPTIONS] STACK",
        short: "List the tasks in the stack",
        flags: &[
            TABLE_FORMAT,
            r"
f|filter|filter|Filter output based on conditions provided
|no-resolve||Do not map IDs to Names
|no-trunc||Do not truncate output
q|quiet||Only display task IDs
",
        ],
        args: Args::Exactly(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~stack rm", "~stack remove", "~stack down"],
        aliases: "docker stack rm, docker stack remove, docker stack down",
        usage: "[OPTIONS] STACK [STACK...]",
        short: "Remove one or more stacks",
        flags: &[r"
d|detach||Do not wait for stack removal (default true)
"],
        args: Args::AtLeast(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~stack services"],
        usage: "[OPTIONS] STACK",
        short: "List the services in the stack",
        flags: &[
            TABLE_FORMAT,
            r"
f|filter|filter|Filter output based on conditions provided
q|quiet||Only display IDs
",
        ],
        args: Args::Exactly(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
];
