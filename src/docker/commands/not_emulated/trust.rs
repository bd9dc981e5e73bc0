//! `docker trust …`: in the help, not emulated.

use super::run;
use crate::cli::{Args, Spec};

/// The commands, sorted by path.
pub static SPECS: [Spec; 7] = [
    Spec {
        paths: &["trust inspect"],
        usage: "IMAGE[:TAG] [IMAGE[:TAG]...]",
        short: "Return low-level information about keys and signatures",
        flags: &[r"
|pretty||Print the information in a human friendly format
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["trust key generate"],
        usage: "NAME",
        short: "Generate and load a signing key-pair",
        flags: &[r"
|dir|string|Directory to generate key in, defaults to current directory
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["trust key load"],
        usage: "[OPTIONS] KEYFILE",
        short: "Load a private key file for signing",
        flags: &[r#"
|name|string|Name for the loaded key (default "signer")
"#],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["trust revoke"],
        usage: "[OPTIONS] IMAGE[:TAG]",
        short: "Remove trust for an image",
        flags: &[r"
y|yes||Do not prompt for confirmation
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["trust sign"],
        usage: "IMAGE:TAG",
        short: "Sign an image",
        flags: &[r"
|local||Sign a locally tagged image
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["trust signer add"],
        usage: "OPTIONS NAME REPOSITORY [REPOSITORY...] ",
        short: "Add a signer",
        flags: &[r"
|key|list|Path to the signer's public key file
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["trust signer remove"],
        usage: "[OPTIONS] NAME REPOSITORY [REPOSITORY...]",
        short: "Remove a signer",
        flags: &[r"
f|force||Do not prompt for confirmation before removing the most recent signer
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
];
