//! `docker buildx …`: in the help, not emulated.

use super::run;
use crate::cli::{Args, Spec};

/// The commands, sorted by path.
pub static SPECS: [Spec; 9] = [
    Spec {
        shown: "buildx dial-stdio",
        paths: &["buildx dial-stdio", "~builder dial-stdio"],
        short: "Proxy current stdio streams to builder instance",
        flags: &[r#"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
|platform|string|Target platform: this is used for node selection
|progress|string|Set type of progress output ("auto", "plain", "rawjson", "tty"). Use plain to show container output (default "none")
"#],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        shown: "buildx history export",
        paths: &["buildx history export", "~builder history export"],
        usage: "[OPTIONS] [REF...]",
        short: "Export build records into Docker Desktop bundle",
        flags: &[r"
|all||Export all build records for the builder
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
|finalize||Ensure build records are finalized before exporting
o|output|string|Output file path
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        shown: "buildx history import",
        paths: &["buildx history import", "~builder history import"],
        usage: "[OPTIONS] -",
        short: "Import build records into Docker Desktop",
        flags: &[r"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
f|file|stringArray|Import from a file path
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        shown: "buildx history inspect attachment",
        paths: &["buildx history inspect attachment", "~builder history inspect attachment"],
        usage: "[OPTIONS] [REF [DIGEST]]",
        short: "Inspect a build record attachment",
        flags: &[r"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
|platform|string|Platform of attachment
|type|string|Type of attachment
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        shown: "buildx history logs",
        paths: &["buildx history logs", "~builder history logs"],
        usage: "[OPTIONS] [REF]",
        short: "Print the logs of a build record",
        flags: &[r#"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
|progress|string|Set type of progress output (plain, rawjson, tty) (default "plain")
"#],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        shown: "buildx history ls",
        paths: &["buildx history ls", "~builder history ls"],
        usage: "[OPTIONS]",
        short: "List build records",
        flags: &[r#"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
|filter|stringArray|Provide filter values (e.g., "status=error")
|format|string|Format the output (default "table")
|local||List records for current repository only
|no-trunc||Don't truncate output
"#],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        shown: "buildx history open",
        paths: &["buildx history open", "~builder history open"],
        usage: "[OPTIONS] [REF]",
        short: "Open a build record in Docker Desktop",
        flags: &[r"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        shown: "buildx history rm",
        paths: &["buildx history rm", "~builder history rm"],
        usage: "[OPTIONS] [REF...]",
        short: "Remove build records",
        flags: &[r"
|all||Remove all build records
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        shown: "buildx imagetools create",
        paths: &["buildx imagetools create", "~builder imagetools create"],
        usage: "[OPTIONS] [SOURCE...]",
        short: "Create a new image based on source images",
        flags: &[r#"
|annotation|stringArray|Add annotation to the image
|append||Append to existing manifest
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
|dry-run||Show final image instead of pushing
f|file|stringArray|Read source descriptor from file
p|platform|stringArray|Filter specified platforms of target image
|prefer-index||When only a single source is specified, prefer outputting an image index or manifest list instead of performing a carbon copy (default true)
|progress|string|Set type of progress output ("auto", "none", "plain", "rawjson", "tty"). Use plain to show container output (default "auto")
t|tag|stringArray|Set reference for new image
"#],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
];
