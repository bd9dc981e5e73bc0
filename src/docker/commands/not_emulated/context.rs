//! `docker context …`: in the help, not emulated.

use super::run;
use crate::cli::{Args, Spec};

/// The commands, sorted by path.
pub static SPECS: [Spec; 6] = [
    Spec {
        paths: &["context create"],
        usage: "[OPTIONS] CONTEXT",
        short: "Create a context",
        long: r#"Create a context

Docker endpoint config:

NAME                DESCRIPTION
from                Copy named context's Docker endpoint configuration
host                Docker endpoint on which to connect
ca                  Trust certs signed only by this CA
cert                Path to TLS certificate file
key                 Path to TLS key file
skip-tls-verify     Skip TLS certificate validation

Example:

$ docker context create my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file""#,
        flags: &[r"
|description|string|Description of the context
|docker|stringToString|set the docker endpoint (default [])
|from|string|create context from a named context
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["context export"],
        usage: "[OPTIONS] CONTEXT [FILE|-]",
        short: "Export a context to a tar archive FILE or a tar stream on STDOUT.",
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["context import"],
        usage: "CONTEXT FILE|-",
        short: "Import a context from a tar or zip file",
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["context rm", "context remove"],
        usage: "CONTEXT [CONTEXT...]",
        short: "Remove one or more contexts",
        flags: &[r"
f|force||Force the removal of a context in use
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["context update"],
        usage: "[OPTIONS] CONTEXT",
        short: "Update a context",
        long: r#"Update a context

Docker endpoint config:

NAME                DESCRIPTION
from                Copy named context's Docker endpoint configuration
host                Docker endpoint on which to connect
ca                  Trust certs signed only by this CA
cert                Path to TLS certificate file
key                 Path to TLS key file
skip-tls-verify     Skip TLS certificate validation

Example:

$ docker context update my-context --description "some description" --docker "host=tcp://myserver:2376,ca=~/ca-file,cert=~/cert-file,key=~/key-file""#,
        flags: &[r"
|description|string|Description of the context
|docker|stringToString|set the docker endpoint (default [])
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["context use"],
        usage: "CONTEXT",
        short: "Set the current docker context",
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
];
