//! `docker plugin …`. Plugins are not emulated, so there are none: what asks for one is told so by the daemon, and none can
//! be had.

use docker_api::http::Query;

use super::common::part;
use super::not_emulated::run;
use crate::api::Body;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{OBJECT_FORMAT, TABLE_FORMAT};
use crate::format::{Column, Listing};

/// The commands, sorted by path.
pub static SPECS: [Spec; 10] = [
    Spec {
        paths: &["plugin create"],
        usage: "[OPTIONS] PLUGIN PLUGIN-DATA-DIR",
        short: "Create a plugin from a rootfs and configuration. Plugin data directory must contain config.json and rootfs directory.",
        flags: &[r"
|compress||Compress the context using gzip
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["plugin disable"],
        usage: "[OPTIONS] PLUGIN",
        short: "Disable a plugin",
        flags: &[r"
f|force||Force the disable of an active plugin
"],
        args: Args::Exactly(1),
        ..Spec::new(|c| Box::pin(missing(c)))
    },
    Spec {
        paths: &["plugin enable"],
        usage: "[OPTIONS] PLUGIN",
        short: "Enable a plugin",
        flags: &[r"
|timeout|int|HTTP client timeout (in seconds) (default 30)
"],
        args: Args::Exactly(1),
        ..Spec::new(|c| Box::pin(missing(c)))
    },
    Spec {
        paths: &["plugin inspect"],
        usage: "[OPTIONS] PLUGIN [PLUGIN...]",
        short: "Display detailed information on one or more plugins",
        flags: &[OBJECT_FORMAT],
        args: Args::AtLeast(1),
        ..Spec::new(|c| Box::pin(missing(c)))
    },
    Spec {
        paths: &["plugin install"],
        usage: "[OPTIONS] PLUGIN [KEY=VALUE...]",
        short: "Install a plugin",
        flags: &[r"
|alias|string|Local name for plugin
|disable||Do not enable the plugin on install
|disable-content-trust||Skip image verification (default true)
|grant-all-permissions||Grant all permissions necessary to run the plugin
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["plugin ls", "plugin list"],
        usage: "[OPTIONS]",
        short: "List plugins",
        flags: &[
            TABLE_FORMAT,
            r#"
f|filter|filter|Provide filter values (e.g. "enabled=true")
|no-trunc||Don't truncate output
q|quiet||Only display plugin IDs
"#,
        ],
        args: Args::None,
        ..Spec::new(|c| Box::pin(list(c)))
    },
    Spec {
        paths: &["plugin push"],
        usage: "[OPTIONS] PLUGIN[:TAG]",
        short: "Push a plugin to a registry",
        flags: &[r"
|disable-content-trust||Skip image signing (default true)
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    Spec {
        paths: &["plugin rm", "plugin remove"],
        usage: "[OPTIONS] PLUGIN [PLUGIN...]",
        short: "Remove one or more plugins",
        flags: &[r"
f|force||Force the removal of an active plugin
"],
        args: Args::AtLeast(1),
        ..Spec::new(|c| Box::pin(missing(c)))
    },
    Spec {
        paths: &["plugin set"],
        usage: "PLUGIN KEY=VALUE [KEY=VALUE...]",
        short: "Change settings for a plugin",
        args: Args::AtLeast(2),
        ..Spec::new(|c| Box::pin(missing(c)))
    },
    Spec {
        paths: &["plugin upgrade"],
        usage: "[OPTIONS] PLUGIN [REMOTE]",
        short: "Upgrade an existing plugin",
        flags: &[r"
|disable-content-trust||Skip image verification (default true)
|grant-all-permissions||Grant all permissions necessary to run the plugin
|skip-remote-check||Do not check if specified remote plugin matches existing plugin image
"],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
];

const COLUMNS: &[Column] = &[("ID", "ID"), ("Name", "NAME"), ("Description", "DESCRIPTION"), ("Enabled", "ENABLED")];

async fn list(c: Invocation) -> Outcome {
    c.client().get("/plugins", &Query::default()).await?;
    let listing = Listing {
        type_name: "*plugin.pluginContext",
        columns: COLUMNS,
        default: "{{.ID}}\t{{.Name}}\t{{.Description}}\t{{.Enabled}}".to_string(),
        rows: Vec::new(),
        ..Listing::default()
    };
    let format = c.matches.text("format");
    let quiet = c.matches.on("quiet") && format.is_empty();
    c.print(&listing.render(if quiet { "{{.ID}}" } else { &format })?).await;
    Ok(())
}

async fn missing(c: Invocation) -> Outcome {
    let verb = c.path.rsplit(' ').next().unwrap_or("");
    if verb == "inspect" {
        c.print("[]\n").await;
    }
    let names =
        if matches!(verb, "inspect" | "rm" | "remove") { c.matches.args.as_slice() } else { &c.matches.args[..1] };
    let mut errors = Vec::new();
    for name in names {
        let path = format!("/plugins/{}/json", part(name));
        if let Err(error) = c.client().send("GET", &path, &Query::default(), Body::None).await {
            errors.push(error.to_string());
        }
    }
    if errors.is_empty() { Ok(()) } else { fail(errors.join("\n")) }
}
