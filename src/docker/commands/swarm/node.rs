//! `docker node …`: what only a manager of a swarm can do.

use super::refused;
use crate::cli::{Args, Spec};
use crate::commands::common::{OBJECT_FORMAT, TABLE_FORMAT};

/// The commands, sorted by path.
pub static SPECS: [Spec; 7] = [
    Spec {
        paths: &["~node demote"],
        usage: "NODE [NODE...]",
        short: "Demote one or more nodes from manager in the swarm",
        args: Args::AtLeast(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~node inspect"],
        usage: "[OPTIONS] self|NODE [NODE...]",
        short: "Display detailed information on one or more nodes",
        flags: &[
            OBJECT_FORMAT,
            r"
|pretty||Print the information in a human friendly format
",
        ],
        args: Args::AtLeast(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~node ls", "~node list"],
        aliases: "docker node ls, docker node list",
        usage: "[OPTIONS]",
        short: "List nodes in the swarm",
        flags: &[
            TABLE_FORMAT,
            r"
f|filter|filter|Filter output based on conditions provided
q|quiet||Only display IDs
",
        ],
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~node promote"],
        usage: "NODE [NODE...]",
        short: "Promote one or more nodes to manager in the swarm",
        args: Args::AtLeast(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~node ps"],
        usage: "[OPTIONS] [NODE...]",
        short: "List tasks running on one or more nodes, defaults to current node",
        flags: &[r"
f|filter|filter|Filter output based on conditions provided
|format|string|Pretty-print tasks using a Go template
|no-resolve||Do not map IDs to Names
|no-trunc||Do not truncate output
q|quiet||Only display task IDs
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~node rm", "~node remove"],
        aliases: "docker node rm, docker node remove",
        usage: "[OPTIONS] NODE [NODE...]",
        short: "Remove one or more nodes from the swarm",
        flags: &[r"
f|force||Force remove a node from the swarm
"],
        args: Args::AtLeast(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~node update"],
        usage: "[OPTIONS] NODE",
        short: "Update a node",
        flags: &[r#"
|availability|string|Availability of the node ("active", "pause", "drain")
|label-add|list|Add or update a node label ("key=value")
|label-rm|list|Remove a node label if exists
|role|string|Role of the node ("worker", "manager")
"#],
        args: Args::Exactly(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
];
