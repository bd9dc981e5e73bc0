//! `docker swarm …`: what only a node of a swarm can do.

use super::refused;
use crate::cli::{Args, Spec};

/// The commands, sorted by path.
pub static SPECS: [Spec; 6] = [
    Spec {
        paths: &["~swarm ca"],
        usage: "[OPTIONS]",
        short: "Display and rotate the root CA",
        flags: &[r"
|ca-cert|pem-file|Path to the PEM-formatted root CA certificate to use for the new cluster
|ca-key|pem-file|Path to the PEM-formatted root CA key to use for the new cluster
|cert-expiry|duration|Validity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)
d|detach||Exit immediately instead of waiting for the root rotation to converge
|external-ca|external-ca|Specifications of one or more certificate signing endpoints
q|quiet||Suppress progress output
|rotate||Rotate the swarm CA - if no certificate or key are provided, new ones will be generated
"],
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~swarm join-token"],
        usage: "[OPTIONS] (worker|manager)",
        short: "Manage join tokens",
        flags: &[r"
q|quiet||Only display token
|rotate||Rotate join token
"],
        args: Args::Exactly(1),
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~swarm leave"],
        usage: "[OPTIONS]",
        short: "Leave the swarm",
        flags: &[r"
f|force||Force this node to leave the swarm, ignoring warnings
"],
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec { paths: &["~swarm unlock"], short: "Unlock swarm", ..Spec::new(|c| Box::pin(refused(c))) },
    Spec {
        paths: &["~swarm unlock-key"],
        usage: "[OPTIONS]",
        short: "Manage the unlock key",
        flags: &[r"
q|quiet||Only display token
|rotate||Rotate unlock key
"],
        ..Spec::new(|c| Box::pin(refused(c)))
    },
    Spec {
        paths: &["~swarm update"],
        usage: "[OPTIONS]",
        short: "Update the swarm",
        flags: &[r"
|autolock||Change manager autolocking setting (true|false)
|cert-expiry|duration|Validity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)
|dispatcher-heartbeat|duration|Dispatcher heartbeat period (ns|us|ms|s|m|h) (default 5s)
|external-ca|external-ca|Specifications of one or more certificate signing endpoints
|max-snapshots|uint|Number of additional Raft snapshots to retain
|snapshot-interval|uint|Number of log entries between Raft snapshots (default 10000)
|task-history-limit|int|Task history retention limit (default 5)
"],
        ..Spec::new(|c| Box::pin(refused(c)))
    },
];
