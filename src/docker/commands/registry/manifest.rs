//! `docker manifest inspect` and `docker buildx imagetools inspect`: what a registry has under a name.

use docker_api::http::Query;
use docker_api::reference::Reference;
use serde::Serialize;
use serde_json::{Value, json};

use crate::api::ApiError;
use crate::cli::{Args, Invocation, Outcome, Spec, fail};
use crate::commands::common::{part, text};

/// `docker manifest inspect`
pub const SPEC: Spec = Spec {
    paths: &["manifest inspect"],
    usage: "[OPTIONS] [MANIFEST_LIST] MANIFEST",
    short: "Display an image manifest, or manifest list",
    long: r"Display an image manifest, or manifest list

EXPERIMENTAL:
  docker manifest inspect is an experimental feature.
  Experimental features provide early access to product functionality. These
  features may change between releases without warning, or can be removed from a
  future release. Learn more about experimental features in our documentation:
  https://docs.docker.com/go/experimental/",
    flags: &[r"
|insecure||Allow communication with an insecure registry
v|verbose||Output additional info including layers and platform
"],
    args: Args::Range(1, 2),
    ..Spec::new(|c| Box::pin(inspect(c)))
};

/// `docker buildx imagetools inspect`
pub const IMAGETOOLS: Spec = Spec {
    shown: "buildx imagetools inspect",
    paths: &["buildx imagetools inspect", "~builder imagetools inspect"],
    usage: "[OPTIONS] NAME",
    short: "Show details of an image in the registry",
    flags: &[r"
|builder|string|Override the configured builder instance
D|debug||Enable debug logging
|format|string|Format the output using the given Go template
|raw||Show original, unformatted JSON manifest
"],
    args: Args::Exactly(1),
    ..Spec::new(|c| Box::pin(imagetools(c)))
};

async fn ask(c: &Invocation, reference: &Reference) -> Result<Value, ApiError> {
    c.client().get(&format!("/distribution/{}/json", part(&reference.familiar())), &Query::default()).await
}

fn indented(value: &Value, indent: &[u8]) -> String {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent);
    let mut writer = serde_json::Serializer::with_formatter(&mut out, formatter);
    let _ = value.serialize(&mut writer);
    String::from_utf8_lossy(&out).into_owned()
}

async fn inspect(c: Invocation) -> Outcome {
    let Some(name) = c.matches.args.last() else { return Ok(()) };
    let reference = Reference::parse(name)?.or_latest();
    let found = match ask(&c, &reference).await {
        Ok(found) => found,
        Err(ApiError::Daemon(401, _)) => {
            return fail(
                "errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required\n",
            );
        }
        Err(ApiError::Daemon(404, why)) if !why.starts_with("drydock") => {
            return fail(format!("no such manifest: {reference}"));
        }
        Err(ApiError::Daemon(_, why)) => return fail(why),
        Err(error) => return fail(error.to_string()),
    };
    let null = Value::Null;
    let manifest = found.get("Manifest").unwrap_or(&null);
    if !c.matches.on("verbose") {
        c.println(&indented(manifest, b"\t")).await;
        return Ok(());
    }
    let mut descriptor = found.get("Descriptor").cloned().unwrap_or_default();
    if let (Some(fields), Some(platform)) = (descriptor.as_object_mut(), found.pointer("/Platforms/0")) {
        fields.insert("platform".into(), platform.clone());
    }
    let shown = json!({
        "Ref": reference.to_string(),
        "Descriptor": descriptor,
        "Raw": text(&found, "Raw"),
        "SchemaV2Manifest": manifest,
    });
    c.println(&indented(&shown, b"\t")).await;
    Ok(())
}

async fn imagetools(c: Invocation) -> Outcome {
    if c.matches.changed("format") {
        return fail("ERROR: drydock: docker buildx imagetools inspect --format is not emulated here");
    }
    let reference = Reference::parse(c.matches.arg(0)).map_err(|why| format!("ERROR: {why}"))?.or_latest();
    let found = match ask(&c, &reference).await {
        Ok(found) => found,
        Err(ApiError::Daemon(401, _)) => {
            return fail(
                "ERROR: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
            );
        }
        Err(ApiError::Daemon(404, why)) if !why.starts_with("drydock") => {
            return fail(format!("ERROR: {reference}: not found"));
        }
        Err(ApiError::Daemon(_, why)) => return fail(format!("ERROR: {why}")),
        Err(error) => return fail(format!("ERROR: {error}")),
    };
    let null = Value::Null;
    if c.matches.on("raw") {
        c.print(&indented(found.get("Manifest").unwrap_or(&null), b"   ")).await;
        return Ok(());
    }
    let descriptor = found.get("Descriptor").unwrap_or(&null);
    c.print(&format!(
        "Name:      {reference}\nMediaType: {}\nDigest:    {}\n",
        text(descriptor, "mediaType"),
        text(descriptor, "digest")
    ))
    .await;
    Ok(())
}
