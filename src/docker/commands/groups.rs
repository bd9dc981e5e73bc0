//! The groups of commands.

use super::not_emulated::run;
use crate::cli::Spec;

/// `docker` itself.
pub static ROOT: Spec = Spec {
    usage: "For more help on how to use Docker, head to https://docs.docker.com/go/guides/",
    short: "A self-sufficient runtime for containers",
    flags: &[r#"
|config|string|Location of client config files (default "/root/.docker")
c|context|string|Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "docker context use")
D|debug||Enable debug mode
H|host|string|Daemon socket to connect to
l|log-level|string|Set the logging level ("debug", "info", "warn", "error", "fatal") (default "info")
|tls||Use TLS; implied by --tlsverify
|tlscacert|string|Trust certs signed only by this CA (default "/root/.docker/ca.pem")
|tlscert|string|Path to TLS certificate file (default "/root/.docker/cert.pem")
|tlskey|string|Path to TLS key file (default "/root/.docker/key.pem")
|tlsverify||Use TLS and verify the remote
v|version||Print version information and quit
"#],
    interspersed: false,
    ..Spec::new(|c| Box::pin(run(c)))
};

/// All groups, sorted by path.
pub static GROUPS: [Spec; 20] = [
    Spec {
        paths: &["builder"],
        shown: "buildx",
        usage: "Experimental commands and flags are hidden. Set BUILDX_EXPERIMENTAL=1 to show them.",
        short: "Manage builds",
        long: "Extended build capabilities with BuildKit",
        flags: &[r"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
"],
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["buildx"],
        shown: "buildx",
        usage: "Experimental commands and flags are hidden. Set BUILDX_EXPERIMENTAL=1 to show them.",
        short: "Docker Buildx",
        long: "Extended build capabilities with BuildKit",
        flags: &[r"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
"],
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["buildx history", "~builder history"],
        shown: "buildx history",
        short: "Commands to work on build records",
        flags: &[r"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
"],
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["buildx history inspect", "~builder history inspect"],
        shown: "buildx history inspect",
        short: "Inspect a build record",
        flags: &[r#"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
|format|string|Format the output (default "pretty")
"#],
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["buildx imagetools", "~builder imagetools"],
        shown: "buildx imagetools",
        short: "Commands to work on images in registry",
        flags: &[r"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
"],
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["compose"],
        short: "Docker Compose",
        long: "Define and run multi-container applications with Docker",
        flags: &[r#"
|all-resources||Include all resources, even those not used by services
|ansi|string|Control when to print ANSI control characters ("never"|"always"|"auto") (default "auto")
|compatibility||Run compose in backward compatibility mode
|dry-run||Execute command in dry run mode
|env-file|stringArray|Specify an alternate environment file
f|file|stringArray|Compose configuration files
|parallel|int|Control max parallelism, -1 for unlimited (default -1)
|profile|stringArray|Specify a profile to enable
|progress|string|Set type of progress output (auto, tty, plain, json, quiet)
|project-directory|string|Specify an alternate working directory
 (default: the path of the, first specified, Compose file)
p|project-name|string|Project name
"#],
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["compose bridge"],
        short: "Convert compose files into another model",
        flags: &[r"
|dry-run||Execute command in dry run mode
"],
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["compose bridge transformations"],
        short: "Manage transformation images",
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec { paths: &["container"], short: "Manage containers", ..Spec::new(|c| Box::pin(run(c))) },
    Spec { paths: &["context"], short: "Manage contexts", ..Spec::new(|c| Box::pin(run(c))) },
    Spec { paths: &["image"], short: "Manage images", ..Spec::new(|c| Box::pin(run(c))) },
    Spec {
        paths: &["manifest"],
        short: "Manage Docker image manifests and manifest lists",
        long: r"The **docker manifest** command has subcommands for managing image manifests and
manifest lists. A manifest list allows you to use one name to refer to the same image
built for multiple architectures.

To see help for a subcommand, use:

    docker manifest CMD --help

For full details on using docker manifest lists, see the registry v2 specification.

EXPERIMENTAL:
  docker manifest is an experimental feature.
  Experimental features provide early access to product functionality. These
  features may change between releases without warning, or can be removed from a
  future release. Learn more about experimental features in our documentation:
  https://docs.docker.com/go/experimental/",
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec { paths: &["network"], short: "Manage networks", ..Spec::new(|c| Box::pin(run(c))) },
    Spec { paths: &["plugin"], short: "Manage plugins", ..Spec::new(|c| Box::pin(run(c))) },
    Spec { paths: &["swarm"], short: "Manage Swarm", ..Spec::new(|c| Box::pin(run(c))) },
    Spec { paths: &["system"], short: "Manage Docker", ..Spec::new(|c| Box::pin(run(c))) },
    Spec { paths: &["trust"], short: "Manage trust on Docker images", ..Spec::new(|c| Box::pin(run(c))) },
    Spec { paths: &["trust key"], short: "Manage keys for signing Docker images", ..Spec::new(|c| Box::pin(run(c))) },
    Spec {
        paths: &["trust signer"],
        short: "Manage entities who can sign Docker images",
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec { paths: &["volume"], short: "Manage volumes", ..Spec::new(|c| Box::pin(run(c))) },
];
