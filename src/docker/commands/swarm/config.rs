//! `docker config …`: what only a manager of a swarm can do.

use super::refused;
use crate::cli::{Args, Spec};
use crate::commands::common::{OBJECT_FORMAT, TABLE_FORMAT};

/// The commands, sorted by path.
pub static SPECS: [Spec; 4] = [
    Spec {
        paths: &["~config create"],
        usage: "[OPTIONS] CONFIG file|-",
        short: "Create a config from a file or STDIN",
        flags: &[r"
l|label|list|Config labels
|template-driver|string|Template driver
"],
        args: Args::Exactly(2),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~config inspect"],
        usage: "[OPTIONS] CONFIG [CONFIG...]",
        short: "Display detailed information on one or more configs",
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
        paths: &["~config ls", "~config list"],
        aliases: "docker config ls, docker config list",
        usage: "[OPTIONS]",
        short: "List configs",
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
        paths: &["~config rm", "~config remove"],
        aliases: "docker config rm, docker config remove",
        usage: "CONFIG [CONFIG...]",
        short: "Remove one or more configs",
        args: Args::AtLeast(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
];
