//! `docker secret …`: what only a manager of a swarm can do.

use super::refused;
use crate::cli::{Args, Spec};

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
        flags: &[r"
f|format|string|Format output using a custom template:
 'json':             Print in JSON format
 'TEMPLATE':         Print output using the given Go template.
 Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates
|pretty||Print the information in a human friendly format
"],
        args: Args::AtLeast(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~secret ls", "~secret list"],
        aliases: "docker secret ls, docker secret list",
        usage: "[OPTIONS]",
        short: "List secrets",
        flags: &[r"
f|filter|filter|Filter output based on conditions provided
|format|string|Format output using a custom template:
 'table':            Print output in table format with column headers (default)
 'table TEMPLATE':   Print output in table format using the given Go template
 'json':             Print in JSON format
 'TEMPLATE':         Print output using the given Go template.
 Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates
q|quiet||Only display IDs
"],
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
