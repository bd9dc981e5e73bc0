//! `docker context create`, `update`, `use` and `rm`.

use crate::api::contexts::{self, Context, DEFAULT, DEFAULT_DESCRIPTION};
use crate::cli::{Args, Invocation, Outcome, Spec, fail};

/// `docker context create`
pub const CREATE: Spec = Spec {
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
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(create(c)))
};

/// `docker context update`
pub const UPDATE: Spec = Spec {
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
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(update(c)))
};

/// `docker context use`
pub const USE: Spec = Spec {
    paths: &["context use"],
    usage: "CONTEXT",
    short: "Set the current docker context",
    args: Args::Any,
    ..Spec::new(|c| Box::pin(switch(c)))
};

/// `docker context rm`
pub const RM: Spec = Spec {
    paths: &["context rm", "context remove"],
    usage: "CONTEXT [CONTEXT...]",
    short: "Remove one or more contexts",
    flags: &[r"
f|force||Force the removal of a context in use
"],
    args: Args::AtLeast(1),
    ..Spec::new(|c| Box::pin(remove(c)))
};

/// Whether a context may be called so.
pub fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("context name cannot be empty".to_string());
    }
    let good = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
    if name.len() > 1 && name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(good) {
        return Ok(());
    }
    Err(format!(
        "context name {} is invalid, names are validated against regexp \"^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$\"",
        docker_api::text_quote(name)
    ))
}

/// The name of a context that is to be made.
pub fn check_new(c: &Invocation, name: &str) -> Result<(), String> {
    if name == DEFAULT {
        return Err("\"default\" is a reserved context name".to_string());
    }
    check_name(name)?;
    match contexts::find(&c.sys, name) {
        Some(_) => Err(format!("context {} already exists", docker_api::text_quote(name))),
        None => Ok(()),
    }
}

/// The context of that name, made or the default one.
pub fn known(c: &Invocation, name: &str) -> Result<Context, String> {
    if name == DEFAULT {
        let host = contexts::default_host(&c.sys);
        return Ok(Context { name: name.into(), description: DEFAULT_DESCRIPTION.into(), host, skip_verify: false });
    }
    check_name(name)?;
    contexts::find(&c.sys, name).ok_or_else(|| contexts::missing(&c.sys, name))
}

/// `--docker host=…,skip-tls-verify=true` put into a context.
fn endpoint(c: &Invocation, context: &mut Context) -> Result<(), String> {
    let wrong = |why: String| format!("unable to create docker endpoint config: {why}");
    let pairs = c.matches.all("docker").join(",");
    for field in pairs.split(',').filter(|f| !f.is_empty()) {
        let (key, value) = field.split_once('=').unwrap_or((field, ""));
        match key {
            "host" => context.host = value.to_string(),
            "from" => context.host = known(c, value)?.host,
            "skip-tls-verify" => context.skip_verify = value == "true",
            "ca" | "cert" | "key" => return Err(format!("drydock: contexts with a {key} are not emulated here")),
            other => return Err(wrong(format!("unrecognized config key: {other}"))),
        }
    }
    if !context.host.contains("://") {
        return Err(wrong(format!("unable to parse docker host `{}`", context.host)));
    }
    Ok(())
}

async fn create(c: Invocation) -> Outcome {
    let name = c.matches.arg(0).to_string();
    check_new(&c, &name)?;
    let from = c.matches.text("from");
    let mut context = match (c.matches.changed("docker"), from.as_str()) {
        (true, _) => Context { host: contexts::default_host(&c.sys), ..Context::default() },
        (false, "") => known(&c, &c.context)?,
        (false, from) => known(&c, from)?,
    };
    context.name.clone_from(&name);
    if let Some(text) = c.matches.given("description") {
        context.description = text.to_string();
    }
    endpoint(&c, &mut context)?;
    contexts::store(&c.sys, &context)?;
    c.println(&name).await;
    c.eprint(&format!("Successfully created context \"{name}\"\n")).await;
    Ok(())
}

async fn update(c: Invocation) -> Outcome {
    let name = c.matches.arg(0).to_string();
    if name == DEFAULT {
        return fail("\"default\" is a reserved context name");
    }
    let mut context = known(&c, &name)?;
    if let Some(text) = c.matches.given("description") {
        context.description = text.to_string();
    }
    endpoint(&c, &mut context)?;
    contexts::store(&c.sys, &context)?;
    c.println(&name).await;
    c.eprint(&format!("Successfully updated context \"{name}\"\n")).await;
    Ok(())
}

async fn switch(c: Invocation) -> Outcome {
    let [name] = c.matches.args.as_slice() else {
        return fail(format!("accepts 1 arg(s), received {}", c.matches.args.len()));
    };
    known(&c, name)?;
    contexts::choose(&c.sys, name)?;
    c.println(name).await;
    c.eprint(&format!("Current context is now \"{name}\"\n")).await;
    let overridden = c.sys.env_var("DOCKER_HOST").is_some_and(|v| !v.is_empty());
    if overridden && name != DEFAULT {
        c.eprint(&format!(
            "Warning: DOCKER_HOST environment variable overrides the active context. To use \"{name}\", either set the global --context flag, or unset DOCKER_HOST environment variable.\n"
        ))
        .await;
    }
    Ok(())
}

async fn remove(c: Invocation) -> Outcome {
    let force = c.matches.on("force");
    let mut errors = Vec::new();
    for name in &c.matches.args {
        let refused = match name.as_str() {
            DEFAULT => "context \"default\" cannot be removed".to_string(),
            name if contexts::find(&c.sys, name).is_none() && !force => {
                format!("context {} does not exist", docker_api::text_quote(name))
            }
            name if name == c.context && !force => {
                format!("context {} is in use, set -f flag to force remove", docker_api::text_quote(name))
            }
            _ => String::new(),
        };
        if !refused.is_empty() {
            errors.push(refused);
            continue;
        }
        if *name == contexts::chosen(&c.sys) {
            contexts::choose(&c.sys, DEFAULT)?;
        }
        contexts::forget(&c.sys, name);
        c.println(name).await;
    }
    if errors.is_empty() { Ok(()) } else { fail(errors.join("\n")) }
}
