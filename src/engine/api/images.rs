//! `/images/…` and `/commit`

use std::rc::Rc;
use std::time::Duration;

use docker_api::reference::Reference;
use docker_api::types::{ContainerConfig, IdResponse, JsonMessage, Progress};

use crate::containers::commit as committing;
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::http::{Reply, Request};
use crate::images::{elsewhere, pull, remove as removing, save as saving, tag, transfer, view};

/// Removing layers takes this long.
const WORK: Duration = Duration::from_millis(30);

/// `GET /images/json`
pub async fn list(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let filters = q.filters(&["before", "dangling", "label", "reference", "since", "until"])?;
    let mut images = view::list(d, q.query.flag("all"), &filters)?;
    if q.query.flag("manifests") {
        for image in &mut images {
            image.containers = d.containers.borrow().values().filter(|c| c.image_id == image.id).count() as i64;
        }
    }
    r.json(200, &images).await
}

/// `GET /images/{name}/json`
pub async fn inspect(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    r.json(200, &view::inspect(d, &q.arg)?).await
}

/// `GET /images/{name}/history`
pub async fn history(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    r.json(200, &view::history(d, &q.arg)?).await
}

/// `DELETE /images/{name}`
pub async fn remove(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let report = removing::remove(d, &q.arg, q.query.flag("force"), q.query.flag("noprune"))?;
    let _ = d.sys.sleep(WORK).await;
    r.json(200, &report).await
}

/// `POST /images/{name}/tag`
pub async fn tag(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    tag::tag(d, &q.arg, q.query.get("repo").unwrap_or(""), q.query.get("tag").unwrap_or(""))?;
    r.empty(201).await
}

/// `POST /images/prune`
pub async fn prune(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let filters = q.filters(&["dangling", "label", "label!", "until"])?;
    r.json(200, &removing::prune(d, &filters)?).await
}

/// `GET /images/search`
pub async fn search(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let filters = q.filters(&["is-automated", "is-official", "stars"])?;
    let official = filters.boolean("is-official", false).map_err(ApiError::bad)?;
    let stars: i64 = filters.get("stars").first().and_then(|s| s.parse().ok()).unwrap_or(0);
    let limit = q.number("limit").filter(|n| *n != 0).unwrap_or(25);
    if !(1..=100).contains(&limit) {
        return Err(ApiError::bad(format!("limit {limit} is outside the range of [1, 100]")));
    }
    let mut found = d.registry.search(q.query.get("term").unwrap_or(""));
    found.retain(|f| (!official || f.is_official) && f.star_count >= stars);
    found.truncate(limit as usize);
    let _ = d.sys.sleep(WORK).await;
    r.json(200, &found).await
}

/// The reference that `fromImage` and `tag` make.
fn wanted(q: &Request) -> ApiResult<Reference> {
    let image = q.query.get("fromImage").unwrap_or("");
    let text = match q.query.get("tag").filter(|t| !t.is_empty()) {
        Some(tag) if tag.contains(':') => format!("{image}@{tag}"),
        Some(tag) => format!("{image}:{tag}"),
        None => image.to_string(),
    };
    Reference::parse(&text).map_err(ApiError::bad).map(Reference::or_latest)
}

/// `POST /images/create`: pull or import.
pub async fn create(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    if q.query.get("fromSrc").is_some() {
        return import(d, q, r).await;
    }
    let reference = wanted(q)?;
    let platform = match q.query.get("platform").filter(|p| !p.is_empty()) {
        Some(text) => docker_api::platform::parse(text).map_err(ApiError::bad)?,
        None => docker_api::platform::OURS.to_string(),
    };
    // Without a tag all of the repository's are meant; the last word is then about the repository.
    let all = q.query.get("tag").is_none_or(str::is_empty) && reference.digest.is_none();
    let tags = if all { d.registry.tags(&reference) } else { Vec::new() };
    let mut wanted: Vec<Reference> =
        tags.into_iter().map(|tag| Reference { tag: Some(tag), ..reference.clone() }).collect();
    if wanted.is_empty() {
        wanted.push(reference.clone());
    }
    let (mut streaming, mut fresh) = (false, false);
    for one in wanted {
        let mut pull = pull::begin(d, &one).await?;
        if !std::mem::replace(&mut streaming, true) {
            r.stream(docker_api::http::JSON).await?;
        }
        loop {
            for message in pull.messages() {
                r.chunk(&message.encode()).await?;
            }
            match pull.step(d).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    r.chunk(&JsonMessage::error(0, error.message).encode()).await?;
                    return r.finish().await;
                }
            }
        }
        fresh |= pull.finish(d, !all).1;
        pull.compare(&platform);
        for message in pull.messages() {
            r.chunk(&message.encode()).await?;
        }
    }
    if all {
        r.chunk(&pull::last_word(fresh, &reference.familiar_name()).encode()).await?;
    }
    r.finish().await
}

