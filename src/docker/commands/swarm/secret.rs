//! `docker secret …`: what only a manager of a swarm can do.

use super::refused;
use crate::cli::{Args, Spec};
use crate::commands::common::{OBJECT_FORMAT, TABLE_FORMAT};

/// The commands, sorted by path.
pub static SPECS: [Spec; 4] = [
    Spec {
        paths: &["~secret create"],
        usage: "[OPTIONS] SECRET [file|-]",
        short: "Create a secret from a file or STDIN as content",
        flags: &[r"
d|driver|string|Secret driver
l|label|list|Secret labels
|template-driver|string|Template driver
"],
        args: Args::Range(1, 2),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~secret inspect"],
        usage: "[OPTIONS] SECRET [SECRET...]",
        short: "Display detailed information on one or more secrets",
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
        paths: &["~secret ls", "~secret list"],
        aliases: "docker secret ls, docker secret list",
        usage: "[OPTIONS]",
        short: "List secrets",
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
        paths: &["~secret rm", "~secret remove"],
        aliases: "docker secret rm, docker secret remove",
        usage: "SECRET [SECRET...]",
        short: "Remove one or more secrets",
        args: Args::AtLeast(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
];
