//! `docker compose …`: in the help, not emulated.

use super::run;
use crate::cli::{Args, Spec};

const DRY_RUN: &str = "|dry-run||Execute command in dry run mode";

/// A command of the table: path, usage, one line, flags.
const fn entry(
    paths: &'static [&'static str],
    usage: &'static str,
    short: &'static str,
    flags: &'static [&'static str],
) -> Spec {
    Spec { paths, usage, short, flags, args: Args::Any, ..Spec::new(|c| Box::pin(run(c))) }
}

/// The commands, sorted by path.
pub static SPECS: [Spec; 34] = [
    entry(
        &["compose attach"],
        "[OPTIONS] SERVICE",
        "Attach local standard input, output, and error streams to a service's running container",
        &[
            DRY_RUN,
            r"
|detach-keys|string|Override the key sequence for detaching from a container.
|index|int|index of the container if service has multiple replicas.
|no-stdin||Do not attach STDIN
|sig-proxy||Proxy all received signals to the process (default true)
",
        ],
    ),
    entry(
        &["compose bridge convert"],
        "",
        "Convert compose files to Kubernetes manifests, Helm charts, or another model",
        &[
            DRY_RUN,
            r#"
o|output|string|The output directory for the Kubernetes resources (default "out")
|templates|string|Directory containing transformation templates
t|transformation|stringArray|Transformation to apply to compose model (default: docker/compose-bridge-kubernetes)
"#,
        ],
    ),
    entry(
        &["compose build"],
        "[OPTIONS] [SERVICE...]",
        "Build or rebuild services",
        &[
            DRY_RUN,
            r"
|build-arg|stringArray|Set build-time variables for services
|builder|string|Set builder to use
|check||Check build configuration
m|memory|bytes|Set memory limit for the build container. Not supported by BuildKit.
|no-cache||Do not use cache when building the image
|print||Print equivalent bake file
|provenance|string|Add a provenance attestation
|pull||Always attempt to pull a newer version of the image
|push||Push service images
q|quiet||Suppress the build output
|sbom|string|Add a SBOM attestation
|ssh|string|Set SSH authentications used when building service images. (use 'default' for using your default SSH Agent)
|with-dependencies||Also build dependencies (transitively)
",
        ],
    ),
    entry(
        &["compose commit"],
        "[OPTIONS] SERVICE [REPOSITORY[:TAG]]",
        "Create a new image from a service container's changes",
        &[
            DRY_RUN,
            r#"
a|author|string|Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")
c|change|list|Apply Dockerfile instruction to the created image
|index|int|index of the container if service has multiple replicas.
m|message|string|Commit message
p|pause||Pause container during commit (default true)
"#,
        ],
    ),
    entry(
        &["compose config"],
        "[OPTIONS] [SERVICE...]",
        "Parse, resolve and render compose file in canonical format",
        &[
            DRY_RUN,
            r"
|environment||Print environment used for interpolation.
|format|string|Format the output. Values: [yaml | json]
|hash|string|Print the service config hash, one per line.
|images||Print the image names, one per line.
|lock-image-digests||Produces an override file with image digests
|models||Print the model names, one per line.
|networks||Print the network names, one per line.
|no-consistency||Don't check model consistency - warning: may produce invalid Compose output
|no-env-resolution||Don't resolve service env files
|no-interpolate||Don't interpolate environment variables
|no-normalize||Don't normalize compose model
|no-path-resolution||Don't resolve file paths
o|output|string|Save to file (default to stdout)
|profiles||Print the profile names, one per line.
q|quiet||Only validate the configuration, don't print anything
|resolve-image-digests||Pin image tags to digests
|services||Print the service names, one per line.
|variables||Print model variables and default values.
|volumes||Print the volume names, one per line.
",
        ],
    ),
    entry(
        &["compose cp"],
        "[OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n\tdocker compose cp [OPTIONS] SRC_PATH|- SERVICE:DEST_PATH",
        "Copy files/folders between a service container and the local filesystem",
        &[
            DRY_RUN,
            r"
|all||Include containers created by the run command
a|archive||Archive mode (copy all uid/gid information)
L|follow-link||Always follow symbol link in SRC_PATH
|index|int|Index of the container if service has multiple replicas
",
        ],
    ),
    entry(
        &["compose create"],
        "[OPTIONS] [SERVICE...]",
        "Creates containers for a service",
        &[
            DRY_RUN,
            r#"
|build||Build images before starting containers
|force-recreate||Recreate containers even if their configuration and image haven't changed
|no-build||Don't build an image, even if it's policy
|no-recreate||If containers already exist, don't recreate them. Incompatible with --force-recreate.
|pull|string|Pull image before running ("always"|"missing"|"never"|"build") (default "policy")
|quiet-pull||Pull without printing progress information
|remove-orphans||Remove containers for services not defined in the Compose file
|scale|scale|Scale SERVICE to NUM instances. Overrides the scale setting in the Compose file if present.
y|yes||Assume "yes" as answer to all prompts and run non-interactively
"#,
        ],
    ),
    entry(
        &["compose down"],
        "[OPTIONS] [SERVICES]",
        "Stop and remove containers, networks",
        &[
            DRY_RUN,
            r#"
|remove-orphans||Remove containers for services not defined in the Compose file
|rmi|string|Remove images used by services. "local" remove only images that don't have a custom tag ("local"|"all")
t|timeout|int|Specify a shutdown timeout in seconds
v|volumes||Remove named volumes declared in the "volumes" section of the Compose file and anonymous volumes attached to containers
"#,
        ],
    ),
    entry(
        &["compose events"],
        "[OPTIONS] [SERVICE...]",
        "Receive real time events from containers",
        &[
            DRY_RUN,
            r"
|json||Output events as a stream of json objects
|since|string|Show all events created since timestamp
|until|string|Stream events until this timestamp
",
        ],
    ),
    entry(
        &["compose exec"],
        "[OPTIONS] SERVICE COMMAND [ARGS...]",
        "Execute a command in a running container",
        &[
            DRY_RUN,
            r"
d|detach||Detached mode: Run command in the background
e|env|stringArray|Set environment variables
|index|int|Index of the container if service has multiple replicas
T|no-tty||Disable pseudo-TTY allocation. By default 'docker compose exec' allocates a TTY.
|privileged||Give extended privileges to the process
u|user|string|Run the command as this user
w|workdir|string|Path to workdir directory for this command
",
        ],
    ),
    entry(
        &["compose export"],
        "[OPTIONS] SERVICE",
        "Export a service container's filesystem as a tar archive",
        &[
            DRY_RUN,
            r"
|index|int|index of the container if service has multiple replicas.
o|output|string|Write to a file, instead of STDOUT
",
        ],
    ),
    entry(
        &["compose images"],
        "[OPTIONS] [SERVICE...]",
        "List images used by the created containers",
        &[
            DRY_RUN,
            r#"
|format|string|Format the output. Values: [table | json] (default "table")
q|quiet||Only display IDs
"#,
        ],
    ),
    entry(
        &["compose kill"],
        "[OPTIONS] [SERVICE...]",
        "Force stop service containers",
        &[
            DRY_RUN,
            r#"
|remove-orphans||Remove containers for services not defined in the Compose file
s|signal|string|SIGNAL to send to the container (default "SIGKILL")
"#,
        ],
    ),
    entry(
        &["compose logs"],
        "[OPTIONS] [SERVICE...]",
        "View output from containers",
        &[
            DRY_RUN,
            r#"
f|follow||Follow log output
|index|int|index of the container if service has multiple replicas
|no-color||Produce monochrome output
|no-log-prefix||Don't print prefix in logs
|since|string|Show logs since timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)
n|tail|string|Number of lines to show from the end of the logs for each container (default "all")
t|timestamps||Show timestamps
|until|string|Show logs before a timestamp (e.g. 2013-01-02T13:23:37Z) or relative (e.g. 42m for 42 minutes)
"#,
        ],
    ),
    entry(
        &["compose ls"],
        "[OPTIONS]",
        "List running compose projects",
        &[
            DRY_RUN,
            r#"
a|all||Show all stopped Compose projects
|filter|filter|Filter output based on conditions provided
|format|string|Format the output. Values: [table | json] (default "table")
q|quiet||Only display project names
"#,
        ],
    ),
    entry(&["compose pause"], "[SERVICE...]", "Pause services", &[DRY_RUN]),
    entry(
        &["compose port"],
        "[OPTIONS] SERVICE PRIVATE_PORT",
        "Print the public port for a port binding",
        &[
            DRY_RUN,
            r#"
|index|int|Index of the container if service has multiple replicas
|protocol|string|tcp or udp (default "tcp")
"#,
        ],
    ),
    entry(
        &["compose ps"],
        "[OPTIONS] [SERVICE...]",
        "List containers",
        &[
            DRY_RUN,
            r#"
a|all||Show all stopped containers (including those created by the run command)
|filter|string|Filter services by a property (supported filters: status)
|format|string|Format output using a custom template:
 'table':            Print output in table format with column headers (default)
 'table TEMPLATE':   Print output in table format using the given Go template
 'json':             Print in JSON format
 'TEMPLATE':         Print output using the given Go template.
 Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates (default "table")
|no-trunc||Don't truncate output
|orphans||Include orphaned services (not declared by project) (default true)
q|quiet||Only display IDs
|services||Display services
|status|stringArray|Filter services by status. Values: [paused | restarting | removing | running | dead | created | exited]
"#,
        ],
    ),
    entry(
        &["compose publish"],
        "[OPTIONS] REPOSITORY[:TAG]",
        "Publish compose application",
        &[
            DRY_RUN,
            r#"
|app||Published compose application (includes referenced images)
|oci-version|string|OCI image/artifact specification version (automatically determined by default)
|resolve-image-digests||Pin image tags to digests
|with-env||Include environment variables in the published OCI artifact
y|yes||Assume "yes" as answer to all prompts
"#,
        ],
    ),
    entry(
        &["compose pull"],
        "[OPTIONS] [SERVICE...]",
        "Pull service images",
        &[
            DRY_RUN,
            r#"
|ignore-buildable||Ignore images that can be built
|ignore-pull-failures||Pull what it can and ignores images with pull failures
|include-deps||Also pull services declared as dependencies
|policy|string|Apply pull policy ("missing"|"always")
q|quiet||Pull without printing progress information
"#,
        ],
    ),
    entry(
        &["compose push"],
        "[OPTIONS] [SERVICE...]",
        "Push service images",
        &[
            DRY_RUN,
            r"
|ignore-push-failures||Push what it can and ignores images with push failures
|include-deps||Also push images of services declared as dependencies
q|quiet||Push without printing progress information
",
        ],
    ),
    entry(
        &["compose restart"],
        "[OPTIONS] [SERVICE...]",
        "Restart service containers",
        &[
            DRY_RUN,
            r"
|no-deps||Don't restart dependent services
t|timeout|int|Specify a shutdown timeout in seconds
",
        ],
    ),
    Spec {
        paths: &["compose rm"],
        usage: "[OPTIONS] [SERVICE...]",
        short: "Removes stopped service containers",
        long: r#"Removes stopped service containers

By default, anonymous volumes attached to containers will not be removed. You
can override this with -v. To list all volumes, use "docker volume ls".

Any data which is not in a volume will be lost."#,
        flags: &[
            DRY_RUN,
            r"
f|force||Don't ask to confirm removal
s|stop||Stop the containers, if required, before removing
v|volumes||Remove any anonymous volumes attached to containers
",
        ],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    entry(
        &["compose run"],
        "[OPTIONS] SERVICE [COMMAND] [ARGS...]",
        "Run a one-off command on a service",
        &[
            DRY_RUN,
            r#"
|build||Build image before starting container
|cap-add|list|Add Linux capabilities
|cap-drop|list|Drop Linux capabilities
d|detach||Run container in background and print container ID
|entrypoint|string|Override the entrypoint of the image
e|env|stringArray|Set environment variables
|env-from-file|stringArray|Set environment variables from file
i|interactive||Keep STDIN open even if not attached (default true)
l|label|stringArray|Add or override a label
|name|string|Assign a name to the container
T|no-TTY||Disable pseudo-TTY allocation (default: auto-detected)
|no-deps||Don't start linked services
p|publish|stringArray|Publish a container's port(s) to the host
|pull|string|Pull image before running ("always"|"missing"|"never") (default "policy")
q|quiet||Don't print anything to STDOUT
|quiet-build||Suppress progress output from the build process
|quiet-pull||Pull without printing progress information
|remove-orphans||Remove containers for services not defined in the Compose file
|rm||Automatically remove the container when it exits
P|service-ports||Run command with all service's ports enabled and mapped to the host
|use-aliases||Use the service's network useAliases in the network(s) the container connects to
u|user|string|Run as specified username or uid
v|volume|stringArray|Bind mount a volume
w|workdir|string|Working directory inside the container
"#,
        ],
    ),
    Spec {
        paths: &["compose scale"],
        usage: "[SERVICE=REPLICAS...]",
        short: "Scale services ",
        long: "Scale services",
        flags: &[
            DRY_RUN,
            r"
|no-deps||Don't start linked services
",
        ],
        args: Args::Any,
        ..Spec::new(|c| Box::pin(run(c)))
    },
    entry(&["compose start"], "[SERVICE...]", "Start services", &[DRY_RUN]),
    entry(
        &["compose stats"],
        "[OPTIONS] [SERVICE]",
        "Display a live stream of container(s) resource usage statistics",
        &[
            DRY_RUN,
            r"
a|all||Show all containers (default shows just running)
|format|string|Format output using a custom template:
 'table':            Print output in table format with column headers (default)
 'table TEMPLATE':   Print output in table format using the given Go template
 'json':             Print in JSON format
 'TEMPLATE':         Print output using the given Go template.
 Refer to https://docs.docker.com/engine/cli/formatting/ for more information about formatting output with templates
|no-stream||Disable streaming stats and only pull the first result
|no-trunc||Do not truncate output
",
        ],
    ),
    entry(
        &["compose stop"],
        "[OPTIONS] [SERVICE...]",
        "Stop services",
        &[
            DRY_RUN,
            r"
t|timeout|int|Specify a shutdown timeout in seconds
",
        ],
    ),
    entry(&["compose top"], "[SERVICES...]", "Display the running processes", &[DRY_RUN]),
    entry(&["compose unpause"], "[SERVICE...]", "Unpause services", &[DRY_RUN]),
    entry(
        &["compose up"],
        "[OPTIONS] [SERVICE...]",
        "Create and start containers",
        &[
            DRY_RUN,
            r#"
|abort-on-container-exit||Stops all containers if any container was stopped. Incompatible with -d
|abort-on-container-failure||Stops all containers if any container exited with failure. Incompatible with -d
|always-recreate-deps||Recreate dependent containers. Incompatible with --no-recreate.
|attach|stringArray|Restrict attaching to the specified services. Incompatible with --attach-dependencies.
|attach-dependencies||Automatically attach to log output of dependent services
|build||Build images before starting containers
d|detach||Detached mode: Run containers in the background
|exit-code-from|string|Return the exit code of the selected service container. Implies --abort-on-container-exit
|force-recreate||Recreate containers even if their configuration and image haven't changed
|menu||Enable interactive shortcuts when running attached. Incompatible with --detach. Can also be enable/disable by setting COMPOSE_MENU environment var.
|no-attach|stringArray|Do not attach (stream logs) to the specified services
|no-build||Don't build an image, even if it's policy
|no-color||Produce monochrome output
|no-deps||Don't start linked services
|no-log-prefix||Don't print prefix in logs
|no-recreate||If containers already exist, don't recreate them. Incompatible with --force-recreate.
|no-start||Don't start the services after creating them
|pull|string|Pull image before running ("always"|"missing"|"never") (default "policy")
|quiet-build||Suppress the build output
|quiet-pull||Pull without printing progress information
|remove-orphans||Remove containers for services not defined in the Compose file
V|renew-anon-volumes||Recreate anonymous volumes instead of retrieving data from the previous containers
|scale|scale|Scale SERVICE to NUM instances. Overrides the scale setting in the Compose file if present.
t|timeout|int|Use this timeout in seconds for container shutdown when attached or when containers are already running
|timestamps||Show timestamps
|wait||Wait for services to be running|healthy. Implies detached mode.
|wait-timeout|int|Maximum duration in seconds to wait for the project to be running|healthy
w|watch||Watch source code and rebuild/refresh containers when files are updated.
y|yes||Assume "yes" as answer to all prompts and run non-interactively
"#,
        ],
    ),
    entry(
        &["compose volumes"],
        "[OPTIONS] [SERVICE...]",
        "List volumes",
        &[
            DRY_RUN,
            r#"
|format|string|Format output using a custom template:
 'table':            Print output in table format with column headers (default)
 'table TEMPLATE':   Print output in table format using the given Go template
 'json':             Print in JSON format
 'TEMPLATE':         Print output using the given Go template.
 Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates (default "table")
q|quiet||Only display volume names
"#,
        ],
    ),
    entry(
        &["compose wait"],
        "SERVICE [SERVICE...] [OPTIONS]",
        "Block until containers of all (or specified) services stop.",
        &[
            DRY_RUN,
            r"
|down-project||Drops project when the first container stops
",
        ],
    ),
    entry(
        &["compose watch"],
        "[SERVICE...]",
        "Watch build context for service and rebuild/refresh containers when files are updated",
        &[
            DRY_RUN,
            r"
|no-up||Do not build & start services before watching
|prune||Prune dangling images on rebuild (default true)
|quiet||hide build output
",
        ],
    ),
];