async fn import(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    if q.query.get("fromSrc") != Some("-") {
        return Err(ApiError::not_emulated("importing from an address"));
    }
    let id = transfer::import(
        d,
        &q.body,
        q.query.get("repo").unwrap_or(""),
        q.query.get("tag").unwrap_or(""),
        q.query.get("message").unwrap_or(""),
    )
    .await?;
    r.stream(docker_api::http::JSON).await?;
    r.chunk(&JsonMessage::status(id).encode()).await?;
    r.finish().await
}

/// `POST /images/{name}/push`: nobody is logged in, so the registry refuses.
pub async fn push(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let tag = q.query.get("tag").unwrap_or("");
    let text = if tag.is_empty() { q.arg.clone() } else { format!("{}:{tag}", q.arg) };
    let mut reference = Reference::parse(&text).map_err(ApiError::bad)?;
    if tag.is_empty() {
        // All tags: the first decides.
        let prefix = format!("{}:", reference.familiar_name());
        let first = d.images.borrow().tags.keys().find_map(|k| k.strip_prefix(&prefix).map(String::from));
        reference.tag = first;
    }
    let reference = reference.or_latest();
    let familiar = reference.familiar();
    let stored = {
        let images = d.images.borrow();
        images.tags.get(&familiar).and_then(|id| images.images.get(id)).cloned()
    };
    r.stream(docker_api::http::JSON).await?;
    let first = format!("The push refers to repository [{}]", reference.name());
    r.chunk(&JsonMessage::status(first).encode()).await?;
    let Some(stored) = stored else {
        let why = format!("An image does not exist locally with the tag: {}", reference.familiar_name());
        r.chunk(&JsonMessage::error(0, why).encode()).await?;
        return r.finish().await;
    };
    if let Err(error) = elsewhere::ask(&d.sys, &reference).await {
        r.chunk(&JsonMessage::error(0, error.message).encode()).await?;
        return r.finish().await;
    }
    let official = reference.name().starts_with("docker.io/library/");
    for diff in stored.image.diff_ids.iter().rev() {
        let id = docker_api::ids::truncate(diff);
        r.chunk(&JsonMessage::layer(id, "Preparing", Progress::default()).encode()).await?;
    }
    let _ = d.sys.sleep(WORK).await;
    let why = if official {
        "errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required\n"
    } else {
        "denied: requested access to the resource is denied"
    };
    r.chunk(&JsonMessage::error(0, why).encode()).await?;
    r.finish().await
}

/// `GET /distribution/{name}/json`: what a registry has under a name. The manifest itself, which clients in reality fetch
/// from the registry on their own, is with it.
pub async fn distribution(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let reference = Reference::parse(&q.arg).map_err(ApiError::bad)?.or_latest();
    r.json(200, &pull::manifest(d, &reference).await?).await
}

/// `GET /images/{name}/get`, `GET /images/get?names=…`
pub async fn save(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let mut names: Vec<String> = q.query.all("names").map(String::from).collect();
    if !q.arg.is_empty() {
        names = vec![q.arg.clone()];
    }
    let data = saving::save(d, &names).await?;
    r.raw(200, docker_api::http::TAR, &data, &[]).await
}

/// `POST /images/load`
pub async fn load(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let loaded = transfer::load(d, &q.body).await;
    r.stream(docker_api::http::JSON).await?;
    let lines = match loaded {
        Ok(lines) => lines,
        Err(error) => {
            r.chunk(&JsonMessage::error(0, error.message).encode()).await?;
            Vec::new()
        }
    };
    for line in lines {
        r.chunk(&JsonMessage::stream(line).encode()).await?;
    }
    r.finish().await
}

/// `POST /commit`
pub async fn commit(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let text = |key: &str| q.query.get(key).unwrap_or("").to_string();
    let c = d.container(&text("container"))?;
    let config: Option<ContainerConfig> = if q.body.is_empty() { None } else { q.json::<Option<ContainerConfig>>()? };
    let changes: Vec<String> =
        q.query.all("changes").flat_map(|c| c.lines().map(String::from).collect::<Vec<_>>()).collect();
    let about = committing::About {
        author: text("author"),
        comment: text("comment"),
        changes,
        pause: q.query.get("pause").is_none() || q.query.flag("pause"),
    };
    let id = committing::commit(d, &c, config, &text("repo"), &text("tag"), about).await?;
    r.json(201, &IdResponse { id }).await
}
